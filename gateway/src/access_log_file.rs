//! The file that access logs go to.
//!
//! One thread appends to it, from a bounded queue, and opens it at the first line: a slow disk delays no request, and a host
//! whose stages have no access log makes no file.

use crate::print::Printer;
use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, TryRecvError, sync_channel},
    },
    thread::{self, JoinHandle},
};

/// Lines that may wait.
const QUEUE: usize = 8 * 1024;

/// Takes lines.
#[derive(Debug)]
pub(crate) struct AccessLogFile {
    path: PathBuf,
    printer: Printer,
    /// `None` when the thread cannot be started.
    writer: OnceLock<Option<Writer>>,
    lost: Arc<AtomicU64>,
}

impl AccessLogFile {
    /// `-` is standard error.
    pub(crate) fn new(path: PathBuf, printer: Printer) -> Self {
        Self { path, printer, writer: OnceLock::new(), lost: Arc::default() }
    }

    /// Appends a line. What does not fit into the queue is dropped, and counted in the log itself.
    pub(crate) fn line(&self, line: String) {
        let sent = match self.writer.get_or_init(|| self.start()) {
            Some(writer) => writer.queue.try_send(line).is_ok(),
            None => false,
        };
        if !sent {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn start(&self) -> Option<Writer> {
        let (queue, lines) = sync_channel(QUEUE);
        let (path, lost, printer) = (self.path.clone(), Arc::clone(&self.lost), self.printer.clone());
        let started = thread::Builder::new().name("access log".to_owned()).spawn(move || {
            if let Err(error) = append(&path, &lines, &lost) {
                printer.line(format!("the access log {} cannot be written: {error}", path.display()));
            }
        });
        started.ok().map(|thread| Writer { queue, thread })
    }
}

/// What has been taken is written before the host ends.
impl Drop for AccessLogFile {
    fn drop(&mut self) {
        if let Some(Writer { queue, thread }) = self.writer.take().flatten() {
            drop(queue);
            if thread.join().is_err() {
                tracing::warn!("the access log may not be complete");
            }
        }
    }
}

#[derive(Debug)]
struct Writer {
    queue: SyncSender<String>,
    thread: JoinHandle<()>,
}

fn append(path: &Path, lines: &Receiver<String>, lost: &AtomicU64) -> io::Result<()> {
    let mut out: BufWriter<Box<dyn Write>> =
        BufWriter::new(if path == Path::new("-") { Box::new(io::stderr()) } else { Box::new(open(path)?) });
    while let Ok(first) = lines.recv() {
        let mut next = Ok(first);
        while let Ok(line) = next {
            writeln!(out, "{line}")?;
            next = lines.try_recv();
        }
        let dropped = lost.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            writeln!(out, "({dropped} lines could not be written in time)")?;
        }
        out.flush()?;
        if next == Err(TryRecvError::Disconnected) {
            break;
        }
    }
    Ok(())
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}
