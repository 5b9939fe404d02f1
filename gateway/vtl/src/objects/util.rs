//! `$util`: escaping, encoding and parsing.

use super::util_text::{base64_decode, base64_encode, escape_java_script, url_decode, url_encode};
use crate::json;
use crate::object::{Call, Object};
use crate::value::Value;
use crate::value::heap::{Failure, Heap};

/// `$util.escapeJavaScript`, `parseJson`, `urlEncode`, `urlDecode`, `base64Encode` and
/// `base64Decode`. All of them take text; anything else gives nothing.
///
/// ```
/// use fanlight_vtl::{Scope, Template, Util};
///
/// let mut scope = Scope::new();
/// scope.object("util", Util);
/// let template = Template::parse("$util.urlEncode('a b') $util.parseJson('{x: [1]}').x[0]").unwrap();
/// assert_eq!(template.render(scope).unwrap(), "a+b 1");
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Util;

impl<'a> Object<'a> for Util {
    fn call(&mut self, heap: &mut Heap<'a>, call: Call<'_, 'a>) -> Result<Option<Value<'a>>, Failure> {
        let [value] = call.arguments else { return Ok(None) };
        let takes_text = ["parseJson", "urlEncode", "urlDecode", "base64Encode", "base64Decode"].contains(&call.name);
        let Some(text) = value.as_str() else {
            let null = matches!(value, Value::Null) && takes_text;
            return if null { Err(Failure::new("java.lang.NullPointerException")) } else { Ok(None) };
        };
        heap.charge(text.len() / 16)?;
        let made = match call.name {
            "parseJson" => {
                let parsed = json::parse::value(heap, value);
                // What `$input` answers with 400 is a failed template here.
                return parsed.map(Some).map_err(|failure| Failure::new(failure.into_message()));
            }
            "urlEncode" => url_encode(text),
            "urlDecode" => url_decode(text)?,
            "escapeJavaScript" => escape_java_script(text),
            "base64Encode" => base64_encode(text.as_bytes()),
            "base64Decode" => base64_decode(text)?,
            _ => return Ok(None),
        };
        heap.text(made).map(Some)
    }
}
