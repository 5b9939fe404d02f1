//! JSON web tokens: reads them without trusting them, verifies their signature, and judges their times.
//!
//! A token chooses nothing: not the algorithm, which must be one of those allowed and fit the key; not where keys come from,
//! so `jku`, `jwk`, `x5u` and `x5c` are not looked at; and its `kid` is compared with those of the keys and used for
//! nothing else.
//!
//! RFC: <https://www.rfc-editor.org/rfc/rfc8725>

pub mod key_set;
pub mod key_source;

pub use key_set::{Key, KeySet};

use crate::limits;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::{Map, Value};
use std::fmt;

/// Why a token is refused. Reasons are for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It is no token, or not one of these.
    Invalid(String),
    /// It was one.
    Expired,
}

fn invalid(reason: impl Into<String>) -> Refusal {
    Refusal::Invalid(reason.into())
}

/// A token as it was sent: nothing in it is to be believed.
#[derive(Debug)]
pub struct Unverified<'a> {
    /// What must be signed.
    message: &'a str,
    signature: &'a str,
    /// How it says it is signed.
    pub algorithm: Algorithm,
    /// Which key it says it is signed with.
    pub key_id: String,
    claims: Map<String, Value>,
}

/// The claims of a token that somebody with the right key has signed.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims(pub Map<String, Value>);

impl<'a> Unverified<'a> {
    /// Reads a token that is signed in one of the allowed ways.
    ///
    /// # Errors
    /// What is no such token.
    pub fn read(token: &'a str, allowed: &[Algorithm]) -> Result<Self, Refusal> {
        if token.len() > limits::TOKEN_BYTES {
            return Err(invalid("the token is too long"));
        }
        let (message, signature) = token.rsplit_once('.').ok_or_else(|| invalid("the token has no signature"))?;
        let (header, payload) = message.split_once('.').ok_or_else(|| invalid("the token has no claims"))?;
        let header = part(header, "header")?;
        // What must be understood is not.
        if header.contains_key("crit") {
            return Err(invalid("the token has critical extensions"));
        }
        let text = |name: &str| header.get(name).and_then(Value::as_str);
        let named = text("alg").unwrap_or_default();
        let algorithm = named.parse().ok().filter(|algorithm| allowed.contains(algorithm));
        let algorithm = algorithm.ok_or_else(|| invalid(format!("the algorithm `{named}` is not allowed")))?;
        let key_id = text("kid").ok_or_else(|| invalid("the token names no key"))?.to_owned();
        Ok(Self { message, signature, algorithm, key_id, claims: part(payload, "claims")? })
    }

    /// Whom the token says it is from, to find the keys that can tell.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.claims.get("iss").and_then(Value::as_str)
    }

    /// Verifies the signature.
    ///
    /// # Errors
    /// When none of the keys made it.
    pub fn verify<'k>(self, keys: impl IntoIterator<Item = &'k Key>) -> Result<Claims, Refusal> {
        let made_it = |key: &Key| key.verifies(self.signature, self.message, self.algorithm);
        if keys.into_iter().any(made_it) { Ok(Claims(self.claims)) } else { Err(invalid("the signature is wrong")) }
    }
}

/// A part of a token: a JSON object in base64.
fn part(text: &str, what: &str) -> Result<Map<String, Value>, Refusal> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|error| invalid(format!("the {what}: {error}")))?;
    let members: Members = serde_json::from_slice(&bytes).map_err(|error| invalid(format!("the {what}: {error}")))?;
    Ok(members.0)
}

/// An object each of whose members is there once: another reader might take the other one.
struct Members(Map<String, Value>);

impl<'a> Deserialize<'a> for Members {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;
        impl<'a> Visitor<'a> for Once {
            type Value = Members;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'a>>(self, mut access: A) -> Result<Members, A::Error> {
                let mut members = Map::new();
                while let Some((name, value)) = access.next_entry::<String, Value>()? {
                    if members.contains_key(&name) {
                        return Err(A::Error::custom(format!("`{name}` is there twice")));
                    }
                    members.insert(name, value);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Once)
    }
}

impl Claims {
    /// Judges `exp`, which must be there, `nbf` and `iat`.
    ///
    /// # Errors
    /// When it is over, or not yet.
    pub fn check_times(&self, unix_ms: i64) -> Result<(), Refusal> {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
        let now = unix_ms as f64 / 1000.0;
        let time = |name: &str| match self.0.get(name) {
            None => Ok(None),
            Some(value) => value.as_f64().map(Some).ok_or_else(|| invalid(format!("`{name}` is no number"))),
        };
        let expires = time("exp")?.ok_or_else(|| invalid("the token has no `exp`"))?;
        if time("nbf")?.is_some_and(|from| from > now) || time("iat")?.is_some_and(|issued| issued > now) {
            return Err(invalid("the token is from the future"));
        }
        if expires <= now { Err(Refusal::Expired) } else { Ok(()) }
    }

    /// A claim that is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// `aud`, a text or a list.
    pub fn audiences(&self) -> impl Iterator<Item = &str> {
        self.words("aud", None)
    }

    /// `scope` with spaces between, or `scp`.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        let name = if self.0.contains_key("scope") { "scope" } else { "scp" };
        self.words(name, Some(' '))
    }

    fn words(&self, name: &str, separator: Option<char>) -> impl Iterator<Item = &str> {
        let values: &[Value] = match self.0.get(name) {
            Some(Value::Array(values)) => values,
            Some(value) => std::slice::from_ref(value),
            None => &[],
        };
        let texts = values.iter().filter_map(Value::as_str);
        texts.flat_map(move |text| text.split(move |c| Some(c) == separator)).filter(|word| !word.is_empty())
    }
}

#[cfg(test)]
mod tests;
