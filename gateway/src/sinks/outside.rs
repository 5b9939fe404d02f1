//! What topics reach: the functions of whatever site is served, and web servers.

use crate::{limits, print::Printer, site::Site, upstream::Upstream};
use arc_swap::ArcSwap;
use bytes::Bytes;
use fanlight_execute::{
    Body,
    backends::{HttpRequest, Verification},
    exchange,
};
use fanlight_runtime::{Invocation, InvokeError};
use fanlight_services::{
    BoxFuture,
    sns::{Deliver, Invoke, Undelivered},
};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// The functions of the site that is served. Nobody here keeps a site, so that its functions can end.
#[derive(Debug, Default)]
pub(super) struct Functions(Mutex<Weak<ArcSwap<Site>>>);

impl Functions {
    /// Joins the site.
    pub(super) fn join(&self, site: Weak<ArcSwap<Site>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = site;
    }
}

/// Runs a function of the site that is served now. Gives what it returned.
pub(super) async fn invoke(site: &Weak<ArcSwap<Site>>, function: &str, event: &Value) -> Result<Bytes, Undelivered> {
    let stopping = || Undelivered::ForNow("the host is stopping".to_owned());
    let site = site.upgrade().ok_or_else(stopping)?.load_full();
    let unknown = || Undelivered::Permanently(format!("no function `{function}`"));
    let handle = Arc::clone(site.backends.functions.get(function).ok_or_else(unknown)?);
    drop(site);
    let invocation = Invocation {
        request_id: exchange::uuid(fastrand::u128(..)),
        payload: event.to_string().into(),
        trace_id: None,
        client_context: None,
    };
    match handle.invoke(invocation).await {
        Ok(completed) => match completed.error {
            None => Ok(completed.payload),
            Some(error) => Err(Undelivered::FunctionFailed(format!("{}: {}", error.error_type, error.message))),
        },
        Err(error @ InvokeError::CannotStart { .. }) => Err(Undelivered::FunctionFailed(error.to_string())),
        Err(error @ (InvokeError::Throttled { .. } | InvokeError::ShuttingDown(_))) => {
            Err(Undelivered::ForNow(error.to_string()))
        }
    }
}

impl Invoke for Functions {
    fn invoke<'a>(&'a self, function_arn: &'a str, event: Value) -> BoxFuture<'a, Result<(), Undelivered>> {
        let site = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Box::pin(async move {
            // arn:aws:lambda:{region}:{account}:function:{name}[:{alias}]
            let name = function_arn.split(':').nth(6).unwrap_or_default();
            invoke(&site, name, &event).await.map(|_| ())
        })
    }
}

/// Web servers that subscribe.
#[derive(Debug)]
pub(super) struct Servers {
    pub(super) upstream: Arc<Upstream>,
    pub(super) printer: Printer,
}

impl Deliver for Servers {
    fn post<'a>(
        &'a self,
        url: &'a str,
        headers: Vec<(&'static str, String)>,
        body: String,
    ) -> BoxFuture<'a, Result<u16, String>> {
        Box::pin(async move {
            let mut map = http::HeaderMap::new();
            for (name, value) in headers {
                let value = http::HeaderValue::from_str(&value).map_err(|error| error.to_string())?;
                map.insert(http::HeaderName::from_static(name), value);
            }
            let request = HttpRequest {
                method: http::Method::POST,
                uri: url.to_owned(),
                headers: map,
                body: Body::Buffered(body.into()),
                vpc_link: None,
                verification: Verification::Full,
            };
            let sent = tokio::time::timeout(limits::DELIVERY, self.upstream.send(request, None)).await;
            match sent.map_err(|_| format!("no answer within {} s", limits::DELIVERY.as_secs()))? {
                Ok(response) => Ok(response.status.as_u16()),
                Err(failure) => Err(format!("{failure:?}")),
            }
        })
    }

    fn discarded(&self, subscription_arn: &str, reason: &str) {
        self.printer.line(format!("a message for {subscription_arn} is lost: {reason}; a RedrivePolicy would keep it"));
    }
}
