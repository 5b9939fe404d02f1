//! Watches the files of a definition and swaps the site when one changes.
//!
//! Invariant: a request that comes after a file was saved is answered by the new revision or, if that one is broken, by
//! the old one: the gate holds it until the reload has ended.

mod gate;
mod watch;

pub(crate) use gate::Gate;

use crate::{
    command::tally,
    limits,
    print::Printer,
    settings,
    site::{Built, Plan, Served, Site, build},
};
use arc_swap::ArcSwap;
use fanlight_definition::{
    render,
    resources::{Code, Resources},
};
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
    /// What the revision that is served was made of.
    resources: Resources,
    revision: u64,
}

impl Reloader {
    /// Begins to watch; requests pass the gate.
    pub(crate) fn new(
        plan: Arc<Plan>,
        site: Arc<ArcSwap<Site>>,
        printer: Printer,
        resources: Resources,
    ) -> io::Result<(Self, Gate)> {
        let watch = Arc::new(Watch::new()?);
        let (progress, seen) = progress::channel(Progress::default());
        let gate = Gate::new(Arc::clone(&watch), seen);
        #[expect(deprecated, reason = "the queue is owned and outlives its registration; the successor is unsafe")]
        let watch = AsyncFd::new(watch)?;
        let reloader = Self { plan, site, printer, watch, progress, resources, revision: 0 };
        reloader.watch(&reloader.resources);
        Ok((reloader, gate))
    }

    /// Watches what a revision consists of: its files, and the code of its functions.
    fn watch(&self, resources: &Resources) {
        let watch = self.watch.get_ref();
        let settings = self.plan.source.definition.with_file_name(settings::FILE);
        for file in resources.files.iter().chain([&self.plan.source.definition, &settings]) {
            self.told(file, watch.add_file(file));
        }
        for function in &resources.functions {
            if let Code::Absent(Some(folder)) = &function.code {
                // It may be made any time, and so may the folder above, which cannot be watched before.
                let _absent_too = watch.add_file(folder);
            }
            let layers = function.layers.iter().map(PathBuf::as_path);
            for folder in function.code.folder().into_iter().chain(layers) {
                // A build may replace the folder as a whole; the folder above knows of that.
                self.told(folder, watch.add_file(folder));
                let added = folder.canonicalize().and_then(|folder| watch.add(&folder, Depth::Deep));
                self.told(folder, added);
            }
        }
    }

    fn told(&self, path: &Path, added: io::Result<()>) {
        if let Err(error) = added {
            self.printer.line(format!("cannot watch {}: {error}", path.display()));
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
        // Before anything is read, so that what changes meanwhile is not missed.
        self.watch(&self.resources);
        let previous = self.site.load_full();
        let Built { served, diagnostics, sources } = build(&self.plan, self.revision, Some(&previous), changed).await;
        if !diagnostics.is_empty() {
            self.printer.line(render(&diagnostics, &sources, false));
        }
        match served {
            Some(Served { site, resources }) => {
                self.watch(&resources);
                self.site.store(Arc::new(site));
                self.plan.sinks.feed(&resources, &self.site);
                self.resources = resources;
                self.printer.line(format!("reloaded (revision {}): {}", self.revision, names(changed)));
            }
            None => self.printer.line(format!("not reloaded: {}; serving the revision before", tally(&diagnostics))),
        }
    }
}

fn names(changed: &[PathBuf]) -> String {
    let names: BTreeSet<_> =
        changed.iter().filter_map(|path| path.file_name()).map(|name| name.to_string_lossy()).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}
