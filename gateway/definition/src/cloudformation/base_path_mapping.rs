//! `AWS::ApiGateway::BasePathMapping`.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-basepathmapping.html>

use super::{domain_name, draft, template::Declared};
use crate::{
    intrinsics::Scope,
    read::Reading,
    resources::{BasePathMapping, DomainName, RestApi},
    shape,
    vocabulary::{Treatment::Read, Vocabulary},
};

const BASE_PATH_MAPPING: &Vocabulary =
    &[("BasePath", Read), ("DomainName", Read), ("RestApiId", Read), ("Stage", Read)];

/// Reads a mapping into its domain.
pub(super) fn read(
    reading: &mut Reading<'_>,
    scope: &Scope,
    declared: &Declared,
    (rest_apis, domains): (&[RestApi], &mut Vec<DomainName>),
) {
    let properties = declared.resolved(reading, scope, ("a base path mapping", BASE_PATH_MAPPING));
    let Some(domain) = declared.required(reading, &properties, "DomainName") else { return };
    let Some(name) = domain_name::name(reading, domain) else { return };
    let Some(api_node) = declared.required(reading, &properties, "RestApiId") else { return };
    let Some(api_id) = shape::text(&mut reading.findings, api_node) else { return };
    let Some(rest_api) = rest_apis.iter().find(|rest_api| rest_api.id == api_id) else {
        draft::no_api(reading, api_node, &api_id);
        return;
    };
    let stage = match properties.get("Stage").filter(|node| !node.says_no()) {
        Some(node) => {
            let Some(stage) = shape::text(&mut reading.findings, node) else { return };
            let stages = (rest_api.logical_id.as_str(), rest_api.stages.as_slice());
            let Some(stage) = draft::stage(reading, stages, (node, &stage)) else { return };
            Some(stage.name.clone())
        }
        None => None,
    };
    let base_path = match properties.get("BasePath") {
        Some(node) => domain_name::base_path(reading, node),
        None => Some(String::new()),
    };
    let Some(base_path) = base_path else { return };
    let mapping = BasePathMapping { base_path, api_id, stage, place: declared.place.clone() };
    domain_name::map(reading, domains, (&name, &declared.place), mapping);
}
