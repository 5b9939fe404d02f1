//! OpenAPI 3.0 with API Gateway's extensions.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html>

mod functions;
mod integration;
mod integration_response;
mod operation;
mod uri;

pub(crate) use integration::{DEFAULT_TIMEOUT_MS, timeout_ms};

use crate::{
    Diagnostic, Place,
    document::{Map, Node},
    endpoint_configuration, identifier, intrinsics,
    intrinsics::{Names, Scope, Target},
    read::Reading,
    resource_tree::ResourceTree,
    resources::{ApiKeySource, Owner, Resources, RestApi, Stage},
    shape, spelling,
    vocabulary::{
        self,
        Treatment::{Guard, LeftOut, Missing, Read, Silent},
        Vocabulary,
    },
};
use indexmap::IndexMap;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// What an OpenAPI document says of an API.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub(crate) title: Option<String>,
    pub(crate) binary_media_types: Vec<String>,
    pub(crate) tree: ResourceTree,
}

/// The keys of a document. Extensions of others (`x-..`) say nothing to API Gateway.
const ROOT: &Vocabulary = &[
    ("openapi", Read),
    ("info", Read),
    ("paths", Read),
    ("components", Read),
    ("security", Guard),
    ("servers", Silent),
    ("tags", Silent),
    ("externalDocs", Silent),
    ("x-fanlight-functions", Read),
    ("x-amazon-apigateway-api-key-source", LeftOut),
    ("x-amazon-apigateway-binary-media-types", Read),
    ("x-amazon-apigateway-cors", Missing),
    ("x-amazon-apigateway-documentation", Silent),
    ("x-amazon-apigateway-endpoint-access-mode", Guard),
    ("x-amazon-apigateway-endpoint-configuration", Read),
    ("x-amazon-apigateway-gateway-responses", Missing),
    ("x-amazon-apigateway-importexport-version", Silent),
    ("x-amazon-apigateway-minimum-compression-size", LeftOut),
    ("x-amazon-apigateway-policy", Guard),
    ("x-amazon-apigateway-request-validator", Guard),
    // Defined is not used: a method or the document must name one.
    ("x-amazon-apigateway-request-validators", Silent),
    ("x-amazon-apigateway-security-policy", Guard),
];

/// Reads a file that is an OpenAPI document as a whole.
pub(crate) fn read(reading: &mut Reading<'_>, file: &Arc<PathBuf>, root: &Node) -> Option<Resources> {
    let folder = file.parent().unwrap_or_else(|| Path::new("")).to_path_buf();
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut scope = Scope {
        region: reading.options.region.clone(),
        account_id: reading.options.account_id.clone(),
        stack_name: reading.options.stack_name.clone().unwrap_or_else(|| stem.clone()),
        folder,
        names: Names::Partial,
        ..Scope::default()
    };
    let functions = functions::read(reading, &mut scope, root);
    let resolved = intrinsics::resolve(reading, &scope, root)?;
    let before = reading.findings.errors();
    let document = document(reading, &scope, &resolved)?;
    check_methods(reading, &document, &root.place(), before);
    let stage = reading.options.stage.clone().unwrap_or_else(|| "Prod".to_owned());
    let id = identifier::rest_api(&stem, &stem);
    let rest_api = RestApi {
        name: document.title.unwrap_or_else(|| stem.clone()),
        logical_id: stem,
        binary_media_types: document.binary_media_types,
        resources: document.tree.finish(&id),
        api_key_source: ApiKeySource::default(),
        minimum_compression_size: None,
        policy: None,
        authorizers: Vec::new(),
        models: Vec::new(),
        gateway_responses: Vec::new(),
        disable_execute_api_endpoint: false,
        stages: vec![Stage::new(stage, IndexMap::new(), root.place())],
        place: root.place(),
        id,
    };
    Some(Resources {
        owner: Owner::File(file.to_path_buf()),
        revision: reading.options.revision,
        account_id: scope.account_id,
        region: scope.region,
        rest_apis: vec![rest_api],
        functions,
        api_keys: Vec::new(),
        usage_plans: Vec::new(),
        domain_names: Vec::new(),
        files: reading.sources.files().map(Path::to_path_buf).collect(),
    })
}

/// Reads a document whose intrinsics are resolved.
pub(crate) fn document(reading: &mut Reading<'_>, scope: &Scope, root: &Node) -> Option<Document> {
    let map = shape::map(&mut reading.findings, root)?;
    check_version(reading, map, root)?;
    vocabulary::check_extensible(&mut reading.findings, map, "an OpenAPI document", ROOT);
    let mut document = Document { title: title(reading, map), ..Document::default() };
    if let Some(types) = map.get("x-amazon-apigateway-binary-media-types") {
        document.binary_media_types = shape::texts(&mut reading.findings, types);
    }
    if let Some(node) = map.get("x-amazon-apigateway-endpoint-configuration") {
        endpoint_configuration::check_openapi(reading, node);
    }
    let Some(paths) = map.get("paths") else {
        reading.findings.push(Diagnostic::error(&root.place(), "the document has no `paths`"));
        return None;
    };
    let paths = shape::map(&mut reading.findings, paths)?;
    for (path, entry) in paths.iter() {
        if path.starts_with("x-") {
            continue;
        }
        if let Some(path) = document.tree.add_path(&mut reading.findings, path, &entry.key_place()) {
            operation::read_path(reading, (scope, map), &mut document.tree, (&path, &entry.node));
        }
    }
    Some(document)
}

/// AWS deploys no API without methods; `before` is how many errors there were before its methods were read.
pub(crate) fn check_methods(reading: &mut Reading<'_>, document: &Document, place: &Place, before: usize) {
    let none = document.tree.resources().all(|resource| resource.methods.is_empty());
    if none && reading.findings.errors() == before {
        reading.findings.error(place, "the API has no methods, and AWS deploys none without");
    }
}

fn check_version(reading: &mut Reading<'_>, map: &Map, root: &Node) -> Option<()> {
    let Some(version) = map.get("openapi") else {
        let message = if map.get("swagger").is_some() {
            "this is a Swagger 2.0 document, which is not read yet"
        } else {
            "the document has no `openapi` version"
        };
        let place = map.get("swagger").map_or_else(|| root.place(), Node::place);
        reading.findings.push(Diagnostic::error(&place, message).help("write `openapi: 3.0.1`"));
        return None;
    };
    let text = shape::text(&mut reading.findings, version)?;
    if text != "3.0" && !text.starts_with("3.0.") {
        let message = format!("this is OpenAPI `{}`, which is not read yet", shape::brief(&text));
        reading.findings.push(Diagnostic::error(&version.place(), message).help("API Gateway imports OpenAPI 3.0"));
        return None;
    }
    Some(())
}

fn title(reading: &mut Reading<'_>, map: &Map) -> Option<String> {
    let info = shape::map(&mut reading.findings, map.get("info")?)?;
    shape::text(&mut reading.findings, info.get("title")?)
}

/// The functions that a URI may name, nearest first in mind: their names.
fn function_names(scope: &Scope) -> impl Iterator<Item = &str> {
    scope.targets.values().filter_map(|target| match target {
        Target::Function { name, alias: _ } => Some(name.as_str()),
        Target::Api { .. }
        | Target::Layer { .. }
        | Target::Known { .. }
        | Target::Unserved { .. }
        | Target::Absent { .. } => None,
    })
}

/// What `$ref: '#/a/b'` stands for.
fn follow<'a>(reading: &mut Reading<'_>, document: &'a Map, node: &'a Node) -> Option<&'a Node> {
    let Some(reference) = node.as_map().and_then(|map| map.get("$ref")) else { return Some(node) };
    let text = shape::text(&mut reading.findings, reference)?;
    let mut steps = text.strip_prefix("#/").into_iter().flat_map(|path| path.split('/'));
    let start = steps.next().and_then(|step| document.get(step));
    let found = steps.fold(start, |node, step| node?.as_map()?.get(&step.replace("~1", "/").replace("~0", "~")));
    if found.is_none() {
        reading.findings.error(&reference.place(), format!("`$ref` leads nowhere: `{}`", shape::brief(&text)));
    }
    found
}

/// An error about a word that is none of the known ones.
fn unknown_word(node: &Node, message: String, known: &[&str]) -> Diagnostic {
    let mut unknown = Diagnostic::error(&node.place(), message);
    let word = node.as_text().unwrap_or_default();
    unknown.help = spelling::suggestion(word, known.iter().copied()).or_else(|| {
        Some(format!("one of {}", known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")))
    });
    unknown
}
