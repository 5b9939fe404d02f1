//! What a process and its children have used.

use crate::Result;
use nix::unistd::{SysconfVar, sysconf};
use std::{collections::HashMap, fs, time::Duration};

/// CPU time of processes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Used {
    /// Of the processes themselves.
    pub(crate) own: Duration,
    /// Of their children, those that live and those that have ended.
    pub(crate) children: Duration,
}

impl Used {
    /// What was used since then.
    pub(crate) const fn since(self, before: Self) -> Self {
        Self { own: self.own.saturating_sub(before.own), children: self.children.saturating_sub(before.children) }
    }

    /// All of it.
    pub(crate) fn total(self) -> Duration {
        self.own + self.children
    }
}

/// What these processes have used since they started.
pub(crate) fn used(processes: &[u32]) -> Result<Used> {
    let per_second = sysconf(SysconfVar::CLK_TCK)?.and_then(|ticks| u32::try_from(ticks).ok()).unwrap_or(100);
    let time = |ticks: u64| Duration::from_secs_f64(ticks as f64 / f64::from(per_second));
    let all = table()?;
    let mut used = Used::default();
    for (&id, entry) in &all {
        if processes.contains(&id) {
            used.own += time(entry.own);
            used.children += time(entry.ended_children);
        } else if descends(&all, id, processes) {
            used.children += time(entry.own + entry.ended_children);
        }
    }
    Ok(used)
}

/// Bytes of a process in memory.
pub(crate) fn resident_bytes(process: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes * 1024)
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    parent: u32,
    own: u64,
    ended_children: u64,
}

fn table() -> Result<HashMap<u32, Entry>> {
    let ids = fs::read_dir("/proc")?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    // A process that has ended in the meantime is counted by its parent.
    Ok(ids.filter_map(|id: u32| Some((id, entry(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?)?))).collect())
}

/// Fields 4 and 14 to 17 of `/proc/PID/stat`; the name before them may contain anything.
fn entry(stat: &str) -> Option<Entry> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    let parent = fields.get(1)?.parse().ok()?;
    let ticks = |first: usize| -> Option<u64> {
        Some(fields.get(first)?.parse::<u64>().ok()? + fields.get(first + 1)?.parse::<u64>().ok()?)
    };
    Some(Entry { parent, own: ticks(11)?, ended_children: ticks(13)? })
}

fn descends(all: &HashMap<u32, Entry>, id: u32, ancestors: &[u32]) -> bool {
    let mut at = id;
    while at > 1 {
        if ancestors.contains(&at) {
            return true;
        }
        let Some(entry) = all.get(&at) else { return false };
        at = entry.parent;
    }
    false
}
