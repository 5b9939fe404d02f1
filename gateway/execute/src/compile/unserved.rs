//! What the resource model can say and the lifecycle does not do yet. A security setting is never passed over in silence.

use fanlight_definition::{
    Diagnostic, Place,
    resources::{IntegrationKind, Method, TransferMode},
};

/// Says what of a method is not served.
pub(super) fn method(method: &Method, diagnostics: &mut Vec<Diagnostic>) {
    let integration = &method.integration;
    let streams = integration.response_transfer_mode == TransferMode::Stream && is_function(&integration.kind);
    refuse(diagnostics, streams, &integration.place, "response streaming of a function");
}

fn is_function(kind: &IntegrationKind) -> bool {
    match kind {
        IntegrationKind::LambdaProxy { .. } | IntegrationKind::Lambda { .. } => true,
        IntegrationKind::Http { .. }
        | IntegrationKind::HttpProxy { .. }
        | IntegrationKind::AwsService { .. }
        | IntegrationKind::Mock => false,
    }
}

fn refuse(diagnostics: &mut Vec<Diagnostic>, asked: bool, place: &Place, what: &str) {
    if asked {
        diagnostics.push(Diagnostic::error(place, format!("{what} is not served yet")));
    }
}
