//! `AWS` with another service than Lambda: a call of the service's API, made of what is mapped to it.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/getting-started-aws-proxy.html>

use super::http::{self, Http};
use crate::{backends::ServiceRequest, deployment::Method, exchange::Exchange, failure::Failure, stage::StageSnapshot};
use ::http::{HeaderMap, HeaderName, HeaderValue, header};
use bytes::Bytes;
use fanlight_aws_wire::Service;
use std::sync::Arc;

/// A compiled service integration.
#[derive(Debug)]
pub struct AwsService {
    /// The service.
    pub service: Service,
    /// Where it is called.
    pub region: String,
    /// The call as a custom HTTP integration with the service's own address.
    pub http: Http,
    /// The operation of `action/` in the header that JSON services look for it.
    pub action: Option<ActionHeader>,
    /// As defined, for people.
    pub target: Arc<str>,
}

/// `X-Amz-Target` for an `action/`. What a mapping or a template says wins.
#[derive(Debug)]
pub struct ActionHeader {
    /// `DynamoDB_20120810.GetItem`
    pub value: HeaderValue,
    /// `application/x-amz-json-1.0`
    pub content_type: HeaderValue,
    /// When it is sent.
    pub sent: ActionSent,
}

/// When `X-Amz-Target` is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionSent {
    /// With each call: the service speaks nothing else.
    Always,
    /// With a body that says it is AWS JSON; others are of the Query protocol.
    WithJson,
}

const TARGET: HeaderName = HeaderName::from_static("x-amz-target");
const JSON: &str = "application/x-amz-json-";

/// Makes the call.
///
/// # Errors
/// What a template or a mapping fails with.
pub fn request(
    integration: &AwsService,
    method: &Method,
    stage: &StageSnapshot,
    exchange: &mut Exchange,
    body: Bytes,
) -> Result<ServiceRequest, Failure> {
    let mut http = http::request(&integration.http, method, stage, exchange, body)?;
    if let Some(action) = &integration.action {
        name_action(action, &mut http.headers);
    }
    Ok(ServiceRequest {
        service: integration.service,
        region: integration.region.clone(),
        account_id: stage.deployment.account_id.clone(),
        request_id: exchange.id.clone(),
        http,
    })
}

fn name_action(action: &ActionHeader, headers: &mut HeaderMap) {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_json = content_type.is_some_and(|value| value.starts_with(JSON));
    match action.sent {
        ActionSent::Always if !is_json => {
            headers.insert(header::CONTENT_TYPE, action.content_type.clone());
        }
        ActionSent::WithJson if !is_json => return,
        ActionSent::Always | ActionSent::WithJson => {}
    }
    if !headers.contains_key(TARGET) {
        headers.insert(TARGET, action.value.clone());
    }
}
