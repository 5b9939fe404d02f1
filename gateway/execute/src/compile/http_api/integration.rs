//! Compiles the integration of a route.

use crate::{
    http_api::{
        integration::{Endpoint, Integration, UriPart},
        mapping::{Direction, Mapping},
    },
    integration::{function_name::FunctionName, http_proxy},
};
use fanlight_definition::{
    Diagnostic, Resources,
    resources::{HttpApi, HttpIntegration, HttpIntegrationKind, HttpRoute, TemplateText},
};
use indexmap::IndexMap;
use std::time::Duration;

pub(super) fn compile(
    (api, route): (&HttpApi, &HttpRoute),
    resources: &Resources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Integration> {
    let definition = &route.integration;
    let before = diagnostics.len();
    let request = mappings(Direction::Request, &definition.request_parameters, diagnostics);
    let responses: Vec<(u16, Vec<Mapping>)> = definition
        .response_parameters
        .iter()
        .map(|(status, parameters)| (*status, mappings(Direction::Response, parameters, diagnostics)))
        .collect();
    let endpoint = endpoint((api, route), resources, diagnostics);
    if let (Some(Endpoint::Server { .. }), true) = (&endpoint, reads_response(&responses)) {
        let message = "a mapping that reads the body of a response is not served yet";
        diagnostics.push(Diagnostic::error(&definition.place, message));
    }
    let timeout = Duration::from_millis(definition.timeout_ms.into());
    let compiled = Integration { endpoint: endpoint?, request, responses, timeout };
    (diagnostics.len() == before || !diagnostics.iter().skip(before).any(is_error)).then_some(compiled)
}

fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity == fanlight_definition::Severity::Error
}

fn reads_response(responses: &[(u16, Vec<Mapping>)]) -> bool {
    responses.iter().flat_map(|(_, mappings)| mappings).any(|mapping| mapping.value.reads_body())
}

fn mappings(
    direction: Direction,
    parameters: &IndexMap<String, TemplateText>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Mapping> {
    let mut compiled = Vec::new();
    for (target, value) in parameters {
        match Mapping::parse(direction, target, &value.text) {
            Ok(mapping) => compiled.push(mapping),
            Err(message) => diagnostics.push(Diagnostic::error(&value.place, message)),
        }
    }
    compiled
}

fn endpoint(
    (api, route): (&HttpApi, &HttpRoute),
    resources: &Resources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Endpoint> {
    let definition = &route.integration;
    match &definition.kind {
        HttpIntegrationKind::Lambda { function, payload_format } => {
            let name = FunctionName::new(function);
            check_function(&name, (api, definition), resources, diagnostics);
            Some(Endpoint::Function { name, format: *payload_format })
        }
        HttpIntegrationKind::Http { uri, http_method } => {
            let private = uri.starts_with("arn:");
            let parts = parts(uri);
            if !private && let Some(name) = placeholder_in_host(uri) {
                let message = format!("`{{{name}}}` stands in the host of the address, which no request may choose");
                let help = "a stage variable may stand there";
                diagnostics.push(Diagnostic::error(&definition.place, message).help(help));
            }
            check_variables(&parts, route, diagnostics);
            Some(Endpoint::Server {
                uri: (!private).then_some(parts),
                http_method: http_proxy::verb(*http_method),
                vpc_link: definition.vpc_link.as_ref().map(|link| FunctionName::new(&link.text)),
                target: uri.as_str().into(),
            })
        }
        HttpIntegrationKind::Service { subtype } => {
            let message = format!("an integration with `{subtype}` is not served yet");
            diagnostics.push(Diagnostic::error(&definition.place, message));
            None
        }
    }
}

/// A name with variables must be a function's in each stage.
fn check_function(
    name: &FunctionName,
    (api, definition): (&HttpApi, &HttpIntegration),
    resources: &Resources,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if !name.is_chosen_by_stage() {
        return;
    }
    for stage in &api.stages {
        let chosen = name.of(&stage.variables);
        if !resources.functions.iter().any(|function| function.name == chosen) {
            let message = format!(
                "no function is called `{chosen}`, as the stage `{}` calls `{}`; its requests are answered with 500",
                stage.name,
                name.written()
            );
            diagnostics.push(Diagnostic::warning(&definition.place, message));
        }
    }
}

/// An address with its variable parts.
fn parts(uri: &str) -> Vec<UriPart> {
    let mut parts = Vec::new();
    let mut rest = uri;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        let variable = before.strip_suffix('$').zip(name.strip_prefix("stageVariables."));
        parts.push(UriPart::Text(variable.map_or(before, |(before, _)| before).to_owned()));
        parts.push(match variable {
            Some((_, name)) => UriPart::StageVariable(name.to_owned()),
            None => UriPart::Path(name.strip_suffix('+').unwrap_or(name).to_owned()),
        });
        rest = after;
    }
    parts.push(UriPart::Text(rest.to_owned()));
    parts
}

/// A variable of the address that the route does not have would always be empty.
fn check_variables(parts: &[UriPart], route: &HttpRoute, diagnostics: &mut Vec<Diagnostic>) {
    let known = crate::route::path_parameters(route.key.path().unwrap_or_default());
    for part in parts {
        if let UriPart::Path(name) = part
            && !known.iter().any(|parameter| *parameter.name == **name)
        {
            let message = format!("`{{{name}}}` of the address is no variable of the route `{}`", route.key);
            diagnostics.push(Diagnostic::error(&route.integration.place, message));
        }
    }
}

/// The first path parameter in the host of an address.
fn placeholder_in_host(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let open = host.match_indices('{').find(|(at, _)| !host.get(..*at).is_some_and(|before| before.ends_with('$')))?;
    host.get(open.0 + 1..)?.split('}').next()
}
