//! The settings of a scenario, as the host would hand them to the lifecycle in process.

use crate::{plan::Plan, scripted::DOMAIN};
use fanlight_aws_wire::Secret;
use fanlight_execute::{
    authorize::{
        cognito::{Configured, UserPools},
        iam::AccessKey,
        jwt::{KeySet, key_source::KeySource},
    },
    caller::SignedIdentity,
};
use std::{collections::HashMap, sync::Arc};

/// The tables of a list.
fn tables(plan: &Plan, name: &str) -> Vec<toml::Value> {
    let mut text =
        plan.files.iter().find(|(name, _)| name == "fanlight.toml").map_or_else(String::new, |(_, text)| text.clone());
    for upstream in &plan.upstreams {
        text = text.replace(&format!("[UPSTREAM {}]", upstream.name), &format!("{}{DOMAIN}", upstream.name));
    }
    let settings: toml::Table = text.parse().unwrap_or_default();
    settings.get(name).and_then(toml::Value::as_array).cloned().unwrap_or_default()
}

/// The `[[access_keys]]` of the settings, as the host would hand them on.
#[must_use]
pub fn access_keys(plan: &Plan) -> HashMap<String, Arc<AccessKey>> {
    let one = |key: &toml::Value| {
        let text = |name: &str| key.get(name).and_then(toml::Value::as_str).map(ToOwned::to_owned);
        let id = text("id")?;
        let user_arn = text("user_arn").unwrap_or_else(|| format!("arn:aws:iam::000000000000:user/{id}"));
        let user = text("user_id").unwrap_or_else(|| id.clone());
        let identity = Arc::new(SignedIdentity {
            access_key: id.clone(),
            account_id: user_arn.split(':').nth(4)?.to_owned(),
            caller: user.clone(),
            user,
            user_arn,
        });
        let ended = text("expires").map(|time| if time.as_str() < "2026-11-22T10:44:26Z" { 0 } else { i64::MAX });
        let secret = Secret { key: text("secret")?, session_token: text("session_token") };
        Some((id, Arc::new(AccessKey { secret, expires_unix_ms: ended, identity })))
    };
    tables(plan, "access_keys").iter().filter_map(one).collect()
}

/// The `[[user_pools]]`.
#[must_use]
pub fn user_pools(plan: &Plan) -> UserPools {
    let one = |pool: &toml::Value| {
        let text = |name: &str| pool.get(name).and_then(toml::Value::as_str);
        let jwks = text("jwks")?;
        let file = plan.files.iter().find(|(name, _)| name == jwks);
        let keys = match file {
            Some((_, text)) => KeySource::Fixed(Arc::new(KeySet::parse(text.as_bytes()).ok()?)),
            None => KeySource::Address(jwks.into()),
        };
        Some((text("id")?.to_owned(), Configured { issuer: text("issuer").map(Arc::from), keys }))
    };
    UserPools { configured: tables(plan, "user_pools").iter().filter_map(one).collect(), ..UserPools::default() }
}
