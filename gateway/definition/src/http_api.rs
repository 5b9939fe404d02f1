//! HTTP APIs and function URLs, however a definition writes them.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api.html>

mod api;
mod authorizer;
mod cors;
mod dialect;
mod document;
mod domain;
mod draft;
mod function_url;
mod integration;
mod open;
mod parameter;
mod part;
mod sam;
mod sam_auth;
mod sam_event;
mod security;
mod stage;

pub(crate) use dialect::is_http;
pub(crate) use open::read as read_document;

use crate::{
    cloudformation::{Declared, Template},
    identifier,
    intrinsics::{Scope, Target},
    read::Reading,
    resources::{DomainName, HttpApi, RestApi},
};

/// Makes HTTP APIs, their parts and function URLs known, so that intrinsics may refer to them from anywhere.
pub(crate) fn declare(reading: &mut Reading<'_>, scope: &mut Scope, template: &Template, stem: &str) {
    for declared in &template.resources {
        if let Some(target) = target(scope, declared, stem) {
            scope.targets.insert(declared.logical_id.clone(), target);
        }
    }
    sam::declare(reading, scope, template, stem);
    stage::declare(reading, scope, template);
    domain::declare(reading, scope, template);
}

/// Reads all HTTP APIs and function URLs of a template.
pub(crate) fn read(
    reading: &mut Reading<'_>,
    (scope, template): (&Scope, &Template),
    stem: &str,
    domains: &mut Vec<DomainName>,
) -> Vec<HttpApi> {
    let mut drafts = Vec::new();
    sam::read(reading, (scope, template), stem, (&mut drafts, domains));
    for declared in template.of_type(api::TYPE) {
        drafts.extend(api::read(reading, scope, declared, stem));
    }
    part::read_all(reading, (scope, template), &mut drafts);
    let mut apis: Vec<HttpApi> = drafts.into_iter().filter_map(|draft| draft.finish(reading)).collect();
    apis.extend(function_url::read_all(reading, (scope, template), stem));
    apis
}

/// Reads custom domains and their mappings, which may lead to REST APIs too.
pub(crate) fn read_domains(
    reading: &mut Reading<'_>,
    (scope, template): (&Scope, &Template),
    apis: (&[HttpApi], &[RestApi]),
    domains: &mut Vec<DomainName>,
) {
    domain::read_all(reading, (scope, template), apis, domains);
}

fn target(scope: &Scope, declared: &Declared, stem: &str) -> Option<Target> {
    let Declared { logical_id, kind, .. } = declared;
    let short = |word: &str| identifier::other(stem, word, logical_id);
    let known = |reference: String, attributes: Vec<(&'static str, String)>| {
        Some(Target::Known { kind: kind.clone(), reference, attributes })
    };
    let part = |word: &str, attribute: &'static str| known(short(word), vec![(attribute, short(word))]);
    match kind.as_str() {
        api::TYPE | sam::TYPE => Some(api_target(scope, kind, &identifier::rest_api(stem, logical_id))),
        "AWS::ApiGatewayV2::Authorizer" => part("Authorizer", "AuthorizerId"),
        "AWS::ApiGatewayV2::Deployment" => part("Deployment", "DeploymentId"),
        "AWS::ApiGatewayV2::Integration" => part("Integration", "IntegrationId"),
        "AWS::ApiGatewayV2::Route" => part("Route", "RouteId"),
        "AWS::ApiGatewayV2::VpcLink" => part("VpcLink", "VpcLinkId"),
        function_url::TYPE => {
            let id = identifier::function_url(stem, logical_id);
            let url = format!("https://{id}.lambda-url.{}.on.aws/", scope.region);
            known(logical_id.clone(), vec![("FunctionUrl", url)])
        }
        _ => None,
    }
}

fn api_target(scope: &Scope, kind: &str, id: &str) -> Target {
    let endpoint = format!("https://{id}.execute-api.{}.amazonaws.com", scope.region);
    let attributes = vec![("ApiEndpoint", endpoint), ("ApiId", id.to_owned())];
    Target::Known { kind: kind.to_owned(), reference: id.to_owned(), attributes }
}
