//! Apache Velocity 1.7 on the JVM: our own small program around it, compiled for this run.

use super::{How, program::Program};
use crate::Result;
use std::{
    fs,
    path::{Path, PathBuf},
};
use tokio::process::Command;

/// Where Debian's packages put libraries.
const JARS: &str = "/usr/share/java";

/// Velocity and what it and the objects of AWS need.
const NAMES: [&str; 13] = [
    "velocity",
    "commons-lang",
    "commons-collections3",
    "commons-lang3",
    "slf4j-api",
    "slf4j-nop",
    "json-smart",
    "json-path",
    "accessors-smart",
    "asm",
    "jackson-databind",
    "jackson-core",
    "jackson-annotations",
];

/// What brings them.
const PACKAGES: &str = "openjdk-17-jdk-headless velocity libjson-smart-java libjsonpath-java libjackson2-databind-java \
                        libcommons-lang-java libcommons-lang3-java libslf4j-java";

const SOURCES: [(&str, &str); 2] =
    [("VelocityBench.java", include_str!("VelocityBench.java")), ("AwsObjects.java", include_str!("AwsObjects.java"))];

/// The full compiler, and the collector that uses the least CPU time on one thread.
const OPTIONS: [&str; 2] = ["-XX:+UseSerialGC", "-Xmx512m"];

/// The program, ready to be started.
#[derive(Debug)]
pub(crate) struct Velocity {
    class_path: String,
}

impl Velocity {
    /// Compiles the program into `folder`.
    pub(crate) async fn compile(folder: &Path) -> Result<Self> {
        let jars = NAMES.map(|name| Path::new(JARS).join(name).with_extension("jar"));
        if let Some(absent) = jars.iter().find(|jar| !jar.exists()) {
            return Err(format!("{} is not there (Debian: {PACKAGES})", absent.display()).into());
        }
        let class_path = [folder.to_owned()].into_iter().chain(jars);
        let class_path = class_path.map(PathBuf::into_os_string).collect::<Vec<_>>();
        let class_path = class_path.join(":".as_ref()).into_string().map_err(|_| "a folder that is no text")?;
        let mut javac = Command::new("javac");
        javac.args(["-nowarn", "-cp", &class_path, "-d"]).arg(folder);
        for (name, source) in SOURCES {
            let path = folder.join(name);
            fs::write(&path, source)?;
            javac.arg(path);
        }
        let status = javac.kill_on_drop(true).status().await;
        let status = status.map_err(|error| format!("javac does not start (Debian: {PACKAGES}): {error}"))?;
        if status.success() {
            Ok(Self { class_path })
        } else {
            Err("the program around Velocity does not compile".into())
        }
    }

    /// Starts it with a file of inputs.
    pub(crate) fn start(&self, inputs: &Path, how: How) -> Result<Program> {
        let mut java = Command::new("java");
        java.args(OPTIONS).args(["-cp", &self.class_path, "VelocityBench"]).arg(inputs).arg(how.argument());
        Program::start(java)
    }
}
