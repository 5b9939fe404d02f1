//! VPC links: an integration's link must have a target in the host's settings.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-private-integration.html>

use crate::settings::{self, Settings};
use fanlight_definition::{
    Diagnostic,
    resources::{HttpApi, RestApi, TemplateText},
};
use fanlight_execute::integration::function_name::FunctionName;

/// Says which links of a REST API have no target.
pub(super) fn check(api: &RestApi, settings: &Settings, diagnostics: &mut Vec<Diagnostic>) {
    let methods = api.resources.iter().flat_map(|resource| &resource.methods);
    for link in methods.filter_map(|method| method.integration.vpc_link.as_ref()) {
        let named =
            |name: &FunctionName| api.stages.iter().map(|stage| name.of(&stage.variables).into_owned()).collect();
        missing(link, named, settings, diagnostics);
    }
}

/// Says which links of an HTTP API have no target.
pub(super) fn check_http(api: &HttpApi, settings: &Settings, diagnostics: &mut Vec<Diagnostic>) {
    for link in api.routes.iter().filter_map(|route| route.integration.vpc_link.as_ref()) {
        let named =
            |name: &FunctionName| api.stages.iter().map(|stage| name.of(&stage.variables).into_owned()).collect();
        missing(link, named, settings, diagnostics);
    }
}

/// A stage may choose the link.
fn missing(
    link: &TemplateText,
    named: impl Fn(&FunctionName) -> Vec<String>,
    settings: &Settings,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut missing = named(&FunctionName::new(&link.text));
    missing.retain(|id| !settings.vpc_links.contains_key(id));
    missing.dedup();
    for id in missing {
        let message = format!("the VPC link `{id}` has no target");
        let help = format!("write `[vpc_links]` and `{id} = \"http://host:port\"` in {}", settings::FILE);
        diagnostics.push(Diagnostic::error(&link.place, message).help(help));
    }
}
