//! The ARN of a method and a path, which policies speak of.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html>

use crate::{deployment::Deployment, exchange::Exchange, stage::StageSnapshot};

/// `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{VERB}/{path}`: the actual verb and path, percent-encoded as the
/// client sent it. Slashes that make no difference to the router are left out, so that a policy cannot be avoided by them.
#[must_use]
pub fn of(stage: &StageSnapshot, exchange: &Exchange) -> String {
    let Deployment { region, account_id, api_id, .. } = stage.deployment.as_ref();
    let path = exchange.path();
    let parts = [region, ":", account_id, ":", api_id, "/", &stage.name, "/", exchange.verb_name(), "/"];
    let mut arn = String::with_capacity(24 + parts.iter().map(|part| part.len()).sum::<usize>() + path.len());
    arn.push_str("arn:aws:execute-api:");
    arn.extend(parts);
    let mut separator = "";
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        arn.extend([separator, segment]);
        separator = "/";
    }
    arn
}

/// The same with most of the account hidden, as messages show it.
#[must_use]
pub fn masked(stage: &StageSnapshot, exchange: &Exchange) -> String {
    let account = &stage.deployment.account_id;
    let shown = account.get(account.len().saturating_sub(4)..).unwrap_or_default();
    of(stage, exchange).replacen(account.as_str(), &format!("********{shown}"), 1)
}
