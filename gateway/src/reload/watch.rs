//! Changes of files, as the kernel reports them.
//!
//! inotify itself and not a library over it: the kernel queues an event before the write that causes it returns, so one
//! look at the queue tells whether a file was saved before a request came. A watcher thread would tell some time later.

use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::inotify::{AddWatchFlags, InitFlags, Inotify, InotifyEvent, WatchDescriptor},
};
use std::{
    collections::{HashMap, HashSet},
    io,
    os::{
        fd::{AsFd, AsRawFd, RawFd},
        unix::fs::MetadataExt,
    },
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Folders whose contents are no code of the user's, or change while functions run.
const IGNORED: [&str; 6] = [".fanlight", ".git", "__pycache__", "node_modules", "target", ".venv"];

/// Ends of file names that editors, databases and logs use, and code does not.
const IGNORED_ENDS: [&str; 13] = [
    ".db",
    ".db-journal",
    ".log",
    ".pyc",
    ".sqlite",
    ".sqlite3",
    ".swp",
    ".swx",
    ".tmp",
    "-journal",
    "-shm",
    "-wal",
    "~",
];

/// Ends of names of files that are code, or what code is made of. Any other file counts when it changes, but not because
/// it is new: functions and people leave all kinds of files beside code.
const CODE_ENDS: [&str; 18] = [
    "bootstrap",
    ".cjs",
    ".css",
    ".env",
    ".html",
    ".js",
    ".json",
    ".mjs",
    ".node",
    ".py",
    ".sh",
    ".so",
    ".toml",
    ".ts",
    ".wasm",
    ".wat",
    ".yaml",
    ".yml",
];

/// Watched folders.
#[derive(Debug)]
pub(super) struct Watch {
    inotify: Inotify,
    folders: Mutex<HashMap<WatchDescriptor, Folder>>,
    /// Files of a definition; of a flat folder nothing else counts.
    files: Mutex<HashSet<PathBuf>>,
    /// New files that are no code.
    strangers: Mutex<HashSet<PathBuf>>,
}

#[derive(Debug, Clone)]
struct Folder {
    path: PathBuf,
    depth: Depth,
}

/// Whether a folder is watched with all below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Its own files.
    Flat,
    /// Everything below it.
    Deep,
}

impl Watch {
    pub(super) fn new() -> io::Result<Self> {
        let inotify = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        Ok(Self { inotify, folders: Mutex::default(), files: Mutex::default(), strangers: Mutex::default() })
    }

    /// Watches a file, or what will be a file or a folder: through the folder that it stands in.
    pub(super) fn add_file(&self, file: &Path) -> io::Result<()> {
        let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else { return Ok(()) };
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let folder = folder.canonicalize()?;
        lock(&self.files).insert(folder.join(name));
        self.add(&folder, Depth::Flat)
    }

    /// Watches a folder from now on. A second time is none.
    pub(super) fn add(&self, folder: &Path, depth: Depth) -> io::Result<()> {
        let flags = AddWatchFlags::IN_CLOSE_WRITE
            | AddWatchFlags::IN_CREATE
            | AddWatchFlags::IN_DELETE
            | AddWatchFlags::IN_MOVED_FROM
            | AddWatchFlags::IN_MOVED_TO
            | AddWatchFlags::IN_ONLYDIR;
        let watched = self.inotify.add_watch(folder, flags)?;
        let known = lock(&self.folders).get(&watched).map(|known| known.depth);
        if known == Some(Depth::Deep) || known == Some(depth) {
            return Ok(());
        }
        lock(&self.folders).insert(watched, Folder { path: folder.to_path_buf(), depth });
        if depth == Depth::Deep {
            for entry in std::fs::read_dir(folder)?.flatten() {
                let path = entry.path();
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) && counts(&path) {
                    self.add(&path, depth)?;
                }
            }
        }
        Ok(())
    }

    /// Whether something is waiting to be read. One call into the system.
    pub(super) fn has_events(&self) -> bool {
        let mut queue = [PollFd::new(self.inotify.as_fd(), PollFlags::POLLIN)];
        poll(&mut queue, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
    }

    /// The files that have changed and count. Does not wait.
    pub(super) fn changes(&self) -> Vec<PathBuf> {
        let mut changed = Vec::new();
        loop {
            match self.inotify.read_events() {
                Ok(events) => changed.extend(events.into_iter().filter_map(|event| self.change(event))),
                Err(Errno::EINTR) => {}
                Err(_) => return changed,
            }
        }
    }

    fn change(&self, event: InotifyEvent) -> Option<PathBuf> {
        if event.mask.contains(AddWatchFlags::IN_Q_OVERFLOW) {
            // The queue ran over: anything may have changed.
            return Some(PathBuf::new());
        }
        if event.mask.contains(AddWatchFlags::IN_IGNORED) {
            // The folder is gone, and so is its watch. If it comes back, it is another one.
            return lock(&self.folders).remove(&event.wd).map(|folder| folder.path);
        }
        let Folder { path, depth } = lock(&self.folders).get(&event.wd).cloned()?;
        let path = path.join(event.name?);
        if !counts(&path) || depth == Depth::Flat && !lock(&self.files).contains(&path) {
            return None;
        }
        if depth == Depth::Deep && self.is_stranger(&path, event.mask) {
            return None;
        }
        if event.mask.contains(AddWatchFlags::IN_ISDIR) {
            let appeared = event.mask.intersects(AddWatchFlags::IN_CREATE | AddWatchFlags::IN_MOVED_TO);
            if appeared && depth == Depth::Deep {
                // It may be gone again already.
                let _gone = self.add(&path, depth);
            }
        } else if event.mask.contains(AddWatchFlags::IN_CREATE) {
            // A new file is still empty; what is written into it is reported when it is closed. A link is complete.
            return path.is_symlink().then_some(path);
        }
        Some(path)
    }
}

impl Watch {
    /// Whether this is a file that is no code and was not there before.
    fn is_stranger(&self, path: &Path, mask: AddWatchFlags) -> bool {
        let name = path.to_string_lossy();
        if mask.contains(AddWatchFlags::IN_ISDIR) || CODE_ENDS.iter().any(|end| name.ends_with(end)) {
            return false;
        }
        let mut strangers = lock(&self.strangers);
        if mask.contains(AddWatchFlags::IN_CREATE) {
            strangers.insert(path.to_path_buf());
        }
        if mask.intersects(AddWatchFlags::IN_DELETE | AddWatchFlags::IN_MOVED_FROM) {
            return strangers.remove(path);
        }
        strangers.contains(path)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl AsRawFd for Watch {
    fn as_raw_fd(&self) -> RawFd {
        self.inotify.as_fd().as_raw_fd()
    }
}

fn counts(path: &Path) -> bool {
    let ignored = |part: std::path::Component<'_>| IGNORED.iter().any(|ignored| part.as_os_str() == *ignored);
    let name = path.to_string_lossy();
    !path.components().any(ignored) && !IGNORED_ENDS.iter().any(|end| name.ends_with(end)) && !is_own_output(path)
}

/// Whether the host's own output goes to this file: each reload prints a line, which must not cause the next one.
fn is_own_output(path: &Path) -> bool {
    let Ok(file) = std::fs::metadata(path) else { return false };
    ["/proc/self/fd/1", "/proc/self/fd/2"]
        .iter()
        .filter_map(|output| std::fs::metadata(output).ok())
        .any(|output| (output.dev(), output.ino()) == (file.dev(), file.ino()))
}
