//! `$input`: the body and the parameters.

use crate::json;
use crate::jsonpath::{self, Path};
use crate::object::{Call, Object};
use crate::scope::from_texts;
use crate::value::Value;
use crate::value::heap::{Failure, Heap};

/// Parameters by where they came from, in order; a name that comes again takes its last value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parameters {
    /// Path parameters, as they stand in the path.
    pub path: Vec<(String, String)>,
    /// Query string parameters, decoded.
    pub querystring: Vec<(String, String)>,
    /// Headers, with names as the client wrote them.
    pub header: Vec<(String, String)>,
}

impl Parameters {
    fn find(&self, name: &str) -> Option<&str> {
        [&self.path, &self.querystring, &self.header]
            .into_iter()
            .find_map(|place| place.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str()))
    }
}

/// `$input.body`, `$input.path(..)`, `$input.json(..)` and `$input.params(..)`.
///
/// ```
/// use fanlight_vtl::{Input, Parameters, Scope, Template};
///
/// let parameters = Parameters::default();
/// let mut scope = Scope::new();
/// scope.object("input", Input::new("{a: [1, 2]}", &parameters));
/// let template = Template::parse("$input.json('$.a') $input.path('$.a')[1]").unwrap();
/// assert_eq!(template.render(scope).unwrap(), "[1,2] 2");
/// ```
#[derive(Debug)]
pub struct Input<'a> {
    body: &'a str,
    parameters: &'a Parameters,
    /// The parsed body: templates can change it, and see their changes.
    document: Option<Value<'a>>,
    all: Option<Value<'a>>,
}

impl<'a> Input<'a> {
    /// An empty body counts as `{}`.
    pub fn new(body: &'a str, parameters: &'a Parameters) -> Self {
        let body = if body.is_empty() { "{}" } else { body };
        Self { body, parameters, document: None, all: None }
    }

    fn document(&mut self, heap: &mut Heap<'a>) -> Result<Value<'a>, Failure> {
        if let Some(document) = &self.document {
            return Ok(document.clone());
        }
        let document = json::parse::document(heap, self.body)?;
        self.document = Some(document.clone());
        Ok(document)
    }

    /// A body that is neither object nor list has nothing but itself.
    fn read(&mut self, heap: &mut Heap<'a>, call: &Call<'_, 'a>, path: &str) -> Result<Value<'a>, Failure> {
        let document = self.document(heap)?;
        if !matches!(document, Value::Map(_) | Value::List(_)) {
            return Ok(if path == "$" { document } else { Value::Null });
        }
        match call.path {
            Some(compiled) => jsonpath::read(heap, compiled, &document),
            None => {
                let compiled = Path::compile(path).map_err(Failure::new)?;
                jsonpath::read(heap, &compiled, &document)
            }
        }
    }

    fn all_parameters(&mut self, heap: &mut Heap<'a>) -> Result<Value<'a>, Failure> {
        if let Some(all) = &self.all {
            return Ok(all.clone());
        }
        let path = from_texts(heap, &self.parameters.path)?;
        let querystring = from_texts(heap, &self.parameters.querystring)?;
        let header = from_texts(heap, &self.parameters.header)?;
        let all =
            heap.new_map(vec![("path".into(), path), ("querystring".into(), querystring), ("header".into(), header)])?;
        self.all = Some(all.clone());
        Ok(all)
    }
}

/// `params()` fits any arguments to Velocity, and none but a name to Java.
fn too_many() -> Failure {
    Failure::new("wrong number of arguments for `params()`")
        .hint("`$input.params(..)` takes the name of a parameter as text")
}

impl<'a> Object<'a> for Input<'a> {
    fn call(&mut self, heap: &mut Heap<'a>, call: Call<'_, 'a>) -> Result<Option<Value<'a>>, Failure> {
        match (call.name, call.arguments) {
            ("path" | "json", [Value::Null]) => Err(Failure::new("java.lang.NullPointerException")),
            ("path", [path]) => match path.as_str() {
                Some(path) => self.read(heap, &call, path).map(Some),
                None => Ok(None),
            },
            ("json", [path]) => {
                let Some(path) = path.as_str() else { return Ok(None) };
                let value = self.read(heap, &call, path)?;
                if value.is_null() {
                    return Ok(Some(Value::Str("\"\"")));
                }
                let mut text = String::new();
                json::write::value(heap, &value, json::write::Slashes::Plain, &mut text)?;
                heap.text(text).map(Some)
            }
            ("params", []) => self.all_parameters(heap).map(Some),
            ("params", [Value::Null]) => Ok(Some(Value::Str(""))),
            ("params", [name]) => {
                let Some(name) = name.as_str() else { return Err(too_many()) };
                Ok(Some(Value::Str(self.parameters.find(name).unwrap_or(""))))
            }
            ("params", _) => Err(too_many()),
            ("getBody", []) => Ok(Some(Value::Str(self.body))),
            _ => Ok(None),
        }
    }

    fn property(&mut self, _: &mut Heap<'a>, name: &str) -> Result<Option<Value<'a>>, Failure> {
        Ok((name == "body").then_some(Value::Str(self.body)))
    }
}
