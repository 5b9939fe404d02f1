//! `Ref` and `Fn::GetAtt`.

use super::{Names, Parameter, Scope, Target};
use crate::{
    Diagnostic,
    document::{Node, Value},
    identifier,
    read::Reading,
    spelling,
};

/// `Ref`; `None` for `AWS::NoValue`.
pub(super) fn reference(reading: &mut Reading<'_>, scope: &Scope, node: &Node, argument: &Node) -> Option<Node> {
    // The language extensions let an intrinsic give the name.
    let given = match argument.as_map().and_then(super::intrinsic) {
        Some(_) => super::resolve(reading, scope, argument)?,
        None => argument.clone(),
    };
    let Some(name) = given.as_text() else {
        if !matches!(given.value, Value::Unresolved) {
            reading.findings.error(&node.place(), "expected `Ref: name`");
        }
        return Some(node.with(Value::Unresolved));
    };
    if name == "AWS::NoValue" {
        return None;
    }
    let value = named(reading, scope, node, name);
    Some(node.with(value))
}

/// The value that a name stands for in `Ref` and `Fn::Sub`.
pub(super) fn named(reading: &mut Reading<'_>, scope: &Scope, node: &Node, name: &str) -> Value {
    if let Some(text) = pseudo_parameter(scope, name) {
        return plain(text);
    }
    if name == "AWS::NotificationARNs" {
        return Value::List(Vec::new());
    }
    if let Some(parameter) = scope.parameters.get(name) {
        return parameter_value(reading, node, parameter);
    }
    match scope.targets.get(name) {
        Some(Target::Function { name, alias: _ }) => plain(name.clone()),
        Some(Target::Api { id, stage: _ }) => plain(id.clone()),
        Some(Target::Layer { arn }) => plain(arn.clone()),
        Some(Target::Known { reference, .. }) => plain(reference.clone()),
        Some(Target::Unserved { kind: _ }) => plain(name.to_owned()),
        Some(Target::Absent { condition }) => absent(reading, node, name, condition),
        None => match name.split_once('.') {
            // SAM's own: `Ref: Fn.Alias`, `Ref: Api.Stage`.
            Some((id, attribute)) if scope.targets.contains_key(id) => {
                attribute_value(reading, scope, node, (id, attribute))
            }
            Some(_) | None => generated(reading, scope, node, name),
        },
    }
}

fn plain(text: String) -> Value {
    Value::Scalar { text, plain: false }
}

fn pseudo_parameter(scope: &Scope, name: &str) -> Option<String> {
    let Scope { region, account_id, stack_name, .. } = scope;
    Some(match name {
        "AWS::AccountId" => account_id.clone(),
        "AWS::Partition" => "aws".to_owned(),
        "AWS::Region" => region.clone(),
        "AWS::StackId" => format!(
            "arn:aws:cloudformation:{region}:{account_id}:stack/{stack_name}/00000000-0000-0000-0000-000000000000"
        ),
        "AWS::StackName" => stack_name.clone(),
        "AWS::URLSuffix" => "amazonaws.com".to_owned(),
        _ => return None,
    })
}

fn parameter_value(reading: &mut Reading<'_>, node: &Node, parameter: &Parameter) -> Value {
    match parameter {
        Parameter::Text(text) => plain(text.clone()),
        Parameter::List(texts) => Value::List(texts.iter().map(|text| node.with_text(text.as_str())).collect()),
        Parameter::Stored { value, place, help } => {
            let message = "the value of this parameter is kept in Systems Manager";
            reading.findings.push(Diagnostic::warning(place, message).help(help.as_str()));
            parameter_value(reading, node, value)
        }
        Parameter::Missing { place, help } => {
            reading.findings.push(Diagnostic::error(place, "the parameter has no value").help(help.as_str()));
            Value::Unresolved
        }
        Parameter::Broken => Value::Unresolved,
    }
}

/// A resource that SAM makes beside the ones of the template, such as `FnRole`.
fn generated(reading: &mut Reading<'_>, scope: &Scope, node: &Node, name: &str) -> Value {
    if let Some(stage) = generated_stage(scope, name) {
        return plain(stage.to_owned());
    }
    let of_a_resource = scope.targets.iter().any(|(id, target)| {
        let rest = name.strip_prefix(id.as_str());
        match target {
            Target::Function { .. } => {
                rest.is_some_and(|rest| rest == "Role" || rest.starts_with("Alias") || rest.starts_with("Version"))
            }
            Target::Api { .. } => rest.is_some_and(|rest| rest.starts_with("Deployment")),
            Target::Layer { .. } | Target::Known { .. } | Target::Unserved { .. } | Target::Absent { .. } => false,
        }
    });
    if of_a_resource || name == "ServerlessHttpApi" {
        return plain(name.to_owned());
    }
    match scope.names {
        Names::Complete => {
            let mut unknown = Diagnostic::error(&node.place(), format!("nothing is called `{name}`"));
            unknown.help = spelling::suggestion(name, scope.names());
            reading.findings.push(unknown);
            Value::Unresolved
        }
        Names::Partial => stand_in(reading, node, name, "the file is read without a template"),
    }
}

/// The stage that SAM makes of an API is called after the API and the stage: `ApiProdStage`, `ApiStage1a2b3c4d5e` when
/// its name has other letters, `ApiStage` when it is an intrinsic.
fn generated_stage<'a>(scope: &'a Scope, name: &str) -> Option<&'a str> {
    let apis = || {
        scope.targets.iter().filter_map(|(id, target)| match target {
            Target::Api { stage: Some(stage), id: _ } => Some((name.strip_prefix(id.as_str())?, stage.as_str())),
            Target::Api { stage: None, id: _ }
            | Target::Function { .. }
            | Target::Layer { .. }
            | Target::Known { .. }
            | Target::Unserved { .. }
            | Target::Absent { .. } => None,
        })
    };
    let hash = |text: &str| text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let exact = apis().find(|(rest, stage)| rest.strip_suffix("Stage") == Some(stage));
    let other = || apis().find(|(rest, _)| rest.ends_with("Stage") || rest.strip_prefix("Stage").is_some_and(hash));
    exact.or_else(other).map(|(_, stage)| stage)
}

fn absent(reading: &mut Reading<'_>, node: &Node, name: &str, condition: &str) -> Value {
    let message = format!("`{name}` does not exist: its condition `{condition}` does not hold");
    reading.findings.error(&node.place(), message);
    Value::Unresolved
}

/// `Fn::GetAtt`.
pub(super) fn attribute(reading: &mut Reading<'_>, scope: &Scope, node: &Node, argument: &Node) -> Node {
    // The name of an attribute may be an intrinsic, and that of a resource with the language extensions.
    let argument = super::resolve(reading, scope, argument).unwrap_or_else(|| argument.clone());
    let Some(pair) = attribute_pair(&argument) else {
        reading.findings.error(&node.place(), "expected `Fn::GetAtt: [resource, attribute]`");
        return node.with(Value::Unresolved);
    };
    let value = attribute_value(reading, scope, node, pair);
    node.with(value)
}

/// `[resource, attribute]` or `resource.attribute`.
fn attribute_pair(argument: &Node) -> Option<(&str, &str)> {
    match argument.as_list() {
        Some([id, attribute]) => id.as_text().zip(attribute.as_text()),
        Some(_) => None,
        None => argument.as_text().and_then(|text| text.split_once('.')),
    }
}

/// Whether the argument of `Fn::GetAtt` is about a resource that nothing here serves.
pub(super) fn is_unserved(scope: &Scope, argument: &Node) -> bool {
    let target = attribute_pair(argument).and_then(|(id, _)| scope.targets.get(id));
    matches!(target, Some(Target::Unserved { .. })) || target.is_none() && scope.names == Names::Partial
}

/// Says that a text is a value of Systems Manager or Secrets Manager, which only AWS could give.
pub(super) fn check_dynamic(reading: &mut Reading<'_>, node: &Node, text: &str) {
    if text.contains("{{resolve:") {
        let message = "this refers to a secret or parameter of AWS, which is passed on as it is";
        reading.findings.warn(&node.place(), message);
    }
}

/// The value of `Resource.Attribute`.
pub(super) fn attribute_value(
    reading: &mut Reading<'_>,
    scope: &Scope,
    node: &Node,
    (id, attribute): (&str, &str),
) -> Value {
    match scope.targets.get(id) {
        Some(Target::Function { name, alias }) => {
            function_attribute(reading, scope, node, (name, alias.as_deref(), attribute))
        }
        Some(Target::Api { id: api, stage }) => {
            api_attribute(reading, scope, node, (id, api, stage.as_deref(), attribute))
        }
        Some(Target::Layer { arn }) => plain(arn.clone()),
        Some(Target::Known { kind, attributes, reference: _ }) => {
            known_attribute(reading, node, (kind, attributes, attribute))
        }
        Some(Target::Unserved { kind }) => {
            stand_in(reading, node, &format!("{id}.{attribute}"), &format!("`{kind}` is not served yet"))
        }
        Some(Target::Absent { condition }) => absent(reading, node, id, condition),
        None if scope.names == Names::Partial => {
            stand_in(reading, node, &format!("{id}.{attribute}"), "the file is read without a template")
        }
        None => match generated(reading, scope, node, id) {
            Value::Unresolved => Value::Unresolved,
            Value::Null | Value::Scalar { .. } | Value::List(_) | Value::Map(_) => plain(format!("{id}.{attribute}")),
        },
    }
}

fn api_attribute(
    reading: &mut Reading<'_>,
    scope: &Scope,
    node: &Node,
    (logical_id, id, stage, attribute): (&str, &str, Option<&str>, &str),
) -> Value {
    match (attribute, stage) {
        ("RootResourceId", _) => return plain(identifier::resource(id, "/", 0)),
        ("RestApiId", _) => return plain(id.to_owned()),
        ("Stage", Some(stage)) => return plain(stage.to_owned()),
        // SAM's own names for what it makes beside an API.
        ("ApiKey" | "UsagePlan" | "UsagePlanKey", _) => {
            for name in [format!("{logical_id}{attribute}"), format!("Serverless{attribute}")] {
                if let Some(Target::Known { reference, .. }) = scope.targets.get(&name) {
                    return plain(reference.clone());
                }
            }
        }
        _ => {}
    }
    let why = "`AWS::Serverless::Api` has no such attribute here";
    stand_in(reading, node, &format!("{logical_id}.{attribute}"), why)
}

fn known_attribute(
    reading: &mut Reading<'_>,
    node: &Node,
    (kind, attributes, attribute): (&str, &[(&'static str, String)], &str),
) -> Value {
    if let Some((_, value)) = attributes.iter().find(|(name, _)| *name == attribute) {
        return plain(value.clone());
    }
    let mut unknown = Diagnostic::error(&node.place(), format!("`{kind}` has no attribute `{attribute}`"));
    unknown.help = spelling::suggestion(attribute, attributes.iter().map(|(name, _)| *name));
    reading.findings.push(unknown);
    Value::Unresolved
}

fn function_attribute(
    reading: &mut Reading<'_>,
    scope: &Scope,
    node: &Node,
    (name, alias, attribute): (&str, Option<&str>, &str),
) -> Value {
    let arn = identifier::function_arn(&scope.region, &scope.account_id, name);
    match (attribute, alias) {
        ("Arn", _) => plain(arn),
        ("Alias", Some(alias)) => plain(format!("{arn}:{alias}")),
        ("Alias", None) => {
            let missing = Diagnostic::error(&node.place(), format!("the function `{name}` has no alias"));
            reading.findings.push(missing.help("give it one: `AutoPublishAlias: live`"));
            Value::Unresolved
        }
        ("Version", _) => plain(format!("{arn}:1")),
        _ => {
            let mut unknown = Diagnostic::error(&node.place(), format!("a function has no attribute `{attribute}`"));
            unknown.help = spelling::suggestion(attribute, ["Arn", "Alias", "Version"]);
            reading.findings.push(unknown);
            Value::Unresolved
        }
    }
}

/// A text in place of a value that only AWS could give.
pub(super) fn stand_in(reading: &mut Reading<'_>, node: &Node, text: &str, why: &str) -> Value {
    reading.findings.push(
        Diagnostic::warning(&node.place(), format!("`{text}` has no value: {why}"))
            .help(format!("the text `{text}` stands for it")),
    );
    plain(text.to_owned())
}
