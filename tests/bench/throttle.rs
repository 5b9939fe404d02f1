//! A throttle decision: finding the key by its value, and taking a token from its bucket.

use crate::{Plan, Result, cpu, definition};
use fanlight_definition::{
    ReadOptions, read,
    resources::{ApiKey, ApiStage, Throttle, UsagePlan},
};
use fanlight_execute::{StageSnapshot, compile, limits::Limits, throttle::Buckets};
use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

/// Promised, in nanoseconds of CPU time.
const MAX: f64 = 1_000.0;

/// As many keys as AWS allows an account, and one.
const KEYS: [usize; 2] = [1, 10_000];

/// Measures.
#[expect(clippy::print_stdout, reason = "the measurements are the output")]
pub(crate) fn run(plan: Plan) -> Result<()> {
    println!(
        "throttle: one thread, keys at random, by a plan with a throttle; a decision is the key's search and its token"
    );
    for keys in KEYS {
        let stage = stage(keys)?;
        let method = stage.deployment.methods.first().ok_or("no method")?;
        let buckets = Buckets::default();
        let mut random = fastrand::Rng::with_seed(7);
        let order: Vec<String> = (0..4_096).map(|_| value(random.usize(..keys))).collect();
        let started = Instant::now();
        let decide = |value: &String| {
            let limit = stage.usage_plans.find(black_box(value.as_bytes())).and_then(|found| found.limit(method));
            limit.map(|limit| black_box(buckets.take(limit.bucket, &limit.throttle, started.elapsed())))
        };
        let before = cpu::used(&[std::process::id()])?;
        let mut decisions = 0_u32;
        while started.elapsed() < plan.round {
            for value in &order {
                black_box(decide(value));
            }
            decisions += 4_096;
        }
        let used = cpu::used(&[std::process::id()])?.since(before).own;
        println!("throttle keys={keys} cpu_ns={:.0} max={MAX}", nanoseconds(used, decisions));
    }
    Ok(())
}

fn nanoseconds(used: Duration, count: u32) -> f64 {
    used.as_secs_f64() * 1e9 / f64::from(count.max(1))
}

fn value(number: usize) -> String {
    format!("key-{number:036}")
}

/// A stage with one method that many keys open.
fn stage(keys: usize) -> Result<StageSnapshot> {
    let folder = tempfile::tempdir()?;
    let paths = [("/pets".to_owned(), definition::mock())].into_iter().collect();
    let mut resources = read(&definition::write(folder.path(), &paths)?, &ReadOptions::default()).resources;
    let resources = resources.as_mut().ok_or("the definition cannot be read")?;
    let api = resources.rest_apis.first().ok_or("no API")?.clone();
    let stage = api.stages.first().ok_or("no stage")?;
    let key = |number: usize| ApiKey {
        id: number.to_string(),
        logical_id: number.to_string(),
        name: number.to_string(),
        value: Some(value(number)),
        enabled: true,
        place: api.place.clone(),
    };
    resources.api_keys = (0..keys).map(key).collect();
    resources.usage_plans.push(UsagePlan {
        id: "gold".to_owned(),
        logical_id: "gold".to_owned(),
        name: "gold".to_owned(),
        api_stages: vec![ApiStage { api_id: api.id.clone(), stage: stage.name.clone(), throttles: Default::default() }],
        throttle: Some(Throttle { rate_limit: 100.0, burst_limit: 200 }),
        quota: None,
        keys: (0..keys).map(|number| number.to_string()).collect(),
        place: api.place.clone(),
    });
    let deployment = compile::rest_api(&api, resources).0.map(Arc::new).ok_or("the API cannot be compiled")?;
    Ok(compile::stage((&api, stage), resources, &deployment, Limits::default()).0)
}
