//! The folder that a trial serves: definition, functions, files.

use crate::{
    Outcome,
    plan::{Code, Function, Plan},
};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A folder of one trial; gone when dropped.
#[derive(Debug)]
pub struct Folder {
    /// Removes all of it.
    temporary: tempfile::TempDir,
    /// What is served.
    project: PathBuf,
    /// The host's data directory.
    data: PathBuf,
    /// The name of the definition's file.
    pub definition: Option<&'static str>,
}

impl Folder {
    /// What is served.
    #[must_use]
    pub fn project(&self) -> &Path {
        &self.project
    }

    /// The host's data directory.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Where the functions of JSON blocks leave their events.
    fn events(&self) -> PathBuf {
        self.temporary.path().join("events")
    }

    /// The events that a function has left since the last call.
    ///
    /// # Errors
    /// When an event is no JSON.
    pub fn take_events(&self, function: &str) -> Outcome<Vec<Value>> {
        let file = self.events().join(function);
        let Ok(text) = std::fs::read_to_string(&file) else { return Ok(Vec::new()) };
        std::fs::remove_file(&file).map_err(|error| error.to_string())?;
        text.lines().map(|line| serde_json::from_str(line).map_err(|error| format!("`{line}`: {error}"))).collect()
    }

    /// Saves a file as an editor does: a new file takes the place of the old one.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn save(&self, name: &str, text: &str) -> Outcome<()> {
        let path = self.project().join(name);
        let io = |error: std::io::Error| format!("{}: {error}", path.display());
        std::fs::create_dir_all(path.parent().ok_or("a file needs a folder")?).map_err(io)?;
        let mut file = tempfile::NamedTempFile::new_in(self.temporary.path()).map_err(io)?;
        std::io::Write::write_all(&mut file, text.as_bytes()).map_err(io)?;
        file.persist(&path).map_err(|error| error.to_string())?;
        Ok(())
    }

    /// Replaces what depends on this run by `[DIR]` and `[DATA]`.
    #[must_use]
    pub fn hide(&self, text: &str) -> String {
        let text = text.replace(&*self.project.to_string_lossy(), "[DIR]");
        text.replace(&*self.data.to_string_lossy(), "[DATA]")
    }
}

/// Writes everything; `replace` puts the addresses of web servers into texts.
///
/// # Errors
/// When the disk refuses.
pub fn make(plan: &Plan, replace: impl Fn(&str) -> String) -> Outcome<Folder> {
    let temporary = tempfile::Builder::new().prefix("fanlight-").tempdir().map_err(|error| error.to_string())?;
    let (project, data) = match &plan.sample {
        Some(name) => sample(name)?,
        None => (temporary.path().join("project"), temporary.path().join("data")),
    };
    let folder = Folder { temporary, project, data, definition: plan.definition.as_ref().map(|(name, _)| *name) };
    for path in [&folder.project, &folder.data, &folder.events()] {
        std::fs::create_dir_all(path).map_err(|error| error.to_string())?;
    }
    if let Some((name, text)) = &plan.definition {
        folder.save(name, &replace(text))?;
    }
    for (name, text) in &plan.files {
        folder.save(name, &replace(text))?;
    }
    for function in &plan.functions {
        let (file, text) = match &function.code {
            Code::Source(file, text) => (*file, text.clone()),
            _ => ("index.js", handler(function, &folder.events().join(&function.name))),
        };
        folder.save(&format!("functions/{}/{file}", function.name), &text)?;
    }
    Ok(folder)
}

/// The folder of a sample function, and the data directory where its dependencies were prepared.
fn sample(name: &str) -> Outcome<(PathBuf, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the tests are in no workspace")?;
    let data = root.join("target/samples").join(name);
    if data.is_dir() {
        Ok((root.join("functions").join(name), data))
    } else {
        Err(format!("{} is not there: run tests/prepare.sh", data.display()))
    }
}

/// A handler that records its event and does what a JSON block says.
fn handler(function: &Function, events: &Path) -> String {
    let answer = match &function.code {
        Code::Returns(payload) => format!("return ({payload});"),
        Code::ReturnsEvent => "return { statusCode: 200, body: JSON.stringify(event) };".to_owned(),
        Code::ReturnsBody => "return JSON.parse(event.body);".to_owned(),
        Code::Fails(document) => format!(
            "const document = ({document});\n  \
             throw Object.assign(new Error(document.errorMessage), {{ name: document.errorType }});"
        ),
        Code::Never => "await new Promise((resolve) => setTimeout(resolve, 3600000));".to_owned(),
        Code::Source(_, text) => return text.clone(),
    };
    format!(
        "const fs = require('fs');\nexports.handler = async (event) => {{\n  \
         fs.appendFileSync({:?}, JSON.stringify(event) + '\\n');\n  {answer}\n}};\n",
        events.to_string_lossy()
    )
}
