//! What the resource model can say and the lifecycle does not do yet. A security setting is never passed over in silence.

use fanlight_definition::{
    Diagnostic, Place,
    resources::{Authorization, Integration, IntegrationKind, Method, RestApi, Stage, TransferMode},
};

/// Says what of an API is not served.
pub(super) fn api(api: &RestApi, diagnostics: &mut Vec<Diagnostic>) {
    let mut missing = |asked: bool, place: &Place, what: &str| refuse(diagnostics, asked, place, what);
    missing(api.policy.is_some(), &api.place, "the resource policy");
    missing(api.minimum_compression_size.is_some(), &api.place, "`minimumCompressionSize`");
    missing(api.disable_execute_api_endpoint, &api.place, "`disableExecuteApiEndpoint`");
    for stage in &api.stages {
        self::stage(stage, diagnostics);
    }
}

fn stage(stage: &Stage, diagnostics: &mut Vec<Diagnostic>) {
    let mut missing = |asked: bool, place: &Place, what: &str| refuse(diagnostics, asked, place, what);
    missing(stage.canary.is_some(), &stage.place, "a canary");
    missing(stage.cache_cluster_enabled, &stage.place, "the stage cache");
    missing(stage.access_log_format.is_some(), &stage.place, "an access log");
}

/// Says what of a method is not served.
pub(super) fn method(method: &Method, diagnostics: &mut Vec<Diagnostic>) {
    let mut missing = |asked: bool, place: &Place, what: &str| refuse(diagnostics, asked, place, what);
    missing(method.authorization != Authorization::None, &method.place, "the authorization of the method");
    missing(method.request_validation.body, &method.place, "validation of the request body");
    missing(method.request_validation.parameters, &method.place, "validation of the request parameters");
    integration(&method.integration, diagnostics);
}

fn integration(integration: &Integration, diagnostics: &mut Vec<Diagnostic>) {
    let mut missing = |asked: bool, what: &str| refuse(diagnostics, asked, &integration.place, what);
    missing(integration.vpc_link.is_some(), "a VPC link");
    missing(integration.response_transfer_mode == TransferMode::Stream, "response streaming");
    missing(names_stage_variable(&integration.kind), "a stage variable in a function's name");
    missing(integration.insecure_skip_verification, "`insecureSkipVerification`");
}

fn names_stage_variable(kind: &IntegrationKind) -> bool {
    match kind {
        IntegrationKind::LambdaProxy { function, .. } | IntegrationKind::Lambda { function, .. } => {
            function.contains("${stageVariables.")
        }
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
