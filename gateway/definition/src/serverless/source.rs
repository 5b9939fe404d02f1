//! Where a variable has its value from: `self`, `env`, `opt`, `param`, `file`, `sls`, `aws`, `strToBool`.
//!
//! Serverless: <https://www.serverless.com/framework/docs/guides/variables>

use super::{
    service,
    variable::Template,
    variables::{Variables, fill, walk},
};
use crate::{
    Diagnostic,
    document::{self, Node, Value},
    read::Reading,
    shape, spelling,
};
use std::{borrow::Cow, path::Path, sync::Arc};

/// The sources that are read here.
const KNOWN: [&str; 9] = ["aws", "env", "file", "opt", "param", "self", "sls", "strToBool", "ssm"];

/// Sources whose values are not on this machine.
const REMOTE: [&str; 11] =
    ["azure", "cf", "doppler", "gcs", "output", "s3", "secretsManager", "secretsmanager", "ssm", "state", "terraform"];

/// A source with its arguments filled in.
#[derive(Debug)]
pub(super) struct Call {
    kind: String,
    arguments: Vec<String>,
    address: Option<String>,
}

/// What a source has.
pub(super) enum Found {
    /// A value, its own variables not filled in.
    Value(Node),
    /// None.
    Missing(Missing),
}

/// Why a source has no value.
#[derive(Debug)]
pub(super) struct Missing {
    name: String,
    pub(super) message: String,
    pub(super) help: Option<String>,
    /// Whether AWS may have one.
    pub(super) remote: bool,
}

impl Missing {
    fn new(name: String, message: String, help: impl Into<Option<String>>) -> Self {
        Self { name, message, help: help.into(), remote: false }
    }

    /// What was found is `null`.
    pub(super) fn empty(name: String) -> Self {
        let message = format!("`${{{name}}}` has no value");
        let help = default_help(&name);
        Self::new(name, message, help)
    }

    /// The variable as it is written.
    pub(super) fn written(&self) -> String {
        format!("${{{}}}", self.name)
    }
}

impl Call {
    /// Fills the arguments in.
    pub(super) fn new(
        reading: &mut Reading<'_>,
        variables: &mut Variables,
        node: &Node,
        (kind, arguments, address): (&str, &[Template], Option<&Template>),
    ) -> Option<Self> {
        let arguments: Option<Vec<String>> =
            arguments.iter().map(|argument| fill(reading, variables, node, argument)).collect();
        let address = match address {
            Some(address) => Some(fill(reading, variables, node, address)?),
            None => None,
        };
        Some(Self { kind: kind.to_owned(), arguments: arguments?, address })
    }

    /// As it would be written without variables inside.
    pub(super) fn name(&self) -> String {
        let Self { kind, arguments, address } = self;
        let arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
        let address = address.as_ref().map(|address| format!(":{address}")).unwrap_or_default();
        format!("{kind}{arguments}{address}")
    }

    fn address(&self) -> &str {
        self.address.as_deref().unwrap_or_default()
    }
}

fn default_help(name: &str) -> String {
    format!("give it a default: `${{{}, 'value'}}`", shape::brief(name))
}

/// Looks a value up.
pub(super) fn look_up(reading: &mut Reading<'_>, variables: &mut Variables, node: &Node, call: &Call) -> Found {
    let address = call.address().to_owned();
    let text = |text: Option<String>, why: Missing| match text {
        Some(text) => Found::Value(node.with_text(text)),
        None => Found::Missing(why),
    };
    let name = call.name();
    match call.kind.as_str() {
        "self" => of_service(reading, variables, node, &address),
        "file" => of_file(reading, variables, node, call),
        "param" => param(reading, variables, node, &address),
        "strToBool" => boolean(reading, node, call),
        "env" => {
            let message = format!("the environment has no `{}`", shape::brief(&address));
            let help = format!("set it, write it into `.env`, or {}", default_help(&name));
            let value = variables.environment.get(&address).map(ToOwned::to_owned);
            if let Some(value) = &value {
                reading.findings.conceal(value, &format!("${{{name}}}"));
            }
            text(value, Missing::new(name, message, help))
        }
        "opt" => {
            let brief = shape::brief(&address);
            let pass = match address.as_str() {
                "stage" | "region" | "s" | "r" => format!("pass `--{brief}`"),
                _ => format!("pass `--parameter-overrides {brief}=value`"),
            };
            let message = format!("`--{brief}` is not given");
            let why = Missing::new(name.clone(), message, format!("{pass}, or {}", default_help(&name)));
            text(option(reading, &address), why)
        }
        "sls" => match address.as_str() {
            "stage" => Found::Value(service::stage(reading, variables, node)),
            "instanceId" => text(Some(service::INSTANCE.to_owned()), Missing::empty(name)),
            _ => Found::Missing(unknown_address(name, &address, &["instanceId", "stage"])),
        },
        "aws" => match address.as_str() {
            "accountId" => text(Some(reading.options.account_id.clone()), Missing::empty(name)),
            "region" => Found::Value(service::region(reading, variables, node)),
            _ => Found::Missing(unknown_address(name, &address, &["accountId", "region"])),
        },
        kind => Found::Missing(elsewhere(kind, &name)),
    }
}

fn unknown_address(name: String, address: &str, known: &[&'static str]) -> Missing {
    let message = format!("nothing is called `${{{}}}`", shape::brief(&name));
    let help = spelling::suggestion(address, known.iter().copied());
    Missing::new(name, message, help)
}

/// A source that is not read here.
fn elsewhere(kind: &str, name: &str) -> Missing {
    // The first version wrote a region behind a dot.
    let bare = kind.split('.').next().unwrap_or_default();
    if REMOTE.contains(&bare) {
        let message = format!("`${{{}}}` is not on this machine, and nobody else is asked", shape::brief(name));
        return Missing { remote: true, ..Missing::new(name.to_owned(), message, default_help(name)) };
    }
    let message = format!("the source `{}` of a variable is not known", shape::brief(kind));
    let help = spelling::suggestion(kind, KNOWN).unwrap_or_else(|| default_help(name));
    Missing::new(name.to_owned(), message, help)
}

fn option(reading: &mut Reading<'_>, name: &str) -> Option<String> {
    let options = reading.options;
    let long = match name {
        "s" => "stage",
        "r" => "region",
        other => other,
    };
    if long == "stage" {
        return options.stage.clone();
    }
    options.opt.get(long).cloned().or_else(|| parameter(reading, long))
}

/// A parameter of the command line.
fn parameter(reading: &mut Reading<'_>, name: &str) -> Option<String> {
    let value = reading.options.parameter_overrides.get(name).cloned()?;
    reading.parameters_elsewhere.insert(name.to_owned());
    Some(value)
}

/// A value of the service itself.
fn of_service(reading: &mut Reading<'_>, variables: &mut Variables, node: &Node, address: &str) -> Found {
    let root = Arc::clone(&variables.root);
    let found = walk(reading, variables, &root, address);
    match (address, found) {
        // The first versions let the service be a map with its name.
        ("service", Ok(found)) => match found.as_map().and_then(|map| map.get("name")) {
            Some(name) => Found::Value(name.clone()),
            None => Found::Value(found.into_owned()),
        },
        ("provider.stage", Err(_)) => Found::Value(service::stage(reading, variables, node)),
        ("provider.region", Err(_)) => Found::Value(service::region(reading, variables, node)),
        (_, Ok(found)) => Found::Value(found.into_owned()),
        (_, Err((key, known))) => {
            let name = format!("self:{address}");
            let message = format!("the service has no `{}`", shape::brief(address));
            let help = spelling::suggestion(&key, known.iter().map(String::as_str));
            let help = help.unwrap_or_else(|| default_help(&name));
            Found::Missing(Missing::new(name, message, help))
        }
    }
}

/// A parameter: of the command line, of the stage, or of all stages.
fn param(reading: &mut Reading<'_>, variables: &mut Variables, node: &Node, address: &str) -> Found {
    if let Some(value) = parameter(reading, address) {
        return Found::Value(node.with_text(value));
    }
    let stage = service::stage(reading, variables, node);
    let stage = stage.as_text().unwrap_or_default().to_owned();
    let root = Arc::clone(&variables.root);
    let paths = [
        format!("params.{stage}.{address}"),
        format!("stages.{stage}.params.{address}"),
        format!("params.default.{address}"),
        format!("stages.default.params.{address}"),
    ];
    for path in paths {
        if let Ok(found) = walk(reading, variables, &root, &path) {
            return Found::Value(found.into_owned());
        }
    }
    let message = format!("no parameter is called `{}`", shape::brief(address));
    let help = format!("write it below `params: default:`, or pass `--parameter-overrides {}=value`", address);
    Found::Missing(Missing::new(format!("param:{address}"), message, help))
}

fn boolean(reading: &mut Reading<'_>, node: &Node, call: &Call) -> Found {
    let text = call.arguments.first().map(|text| text.trim().to_ascii_lowercase());
    let value = match text.as_deref() {
        Some("true" | "1") => "true",
        Some("false" | "0") => "false",
        Some(_) | None => {
            let message = "`strToBool` takes `true`, `false`, `1` or `0`";
            reading.findings.error(&node.place(), message);
            return Found::Value(node.with(Value::Unresolved));
        }
    };
    Found::Value(node.with(Value::Scalar { text: value.to_owned(), plain: true }))
}

/// A file, or a value in it.
fn of_file(reading: &mut Reading<'_>, variables: &mut Variables, node: &Node, call: &Call) -> Found {
    let unresolved = || Found::Value(node.with(Value::Unresolved));
    let Some(path) = call.arguments.first() else {
        reading.findings.error(&node.place(), "`file` names no file: write `${file(./path.yml):key}`");
        return unresolved();
    };
    let name = call.name();
    let location = variables.folder.join(path.strip_prefix("./").unwrap_or(path));
    if !variables.files.contains_key(&location) {
        let loaded = load(reading, node, &location);
        variables.files.insert(location.clone(), loaded);
    }
    let Some(Some(root)) = variables.files.get(&location).cloned() else {
        if location.is_file() {
            return unresolved();
        }
        let message = format!("there is no file `{}`", shape::brief(path));
        return Found::Missing(Missing::new(name.clone(), message, default_help(&name)));
    };
    match walk(reading, variables, &root, call.address()) {
        Ok(Cow::Borrowed(found)) => Found::Value(found.clone()),
        Ok(Cow::Owned(found)) => Found::Value(found),
        Err((key, known)) => {
            let message = format!("`{}` has no `{}`", shape::brief(path), shape::brief(call.address()));
            let help = spelling::suggestion(&key, known.iter().map(String::as_str));
            let help = help.unwrap_or_else(|| default_help(&name));
            Found::Missing(Missing::new(name, message, help))
        }
    }
}

fn load(reading: &mut Reading<'_>, node: &Node, location: &Path) -> Option<Arc<Node>> {
    let file = Arc::new(location.to_path_buf());
    if !location.is_file() {
        reading.sources.miss(location);
        return None;
    }
    let extension = location.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    if matches!(extension.as_str(), "js" | "cjs" | "mjs" | "ts" | "cts" | "mts") {
        let message = format!("`{}` is code, and no code is run to read a definition", location.display());
        let help = "write its values as YAML or JSON";
        reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
        return None;
    }
    let text = reading.sources.load(&mut reading.findings, &file, &node.place())?;
    match extension.as_str() {
        "yml" | "yaml" | "json" | "tfstate" => document::parse(&mut reading.findings, &file, &text).map(Arc::new),
        // A public key, a certificate.
        _ => Some(Arc::new(node.with_text(text.as_ref()))),
    }
}
