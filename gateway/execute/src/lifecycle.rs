//! Which lifecycle a request goes through: that of its API's kind.

use crate::{
    backends::Backends,
    body::Body,
    deployment::Protocol,
    exchange::{Exchange, Request, Response},
    http_api, rest,
    stage::StageSnapshot,
    trace::Trace,
};

/// Serves one request.
pub async fn serve(
    stage: &StageSnapshot,
    backends: &dyn Backends,
    request: Request,
    body: Body,
    trace: Trace,
) -> (Response, Exchange) {
    match &stage.deployment.protocol {
        Protocol::Rest => rest::serve(stage, backends, request, body, trace).await,
        Protocol::Http(api) => http_api::serve((api, stage), backends, request, body, trace).await,
    }
}
