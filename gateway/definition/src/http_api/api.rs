//! `AWS::ApiGatewayV2::Api`.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-api.html>

use super::{cors, document, draft::Draft, integration};
use crate::{
    Diagnostic,
    cloudformation::Declared,
    document::{Map, Node},
    identifier,
    intrinsics::Scope,
    read::Reading,
    resources::{
        HttpAuthorization, HttpIntegration, HttpIntegrationKind, HttpMethod, HttpRoute, PayloadFormat, RouteKey,
    },
    shape, spelling,
    vocabulary::{
        Treatment::{Missing, Read, Silent},
        Vocabulary,
    },
};

pub(super) const TYPE: &str = "AWS::ApiGatewayV2::Api";

const API: &Vocabulary = &[
    ("ApiKeySelectionExpression", Silent),
    ("BasePath", Missing),
    ("Body", Read),
    ("BodyS3Location", Read),
    ("CorsConfiguration", Read),
    ("CredentialsArn", Silent),
    ("Description", Silent),
    ("DisableExecuteApiEndpoint", Read),
    ("DisableSchemaValidation", Silent),
    ("FailOnWarnings", Silent),
    ("IpAddressType", Silent),
    ("Name", Read),
    ("ProtocolType", Read),
    ("RouteKey", Read),
    ("RouteSelectionExpression", Silent),
    ("Tags", Silent),
    ("Target", Read),
    ("Version", Silent),
];

/// Reads an API; other resources add to it. Those of another protocol are said not to be served.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared, stem: &str) -> Option<Draft> {
    let properties = declared.resolved(reading, scope, ("an HTTP API", API));
    if !is_http(reading, declared, &properties)? {
        return None;
    }
    let id = identifier::rest_api(stem, &declared.logical_id);
    let mut draft = Draft::new(id, &declared.logical_id, declared.place.clone());
    if let Some(node) = properties.get("BodyS3Location") {
        let message = "a definition in S3 is not read";
        reading.findings.push(Diagnostic::error(&node.place(), message).help("write it into `Body`"));
        return None;
    }
    if let Some(body) = properties.get("Body") {
        document::read(reading, scope, &mut draft, body)?;
    }
    if let Some(name) = shape::text_of(&mut reading.findings, &properties, "Name") {
        draft.name = name;
    }
    if let Some(node) = properties.get("CorsConfiguration") {
        draft.cors = cors::property(reading, node, "`CorsConfiguration`");
    }
    draft.disable_execute_api_endpoint |= shape::flag(&mut reading.findings, &properties, "DisableExecuteApiEndpoint");
    if let Some(target) = properties.get("Target") {
        draft.is_quick = true;
        let route = quick_route(reading, scope, target, properties.get("RouteKey"));
        draft.routes.extend(route.map(|route| HttpRoute { place: declared.place.clone(), ..route }));
    }
    Some(draft)
}

fn is_http(reading: &mut Reading<'_>, declared: &Declared, properties: &Map) -> Option<bool> {
    let Some(node) = properties.get("ProtocolType") else {
        if properties.get("Body").is_none() && properties.get("BodyS3Location").is_none() {
            let message = "an API without a `Body` needs its `ProtocolType`";
            reading.findings.push(Diagnostic::error(&declared.place, message).help("write `ProtocolType: HTTP`"));
            return None;
        }
        return Some(true);
    };
    let text = shape::text(&mut reading.findings, node)?;
    match text.as_str() {
        "HTTP" => Some(true),
        "WEBSOCKET" => {
            reading.findings.warn(&node.place(), "a WebSocket API is not served yet");
            Some(false)
        }
        _ => {
            let mut unknown =
                Diagnostic::error(&node.place(), format!("unknown type of protocol `{}`", shape::brief(&text)));
            unknown.help = spelling::suggestion(&text, ["HTTP", "WEBSOCKET"]);
            reading.findings.push(unknown);
            None
        }
    }
}

/// What `Target` makes: one route to one integration, and the stage `$default`.
fn quick_route(reading: &mut Reading<'_>, scope: &Scope, target: &Node, key: Option<&Node>) -> Option<HttpRoute> {
    let text = shape::text(&mut reading.findings, target)?;
    let kind = if text.starts_with("http://") || text.starts_with("https://") {
        HttpIntegrationKind::Http { uri: text, http_method: HttpMethod::Any }
    } else {
        let function = integration::function(reading, scope, target, &text)?;
        HttpIntegrationKind::Lambda { function, payload_format: PayloadFormat::V2 }
    };
    let key = match key {
        Some(node) => route_key(reading, node)?,
        None => RouteKey::Default,
    };
    Some(HttpRoute {
        key,
        operation_name: None,
        authorization: HttpAuthorization::None,
        integration: HttpIntegration::new(kind, target.place()),
        place: target.place(),
    })
}

/// `GET /pets` or `$default`.
pub(super) fn route_key(reading: &mut Reading<'_>, node: &Node) -> Option<RouteKey> {
    let text = shape::text(&mut reading.findings, node)?;
    let key = RouteKey::parse(&text);
    if key.is_none() {
        let message = format!("`{}` is no route key", shape::brief(&text));
        reading.findings.push(Diagnostic::error(&node.place(), message).help("write `GET /pets/{id}` or `$default`"));
    }
    key
}
