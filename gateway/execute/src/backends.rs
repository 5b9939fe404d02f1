//! The one seam for everything that a step of the lifecycle may reach.

use crate::{
    authorize::{cache::Cache, cognito::UserPools, iam::AccessKey},
    body::Body,
    quota::{self, CountFailure, Counter},
    stage_cache::entries,
    throttle::{self, BucketId, Throttle},
};
use bytes::Bytes;
use fanlight_aws_wire::Service;
use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

/// A future that is boxed because it crosses a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A point in time on both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since 1970, for people and tokens.
    pub unix_ms: i64,
    /// Time since some fixed start, never going back, for deadlines and durations.
    pub monotonic: Duration,
}

/// What the lifecycle reaches: functions, web servers, time, chance.
pub trait Backends: Send + Sync + fmt::Debug {
    /// The time.
    fn now(&self) -> Moment;

    /// Resolves when `deadline` on the monotonic clock has come.
    fn sleep_until(&self, deadline: Duration) -> BoxFuture<'_, ()>;

    /// Unpredictable enough for ids, not for secrets.
    fn random(&self) -> u64;

    /// Invokes the function of that name.
    fn invoke<'a>(
        &'a self,
        function: &'a str,
        invocation: FunctionRequest,
    ) -> BoxFuture<'a, Result<FunctionResponse, InvokeFailure>>;

    /// The access key of that id.
    fn access_key(&self, id: &str) -> Option<Arc<AccessKey>>;

    /// User pools and their keys.
    fn user_pools(&self) -> &UserPools;

    /// What Lambda authorizers answered.
    fn authorizer_cache(&self) -> &Cache;

    /// Takes a token from a bucket; one that nobody has taken from is full.
    fn take_token(&self, bucket: BucketId, throttle: &Throttle, now: Duration) -> throttle::Decision;

    /// Counts a request against a quota.
    fn count<'a>(&'a self, counter: Counter<'a>) -> BoxFuture<'a, Result<quota::Decision, CountFailure>>;

    /// What endpoints answered to cached methods.
    fn stage_cache(&self) -> &entries::Cache;

    /// Sends a request to a web server, without following redirects.
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, HttpFailure>>;

    /// Calls a service of AWS, or what stands for it here.
    fn service(&self, request: ServiceRequest) -> BoxFuture<'_, Result<HttpResponse, HttpFailure>>;
}

/// A synchronous invocation.
#[derive(Debug, Clone)]
pub struct FunctionRequest {
    /// The gateway's request id; the function has its own.
    pub request_id: String,
    /// The event.
    pub payload: Bytes,
    /// `X-Amzn-Trace-Id`.
    pub trace_id: String,
}

/// What came back from a function.
#[derive(Debug, Clone)]
pub struct FunctionResponse {
    /// The function's own request id.
    pub request_id: String,
    /// The response, or the error document.
    pub payload: Bytes,
    /// `errorMessage` when the function failed.
    pub error: Option<String>,
}

/// Why a function was not run. The reason is for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvokeFailure(pub String);

/// A request to a web server.
#[derive(Debug)]
pub struct HttpRequest {
    /// The verb.
    pub method: http::Method,
    /// The whole address.
    pub uri: String,
    /// Headers as they go out; `host` overrides the address's.
    pub headers: http::HeaderMap,
    /// The body.
    pub body: Body,
    /// The VPC link that leads to the server: its target is connected to, whatever the address's host.
    pub vpc_link: Option<String>,
    /// What is checked of the server's certificate.
    pub verification: Verification,
}

/// A call of a service, as it would go to AWS but for the signature.
#[derive(Debug)]
pub struct ServiceRequest {
    /// The service.
    pub service: Service,
    /// `us-east-1`
    pub region: String,
    /// Whose resources are called.
    pub account_id: String,
    /// The exchange's.
    pub request_id: String,
    /// The call.
    pub http: HttpRequest,
}

/// What is checked of a server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Verification {
    /// Everything.
    #[default]
    Full,
    /// Name and dates, but not who has issued it.
    AnyIssuer,
}

/// What came back from a web server.
#[derive(Debug)]
pub struct HttpResponse {
    /// The status.
    pub status: http::StatusCode,
    /// The headers as they came.
    pub headers: http::HeaderMap,
    /// The body.
    pub body: Body,
}

/// Why a web server gave no response. Reasons are for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HttpFailure {
    /// The address is none, its host is unknown, or the host's settings forbid it.
    InvalidAddress(String),
    /// Refused, reset, or no HTTP.
    Network(String),
    /// The client's own body broke off while it was passed on.
    RequestBody(crate::body::BodyError),
}
