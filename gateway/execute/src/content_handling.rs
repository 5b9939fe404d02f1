//! `contentHandling` and `binaryMediaTypes`: what a custom integration makes of a body before a template or the endpoint
//! sees it, and of the endpoint's body on the way back.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html>

use crate::{failure::Failure, media_type::BinaryMediaTypes};
use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::BASE64_STANDARD,
};
use bytes::Bytes;
use fanlight_definition::resources::ContentHandling;

/// Java's basic decoder, which AWS uses: no white space, padding optional.
pub(crate) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Whether a media type is one of the API's binary ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It is none.
    Text,
    /// It is one.
    Binary,
}

impl Kind {
    /// The kind of a media type.
    #[must_use]
    pub fn of(types: &BinaryMediaTypes, media_type: Option<&str>) -> Self {
        if types.contains(media_type) { Self::Binary } else { Self::Text }
    }
}

/// A body after its conversion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// UTF-8, which templates can take.
    Text(Bytes),
    /// Bytes, which no template can take.
    Binary(Bytes),
}

impl Payload {
    /// The bytes, whatever they are.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        match self {
            Self::Text(bytes) | Self::Binary(bytes) => bytes,
        }
    }

    /// The text for a template.
    ///
    /// # Errors
    /// A configuration error in AWS's words: a template cannot take bytes, not even none.
    pub fn text(self, what: &str) -> Result<Bytes, Failure> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Binary(_) => Err(Failure::ApiConfigurationError(format!("Unable to transform {what}"))),
        }
    }
}

/// Converts the body of a request whose `Content-Type` is of that kind.
///
/// # Errors
/// A configuration error for what should be base64 and is not.
pub fn request(handling: Option<ContentHandling>, kind: Kind, body: Bytes) -> Result<Payload, Failure> {
    match (kind, handling) {
        (Kind::Text, None | Some(ContentHandling::ConvertToText)) => Ok(text(body)),
        (Kind::Text, Some(ContentHandling::ConvertToBinary)) => decode(&body),
        (Kind::Binary, None | Some(ContentHandling::ConvertToBinary)) => Ok(Payload::Binary(body)),
        (Kind::Binary, Some(ContentHandling::ConvertToText)) => Ok(encode(&body)),
    }
}

/// Converts the endpoint's body, of a `Content-Type` of the kind `sent`, for a client whose `Accept` is of the kind
/// `wanted`.
///
/// # Errors
/// A configuration error for what should be base64 and is not.
pub fn response(handling: Option<ContentHandling>, sent: Kind, wanted: Kind, body: Bytes) -> Result<Payload, Failure> {
    match (sent, handling, wanted) {
        (Kind::Text, Some(ContentHandling::ConvertToText), _) | (Kind::Text, None, Kind::Text) => Ok(text(body)),
        (Kind::Text, Some(ContentHandling::ConvertToBinary), _) | (Kind::Text, None, Kind::Binary) => decode(&body),
        (Kind::Binary, Some(ContentHandling::ConvertToBinary), _) | (Kind::Binary, None, Kind::Binary) => {
            Ok(Payload::Binary(body))
        }
        (Kind::Binary, Some(ContentHandling::ConvertToText), _) | (Kind::Binary, None, Kind::Text) => Ok(encode(&body)),
    }
}

/// Every byte that is no UTF-8 becomes U+FFFD, which destroys what was no text: as on AWS.
fn text(body: Bytes) -> Payload {
    let replaced = match String::from_utf8_lossy(&body) {
        std::borrow::Cow::Borrowed(_) => None,
        std::borrow::Cow::Owned(text) => Some(text),
    };
    Payload::Text(replaced.map_or(body, Bytes::from))
}

fn encode(body: &[u8]) -> Payload {
    Payload::Text(BASE64_STANDARD.encode(body).into())
}

fn decode(body: &[u8]) -> Result<Payload, Failure> {
    // What a Lambda function returns as text is a JSON string.
    let quoted = body.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    let decoded = BASE64.decode(quoted.unwrap_or(body));
    decoded
        .map(|bytes| Payload::Binary(bytes.into()))
        .map_err(|error| Failure::ApiConfigurationError(format!("Unable to base64 decode the body: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ContentHandling::{ConvertToBinary, ConvertToText};
    use Kind::{Binary, Text};

    fn shown(payload: Result<Payload, Failure>) -> Option<String> {
        payload.ok().map(|payload| match payload {
            Payload::Text(text) => format!("text {}", String::from_utf8_lossy(&text)),
            Payload::Binary(bytes) => format!("bytes {bytes:?}"),
        })
    }

    #[test]
    fn requests_as_recorded() {
        type Row<'a> = (Kind, Option<ContentHandling>, &'a [u8], Option<&'a str>);
        let rows: [Row<'_>; 9] = [
            (Text, None, b"a\xff", Some("text a\u{fffd}")),
            (Text, Some(ConvertToText), b"a\xff", Some("text a\u{fffd}")),
            (Text, Some(ConvertToBinary), b"/w==", Some("bytes b\"\\xff\"")),
            (Text, Some(ConvertToBinary), b"/w", Some("bytes b\"\\xff\"")),
            (Text, Some(ConvertToBinary), b"a b", None),
            (Text, Some(ConvertToBinary), b"", Some("bytes b\"\"")),
            (Binary, None, b"\xff", Some("bytes b\"\\xff\"")),
            (Binary, Some(ConvertToBinary), b"\xff", Some("bytes b\"\\xff\"")),
            (Binary, Some(ConvertToText), b"\xff", Some("text /w==")),
        ];
        for (kind, handling, body, expected) in rows {
            let found = shown(request(handling, kind, Bytes::from_static(body)));
            assert_eq!(found.as_deref(), expected, "{kind:?} {handling:?} {body:?}");
        }
    }

    #[test]
    fn responses_as_recorded() {
        let (raw, coded) = (b"\xff".as_slice(), b"/w==".as_slice());
        let (bytes, code, destroyed) = (Some("bytes b\"\\xff\""), Some("text /w=="), Some("text \u{fffd}"));
        let rows = [
            (Text, Text, None, raw, destroyed),
            (Text, Text, Some(ConvertToText), raw, destroyed),
            (Text, Text, Some(ConvertToBinary), coded, bytes),
            (Text, Text, Some(ConvertToBinary), raw, None),
            (Text, Binary, None, coded, bytes),
            (Text, Binary, None, raw, None),
            (Text, Binary, Some(ConvertToText), raw, destroyed),
            (Text, Binary, Some(ConvertToBinary), coded, bytes),
            (Binary, Binary, None, raw, bytes),
            (Binary, Binary, Some(ConvertToText), raw, code),
            (Binary, Binary, Some(ConvertToBinary), raw, bytes),
            (Binary, Text, None, raw, code),
            (Binary, Text, Some(ConvertToText), raw, code),
            (Binary, Text, Some(ConvertToBinary), raw, bytes),
        ];
        for (sent, wanted, handling, body, expected) in rows {
            let found = shown(response(handling, sent, wanted, Bytes::from_static(body)));
            assert_eq!(found.as_deref(), expected, "{sent:?} {wanted:?} {handling:?} {body:?}");
        }
    }
}
