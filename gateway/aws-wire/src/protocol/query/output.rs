//! Outputs and errors into XML or JSON.

use super::{Dialect, Member, Shape};
use crate::{Fault, ServiceError};
use http::{HeaderName, HeaderValue, Response, StatusCode, header::CONTENT_TYPE};
use serde_json::{Map, Value, json};

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// What SDKs read.
    Xml,
    /// What API Gateway asks for.
    Json,
}

impl Format {
    /// What an `Accept` header asks for.
    #[must_use]
    pub fn accepted(accept: Option<&HeaderValue>) -> Self {
        let accept = accept.and_then(|value| value.to_str().ok()).unwrap_or_default();
        if accept.trim_start().starts_with("application/json") { Self::Json } else { Self::Xml }
    }
}

/// The response to a call that succeeded.
#[must_use]
pub fn success(
    dialect: &Dialect,
    operation: &str,
    format: Format,
    request_id: &str,
    output: &Value,
) -> Response<Vec<u8>> {
    let is_empty =
        output.as_object().is_none_or(Map::is_empty) && !dialect.shown.iter().any(|(name, _)| *name == operation);
    let body = match format {
        Format::Json => {
            let mut inner = Map::new();
            if !is_empty {
                inner.insert(format!("{operation}Result"), shown(dialect, operation, output));
            }
            inner.insert("ResponseMetadata".to_owned(), json!({ "RequestId": request_id }));
            json!({ format!("{operation}Response"): inner }).to_string()
        }
        Format::Xml => {
            let mut xml = format!("<?xml version=\"1.0\"?><{operation}Response xmlns=\"{}\">", dialect.namespace);
            if !is_empty {
                xml.push_str(&format!("<{operation}Result>"));
                structure(dialect, operation, output, &mut xml);
                xml.push_str(&format!("</{operation}Result>"));
            }
            xml.push_str("<ResponseMetadata>");
            element("RequestId", request_id, &mut xml);
            xml.push_str(&format!("</ResponseMetadata></{operation}Response>"));
            xml
        }
    };
    response(200, format, request_id, body)
}

/// The response to a call that failed.
#[must_use]
pub fn error(dialect: &Dialect, format: Format, request_id: &str, error: &ServiceError) -> Response<Vec<u8>> {
    let fault = match error.fault {
        Fault::Sender => "Sender",
        Fault::Receiver => "Receiver",
    };
    let body = match format {
        Format::Json => {
            let error = json!({ "Code": error.code, "Message": error.message, "Type": fault });
            json!({ "Error": error, "RequestId": request_id }).to_string()
        }
        Format::Xml => {
            let mut xml = format!("<?xml version=\"1.0\"?><ErrorResponse xmlns=\"{}\"><Error>", dialect.namespace);
            element("Type", fault, &mut xml);
            element("Code", error.code, &mut xml);
            element("Message", &error.message, &mut xml);
            xml.push_str("<Detail/></Error>");
            element("RequestId", request_id, &mut xml);
            xml.push_str("</ErrorResponse>");
            xml
        }
    };
    response(error.status, format, request_id, body)
}

fn response(status: u16, format: Format, request_id: &str, body: String) -> Response<Vec<u8>> {
    let mut response = Response::new(body.into_bytes());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = match format {
        Format::Xml => "text/xml",
        Format::Json => "application/json",
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static("x-amzn-requestid"), value);
    }
    response
}

fn member<'a>(dialect: &'a Dialect, name: &str) -> Option<&'a Member> {
    dialect.members.iter().find(|member| member.name == name)
}

/// The output as JSON shows it, with null for what is absent.
fn shown(dialect: &Dialect, operation: &str, output: &Value) -> Value {
    let mut object = match renamed(dialect, output) {
        Value::Object(object) => object,
        _ => Map::new(),
    };
    let absent = dialect.shown.iter().filter(|(name, _)| *name == operation).flat_map(|(_, members)| *members);
    for name in absent {
        object.entry(*name).or_insert(Value::Null);
    }
    object.sort_keys();
    Value::Object(object)
}

fn renamed(dialect: &Dialect, output: &Value) -> Value {
    match output {
        Value::Object(object) => {
            let renamed = object.iter().map(|(name, value)| match member(dialect, name) {
                None => (name.clone(), renamed(dialect, value)),
                Some(member) => (member.answered.to_owned(), listed(dialect, member, value)),
            });
            Value::Object(renamed.collect())
        }
        Value::Array(items) => items.iter().map(|item| renamed(dialect, item)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => output.clone(),
    }
}

fn listed(dialect: &Dialect, member: &Member, value: &Value) -> Value {
    match (member.shape, value) {
        (Shape::Pairs { key, value: inner }, Value::Object(entries)) => {
            let pairs = entries.iter().map(|(name, value)| json!({ key: name, inner: renamed(dialect, value) }));
            pairs.collect()
        }
        (Shape::List { .. } | Shape::Map { .. } | Shape::Pairs { .. }, value) => renamed(dialect, value),
    }
}

/// The members of a structure as elements.
fn structure(dialect: &Dialect, operation: &str, value: &Value, xml: &mut String) {
    let members = value.as_object().into_iter().flatten();
    for (name, value) in members {
        match member(dialect, name) {
            Some(member) => collection(dialect, operation, (member, value), xml),
            None => any(dialect, operation, (name, value), xml),
        }
    }
}

fn any(dialect: &Dialect, operation: &str, (name, value): (&str, &Value), xml: &mut String) {
    match value {
        Value::Null => {}
        Value::String(text) => element(name, text, xml),
        Value::Bool(_) | Value::Number(_) => element(name, &value.to_string(), xml),
        Value::Array(items) => items.iter().for_each(|item| any(dialect, operation, (name, item), xml)),
        Value::Object(_) => {
            xml.push_str(&format!("<{name}>"));
            structure(dialect, operation, value, xml);
            xml.push_str(&format!("</{name}>"));
        }
    }
}

fn collection(dialect: &Dialect, operation: &str, (member, value): (&Member, &Value), xml: &mut String) {
    let name = member.element(operation);
    match member.shape {
        Shape::List { item } => {
            let open = |xml: &mut String, tag: String| item.map(|_| xml.push_str(&tag)).unwrap_or_default();
            open(xml, format!("<{name}>"));
            for value in value.as_array().into_iter().flatten() {
                any(dialect, operation, (item.unwrap_or(&name), value), xml);
            }
            open(xml, format!("</{name}>"));
        }
        Shape::Pairs { key, value: inner } => {
            for (entry, value) in value.as_object().into_iter().flatten() {
                xml.push_str(&format!("<{name}>"));
                element(key, entry, xml);
                any(dialect, operation, (inner, value), xml);
                xml.push_str(&format!("</{name}>"));
            }
        }
        Shape::Map { key, value: inner } => {
            xml.push_str(&format!("<{name}>"));
            for (entry, value) in value.as_object().into_iter().flatten() {
                xml.push_str("<entry>");
                element(key, entry, xml);
                any(dialect, operation, (inner, value), xml);
                xml.push_str("</entry>");
            }
            xml.push_str(&format!("</{name}>"));
        }
    }
}

fn element(name: &str, text: &str, xml: &mut String) {
    xml.push_str(&format!("<{name}>"));
    for character in text.chars() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '\r' => xml.push_str("&#13;"),
            _ => xml.push(character),
        }
    }
    xml.push_str(&format!("</{name}>"));
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIALECT: Dialect = Dialect {
        namespace: "ns",
        shown: &[("Send", &["MessageId", "SequenceNumber"])],
        members: &[
            Member { name: "Messages", wire: "Message", answered: "messages", shape: Shape::List { item: None } },
            Member { name: "Topics", wire: "Topics", answered: "Topics", shape: Shape::List { item: Some("member") } },
            Member {
                name: "Attributes",
                wire: "Attribute",
                answered: "Attributes",
                shape: Shape::Pairs { key: "Name", value: "Value" },
            },
        ],
    };

    fn body(format: Format, operation: &str, output: &Value) -> String {
        String::from_utf8(success(&DIALECT, operation, format, "id", output).into_body()).unwrap()
    }

    #[test]
    fn outputs_as_json_show_what_is_absent() {
        let text = r#"{"SendResponse":{"SendResult":{"MessageId":"m","SequenceNumber":null},"ResponseMetadata":{"RequestId":"id"}}}"#;
        assert_eq!(body(Format::Json, "Send", &json!({ "MessageId": "m" })), text);
        let text = r#"{"DropResponse":{"ResponseMetadata":{"RequestId":"id"}}}"#;
        assert_eq!(body(Format::Json, "Drop", &json!({})), text);
        let output = json!({ "Messages": [{ "Body": "b", "Attributes": { "n": "v" } }] });
        let text = r#"{"GetResponse":{"GetResult":{"messages":[{"Body":"b","Attributes":[{"Name":"n","Value":"v"}]}]},"ResponseMetadata":{"RequestId":"id"}}}"#;
        assert_eq!(body(Format::Json, "Get", &output), text);
    }

    #[test]
    fn outputs_as_xml() {
        let output = json!({
            "Messages": [{ "Body": "<a & b>", "Attributes": { "n": "v" } }, { "Body": "c" }],
            "Topics": [{ "TopicArn": "t" }], "Count": 1
        });
        let text = "<?xml version=\"1.0\"?><GetResponse xmlns=\"ns\"><GetResult>\
            <Message><Body>&lt;a &amp; b&gt;</Body><Attribute><Name>n</Name><Value>v</Value></Attribute></Message>\
            <Message><Body>c</Body></Message><Topics><member><TopicArn>t</TopicArn></member></Topics><Count>1</Count>\
            </GetResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></GetResponse>";
        assert_eq!(body(Format::Xml, "Get", &output), text);
    }

    #[test]
    fn errors_in_both_formats() {
        let failed = ServiceError::sender("NotFound", "no <topic>").with_status(404);
        let json = error(&DIALECT, Format::Json, "id", &failed);
        assert_eq!(json.status(), 404);
        let text = r#"{"Error":{"Code":"NotFound","Message":"no <topic>","Type":"Sender"},"RequestId":"id"}"#;
        assert_eq!(String::from_utf8_lossy(json.body()), text);
        let xml = error(&DIALECT, Format::Xml, "id", &failed);
        let text = "<?xml version=\"1.0\"?><ErrorResponse xmlns=\"ns\"><Error><Type>Sender</Type><Code>NotFound</Code>\
            <Message>no &lt;topic&gt;</Message><Detail/></Error><RequestId>id</RequestId></ErrorResponse>";
        assert_eq!(String::from_utf8_lossy(xml.body()), text);
    }
}
