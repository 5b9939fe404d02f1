//! A MOCK method against a bare axum handler that gives the same body.

use crate::{
    Plan, Result,
    compare::{self, Side},
    definition, load,
    process::Server,
};

/// Connections of the rows that do not depend on their number.
pub(crate) const CONNECTIONS: usize = 16;

/// Promised.
const MIN: f64 = 0.6;

/// Measures.
#[expect(clippy::print_stdout, reason = "the measurements are the output")]
pub(crate) async fn run(plan: Plan) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let ours = [Server::fanlight(&definition::one_mock(folder.path())?).await?];
    let reference = [Server::bare("axum").await?];
    let request = load::get(definition::MOCK);
    same_answer(&ours, &reference, &request).await?;

    println!("mock: GET {} as a MOCK integration, against a bare axum handler; {CONNECTIONS} connections", definition::MOCK);
    let side = |name, servers| Side {
        name,
        servers,
        behind: &[],
        connections: CONNECTIONS,
        requests: [request.clone()].into(),
    };
    let comparison = compare::alternate(plan, &side("fanlight", &ours), &side("axum", &reference)).await?;
    comparison.promised("mock", MIN);
    stop(ours.into_iter().chain(reference)).await
}

/// Stops servers, the first one first.
pub(crate) async fn stop(servers: impl IntoIterator<Item = Server>) -> Result<()> {
    for server in servers {
        server.stop().await?;
    }
    Ok(())
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
