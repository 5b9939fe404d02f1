//! What a template can name: variables, data and objects.

use crate::object::Object;
use crate::objects::Overrides;
use crate::value::heap::{Failure, Heap, ListKind};
use crate::value::map::{Map, MapKind};
use crate::value::{Value, integer};
use serde_json::Value as Json;

/// The variables of one render. Data is looked at only if the template names it.
///
/// ```
/// use fanlight_vtl::{Scope, Template};
///
/// let order = serde_json::json!({"id": 7, "items": ["a", "b"]});
/// let mut scope = Scope::new();
/// scope.json("order", &order);
/// let template = Template::parse("$order.id: #foreach($item in $order.items)$item#end").unwrap();
/// assert_eq!(template.render(scope).unwrap(), "7: ab");
/// ```
#[derive(Default)]
pub struct Scope<'a> {
    pub(crate) bindings: Vec<(&'a str, Binding<'a>)>,
}

pub(crate) enum Binding<'a> {
    Value(Value<'a>),
    Json(&'a Json, Shape),
    /// A context with its overrides.
    Context(&'a Json, &'a Overrides),
    Texts(&'a [(String, String)]),
    Object(Box<dyn Object<'a> + 'a>),
}

/// Which Java maps JSON objects become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Linked,
    /// As a parsed body: lists print as JSON.
    Parsed,
    /// As `$context`.
    Context,
}

impl std::fmt::Debug for Scope<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.bindings.iter().map(|(name, _)| name)).finish()
    }
}

impl<'a> Scope<'a> {
    /// No variables.
    pub fn new() -> Self {
        Self::default()
    }

    /// A variable.
    pub fn set(&mut self, name: &'a str, value: impl Into<Value<'a>>) {
        self.bindings.push((name, Binding::Value(value.into())));
    }

    /// A variable with the Java form of JSON data: maps in the order of the document, lists that
    /// print as `[a, b]`.
    pub fn json(&mut self, name: &'a str, data: &'a Json) {
        self.bindings.push((name, Binding::Json(data, Shape::Linked)));
    }

    /// A variable with JSON data as `$input.path` and `$util.parseJson` give it: lists print as
    /// JSON.
    pub fn parsed_json(&mut self, name: &'a str, data: &'a Json) {
        self.bindings.push((name, Binding::Json(data, Shape::Parsed)));
    }

    /// A variable that behaves as `$context`: maps iterate in the order of Java's `HashMap` and
    /// print nothing, and overrides can be written.
    pub fn context(&mut self, name: &'a str, data: &'a Json, overrides: &'a Overrides) {
        self.bindings.push((name, Binding::Context(data, overrides)));
    }

    /// The same for a template that does not name the overrides.
    pub(crate) fn context_alone(&mut self, name: &'a str, data: &'a Json) {
        self.bindings.push((name, Binding::Json(data, Shape::Context)));
    }

    /// A variable with a map of texts.
    pub fn texts(&mut self, name: &'a str, entries: &'a [(String, String)]) {
        self.bindings.push((name, Binding::Texts(entries)));
    }

    /// A variable with methods.
    pub fn object(&mut self, name: &'a str, object: impl Object<'a> + 'a) {
        self.bindings.push((name, Binding::Object(Box::new(object))));
    }
}

/// Deepest data that is taken over.
const DEEPEST: u32 = 400;

pub(crate) fn from_json<'a>(heap: &mut Heap<'a>, data: &'a Json, shape: Shape) -> Result<Value<'a>, Failure> {
    convert(heap, data, shape, DEEPEST)
}

fn convert<'a>(heap: &mut Heap<'a>, data: &'a Json, shape: Shape, depth: u32) -> Result<Value<'a>, Failure> {
    let deeper = depth.checked_sub(1).ok_or_else(|| Failure::new("the data is nested too deeply"))?;
    Ok(match data {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::String(text) => Value::Str(text),
        Json::Number(number) => {
            number.as_i64().map_or_else(|| Value::Double(number.as_f64().unwrap_or(f64::NAN)), integer)
        }
        Json::Array(items) => {
            let items: Result<Vec<_>, _> = items.iter().map(|item| convert(heap, item, shape, deeper)).collect();
            let kind = if shape == Shape::Parsed { ListKind::Json } else { ListKind::Plain };
            Value::List(heap.add_list(items?, kind)?)
        }
        Json::Object(members) => {
            let kind = if shape == Shape::Context { MapKind::Context } else { MapKind::Linked };
            let mut entries = Vec::with_capacity(members.len());
            for (key, value) in members {
                entries.push((Value::Str(key), convert(heap, value, shape, deeper)?));
            }
            Value::Map(heap.add_map(Map::of_entries(entries, kind))?)
        }
    })
}

/// `$context`: the data, and the overrides as two of its members.
pub(crate) fn from_context<'a>(
    heap: &mut Heap<'a>,
    data: &'a Json,
    overrides: &'a Overrides,
) -> Result<Value<'a>, Failure> {
    let context = from_json(heap, data, Shape::Context)?;
    let Value::Map(id) = context else { return Ok(context) };
    let places: [(_, _, &[&'static str]); 2] = [
        ("requestOverride", &overrides.request, &["header", "path", "querystring"]),
        ("responseOverride", &overrides.response, &["header"]),
    ];
    for (name, members, initial) in places {
        let value = match members {
            Json::Object(_) => from_json(heap, members, Shape::Context)?,
            _ => no_overrides(heap, initial)?,
        };
        if let Value::Map(map) = value {
            heap.map_mut(map).watched = name == "responseOverride";
            let places: Vec<Value<'a>> = heap.map(map).entries().iter().map(|(_, value)| value.clone()).collect();
            for place in places {
                if let Value::Map(place) = place {
                    heap.map_mut(place).watched = true;
                }
            }
        }
        heap.put(id, Value::Str(name), value)?;
    }
    Ok(context)
}

fn no_overrides<'a>(heap: &mut Heap<'a>, places: &[&'static str]) -> Result<Value<'a>, Failure> {
    let mut entries = Vec::with_capacity(places.len());
    for place in places {
        let map = heap.add_map(Map::new(MapKind::Context))?;
        entries.push((Value::Str(place), Value::Map(map)));
    }
    heap.add_map(Map::of_entries(entries, MapKind::Context)).map(Value::Map)
}

pub(crate) fn from_texts<'a>(heap: &mut Heap<'a>, texts: &'a [(String, String)]) -> Result<Value<'a>, Failure> {
    let entries = texts.iter().map(|(key, value)| (Value::Str(key), Value::Str(value))).collect();
    heap.new_map(entries)
}

/// Data from a value, where it has a JSON form; everything else becomes the text it prints.
pub(crate) fn to_json<'a>(heap: &Heap<'a>, value: &Value<'a>) -> Result<Json, Failure> {
    extract(heap, value, DEEPEST)
}

fn extract<'a>(heap: &Heap<'a>, value: &Value<'a>, depth: u32) -> Result<Json, Failure> {
    // Memory outside of the render: shared parts are written out as often as they are referred to.
    heap.charge(8)?;
    let deeper =
        depth.checked_sub(1).ok_or_else(|| Failure::new("the value contains itself or is nested too deeply"))?;
    Ok(match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(int) => Json::from(*int),
        Value::Long(long) => Json::from(*long),
        Value::Double(double) if double.is_finite() => Json::from(*double),
        Value::Str(text) => Json::from(*text),
        Value::Text(text) => Json::from(text.as_str()),
        Value::List(id) => {
            let items: Result<Vec<_>, _> =
                heap.list(*id).items.iter().map(|item| extract(heap, item, deeper)).collect();
            Json::Array(items?)
        }
        Value::Map(id) => {
            let mut members = serde_json::Map::new();
            for (key, value) in heap.map(*id).entries() {
                members.insert(heap.to_text(key)?, extract(heap, value, deeper)?);
            }
            Json::Object(members)
        }
        Value::Double(_) | Value::Char(_) | Value::Object(_) | Value::Other(_) => Json::from(heap.to_text(value)?),
    })
}
