//! velocityjs, for orientation.

use super::{How, program::Program};
use crate::Result;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::process::Command;

const PACKAGE: &str = "velocityjs@2.1.7";

/// The folder with the package and our program around it.
#[derive(Debug)]
pub(crate) struct VelocityJs(PathBuf);

impl VelocityJs {
    /// Installs the package into `folder`.
    pub(crate) async fn install(folder: &Path) -> Result<Self> {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]).arg(folder).arg(PACKAGE);
        let npm = npm.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let status = npm.status().await.map_err(|error| format!("npm does not start: {error}"))?;
        if !status.success() {
            return Err(format!("npm does not install {PACKAGE}").into());
        }
        fs::write(folder.join("velocityjs.cjs"), include_str!("velocityjs.cjs"))?;
        Ok(Self(folder.to_owned()))
    }

    /// Starts it with a file of inputs.
    pub(crate) fn start(&self, inputs: &Path, how: How) -> Result<Program> {
        let mut node = Command::new("node");
        node.arg(self.0.join("velocityjs.cjs")).arg(&self.0).arg(inputs).arg(how.argument());
        Program::start(node)
    }
}
