//! OpenAPI 3.0 and Swagger 2.0 with API Gateway's extensions.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html>

mod authorizer;
mod cache;
mod connection;
mod functions;
mod gateway_responses;
mod import;
mod integration;
mod integration_response;
mod models;
mod operation;
mod parameters;
mod schema;
mod security;
mod settings;
mod swagger;
mod uri;
mod validators;

pub(crate) use gateway_responses::read as gateway_responses;
pub(crate) use import::normal;
pub(crate) use integration::{DEFAULT_TIMEOUT_MS, Declared as DeclaredByMethod, read as integration, timeout_ms};
pub(crate) use parameters::declare_path_parameters;
pub(crate) use settings::{api_key_source, minimum_compression_size, policy};
pub(crate) use uri::function as lambda_function;

use crate::{
    Diagnostic, Place,
    document::{Entry, Map, Node, Value},
    http_api, identifier, intrinsics,
    intrinsics::{Names, Scope, Target},
    read::Reading,
    resource_tree::ResourceTree,
    resources::{
        ApiKeySource, Authorizer, GatewayResponse, Model, Owner, Resources, RestApi, Sinks, Stage, TemplateText,
    },
    shape, spelling,
    vocabulary::{
        self,
        Treatment::{Guard, Missing, Read, Silent},
        Vocabulary,
    },
};
use indexmap::IndexMap;
use security::Schemes;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use validators::Validators;

/// What an OpenAPI document says of an API.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub(crate) title: Option<String>,
    pub(crate) binary_media_types: Vec<String>,
    pub(crate) tree: ResourceTree,
    pub(crate) api_key_source: ApiKeySource,
    pub(crate) minimum_compression_size: Option<u32>,
    pub(crate) policy: Option<TemplateText>,
    pub(crate) authorizers: Vec<Authorizer>,
    pub(crate) models: Vec<Model>,
    pub(crate) gateway_responses: Vec<GatewayResponse>,
    pub(crate) disable_execute_api_endpoint: bool,
}

/// What names an API that a document describes.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) id: String,
    pub(crate) logical_id: String,
    pub(crate) place: Place,
}

impl Document {
    /// The API, with the document's title as its name.
    pub(crate) fn rest_api(self, identity: Identity, stages: Vec<Stage>) -> RestApi {
        RestApi {
            name: self.title.unwrap_or_else(|| identity.logical_id.clone()),
            binary_media_types: self.binary_media_types,
            resources: self.tree.finish(&identity.id),
            api_key_source: self.api_key_source,
            minimum_compression_size: self.minimum_compression_size,
            policy: self.policy,
            authorizers: self.authorizers,
            models: self.models,
            gateway_responses: self.gateway_responses,
            disable_execute_api_endpoint: self.disable_execute_api_endpoint,
            stages,
            place: identity.place,
            logical_id: identity.logical_id,
            id: identity.id,
        }
    }
}

/// What the parts of a document are read with.
struct Api<'a> {
    scope: &'a Scope,
    root: &'a Map,
    /// The API's id.
    id: &'a str,
    schemes: Schemes,
    validators: Validators,
}

/// The keys of a document. Extensions of others (`x-..`) say nothing to API Gateway.
const ROOT: &Vocabulary = &[
    ("openapi", Read),
    ("info", Read),
    ("paths", Read),
    ("components", Read),
    ("security", Read),
    ("servers", Silent),
    ("tags", Silent),
    ("externalDocs", Silent),
    ("jsonSchemaDialect", Silent),
    ("webhooks", Silent),
    ("x-fanlight-functions", Read),
    ("x-amazon-apigateway-api-key-source", Read),
    ("x-amazon-apigateway-binary-media-types", Read),
    ("x-amazon-apigateway-cors", Missing),
    ("x-amazon-apigateway-documentation", Silent),
    ("x-amazon-apigateway-endpoint-access-mode", Guard),
    ("x-amazon-apigateway-endpoint-configuration", Read),
    ("x-amazon-apigateway-gateway-responses", Read),
    ("x-amazon-apigateway-importexport-version", Silent),
    ("x-amazon-apigateway-minimum-compression-size", Read),
    ("x-amazon-apigateway-policy", Read),
    ("x-amazon-apigateway-request-validator", Read),
    ("x-amazon-apigateway-request-validators", Read),
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
    let (rest_apis, http_apis) = if http_api::is_http(&resolved) {
        (Vec::new(), vec![http_api::read_document(reading, &scope, &stem, &resolved)?])
    } else {
        (vec![read_rest_api(reading, &scope, stem, &resolved)?], Vec::new())
    };
    Some(Resources {
        owner: Owner::File(file.to_path_buf()),
        revision: reading.options.revision,
        account_id: scope.account_id,
        region: scope.region,
        rest_apis,
        http_apis,
        functions,
        api_keys: Vec::new(),
        usage_plans: Vec::new(),
        domain_names: Vec::new(),
        sinks: Sinks::default(),
        files: reading.sources.files().map(Path::to_path_buf).collect(),
    })
}

/// Reads a document by itself as a REST API.
fn read_rest_api(reading: &mut Reading<'_>, scope: &Scope, stem: String, root: &Node) -> Option<RestApi> {
    let before = reading.findings.errors();
    let id = identifier::rest_api(&stem, &stem);
    let document = document(reading, scope, &id, root)?;
    check_methods(reading, &document, &root.place(), before);
    let stage = reading.options.stage.clone().unwrap_or_else(|| "Prod".to_owned());
    let stages = vec![Stage::new(stage, IndexMap::new(), root.place())];
    Some(document.rest_api(Identity { id, logical_id: stem, place: root.place() }, stages))
}

/// Reads a document whose intrinsics are resolved; `id` is that of the API it becomes.
pub(crate) fn document(reading: &mut Reading<'_>, scope: &Scope, id: &str, root: &Node) -> Option<Document> {
    let normal = normal(reading, scope, root)?;
    let map = shape::map(&mut reading.findings, &normal)?;
    vocabulary::check_extensible(&mut reading.findings, map, "an OpenAPI document", ROOT);
    let mut document = Document { title: title(reading, map), ..Document::default() };
    settings::read(reading, map, &mut document);
    let Some(paths) = map.get("paths") else {
        reading.findings.push(Diagnostic::error(&root.place(), "the document has no `paths`"));
        return None;
    };
    let paths = shape::map(&mut reading.findings, paths)?;
    let validators = validators::read_all(reading, map);
    let mut api = Api { scope, root: map, id, schemes: Schemes::new(), validators };
    api.schemes = security::read_schemes(reading, &api);
    let mut models = models::read_named(reading, &api);
    for (path, entry) in paths.iter() {
        if path.starts_with("x-") {
            continue;
        }
        if let Some(path) = document.tree.add_path(&mut reading.findings, path, &entry.key_place()) {
            operation::read_path(reading, &api, (&mut document.tree, &mut models), (&path, &entry.node));
        }
    }
    document.models = models.into_values().collect();
    document.authorizers = security::authorizers(api.schemes);
    Some(document)
}

/// Reads an authorizer that stands by itself, spelled as the extension is; `api` is the API's id and the authorizer's name.
pub(crate) fn authorizer(
    reading: &mut Reading<'_>,
    scope: &Scope,
    (id, name): (&str, &str),
    node: &Node,
) -> Option<Authorizer> {
    let root = Map::default();
    let api = Api { scope, root: &root, id, schemes: Schemes::new(), validators: Validators::new() };
    authorizer::read(reading, &api, (name, None), node)
}

/// Reads models that stand by themselves, as `components.schemas` has them.
pub(crate) fn named_models(reading: &mut Reading<'_>, scope: &Scope, id: &str, schemas: Entry) -> Vec<Model> {
    let node = schemas.node.clone();
    let components = Map { entries: IndexMap::from([("schemas".to_owned(), schemas)]) };
    let components = Entry { key: node.spot, node: node.with(Value::Map(components)) };
    let root = Map { entries: IndexMap::from([("components".to_owned(), components)]) };
    let api = Api { scope, root: &root, id, schemes: Schemes::new(), validators: Validators::new() };
    models::read_named(reading, &api).into_values().collect()
}

/// AWS deploys no API without methods; `before` is how many errors there were before its methods were read.
pub(crate) fn check_methods(reading: &mut Reading<'_>, document: &Document, place: &Place, before: usize) {
    let none = document.tree.resources().all(|resource| resource.methods.is_empty());
    if none && reading.findings.errors() == before {
        reading.findings.error(place, "the API has no methods, and AWS deploys none without");
    }
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
pub(crate) fn follow<'a>(reading: &mut Reading<'_>, document: &'a Map, node: &'a Node) -> Option<&'a Node> {
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
