//! `fanlight render`: a mapping template by itself, as API Gateway renders it.

use super::{fail, usage};
use crate::{cli, print::printable};
use fanlight_vtl::{Explanation, Inputs, Overrides, Parameters, Template};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::{
    fs,
    io::{self, Read, Write},
    path::Path,
    process::ExitCode,
};

/// What one render sees, as the input file writes it. Flags add to it and win.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
struct Input {
    /// Text as it is; any other JSON is the body's own text.
    body: Value,
    params: Params,
    context: Map<String, Value>,
    stage_variables: Map<String, Value>,
}

/// `params` of the input file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Params {
    path: Map<String, Value>,
    querystring: Map<String, Value>,
    header: Map<String, Value>,
}

/// Runs the command.
pub(crate) fn run(arguments: &cli::Render) -> ExitCode {
    let (name, source) = match template(arguments) {
        Ok(template) => template,
        Err(message) => return fail(&message),
    };
    let input = match input(arguments) {
        Ok(input) => input,
        Err(message) => return usage(&message),
    };
    let template = match Template::parse(&source) {
        Ok(template) => template,
        Err(error) => return failed(&error, &source, &name),
    };
    let body = match &input.body {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let parameters = Parameters {
        path: texts(&input.params.path),
        querystring: texts(&input.params.querystring),
        header: texts(&input.params.header),
    };
    let variables = texts(&input.stage_variables);
    let context = Value::Object(input.context);
    let inputs = Inputs { body: &body, parameters: &parameters, context: &context, stage_variables: &variables };
    if arguments.explain {
        explain(&inputs.explain(&template, &Overrides::default()));
    }
    let mut overrides = Overrides::default();
    match inputs.render(&template, &mut overrides) {
        Ok(output) => print(&output, &overrides),
        Err(error) => failed(&error, &source, &name),
    }
}

fn template(arguments: &cli::Render) -> Result<(String, String), String> {
    match (&arguments.text, &arguments.template) {
        (Some(text), _) => Ok(("template".to_owned(), text.clone())),
        (None, Some(path)) => Ok((path.display().to_string(), read(path)?)),
        (None, None) => Err("no template".to_owned()),
    }
}

fn read(path: &Path) -> Result<String, String> {
    let text = if path == Path::new("-") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(path)
    };
    text.map_err(|error| format!("{}: {error}", path.display()))
}

fn input(arguments: &cli::Render) -> Result<Input, String> {
    let mut input = match &arguments.input {
        Some(path) => serde_json::from_str(&read(path)?).map_err(|error| format!("{}: {error}", path.display()))?,
        None => Input::default(),
    };
    if let Some(body) = &arguments.body {
        input.body = Value::String(match body.strip_prefix('@') {
            Some(file) => read(Path::new(file))?,
            None => body.clone(),
        });
    }
    add(&mut input.params.path, &arguments.path)?;
    add(&mut input.params.querystring, &arguments.query)?;
    add(&mut input.params.header, &arguments.header)?;
    add(&mut input.stage_variables, &arguments.stage_variable)?;
    for text in &arguments.context {
        let (name, value) = pair(text)?;
        set(&mut input.context, name, value)?;
    }
    Ok(input)
}

fn pair(text: &str) -> Result<(&str, &str), String> {
    text.split_once('=').ok_or_else(|| format!("`{text}` is no NAME=VALUE"))
}

fn add(map: &mut Map<String, Value>, texts: &[String]) -> Result<(), String> {
    for text in texts {
        let (name, value) = pair(text)?;
        map.insert(name.to_owned(), Value::from(value));
    }
    Ok(())
}

/// `identity.sourceIp` is a member of a member.
fn set(context: &mut Map<String, Value>, name: &str, value: &str) -> Result<(), String> {
    match name.split_once('.') {
        None => {
            context.insert(name.to_owned(), Value::from(value));
            Ok(())
        }
        Some((first, rest)) => match context.entry(first).or_insert_with(|| Value::Object(Map::new())) {
            Value::Object(inner) => set(inner, rest, value),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Err(format!("`{first}` of the context is no map, so it has no `{rest}`"))
            }
        },
    }
}

fn texts(map: &Map<String, Value>) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    map.iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

#[expect(clippy::print_stderr, reason = "the explanation stands beside the output")]
fn explain(explanation: &Explanation) {
    for reference in &explanation.references {
        eprintln!("{} -> {}", printable(&reference.reference), printable(&reference.value));
    }
}

/// The output byte for byte on standard output; overrides on standard error, where they do not spoil it.
#[expect(clippy::print_stderr, reason = "overrides are no part of the output")]
fn print(output: &str, overrides: &Overrides) -> ExitCode {
    let mut out = io::stdout();
    if let Err(error) = out.write_all(output.as_bytes()).and_then(|()| out.flush()) {
        return fail(&format!("the output cannot be written: {error}"));
    }
    for (name, written) in [("requestOverride", &overrides.request), ("responseOverride", &overrides.response)] {
        let empty = |value: &Value| value.as_object().is_none_or(Map::is_empty);
        let members =
            written.as_object().into_iter().flatten().filter(|(_, value)| !value.is_object() || !empty(value));
        for (member, value) in members {
            eprintln!("$context.{name}.{member} = {value}");
        }
    }
    ExitCode::SUCCESS
}

#[expect(clippy::print_stderr, reason = "what a command reports goes to the terminal")]
fn failed(error: &fanlight_vtl::Error, source: &str, name: &str) -> ExitCode {
    eprint!("{}", error.render(source, name));
    ExitCode::FAILURE
}
