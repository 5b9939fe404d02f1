//! The services that stand here for AWS's, joined to the store and the clock.

use crate::{backends::Clock, limits};
use bytes::Bytes;
use fanlight_aws_wire::Service as Which;
use fanlight_execute::{
    Body,
    backends::{HttpFailure, HttpResponse, ServiceRequest},
};
use fanlight_services::{BoxFuture, Caller, Owner, Request, sqs::Sqs};
use fanlight_store::Store;
use std::{sync::Arc, time::Duration};

/// The services of a host.
#[derive(Debug)]
pub(crate) struct Sinks {
    pub(crate) store: Arc<dyn Store>,
    all: fanlight_services::Sinks,
}

impl Sinks {
    /// `port` is where SDKs reach them, part of the URLs that they give out.
    pub(crate) fn new(store: Arc<dyn Store>, clock: Clock, port: u16) -> Self {
        let shared: Arc<dyn fanlight_services::Clock> = Arc::new(Machine(clock));
        let sqs = Arc::new(Sqs::new(Arc::clone(&store), Arc::clone(&shared), &format!("http://127.0.0.1:{port}")));
        let all = fanlight_services::Sinks::new(Arc::clone(&store), shared).with(Which::Sqs, sqs);
        Self { store, all }
    }

    /// Answers a method's integration.
    pub(crate) async fn integration(&self, request: ServiceRequest) -> Result<HttpResponse, HttpFailure> {
        let ServiceRequest { service, region, account_id, request_id, http } = request;
        let body = http.body.read_limited(limits::SERVICE_REQUEST_BYTES).await.map_err(HttpFailure::RequestBody)?;
        let uri: http::Uri = http
            .uri
            .parse()
            .map_err(|error| HttpFailure::InvalidAddress(format!("`{}` is no address: {error}", http.uri)))?;
        let target = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let owner = Owner { region, account_id };
        let caller = Caller::Integration(request_id);
        let request = Request { service, owner, target, headers: &http.headers, body: &body, caller };
        let (parts, body) = self.all.answer(request).await.into_parts();
        Ok(HttpResponse { status: parts.status, headers: parts.headers, body: Body::Buffered(Bytes::from(body)) })
    }

    /// Answers an SDK.
    pub(crate) async fn sdk(&self, request: Request<'_>) -> http::Response<Vec<u8>> {
        self.all.answer(request).await
    }
}

/// The machine's clock.
#[derive(Debug)]
struct Machine(Clock);

impl fanlight_services::Clock for Machine {
    fn now_ms(&self) -> i64 {
        self.0.now().unix_ms
    }

    fn sleep_until(&self, at_ms: i64) -> BoxFuture<'_, ()> {
        let left = u64::try_from(at_ms - self.now_ms()).unwrap_or(0);
        Box::pin(tokio::time::sleep(Duration::from_millis(left)))
    }
}
