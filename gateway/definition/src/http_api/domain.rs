//! `AWS::ApiGatewayV2::DomainName` and `AWS::ApiGatewayV2::ApiMapping`, which lead to HTTP and REST APIs.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-custom-domain-names.html>

use super::draft;
use crate::{
    Diagnostic,
    cloudformation::{Declared, Template, domain_name},
    document::Node,
    identifier,
    intrinsics::{self, Scope, Target},
    read::Reading,
    resources::{BasePathMapping, DomainName, HttpApi, RestApi},
    shape, spelling,
    vocabulary::{
        Treatment::{Guard, Read, Silent},
        Vocabulary,
    },
};

const DOMAIN_NAME: &Vocabulary = &[
    ("DomainName", Read),
    ("DomainNameConfigurations", Silent),
    ("MutualTlsAuthentication", Guard),
    ("RoutingMode", Silent),
    ("Tags", Silent),
];

const API_MAPPING: &Vocabulary = &[("ApiId", Read), ("ApiMappingKey", Read), ("DomainName", Read), ("Stage", Read)];

/// Makes domains known by their names.
pub(super) fn declare(reading: &mut Reading<'_>, scope: &mut Scope, template: &Template) {
    for declared in template.of_type("AWS::ApiGatewayV2::DomainName") {
        let node = declared.properties.get("DomainName").and_then(|node| intrinsics::resolve(reading, scope, node));
        let Some(reference) = node.and_then(|node| shape::text(&mut reading.findings, &node)) else { continue };
        let regional = identifier::other("", "Domain", &reference);
        let attributes = vec![
            ("RegionalDomainName", format!("d-{regional}.execute-api.{}.amazonaws.com", scope.region)),
            ("RegionalHostedZoneId", "Z1UJRXOUMOOFQ8".to_owned()),
        ];
        let target = Target::Known { kind: declared.kind.clone(), reference, attributes };
        scope.targets.insert(declared.logical_id.clone(), target);
    }
}

/// Reads domains, then their mappings.
pub(super) fn read_all(
    reading: &mut Reading<'_>,
    (scope, template): (&Scope, &Template),
    apis: (&[HttpApi], &[RestApi]),
    domains: &mut Vec<DomainName>,
) {
    for declared in template.of_type("AWS::ApiGatewayV2::DomainName") {
        let properties = declared.resolved(reading, scope, ("a domain", DOMAIN_NAME));
        let Some(node) = declared.required(reading, &properties, "DomainName") else { continue };
        let Some(name) = domain_name::name(reading, node) else { continue };
        if domains.iter().any(|domain| domain.name == name) {
            reading.findings.error(&node.place(), format!("the domain `{name}` is defined a second time"));
            continue;
        }
        domains.push(DomainName { name, mappings: Vec::new(), place: declared.place.clone() });
    }
    // What is said about a mapping's stage is only true when all APIs could be read.
    let sound = reading.findings.errors() == 0;
    for declared in template.of_type("AWS::ApiGatewayV2::ApiMapping").filter(|_| sound) {
        read_mapping(reading, scope, (declared, apis), domains);
    }
}

fn read_mapping(
    reading: &mut Reading<'_>,
    scope: &Scope,
    (declared, apis): (&Declared, (&[HttpApi], &[RestApi])),
    domains: &mut Vec<DomainName>,
) -> Option<()> {
    let properties = declared.resolved(reading, scope, ("an API mapping", API_MAPPING));
    let name = declared.required(reading, &properties, "DomainName");
    let name = name.and_then(|node| domain_name::name(reading, node))?;
    let api_node = declared.required(reading, &properties, "ApiId")?;
    let api_id = shape::text(&mut reading.findings, api_node)?;
    let Some((logical_id, stages)) = stages(apis, &api_id) else {
        draft::no_api(reading, api_node, &api_id);
        return None;
    };
    let stage_node = declared.required(reading, &properties, "Stage")?;
    let stage = stage(reading, stage_node, (logical_id, &stages))?;
    let base_path = match properties.get("ApiMappingKey") {
        Some(node) => domain_name::base_path(reading, node)?,
        None => String::new(),
    };
    let mapping = BasePathMapping { base_path, api_id, stage: Some(stage), place: declared.place.clone() };
    domain_name::map(reading, domains, (&name, &declared.place), mapping);
    Some(())
}

fn stages<'a>((http, rest): (&'a [HttpApi], &'a [RestApi]), id: &str) -> Option<(&'a str, Vec<&'a str>)> {
    let http = http
        .iter()
        .find(|api| api.id == id)
        .map(|api| (api.logical_id.as_str(), api.stages.iter().map(|stage| stage.name.as_str()).collect()));
    http.or_else(|| {
        let api = rest.iter().find(|api| api.id == id)?;
        Some((api.logical_id.as_str(), api.stages.iter().map(|stage| stage.name.as_str()).collect()))
    })
}

/// The stage's name; what `--stage` calls differently is found all the same.
fn stage(reading: &mut Reading<'_>, node: &Node, (logical_id, stages): (&str, &[&str])) -> Option<String> {
    let name = shape::text(&mut reading.findings, node)?;
    if stages.contains(&name.as_str()) {
        return Some(name);
    }
    if let ([only], Some(_)) = (stages, &reading.options.stage) {
        return Some((*only).to_owned());
    }
    let message = format!("`{logical_id}` has no stage `{}`", shape::brief(&name));
    let mut unknown = Diagnostic::error(&node.place(), message);
    unknown.help = spelling::suggestion(&name, stages.iter().copied())
        .or_else(|| Some(format!("it has `{}`", stages.join("`, `"))));
    reading.findings.push(unknown);
    None
}
