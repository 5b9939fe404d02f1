//! `[[user_pools]]`: pools whose tokens are made here, or whose keys are elsewhere than Cognito's own.
//!
//! AWS: <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html>

use fanlight_execute::{
    authorize::{
        cognito::Configured,
        jwt::{KeySet, key_source::KeySource},
    },
    limits,
};
use serde::Deserialize;
use std::{
    collections::HashMap,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

/// One pool.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserPool {
    /// Its id or its ARN.
    id: String,
    /// Its keys: an address, or a file beside the settings.
    jwks: Option<String>,
    /// The `iss` of its tokens; Cognito's unless it says otherwise.
    issuer: Option<String>,
}

/// The pools, and the files that their keys were read from.
#[derive(Debug, Default)]
pub(crate) struct Pools {
    /// By id.
    pub(crate) configured: HashMap<String, Configured>,
    /// A change in one of them is a change of the site.
    pub(crate) files: Vec<PathBuf>,
}

/// Makes the pools ready; files are read here and never again.
pub(crate) fn read(pools: &[UserPool], folder: &Path) -> Result<Pools, String> {
    let mut read = Pools::default();
    for pool in pools {
        let id = pool.id.rsplit_once(":userpool/").map_or(pool.id.as_str(), |(_, id)| id);
        let keys = match (&pool.jwks, &pool.issuer) {
            (Some(address), _) if is_address(address) => KeySource::Address(address.as_str().into()),
            (Some(file), _) => {
                let file = folder.join(file);
                let keys = keys(&file).map_err(|error| format!("`user_pools`: {}: {error}", file.display()))?;
                read.files.push(file);
                KeySource::Fixed(Arc::new(keys))
            }
            (None, Some(issuer)) if is_address(issuer) => {
                KeySource::Address(format!("{}/.well-known/jwks.json", issuer.trim_end_matches('/')).into())
            }
            (None, _) => {
                return Err(format!("`user_pools`: `{id}` has neither `jwks` nor an `issuer` that is an address"));
            }
        };
        let configured = Configured { issuer: pool.issuer.as_deref().map(Arc::from), keys };
        if read.configured.insert(id.to_owned(), configured).is_some() {
            return Err(format!("`user_pools`: there are two pools `{id}`"));
        }
    }
    Ok(read)
}

fn is_address(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

fn keys(file: &Path) -> Result<KeySet, String> {
    let mut text = Vec::new();
    let opened = File::open(file).map_err(|error| error.to_string())?;
    opened.take(limits::JWKS_BYTES + 1).read_to_end(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 > limits::JWKS_BYTES {
        return Err(format!("it has more than {} bytes", limits::JWKS_BYTES));
    }
    KeySet::parse(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn pools_without_keys_are_refused() {
        for (text, reason) in [
            ("id = 'x_1'", "neither `jwks` nor"),
            ("id = 'x_1'\nissuer = 'local'", "neither `jwks` nor"),
            ("id = 'x_1'\njwks = 'absent.json'", "absent.json"),
            ("id = 'x_1'\njwks = 'Cargo.toml'", "no key set"),
            (
                "id = 'x_1'\njwks = 'http://a'\n[[user_pools]]\nid = 'arn:aws:cognito-idp:r:1:userpool/x_1'\njwks = 'http://b'",
                "two pools `x_1`",
            ),
        ] {
            let settings: Settings = toml::from_str(&format!("[[user_pools]]\n{text}\n")).unwrap();
            let error = read(&settings.user_pools, Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
