//! `Models` of an API, and the `RequestModel` and `RequestParameters` of its events.
//!
//! AWS: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-requestmodel.html>

use crate::{
    Diagnostic, Place,
    cloudformation::method::is_request_parameter,
    document::{Entry, Map, Node, Value},
    intrinsics::Scope,
    openapi,
    read::Reading,
    resources::{Method, Model, RequestValidation, TemplateText},
    shape, spelling,
    vocabulary::{
        self,
        Treatment::{Read, Silent},
        Vocabulary,
    },
};

const REQUEST_MODEL: &Vocabulary =
    &[("Model", Read), ("Required", Silent), ("ValidateBody", Read), ("ValidateParameters", Read)];

const PARAMETER: &Vocabulary = &[("Caching", Read), ("Required", Read)];

/// What an event asks of requests.
#[derive(Debug, Clone, Default)]
pub(super) struct RequestShape {
    model: Option<(String, Place)>,
    validation: RequestValidation,
    /// Name, whether it is required, and whether it tells cached answers apart.
    parameters: Vec<(TemplateText, bool, bool)>,
}

/// Reads the models of an API; SAM writes their names in small letters.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, api_id: &str, node: &Node) -> Vec<Model> {
    let Some(map) = shape::map(&mut reading.findings, node) else { return Vec::new() };
    let mut schemas = Map::default();
    for (name, entry) in map.iter() {
        let entry = Entry { key: entry.key, node: referring(&entry.node) };
        if schemas.entries.insert(name.to_lowercase(), entry).is_some() {
            let message =
                format!("two models are called `{}` in small letters, as SAM writes them", name.to_lowercase());
            reading.findings.error(&node.place(), message);
        }
    }
    let schemas = Entry { key: node.spot, node: node.with(Value::Map(schemas)) };
    openapi::named_models(reading, scope, api_id, schemas)
}

/// A schema with its references to other models as OpenAPI 3.0 writes them.
fn referring(node: &Node) -> Node {
    let value = match &node.value {
        Value::List(items) => Value::List(items.iter().map(referring).collect()),
        Value::Map(map) => {
            let mut referred = Map::default();
            for (key, entry) in map.iter() {
                let target = entry.node.as_text().and_then(|text| text.strip_prefix("#/definitions/"));
                let node = match target {
                    Some(name) if key == "$ref" => entry.node.with_text(format!("#/components/schemas/{name}")),
                    Some(_) | None => referring(&entry.node),
                };
                referred.entries.insert(key.to_owned(), Entry { key: entry.key, node });
            }
            Value::Map(referred)
        }
        Value::Null | Value::Scalar { .. } | Value::Unresolved => node.value.clone(),
    };
    node.with(value)
}

/// Reads what an event asks of requests, intrinsics resolved.
pub(super) fn read_shape(
    reading: &mut Reading<'_>,
    (model, parameters): (Option<&Node>, Option<&Node>),
) -> RequestShape {
    let mut shape = RequestShape::default();
    if let Some(node) = model
        && let Some(map) = shape::map(&mut reading.findings, node)
    {
        vocabulary::check(&mut reading.findings, map, "`RequestModel`", REQUEST_MODEL);
        shape.validation = RequestValidation {
            body: shape::flag(&mut reading.findings, map, "ValidateBody"),
            parameters: shape::flag(&mut reading.findings, map, "ValidateParameters"),
        };
        match map.get("Model") {
            Some(name) => {
                shape.model = shape::text(&mut reading.findings, name).map(|text| (text, name.place()));
            }
            None => reading.findings.error(&node.place(), "`RequestModel` needs `Model`"),
        }
    }
    for item in parameters.and_then(|node| shape::list(&mut reading.findings, node)).unwrap_or_default() {
        read_parameter(reading, item, &mut shape);
    }
    shape
}

fn read_parameter(reading: &mut Reading<'_>, item: &Node, shape: &mut RequestShape) {
    let Some(map) = item.as_map() else {
        if let Some(name) = shape::text(&mut reading.findings, item) {
            add_parameter(reading, shape, (TemplateText { text: name, place: item.place() }, false, false));
        }
        return;
    };
    for (name, entry) in map.iter() {
        let name = TemplateText { text: name.to_owned(), place: entry.key_place() };
        let Some(settings) = shape::map(&mut reading.findings, &entry.node) else { continue };
        vocabulary::check(&mut reading.findings, settings, "a request parameter", PARAMETER);
        let required = shape::flag(&mut reading.findings, settings, "Required");
        let caching = shape::flag(&mut reading.findings, settings, "Caching");
        add_parameter(reading, shape, (name, required, caching));
    }
}

fn add_parameter(reading: &mut Reading<'_>, shape: &mut RequestShape, parameter: (TemplateText, bool, bool)) {
    let TemplateText { text, place } = &parameter.0;
    if is_request_parameter(text) {
        shape.parameters.push(parameter);
        return;
    }
    let message = format!("`{}` is no parameter of a method request", shape::brief(text));
    let help = "write `method.request.header.X`, `.querystring.X` or `.path.X`";
    reading.findings.push(Diagnostic::error(place, message).help(help));
}

/// Puts on a method what its event asks of requests.
pub(super) fn apply(reading: &mut Reading<'_>, models: &[Model], shape: RequestShape, method: &mut Method) {
    if let Some((written, place)) = shape.model {
        let name = written.to_lowercase();
        if !models.iter().any(|model| model.name == name) {
            let message = format!("no model of the API is called `{}`", shape::brief(&written));
            let mut unknown = Diagnostic::error(&place, message);
            unknown.help = spelling::suggestion(&name, models.iter().map(|model| model.name.as_str()))
                .or_else(|| Some("declare it below `Models` of the API".to_owned()));
            reading.findings.push(unknown);
        }
        method.request_models.insert("application/json".to_owned(), name);
    }
    method.request_validation = shape.validation;
    for (name, required, caching) in shape.parameters {
        // A path without its parameter is another path.
        let required = required || name.text.starts_with("method.request.path.");
        method.request_parameters.insert(name.text.clone(), required);
        if caching {
            method.integration.cache_key_parameters.push(name);
        }
    }
}

/// Says that a model counts for nothing, because the API's own definition has the method.
pub(super) fn pass_over(reading: &mut Reading<'_>, shape: &RequestShape) {
    if let Some((_, place)) = &shape.model {
        let message = "the API has a definition of its own, so SAM does not look at this `RequestModel`";
        reading.findings.push(Diagnostic::warning(place, message).help("say it in that definition"));
    }
}
