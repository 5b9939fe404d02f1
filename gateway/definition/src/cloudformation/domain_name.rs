//! `AWS::ApiGateway::DomainName`.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-domainname.html>

use super::template::Declared;
use crate::{
    Diagnostic, Place,
    document::Node,
    endpoint_configuration,
    intrinsics::Scope,
    read::Reading,
    resources::{BasePathMapping, DomainName},
    shape,
    vocabulary::{
        Treatment::{Guard, LeftOut, Read, Silent},
        Vocabulary,
    },
};

const DOMAIN_NAME: &Vocabulary = &[
    ("CertificateArn", Silent),
    ("DomainName", Read),
    ("EndpointAccessMode", Read),
    ("EndpointConfiguration", Read),
    ("MutualTlsAuthentication", Guard),
    ("OwnershipVerificationCertificateArn", Silent),
    ("Policy", Guard),
    ("RegionalCertificateArn", Silent),
    ("RoutingMode", Silent),
    // Which TLS the endpoint of AWS speaks: whoever terminates TLS decides that.
    ("SecurityPolicy", LeftOut),
    ("Tags", Silent),
];

/// Reads a domain; its mappings come with `AWS::ApiGateway::BasePathMapping`.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared, domains: &mut Vec<DomainName>) {
    let properties = declared.resolved(reading, scope, ("a domain", DOMAIN_NAME));
    if let Some(node) = properties.get("EndpointAccessMode") {
        endpoint_configuration::check_access_mode(reading, node);
    }
    if let Some(node) = properties.get("EndpointConfiguration") {
        endpoint_configuration::check_sam(reading, node);
    }
    let Some(node) = declared.required(reading, &properties, "DomainName") else { return };
    let Some(name) = name(reading, node) else { return };
    if domains.iter().any(|domain| domain.name == name) {
        reading.findings.error(&node.place(), format!("the domain `{name}` is defined a second time"));
        return;
    }
    domains.push(DomainName { name, mappings: Vec::new(), place: declared.place.clone() });
}

/// A domain's name in lower case.
pub(crate) fn name(reading: &mut Reading<'_>, node: &Node) -> Option<String> {
    let name = shape::text(&mut reading.findings, node)?.to_ascii_lowercase();
    let letters = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    // A wildcard domain serves every name below it.
    let labels = name.strip_prefix("*.").unwrap_or(&name);
    if name.len() > 253 || !labels.split('.').all(letters) {
        let message = format!("`{}` is no name of a domain", shape::brief(&name));
        reading.findings.push(Diagnostic::error(&node.place(), message).help("write one such as `api.example.com`"));
        return None;
    }
    if name.starts_with("*.") {
        let message = format!("`{name}` stands for many domains, which are not served yet");
        reading.findings.error(&node.place(), message);
        return None;
    }
    Some(name)
}

/// A base path without slashes at its ends; empty is the domain's root.
pub(crate) fn base_path(reading: &mut Reading<'_>, node: &Node) -> Option<String> {
    let text = shape::text(&mut reading.findings, node)?;
    let path = text.trim_matches('/');
    if path == "(none)" {
        return Some(String::new());
    }
    let valid = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"$-_.+!*'()/".contains(&byte));
    if !valid || path.contains("//") {
        let message = format!("`{}` is no base path", shape::brief(&text));
        let help = "letters, digits and `$-_.+!*'()`, with `/` between";
        reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
        return None;
    }
    Some(path.to_owned())
}

/// Adds a mapping to a domain, which may be of another stack.
pub(crate) fn map(
    reading: &mut Reading<'_>,
    domains: &mut Vec<DomainName>,
    (name, place): (&str, &Place),
    mapping: BasePathMapping,
) {
    let index = domains.iter().position(|domain| domain.name == name).unwrap_or_else(|| {
        domains.push(DomainName { name: name.to_owned(), mappings: Vec::new(), place: place.clone() });
        domains.len() - 1
    });
    let Some(domain) = domains.get_mut(index) else { return };
    if domain.mappings.iter().any(|other| other.base_path == mapping.base_path) {
        let base_path = if mapping.base_path.is_empty() { "(none)" } else { &mapping.base_path };
        let message = format!("the base path `{base_path}` of `{name}` is mapped a second time");
        reading.findings.error(&mapping.place, message);
        return;
    }
    domain.mappings.push(mapping);
}
