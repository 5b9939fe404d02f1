//! The repository's rules as tests.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Stdio,
};

type Outcome<T> = Result<T, String>;

/// Who may depend on whom. Arrows point down only.
const ARROWS: [(&str, &[&str]); 11] = [
    (
        "fanlight",
        &[
            "fanlight-aws-wire",
            "fanlight-definition",
            "fanlight-events",
            "fanlight-execute",
            "fanlight-runtime",
            "fanlight-runtime-wasm",
            "fanlight-services",
            "fanlight-store",
            "fanlight-vtl",
        ],
    ),
    ("fanlight-aws-wire", &[]),
    ("fanlight-definition", &[]),
    ("fanlight-events", &[]),
    ("fanlight-execute", &["fanlight-aws-wire", "fanlight-definition", "fanlight-events", "fanlight-vtl"]),
    ("fanlight-runtime", &["fanlight-events"]),
    ("fanlight-runtime-wasm", &["fanlight-runtime"]),
    ("fanlight-services", &["fanlight-aws-wire", "fanlight-events", "fanlight-store"]),
    ("fanlight-store", &[]),
    (
        "fanlight-tests",
        &["fanlight-aws-wire", "fanlight-definition", "fanlight-execute", "fanlight-runtime-wasm", "fanlight-vtl"],
    ),
    ("fanlight-vtl", &[]),
];

/// The answer to each failure of the lifecycle, as it must stand in some `@response` or `@wire` block.
const FAILURES: [(&str, u16, &str); 30] = [
    ("AccessDenied", 403, "is not authorized"),
    ("AmbiguousSignature", 400, "Only one of the"),
    ("ApiConfigurationError", 500, "Internal server error"),
    ("AuthorizerConfigurationError", 500, "{\"message\":null}"),
    ("AuthorizerFailure", 500, "{\"message\":null}"),
    ("BadParameter", 400, "Bad Request"),
    ("BadRequestBody", 400, "Invalid request body"),
    ("BadRequestParameters", 400, "Missing required request parameters: ["),
    ("Challenge", 401, "Unauthorized"),
    ("ExpiredToken", 403, "The security token included in the request is expired"),
    ("IncomingTokenExpired", 401, "The incoming token has expired"),
    ("IncompleteSignature", 403, "Invalid key=value pair"),
    ("IntegrationFailure", 504, "Network error communicating with endpoint"),
    ("IntegrationTimeout", 504, "Endpoint request timed out"),
    ("InvalidApiKey", 403, "Forbidden"),
    ("InvalidSignature", 403, "does not match the signature you provided"),
    ("InvokeRejected", 500, "Internal server error"),
    ("MalformedProxyResponse", 502, "Internal server error"),
    ("MissingAuthenticationToken", 403, "Missing Authentication Token"),
    ("QuotaExceeded", 429, "Limit Exceeded"),
    ("RequestAborted", 400, "Bad Request"),
    ("RequestTimeout", 408, "Request Timeout"),
    ("RequestTooLarge", 413, "HTTP content length exceeded"),
    ("RouteNotFound", 404, "Not Found"),
    ("Throttled", 429, "Too Many Requests"),
    ("Unauthorized", 401, "Unauthorized"),
    ("UnprocessablePayload", 400, "Could not process payload"),
    ("UnrecognizedClient", 403, "The security token included in the request is invalid."),
    ("UnsupportedMediaType", 415, "Unsupported Media Type"),
    ("UriTooLong", 414, "Request URI too long"),
];

const MAX_LINES: usize = 400;
const MAX_BYTES: u64 = 100 * 1024;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Files that git knows, or would take, below a folder.
fn files(folder: &str) -> Outcome<Vec<PathBuf>> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    let listed = runtime.block_on(async {
        tokio::process::Command::new("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard", "--", folder])
            .current_dir(root())
            .stderr(Stdio::inherit())
            .output()
            .await
    });
    let listed = listed.map_err(|error| format!("git: {error}"))?;
    let text = String::from_utf8(listed.stdout).map_err(|error| error.to_string())?;
    let files: Vec<PathBuf> = text.lines().map(PathBuf::from).filter(|file| root().join(file).is_file()).collect();
    if files.is_empty() { Err(format!("no file in `{folder}`")) } else { Ok(files) }
}

fn ending(folder: &str, extension: &str) -> Outcome<Vec<PathBuf>> {
    Ok(files(folder)?.into_iter().filter(|file| file.extension().is_some_and(|end| end == extension)).collect())
}

fn text(file: &Path) -> Outcome<String> {
    std::fs::read_to_string(root().join(file)).map_err(|error| format!("{}: {error}", file.display()))
}

fn manifest(file: &Path) -> Outcome<toml::Table> {
    text(file)?.parse().map_err(|error| format!("{}: {error}", file.display()))
}

/// Nothing, or every offence in a line of its own.
fn none(offences: impl IntoIterator<Item = String>) -> Outcome<()> {
    let offences: Vec<String> = offences.into_iter().collect();
    if offences.is_empty() { Ok(()) } else { Err(offences.join("\n")) }
}

/// A source file up to its unit tests.
fn without_tests(source: &str) -> &str {
    source.split("#[cfg(test)]").next().unwrap_or_default()
}

#[test]
fn source_files_are_short() -> Outcome<()> {
    let mut offences = Vec::new();
    for file in ending(".", "rs")? {
        let lines = text(&file)?.lines().count();
        if lines > MAX_LINES {
            offences.push(format!("{}: {lines} lines, more than {MAX_LINES}", file.display()));
        }
    }
    none(offences)
}

#[test]
fn files_are_small_but_for_locks() -> Outcome<()> {
    let mut offences = Vec::new();
    let is_lock = |file: &Path| {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        name == "Cargo.lock" || name == "package-lock.json"
    };
    for file in files(".")?.into_iter().filter(|file| !is_lock(file)) {
        let size = std::fs::metadata(root().join(&file)).map_err(|error| error.to_string())?.len();
        if size > MAX_BYTES {
            offences.push(format!("{}: {size} bytes, more than {MAX_BYTES}", file.display()));
        }
    }
    none(offences)
}

#[test]
fn modules_are_files_of_their_name() -> Outcome<()> {
    // Below a package's `tests/` a file of another name would be a test of its own.
    let sources = ending(".", "rs")?.into_iter().filter(|file| file.components().any(|part| part.as_os_str() == "src"));
    let offences = sources.filter(|file| file.ends_with("mod.rs")).map(|file| file.display().to_string());
    none(offences)
}

#[test]
fn crates_say_what_they_are() -> Outcome<()> {
    let mut offences = Vec::new();
    for file in
        ending(".", "rs")?.into_iter().filter(|file| file.ends_with("src/lib.rs") || file.ends_with("src/main.rs"))
    {
        if !text(&file)?.starts_with("//!") {
            offences.push(format!("{}: does not begin with `//!`", file.display()));
        }
    }
    none(offences)
}

#[test]
fn the_changelog_is_open() -> Outcome<()> {
    let changelog = text(Path::new("CHANGELOG.md"))?;
    if changelog.lines().any(|line| line == "## Unreleased") {
        Ok(())
    } else {
        Err("no heading `## Unreleased`".to_owned())
    }
}

#[test]
fn arrows_point_down() -> Outcome<()> {
    let workspace = manifest(Path::new("Cargo.toml"))?;
    let members = workspace.get("workspace").and_then(|table| table.get("members")).and_then(toml::Value::as_array);
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    let mut offences = Vec::new();
    for member in members.ok_or("no members")?.iter().filter_map(toml::Value::as_str) {
        let manifest = manifest(&Path::new(member).join("Cargo.toml"))?;
        let name = manifest.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
        let name = name.ok_or_else(|| format!("{member} has no name"))?;
        let Some(allowed) = allowed.get(name) else {
            offences.push(format!("`{name}` is not in the table"));
            continue;
        };
        let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
        let own = dependencies.into_iter().flat_map(|table| table.keys()).filter(|key| key.starts_with("fanlight"));
        offences.extend(own.filter(|key| !allowed.contains(&key.as_str())).map(|key| format!("`{name}` -> `{key}`")));
    }
    none(offences)
}

#[test]
fn direct_dependencies_have_a_reason() -> Outcome<()> {
    let manifest = text(Path::new("Cargo.toml"))?;
    let section = manifest.split("[workspace.dependencies]").nth(1).ok_or("no dependencies")?;
    let section = section.split("\n[").next().unwrap_or_default();
    let entries: Vec<&str> = section.lines().take_while(|line| *line != "# tests only").collect();
    let bare =
        entries.iter().filter(|line| line.contains('=') && !line.starts_with('#') && !line.starts_with("fanlight"));
    none(bare.filter(|line| !line.contains(" # ")).map(|line| format!("no reason: {line}")))
}

#[test]
fn what_is_to_do_has_a_number() -> Outcome<()> {
    let word = ["TO", "DO"].concat();
    let mut offences = Vec::new();
    for file in ending(".", "rs")? {
        for (index, line) in text(&file)?.lines().enumerate() {
            let comment = line.split_once("//").map_or("", |(_, comment)| comment);
            if comment.contains(&word) && !comment.contains("(#") {
                offences.push(format!("{}:{}: {}", file.display(), index + 1, line.trim()));
            }
        }
    }
    none(offences)
}

#[test]
fn the_lifecycle_reaches_nothing_by_itself() -> Outcome<()> {
    const FORBIDDEN: [&str; 6] =
        ["std::fs", "std::net::Tcp", "std::process", "Instant::now", "SystemTime::now", "tokio::"];
    let mut offences = Vec::new();
    for folder in ["gateway/execute/src", "gateway/vtl/src"] {
        for file in ending(folder, "rs")?.into_iter().filter(|file| !file.ends_with("tests.rs")) {
            let source = text(&file)?;
            let source = without_tests(&source);
            offences.extend(
                FORBIDDEN
                    .into_iter()
                    .filter(|name| source.contains(name))
                    .map(|name| format!("{}: `{name}`", file.display())),
            );
        }
    }
    none(offences)
}

#[test]
fn every_failure_is_answered_in_a_scenario() -> Outcome<()> {
    let source = text(Path::new("gateway/execute/src/failure.rs"))?;
    let body = source.split("pub enum Failure {").nth(1).and_then(|rest| rest.split("\n}").next()).ok_or("no enum")?;
    let variants: BTreeSet<&str> = body
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with(char::is_uppercase))
        .map(|line| line.split(['(', ',', ' ']).next().unwrap_or_default())
        .collect();
    let known: BTreeSet<&str> = FAILURES.into_iter().map(|(variant, ..)| variant).collect();
    if variants != known {
        return Err(format!("the enum has {variants:?}, the table {known:?}"));
    }
    let mut scenarios = String::new();
    for file in ending("tests/scenarios", "md")? {
        scenarios.push_str(&text(&file)?);
    }
    let answers = |status: u16, message: &str| {
        let block = format!("@response\n{status}\n");
        let wire = format!("response {status} ");
        let after = |start: &str| {
            scenarios
                .split(start)
                .skip(1)
                .any(|rest| rest.split("```").next().is_some_and(|block| block.contains(message)))
        };
        after(&block) || after(&wire)
    };
    let missing = FAILURES.into_iter().filter(|(_, status, message)| !answers(*status, message));
    none(missing.map(|(variant, status, message)| format!("no scenario answers {variant}: {status} `{message}`")))
}

#[test]
fn every_stage_has_scenarios() -> Outcome<()> {
    let rest = ending("tests/scenarios/rest", "md")?;
    let mut offences = Vec::new();
    for file in ending("gateway/execute/src", "rs")? {
        let Some(stage) = file.file_stem().and_then(|stem| stem.to_str()) else { continue };
        let is_stage = [
            "authorize",
            "resource_policy",
            "route",
            "usage_plan",
            "integration",
            "integration_request",
            "integration_response",
            "method_response",
        ];
        if file.components().count() != 4 || !is_stage.contains(&stage) {
            continue;
        }
        let folder = Path::new("tests/scenarios/rest").join(stage);
        let count = rest.iter().filter(|scenario| scenario.starts_with(&folder)).count();
        if count < 3 {
            offences.push(format!("{}: {count} scenarios, expected 3 or more", folder.display()));
        }
    }
    none(offences)
}

#[test]
fn every_feature_is_shown_by_scenarios() -> Outcome<()> {
    let readme = text(Path::new("README.md"))?;
    let section = readme.split("\n## REST APIs\n").nth(1).and_then(|rest| rest.split("\n## ").next());
    let rows: Vec<&str> = section.ok_or("no features")?.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    let mut offences = Vec::new();
    for row in &rows {
        let links: Vec<&str> = row.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
        if links.is_empty() {
            offences.push(format!("no scenario shows it: {row}"));
        }
        let shows = |link: &str| link.starts_with("tests/scenarios/") && root().join(link).is_file();
        offences.extend(links.iter().filter(|link| !shows(link)).map(|link| format!("no scenario: `{link}`")));
    }
    if rows.is_empty() { Err("no row".to_owned()) } else { none(offences) }
}
