//! The response of both payload formats.

use crate::rest::Malformed;
use serde_json::{Map, Value};

/// What a function may return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyResponse {
    /// The status.
    pub status_code: u16,
    /// `headers` and `multiValueHeaders`, in order.
    pub headers: Vec<(String, String)>,
    /// `cookies`, each for a `Set-Cookie`.
    pub cookies: Vec<String>,
    /// Empty when the function returns none.
    pub body: String,
    /// Whether `body` is base64.
    pub is_base64_encoded: bool,
    /// Whether the payload was taken for a body as it is.
    pub is_inferred: bool,
}

impl ProxyResponse {
    /// Reads a payload of format 2.0: an object with a `statusCode` is a response, anything else a body.
    ///
    /// ```
    /// use fanlight_events::http::ProxyResponse;
    /// let inferred = ProxyResponse::parse_v2(br#"{"Hello":"World"}"#).unwrap();
    /// assert_eq!((inferred.status_code, inferred.body.as_str()), (200, r#"{"Hello":"World"}"#));
    /// assert_eq!(ProxyResponse::parse_v2(br#""text""#).unwrap().body, "text");
    /// assert_eq!(ProxyResponse::parse_v2(br#"{"statusCode":201}"#).unwrap().status_code, 201);
    /// assert!(ProxyResponse::parse_v2(br#"{"statusCode":"created"}"#).is_err());
    /// ```
    ///
    /// # Errors
    /// [`Malformed`] for what API Gateway answers with 500.
    pub fn parse_v2(payload: &[u8]) -> Result<Self, Malformed> {
        let text = || String::from_utf8_lossy(payload).into_owned();
        let value = serde_json::from_slice(payload).map_err(|error| malformed(&format!("it is not JSON: {error}")))?;
        match value {
            Value::Object(object) if object.contains_key("statusCode") => {
                let mut response = structured(&object)?;
                response.cookies = cookies(&object)?;
                Ok(response)
            }
            Value::String(body) => Ok(inferred(body)),
            Value::Object(_) | Value::Array(_) | Value::Number(_) | Value::Bool(_) | Value::Null => {
                Ok(inferred(text()))
            }
        }
    }

    /// Reads a payload of format 1.0, which is an object with a `statusCode`.
    ///
    /// ```
    /// use fanlight_events::http::ProxyResponse;
    /// assert_eq!(ProxyResponse::parse_v1(br#"{"statusCode":"201"}"#).unwrap().status_code, 201);
    /// assert!(ProxyResponse::parse_v1(br#"{"Hello":"World"}"#).is_err());
    /// ```
    ///
    /// # Errors
    /// [`Malformed`] for what API Gateway answers with 500.
    pub fn parse_v1(payload: &[u8]) -> Result<Self, Malformed> {
        let value: Value =
            serde_json::from_slice(payload).map_err(|error| malformed(&format!("it is not JSON: {error}")))?;
        let object = value.as_object().ok_or_else(|| malformed("it is no object"))?;
        let mut response = structured(object)?;
        let lists = match object.get("multiValueHeaders") {
            None | Some(Value::Null) => return Ok(response),
            Some(value) => value.as_object().ok_or_else(|| malformed("`multiValueHeaders` is no object"))?,
        };
        for (name, values) in lists {
            let values =
                values.as_array().ok_or_else(|| malformed(&format!("`multiValueHeaders.{name}` is no list")))?;
            response.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
            for value in values {
                response.headers.extend(scalar(name, value)?.map(|text| (name.clone(), text)));
            }
        }
        Ok(response)
    }
}

fn malformed(reason: &str) -> Malformed {
    Malformed(format!("the response is malformed: {reason}"))
}

fn inferred(body: String) -> ProxyResponse {
    ProxyResponse {
        status_code: 200,
        headers: Vec::new(),
        cookies: Vec::new(),
        body,
        is_base64_encoded: false,
        is_inferred: true,
    }
}

fn structured(object: &Map<String, Value>) -> Result<ProxyResponse, Malformed> {
    let status = object.get("statusCode").unwrap_or(&Value::Null);
    let number = match status {
        Value::Number(number) => number.as_u64().and_then(|number| u16::try_from(number).ok()),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let status_code = number
        .filter(|status| (200..600).contains(status))
        .ok_or_else(|| malformed(&format!("`statusCode` is {status}, not an HTTP status")))?;
    let mut response = ProxyResponse { status_code, is_inferred: false, ..inferred(String::new()) };
    match object.get("headers") {
        None | Some(Value::Null) => {}
        Some(Value::Object(headers)) => {
            for (name, value) in headers {
                response.headers.extend(scalar(name, value)?.map(|text| (name.clone(), text)));
            }
        }
        Some(_) => return Err(malformed("`headers` is no object")),
    }
    response.body = object.get("body").map(|body| scalar("body", body)).transpose()?.flatten().unwrap_or_default();
    response.is_base64_encoded = match object.get("isBase64Encoded") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) if text == "true" || text == "false" => text == "true",
        Some(other) => return Err(malformed(&format!("`isBase64Encoded` is {other}, not a boolean"))),
    };
    Ok(response)
}

fn cookies(object: &Map<String, Value>) -> Result<Vec<String>, Malformed> {
    match object.get("cookies") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(cookies)) => {
            cookies.iter().filter_map(|cookie| scalar("cookies", cookie).transpose()).collect()
        }
        Some(_) => Err(malformed("`cookies` is no list")),
    }
}

/// `None` for `null`.
fn scalar(name: &str, value: &Value) -> Result<Option<String>, Malformed> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        Value::Bool(_) | Value::Number(_) => Ok(Some(value.to_string())),
        Value::Array(_) | Value::Object(_) => Err(malformed(&format!("`{name}` is not a string"))),
    }
}
