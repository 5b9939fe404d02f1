//! Compiles a method and its integration.

use super::{
    authorizer::{self, Authorizers},
    aws_service, mapping, responses, template, unserved,
};
use crate::{
    backends::Verification,
    deployment::Method,
    header_rules,
    integration::{
        Integration,
        custom::Transformation,
        function_name::FunctionName,
        http::Http,
        http_proxy::{self, HttpProxy, UriTemplate},
        lambda::Lambda,
        lambda_proxy::LambdaProxy,
        mock::{Mock, RequestTemplate},
    },
    limits,
    method_request::MethodRequest,
    route,
};
use fanlight_definition::{
    Diagnostic,
    resources::{self, HttpMethod, IntegrationKind, Resource, RestApi, TemplateText},
};
use indexmap::IndexMap;
use std::{collections::HashMap, sync::Arc, time::Duration};

pub(super) fn compile(
    (api, resource): (&RestApi, &Resource),
    (method, number): (&resources::Method, usize),
    authorizers: &Authorizers,
    mocks: &mut Mocks,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Method> {
    unserved::method(method, diagnostics);
    let authorization = authorizer::of(method, authorizers, diagnostics);
    let integration = &method.integration;
    let is_proxy = matches!(integration.kind, IntegrationKind::LambdaProxy { .. } | IntegrationKind::HttpProxy { .. });
    if is_proxy && integration.content_handling.is_some() {
        let message = "`contentHandling` of a proxy integration is left out";
        diagnostics.push(Diagnostic::warning(&integration.place, message));
    }
    let compiled = match &integration.kind {
        IntegrationKind::LambdaProxy { function, http_method } => {
            Some(Arc::new(lambda_proxy(integration, function, *http_method)))
        }
        IntegrationKind::HttpProxy { uri, http_method } => {
            http_proxy(integration, uri, *http_method, diagnostics).map(Integration::HttpProxy).map(Arc::new)
        }
        IntegrationKind::Lambda { function, http_method } => {
            lambda(method, (function, *http_method), diagnostics).map(Integration::Lambda).map(Arc::new)
        }
        IntegrationKind::Http { uri, http_method } => {
            http(method, uri, *http_method, diagnostics).map(Integration::Http).map(Arc::new)
        }
        IntegrationKind::AwsService { target, http_method } => {
            let compiled = aws_service::compile(method, (target, *http_method), diagnostics);
            compiled.map(Integration::AwsService).map(Arc::new)
        }
        IntegrationKind::Mock => shared_mock(method, mocks, diagnostics),
    };
    Some(Method {
        number,
        api_key: method.api_key_required.then_some(api.api_key_source),
        resource_id: resource.id.clone(),
        resource_path: resource.path.as_str().into(),
        path_parameters: route::path_parameters(&resource.path),
        authorization: authorization?,
        request: MethodRequest::default(),
        cache_key: None,
        operation_name: method.operation_name.clone(),
        integration: compiled?,
    })
}

pub(super) fn timeout(integration: &resources::Integration) -> Duration {
    Duration::from_millis(integration.timeout_ms.min(limits::INTEGRATION_TIMEOUT_MS).into())
}

/// The header of a mapping that fails each call, if there is one.
pub(super) fn forbidden(integration: &resources::Integration, is_forbidden: fn(&str) -> bool) -> Option<String> {
    let targets = integration.request_parameters.keys();
    targets
        .filter_map(|target| target.strip_prefix("integration.request.header."))
        .find(|header| is_forbidden(header))
        .map(ToOwned::to_owned)
}

fn lambda_proxy(integration: &resources::Integration, function: &str, http_method: HttpMethod) -> Integration {
    Integration::LambdaProxy(LambdaProxy {
        function: FunctionName::new(function),
        http_method,
        forbidden_mapping: forbidden(integration, header_rules::unmappable_for_lambda),
        timeout: timeout(integration),
    })
}

pub(super) fn http_proxy(
    integration: &resources::Integration,
    uri: &str,
    http_method: HttpMethod,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<HttpProxy> {
    let before = diagnostics.len();
    let mappings = mapping::request(&integration.request_parameters, diagnostics);
    if diagnostics.len() > before {
        return None;
    }
    let reads_body = mappings.reads_body();
    if let Some(name) = placeholder_in_host(uri) {
        let message = format!("`{{{name}}}` stands in the host of the address, which no request may choose");
        diagnostics.push(Diagnostic::error(&integration.place, message).help("a stage variable may stand there"));
    }
    Some(HttpProxy {
        uri: UriTemplate::new(uri, |name| mappings.path.get(name).cloned()),
        http_method: http_proxy::verb(http_method),
        headers: mappings.headers,
        query: mappings.query,
        forbidden_mapping: forbidden(integration, header_rules::unmappable_for_http),
        reads_body,
        vpc_link: integration.vpc_link.as_ref().map(|link| FunctionName::new(&link.text)),
        verification: if integration.insecure_skip_verification { Verification::AnyIssuer } else { Verification::Full },
        transfer_mode: integration.response_transfer_mode,
        timeout: timeout(integration),
        target: uri.into(),
    })
}

/// The first path parameter in the host of an address.
fn placeholder_in_host(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let open = host.match_indices('{').find(|(at, _)| !host.get(..*at).is_some_and(|before| before.ends_with('$')))?;
    host.get(open.0 + 1..)?.split('}').next()
}

fn http(
    method: &resources::Method,
    uri: &str,
    http_method: HttpMethod,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Http> {
    let integration = &method.integration;
    let server = http_proxy(integration, uri, http_method, diagnostics);
    let transformation = transformation(method, diagnostics);
    Some(Http { server: server?, timeout: timeout(integration), transformation: transformation? })
}

fn lambda(
    method: &resources::Method,
    (function, http_method): (&str, HttpMethod),
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Lambda> {
    let integration = &method.integration;
    for (target, expression) in &integration.request_parameters {
        let names_type = target.eq_ignore_ascii_case("integration.request.header.X-Amz-Invocation-Type");
        if names_type && expression.text != "'RequestResponse'" {
            let message = "an invocation type other than `'RequestResponse'` is not served yet";
            diagnostics.push(Diagnostic::error(&expression.place, message));
        }
    }
    Some(Lambda {
        function: FunctionName::new(function),
        http_method,
        forbidden_mapping: forbidden(integration, header_rules::unmappable_for_lambda),
        timeout: timeout(integration),
        transformation: transformation(method, diagnostics)?,
    })
}

pub(super) fn transformation(method: &resources::Method, diagnostics: &mut Vec<Diagnostic>) -> Option<Transformation> {
    let integration = &method.integration;
    let before = diagnostics.len();
    let request_templates = template::all(&integration.request_templates, diagnostics);
    let responses = responses::compile(method, diagnostics);
    let transformation = Transformation {
        request_templates,
        passthrough_behavior: integration.passthrough_behavior,
        content_handling: integration.content_handling,
        responses,
    };
    (diagnostics.len() == before).then_some(transformation)
}

/// Compiled mocks by what they were made of.
pub(super) type Mocks = HashMap<String, Arc<Integration>>;

fn shared_mock(
    method: &resources::Method,
    mocks: &mut Mocks,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Arc<Integration>> {
    let meaning = meaning(method);
    if let Some(known) = mocks.get(&meaning) {
        return Some(Arc::clone(known));
    }
    let compiled = Arc::new(mock(method, diagnostics)?);
    mocks.insert(meaning, Arc::clone(&compiled));
    Some(compiled)
}

/// Everything that a mock is made of, without where it stands.
fn meaning(method: &resources::Method) -> String {
    let integration = &method.integration;
    let texts = |texts: &IndexMap<String, TemplateText>| {
        texts.iter().map(|(name, text)| (name.clone(), text.text.clone())).collect::<Vec<_>>()
    };
    let responses = integration.responses.iter().map(|response| {
        let templates = (texts(&response.response_parameters), texts(&response.response_templates));
        (response.status_code, &response.selection_pattern, response.content_handling, templates)
    });
    let declared: Vec<u16> = method.method_responses.iter().map(|response| response.status_code).collect();
    let parts = (
        integration.passthrough_behavior,
        integration.content_handling,
        texts(&integration.request_templates),
        declared,
    );
    format!("{parts:?}{:?}", responses.collect::<Vec<_>>())
}

fn mock(method: &resources::Method, diagnostics: &mut Vec<Diagnostic>) -> Option<Integration> {
    let integration = &method.integration;
    let before = diagnostics.len();
    let templates = template::all(&integration.request_templates, diagnostics);
    let request_templates =
        templates.into_iter().map(|(media_type, template)| (media_type, RequestTemplate::new(template))).collect();
    let compiled = responses::compile(method, diagnostics);
    (diagnostics.len() == before).then(|| {
        Integration::Mock(Mock {
            request_templates,
            passthrough_behavior: integration.passthrough_behavior,
            content_handling: integration.content_handling,
            responses: compiled,
        })
    })
}
