//! Media types, and which of them an API calls binary.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings.html>

use http::{HeaderMap, HeaderName, header};

/// What a missing `Content-Type` or `Accept` counts as.
pub const DEFAULT: &str = "application/json";

/// The media type of a header value: its first element, without parameters.
#[must_use]
pub fn first(value: &str) -> &str {
    let element = value.split(',').next().unwrap_or_default();
    element.split(';').next().unwrap_or_default().trim()
}

fn of<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(first)
}

/// The media type of the request's `Content-Type`.
#[must_use]
pub fn content_type(headers: &HeaderMap) -> &str {
    of(headers, &header::CONTENT_TYPE).unwrap_or(DEFAULT)
}

/// The first media type of the request's `Accept`. AWS looks at no other.
#[must_use]
pub fn accept(headers: &HeaderMap) -> Option<&str> {
    of(headers, &header::ACCEPT)
}

/// `binaryMediaTypes` of an API.
///
/// A wildcard works on the right side of an entry only: `image/*` matches every image, `*/png` matches nothing, not even
/// itself (recorded on AWS). `*/*` matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BinaryMediaTypes {
    all: bool,
    prefixes: Vec<String>,
    exact: Vec<String>,
}

impl BinaryMediaTypes {
    /// Sorts the entries by what they can match.
    #[must_use]
    pub fn new(entries: &[String]) -> Self {
        let mut types = Self::default();
        for entry in entries.iter().map(|entry| entry.to_ascii_lowercase()) {
            match entry.split_once('/') {
                Some(("*", "*")) => types.all = true,
                Some(("*", _)) | None => {}
                Some((kind, "*")) => types.prefixes.push(format!("{kind}/")),
                Some(_) => types.exact.push(entry),
            }
        }
        types
    }

    /// Whether a body of this media type is binary; `None` is matched by `*/*` alone.
    #[must_use]
    pub fn contains(&self, media_type: Option<&str>) -> bool {
        if self.all {
            return true;
        }
        let Some(media_type) = media_type else { return false };
        let starts_with = |prefix: &String| {
            media_type.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_str()))
        };
        self.exact.iter().any(|exact| exact.eq_ignore_ascii_case(media_type)) || self.prefixes.iter().any(starts_with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_media_types_match_as_recorded_on_aws() {
        let few = ["image/png", "*/test"];
        let more = ["image/png", "*/test", "application/*", "image/jpg"];
        let rows: [(&[&str], Option<&str>, bool); 16] = [
            (&[], Some("image/png"), false),
            (&few, Some("image/png"), true),
            (&few, Some("IMAGE/png"), true),
            (&few, Some("image/jpg"), false),
            (&few, Some("image/*"), false),
            (&few, Some("*/test"), false),
            (&few, Some("random/test"), false),
            (&few, Some("*/*"), false),
            (&few, Some(first("image/webp,image/png,*/*;q=0.8")), false),
            (&few, Some(first("image/png;q=1,image/*")), true),
            (&more, Some("application/whatever"), true),
            (&more, Some("application/*"), true),
            (&more, Some("application"), false),
            (&more, None, false),
            (&["*/*"], Some("text/plain"), true),
            (&["*/*"], None, true),
        ];
        for (entries, media_type, expected) in rows {
            let entries: Vec<String> = entries.iter().map(ToString::to_string).collect();
            assert_eq!(BinaryMediaTypes::new(&entries).contains(media_type), expected, "{entries:?} {media_type:?}");
        }
    }
}
