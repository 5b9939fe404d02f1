//! The keys of an integration that say how its endpoint is reached, and how its answer comes back.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html>

use super::unknown_word;
use crate::{
    Diagnostic,
    document::{Map, Node},
    read::Reading,
    resources::{IntegrationKind, TemplateText, TransferMode},
    shape,
    vocabulary::{
        self,
        Treatment::{Missing, Read},
        Vocabulary,
    },
};

/// The keys of `tlsConfig`.
const TLS_CONFIG: &Vocabulary = &[("insecureSkipVerification", Read), ("serverNameToVerify", Missing)];

/// How an endpoint is reached.
#[derive(Debug, Default)]
pub(super) struct Connection {
    pub(super) vpc_link: Option<TemplateText>,
    pub(super) response_transfer_mode: TransferMode,
    pub(super) insecure_skip_verification: bool,
}

/// Reads the connection of an integration of this kind.
pub(super) fn read(reading: &mut Reading<'_>, map: &Map, kind: &IntegrationKind) -> Connection {
    if let Some(node) = map.get("payloadFormatVersion") {
        check_payload_format(reading, node);
    }
    let web = match kind {
        IntegrationKind::Http { .. } | IntegrationKind::HttpProxy { .. } => true,
        IntegrationKind::LambdaProxy { .. }
        | IntegrationKind::Lambda { .. }
        | IntegrationKind::AwsService { .. }
        | IntegrationKind::Mock => false,
    };
    Connection {
        vpc_link: vpc_link(reading, map, web),
        response_transfer_mode: map
            .get("responseTransferMode")
            .and_then(|node| transfer_mode(reading, node, kind))
            .unwrap_or_default(),
        insecure_skip_verification: map.get("tlsConfig").is_some_and(|node| skips_verification(reading, node, web)),
    }
}

fn check_payload_format(reading: &mut Reading<'_>, node: &Node) {
    let Some(text) = shape::text(&mut reading.findings, node) else { return };
    // YAML's `1.0` is a number to some.
    if text != "1.0" && text != "1" {
        let message = format!("`payloadFormatVersion: {}` is of HTTP APIs", shape::brief(&text));
        reading.findings.push(Diagnostic::error(&node.place(), message).help("a REST API has `1.0`"));
    }
}

fn vpc_link(reading: &mut Reading<'_>, map: &Map, web: bool) -> Option<TemplateText> {
    let kind = map.get("connectionType")?;
    let text = shape::text(&mut reading.findings, kind)?;
    match text.to_ascii_uppercase().as_str() {
        "INTERNET" => None,
        "VPC_LINK" if !web => {
            let message = "only `http` and `http_proxy` integrations reach their endpoint through a VPC link";
            reading.findings.error(&kind.place(), message);
            None
        }
        "VPC_LINK" => {
            let Some(id) = map.get("connectionId") else {
                reading.findings.error(&kind.place(), "a connection through a VPC link needs its `connectionId`");
                return None;
            };
            let text = shape::text(&mut reading.findings, id)?;
            Some(TemplateText { text, place: id.place() })
        }
        _ => {
            let message = format!("unknown type of connection `{}`", shape::brief(&text));
            reading.findings.push(unknown_word(kind, message, &["INTERNET", "VPC_LINK"]));
            None
        }
    }
}

fn transfer_mode(reading: &mut Reading<'_>, node: &Node, kind: &IntegrationKind) -> Option<TransferMode> {
    let text = shape::text(&mut reading.findings, node)?;
    match text.to_ascii_uppercase().as_str() {
        "BUFFERED" => Some(TransferMode::Buffered),
        "STREAM" => match kind {
            IntegrationKind::LambdaProxy { .. } | IntegrationKind::HttpProxy { .. } => Some(TransferMode::Stream),
            IntegrationKind::Lambda { .. }
            | IntegrationKind::Http { .. }
            | IntegrationKind::AwsService { .. }
            | IntegrationKind::Mock => {
                let message = "only `aws_proxy` and `http_proxy` integrations pass a stream on";
                reading.findings.error(&node.place(), message);
                None
            }
        },
        _ => {
            let message = format!("unknown response transfer mode `{}`", shape::brief(&text));
            reading.findings.push(unknown_word(node, message, &["BUFFERED", "STREAM"]));
            None
        }
    }
}

fn skips_verification(reading: &mut Reading<'_>, node: &Node, web: bool) -> bool {
    let Some(map) = shape::map(&mut reading.findings, node) else { return false };
    vocabulary::check(&mut reading.findings, map, "`tlsConfig`", TLS_CONFIG);
    let skips = map.get("insecureSkipVerification");
    let skips = skips.and_then(|node| shape::boolean(&mut reading.findings, node)).unwrap_or(false);
    if skips && !web {
        reading.findings.warn(&node.place(), "`tlsConfig` is for `http` and `http_proxy` integrations");
    }
    skips && web
}
