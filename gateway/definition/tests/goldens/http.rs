//! HTTP APIs and function URLs.

use fanlight_definition::resources::{
    HttpApi, HttpApiKind, HttpAuthorization, HttpAuthorizer, HttpAuthorizerKind, HttpIntegration, HttpIntegrationKind,
    HttpStage,
};

pub(super) fn list(out: &mut String, api: &HttpApi) {
    let kind = match api.kind {
        HttpApiKind::Api => "http api",
        HttpApiKind::FunctionUrl => "function url",
    };
    out.push_str(&format!("{kind} {} {:?} {}\n", api.logical_id, api.name, api.id));
    for stage in &api.stages {
        list_stage(out, stage);
    }
    if api.disable_execute_api_endpoint {
        out.push_str("  only at custom domains\n");
    }
    if let Some(cors) = &api.cors {
        out.push_str(&format!("  {cors:?}\n"));
    }
    for authorizer in &api.authorizers {
        list_authorizer(out, authorizer);
    }
    for route in &api.routes {
        let name = route.operation_name.as_ref().map(|name| format!(" {name:?}")).unwrap_or_default();
        out.push_str(&format!("  {}{name} (line {}) ", route.key, route.place.line));
        list_integration(out, &route.integration);
        match &route.authorization {
            HttpAuthorization::None => {}
            HttpAuthorization::Iam => out.push_str("    signed\n"),
            HttpAuthorization::Lambda { authorizer } => out.push_str(&format!("    authorizer {authorizer}\n")),
            HttpAuthorization::Jwt { authorizer, scopes } => {
                out.push_str(&format!("    token {authorizer} {scopes:?}\n"));
            }
        }
    }
}

fn list_stage(out: &mut String, stage: &HttpStage) {
    out.push_str(&format!("  stage {} {:?}\n", stage.name, stage.variables));
    if let Some(format) = &stage.access_log_format {
        out.push_str(&format!("    logs {:?} (line {})\n", format.text, format.place.line));
    }
    let throttles = stage.route_throttles.iter().map(|(key, throttle, _)| (key.to_string(), throttle));
    for (key, throttle) in [("*".to_owned(), &stage.default_throttle)].into_iter().chain(throttles) {
        if throttle.rate_limit.is_some() || throttle.burst_limit.is_some() {
            out.push_str(&format!("    {key} {throttle:?}\n"));
        }
    }
}

fn list_authorizer(out: &mut String, authorizer: &HttpAuthorizer) {
    let HttpAuthorizer { id, name, kind, .. } = authorizer;
    out.push_str(&format!("  authorizer {name} {id} (line {}) ", authorizer.place.line));
    match kind {
        HttpAuthorizerKind::Jwt { issuer, audience } => {
            out.push_str(&format!("tokens of {} for {audience:?}\n", issuer.text));
        }
        HttpAuthorizerKind::Request { function, payload_format, simple_responses, result_ttl_seconds } => {
            let simple = if *simple_responses { " simple" } else { "" };
            out.push_str(&format!("-> function {function} {payload_format:?}{simple} {result_ttl_seconds} s\n"));
        }
    }
    for source in &authorizer.identity_sources {
        out.push_str(&format!("    from {}\n", source.text));
    }
}

fn list_integration(out: &mut String, integration: &HttpIntegration) {
    match &integration.kind {
        HttpIntegrationKind::Lambda { function, payload_format } => {
            out.push_str(&format!("-> function {function} {payload_format:?}"));
        }
        HttpIntegrationKind::Http { uri, http_method } => {
            out.push_str(&format!("-> {} {uri}", http_method.as_str()));
        }
        HttpIntegrationKind::Service { subtype } => out.push_str(&format!("-> {subtype}")),
    }
    if integration.timeout_ms != HttpIntegration::DEFAULT_TIMEOUT_MS {
        out.push_str(&format!(" {} ms", integration.timeout_ms));
    }
    if let Some(link) = &integration.vpc_link {
        out.push_str(&format!(" through {}", link.text));
    }
    out.push('\n');
    super::list_texts(out, "    request ", &integration.request_parameters);
    for (status, mappings) in &integration.response_parameters {
        super::list_texts(out, &format!("    response {status} "), mappings);
    }
}
