//! Two sides, measured in alternation.

use crate::{
    Plan, Result,
    cpu::{self, Used},
    load::{self, Load, Sample},
    process::Server,
};
use std::time::Duration;

/// A side of a comparison.
#[derive(Debug)]
pub(crate) struct Side<'a> {
    /// What it is called in the output.
    pub(crate) name: &'a str,
    /// Its processes.
    pub(crate) servers: &'a [Server],
    /// Processes behind it, whose CPU time counts as that of children.
    pub(crate) behind: &'a [u32],
    /// How many connections.
    pub(crate) connections: usize,
    /// What is sent.
    pub(crate) requests: std::sync::Arc<[Vec<u8>]>,
}

/// One round of one side.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Round {
    /// Requests per second.
    pub(crate) rate: f64,
    /// CPU microseconds of the server's side per request.
    pub(crate) cpu_us: f64,
    /// Those of them that its children used.
    children_us: f64,
    p50: u32,
    p99: u32,
}

/// What all rounds of one side gave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Summary {
    /// Of the best round.
    pub(crate) best: f64,
    /// Of the median round.
    pub(crate) median: f64,
    /// CPU microseconds per request, of the median round.
    pub(crate) cpu_us: f64,
    /// Those of them that its children used.
    children_us: f64,
}

/// Ours beside the reference.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Comparison {
    /// Ours.
    pub(crate) ours: Summary,
    /// The reference.
    pub(crate) reference: Summary,
    /// The median of the ratios of each pair of rounds.
    paired: f64,
}

impl Comparison {
    /// Requests per second of ours to those of the reference, best round to best round: what disturbs a round on a
    /// shared machine only ever makes it slower.
    pub(crate) fn ratio(&self) -> f64 {
        self.ours.best / self.reference.best
    }

    /// The columns of a row that stand before the verdict.
    pub(crate) fn columns(&self) -> String {
        let Self { ours, reference, paired } = self;
        format!(
            "ours={:.0}/s reference={:.0}/s ours_cpu_us={:.1} reference_cpu_us={:.1} cpu_ratio={:.2} median_ratio={paired:.2}",
            ours.best,
            reference.best,
            ours.cpu_us,
            reference.cpu_us,
            reference.cpu_us / ours.cpu_us,
        )
    }

    /// A row that is promised.
    #[expect(clippy::print_stdout, reason = "the measurements are the output")]
    pub(crate) fn promised(&self, name: &str, min: f64) {
        println!("{name} {} ratio={:.2} min={min:.2}", self.columns(), self.ratio());
    }

    /// A row for orientation.
    #[expect(clippy::print_stdout, reason = "the measurements are the output")]
    pub(crate) fn orientation(&self, name: &str) {
        println!("{name} {} compared={:.2}", self.columns(), self.ratio());
    }
}

impl Summary {
    /// The best and the median of some rounds.
    pub(crate) fn of(rounds: &[Round]) -> Self {
        let rates: Vec<f64> = rounds.iter().map(|round| round.rate).collect();
        Self {
            best: rates.iter().copied().fold(0.0, f64::max),
            median: median(rates),
            cpu_us: median(rounds.iter().map(|round| round.cpu_us).collect()),
            children_us: median(rounds.iter().map(|round| round.children_us).collect()),
        }
    }

    fn describe(&self) -> String {
        let Self { best, median, cpu_us, children_us } = self;
        let own_us = cpu_us - children_us;
        format!(
            "best {best:.0}/s, median {median:.0}/s, CPU per request {cpu_us:.1} us: {own_us:.1} its own, {children_us:.1} of \
             its children"
        )
    }
}

/// The value in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Measures both sides in alternation and prints each round.
#[expect(clippy::print_stdout, reason = "the measurements are the output")]
pub(crate) async fn alternate(plan: Plan, ours: &Side<'_>, reference: &Side<'_>) -> Result<Comparison> {
    let warm_up = (plan.round / 3).min(Duration::from_secs(1));
    for side in [ours, reference] {
        side.round(warm_up).await?;
    }
    let (mut our_rounds, mut reference_rounds) = (Vec::new(), Vec::new());
    for number in 1..=plan.rounds {
        let (one, other) = (ours.round(plan.round).await?, reference.round(plan.round).await?);
        println!("  {number}: {} | {}", one.describe(ours.name), other.describe(reference.name));
        our_rounds.push(one);
        reference_rounds.push(other);
    }
    let pairs = our_rounds.iter().zip(&reference_rounds);
    let paired = median(pairs.map(|(one, other)| one.rate / other.rate).collect());
    let comparison = Comparison { ours: Summary::of(&our_rounds), reference: Summary::of(&reference_rounds), paired };
    for (side, summary) in [(ours, comparison.ours), (reference, comparison.reference)] {
        println!("  {}: {}", side.name, summary.describe());
    }
    Ok(comparison)
}

/// Two sides that do not do the same are no comparison.
pub(crate) async fn same_answer(ours: &[Server], reference: &[Server], request: &[u8]) -> Result<()> {
    let mut bodies = Vec::new();
    for server in ours.iter().chain(reference) {
        bodies.push(server.once(request).await?.body);
    }
    match bodies.windows(2).find(|pair| pair.first() != pair.last()) {
        Some(pair) => Err(format!("the sides answer differently: {}", pair.join(" and ")).into()),
        None => Ok(()),
    }
}

impl Side<'_> {
    fn used(&self) -> Result<Used> {
        let servers: Vec<u32> = self.servers.iter().map(|server| server.id).collect();
        let mut used = cpu::used(&servers)?;
        used.children += cpu::used(self.behind)?.total();
        Ok(used)
    }

    async fn round(&self, duration: Duration) -> Result<Round> {
        let load = Load {
            addresses: self.servers.iter().map(|server| server.address).collect(),
            connections: self.connections,
            requests: self.requests.clone(),
        };
        let before = self.used()?;
        let sample = load::run(&load, duration).await.map_err(|error| format!("{}: {error}", self.name))?;
        let used = self.used()?.since(before);
        Ok(Round::of(sample, used))
    }
}

impl Round {
    fn of(mut sample: Sample, used: Used) -> Self {
        let per_request = |used: Duration| used.as_secs_f64() * 1e6 / (sample.requests.max(1) as f64);
        let (cpu_us, children_us) = (per_request(used.total()), per_request(used.children));
        Self { rate: sample.rate(), cpu_us, children_us, p50: sample.latency(0.5), p99: sample.latency(0.99) }
    }

    fn describe(&self, name: &str) -> String {
        let Self { rate, cpu_us, p50, p99, children_us: _ } = self;
        format!("{name} {rate:.0}/s, {cpu_us:.1} us CPU, p50 {p50} us, p99 {p99} us")
    }
}
