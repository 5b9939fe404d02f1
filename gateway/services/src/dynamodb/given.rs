//! The expressions of a request, with the names and values that stand for others in them.

use super::{
    error::{Answer, legacy, validation},
    expression::{
        Path, Placeholders,
        condition::{self, Condition},
        key_condition::{self, KeyCondition},
        projection,
        update::{self, Update},
    },
    input::Input,
    value::{self, Invalid},
};
use std::collections::BTreeMap;

/// The expressions of a request.
#[derive(Debug, Default)]
pub(crate) struct Given {
    pub(crate) update: Option<Update>,
    pub(crate) condition: Option<Condition>,
    pub(crate) key_condition: Option<Vec<KeyCondition>>,
    pub(crate) filter: Option<Condition>,
    pub(crate) projection: Option<Vec<Path>>,
}

const UPDATE: &str = "UpdateExpression";
const CONDITION: &str = "ConditionExpression";
const KEY_CONDITION: &str = "KeyConditionExpression";
const FILTER: &str = "FilterExpression";
const PROJECTION: &str = "ProjectionExpression";

pub(crate) const OF_GET: &[&str] = &[PROJECTION];
pub(crate) const OF_WRITE: &[&str] = &[CONDITION];
pub(crate) const OF_UPDATE: &[&str] = &[UPDATE, CONDITION];
pub(crate) const OF_QUERY: &[&str] = &[PROJECTION, FILTER, KEY_CONDITION];
pub(crate) const OF_SCAN: &[&str] = &[PROJECTION, FILTER];

/// Parameters of old programs, and what they use today.
const LEGACY: [(&str, &str); 7] = [
    ("AttributesToGet", PROJECTION),
    ("AttributeUpdates", UPDATE),
    ("Expected", CONDITION),
    ("KeyConditions", KEY_CONDITION),
    ("QueryFilter", FILTER),
    ("ScanFilter", FILTER),
    ("ConditionalOperator", "AND or OR in an expression"),
];

/// Reads the expressions that an operation has.
pub(crate) fn read(input: &Input<'_>, expressions: &[&str]) -> Answer<Given> {
    no_legacy(input, expressions)?;
    let mut placeholders = placeholders(input, expressions)?;
    let mut given = Given::default();
    let text = |name: &str| if expressions.contains(&name) { input.text(name) } else { Ok(None) };
    let invalid = |name: &'static str| move |message: String| validation(format!("Invalid {name}: {message}"));
    if let Some(text) = text(UPDATE)? {
        given.update = Some(update::parse(text, &mut placeholders).map_err(invalid(UPDATE))?);
    }
    if let Some(text) = text(CONDITION)? {
        given.condition = Some(condition::parse(text, &mut placeholders).map_err(invalid(CONDITION))?);
    }
    let mut key_condition = None;
    if let Some(text) = text(KEY_CONDITION)? {
        key_condition = Some(condition::parse(text, &mut placeholders).map_err(invalid(KEY_CONDITION))?);
    }
    if let Some(text) = text(FILTER)? {
        given.filter = Some(condition::parse(text, &mut placeholders).map_err(invalid(FILTER))?);
    }
    if let Some(text) = text(PROJECTION)? {
        given.projection = Some(projection::parse(text, &mut placeholders).map_err(invalid(PROJECTION))?);
    }
    if let Some(unused) = placeholders.unused() {
        return Err(validation(unused));
    }
    given.key_condition = key_condition.map(key_condition::read).transpose().map_err(validation)?;
    if expressions.contains(&PROJECTION)
        && let Some(paths) = attributes_to_get(input)?
    {
        given.projection = Some(paths);
    }
    Ok(given)
}

fn no_legacy(input: &Input<'_>, expressions: &[&str]) -> Answer<()> {
    let used: Vec<&str> = expressions.iter().copied().filter(|name| input.has(name)).collect();
    let old: Vec<(&str, &str)> = LEGACY.into_iter().filter(|(name, _)| input.has(name)).collect();
    if !used.is_empty() && !old.is_empty() {
        let names: Vec<&str> = old.iter().map(|(name, _)| *name).collect();
        return Err(validation(format!(
            "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {{{}}} Expression parameters: {{{}}}",
            names.join(", "),
            used.join(", ")
        )));
    }
    match old.into_iter().find(|(name, _)| *name != "AttributesToGet" || !expressions.contains(&PROJECTION)) {
        Some((name, instead)) => Err(legacy(name, instead)),
        None => Ok(()),
    }
}

/// The one legacy parameter that means nothing else than an expression does.
fn attributes_to_get(input: &Input<'_>) -> Answer<Option<Vec<Path>>> {
    let Some(names) = input.list("AttributesToGet")? else { return Ok(None) };
    let mut paths: Vec<Path> = Vec::new();
    for name in names {
        let path = Path::attribute(name.as_str().unwrap_or_default());
        if paths.contains(&path) {
            let name = path.head;
            return Err(validation(format!(
                "One or more parameter values were invalid: Duplicate value in attribute name: {name}"
            )));
        }
        paths.push(path);
    }
    Ok(Some(paths))
}

fn placeholders(input: &Input<'_>, expressions: &[&str]) -> Answer<Placeholders> {
    let (given_names, given_values) = (input.map("ExpressionAttributeNames")?, input.map("ExpressionAttributeValues")?);
    if given_names.is_some() && !expressions.iter().any(|name| input.has(name)) {
        return Err(validation("ExpressionAttributeNames can only be specified when using expressions"));
    }
    let with_values: Vec<&str> = expressions.iter().copied().filter(|name| *name != PROJECTION).collect();
    if given_values.is_some() && !with_values.iter().any(|name| input.has(name)) {
        let verb = if with_values.len() > 1 { "are" } else { "is" };
        let names = with_values.join(" and ");
        return Err(validation(format!(
            "ExpressionAttributeValues can only be specified when using expressions: {names} {verb} null"
        )));
    }
    let mut names = BTreeMap::new();
    for (key, name) in given_names.into_iter().flatten() {
        placeholder("ExpressionAttributeNames", key, '#')?;
        let name = name.as_str().unwrap_or_default();
        names.insert(key.clone(), name.to_owned());
    }
    let mut values = BTreeMap::new();
    for (key, value) in given_values.into_iter().flatten() {
        placeholder("ExpressionAttributeValues", key, ':')?;
        let value = value::attribute(value).map_err(|invalid| match invalid {
            Invalid::Shape(_) => invalid,
            Invalid::Value(message) => {
                Invalid::Value(format!("ExpressionAttributeValues contains invalid value: {message} for key {key}"))
            }
        })?;
        values.insert(key.clone(), value);
    }
    if given_names.is_some() && names.is_empty() {
        return Err(validation("ExpressionAttributeNames must not be empty"));
    }
    if given_values.is_some() && values.is_empty() {
        return Err(validation("ExpressionAttributeValues must not be empty"));
    }
    Ok(Placeholders::new(names, values))
}

fn placeholder(parameter: &str, key: &str, sign: char) -> Answer<()> {
    let word = key.strip_prefix(sign).filter(|word| !word.is_empty());
    if word.is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')) {
        return Ok(());
    }
    Err(validation(format!("{parameter} contains invalid key: Syntax error; key: \"{key}\"")))
}
