//! `fanlight.toml`: the host's own settings, beside the definition. Flags win over it.

pub(crate) mod access_key;
pub(crate) mod user_pool;

use access_key::AccessKey;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
};
use user_pool::UserPool;

/// The file's name.
pub(crate) const FILE: &str = "fanlight.toml";

/// The settings. A key that is not known is refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// The address to listen on.
    pub(crate) host: Option<IpAddr>,
    /// The port to listen on.
    pub(crate) port: Option<u16>,
    /// The pretended region.
    pub(crate) region: Option<String>,
    /// The pretended account.
    pub(crate) account_id: Option<String>,
    /// The file that access logs are appended to; `-` is standard error.
    pub(crate) access_log: Option<PathBuf>,
    /// VPC links by their id: the address that stands for what is behind each.
    pub(crate) vpc_links: BTreeMap<String, String>,
    /// Bounds that may differ from AWS's.
    pub(crate) limits: Limits,
    /// Programs that run functions.
    pub(crate) interpreters: Interpreters,
    /// Whose signed requests are accepted.
    pub(crate) access_keys: Vec<AccessKey>,
    /// Where tokens come from.
    pub(crate) user_pools: Vec<UserPool>,
}

/// `[limits]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// The largest request or response body, in bytes.
    pub(crate) payload_bytes: Option<u64>,
    /// Environments of one function at once, unless it reserves fewer.
    pub(crate) environments_per_function: Option<usize>,
}

/// `[interpreters]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Interpreters {
    /// The `node` for `nodejs*`.
    pub(crate) node: Option<PathBuf>,
    /// The `python3` for `python3.*`.
    pub(crate) python: Option<PathBuf>,
}

impl Settings {
    /// Reads the file beside a definition; without one, everything is as by default.
    ///
    /// # Errors
    /// A message with the file, the line and what is wrong.
    pub(crate) fn beside(definition: &Path) -> Result<Self, String> {
        let file = definition.parent().unwrap_or_else(|| Path::new(".")).join(FILE);
        match std::fs::read_to_string(&file) {
            Ok(text) => {
                let settings = toml::from_str(&text).map_err(|error| error.to_string()).and_then(Self::checked);
                settings.map_err(|error| format!("{}: {error}", file.display()))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(format!("{}: {error}", file.display())),
        }
    }

    fn checked(self) -> Result<Self, String> {
        if self.limits.environments_per_function == Some(0) {
            return Err("`limits.environments_per_function` is 0: no function could run".to_owned());
        }
        access_key::check(&self.access_keys)?;
        for (key, path) in [("node", &self.interpreters.node), ("python", &self.interpreters.python)] {
            if let Some(path) = path.as_ref().filter(|path| !path.is_file()) {
                return Err(format!("`interpreters.{key}`: there is no file `{}`", path.display()));
            }
        }
        for (id, target) in &self.vpc_links {
            let address = target.parse::<http::Uri>().ok();
            let scheme = address.as_ref().and_then(http::Uri::scheme_str);
            if !matches!(scheme, Some("http" | "https")) || address.is_some_and(|address| address.path() != "/") {
                return Err(format!("`vpc_links.{id}`: `{target}` is no target: write `http://host:port`"));
            }
        }
        Ok(self)
    }

    /// The address to listen on.
    pub(crate) fn host(&self) -> IpAddr {
        self.host.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
    }

    /// The port to listen on.
    pub(crate) fn port(&self) -> u16 {
        self.port.unwrap_or(3000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let error = toml::from_str::<Settings>("port = 1\nprot = 2\n").unwrap_err().to_string();
        assert!(error.contains("prot") && error.contains("line 2"), "{error}");
    }
}
