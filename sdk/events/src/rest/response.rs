//! The response.
//!
//! AWS reads it as a strict object whose scalars are coerced to the wanted type: `"201"` is a status and `true` a header
//! value, but an unknown key or an object where a string belongs makes the whole response malformed.

use serde_json::{Map, Value};
use std::fmt;

/// What a function may return to a Lambda proxy integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyResponse {
    /// 200 when the function names none.
    pub status_code: u16,
    /// `headers`, in order.
    pub headers: Vec<(String, String)>,
    /// `multiValueHeaders`, in order.
    pub multi_value_headers: Vec<(String, Vec<String>)>,
    /// Empty when the function returns none.
    pub body: String,
    /// Whether `body` is base64.
    pub is_base64_encoded: bool,
}

/// Why a payload is no proxy response. The text is for the log; the client sees a 502.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(pub String);

impl fmt::Display for Malformed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Malformed {}

impl ProxyResponse {
    /// Reads a function's payload.
    ///
    /// ```
    /// use fanlight_events::rest::ProxyResponse;
    /// assert_eq!(ProxyResponse::parse(b"{}").unwrap().status_code, 200);
    /// assert_eq!(ProxyResponse::parse(br#"{"statusCode":"201"}"#).unwrap().status_code, 201);
    /// assert!(ProxyResponse::parse(br#"{"Hello":"World"}"#).is_err());
    /// ```
    ///
    /// # Errors
    /// [`Malformed`] for everything API Gateway answers with 502.
    pub fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        let value: Value =
            serde_json::from_slice(payload).map_err(|error| Malformed(format!("the response is not JSON: {error}")))?;
        let Value::Object(object) = value else {
            return Err(Malformed(format!("the response is {}, not an object", kind(&value))));
        };
        let mut response = Self {
            status_code: 200,
            headers: Vec::new(),
            multi_value_headers: Vec::new(),
            body: String::new(),
            is_base64_encoded: false,
        };
        for (key, value) in object {
            response.set(&key, value)?;
        }
        Ok(response)
    }

    fn set(&mut self, key: &str, value: Value) -> Result<(), Malformed> {
        match key {
            "statusCode" => self.status_code = status(&value)?,
            "headers" => self.headers = headers(value)?,
            "multiValueHeaders" => self.multi_value_headers = multi_value_headers(value)?,
            "body" => self.body = scalar("body", value)?.unwrap_or_default(),
            "isBase64Encoded" | "base64Encoded" => self.is_base64_encoded = boolean(&value)?,
            other => return Err(Malformed(format!("unknown key `{other}`"))),
        }
        Ok(())
    }
}

fn status(value: &Value) -> Result<u16, Malformed> {
    let number = match value {
        Value::Null => return Ok(200),
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    // 1xx announces a response and cannot be one; above 599 there is no class.
    number
        .and_then(|number| u16::try_from(number).ok())
        .filter(|status| (200..600).contains(status))
        .ok_or_else(|| Malformed(format!("`statusCode` is {value}, not an HTTP status")))
}

fn whole(number: f64) -> Option<i64> {
    // A float prints without its fraction only when it has none.
    (number.fract() == 0.0).then(|| format!("{number:.0}").parse().ok())?
}

fn boolean(value: &Value) -> Result<bool, Malformed> {
    match value {
        Value::Null => Ok(false),
        Value::Bool(flag) => Ok(*flag),
        Value::String(text) if text == "true" => Ok(true),
        Value::String(text) if text == "false" || text.is_empty() => Ok(false),
        Value::Number(number) if number.is_i64() || number.is_u64() => Ok(number.as_i64() != Some(0)),
        Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            Err(Malformed(format!("`isBase64Encoded` is {value}, not a boolean")))
        }
    }
}

/// `None` for `null`.
fn scalar(name: &str, value: Value) -> Result<Option<String>, Malformed> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Bool(flag) => Ok(Some(flag.to_string())),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::Array(_) | Value::Object(_) => Err(Malformed(format!("`{name}` is {}, not a string", kind(&value)))),
    }
}

fn object(name: &str, value: Value) -> Result<Map<String, Value>, Malformed> {
    match value {
        Value::Null => Ok(Map::new()),
        Value::Object(object) => Ok(object),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(Malformed(format!("`{name}` is {}, not an object", kind(&value))))
        }
    }
}

fn headers(value: Value) -> Result<Vec<(String, String)>, Malformed> {
    let mut headers = Vec::new();
    for (name, value) in object("headers", value)? {
        if let Some(text) = scalar(&name, value)? {
            headers.push((name, text));
        }
    }
    Ok(headers)
}

fn multi_value_headers(value: Value) -> Result<Vec<(String, Vec<String>)>, Malformed> {
    let mut headers = Vec::new();
    for (name, value) in object("multiValueHeaders", value)? {
        let values = match value {
            Value::Null => Vec::new(),
            Value::Array(values) => values,
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                return Err(Malformed(format!("`multiValueHeaders.{name}` is {}, not a list", kind(&value))));
            }
        };
        let texts =
            values.into_iter().filter_map(|value| scalar(&name, value).transpose()).collect::<Result<_, _>>()?;
        headers.push((name, texts));
    }
    Ok(headers)
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
