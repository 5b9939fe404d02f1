//! Custom integrations whose templates cannot take any request, because every body is binary.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html>

use fanlight_definition::{
    Diagnostic,
    resources::{IntegrationKind, Method, RestApi},
};

/// Warns where AWS answers each request with 500: preflights are the usual victims.
pub(super) fn check(api: &RestApi, method: &Method, diagnostics: &mut Vec<Diagnostic>) {
    let integration = &method.integration;
    let custom = match integration.kind {
        IntegrationKind::LambdaProxy { .. } | IntegrationKind::HttpProxy { .. } => false,
        IntegrationKind::Lambda { .. }
        | IntegrationKind::Http { .. }
        | IntegrationKind::AwsService { .. }
        | IntegrationKind::Mock => true,
    };
    let request = !integration.request_templates.is_empty() && integration.content_handling.is_none();
    let response = integration
        .responses
        .iter()
        .any(|response| !response.response_templates.is_empty() && response.content_handling.is_none());
    if !custom || !(request || response) || !api.binary_media_types.iter().any(|entry| entry == "*/*") {
        return;
    }
    let message = "with `*/*` among the binary media types no template can take the body: as on AWS, the answer is 500";
    let help = "write `contentHandling: CONVERT_TO_TEXT` on the integration and on its responses";
    let warning = Diagnostic::warning(&integration.place, message).help(help);
    // One place makes the preflights of all paths.
    if !diagnostics.contains(&warning) {
        diagnostics.push(warning);
    }
}
