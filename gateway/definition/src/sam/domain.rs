//! `Domain` of an API.
//!
//! AWS: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-domainconfiguration.html>

use crate::{
    Diagnostic,
    cloudformation::domain_name,
    document::Node,
    endpoint_configuration,
    read::Reading,
    resources::{BasePathMapping, DomainName},
    shape,
    vocabulary::{
        self,
        Treatment::{Guard, LeftOut, Missing, Read, Silent},
        Vocabulary,
    },
};

const DOMAIN: &Vocabulary = &[
    ("AccessAssociation", Guard),
    ("BasePath", Read),
    ("CertificateArn", Silent),
    ("DomainName", Read),
    ("EndpointAccessMode", Read),
    ("EndpointConfiguration", Read),
    ("IpAddressType", Silent),
    ("MutualTlsAuthentication", Guard),
    ("NormalizeBasePath", Read),
    ("OwnershipVerificationCertificateArn", Silent),
    ("Policy", Guard),
    ("Route53", Silent),
    // Which TLS the endpoint of AWS speaks: whoever terminates TLS decides that.
    ("SecurityPolicy", LeftOut),
    ("VpcEndpointId", Missing),
];

/// Reads a domain that leads to one stage of an API; `target` is the API's id and the stage.
pub(crate) fn read(
    reading: &mut Reading<'_>,
    node: &Node,
    (api_id, stage): (&str, &str),
    domains: &mut Vec<DomainName>,
) {
    let Some(map) = shape::map(&mut reading.findings, node) else { return };
    vocabulary::check(&mut reading.findings, map, "`Domain`", DOMAIN);
    if let Some(node) = map.get("EndpointAccessMode") {
        endpoint_configuration::check_access_mode(reading, node);
    }
    let private = map.get("EndpointConfiguration").and_then(Node::as_text);
    if private.is_some_and(|text| text.eq_ignore_ascii_case("private")) {
        reading.findings.error(&node.place(), "private domains are not enforced yet");
    }
    let Some(name_node) = map.get("DomainName") else {
        let missing = Diagnostic::error(&node.place(), "`Domain` has no `DomainName`");
        reading.findings.push(missing.help("write one such as `api.example.com`"));
        return;
    };
    let Some(name) = domain_name::name(reading, name_node) else { return };
    let paths = map.get("BasePath").filter(|node| !node.says_no());
    let paths = paths.map(|node| node.as_list().unwrap_or_else(|| std::slice::from_ref(node)));
    let base_paths: Vec<String> = match paths {
        Some(paths) => paths.iter().filter_map(|path| domain_name::base_path(reading, path)).collect(),
        None => vec![String::new()],
    };
    for base_path in base_paths {
        let (api_id, stage) = (api_id.to_owned(), Some(stage.to_owned()));
        let mapping = BasePathMapping { base_path, api_id, stage, place: node.place() };
        domain_name::map(reading, domains, (&name, &name_node.place()), mapping);
    }
}
