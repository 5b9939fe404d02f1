//! `EndpointConfiguration`: where on AWS an API can be reached. Edge and regional make no difference on one host; a
//! private API is kept from the public, which nothing here does.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-endpoint-types.html>

use crate::{
    Diagnostic,
    document::Node,
    read::Reading,
    shape,
    vocabulary::{
        self,
        Treatment::{Guard, Read, Silent},
        Vocabulary,
    },
};

const SAM: &Vocabulary =
    &[("IpAddressType", Silent), ("Type", Read), ("Types", Read), ("VPCEndpointIds", Guard), ("VpcEndpointIds", Guard)];

const OPENAPI: &Vocabulary =
    &[("disableExecuteApiEndpoint", Read), ("ipAddressType", Silent), ("types", Read), ("vpcEndpointIds", Guard)];

/// Checks SAM's `EndpointConfiguration`: a type, or a map.
pub(crate) fn check_sam(reading: &mut Reading<'_>, node: &Node) {
    check(reading, node, ("`EndpointConfiguration`", SAM, &["Type", "Types"]));
}

/// Checks `EndpointAccessMode`: `STRICT` refuses callers that `BASIC` lets in.
pub(crate) fn check_access_mode(reading: &mut Reading<'_>, node: &Node) {
    if node.as_text() != Some("BASIC") {
        reading.findings.push(
            Diagnostic::error(&node.place(), "only the endpoint access mode `BASIC` is served")
                .help("what another mode protects is not served unprotected"),
        );
    }
}

/// Reads `x-amazon-apigateway-endpoint-configuration`: whether the API is only at custom domains.
pub(crate) fn read_openapi(reading: &mut Reading<'_>, node: &Node) -> bool {
    check(reading, node, ("`x-amazon-apigateway-endpoint-configuration`", OPENAPI, &["types"]));
    let disabled = node.as_map().and_then(|map| map.get("disableExecuteApiEndpoint"));
    disabled.and_then(|node| shape::boolean(&mut reading.findings, node)).unwrap_or(false)
}

fn check(reading: &mut Reading<'_>, node: &Node, (what, vocabulary, keys): (&str, &Vocabulary, &[&str])) {
    check_type(reading, node);
    let Some(map) = node.as_map() else { return };
    vocabulary::check(&mut reading.findings, map, what, vocabulary);
    for kinds in keys.iter().filter_map(|key| map.get(key)) {
        for kind in kinds.as_list().unwrap_or_else(|| std::slice::from_ref(kinds)) {
            check_type(reading, kind);
        }
    }
}

fn check_type(reading: &mut Reading<'_>, node: &Node) {
    if node.as_text().is_some_and(|text| text.eq_ignore_ascii_case("private")) {
        reading.findings.push(
            Diagnostic::error(&node.place(), "private endpoints are not enforced yet")
                .help("what they protect is not served unprotected; `REGIONAL` is served"),
        );
    }
}
