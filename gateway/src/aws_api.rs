//! The services' own APIs, for SDKs: `--control-port`.
//!
//! Signatures are asked for and not verified: whoever reaches the port may do everything, so it is open to this machine
//! only. A web page cannot send a signature without the browser asking first, and is not answered.

use crate::{limits, sinks::Sinks};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    response::IntoResponse,
};
use fanlight_aws_wire::{Claim, Service, protocol::query};
use fanlight_services::{Caller, Owner};
use http::{Response, StatusCode};
use std::{net::Ipv4Addr, sync::Arc};
use tokio::net::TcpListener;

/// What the API reaches.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    pub(crate) sinks: Arc<Sinks>,
    /// Whose resources are called.
    pub(crate) account_id: Arc<str>,
}

/// Opens the port, for this machine only.
///
/// # Errors
/// What to tell the user.
pub(crate) async fn bind(port: u16) -> Result<TcpListener, String> {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    bound.map_err(|error| format!("cannot listen on 127.0.0.1:{port} for --control-port: {error}"))
}

/// Answers, for ever.
pub(crate) async fn serve(listener: TcpListener, api: Api) -> std::io::Result<()> {
    axum::serve(listener, Router::new().fallback(answer).with_state(api)).await
}

async fn answer(State(Api { sinks, account_id }): State<Api>, request: Request) -> impl IntoResponse {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let (service, region) = match scope(&parts.headers, target) {
        Ok(scope) => scope,
        Err(message) => return refused(StatusCode::FORBIDDEN, &message),
    };
    let limit = usize::try_from(limits::SERVICE_REQUEST_BYTES).unwrap_or(usize::MAX);
    let Ok(body) = to_bytes(body, limit).await else {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "the request is too large");
    };
    let owner = Owner { region, account_id: account_id.to_string() };
    let request = fanlight_services::Request {
        service,
        owner,
        target,
        headers: &parts.headers,
        body: &body,
        caller: Caller::Sdk,
    };
    sinks.sdk(request).await.map(Body::from)
}

/// The service and the region that a signature is for.
fn scope(headers: &http::HeaderMap, target: &str) -> Result<(Service, String), String> {
    if let Some(region) = confirmed(target) {
        return Ok((Service::Sns, region));
    }
    let claim = Claim::read(headers, target).ok().flatten().ok_or("Missing Authentication Token")?;
    let service = Service::named(&claim.service).ok_or_else(|| format!("there is no `{}` here", claim.service))?;
    Ok((service, claim.region))
}

/// The region of a topic whose subscriber visits its `SubscribeURL`: what it was told is its proof.
fn confirmed(target: &str) -> Option<String> {
    let pairs = query::pairs(target.split_once('?')?.1);
    let value = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    value("Action").filter(|action| *action == "ConfirmSubscription")?;
    value("TopicArn")?.split(':').nth(3).map(str::to_owned)
}

fn refused(status: StatusCode, message: &str) -> Response<Body> {
    let body = serde_json::json!({ "__type": "AccessDeniedException", "message": message }).to_string();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response
}
