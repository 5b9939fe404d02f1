//! The texts of the files that were read, for diagnostics that show the offending line.

use crate::{Diagnostic, Place, diagnostic::Findings, limits};
use indexmap::IndexMap;
use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Every file that a reader opened or wanted to open, with its text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    texts: IndexMap<PathBuf, Arc<str>>,
    /// Of all files, each as often as it was asked for.
    bytes: usize,
}

impl Sources {
    /// The text of a file, empty when it could not be read.
    #[must_use]
    pub fn text(&self, file: &Path) -> Option<&str> {
        self.texts.get(file).map(AsRef::as_ref)
    }

    /// The files in the order in which they were asked for, unreadable ones included: a change of any of them may
    /// change what is read.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.texts.keys().map(PathBuf::as_path)
    }

    /// Remembers a file that was looked for and is not there: its coming may change what is read.
    pub(crate) fn miss(&mut self, file: &Path) {
        self.texts.entry(file.to_path_buf()).or_default();
    }

    /// Reads a file that something at `wanted_by` asks for; what is wrong with it becomes a finding.
    pub(crate) fn load(&mut self, findings: &mut Findings, file: &Arc<PathBuf>, wanted_by: &Place) -> Option<Arc<str>> {
        let bytes = match read_limited(file) {
            Ok(bytes) => bytes,
            Err(message) => {
                self.texts.entry(file.to_path_buf()).or_default();
                findings.push(Diagnostic::error(wanted_by, message));
                return None;
            }
        };
        self.bytes = self.bytes.saturating_add(bytes.len());
        if self.bytes > limits::FILES_BYTES {
            findings.error(wanted_by, "the files of the definition are more than 32 MB together");
            return None;
        }
        match String::from_utf8(bytes) {
            Ok(text) => {
                let text: Arc<str> = text.into();
                self.texts.insert(file.to_path_buf(), Arc::clone(&text));
                Some(text)
            }
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let lossy = String::from_utf8_lossy(error.as_bytes());
                let place = not_utf8(file, error.as_bytes(), valid);
                self.texts.insert(file.to_path_buf(), lossy.into());
                findings.push(Diagnostic::error(&place, "the file is not UTF-8 text"));
                None
            }
        }
    }
}

fn read_limited(file: &Path) -> Result<Vec<u8>, String> {
    let name = file.display();
    let cannot = |error: io::Error| format!("cannot read `{name}`: {}", reason(&error));
    let handle = File::open(file).map_err(cannot)?;
    if handle.metadata().map_err(cannot)?.is_dir() {
        return Err(format!("cannot read `{name}`: it is a folder"));
    }
    let mut bytes = Vec::new();
    handle.take(limits::FILE_BYTES + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > limits::FILE_BYTES {
        return Err(format!("`{name}` is larger than 6 MB, the most that AWS imports"));
    }
    Ok(bytes)
}

/// An operating system's reason without its number.
pub(crate) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        // The set is open: other reasons speak for themselves.
        _ => error.to_string(),
    }
}

fn not_utf8(file: &Arc<PathBuf>, bytes: &[u8], valid: usize) -> Place {
    let before = String::from_utf8_lossy(bytes.get(..valid).unwrap_or_default());
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Place {
        file: Arc::clone(file),
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: u32::try_from(column).unwrap_or(u32::MAX),
        width: 1,
        path: String::new(),
    }
}
