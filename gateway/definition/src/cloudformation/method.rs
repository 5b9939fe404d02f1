//! `AWS::ApiGateway::Method`.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-method.html>

use super::{
    draft::{self, Draft},
    integration, model,
    resource::Paths,
    template::Declared,
};
use crate::{
    Diagnostic,
    document::{Map, Node},
    identifier,
    intrinsics::Scope,
    openapi::DeclaredByMethod,
    read::Reading,
    resources::{Authorization, AuthorizerKind, HttpMethod, Method, MethodResponse, RequestValidation},
    shape, spelling,
    vocabulary::{self, Treatment::Read, Vocabulary},
};
use indexmap::IndexMap;

const METHOD: &Vocabulary = &[
    ("ApiKeyRequired", Read),
    ("AuthorizationScopes", Read),
    ("AuthorizationType", Read),
    ("AuthorizerId", Read),
    ("HttpMethod", Read),
    ("Integration", Read),
    ("MethodResponses", Read),
    ("OperationName", Read),
    ("RequestModels", Read),
    ("RequestParameters", Read),
    ("RequestValidatorId", Read),
    ("ResourceId", Read),
    ("RestApiId", Read),
];

const RESPONSE: &Vocabulary = &[("ResponseModels", Read), ("ResponseParameters", Read), ("StatusCode", Read)];

/// Reads a method into its API.
pub(super) fn read(
    reading: &mut Reading<'_>,
    scope: &Scope,
    (declared, paths): (&Declared, &Paths),
    drafts: &mut [Draft],
) {
    let properties = declared.resolved(reading, scope, ("a method", METHOD));
    let Some(draft) = draft::of(reading, drafts, (declared, &properties)) else { return };
    let path = path(reading, (declared, &properties), (&draft.identity.id, paths));
    let http_method = declared.required(reading, &properties, "HttpMethod").and_then(|node| verb(reading, node));
    let Some(node) = properties.get("Integration") else {
        let message = "the method has no `Integration`, and AWS deploys none without";
        reading.findings.error(&declared.place, message);
        return;
    };
    let method_responses = properties.get("MethodResponses").map(|node| responses(reading, node)).unwrap_or_default();
    let request_parameters = request_parameters(reading, properties.get("RequestParameters"));
    let declared_here = DeclaredByMethod { responses: &method_responses, parameters: &request_parameters };
    let integration = integration::read(reading, scope, node, &declared_here);
    let authorization = authorization(reading, (declared, &properties), draft);
    let request_models = request_models(reading, properties.get("RequestModels"), draft);
    let (Some(path), Some(http_method), Some(integration)) = (path, http_method, integration) else { return };
    let mut method = Method::new(http_method, integration, declared.place.clone());
    method.operation_name = shape::text_of(&mut reading.findings, &properties, "OperationName");
    method.authorization = authorization.unwrap_or_default();
    method.api_key_required = shape::flag(&mut reading.findings, &properties, "ApiKeyRequired");
    method.request_parameters = request_parameters;
    method.request_models = request_models;
    method.request_validation = validation(reading, properties.get("RequestValidatorId"), draft);
    method.method_responses = method_responses;
    draft.document.tree.add_method(&mut reading.findings, &path, method);
}

fn path(
    reading: &mut Reading<'_>,
    (declared, properties): (&Declared, &Map),
    (api_id, paths): (&str, &Paths),
) -> Option<String> {
    let node = declared.required(reading, properties, "ResourceId")?;
    let id = shape::text(&mut reading.findings, node)?;
    if id == identifier::resource(api_id, "/", 0) {
        return Some("/".to_owned());
    }
    let path = paths.get(&(api_id.to_owned(), id.clone())).cloned();
    if path.is_none() && reading.findings.errors() == 0 {
        let message = format!("`{}` is no resource of the same API", shape::brief(&id));
        let help = "write `!GetAtt Api.RootResourceId`, or `!Ref` and the logical id of a resource";
        reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
    }
    path
}

fn verb(reading: &mut Reading<'_>, node: &Node) -> Option<HttpMethod> {
    let text = shape::text(&mut reading.findings, node)?;
    let verb = HttpMethod::parse(&text);
    if verb.is_none() {
        let mut unknown = Diagnostic::error(&node.place(), format!("unknown method `{}`", shape::brief(&text)));
        unknown.help = spelling::suggestion(&text, HttpMethod::ALL.map(HttpMethod::as_str));
        reading.findings.push(unknown);
    }
    verb
}

fn authorization(
    reading: &mut Reading<'_>,
    (declared, properties): (&Declared, &Map),
    draft: &Draft,
) -> Option<Authorization> {
    let Some(node) = properties.get("AuthorizationType") else { return Some(Authorization::None) };
    let text = shape::text(&mut reading.findings, node)?;
    let scopes = properties.get("AuthorizationScopes").filter(|node| !node.says_no());
    let scopes = scopes.map(|node| shape::texts(&mut reading.findings, node)).unwrap_or_default();
    let named = match text.to_ascii_uppercase().as_str() {
        // AWS passes over an `AuthorizerId` beside these.
        "NONE" => return Some(Authorization::None),
        "AWS_IAM" => return Some(Authorization::Iam),
        "CUSTOM" | "COGNITO_USER_POOLS" => declared.required(reading, properties, "AuthorizerId")?,
        _ => {
            let known = ["NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS"];
            let message = format!("unknown authorization `{}`", shape::brief(&text));
            let mut unknown = Diagnostic::error(&node.place(), message);
            unknown.help = spelling::suggestion(&text, known);
            reading.findings.push(unknown);
            return None;
        }
    };
    let id = shape::text(&mut reading.findings, named)?;
    let Some(authorizer) = draft.document.authorizers.iter().find(|authorizer| authorizer.id == id) else {
        if reading.findings.errors() == 0 {
            let message = format!("`{}` is no authorizer of the same API", shape::brief(&id));
            let help = "write `!Ref` and the logical id of an `AWS::ApiGateway::Authorizer`";
            reading.findings.push(Diagnostic::error(&named.place(), message).help(help));
        }
        return None;
    };
    let custom = text.eq_ignore_ascii_case("CUSTOM");
    match (&authorizer.kind, custom) {
        (AuthorizerKind::Token { .. } | AuthorizerKind::Request { .. }, true) => {
            Some(Authorization::Custom { authorizer: id })
        }
        (AuthorizerKind::CognitoUserPools { .. }, false) => {
            Some(Authorization::CognitoUserPools { authorizer: id, scopes })
        }
        (_, _) => {
            let message = format!("the authorizer `{}` is of another type than `{text}`", authorizer.name);
            let help = "`CUSTOM` is for functions, `COGNITO_USER_POOLS` for user pools";
            reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
            None
        }
    }
}

fn validation(reading: &mut Reading<'_>, node: Option<&Node>, draft: &Draft) -> RequestValidation {
    let Some(node) = node else { return RequestValidation::default() };
    let Some(id) = shape::text(&mut reading.findings, node) else { return RequestValidation::default() };
    match draft.validators.get(&id) {
        Some(validation) => *validation,
        None => {
            if reading.findings.errors() == 0 {
                let message = format!("`{}` is no request validator of the same API", shape::brief(&id));
                let help = "write `!Ref` and the logical id of an `AWS::ApiGateway::RequestValidator`";
                reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
            }
            RequestValidation::default()
        }
    }
}

fn request_models(reading: &mut Reading<'_>, node: Option<&Node>, draft: &mut Draft) -> IndexMap<String, String> {
    let mut models = IndexMap::new();
    let map = node.and_then(|node| shape::map(&mut reading.findings, node));
    for (media_type, entry) in map.into_iter().flat_map(Map::iter) {
        let Some(name) = shape::text(&mut reading.findings, &entry.node) else { continue };
        if model::named(draft, &name).is_none() && reading.findings.errors() == 0 {
            let message = format!("`{}` is no model of the same API", shape::brief(&name));
            let mut unknown = Diagnostic::error(&entry.node.place(), message);
            let known = draft.document.models.iter().map(|model| model.name.as_str());
            unknown.help = spelling::suggestion(&name, known);
            reading.findings.push(unknown);
        }
        models.insert(media_type.to_owned(), name);
    }
    models
}

fn request_parameters(reading: &mut Reading<'_>, node: Option<&Node>) -> IndexMap<String, bool> {
    let mut parameters = IndexMap::new();
    let map = node.and_then(|node| shape::map(&mut reading.findings, node));
    for (key, entry) in map.into_iter().flat_map(Map::iter) {
        if !is_request_parameter(key) {
            let message = format!("`{}` is no parameter of a method request", shape::brief(key));
            let help = "write `method.request.header.X`, `.querystring.X` or `.path.X`";
            reading.findings.push(Diagnostic::error(&entry.key_place(), message).help(help));
        } else if let Some(required) = shape::boolean(&mut reading.findings, &entry.node) {
            parameters.insert(key.to_owned(), required);
        }
    }
    parameters
}

/// Whether a text names a parameter of a method request.
pub(crate) fn is_request_parameter(text: &str) -> bool {
    ["method.request.header.", "method.request.querystring.", "method.request.path."]
        .iter()
        .any(|prefix| text.strip_prefix(prefix).is_some_and(|name| !name.is_empty()))
}

fn responses(reading: &mut Reading<'_>, node: &Node) -> Vec<MethodResponse> {
    const HEADER: &str = "method.response.header.";
    let mut responses = Vec::new();
    for item in shape::list(&mut reading.findings, node).unwrap_or_default() {
        let Some(map) = shape::map(&mut reading.findings, item) else { continue };
        vocabulary::check(&mut reading.findings, map, "a method response", RESPONSE);
        let Some(status) = map.get("StatusCode") else {
            reading.findings.error(&item.place(), "the method response has no `StatusCode`");
            continue;
        };
        let Some(status_code) = status_code(reading, status) else { continue };
        let mut headers = Vec::new();
        let parameters = map.get("ResponseParameters").and_then(|node| shape::map(&mut reading.findings, node));
        for (key, entry) in parameters.into_iter().flat_map(Map::iter) {
            match key.strip_prefix(HEADER).filter(|name| !name.is_empty()) {
                Some(name) => headers.push(name.to_owned()),
                None => {
                    let message = format!("`{}` is no parameter of a method response", shape::brief(key));
                    let help = format!("write `{HEADER}X`");
                    reading.findings.push(Diagnostic::error(&entry.key_place(), message).help(help));
                }
            }
        }
        let models = map.get("ResponseModels").map(|node| shape::text_map(&mut reading.findings, node));
        responses.push(MethodResponse { status_code, headers, models: models.unwrap_or_default() });
    }
    responses
}

/// A status as AWS takes it: `[1-5]\d\d`.
fn status_code(reading: &mut Reading<'_>, node: &Node) -> Option<u16> {
    let text = shape::text(&mut reading.findings, node)?;
    let status = text.parse::<u16>().ok().filter(|status| (100..600).contains(status) && text.len() == 3);
    if status.is_none() {
        shape::mismatch(&mut reading.findings, node, "a status such as `200`");
    }
    status
}
