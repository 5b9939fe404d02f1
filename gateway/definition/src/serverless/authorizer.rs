//! `authorizer` of an `http` event: each becomes an `AWS::ApiGateway::Authorizer`.
//!
//! Serverless: <https://www.serverless.com/framework/docs/providers/aws/events/apigateway#http-endpoints-with-custom-authorizers>

use super::{event::Kind, function::Declared, keys, make, naming};
use crate::{
    Diagnostic,
    document::{Entry, Map, Node, Value},
    read::Reading,
    shape, spelling,
    vocabulary::{
        Treatment::{Read, Silent},
        Vocabulary,
    },
};

const AUTHORIZER: &Vocabulary = &[
    ("arn", Read),
    ("authorizerId", Read),
    ("claims", Read),
    ("identitySource", Read),
    ("identityValidationExpression", Read),
    ("managedExternally", Silent),
    ("name", Read),
    ("resultTtlInSeconds", Read),
    ("scopes", Read),
    ("type", Read),
];

/// Who may call a method.
#[derive(Debug)]
pub(super) struct Authorizer {
    /// `AuthorizationType` of the method.
    pub(super) kind: &'static str,
    /// `AuthorizerId` of the method.
    pub(super) id: Option<Node>,
    pub(super) scopes: Option<Node>,
    /// Claims that the function gets beside the usual ones.
    pub(super) claims: Vec<String>,
    /// The authorizer that is made for it.
    pub(super) resource: Option<(String, Made)>,
}

/// An authorizer that Serverless makes.
#[derive(Debug)]
pub(super) struct Made {
    name: String,
    kind: &'static str,
    arn: Node,
    keys: Map,
    at: Node,
}

/// Reads who may call; `None` when that is unclear, which is then among the findings.
pub(super) fn read(
    reading: &mut Reading<'_>,
    node: &Node,
    (integration, functions): (Kind, &[Declared]),
) -> Option<Authorizer> {
    let keys = match node.as_text() {
        Some(text) => short(node, text),
        None => shape::map(&mut reading.findings, node)?.clone(),
    };
    keys::check(reading, &keys, ("an authorizer", AUTHORIZER));
    let kind = match keys.get("type") {
        Some(node) => Some(shape::text(&mut reading.findings, node)?.to_ascii_uppercase()),
        None => None,
    };
    if kind.as_deref() == Some("AWS_IAM") {
        return Some(Authorizer { kind: "AWS_IAM", id: None, scopes: None, claims: Vec::new(), resource: None });
    }
    let claims = keys.get("claims").map(|node| shape::texts(&mut reading.findings, node)).unwrap_or_default();
    let scopes = keys.get("scopes").filter(|node| !node.says_no()).cloned();
    if let (Some(kind), Some(id)) = (&kind, keys.get("authorizerId")) {
        let kind = type_of(reading, &keys, kind)?;
        let method_kind = if kind == "COGNITO_USER_POOLS" { kind } else { "CUSTOM" };
        return Some(Authorizer { kind: method_kind, id: Some(id.clone()), scopes, claims, resource: None });
    }
    let made = made(reading, node, (&keys, kind.as_deref()), functions)?;
    let of_pools = made.kind == "COGNITO_USER_POOLS";
    if of_pools && integration == Kind::AwsProxy && !claims.is_empty() {
        let message = "only an integration of type `lambda` takes `claims`";
        let place = keys.get("claims").map_or_else(|| node.place(), Node::place);
        reading.findings.error(&place, message);
    }
    let logical_id = naming::authorizer(&made.name);
    Some(Authorizer {
        kind: if of_pools { "COGNITO_USER_POOLS" } else { "CUSTOM" },
        id: Some(make::reference(node, &logical_id)),
        scopes: scopes.filter(|_| of_pools),
        claims,
        resource: Some((logical_id, made)),
    })
}

/// `aws_iam`, the name of a function, or an ARN.
fn short(node: &Node, text: &str) -> Map {
    let key = match text {
        _ if text.eq_ignore_ascii_case("aws_iam") => "type",
        _ if text.contains(':') => "arn",
        _ => "name",
    };
    make::map(node, [(key, node.clone())]).as_map().cloned().unwrap_or_default()
}

fn made(
    reading: &mut Reading<'_>,
    node: &Node,
    (keys, kind): (&Map, Option<&str>),
    functions: &[Declared],
) -> Option<Made> {
    let name_node = keys.get("name");
    let name = match name_node {
        Some(node) => Some(shape::text(&mut reading.findings, node)?),
        None => None,
    };
    let (name, arn) = match (name, keys.get("arn")) {
        (name, Some(arn)) => (name.or_else(|| name_in(arn)).or_else(|| referred(arn)), arn.clone()),
        (Some(name), None) => {
            check_function(reading, (name_node.unwrap_or(node), &name), functions)?;
            let arn = make::attribute(node, &naming::function(&name), "Arn");
            (Some(name), arn)
        }
        (None, None) => {
            let message = "the authorizer has neither `name` nor `arn`";
            reading.findings.push(Diagnostic::error(&node.place(), message).help("`name` is that of a function"));
            return None;
        }
    };
    let Some(name) = name else {
        let message = "an authorizer whose `arn` is made of other values needs a `name`";
        reading.findings.error(&node.place(), message);
        return None;
    };
    let pools = arn.as_text().is_some_and(|arn| arn.contains(":cognito-idp:"));
    let kind = match kind {
        _ if pools => "COGNITO_USER_POOLS",
        Some(kind) => type_of(reading, keys, kind)?,
        None => "TOKEN",
    };
    Some(Made { name, kind, arn, keys: keys.clone(), at: node.with(Value::Null) })
}

fn check_function(reading: &mut Reading<'_>, (node, name): (&Node, &str), functions: &[Declared]) -> Option<()> {
    if functions.iter().any(|declared| declared.name == name) {
        return Some(());
    }
    let message = format!("the authorizer `{}` is no function of this service", shape::brief(name));
    let mut unknown = Diagnostic::error(&node.place(), message);
    unknown.help = spelling::suggestion(name, functions.iter().map(|declared| declared.name.as_str()));
    reading.findings.push(unknown);
    None
}

fn type_of(reading: &mut Reading<'_>, keys: &Map, kind: &str) -> Option<&'static str> {
    const KNOWN: [&str; 5] = ["TOKEN", "REQUEST", "COGNITO_USER_POOLS", "AWS_IAM", "CUSTOM"];
    let found = KNOWN.iter().find(|known| **known == kind).copied();
    match (found, keys.get("type")) {
        (None, Some(node)) => {
            let message = format!("unknown type `{}` of an authorizer", shape::brief(kind));
            let mut unknown = Diagnostic::error(&node.place(), message);
            unknown.help = spelling::suggestion(kind, KNOWN);
            reading.findings.push(unknown);
            None
        }
        // What the second version still called a function's type.
        (Some("CUSTOM"), _) if keys.get("authorizerId").is_none() => Some("TOKEN"),
        (found, _) => found,
    }
}

/// The last word of an ARN, which is how Serverless names what it does not know otherwise.
fn name_in(arn: &Node) -> Option<String> {
    arn.as_text()?.rsplit([':', '-']).next().map(ToOwned::to_owned)
}

/// The logical id that an ARN refers to: `Fn::GetAtt: [Id, Arn]`.
fn referred(arn: &Node) -> Option<String> {
    let (_, entry) = arn.as_map()?.single()?;
    let first = entry.node.as_list().and_then(|items| items.first()).unwrap_or(&entry.node);
    let text = first.as_text()?;
    Some(text.split('.').next().unwrap_or(text).to_owned())
}

/// Makes the resource of an authorizer.
pub(super) fn resource(made: &Made, api: &Node) -> Entry {
    let Made { name, kind, arn, keys, at } = made;
    let ttl = keys.get("resultTtlInSeconds").cloned();
    let not_cached = ttl.as_ref().and_then(Node::as_text) == Some("0");
    let own_source = keys.get("identitySource").filter(|node| !node.says_no()).cloned();
    let needs_none = *kind == "REQUEST" && not_cached;
    let source = own_source.or_else(|| (!needs_none).then(|| make::text(at, "method.request.header.Authorization")));
    let pools = *kind == "COGNITO_USER_POOLS";
    let uri = (!pools).then(|| make::invocation(at, arn.clone(), make::Transfer::Whole));
    let properties = [
        ("AuthorizerResultTtlInSeconds", ttl),
        ("AuthorizerUri", uri),
        ("IdentitySource", source),
        ("IdentityValidationExpression", keys.get("identityValidationExpression").cloned()),
        ("Name", Some(make::text(at, name.as_str()))),
        ("ProviderARNs", pools.then(|| make::list(arn, vec![arn.clone()]))),
        ("RestApiId", Some(api.clone())),
        ("Type", Some(make::text(at, *kind))),
    ];
    Entry { key: at.spot, node: make::resource(at, "AWS::ApiGateway::Authorizer", properties) }
}
