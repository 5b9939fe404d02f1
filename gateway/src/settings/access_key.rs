//! `[[access_keys]]`: whose signed requests are accepted.
//!
//! AWS: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html>

use fanlight_aws_wire::Secret;
use fanlight_definition::{
    Diagnostic, Place,
    resources::{Authorization, HttpApi, HttpAuthorization, RestApi},
};
use fanlight_execute::{authorize::iam, caller::SignedIdentity};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, de::Error as _};
use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::Arc,
};

/// One key.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessKey {
    /// `AKIA..`, which requests show.
    id: String,
    /// The secret access key, which they do not.
    secret: String,
    /// The session token of temporary credentials.
    session_token: Option<String>,
    /// When temporary credentials end.
    #[serde(default, deserialize_with = "timestamp")]
    expires: Option<Timestamp>,
    /// `arn:aws:iam::{account}:user/{id}` unless it says otherwise.
    user_arn: Option<String>,
    /// `AIDA..`, the unique id of the user; the key's id unless it says otherwise.
    user_id: Option<String>,
    /// The account of the user; the ARN's or the host's own unless it says otherwise.
    account_id: Option<String>,
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "AccessKey({})", self.id)
    }
}

fn timestamp<'a, D: Deserializer<'a>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(|error| D::Error::custom(format!("`{text}` is no time: {error}")))
}

/// What is wrong with the keys, if anything.
pub(super) fn check(keys: &[AccessKey]) -> Result<(), String> {
    let mut known = HashSet::new();
    for key in keys {
        let wrong = |what: &str| Err(format!("`access_keys`: {what} of the key `{}`", key.id));
        if key.id.is_empty() || key.id.contains('/') {
            return wrong("the `id` is empty or has a slash, which no signature can name,");
        }
        if key.secret.is_empty() {
            return wrong("the `secret` is empty, so that everybody could sign,");
        }
        if key.session_token.as_ref().is_some_and(String::is_empty) {
            return wrong("the `session_token` is empty; leave it out");
        }
        if key.user_arn.as_ref().is_some_and(|arn| account_of(arn).is_none()) {
            return wrong("the `user_arn` is no ARN `arn:aws:iam::{account}:..`");
        }
        if !known.insert(&key.id) {
            return Err(format!("`access_keys`: there are two keys `{}`", key.id));
        }
    }
    Ok(())
}

/// The account in an ARN of IAM or STS.
fn account_of(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    let (prefix, _, service, _) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let (account, resource) = (parts.next()?, parts.next()?);
    (prefix == "arn" && matches!(service, "iam" | "sts") && !account.is_empty() && !resource.is_empty())
        .then_some(account)
}

/// The keys by id, for the lifecycle.
pub(crate) fn table(keys: &[AccessKey], account_id: &str) -> HashMap<String, Arc<iam::AccessKey>> {
    keys.iter().map(|key| (key.id.clone(), Arc::new(key.compiled(account_id)))).collect()
}

impl AccessKey {
    fn compiled(&self, account_id: &str) -> iam::AccessKey {
        let of_arn = self.user_arn.as_deref().and_then(account_of);
        let account_id = self.account_id.as_deref().or(of_arn).unwrap_or(account_id);
        let user = self.user_id.clone().unwrap_or_else(|| self.id.clone());
        iam::AccessKey {
            secret: Secret { key: self.secret.clone(), session_token: self.session_token.clone() },
            expires_unix_ms: self.expires.map(Timestamp::as_millisecond),
            identity: Arc::new(SignedIdentity {
                access_key: self.id.clone(),
                account_id: account_id.to_owned(),
                caller: user.clone(),
                user,
                user_arn: self
                    .user_arn
                    .clone()
                    .unwrap_or_else(|| format!("arn:aws:iam::{account_id}:user/{}", self.id)),
            }),
        }
    }
}

/// Says so when an API asks for signatures and nobody has a key.
pub(crate) fn judge(api: &RestApi, keys: &[AccessKey], diagnostics: &mut Vec<Diagnostic>) {
    let mut methods = api.resources.iter().flat_map(|resource| &resource.methods);
    let signed = methods.find(|method| method.authorization == Authorization::Iam);
    warn(signed.map(|method| &method.place), keys, "method", diagnostics);
}

/// The same for an HTTP API or a function URL.
pub(crate) fn judge_http(api: &HttpApi, keys: &[AccessKey], diagnostics: &mut Vec<Diagnostic>) {
    let signed = api.routes.iter().find(|route| route.authorization == HttpAuthorization::Iam);
    warn(signed.map(|route| &route.place), keys, "route", diagnostics);
}

fn warn(signed: Option<&Place>, keys: &[AccessKey], what: &str, diagnostics: &mut Vec<Diagnostic>) {
    if let (Some(place), true) = (signed, keys.is_empty()) {
        let message =
            format!("nobody has an access key, so every call of a {what} with `AWS_IAM` authorization is refused");
        let help = "add `[[access_keys]]` with `id` and `secret` to fanlight.toml";
        diagnostics.push(Diagnostic::warning(place, message).help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    fn keys(text: &str) -> Result<Vec<AccessKey>, String> {
        let settings: Settings = toml::from_str(text).map_err(|error| error.to_string())?;
        check(&settings.access_keys).map(|()| settings.access_keys)
    }

    #[test]
    fn a_key_has_an_owner() {
        let rows = [
            ("", "arn:aws:iam::111122223333:user/AK", "111122223333", "AK"),
            (
                "user_arn = 'arn:aws:iam::444455556666:user/ann'",
                "arn:aws:iam::444455556666:user/ann",
                "444455556666",
                "AK",
            ),
            ("account_id = '7'\nuser_id = 'AIDA1'", "arn:aws:iam::7:user/AK", "7", "AIDA1"),
        ];
        for (more, arn, account, user) in rows {
            let keys = keys(&format!("[[access_keys]]\nid = 'AK'\nsecret = 's'\n{more}\n")).unwrap();
            let table = table(&keys, "111122223333");
            let identity = &table["AK"].identity;
            assert_eq!(
                (identity.user_arn.as_str(), identity.account_id.as_str(), identity.user.as_str()),
                (arn, account, user)
            );
        }
    }

    #[test]
    fn keys_that_could_be_anybodys_are_refused() {
        for (more, reason) in [
            ("id = 'a'\nsecret = ''", "`secret`"),
            ("id = 'a/b'\nsecret = 's'", "`id`"),
            ("id = 'a'\nsecret = 's'\nsession_token = ''", "`session_token`"),
            ("id = 'a'\nsecret = 's'\nuser_arn = 'ann'", "`user_arn`"),
            ("id = 'a'\nsecret = 's'\n[[access_keys]]\nid = 'a'\nsecret = 't'", "two keys"),
            ("id = 'a'\nsecret = 's'\nsecrets = 't'", "`secrets`"),
            ("id = 'a'\nsecret = 's'\nexpires = 'soon'", "`soon`"),
        ] {
            let error = keys(&format!("[[access_keys]]\n{more}\n")).unwrap_err();
            assert!(error.contains(reason), "{more}: {error}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let keys = keys("[[access_keys]]\nid = 'AK'\nsecret = 'hidden'\nexpires = '2026-11-22T10:44:26Z'\n").unwrap();
        assert_eq!(format!("{keys:?}"), "[AccessKey(AK)]");
        assert_eq!(keys[0].compiled("1").expires_unix_ms, Some(1_795_344_266_000));
    }
}
