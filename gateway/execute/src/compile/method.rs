//! Compiles a method and its integration.

use super::{mapping, responses};
use crate::{
    deployment::Method,
    header_rules,
    integration::{
        Integration,
        http_proxy::{self, HttpProxy, UriTemplate},
        lambda_proxy::LambdaProxy,
        mock::{self, Mock},
    },
    limits, route,
};
use fanlight_definition::{
    Diagnostic,
    resources::{self, HttpMethod, IntegrationKind, Resource},
};
use indexmap::IndexMap;
use std::time::Duration;

pub(super) fn compile(
    resource: &Resource,
    method: &resources::Method,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Method> {
    let integration = &method.integration;
    let compiled = match &integration.kind {
        IntegrationKind::LambdaProxy { function, http_method } => {
            Some(lambda_proxy(integration, function, *http_method))
        }
        IntegrationKind::HttpProxy { uri, http_method } => http_proxy(integration, uri, *http_method, diagnostics),
        IntegrationKind::Mock => mock(method, diagnostics),
    };
    Some(Method {
        resource_id: resource.id.clone(),
        resource_path: resource.path.as_str().into(),
        path_parameters: route::path_parameters(&resource.path),
        operation_name: method.operation_name.clone(),
        integration: compiled?,
    })
}

fn timeout(integration: &resources::Integration) -> Duration {
    Duration::from_millis(integration.timeout_ms.min(limits::INTEGRATION_TIMEOUT_MS).into())
}

/// The header of a mapping that fails each call, if there is one.
fn forbidden(integration: &resources::Integration, is_forbidden: fn(&str) -> bool) -> Option<String> {
    let targets = integration.request_parameters.keys();
    targets
        .filter_map(|target| target.strip_prefix("integration.request.header."))
        .find(|header| is_forbidden(header))
        .map(ToOwned::to_owned)
}

fn lambda_proxy(integration: &resources::Integration, function: &str, http_method: HttpMethod) -> Integration {
    Integration::LambdaProxy(LambdaProxy {
        function: function.into(),
        http_method,
        forbidden_mapping: forbidden(integration, header_rules::unmappable_for_lambda),
        timeout: timeout(integration),
    })
}

fn http_proxy(
    integration: &resources::Integration,
    uri: &str,
    http_method: HttpMethod,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Integration> {
    let before = diagnostics.len();
    let mappings = mapping::request(&integration.request_parameters, diagnostics);
    if diagnostics.len() > before {
        return None;
    }
    Some(Integration::HttpProxy(HttpProxy {
        uri: UriTemplate::new(uri, |name| mappings.path.get(name).cloned()),
        http_method: http_proxy::verb(http_method),
        headers: mappings.headers,
        query: mappings.query,
        forbidden_mapping: forbidden(integration, header_rules::unmappable_for_http),
        timeout: timeout(integration),
        target: uri.into(),
    }))
}

fn mock(method: &resources::Method, diagnostics: &mut Vec<Diagnostic>) -> Option<Integration> {
    let integration = &method.integration;
    let mut request_templates = IndexMap::new();
    let before = diagnostics.len();
    for (media_type, template) in &integration.request_templates {
        if let Some(text) = responses::literal(template, diagnostics) {
            request_templates.insert(media_type.to_ascii_lowercase(), mock::template_status(text));
        }
    }
    let compiled = responses::compile(method, diagnostics);
    (diagnostics.len() == before).then(|| {
        Integration::Mock(Mock {
            request_templates,
            passthrough_behavior: integration.passthrough_behavior,
            responses: compiled,
        })
    })
}
