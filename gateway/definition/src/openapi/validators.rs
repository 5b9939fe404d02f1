//! `x-amazon-apigateway-request-validators` and `x-amazon-apigateway-request-validator`: what is checked of a request.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-request-validators.html>

use crate::{
    Diagnostic,
    document::{Map, Node},
    read::Reading,
    resources::RequestValidation,
    shape, spelling,
    vocabulary::{self, Treatment::Read, Vocabulary},
};
use indexmap::IndexMap;

/// The keys of a validator.
const VALIDATOR: &Vocabulary = &[("validateRequestBody", Read), ("validateRequestParameters", Read)];

/// The validators of a document by their names.
pub(super) type Validators = IndexMap<String, RequestValidation>;

/// Reads all validators, used or not.
pub(super) fn read_all(reading: &mut Reading<'_>, root: &Map) -> Validators {
    let mut validators = Validators::new();
    let Some(node) = root.get("x-amazon-apigateway-request-validators") else { return validators };
    for (name, entry) in shape::map(&mut reading.findings, node).into_iter().flat_map(Map::iter) {
        let Some(map) = shape::map(&mut reading.findings, &entry.node) else { continue };
        vocabulary::check(&mut reading.findings, map, "a request validator", VALIDATOR);
        let mut says = |key: &str| {
            let node = map.get(key);
            node.and_then(|node| shape::boolean(&mut reading.findings, node)).unwrap_or(false)
        };
        let validation =
            RequestValidation { body: says("validateRequestBody"), parameters: says("validateRequestParameters") };
        validators.insert(name.to_owned(), validation);
    }
    validators
}

/// What is checked of a method's requests: its own validator's part, or the document's.
pub(super) fn read(
    reading: &mut Reading<'_>,
    validators: &Validators,
    (root, operation): (&Map, &Map),
) -> RequestValidation {
    const KEY: &str = "x-amazon-apigateway-request-validator";
    let named = operation.get(KEY).or_else(|| root.get(KEY)).filter(|node| !node.says_no());
    named.and_then(|node| find(reading, validators, node)).unwrap_or_default()
}

fn find(reading: &mut Reading<'_>, validators: &Validators, node: &Node) -> Option<RequestValidation> {
    let name = shape::text(&mut reading.findings, node)?;
    let found = validators.get(&name).copied();
    if found.is_none() {
        let message = format!("no request validator is called `{}`", shape::brief(&name));
        let mut unknown = Diagnostic::error(&node.place(), message);
        unknown.help = spelling::suggestion(&name, validators.keys().map(String::as_str))
            .or_else(|| Some("declare it in `x-amazon-apigateway-request-validators`".to_owned()));
        reading.findings.push(unknown);
    }
    found
}
