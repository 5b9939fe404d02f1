//! A web server behind an HTTP_PROXY integration against the web server itself.

use crate::{
    Plan, Result,
    compare::{self, Side},
    definition,
    load::{self, CONNECTIONS},
    process::{self, Server},
};
use serde_json::json;
use std::sync::Arc;

/// Measures.
#[expect(clippy::print_stdout, reason = "the measurements are the output")]
pub(crate) async fn run(plan: Plan) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let reference = [Server::bare("axum").await?];
    let [upstream] = &reference;
    let integration = definition::get(&json!({
        "type": "http_proxy",
        "httpMethod": "GET",
        "uri": format!("http://{}{}", upstream.address, definition::MOCK),
    }));
    let paths = [(definition::MOCK.to_owned(), integration)].into_iter().collect();
    let ours = [Server::fanlight(&definition::write(folder.path(), &paths)?).await?];
    let request = load::get(definition::MOCK);
    compare::same_answer(&ours, &reference, &request).await?;
    let requests: Arc<[Vec<u8>]> = [request].into();

    println!("http-proxy: an axum server behind HTTP_PROXY, against itself; {CONNECTIONS} connections");
    println!("  the CPU time of our side includes the server's behind it");
    let behind = [upstream.id];
    let side = |name, servers, behind| Side {
        name,
        servers,
        behind,
        connections: CONNECTIONS,
        requests: Arc::clone(&requests),
    };
    let comparison =
        compare::alternate(plan, &side("fanlight", &ours, &behind), &side("direct", &reference, &[])).await?;
    comparison.orientation("http-proxy");
    process::stop(ours.into_iter().chain(reference)).await
}
