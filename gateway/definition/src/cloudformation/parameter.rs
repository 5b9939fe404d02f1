//! `Parameters`.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>

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
    ("MaxLength", Silent),
    ("MaxValue", Silent),
    ("MinLength", Silent),
    ("MinValue", Silent),
    ("NoEcho", Silent),
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
    for name in options.parameter_overrides.keys().filter(|name| !parameters.contains_key(*name)) {
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
    let given = reading.options.parameter_overrides.get(name).cloned();
    let is_given = given.is_some();
    let value = match (given, map.get("Default")) {
        (Some(given), _) => Some(given),
        // Its default is the name of a parameter of Systems Manager, not the value.
        (None, Some(_)) if kind.starts_with("AWS::SSM::Parameter::Value<") => None,
        (None, Some(default)) if default.says_no() && default.as_boolean().is_none() => Some(String::new()),
        (None, Some(default)) => Some(shape::text(&mut reading.findings, default)?),
        (None, None) => None,
    };
    let Some(value) = value else {
        let help = format!("give one: `--parameter-overrides {name}=..`, or a `Default`");
        return Some(Parameter::Missing { place, help });
    };
    check_allowed(reading, map, &value, is_given.then_some(&place));
    if kind == "CommaDelimitedList" || kind.starts_with("List<") {
        return Some(Parameter::List(value.split(',').map(|part| part.trim().to_owned()).collect()));
    }
    Some(Parameter::Text(value))
}

/// `given_for` is the parameter's place when its value comes from outside the template.
fn check_allowed(reading: &mut Reading<'_>, map: &Map, value: &str, given_for: Option<&Place>) {
    let Some(allowed) = map.get("AllowedValues") else { return };
    let allowed = shape::texts(&mut reading.findings, allowed);
    if allowed.iter().any(|allowed| allowed == value) {
        return;
    }
    let default = map.get("Default").map(Node::place);
    let Some(place) = given_for.cloned().or(default) else { return };
    let message = format!("`{}` is none of the allowed values", shape::brief(value));
    let known: Vec<String> = allowed.iter().map(|allowed| format!("`{}`", shape::brief(allowed))).collect();
    reading.findings.push(Diagnostic::error(&place, message).help(format!("one of {}", known.join(", "))));
}
