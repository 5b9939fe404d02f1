//! Where the keys of issuers come from: a file that the host has read, or an address that is fetched when it is needed.
//!
//! Invariants: a token causes no read of a file, and a fetch only of an address of the settings or of the definition; many
//! tokens at once cause one fetch; tokens with unknown keys cause at most one in [`limits::JWKS_REFETCH`].

use super::KeySet;
use crate::{
    backends::{Backends, HttpRequest, Verification},
    body::Body,
    limits,
    single_flight::{Flights, Role},
};
use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;
use std::{
    collections::HashMap,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Where the keys of an issuer come from.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// They are known.
    Fixed(Arc<KeySet>),
    /// They are fetched.
    Address(Arc<str>),
    /// They are fetched from where the issuer's configuration at this address says: `jwks_uri`.
    Configuration(Arc<str>),
}

/// What stands at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Document {
    Keys,
    Configuration,
}

/// Key sets that were fetched, by their address. It outlives the revisions of a site.
#[derive(Debug, Default)]
pub struct FetchedKeys {
    sets: Mutex<HashMap<Arc<str>, Fetched>>,
    flights: Flights<Arc<str>, ()>,
}

/// What the last fetches gave.
#[derive(Debug, Clone)]
struct Fetched {
    /// The last set that came.
    set: Result<Arc<KeySet>, String>,
    /// When it was asked for last.
    asked: Duration,
}

impl KeySource {
    /// The keys, with that of this id if it can be had.
    ///
    /// # Errors
    /// When there are none: why.
    pub async fn keys(&self, id: &str, fetched: &FetchedKeys, backends: &dyn Backends) -> Result<Arc<KeySet>, String> {
        match self {
            Self::Fixed(keys) => Ok(Arc::clone(keys)),
            Self::Address(address) => fetched.keys((address, Document::Keys), id, backends).await,
            Self::Configuration(address) => fetched.keys((address, Document::Configuration), id, backends).await,
        }
    }
}

impl FetchedKeys {
    async fn keys(
        &self,
        (address, document): (&Arc<str>, Document),
        id: &str,
        backends: &dyn Backends,
    ) -> Result<Arc<KeySet>, String> {
        loop {
            if let Some(known) = self.fresh(address, id, backends) {
                return known;
            }
            match self.flights.join(address) {
                Role::Leader(leader) => {
                    // Somebody may have landed since the look above.
                    if let Some(known) = self.fresh(address, id, backends) {
                        leader.land(());
                        return known;
                    }
                    let asked = backends.now().monotonic;
                    let came = Box::pin(fetch(address, document, backends)).await;
                    let set = self.keep(address, came, asked);
                    leader.land(());
                    return set;
                }
                Role::Follower(follower) => drop(follower.await),
            }
        }
    }

    /// What is known, if it need not be asked for again.
    fn fresh(&self, address: &Arc<str>, id: &str, backends: &dyn Backends) -> Option<Result<Arc<KeySet>, String>> {
        let sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        let known = sets.get(address)?;
        let age = backends.now().monotonic.saturating_sub(known.asked);
        let good_for = match &known.set {
            Ok(set) if set.knows(id) => limits::JWKS_KEPT,
            Ok(_) => limits::JWKS_REFETCH,
            Err(_) => limits::JWKS_RETRY,
        };
        (age < good_for).then(|| known.set.clone())
    }

    /// Keeps what came; when nothing did, what came before is still better than nothing.
    fn keep(&self, address: &Arc<str>, came: Result<KeySet, String>, asked: Duration) -> Result<Arc<KeySet>, String> {
        let mut sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        let before = sets.get(address).map(|known| known.set.clone());
        let set = match (came, before) {
            (Ok(set), _) => Ok(Arc::new(set)),
            (Err(_), Some(Ok(before))) => Ok(before),
            (Err(reason), Some(Err(_)) | None) => Err(reason),
        };
        sets.insert(Arc::clone(address), Fetched { set: set.clone(), asked });
        set
    }
}

async fn fetch(address: &str, document: Document, backends: &dyn Backends) -> Result<KeySet, String> {
    let deadline = backends.now().monotonic + Duration::from_millis(limits::JWKS_TIMEOUT_MS);
    let keys = async {
        let bytes = get(address, backends).await?;
        match document {
            Document::Keys => KeySet::parse(&bytes),
            Document::Configuration => KeySet::parse(&get(&keys_address(&bytes)?, backends).await?),
        }
    };
    let came = match select(pin!(keys), backends.sleep_until(deadline)).await {
        Either::Left((came, _)) => came,
        Either::Right(((), _)) => Err(format!("no answer in {} ms", limits::JWKS_TIMEOUT_MS)),
    };
    came.map_err(|reason| format!("the keys at `{address}`: {reason}"))
}

async fn get(address: &str, backends: &dyn Backends) -> Result<Bytes, String> {
    let request = HttpRequest {
        method: Method::GET,
        uri: address.to_owned(),
        headers: HeaderMap::new(),
        body: Body::EMPTY,
        vpc_link: None,
        verification: Verification::Full,
    };
    let response = backends.send(request).await.map_err(|error| format!("{error:?}"))?;
    if response.status != StatusCode::OK {
        return Err(format!("the status {}", response.status.as_u16()));
    }
    response.body.read_limited(limits::JWKS_BYTES).await.map_err(|error| error.to_string())
}

/// `jwks_uri` of an issuer's configuration.
///
/// Specification: <https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata>
fn keys_address(configuration: &[u8]) -> Result<String, String> {
    let document: Value =
        serde_json::from_slice(configuration).map_err(|error| format!("no configuration: {error}"))?;
    let address = document.get("jwks_uri").and_then(Value::as_str).unwrap_or_default();
    if address.starts_with("https://") || address.starts_with("http://") {
        Ok(address.to_owned())
    } else {
        Err("the configuration has no `jwks_uri`".to_owned())
    }
}
