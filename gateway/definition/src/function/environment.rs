//! `Environment.Variables`.
//!
//! AWS: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>

use crate::{
    Diagnostic,
    document::{Map, Node},
    limits,
    read::Reading,
    shape,
};
use indexmap::IndexMap;

/// Names that Lambda itself sets, and refuses in a definition.
const RESERVED: [&str; 19] = [
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_METADATA_API",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
];

pub(super) fn read(reading: &mut Reading<'_>, node: Option<&Node>) -> IndexMap<String, String> {
    let mut variables = IndexMap::new();
    let Some(node) = node else { return variables };
    let mut bytes = 0;
    for (name, entry) in shape::map(&mut reading.findings, node).into_iter().flat_map(Map::iter) {
        let valid = name.len() > 1
            && name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if RESERVED.contains(&name) {
            let message = format!("`{name}` is set by Lambda itself, which refuses it here");
            reading.findings.error(&entry.key_place(), message);
        } else if !valid {
            let message = format!("`{}` is no name of an environment variable", shape::brief(name));
            let help = "a letter, then at least one of letters, digits and `_`";
            reading.findings.push(Diagnostic::error(&entry.key_place(), message).help(help));
        } else if let Some(value) = shape::text(&mut reading.findings, &entry.node) {
            bytes += name.len() + value.len();
            variables.insert(name.to_owned(), value);
        }
    }
    if bytes > limits::FUNCTION_ENVIRONMENT {
        let message =
            format!("the environment variables are {bytes} bytes; Lambda takes {}", limits::FUNCTION_ENVIRONMENT);
        reading.findings.error(&node.place(), message);
    }
    variables
}
