//! `AWS::ApiGateway::Authorizer`.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-authorizer.html>

use super::{
    draft::{self, Draft},
    renamed,
    template::Declared,
};
use crate::{
    document::{Map, Node, Value},
    intrinsics::{Scope, Target},
    openapi,
    read::Reading,
    resources::Authorizer,
    shape,
    vocabulary::{
        Treatment::{Read, Silent},
        Vocabulary,
    },
};

const AUTHORIZER: &Vocabulary = &[
    ("AuthType", Silent),
    ("AuthorizerCredentials", Silent),
    ("AuthorizerResultTtlInSeconds", Read),
    ("AuthorizerUri", Read),
    ("IdentitySource", Read),
    ("IdentityValidationExpression", Read),
    ("Name", Read),
    ("ProviderARNs", Read),
    ("RestApiId", Read),
    ("Type", Read),
];

/// The keys as OpenAPI's extension spells them.
const AS_EXTENSION: [(&str, &str); 6] = [
    ("AuthorizerResultTtlInSeconds", "authorizerResultTtlInSeconds"),
    ("AuthorizerUri", "authorizerUri"),
    ("IdentitySource", "identitySource"),
    ("IdentityValidationExpression", "identityValidationExpression"),
    ("ProviderARNs", "providerARNs"),
    ("Type", "type"),
];

/// Reads an authorizer into its API.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared, drafts: &mut [Draft]) {
    let properties = declared.resolved(reading, scope, ("an authorizer", AUTHORIZER));
    let Some(draft) = draft::of(reading, drafts, (declared, &properties)) else { return };
    if complete(reading, declared, &properties).is_none() {
        return;
    }
    let name = shape::text_of(&mut reading.findings, &properties, "Name");
    let name = name.unwrap_or_else(|| declared.logical_id.clone());
    if draft.document.authorizers.iter().any(|other| other.name == name) {
        reading.findings.error(&declared.place, format!("the API has an authorizer `{name}` already"));
    }
    let node = declared.at.with(Value::Map(renamed(&properties, &AS_EXTENSION)));
    let Some(authorizer) = openapi::authorizer(reading, scope, (&draft.identity.id, &name), &node) else { return };
    let Some(Target::Known { reference: id, .. }) = scope.targets.get(&declared.logical_id) else { return };
    draft.document.authorizers.push(Authorizer { id: id.clone(), ..authorizer });
}

/// What AWS demands of each type.
fn complete(reading: &mut Reading<'_>, declared: &Declared, properties: &Map) -> Option<()> {
    let kind = declared.required(reading, properties, "Type")?;
    let demanded: &[&str] = match kind.as_text().map(str::to_ascii_uppercase).as_deref() {
        Some("TOKEN") => &["AuthorizerUri", "IdentitySource"],
        Some("REQUEST") => &["AuthorizerUri"],
        Some("COGNITO_USER_POOLS") => &["ProviderARNs", "IdentitySource"],
        Some(_) | None => &[],
    };
    let found: Vec<Option<&Node>> = demanded.iter().map(|key| declared.required(reading, properties, key)).collect();
    found.iter().all(Option::is_some).then_some(())
}
