//! A MOCK method against a bare axum handler that gives the same body.

use crate::{
    Plan, Result,
    compare::{self, Side},
    definition,
    load::{self, CONNECTIONS},
    process::{self, Server},
};

/// Promised.
const MIN: f64 = 0.6;

/// Measures.
#[expect(clippy::print_stdout, reason = "the measurements are the output")]
pub(crate) async fn run(plan: Plan) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let ours = [Server::fanlight(&definition::one_mock(folder.path())?).await?];
    let reference = [Server::bare("axum").await?];
    let request = load::get(definition::MOCK);
    compare::same_answer(&ours, &reference, &request).await?;

    println!(
        "mock: GET {} as a MOCK integration, against a bare axum handler; {CONNECTIONS} connections",
        definition::MOCK
    );
    let side = |name, servers| Side {
        name,
        servers,
        behind: &[],
        connections: CONNECTIONS,
        requests: [request.clone()].into(),
    };
    let comparison = compare::alternate(plan, &side("fanlight", &ours), &side("axum", &reference)).await?;
    comparison.promised("mock", MIN);
    process::stop(ours.into_iter().chain(reference)).await
}
