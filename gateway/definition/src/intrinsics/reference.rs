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
    let Some(name) = argument.as_text() else {
        reading.findings.error(&node.place(), "expected `Ref: name`");
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
    if let Some(parameter) = scope.parameters.get(name) {
        return parameter_value(reading, node, parameter);
    }
    match scope.targets.get(name) {
        Some(Target::Function { name, alias: _ }) => plain(name.clone()),
        Some(Target::Api { id, stage: _ }) => plain(id.clone()),
        Some(Target::Layer { arn }) => plain(arn.clone()),
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
        Parameter::Missing { place, help } => {
            reading.findings.push(Diagnostic::error(place, "the parameter has no value").help(help.as_str()));
            Value::Unresolved
        }
        Parameter::Broken => Value::Unresolved,
    }
}

/// A resource that SAM makes beside the ones of the template, such as `FnRole`.
fn generated(reading: &mut Reading<'_>, scope: &Scope, node: &Node, name: &str) -> Value {
    let of_a_resource = scope.targets.iter().any(|(id, target)| {
        let rest = name.strip_prefix(id.as_str());
        match target {
            Target::Function { .. } => {
                rest.is_some_and(|rest| rest == "Role" || rest.starts_with("Alias") || rest.starts_with("Version"))
            }
            Target::Api { .. } => rest.is_some_and(|rest| rest.starts_with("Deployment") || rest.ends_with("Stage")),
            Target::Layer { .. } | Target::Unserved { .. } | Target::Absent { .. } => false,
        }
    });
    if of_a_resource || name == "ServerlessHttpApi" || name == "AWS::NotificationARNs" {
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

fn absent(reading: &mut Reading<'_>, node: &Node, name: &str, condition: &str) -> Value {
    let message = format!("`{name}` does not exist: its condition `{condition}` does not hold");
    reading.findings.error(&node.place(), message);
    Value::Unresolved
}

/// `Fn::GetAtt`.
pub(super) fn attribute(reading: &mut Reading<'_>, scope: &Scope, node: &Node, argument: &Node) -> Node {
    let pair = match argument.as_list() {
        Some([id, attribute]) => id.as_text().zip(attribute.as_text()),
        Some(_) => None,
        None => argument.as_text().and_then(|text| text.split_once('.')),
    };
    let Some(pair) = pair else {
        reading.findings.error(&node.place(), "expected `Fn::GetAtt: [resource, attribute]`");
        return node.with(Value::Unresolved);
    };
    let value = attribute_value(reading, scope, node, pair);
    node.with(value)
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
        Some(Target::Api { id: api, stage }) => match (attribute, stage) {
            ("RootResourceId", _) => plain(identifier::resource(api, "/", 0)),
            ("RestApiId", _) => plain(api.clone()),
            ("Stage", Some(stage)) => plain(stage.clone()),
            _ => stand_in(
                reading,
                node,
                &format!("{id}.{attribute}"),
                "`AWS::Serverless::Api` has no such attribute here",
            ),
        },
        Some(Target::Layer { arn }) => plain(arn.clone()),
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
fn stand_in(reading: &mut Reading<'_>, node: &Node, text: &str, why: &str) -> Value {
    reading.findings.push(
        Diagnostic::warning(&node.place(), format!("`{text}` has no value: {why}"))
            .help(format!("the text `{text}` stands for it")),
    );
    plain(text.to_owned())
}
