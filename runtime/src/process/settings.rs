//! What the host decides for its process functions, beside each function's own configuration.

use super::limits::Limits;
use std::{fmt, path::PathBuf};

/// Bounds, credentials and the place for temporary files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The bounds.
    pub limits: Limits,
    /// Credentials for the function's own calls to AWS. None: the function sees none.
    pub credentials: Option<Credentials>,
    /// Where the private folder with bootstraps, sockets and `/tmp` folders is made; the system's temporary folder by
    /// default. Short, because a socket's path is at most 107 bytes.
    pub folder: Option<PathBuf>,
}

/// `AWS_ACCESS_KEY_ID` and its companions.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: String,
    /// `AWS_SESSION_TOKEN`.
    pub session_token: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Credentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}
