//! `Auth.Authorizers` of an API.
//!
//! AWS: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiauth.html>

use crate::{
    Diagnostic, Place,
    document::{Entry, Map, Node},
    identifier,
    intrinsics::Scope,
    limits, openapi,
    read::Reading,
    resources::{Authorization, Authorizer, AuthorizerKind, TemplateText},
    shape, spelling,
    vocabulary::{
        self,
        Treatment::{Read, Silent},
        Vocabulary,
    },
};

const AUTHORIZER: &Vocabulary = &[
    ("AuthorizationScopes", Read),
    // Of HTTP APIs: SAM passes over them here.
    ("AuthorizerPayloadFormatVersion", Silent),
    ("EnableSimpleResponses", Silent),
    ("DisableFunctionDefaultPermissions", Silent),
    ("FunctionArn", Read),
    ("FunctionInvokeRole", Silent),
    ("FunctionPayloadType", Read),
    ("Identity", Read),
    ("UserPoolArn", Read),
];

const IDENTITY: &Vocabulary = &[
    ("Context", Read),
    ("Header", Read),
    ("Headers", Read),
    ("QueryStrings", Read),
    ("ReauthorizeEvery", Read),
    ("StageVariables", Read),
    ("ValidationExpression", Read),
];

/// Seconds that a result is kept when nobody says.
const DEFAULT_TTL: u32 = 300;

/// An authorizer by its name.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) name: String,
    /// `None` when its fault has been reported.
    pub(super) authorizer: Option<Authorizer>,
    /// `AuthorizationScopes` of methods that name none.
    scopes: Vec<String>,
}

/// Reads the authorizers of an API.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, node: &Node, api_id: &str) -> Vec<Named> {
    let mut authorizers = Vec::new();
    for (name, entry) in shape::map(&mut reading.findings, node).into_iter().flat_map(Map::iter) {
        let map = shape::map(&mut reading.findings, &entry.node).cloned().unwrap_or_default();
        vocabulary::check(&mut reading.findings, &map, "an authorizer", AUTHORIZER);
        let scopes = map.get("AuthorizationScopes").filter(|node| !node.says_no());
        let scopes = scopes.map(|node| shape::texts(&mut reading.findings, node)).unwrap_or_default();
        let authorizer = read_one(reading, scope, (&map, entry), (api_id, name));
        authorizers.push(Named { name: name.to_owned(), authorizer, scopes });
    }
    authorizers
}

/// What a method that names an authorizer asks of its callers; `None` when the authorizer is broken.
pub(super) fn authorization(named: &Named, scopes: Option<&[String]>) -> Option<Authorization> {
    let authorizer = named.authorizer.as_ref()?;
    let id = authorizer.id.clone();
    Some(match authorizer.kind {
        AuthorizerKind::Token { .. } | AuthorizerKind::Request { .. } => Authorization::Custom { authorizer: id },
        AuthorizerKind::CognitoUserPools { .. } => {
            let scopes = scopes.map_or_else(|| named.scopes.clone(), <[String]>::to_vec);
            Authorization::CognitoUserPools { authorizer: id, scopes }
        }
    })
}

fn read_one(
    reading: &mut Reading<'_>,
    scope: &Scope,
    (map, entry): (&Map, &Entry),
    (api_id, name): (&str, &str),
) -> Option<Authorizer> {
    let place = entry.key_place();
    let identity = map.get("Identity").and_then(|node| shape::map(&mut reading.findings, node)).cloned();
    let identity = identity.unwrap_or_default();
    vocabulary::check(&mut reading.findings, &identity, "`Identity`", IDENTITY);
    let kind = read_kind(reading, scope, map, &place)?;
    let ttl = identity.get("ReauthorizeEvery");
    let ttl = ttl.and_then(|node| shape::integer(&mut reading.findings, node, &limits::AUTHORIZER_RESULT_TTL));
    let result_ttl_seconds = ttl.and_then(|ttl| u32::try_from(ttl).ok()).unwrap_or(DEFAULT_TTL);
    let identity_sources = match kind {
        AuthorizerKind::Token { .. } | AuthorizerKind::CognitoUserPools { .. } => {
            vec![header(reading, &identity, &place)]
        }
        AuthorizerKind::Request { .. } => {
            let prefixes = ["method.request.header.", "method.request.querystring.", "stageVariables.", "context."];
            identity_sources(reading, &identity, prefixes)
        }
    };
    if identity_sources.is_empty() && result_ttl_seconds > 0 {
        let message = format!("the authorizer `{name}` keeps results and has nothing to tell callers apart by");
        let help = "give `Identity` one of `Headers`, `QueryStrings`, `StageVariables`, `Context`, or \
                    `ReauthorizeEvery: 0`";
        reading.findings.push(Diagnostic::error(&place, message).help(help));
        return None;
    }
    let expression = identity.get("ValidationExpression").and_then(|node| {
        let text = shape::text(&mut reading.findings, node)?;
        Some(TemplateText { text, place: node.place() })
    });
    let identity_validation_expression = match (&kind, expression) {
        (AuthorizerKind::Request { .. }, Some(expression)) => {
            let message = "`ValidationExpression` is for tokens only; SAM passes over this one";
            reading.findings.warn(&expression.place, message);
            None
        }
        (_, expression) => expression,
    };
    Some(Authorizer {
        id: identifier::authorizer(api_id, name),
        name: name.to_owned(),
        kind,
        identity_sources,
        identity_validation_expression,
        result_ttl_seconds,
        place,
    })
}

fn read_kind(reading: &mut Reading<'_>, scope: &Scope, map: &Map, place: &Place) -> Option<AuthorizerKind> {
    match (map.get("UserPoolArn"), map.get("FunctionArn")) {
        (Some(pools), None) => {
            let items = pools.as_list().unwrap_or_else(|| std::slice::from_ref(pools));
            let arns = items.iter().map(|item| {
                let text = shape::text(&mut reading.findings, item)?;
                Some(TemplateText { text, place: item.place() })
            });
            Some(AuthorizerKind::CognitoUserPools { provider_arns: arns.collect::<Option<_>>()? })
        }
        (None, Some(node)) => {
            let arn = shape::text(&mut reading.findings, node)?;
            if !arn.starts_with("arn:") {
                let message = format!("`{}` is no ARN of a function", shape::brief(&arn));
                reading.findings.push(Diagnostic::error(&node.place(), message).help("write `!GetAtt Function.Arn`"));
                return None;
            }
            let uri = format!("arn:aws:apigateway:{}:lambda:path/2015-03-31/functions/{arn}/invocations", scope.region);
            let function = openapi::lambda_function(reading, scope, node, &uri)?;
            let Some(kind) = map.get("FunctionPayloadType") else { return Some(AuthorizerKind::Token { function }) };
            let text = shape::text(&mut reading.findings, kind)?;
            match text.as_str() {
                "TOKEN" => Some(AuthorizerKind::Token { function }),
                "REQUEST" => Some(AuthorizerKind::Request { function }),
                _ => {
                    let message = format!("unknown `FunctionPayloadType` `{}`", shape::brief(&text));
                    let mut unknown = Diagnostic::error(&kind.place(), message);
                    unknown.help = spelling::suggestion(&text, ["TOKEN", "REQUEST"])
                        .or_else(|| Some("one of `TOKEN`, `REQUEST`".to_owned()));
                    reading.findings.push(unknown);
                    None
                }
            }
        }
        (Some(_), Some(_)) | (None, None) => {
            let message = "an authorizer needs either `FunctionArn` or `UserPoolArn`";
            reading.findings.error(place, message);
            None
        }
    }
}

/// The one header of a token.
fn header(reading: &mut Reading<'_>, identity: &Map, place: &Place) -> TemplateText {
    let node = identity.get("Header");
    let name = node.and_then(|node| shape::text(&mut reading.findings, node));
    TemplateText {
        text: format!("method.request.header.{}", name.as_deref().unwrap_or("Authorization")),
        place: node.map_or_else(|| place.clone(), Node::place),
    }
}

/// What callers are told apart by, in SAM's order: `prefixes` are those of headers, query strings, stage variables and the
/// context in the API's own expressions.
pub(crate) fn identity_sources(reading: &mut Reading<'_>, identity: &Map, prefixes: [&str; 4]) -> Vec<TemplateText> {
    const KEYS: [&str; 4] = ["Headers", "QueryStrings", "StageVariables", "Context"];
    let mut sources = Vec::new();
    for (key, prefix) in KEYS.into_iter().zip(prefixes) {
        let items = identity.get(key).and_then(|node| shape::list(&mut reading.findings, node));
        for item in items.unwrap_or_default() {
            let name = shape::text(&mut reading.findings, item);
            let place = item.place();
            sources.extend(name.map(|name| TemplateText { text: format!("{prefix}{name}"), place }));
        }
    }
    sources
}
