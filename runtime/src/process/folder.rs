//! The host's private folder: the bootstraps, and a room with a socket and a `/tmp` for each environment.
//!
//! Made once per process with mode 0700, shared by all functions, and removed with the last of them; the folder of a host
//! that was killed is removed by the next.

use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

const BOOTSTRAPS: [(&str, &str); 3] = [
    ("node.cjs", include_str!("../../bootstrap/node.cjs")),
    ("node_handler.cjs", include_str!("../../bootstrap/node_handler.cjs")),
    ("python.py", include_str!("../../bootstrap/python.py")),
];

const PREFIX: &str = "fanlight-host-";
const LOCK: &str = "lock";

static OPEN: Mutex<BTreeMap<PathBuf, Weak<Folder>>> = Mutex::new(BTreeMap::new());

/// A private folder on disk.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    rooms: AtomicU64,
    /// Held while the folder is in use.
    _lock: File,
}

impl Folder {
    /// The folder below `base` (the system's temporary folder by default), made when nobody has it open.
    pub(super) fn open(base: Option<&Path>) -> io::Result<Arc<Self>> {
        let base = base.map_or_else(std::env::temp_dir, Path::to_path_buf);
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = open.get(&base).and_then(Weak::upgrade) {
            return Ok(folder);
        }
        sweep(&base);
        let (path, lock) = make(&base)?;
        let folder = Arc::new(Self { path, rooms: AtomicU64::new(0), _lock: lock });
        for (name, text) in BOOTSTRAPS {
            fs::write(folder.path.join(name), text)?;
        }
        open.insert(base, Arc::downgrade(&folder));
        Ok(folder)
    }

    /// The Node.js bootstrap.
    pub(super) fn node(&self) -> PathBuf {
        self.path.join("node.cjs")
    }

    /// The Python bootstrap.
    pub(super) fn python(&self) -> PathBuf {
        self.path.join("python.py")
    }

    /// A new room.
    pub(super) fn room(self: &Arc<Self>) -> io::Result<Room> {
        let number = self.rooms.fetch_add(1, Ordering::Relaxed);
        let path = self.path.join(number.to_string());
        DirBuilder::new().mode(0o700).create(&path)?;
        let room = Room { path, _folder: Arc::clone(self) };
        fs::create_dir(room.tmp())?;
        Ok(room)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// The folder of one environment. It outlives a crashed process: on Lambda, `/tmp` is kept when an environment is reset.
#[derive(Debug)]
pub(super) struct Room {
    path: PathBuf,
    _folder: Arc<Folder>,
}

impl Room {
    /// The socket of the Runtime API.
    pub(super) fn socket(&self) -> PathBuf {
        self.path.join("api")
    }

    /// `TMPDIR`.
    pub(super) fn tmp(&self) -> PathBuf {
        self.path.join("tmp")
    }

    /// Removes the room without blocking; what a function left in its `/tmp` may be a lot.
    pub(super) async fn remove(self) {
        // Dropping it reports what is left.
        tokio::fs::remove_dir_all(&self.path).await.unwrap_or_default();
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// Makes a folder under a provisional name and gives it its own once it is locked, so that nobody takes it for a stale one.
fn make(base: &Path) -> io::Result<(PathBuf, File)> {
    let name = format!("{PREFIX}{}-{:08x}", std::process::id(), fastrand::u32(..));
    let (new, path) = (base.join(format!(".{name}")), base.join(name));
    DirBuilder::new().mode(0o700).create(&new)?;
    let lock = File::create_new(new.join(LOCK))?;
    lock.try_lock()?;
    fs::rename(new, &path)?;
    Ok((path, lock))
}

/// Removes what hosts left behind that were killed: folders of ours whose lock nobody holds.
fn sweep(base: &Path) {
    let Ok(entries) = fs::read_dir(base) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        let path = entry.path();
        // Another user's folder cannot be opened, and any other folder has no such file.
        if let Ok(lock) = File::open(path.join(LOCK))
            && lock.try_lock().is_ok()
        {
            remove(&path);
        }
    }
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_dir_all(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(path = %path.display(), %error, "a temporary folder could not be removed");
    }
}
