//! The members of a request, and what AWS says of those that are none.
//!
//! A member of a wrong type ends the call at once. Constraints are looked at together: AWS names all that are not met.

use super::{
    error::{Answer, serialization, validation},
    value::{self, Item, mismatch},
};
use serde_json::{Map, Value};

/// AWS names no more than these.
const MAX_PROBLEMS: usize = 10;

/// A request's members.
pub(crate) struct Input<'a> {
    members: &'a Map<String, Value>,
    /// Before the names of members in messages: `transactItems.1.member.put.`
    place: String,
    problems: Vec<String>,
}

impl<'a> Input<'a> {
    pub(crate) fn of(value: &'a Value) -> Answer<Self> {
        Self::within(value, String::new())
    }

    /// A structure inside of a request.
    pub(crate) fn within(value: &'a Value, place: String) -> Answer<Self> {
        let members = value.as_object().ok_or_else(|| serialization("Unexpected value type in payload"))?;
        Ok(Self { members, place, problems: Vec::new() })
    }

    fn member(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.member(name).is_some()
    }

    fn read<T>(&self, name: &str, wanted: &str, read: impl Fn(&'a Value) -> Option<T>) -> Answer<Option<T>> {
        self.member(name).map(|value| read(value).ok_or_else(|| serialization(mismatch(value, wanted)))).transpose()
    }

    pub(crate) fn text(&self, name: &str) -> Answer<Option<&'a str>> {
        self.read(name, "String", Value::as_str)
    }

    pub(crate) fn boolean(&self, name: &str) -> Answer<Option<bool>> {
        self.read(name, "Boolean", Value::as_bool)
    }

    pub(crate) fn whole(&self, name: &str) -> Answer<Option<i64>> {
        #[expect(clippy::cast_possible_truncation, reason = "AWS cuts the fraction off")]
        self.read(name, "Integer", |value| value.as_i64().or_else(|| value.as_f64().map(|number| number as i64)))
    }

    pub(crate) fn list(&self, name: &str) -> Answer<Option<&'a [Value]>> {
        self.member(name)
            .map(|value| match value {
                Value::Array(values) => Ok(values.as_slice()),
                Value::Object(_) => Err(serialization("Start of structure or map found where not expected")),
                _ => Err(serialization("Unexpected field type")),
            })
            .transpose()
    }

    pub(crate) fn map(&self, name: &str) -> Answer<Option<&'a Map<String, Value>>> {
        self.member(name)
            .map(|value| match value {
                Value::Object(members) => Ok(members),
                Value::Array(_) => Err(serialization("Unrecognized collection type class java.util.ArrayList")),
                _ => Err(serialization("Unexpected field type")),
            })
            .transpose()
    }

    /// A structure; its problems are found at `place` and have to be taken over with [`Self::take_over`].
    pub(crate) fn structure(&self, name: &str) -> Answer<Option<Self>> {
        self.member(name).map(|value| Self::within(value, format!("{}{}.", self.place, lower_first(name)))).transpose()
    }

    /// The structures of a list.
    pub(crate) fn structures(&self, name: &str) -> Answer<Option<Vec<Self>>> {
        let Some(values) = self.list(name)? else { return Ok(None) };
        let place = |index: usize| format!("{}{}.{}.member.", self.place, lower_first(name), index + 1);
        let all = values.iter().enumerate().map(|(index, value)| Self::within(value, place(index)));
        all.collect::<Answer<_>>().map(Some)
    }

    pub(crate) fn take_over(&mut self, other: Self) {
        self.problems.extend(other.problems);
    }

    /// A map of attributes, which are looked at later.
    pub(crate) fn attributes(&mut self, name: &str) -> Answer<Map<String, Value>> {
        let members = self.map(name)?;
        self.required(name);
        Ok(members.cloned().unwrap_or_default())
    }

    /// Complains about a member that is missing.
    pub(crate) fn required(&mut self, name: &str) {
        if !self.has(name) {
            self.problem(name, "Member must not be null");
        }
    }

    pub(crate) fn required_text(&mut self, name: &str) -> Answer<String> {
        self.required(name);
        Ok(self.text(name)?.unwrap_or_default().to_owned())
    }

    /// A member that is one of a few.
    pub(crate) fn one_of(&mut self, name: &str, all: &[&'static str]) -> Answer<Option<&'static str>> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let found = all.iter().copied().find(|one| *one == text);
        if found.is_none() {
            self.problem(name, &format!("Member must satisfy enum value set: [{}]", all.join(", ")));
        }
        Ok(found)
    }

    /// A number that is not below a limit.
    pub(crate) fn at_least(&mut self, name: &str, limit: i64) -> Answer<Option<i64>> {
        let number = self.whole(name)?;
        if number.is_some_and(|number| number < limit) {
            self.problem(name, &format!("Member must have value greater than or equal to {limit}"));
        }
        Ok(number)
    }

    /// A list or map with so many members.
    pub(crate) fn between(&mut self, name: &str, length: usize, limits: (usize, usize)) {
        if length < limits.0 {
            self.problem(name, &format!("Member must have length greater than or equal to {}", limits.0));
        } else if length > limits.1 {
            self.problem(name, &format!("Member must have length less than or equal to {}", limits.1));
        }
    }

    /// The name in `TableName`, which may also be the table's ARN.
    pub(crate) fn table_name(&mut self) -> Answer<String> {
        self.required("TableName");
        let Some(text) = self.text("TableName")? else { return Ok(String::new()) };
        let name = table_of(text);
        self.resource_name("TableName", name);
        Ok(name.to_owned())
    }

    /// The name of an index.
    pub(crate) fn index_name(&mut self) -> Answer<Option<String>> {
        let Some(name) = self.text("IndexName")? else { return Ok(None) };
        self.resource_name("IndexName", name);
        Ok(Some(name.to_owned()))
    }

    fn resource_name(&mut self, member: &str, name: &str) {
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)) {
            self.problem(member, "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
        }
        self.between(member, name.len(), (3, 255));
    }

    fn problem(&mut self, name: &str, constraint: &str) {
        let shown = self.member(name).map_or_else(|| "null".to_owned(), |value| format!("'{}'", shown(value)));
        let place = format!("{}{}", self.place, lower_first(name));
        self.problems.push(format!("Value {shown} at '{place}' failed to satisfy constraint: {constraint}"));
    }

    /// Ends the reading: with all constraints that are not met.
    pub(crate) fn finish(&self) -> Answer<()> {
        let count = self.problems.len().min(MAX_PROBLEMS);
        let plural = match count {
            0 => return Ok(()),
            1 => "",
            _ => "s",
        };
        let problems: Vec<&str> = self.problems.iter().take(count).map(String::as_str).collect();
        Err(validation(format!("{count} validation error{plural} detected: {}", problems.join("; "))))
    }
}

/// The table's name in an ARN, or the text itself.
pub(crate) fn table_of(text: &str) -> &str {
    let resource = text.strip_prefix("arn:").and_then(|arn| arn.split_once(":table/"));
    resource.map_or(text, |(_, name)| name.split('/').next().unwrap_or(name))
}

/// Reads attributes.
pub(crate) fn item(members: &Map<String, Value>) -> Answer<Item> {
    Ok(value::item(members)?)
}

fn lower_first(name: &str) -> String {
    let mut rest = name.chars();
    rest.next().map(|first| first.to_lowercase().chain(rest).collect()).unwrap_or_default()
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => format!("[{}]", values.iter().map(shown).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}
