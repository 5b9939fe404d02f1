//! A JSON web key set, each key parsed once to the form that verifies.
//!
//! RFC: <https://www.rfc-editor.org/rfc/rfc7517>

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::Deserialize;
use serde_json::Value;

/// RSA keys that are shorter have been broken.
const RSA_BITS: usize = 2048;

/// The keys of an issuer that verify signatures.
#[derive(Debug, Default)]
pub struct KeySet(Vec<Key>);

/// A public key.
#[derive(Debug)]
pub struct Key {
    id: String,
    /// What it may verify: the one algorithm it is for, or all that fit its type.
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

/// A member of `keys`.
#[derive(Deserialize)]
struct Member {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    n: Option<String>,
    e: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// Reads a set. Keys that verify nothing here are left out, as RFC 7517 asks.
    ///
    /// # Errors
    /// When it is no set, or no key is left.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let document: Value = serde_json::from_slice(text).map_err(|error| format!("no key set: {error}"))?;
        let members = document.get("keys").and_then(Value::as_array).ok_or("no key set: it has no list `keys`")?;
        let keys: Vec<Key> = members.iter().filter_map(Key::parse).collect();
        if keys.is_empty() {
            Err("the key set has no RSA or EC key with a `kid` for signatures".to_owned())
        } else {
            Ok(Self(keys))
        }
    }

    /// The keys of that id, for an algorithm.
    pub fn find(&self, id: &str, algorithm: Algorithm) -> impl Iterator<Item = &Key> {
        self.0.iter().filter(move |key| key.id == id && key.algorithms.contains(&algorithm))
    }

    /// Whether any key has that id.
    #[must_use]
    pub fn knows(&self, id: &str) -> bool {
        self.0.iter().any(|key| key.id == id)
    }
}

impl Key {
    fn parse(member: &Value) -> Option<Self> {
        let member = Member::deserialize(member).ok()?;
        let verifies = member.usage.as_deref().is_none_or(|usage| usage == "sig")
            && member.key_ops.as_ref().is_none_or(|uses| uses.iter().any(|usage| usage == "verify"));
        if !verifies {
            return None;
        }
        let (mut algorithms, key) = match (member.kty.as_str(), member.crv.as_deref()) {
            ("RSA", _) => {
                let (n, e) = (member.n?, member.e?);
                let modulus = BASE64_URL_SAFE_NO_PAD.decode(&n).ok()?;
                let bits = modulus.iter().skip_while(|byte| **byte == 0).count() * 8;
                let key = (bits >= RSA_BITS).then(|| DecodingKey::from_rsa_components(&n, &e).ok())??;
                (vec![Algorithm::RS256, Algorithm::RS384, Algorithm::RS512], key)
            }
            ("EC", Some("P-256")) => {
                (vec![Algorithm::ES256], DecodingKey::from_ec_components(&member.x?, &member.y?).ok()?)
            }
            ("EC", Some("P-384")) => {
                (vec![Algorithm::ES384], DecodingKey::from_ec_components(&member.x?, &member.y?).ok()?)
            }
            // Secrets, above all, have no place in a public set.
            _ => return None,
        };
        if let Some(named) = member.alg {
            algorithms.retain(|algorithm| named.parse() == Ok(*algorithm));
        }
        let id = member.kid?;
        (!algorithms.is_empty()).then_some(Self { id, algorithms, key })
    }

    pub(super) fn verifies(&self, signature: &str, message: &str, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
            && crypto::verify(signature, message.as_bytes(), &self.key, algorithm).unwrap_or(false)
    }
}
