//! Bare servers to compare with: what an application without a gateway would be.

use crate::{Result, lifecycle};
use axum::{
    Router,
    http::{HeaderValue, header},
    response::IntoResponse,
    routing::get,
    serve::ListenerExt,
};
use clap::ValueEnum;
use std::net::Ipv4Addr;
use tokio::net::TcpListener;

/// The body that the MOCK method and the bare server give.
pub(crate) const BODY: &str = r#"{"ok":true}"#;

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// An axum handler that answers `{"ok":true}`
    Axum,
    /// An axum handler that validates the body
    Validating,
}

/// Serves until it is killed.
pub(crate) fn run(kind: Kind) -> Result<()> {
    let router = match kind {
        Kind::Axum => Router::new().route("/mock", get(answer)),
        Kind::Validating => lifecycle::router()?,
    };
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(axum(router))
}

#[expect(clippy::print_stdout, reason = "the parent waits for the address")]
async fn axum(router: Router) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("ready on http://{}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| {
        // As the host does; a refusal changes nothing here.
        let _same = stream.set_nodelay(true);
    });
    axum::serve(listener, router).await?;
    Ok(())
}

async fn answer() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], BODY)
}
