//! How much memory a process has used, for the REPORT line.

use std::{fs, time::Instant};
use tokio::time::Duration;

/// Reading `/proc` costs as much as a small invocation, so it is done this often at most.
const EVERY: Duration = Duration::from_secs(1);

/// The peak of one process.
#[derive(Debug)]
pub(super) struct Memory {
    process: Option<u32>,
    read: Option<Instant>,
    peak_mb: u64,
}

impl Memory {
    pub(super) fn of(process: Option<u32>) -> Self {
        Self { process, read: None, peak_mb: 0 }
    }

    /// The most memory the process was seen to use, in megabytes.
    pub(super) fn peak_mb(&mut self) -> u64 {
        if self.read.is_none_or(|read| read.elapsed() >= EVERY)
            && let Some(peak) = self.process.and_then(peak_kb)
        {
            self.read = Some(Instant::now());
            self.peak_mb = peak.div_ceil(1024);
        }
        self.peak_mb
    }
}

fn peak_kb(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
