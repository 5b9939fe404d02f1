//! Ten thousand routes against ten: through the whole host, and the router alone.
//!
//! AWS allows 300 resources per API; that the host takes more is what makes this row possible.

use crate::{
    Plan, Result,
    compare::{self, Side, median},
    definition,
    load::{self, CONNECTIONS},
    process::{self, Server},
};
use fanlight_definition::resources::HttpMethod;
use fanlight_execute::route::Router;
use std::{
    hint::black_box,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

/// Promised.
const MIN: f64 = 0.95;

const MANY: usize = 10_000;
const FEW: usize = 10;

/// Requests that are sent in turn, as many on both sides so that the generator's own cost is the same.
const REQUESTS: usize = 10_000;

/// Measures.
#[expect(clippy::print_stdout, reason = "the measurements are the output")]
pub(crate) async fn run(plan: Plan) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let ours = [serve(folder.path(), MANY).await?];
    let reference = [serve(folder.path(), FEW).await?];

    println!(
        "routes: {MANY} MOCK routes, requested at random, against {FEW} of the same depth; {CONNECTIONS} connections"
    );
    let side = |name, servers, routes| Side {
        name,
        servers,
        behind: &[],
        connections: CONNECTIONS,
        requests: requests(routes),
    };
    let comparison = compare::alternate(plan, &side("many", &ours, MANY), &side("few", &reference, FEW)).await?;
    process::stop(ours.into_iter().chain(reference)).await?;
    router(plan);
    comparison.promised("routes", MIN);
    Ok(())
}

async fn serve(folder: &Path, routes: usize) -> Result<Server> {
    let folder = folder.join(routes.to_string());
    std::fs::create_dir(&folder)?;
    let paths = (0..routes).map(|number| (path(number), definition::mock())).collect();
    Server::fanlight(&definition::write(&folder, &paths)?).await
}

/// The path of a route: two levels, a hundred children at each.
fn path(number: usize) -> String {
    format!("/group-{:02}/item-{:02}", number / 100, number % 100)
}

fn random_paths(routes: usize) -> impl Iterator<Item = String> {
    let mut random = fastrand::Rng::with_seed(7);
    (0..REQUESTS).map(move |_| path(random.usize(..routes)))
}

fn requests(routes: usize) -> Arc<[Vec<u8>]> {
    random_paths(routes).map(|path| load::get(&path)).collect()
}

/// The lookup alone.
#[expect(clippy::print_stdout, reason = "the measurements are the output")]
fn router(plan: Plan) {
    let (mut many, mut few) = (Vec::new(), Vec::new());
    let (many_routes, few_routes) = (Lookups::new(MANY), Lookups::new(FEW));
    for _ in 0..plan.rounds {
        many.push(many_routes.per_second(plan.round / 3));
        few.push(few_routes.per_second(plan.round / 3));
    }
    let (many, few) = (median(many), median(few));
    let nanoseconds = |rate: f64| 1e9 / rate;
    println!(
        "routes router-alone many_ns={:.0} few_ns={:.0} compared={:.2}",
        nanoseconds(many),
        nanoseconds(few),
        many / few
    );
}

struct Lookups {
    router: Router,
    paths: Vec<String>,
}

impl Lookups {
    fn new(routes: usize) -> Self {
        let mut router = Router::default();
        for number in 0..routes {
            router.insert(&path(number), HttpMethod::Get, number);
        }
        Self { router, paths: random_paths(routes).collect() }
    }

    fn per_second(&self, duration: Duration) -> f64 {
        let started = Instant::now();
        let mut lookups = 0_u32;
        while started.elapsed() < duration {
            for path in &self.paths {
                black_box(self.router.find(black_box(path), HttpMethod::Get));
            }
            lookups = lookups.saturating_add(1);
        }
        f64::from(lookups) * self.paths.len() as f64 / started.elapsed().as_secs_f64()
    }
}
