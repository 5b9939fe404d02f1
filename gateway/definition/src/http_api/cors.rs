//! CORS of an HTTP API or a function URL, in whatever spelling.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>

use crate::{
    Diagnostic,
    document::Node,
    limits,
    read::Reading,
    resources::Cors,
    shape,
    vocabulary::{self, Treatment::Read, Vocabulary},
};

const EXTENSION: &Vocabulary = &[
    ("allowCredentials", Read),
    ("allowHeaders", Read),
    ("allowMethods", Read),
    ("allowOrigins", Read),
    ("exposeHeaders", Read),
    ("maxAge", Read),
];

const PROPERTY: &Vocabulary = &[
    ("AllowCredentials", Read),
    ("AllowHeaders", Read),
    ("AllowMethods", Read),
    ("AllowOrigins", Read),
    ("ExposeHeaders", Read),
    ("MaxAge", Read),
];

/// Reads `x-amazon-apigateway-cors`.
pub(super) fn extension(reading: &mut Reading<'_>, node: &Node) -> Option<Cors> {
    let map = shape::map(&mut reading.findings, node)?;
    vocabulary::check(&mut reading.findings, map, "`x-amazon-apigateway-cors`", EXTENSION);
    read(reading, node, |key| map.get(key))
}

/// Reads `CorsConfiguration`, or `Cors` of a function URL.
pub(super) fn property(reading: &mut Reading<'_>, node: &Node, what: &str) -> Option<Cors> {
    let map = shape::map(&mut reading.findings, node)?;
    vocabulary::check(&mut reading.findings, map, what, PROPERTY);
    let capital = |key: &str| {
        let index = EXTENSION.iter().position(|(name, _)| *name == key)?;
        map.get(PROPERTY.get(index)?.0)
    };
    read(reading, node, capital)
}

/// Reads SAM's `CorsConfiguration`, which may be `true`.
pub(super) fn sam(reading: &mut Reading<'_>, node: &Node) -> Option<Cors> {
    match node.as_boolean() {
        Some(true) => Some(Cors { allow_origins: vec!["*".to_owned()], ..Cors::default() }),
        Some(false) => None,
        None => property(reading, node, "`CorsConfiguration`"),
    }
}

fn read<'a>(reading: &mut Reading<'_>, node: &Node, get: impl Fn(&str) -> Option<&'a Node>) -> Option<Cors> {
    let mut texts = |key: &str| get(key).map(|node| shape::texts(&mut reading.findings, node)).unwrap_or_default();
    let mut cors = Cors {
        allow_headers: texts("allowHeaders"),
        allow_methods: texts("allowMethods"),
        allow_origins: texts("allowOrigins"),
        expose_headers: texts("exposeHeaders"),
        ..Cors::default()
    };
    if let Some(node) = get("allowCredentials") {
        cors.allow_credentials = shape::boolean(&mut reading.findings, node)?;
    }
    if let Some(node) = get("maxAge") {
        let seconds = shape::integer(&mut reading.findings, node, &limits::CORS_MAX_AGE)?;
        cors.max_age = i32::try_from(seconds).ok();
    }
    if cors.allow_credentials && cors.allow_origins.iter().any(|origin| origin == "*") {
        let message = "credentials cannot be allowed to every origin: AWS refuses `*` beside them";
        reading.findings.push(Diagnostic::error(&node.place(), message).help("name the origins"));
        return None;
    }
    let is_header_text = |text: &String| text.chars().all(|letter| letter.is_ascii_graphic());
    let all = [&cors.allow_headers, &cors.allow_methods, &cors.allow_origins, &cors.expose_headers];
    if let Some(bad) = all.into_iter().flatten().find(|text| !is_header_text(text)) {
        let message = format!("`{}` cannot stand in a header", shape::brief(bad));
        reading.findings.error(&node.place(), message);
        return None;
    }
    Some(cors)
}
