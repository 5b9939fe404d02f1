//! The environment variables of a function, as Lambda sets them. Nothing of the host's own environment is passed on.
//!
//! AWS: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>

use super::settings::Settings;
use crate::{FunctionConfig, Program};
use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

/// Names and values, sorted by name.
pub(super) type Variables = BTreeMap<OsString, OsString>;

/// The variables that all environments of a function share: Lambda's defaults, over them the definition's, over them
/// those that Lambda reserves.
pub(super) fn shared(config: &FunctionConfig, program: &Program, settings: &Settings) -> Variables {
    let mut variables = defaults(config, program);
    for (name, value) in &config.environment {
        match (name.as_str(), variables.get(OsStr::new(name))) {
            // A search path is extended, so that prepared dependencies and layers are still found.
            ("NODE_PATH" | "PYTHONPATH", Some(ours)) if !ours.is_empty() => {
                let mut joined = OsString::from(value);
                joined.push(":");
                joined.push(ours);
                variables.insert(name.into(), joined)
            }
            (_, Some(_) | None) => variables.insert(name.into(), value.into()),
        };
    }
    variables.extend(reserved(config, program, settings));
    variables
}

/// The variables of one environment: the shared ones, where its Runtime API is and where its `/tmp` is.
pub(super) fn of_environment(shared: &Variables, tmp: &Path, api: &OsStr) -> Variables {
    let mut variables = shared.clone();
    let stream = log_stream();
    variables.insert("AWS_LAMBDA_RUNTIME_API".into(), api.into());
    variables.insert("AWS_LAMBDA_LOG_STREAM_NAME".into(), stream.into());
    variables.entry("TMPDIR".into()).or_insert_with(|| tmp.into());
    variables
}

fn defaults(config: &FunctionConfig, program: &Program) -> Variables {
    let layers = || config.layers.iter().rev();
    let mut variables: Variables = [
        ("LANG", "en_US.UTF-8"),
        ("TZ", ":UTC"),
        ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"),
        ("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:2000"),
    ]
    .into_iter()
    .map(|(name, value)| (name.into(), value.into()))
    .collect();
    let system = ["/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from);
    let own = interpreter(program).and_then(Path::parent).map(Path::to_path_buf);
    variables.insert("PATH".into(), join(own.into_iter().chain(system).chain(layers().map(|layer| layer.join("bin")))));
    let libraries = [config.code.clone(), config.code.join("lib")];
    variables
        .insert("LD_LIBRARY_PATH".into(), join(libraries.into_iter().chain(layers().map(|layer| layer.join("lib")))));
    let build = config.build.iter();
    match program {
        Program::Nodejs { runtime, .. } => {
            let versioned = format!("nodejs/node{}/node_modules", version(runtime, "nodejs"));
            let layers = layers().flat_map(|layer| [layer.join(&versioned), layer.join("nodejs/node_modules")]);
            let build = build.map(|build| build.join("node_modules"));
            let path = layers.chain(build).chain([config.code.join("node_modules"), config.code.clone()]);
            variables.insert("NODE_PATH".into(), join(path));
        }
        Program::Python { runtime, .. } => {
            let versioned = format!("python/lib/python{}/site-packages", version(runtime, "python"));
            let layers = layers().flat_map(|layer| [layer.join(&versioned), layer.join("python")]);
            variables.insert("PYTHONPATH".into(), join(build.cloned().chain(layers)));
            // Lambda's code folder is read-only. Python tells compiled code by the second and the size of its source,
            // so that a handler that is saved twice in a second would run as it was.
            variables.insert("PYTHONDONTWRITEBYTECODE".into(), "1".into());
        }
        Program::Bootstrap { .. } => {}
    }
    variables
}

fn reserved(config: &FunctionConfig, program: &Program, settings: &Settings) -> Vec<(OsString, OsString)> {
    let (Program::Nodejs { runtime, handler, .. }
    | Program::Python { runtime, handler, .. }
    | Program::Bootstrap { runtime, handler, .. }) = program;
    let mut variables = vec![
        ("AWS_REGION", config.region.clone().into()),
        ("AWS_DEFAULT_REGION", config.region.clone().into()),
        ("AWS_LAMBDA_FUNCTION_NAME", config.name.clone().into()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", config.memory_mb.to_string().into()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".into()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".into()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", config.name).into()),
        ("LAMBDA_TASK_ROOT", config.code.clone().into_os_string()),
        // Lambda's own runtime folder; ours has nothing that a function may use.
        ("LAMBDA_RUNTIME_DIR", "/var/runtime".into()),
        ("_HANDLER", handler.into()),
    ];
    if !matches!(program, Program::Bootstrap { .. }) {
        variables.push(("AWS_EXECUTION_ENV", format!("AWS_Lambda_{runtime}").into()));
    }
    if let Some(credentials) = &settings.credentials {
        variables.push(("AWS_ACCESS_KEY_ID", credentials.access_key_id.clone().into()));
        variables.push(("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key.clone().into()));
        variables.extend(credentials.session_token.clone().map(|token| ("AWS_SESSION_TOKEN", token.into())));
    }
    variables.into_iter().map(|(name, value)| (name.into(), value)).collect()
}

fn interpreter(program: &Program) -> Option<&Path> {
    match program {
        Program::Nodejs { interpreter, .. } | Program::Python { interpreter, .. } => Some(interpreter),
        Program::Bootstrap { .. } => None,
    }
}

/// `22` of `nodejs22.x`, `3.13` of `python3.13`.
fn version<'a>(runtime: &'a str, family: &str) -> &'a str {
    runtime.strip_prefix(family).map_or("", |version| version.strip_suffix(".x").unwrap_or(version))
}

/// Joined with colons; a path with a colon in it cannot be searched and is left out.
fn join(paths: impl Iterator<Item = PathBuf>) -> OsString {
    let paths = paths.filter(|path| !path.as_os_str().as_encoded_bytes().contains(&b':'));
    std::env::join_paths(paths).unwrap_or_default()
}

/// `2026/01/31/[$LATEST]` and 32 hexadecimal digits.
fn log_stream() -> String {
    let today = jiff::Timestamp::now().strftime("%Y/%m/%d").to_string();
    format!("{today}/[$LATEST]{:032x}", fastrand::u128(..))
}
