//! A case's host with the servers around it.

use super::{
    backend::{Backend, Script},
    case::Case,
    fixture::{Definition, Fixtures, Places},
};
use fanlight_tests::host::{Host, Refused};
use std::path::{Path, PathBuf};

/// A running host and its surroundings; gone when dropped.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) host: Host,
    pub(super) backend: Backend,
    /// Whoever connects here was led astray.
    pub(super) sink: Backend,
    /// What stands before the path of a request.
    pub(super) base: String,
    calls: PathBuf,
    folder: tempfile::TempDir,
}

/// What became of starting a host.
#[derive(Debug)]
pub(super) enum Started {
    Running(Box<Session>),
    /// The definition was refused, with these words.
    Refused(String),
}

/// Starts everything that a case needs.
///
/// # Errors
/// When the set-up is not there, or the host hangs.
pub(super) async fn start(case: &Case, fixtures: &Fixtures, script: Script) -> Result<Started, String> {
    let folder = tempfile::Builder::new().prefix("fanlight-").tempdir().map_err(|error| error.to_string())?;
    let (backend, sink) = (Backend::start(script).await?, Backend::start(Script::Echo).await?);
    let calls = folder.path().join("calls");
    let places = Places { backend: backend.address.port(), sink: sink.address.port(), calls: calls.clone() };
    let definition = fixtures.definition(case, &places)?;
    start_definition(definition, (backend, sink), (folder, calls)).await
}

/// Starts a host for a definition.
///
/// # Errors
/// When the disk refuses, or the host hangs.
pub(super) async fn start_definition(
    definition: Definition,
    (backend, sink): (Backend, Backend),
    (folder, calls): (tempfile::TempDir, PathBuf),
) -> Result<Started, String> {
    let project = folder.path().join("project");
    write(&project, &definition)?;
    let flags = ["--access-log".to_owned(), folder.path().join("access.log").to_string_lossy().into_owned()];
    match Host::start(&project, &folder.path().join("data"), &flags).await? {
        Ok(host) => {
            let base = definition.base;
            Ok(Started::Running(Box::new(Session { host, backend, sink, base, calls, folder })))
        }
        Err(Refused { stderr, .. }) => Ok(Started::Refused(stderr)),
    }
}

fn write(project: &Path, definition: &Definition) -> Result<(), String> {
    let template = serde_json::to_string_pretty(&definition.template).map_err(|error| error.to_string())?;
    let own = [("template.json".to_owned(), template), ("fanlight.toml".to_owned(), definition.settings.clone())];
    for (name, text) in own.iter().chain(&definition.files) {
        let path = project.join(name);
        let parent = path.parent().ok_or("a file needs a folder")?;
        std::fs::create_dir_all(parent)
            .and_then(|()| std::fs::write(&path, text))
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

impl Session {
    /// How often the authorizer was called.
    pub(super) fn authorizer_calls(&self) -> usize {
        std::fs::read(&self.calls).map_or(0, |calls| calls.len())
    }

    /// Stops the host; gives its access log.
    ///
    /// # Errors
    /// When it does not end well: it is gone already, has panicked, or leaves a process behind.
    pub(super) async fn stop(self) -> Result<Vec<u8>, String> {
        let Self { host, folder, .. } = self;
        host.stop().await?;
        Ok(std::fs::read(folder.path().join("access.log")).unwrap_or_default())
    }
}
