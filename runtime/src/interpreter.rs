//! Where the interpreters are: real paths, found once, never a shim that would start another process first.
//!
//! A runtime identifier names a version; the machine may have another. The nearest of the family is taken, and the
//! difference is told.

use crate::process::spawn;
use std::{
    collections::BTreeSet,
    fmt, fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// How long an interpreter may take to tell its version.
const ASK: Duration = Duration::from_secs(10);
/// The oldest versions that our bootstraps run on.
const OLDEST_NODE: Version = Version { major: 18, minor: 0, patch: 0 };
const OLDEST_PYTHON: Version = Version { major: 3, minor: 9, patch: 0 };

/// An interpreter of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interpreter {
    /// The executable itself.
    pub path: PathBuf,
    /// Its version.
    pub version: Version,
    /// What to tell the user when it is not the version that was asked for.
    pub notice: Option<String>,
}

/// A version of an interpreter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// `22` of `22.1.0`.
    pub major: u32,
    /// `1` of `22.1.0`.
    pub minor: u32,
    /// `0` of `22.1.0`.
    pub patch: u32,
}

/// Why there is no interpreter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// None of the family is installed.
    #[error("`{runtime}` needs {family} {oldest} or later, and none was found in PATH")]
    Absent {
        /// The identifier.
        runtime: String,
        /// `Node.js` or `Python`.
        family: &'static str,
        /// The oldest version that would do.
        oldest: Version,
    },
    /// The identifier is of no family that is known here.
    #[error("`{0}` is no runtime of Node.js or Python")]
    Unknown(String),
}

/// The Node.js nearest to an identifier such as `nodejs22.x`.
///
/// # Errors
/// There is no Node.js, or only one that is too old.
pub async fn node(runtime: &str) -> Result<Interpreter, Error> {
    let number = runtime.strip_prefix("nodejs").and_then(|rest| rest.strip_suffix(".x"));
    let major = number.and_then(|number| number.parse().ok()).ok_or_else(|| Error::Unknown(runtime.to_owned()))?;
    let wanted = Version { major, minor: 0, patch: 0 };
    let family = Family {
        name: "Node.js",
        oldest: OLDEST_NODE,
        ask: &["-p", "process.execPath + '\\n' + process.versions.node"],
        distance: |wanted, found| wanted.major.abs_diff(found.major),
    };
    family.nearest(runtime, wanted, node_candidates()).await
}

/// The Python nearest to an identifier such as `python3.13`.
///
/// # Errors
/// There is no Python, or only one that is too old.
pub async fn python(runtime: &str) -> Result<Interpreter, Error> {
    let number = runtime.strip_prefix("python3.").and_then(|minor| minor.parse().ok());
    let minor = number.ok_or_else(|| Error::Unknown(runtime.to_owned()))?;
    let wanted = Version { major: 3, minor, patch: 0 };
    let family = Family {
        name: "Python",
        oldest: OLDEST_PYTHON,
        ask: &["-I", "-S", "-c", "import sys; print(sys.executable); print('%d.%d.%d' % sys.version_info[:3])"],
        distance: |wanted, found| {
            if wanted.major == found.major { wanted.minor.abs_diff(found.minor) } else { u32::MAX }
        },
    };
    family.nearest(runtime, wanted, python_candidates(minor)).await
}

/// What the search for an interpreter differs in.
struct Family {
    name: &'static str,
    oldest: Version,
    ask: &'static [&'static str],
    distance: fn(Version, Version) -> u32,
}

impl Family {
    /// Asks one candidate after the other until one is exactly right, and else takes the nearest; of two equally near
    /// ones the newer.
    async fn nearest(&self, runtime: &str, wanted: Version, candidates: Vec<PathBuf>) -> Result<Interpreter, Error> {
        let mut best: Option<(PathBuf, Version)> = None;
        let mut seen = BTreeSet::new();
        for candidate in candidates {
            let Ok(real) = fs::canonicalize(&candidate) else { continue };
            // A shim decides by its own name what it runs, so it is known by that.
            let identity = if real.file_name() == candidate.file_name() { real } else { candidate.clone() };
            if !seen.insert(identity) {
                continue;
            }
            let Some((path, version)) = self.question(&candidate).await else { continue };
            if version < self.oldest {
                continue;
            }
            let distance = (self.distance)(wanted, version);
            let rank = |version: Version| (u32::MAX - (self.distance)(wanted, version), version);
            if best.as_ref().is_none_or(|(_, known)| rank(version) > rank(*known)) {
                best = Some((path, version));
            }
            if distance == 0 {
                break;
            }
        }
        let absent = || Error::Absent { runtime: runtime.to_owned(), family: self.name, oldest: self.oldest };
        let (path, version) = best.ok_or_else(absent)?;
        let differs = (self.distance)(wanted, version) != 0;
        let notice =
            differs.then(|| format!("`{runtime}` runs on {} {version}, the nearest on this machine", self.name));
        Ok(Interpreter { path, version, notice })
    }

    /// The real path and the version of a candidate; none when it does not run.
    async fn question(&self, candidate: &Path) -> Option<(PathBuf, Version)> {
        let answer = match spawn::ask(candidate, self.ask, ASK).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::debug!(candidate = %candidate.display(), %error, "an interpreter does not run");
                return None;
            }
        };
        let (path, version) = answer.split_once('\n')?;
        Some((PathBuf::from(path), Version::parse(version)?))
    }
}

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.trim().split('.').map(|number| number.parse().ok());
        let (major, minor, patch) = (numbers.next()??, numbers.next()??, numbers.next()??);
        Some(Self { major, minor, patch })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

fn node_candidates() -> Vec<PathBuf> {
    let mut candidates: Vec<_> = search_path().into_iter().map(|folder| folder.join("node")).collect();
    let nvm = std::env::var_os("NVM_DIR").map(PathBuf::from).or_else(|| home(".nvm"));
    candidates.extend(versions(nvm.map(|nvm| nvm.join("versions/node")), "bin/node"));
    candidates
}

/// `python3.{minor}` first, wherever it is, then whatever else there is.
fn python_candidates(minor: u32) -> Vec<PathBuf> {
    let folders = search_path();
    let named = |name: String| folders.iter().map(move |folder| folder.join(&name)).collect::<Vec<_>>();
    let pyenv = std::env::var_os("PYENV_ROOT").map(PathBuf::from).or_else(|| home(".pyenv"));
    let installed = versions(pyenv.map(|pyenv| pyenv.join("versions")), "bin/python3");
    let exact = format!("/3.{minor}.");
    let (right, other): (Vec<_>, Vec<_>) =
        installed.into_iter().partition(|path| path.to_string_lossy().contains(&exact));
    let mut candidates = named(format!("python3.{minor}"));
    candidates.extend(right);
    candidates.extend(named("python3".to_owned()));
    let mut others: Vec<u32> = (OLDEST_PYTHON.minor..=minor.max(20)).filter(|other| *other != minor).collect();
    others.sort_by_key(|other| other.abs_diff(minor));
    candidates.extend(others.into_iter().flat_map(|other| named(format!("python3.{other}"))));
    candidates.extend(other);
    candidates.retain(|candidate| candidate.exists());
    candidates
}

fn search_path() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).filter(|folder| folder.is_absolute()).collect()
}

fn home(name: &str) -> Option<PathBuf> {
    std::env::var_os("HOME").map(|home| PathBuf::from(home).join(name))
}

/// The executables below a folder with one subfolder per version.
fn versions(folder: Option<PathBuf>, executable: &str) -> Vec<PathBuf> {
    let Some(entries) = folder.and_then(|folder| fs::read_dir(folder).ok()) else { return Vec::new() };
    entries.flatten().map(|entry| entry.path().join(executable)).filter(|path| path.exists()).collect()
}
