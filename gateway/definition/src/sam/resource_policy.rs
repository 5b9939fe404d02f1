//! `Auth.ResourcePolicy`: lists of addresses, accounts and networks, which SAM writes out as statements of a policy.
//!
//! AWS: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-resourcepolicystatement.html>

use crate::{
    Diagnostic,
    document::{Map, Node},
    json,
    read::Reading,
    resources::{HttpMethod, TemplateText},
    shape,
    vocabulary::{self, Treatment::Read, Vocabulary},
};
use serde_json::{Value, json};

const RESOURCE_POLICY: &Vocabulary = &[
    ("AwsAccountBlacklist", Read),
    ("AwsAccountWhitelist", Read),
    ("CustomStatements", Read),
    ("IntrinsicVpcBlacklist", Read),
    ("IntrinsicVpcWhitelist", Read),
    ("IntrinsicVpceBlacklist", Read),
    ("IntrinsicVpceWhitelist", Read),
    ("IpRangeBlacklist", Read),
    ("IpRangeWhitelist", Read),
    ("SourceVpcBlacklist", Read),
    ("SourceVpcWhitelist", Read),
];

/// What a statement is about: the methods of an API, or one.
pub(super) fn resource(stage: &str, http_method: HttpMethod, path: &str) -> String {
    let verb = match http_method {
        HttpMethod::Any => "*",
        _ => http_method.as_str(),
    };
    let parts = path.split('/').map(|part| if part.starts_with('{') { "*" } else { part });
    format!("execute-api:/{stage}/{verb}{}", parts.collect::<Vec<_>>().join("/"))
}

/// The statements that a `ResourcePolicy` stands for.
pub(super) fn statements(reading: &mut Reading<'_>, node: &Node, resources: &[String]) -> Vec<Value> {
    let Some(map) = shape::map(&mut reading.findings, node) else { return Vec::new() };
    vocabulary::check(&mut reading.findings, map, "`ResourcePolicy`", RESOURCE_POLICY);
    let mut texts = |key: &str| {
        let node = map.get(key).filter(|node| !node.says_no());
        node.map(|node| shape::texts(&mut reading.findings, node)).unwrap_or_default()
    };
    let statement = |effect: &str, principal: Value, condition: Option<Value>| {
        let mut statement = json!({
            "Effect": effect, "Principal": principal, "Action": "execute-api:Invoke", "Resource": resources,
        });
        if let (Some(condition), Some(fields)) = (condition, statement.as_object_mut()) {
            fields.insert("Condition".to_owned(), condition);
        }
        statement
    };
    let everybody = || Value::from("*");
    let mut statements = Vec::new();
    for (key, effect) in [("AwsAccountWhitelist", "Allow"), ("AwsAccountBlacklist", "Deny")] {
        let accounts = texts(key);
        if !accounts.is_empty() {
            statements.push(statement(effect, json!({"AWS": accounts}), None));
        }
    }
    let mut denials = Vec::new();
    for (key, operator) in [("IpRangeWhitelist", "NotIpAddress"), ("IpRangeBlacklist", "IpAddress")] {
        let ranges = texts(key);
        if !ranges.is_empty() {
            denials.push(json!({operator: {"aws:SourceIp": ranges}}));
        }
    }
    for (list, operator) in [("Blacklist", "StringEquals"), ("Whitelist", "StringNotEquals")] {
        let (endpoints, networks): (Vec<String>, Vec<String>) =
            texts(&format!("SourceVpc{list}")).into_iter().partition(|text| text.starts_with("vpce-"));
        let mut condition = serde_json::Map::new();
        for (key, plain, name) in [("Vpc", networks, "aws:SourceVpc"), ("Vpce", endpoints, "aws:SourceVpce")] {
            let all: Vec<String> = plain.into_iter().chain(texts(&format!("Intrinsic{key}{list}"))).collect();
            if !all.is_empty() {
                condition.insert(name.to_owned(), json!(all));
            }
        }
        if !condition.is_empty() {
            denials.push(json!({operator: condition}));
        }
    }
    if !denials.is_empty() {
        statements.push(statement("Allow", everybody(), None));
        statements.extend(denials.into_iter().map(|condition| statement("Deny", everybody(), Some(condition))));
    }
    statements.extend(custom(reading, map));
    statements
}

fn custom(reading: &mut Reading<'_>, map: &Map) -> Vec<Value> {
    let Some(node) = map.get("CustomStatements").filter(|node| !node.says_no()) else { return Vec::new() };
    let items = node.as_list().unwrap_or_else(|| std::slice::from_ref(node));
    for item in items {
        if item.as_map().is_none() {
            let help = "a statement has `Effect`, `Principal`, `Action` and `Resource`";
            reading.findings.push(Diagnostic::error(&item.place(), "this is no statement of a policy").help(help));
        }
    }
    items.iter().map(json::value).collect()
}

/// Statements as a policy, behind those that the API's own definition has.
pub(super) fn policy(own: Option<&TemplateText>, statements: Vec<Value>, node: &Node) -> TemplateText {
    let own = own.and_then(|own| serde_json::from_str::<Value>(&own.text).ok());
    let mut all = match own.as_ref().and_then(|own| own.get("Statement")) {
        Some(Value::Array(items)) => items.clone(),
        Some(single) => vec![single.clone()],
        None => Vec::new(),
    };
    all.extend(statements);
    let text = json!({"Version": "2012-10-17", "Statement": all}).to_string();
    TemplateText { text, place: node.place() }
}
