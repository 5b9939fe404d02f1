//! Paths as HTTP APIs show them: decoded, and function URLs: as they were sent.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use crate::{exchange::Exchange, query, stage::StageSnapshot};
use fanlight_definition::resources::{HttpApiKind, HttpStage};
use std::borrow::Cow;

/// Undoes percent-encoding.
#[must_use]
pub fn decoded(path: &str) -> Cow<'_, str> {
    if !path.contains('%') {
        return Cow::Borrowed(path);
    }
    Cow::Owned(String::from_utf8_lossy(&query::percent_decode(path)).into_owned())
}

/// The path as it was sent, with the stage unless that is `$default`; a custom domain shows its base path instead.
#[must_use]
pub fn sent<'a>(stage: &StageSnapshot, exchange: &'a Exchange) -> Cow<'a, str> {
    if exchange.request.base_path.is_some() {
        return Cow::Borrowed(exchange.request.uri.path());
    }
    if stage.name == HttpStage::DEFAULT {
        return Cow::Borrowed(exchange.path());
    }
    Cow::Owned(format!("/{}{}", stage.name, exchange.path()))
}

/// `rawPath`: decoded, and cut off at a decoded `?`, as was recorded; a function URL shows it as it was sent.
#[must_use]
pub fn raw<'a>(kind: HttpApiKind, stage: &StageSnapshot, exchange: &'a Exchange) -> Cow<'a, str> {
    let sent = sent(stage, exchange);
    match kind {
        HttpApiKind::FunctionUrl => sent,
        HttpApiKind::Api => {
            let decoded = decoded(&sent).into_owned();
            Cow::Owned(decoded.split('?').next().unwrap_or_default().to_owned())
        }
    }
}

/// `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{VERB}/{path}`: the ARN that policies speak of. Slashes that make
/// no difference are left out.
#[must_use]
pub fn route_arn(stage: &StageSnapshot, exchange: &Exchange) -> String {
    let deployment = &stage.deployment;
    let segments: Vec<&str> = exchange.path().split('/').filter(|segment| !segment.is_empty()).collect();
    format!(
        "arn:aws:execute-api:{}:{}:{}/{}/{}/{}",
        deployment.region,
        deployment.account_id,
        deployment.api_id,
        stage.name,
        exchange.request.method,
        segments.join("/")
    )
}
