//! `AWS::ApiGateway::Model`.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-model.html>

use super::{
    draft::{self, Draft},
    template::Declared,
};
use crate::{
    Diagnostic,
    document::Node,
    intrinsics::{Scope, Target},
    json, limits,
    read::Reading,
    resources::{Model, TemplateText},
    shape,
    vocabulary::{
        Treatment::{Read, Silent},
        Vocabulary,
    },
};

const MODEL: &Vocabulary =
    &[("ContentType", Read), ("Description", Silent), ("Name", Read), ("RestApiId", Read), ("Schema", Read)];

/// The models that every API has, and their schemas.
const DEFAULTS: [(&str, &str); 2] = [
    ("Empty", r#"{"$schema":"http://json-schema.org/draft-04/schema#","title":"Empty Schema","type":"object"}"#),
    (
        "Error",
        concat!(
            r#"{"$schema":"http://json-schema.org/draft-04/schema#","title":"Error Schema","type":"object","#,
            r#""properties":{"message":{"type":"string"}}}"#
        ),
    ),
];

/// Reads a model into its API.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared, drafts: &mut [Draft]) {
    let properties = declared.resolved(reading, scope, ("a model", MODEL));
    let Some(draft) = draft::of(reading, drafts, (declared, &properties)) else { return };
    let Some(Target::Known { reference: name, .. }) = scope.targets.get(&declared.logical_id) else { return };
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let message = format!("AWS refuses the name `{}` of a model", shape::brief(name));
        let place = properties.get("Name").map_or_else(|| declared.place.clone(), Node::place);
        reading.findings.push(Diagnostic::error(&place, message).help("letters and digits only"));
    }
    if draft.document.models.iter().any(|model| model.name == *name) {
        reading.findings.error(&declared.place, format!("the API has a model `{name}` already"));
    }
    let content_type = shape::text_of(&mut reading.findings, &properties, "ContentType");
    let Some(node) = declared.required(reading, &properties, "Schema") else { return };
    let Some(schema) = schema(reading, node) else { return };
    draft.document.models.push(Model {
        name: name.clone(),
        content_type: content_type.unwrap_or_else(|| "application/json".to_owned()),
        schema,
        place: declared.place.clone(),
    });
}

fn schema(reading: &mut Reading<'_>, node: &Node) -> Option<TemplateText> {
    let text = match node.as_text() {
        Some(text) => text.to_owned(),
        None => {
            shape::map(&mut reading.findings, node)?;
            json::value(node).to_string()
        }
    };
    let parsed = serde_json::from_str::<serde_json::Value>(&text).ok();
    if parsed.as_ref().and_then(serde_json::Value::as_object).is_none_or(serde_json::Map::is_empty) {
        let message = "the schema of a model is a JSON object with at least one key";
        reading.findings.error(&node.place(), message);
        return None;
    }
    if text.len() > limits::MODEL {
        let message = format!("the model has {} bytes; AWS takes {}", text.len(), limits::MODEL);
        reading.findings.error(&node.place(), message);
    }
    Some(TemplateText { text, place: node.place() })
}

/// Makes sure that an API has the model that a method names; `None` when there is none.
pub(super) fn named(draft: &mut Draft, name: &str) -> Option<()> {
    if draft.document.models.iter().any(|model| model.name == name) {
        return Some(());
    }
    let (name, schema) = DEFAULTS.iter().find(|(known, _)| *known == name)?;
    let place = draft.identity.place.clone();
    draft.document.models.push(Model {
        name: (*name).to_owned(),
        content_type: "application/json".to_owned(),
        schema: TemplateText { text: (*schema).to_owned(), place: place.clone() },
        place,
    });
    Some(())
}
