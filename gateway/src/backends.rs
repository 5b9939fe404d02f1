//! What the lifecycle reaches, joined to what there is: functions, the outbound client, the machine's clock.

use crate::{functions::Functions, quotas::Quotas, settings, sinks::Sinks, upstream::Upstream};
use fanlight_execute::{
    authorize::{self, cognito::UserPools, iam::AccessKey},
    backends::{
        Backends, BoxFuture, FunctionRequest, FunctionResponse, HttpFailure, HttpRequest, HttpResponse, InvokeFailure,
        Moment, ServiceRequest,
    },
    exchange,
    quota::{self, CountFailure, Counter},
    stage_cache::entries,
    throttle::{self, BucketId, Buckets, Throttle},
};
use fanlight_runtime::{Invocation, InvokeError};
use serde_json::json;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::time::Instant;

/// The machine's clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now() }
    }

    pub(crate) fn now(self) -> Moment {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment { unix_ms: i64::try_from(unix.as_millis()).unwrap_or(i64::MAX), monotonic: self.start.elapsed() }
    }
}

/// The backends of one site.
#[derive(Debug)]
pub(crate) struct HostBackends {
    pub(crate) clock: Clock,
    pub(crate) functions: Functions,
    pub(crate) upstream: Arc<Upstream>,
    /// Whose signed requests are accepted.
    pub(crate) access_keys: HashMap<String, Arc<AccessKey>>,
    /// Where tokens come from.
    pub(crate) user_pools: UserPools,
    /// A new revision begins with an empty one.
    pub(crate) authorizer_cache: authorize::cache::Cache,
    pub(crate) buckets: Arc<Buckets>,
    pub(crate) quotas: Arc<Quotas>,
    pub(crate) sinks: Arc<Sinks>,
    /// What stands for VPC links, by their ids.
    pub(crate) vpc_links: BTreeMap<String, String>,
    /// A new revision begins with an empty one.
    pub(crate) stage_cache: entries::Cache,
}

impl Backends for HostBackends {
    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn sleep_until(&self, deadline: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep_until(self.clock.start + deadline))
    }

    fn random(&self) -> u64 {
        fastrand::u64(..)
    }

    fn invoke<'a>(
        &'a self,
        function: &'a str,
        request: FunctionRequest,
    ) -> BoxFuture<'a, Result<FunctionResponse, InvokeFailure>> {
        Box::pin(async move {
            let found =
                self.functions.get(function).ok_or_else(|| InvokeFailure(format!("no function `{function}`")))?;
            let request_id = exchange::uuid(fastrand::u128(..));
            let invocation = Invocation {
                request_id: request_id.clone(),
                payload: request.payload,
                trace_id: Some(request.trace_id),
                client_context: None,
            };
            let completed = match found.invoke(invocation).await {
                Ok(completed) => completed,
                Err(error @ InvokeError::CannotStart { .. }) => {
                    // For Lambda that is the function's fault: it was invoked, and failed.
                    let error_type = "Runtime.InvalidEntrypoint";
                    let payload = json!({ "errorType": error_type, "errorMessage": error.to_string() }).to_string();
                    let error = Some(format!("{error_type}: {error}"));
                    return Ok(FunctionResponse { request_id, payload: payload.into(), error });
                }
                Err(error @ (InvokeError::Throttled { .. } | InvokeError::ShuttingDown(_))) => {
                    return Err(InvokeFailure(error.to_string()));
                }
            };
            let error = completed.error.map(|error| format!("{}: {}", error.error_type, error.message));
            Ok(FunctionResponse { request_id, payload: completed.payload, error })
        })
    }

    fn access_key(&self, id: &str) -> Option<Arc<AccessKey>> {
        self.access_keys.get(id).cloned()
    }

    fn user_pools(&self) -> &UserPools {
        &self.user_pools
    }

    fn authorizer_cache(&self) -> &authorize::cache::Cache {
        &self.authorizer_cache
    }

    fn stage_cache(&self) -> &entries::Cache {
        &self.stage_cache
    }

    fn take_token(&self, bucket: BucketId, throttle: &Throttle, now: Duration) -> throttle::Decision {
        self.buckets.take(bucket, throttle, now)
    }

    fn count<'a>(&'a self, counter: Counter<'a>) -> BoxFuture<'a, Result<quota::Decision, CountFailure>> {
        Box::pin(self.quotas.count(counter))
    }

    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, HttpFailure>> {
        Box::pin(async move {
            let target = match &request.vpc_link {
                None => None,
                Some(id) => Some(self.vpc_links.get(id).ok_or_else(|| {
                    HttpFailure::InvalidAddress(format!("the VPC link `{id}` has no target in {}", settings::FILE))
                })?),
            };
            self.upstream.send(request, target.map(String::as_str)).await
        })
    }

    fn service(&self, request: ServiceRequest) -> BoxFuture<'_, Result<HttpResponse, HttpFailure>> {
        Box::pin(self.sinks.integration(request))
    }
}
