//! VPC links: an integration's link must have a target in the host's settings.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-private-integration.html>

use crate::settings::{self, Settings};
use fanlight_definition::{Diagnostic, resources::RestApi};
use fanlight_execute::integration::function_name::FunctionName;

/// Says which links have no target. A stage may choose the link.
pub(super) fn check(api: &RestApi, settings: &Settings, diagnostics: &mut Vec<Diagnostic>) {
    for method in api.resources.iter().flat_map(|resource| &resource.methods) {
        let Some(link) = &method.integration.vpc_link else { continue };
        let name = FunctionName::new(&link.text);
        let mut missing: Vec<String> = api
            .stages
            .iter()
            .map(|stage| name.of(&stage.variables).into_owned())
            .filter(|id| !settings.vpc_links.contains_key(id))
            .collect();
        missing.dedup();
        for id in missing {
            let message = format!("the VPC link `{id}` has no target");
            let help = format!("write `[vpc_links]` and `{id} = \"http://host:port\"` in {}", settings::FILE);
            diagnostics.push(Diagnostic::error(&link.place, message).help(help));
        }
    }
}
