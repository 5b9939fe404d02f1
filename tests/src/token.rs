//! Tokens of scenarios, signed when they are sent, and the keys that they are signed with.
//!
//! `json @token NAME` holds the claims, which go into the token as they stand, `[NOW-60]` and its like replaced. The words
//! after the name: `key=k2` (`k1` signs otherwise), `kid=TEXT`, `no-kid`, `alg=TEXT`, `header=NAME:VALUE`. A token whose `alg`
//! is `HS256` is signed with the public key as it stands in the set, one with `none` not at all.
//!
//! `[TOKEN NAME]` in a request is the token, `[JWK k1 name=value ..]` in a file or answer the key with other members.

use crate::{Outcome, message, scenario::Block};
use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Map, Value};

const KEYS: [(&str, &str, &str); 2] = [
    ("k1", include_str!("../keys/k1.pem"), include_str!("../keys/k1.jwk")),
    ("k2", include_str!("../keys/k2.pem"), include_str!("../keys/k2.jwk")),
];

fn key(name: &str) -> Outcome<(&'static str, &'static str)> {
    let known = KEYS.iter().find(|(known, ..)| *known == name);
    known.map(|(_, private, public)| (*private, *public)).ok_or_else(|| format!("there is no key `{name}`"))
}

/// Replaces each `[JWK k1 name=value ..]`.
///
/// # Errors
/// When there is no such key.
pub fn keys(text: &str) -> Outcome<String> {
    replaced(text, "[JWK ", |inner| {
        let mut words = inner.split(' ');
        let (_, public) = key(words.next().unwrap_or_default())?;
        let mut members: Map<String, Value> = serde_json::from_str(public).map_err(|error| error.to_string())?;
        for (name, value) in words.filter_map(|word| word.split_once('=')) {
            members.insert(name.to_owned(), value.into());
        }
        Ok(Value::Object(members).to_string())
    })
}

/// Replaces each `[TOKEN NAME]`.
///
/// # Errors
/// When there is none of that name, or it cannot be signed.
pub fn put(tokens: &[Block], text: &str, now: u64) -> Outcome<String> {
    replaced(text, "[TOKEN ", |name| {
        let token = tokens.iter().find(|token| token.words.first().is_some_and(|known| known == name));
        make(token.ok_or_else(|| format!("there is no token `{name}`"))?, now)
    })
}

fn replaced(text: &str, open: &str, make: impl Fn(&str) -> Outcome<String>) -> Outcome<String> {
    let mut parts = text.split(open);
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (inner, after) = part.split_once(']').ok_or_else(|| format!("`{open}` has no end"))?;
        whole.push_str(&make(inner)?);
        whole.push_str(after);
    }
    Ok(whole)
}

fn make(block: &Block, now: u64) -> Outcome<String> {
    let word = |name: &str| block.words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    let name = word("key").unwrap_or("k1");
    let (private, public) = key(name)?;
    let algorithm = word("alg").unwrap_or("RS256");
    let mut header = Map::from_iter([("alg".to_owned(), algorithm.into()), ("typ".to_owned(), "JWT".into())]);
    if !block.has("no-kid") {
        header.insert("kid".to_owned(), word("kid").unwrap_or(name).into());
    }
    for word in block.words.iter().filter_map(|word| word.strip_prefix("header=")) {
        let (name, value) = word.split_once(':').unwrap_or((word, ""));
        header.insert(name.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| value.into()));
    }
    let claims = replaced(&message::expand(&block.text)?, "[NOW", |offset| {
        let offset: i64 =
            if offset.is_empty() { 0 } else { offset.parse().map_err(|_| format!("`{offset}` is no number"))? };
        Ok(now.saturating_add_signed(offset).to_string())
    })?;
    let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let message = format!("{}.{}", encode(&Value::from(header).to_string()), encode(&claims));
    let sign = |key: &EncodingKey, algorithm| {
        crypto::sign(message.as_bytes(), key, algorithm).map_err(|error| error.to_string())
    };
    let signature = match algorithm {
        "none" => String::new(),
        "HS256" => sign(&EncodingKey::from_secret(public.trim().as_bytes()), Algorithm::HS256)?,
        "RS512" => sign(&rsa(private)?, Algorithm::RS512)?,
        _ => sign(&rsa(private)?, Algorithm::RS256)?,
    };
    Ok(format!("{message}.{signature}"))
}

fn rsa(pem: &str) -> Outcome<EncodingKey> {
    let lines: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = BASE64_STANDARD.decode(lines).map_err(|error| error.to_string())?;
    Ok(EncodingKey::from_rsa_der(&der))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_times_are_put_in() {
        let set = keys(r#"{"keys":[[JWK k1 use=enc kid=x]]}"#).unwrap();
        let set: Value = serde_json::from_str(&set).unwrap();
        assert_eq!((&set["keys"][0]["use"], &set["keys"][0]["kid"]), (&Value::from("enc"), &Value::from("x")));
        assert!(keys("[JWK k9]").is_err());
        let text = "{\"exp\":[NOW+60]}".to_owned();
        let words = vec!["ann".to_owned()];
        let block = Block { language: "json".into(), tag: crate::scenario::Tag::Token, words, text, line: 1 };
        let token = put(&[block], "Bearer [TOKEN ann]", 100).unwrap();
        let claims = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        assert_eq!(claims, b"{\"exp\":160}");
    }
}
