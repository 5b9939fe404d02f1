//! Watches the files of a definition and swaps the site when one changes.
//!
//! Invariant: a request that comes after a file was saved is answered by the new revision or, if that one is broken, by
//! the old one: the gate holds it until the reload has ended.

use crate::{
    limits,
    print::Printer,
    site::{Built, Plan, Served, Site, build},
};
use arc_swap::ArcSwap;
use fanlight_definition::{Severity, Sources, render, resources::Resources};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::{
    collections::BTreeSet,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};

/// How long a request waits for a reload at most.
const PATIENCE: Duration = Duration::from_secs(10);

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

/// Holds requests while a saved file is not live yet.
#[derive(Debug, Clone)]
pub(crate) struct Gate(watch::Receiver<bool>);

impl Gate {
    /// Resolves when no reload is pending.
    pub(crate) async fn passed(&self) {
        if *self.0.borrow() {
            let mut closed = self.0.clone();
            // A reload that takes too long or has died holds nobody up.
            let _late = timeout(PATIENCE, closed.wait_for(|closed| !*closed)).await;
        }
    }
}

/// A gate and what closes it.
pub(crate) fn gate() -> (watch::Sender<bool>, Gate) {
    let (closed, gate) = watch::channel(false);
    (closed, Gate(gate))
}

/// Watches until it is dropped.
pub(crate) struct Reloader {
    plan: Arc<Plan>,
    site: Arc<ArcSwap<Site>>,
    printer: Printer,
    closed: Arc<watch::Sender<bool>>,
    changes: mpsc::UnboundedReceiver<PathBuf>,
    watcher: RecommendedWatcher,
    watched: BTreeSet<PathBuf>,
    revision: u64,
}

impl Reloader {
    /// Begins to watch.
    pub(crate) fn new(
        plan: Arc<Plan>,
        site: Arc<ArcSwap<Site>>,
        printer: Printer,
        closed: watch::Sender<bool>,
    ) -> notify::Result<Self> {
        let closed = Arc::new(closed);
        let gate = Arc::clone(&closed);
        let (sender, changes) = mpsc::unbounded_channel();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            for path in event.into_iter().filter(is_change).flat_map(|event| event.paths).filter(|path| counts(path)) {
                gate.send_replace(true);
                if sender.send(path).is_err() {
                    gate.send_replace(false);
                }
            }
        })?;
        Ok(Self { plan, site, printer, closed, changes, watcher, watched: BTreeSet::new(), revision: 0 })
    }

    /// Watches what a revision consists of: the folders of its files, and the code of its functions.
    pub(crate) fn watch(&mut self, resources: &Resources) {
        let files = resources.files.iter().filter_map(|file| file.parent()).map(Path::to_path_buf);
        let beside = self.plan.definition.parent().map(Path::to_path_buf);
        for folder in files.chain(beside) {
            self.add(&folder, RecursiveMode::NonRecursive);
        }
        for function in &resources.functions {
            for folder in std::iter::once(&function.code).chain(&function.layers) {
                self.add(folder, RecursiveMode::Recursive);
            }
        }
    }

    fn add(&mut self, folder: &Path, mode: RecursiveMode) {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let Ok(folder) = folder.canonicalize() else { return };
        // A folder once watched without its children may hold code by now.
        let key = if mode == RecursiveMode::Recursive { folder.join("") } else { folder.clone() };
        if self.watched.contains(&key) {
            return;
        }
        match self.watcher.watch(&folder, mode) {
            Ok(()) => {
                self.watched.insert(key);
            }
            Err(error) => self.printer.line(format!("cannot watch {}: {error}", folder.display())),
        }
    }

    /// Reloads after each change, for ever.
    pub(crate) async fn run(mut self) {
        while let Some(first) = self.changes.recv().await {
            let mut changed = vec![first];
            // An editor saves in several steps, and several files at once.
            while let Ok(Some(path)) = timeout(limits::RELOAD_SETTLE, self.changes.recv()).await {
                changed.push(path);
            }
            self.reload(&changed).await;
            if self.changes.is_empty() {
                self.closed.send_replace(false);
            }
        }
    }

    async fn reload(&mut self, changed: &[PathBuf]) {
        self.revision += 1;
        let previous = self.site.load_full();
        let Built { served, diagnostics, sources } = build(&self.plan, self.revision, Some(&previous), changed).await;
        let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
        self.print(&diagnostics, &sources);
        match served {
            Some(Served { site, resources }) => {
                self.watch(&resources);
                self.site.store(Arc::new(site));
                self.printer.line(format!("reloaded (revision {}): {}", self.revision, names(changed)));
            }
            None => self.printer.line(format!("not reloaded: {errors} errors, serving the revision before")),
        }
    }

    fn print(&self, diagnostics: &[fanlight_definition::Diagnostic], sources: &Sources) {
        if !diagnostics.is_empty() {
            self.printer.line(render(diagnostics, sources, false));
        }
    }
}

fn is_change(event: &Event) -> bool {
    matches!(event.kind, EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_))
        && !matches!(event.kind, EventKind::Modify(notify::event::ModifyKind::Metadata(_)))
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

fn names(changed: &[PathBuf]) -> String {
    let names: BTreeSet<_> =
        changed.iter().filter_map(|path| path.file_name()).map(|name| name.to_string_lossy()).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}
