//! `Parameters`.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>

use super::constraint;
use crate::{
    Diagnostic, Place,
    document::{Entry, Map, Node},
    intrinsics::Parameter,
    read::Reading,
    shape, spelling,
    vocabulary::{
        self,
        Treatment::{Read, Silent},
        Vocabulary,
    },
};
use indexmap::IndexMap;

const PARAMETER: &Vocabulary = &[
    ("AllowedPattern", Silent),
    ("AllowedValues", Read),
    ("ConstraintDescription", Silent),
    ("Default", Read),
    ("Description", Silent),
    ("MaxLength", Read),
    ("MaxValue", Read),
    ("MinLength", Read),
    ("MinValue", Read),
    ("NoEcho", Read),
    ("Type", Read),
];

/// Reads the parameters with the values that the options give.
pub(super) fn read(reading: &mut Reading<'_>, section: Option<&Node>) -> IndexMap<String, Parameter> {
    let mut parameters = IndexMap::new();
    let section_map = section.and_then(|node| shape::map(&mut reading.findings, node));
    for (name, entry) in section_map.into_iter().flat_map(Map::iter) {
        let parameter = read_one(reading, name, entry).unwrap_or(Parameter::Broken);
        parameters.insert(name.to_owned(), parameter);
    }
    let options = reading.options;
    let read = |name: &String| parameters.contains_key(name) || reading.parameters_elsewhere.contains(name);
    let unread: Vec<&String> = options.parameter_overrides.keys().filter(|name| !read(name)).collect();
    for name in unread {
        let message = format!("the template has no parameter `{}`", shape::brief(name));
        let place = match (section, reading.including.first()) {
            (Some(section), _) => section.place(),
            (None, Some(file)) => Place::whole(file),
            (None, None) => continue,
        };
        let mut unknown = Diagnostic::error(&place, message);
        unknown.help = spelling::suggestion(name, parameters.keys().map(String::as_str));
        reading.findings.push(unknown);
    }
    parameters
}

fn read_one(reading: &mut Reading<'_>, name: &str, entry: &Entry) -> Option<Parameter> {
    let place = entry.key_place();
    let map = shape::map(&mut reading.findings, &entry.node)?;
    vocabulary::check(&mut reading.findings, map, "a parameter", PARAMETER);
    let kind = match map.get("Type") {
        Some(kind) => shape::text(&mut reading.findings, kind)?,
        None => {
            reading.findings.error(&place, format!("the parameter `{name}` has no `Type`"));
            return None;
        }
    };
    check_kind(reading, map, &kind);
    let given = reading.options.parameter_overrides.get(name).cloned();
    let is_given = given.is_some();
    let value = match (given, map.get("Default")) {
        (Some(given), _) => Some(given),
        (None, Some(default)) if default.says_no() && default.as_boolean().is_none() => Some(String::new()),
        (None, Some(default)) => Some(shape::text(&mut reading.findings, default)?),
        (None, None) => None,
    };
    let Some(value) = value else {
        let help = format!("give one: `--parameter-overrides {name}=..`, or a `Default`");
        return Some(Parameter::Missing { place, help });
    };
    let place = if is_given { place } else { map.get("Default").map_or(place, Node::place) };
    constraint::check(reading, (map, &kind), (&value, &place));
    let stored = kind.strip_prefix("AWS::SSM::Parameter::Value<").and_then(|rest| rest.strip_suffix('>'));
    let is_list = |kind: &str| kind == "CommaDelimitedList" || kind.starts_with("List<");
    let list = || value.split(',').map(|part| part.trim().to_owned()).collect();
    Some(match stored {
        // Its default is the name of a parameter of Systems Manager, not the value.
        Some(inner) if !is_given => {
            let help = format!("its name stands for it; give its value: `--parameter-overrides {name}=..`");
            let value = if is_list(inner) { Parameter::List(list()) } else { Parameter::Text(value) };
            Parameter::Stored { value: Box::new(value), place, help }
        }
        Some(inner) if is_list(inner) => Parameter::List(list()),
        None if is_list(&kind) => Parameter::List(list()),
        Some(_) | None => Parameter::Text(value),
    })
}

/// Says that there is no such type of parameters.
fn check_kind(reading: &mut Reading<'_>, map: &Map, kind: &str) {
    const PLAIN: [&str; 4] = ["String", "Number", "CommaDelimitedList", "List<Number>"];
    let of_aws = |kind: &str| kind.starts_with("AWS::") || kind.starts_with("List<AWS::") && kind.ends_with('>');
    if PLAIN.contains(&kind) || of_aws(kind) || kind == "List<String>" {
        return;
    }
    let Some(node) = map.get("Type") else { return };
    let mut unknown = Diagnostic::error(&node.place(), format!("`{}` is no type of a parameter", shape::brief(kind)));
    unknown.help = spelling::suggestion(kind, PLAIN);
    reading.findings.push(unknown);
}
