//! Watches the files of a definition and swaps the site when one changes.
//!
//! Invariant: a request that comes after a file was saved is answered by the new revision or, if that one is broken, by
//! the old one: the gate holds it until the reload has ended.

mod gate;
mod watch;

pub(crate) use gate::Gate;

use crate::{
    limits,
    print::Printer,
    site::{Built, Plan, Served, Site, build},
};
use arc_swap::ArcSwap;
use fanlight_definition::{Severity, render, resources::Resources};
use gate::Progress;
use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{io::unix::AsyncFd, sync::watch as progress, time::sleep};
use watch::{Depth, Watch};

/// Watches until it is dropped.
pub(crate) struct Reloader {
    plan: Arc<Plan>,
    site: Arc<ArcSwap<Site>>,
    printer: Printer,
    watch: AsyncFd<Arc<Watch>>,
    progress: progress::Sender<Progress>,
    revision: u64,
}

impl Reloader {
    /// Begins to watch; requests pass the gate.
    pub(crate) fn new(plan: Arc<Plan>, site: Arc<ArcSwap<Site>>, printer: Printer) -> io::Result<(Self, Gate)> {
        let watch = Arc::new(Watch::new()?);
        let (progress, seen) = progress::channel(Progress::default());
        let gate = Gate::new(Arc::clone(&watch), seen);
        let watch = AsyncFd::register(watch)?;
        Ok((Self { plan, site, printer, watch, progress, revision: 0 }, gate))
    }

    /// Watches what a revision consists of: the folders of its files, and the code of its functions.
    pub(crate) fn watch(&self, resources: &Resources) {
        let files = resources.files.iter().filter_map(|file| file.parent());
        for folder in files.chain(self.plan.definition.parent()) {
            self.add(folder, Depth::Flat);
        }
        for function in &resources.functions {
            for folder in std::iter::once(&function.code).chain(&function.layers) {
                self.add(folder, Depth::Deep);
            }
        }
    }

    fn add(&self, folder: &Path, depth: Depth) {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let added = folder.canonicalize().and_then(|folder| self.watch.get_ref().add(&folder, depth));
        if let Err(error) = added {
            self.printer.line(format!("cannot watch {}: {error}", folder.display()));
        }
    }

    /// Reloads after each change, for ever.
    pub(crate) async fn run(mut self) {
        loop {
            match self.watch.readable().await {
                Ok(mut ready) => ready.clear_ready(),
                Err(error) => {
                    tracing::warn!(%error, "files are no longer watched");
                    return;
                }
            }
            // Before the queue is read, so that no request slips through between the two.
            self.progress.send_modify(|progress| progress.busy = true);
            let mut changed = self.watch.get_ref().changes();
            if !changed.is_empty() {
                // An editor saves in several steps, and several files at once.
                sleep(limits::RELOAD_SETTLE).await;
                changed.extend(self.watch.get_ref().changes());
                self.reload(&changed).await;
            }
            self.progress.send_modify(|progress| *progress = Progress { rounds: progress.rounds + 1, busy: false });
        }
    }

    async fn reload(&mut self, changed: &[PathBuf]) {
        self.revision += 1;
        let previous = self.site.load_full();
        let Built { served, diagnostics, sources } = build(&self.plan, self.revision, Some(&previous), changed).await;
        let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
        if !diagnostics.is_empty() {
            self.printer.line(render(&diagnostics, &sources, false));
        }
        match served {
            Some(Served { site, resources }) => {
                self.watch(&resources);
                self.site.store(Arc::new(site));
                self.printer.line(format!("reloaded (revision {}): {}", self.revision, names(changed)));
            }
            None => self.printer.line(format!("not reloaded: {errors} errors, serving the revision before")),
        }
    }
}

fn names(changed: &[PathBuf]) -> String {
    let names: BTreeSet<_> =
        changed.iter().filter_map(|path| path.file_name()).map(|name| name.to_string_lossy()).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}
