//! The routes of a definition as a table for people.

use crate::site::overlap;
use fanlight_definition::{
    Resources,
    resources::{HttpApi, HttpApiKind, HttpIntegrationKind, HttpMethod, HttpRoute, IntegrationKind, RestApi, RouteKey},
};
use std::{fmt::Write as _, net::SocketAddr};

/// One line per route: verb, path, integration, URL. `base` is the host's address, when it listens. APIs that overlap are
/// reached by their own host names.
pub(crate) fn table(resources: &Resources, base: Option<SocketAddr>) -> String {
    let mut text = String::new();
    for api in &resources.rest_apis {
        let stages: Vec<&str> = api.stages.iter().map(|stage| stage.name.as_str()).collect();
        let _infallible = writeln!(text, "{} ({}, {}, stage {})", api.name, api.logical_id, api.id, stages.join(", "));
        let own = overlap::first(&api.logical_id, resources).map(|_| api.logical_id.to_ascii_lowercase());
        let base = base.map(|address| match &own {
            Some(label) => format!("http://{label}.localhost:{}", address.port()),
            None => format!("http://{address}"),
        });
        write_api(&mut text, api, base.as_deref());
    }
    for api in &resources.http_apis {
        write_http_api(&mut text, (api, resources), base);
    }
    text.trim_end().to_owned()
}

fn write_http_api(text: &mut String, (api, resources): (&HttpApi, &Resources), base: Option<SocketAddr>) {
    let stages: Vec<&str> = api.stages.iter().map(|stage| stage.name.as_str()).collect();
    let own = match api.kind {
        HttpApiKind::Api => {
            let _infallible =
                writeln!(text, "{} ({}, {}, stage {})", api.name, api.logical_id, api.id, stages.join(", "));
            overlap::first(&api.logical_id, resources).map(|_| api.logical_id.to_ascii_lowercase())
        }
        HttpApiKind::FunctionUrl => {
            let _infallible = writeln!(text, "{} (function URL, {})", api.name, api.id);
            (!overlap::is_alone(resources)).then(|| format!("{}.lambda-url.{}", api.id, resources.region))
        }
    };
    let base = base.map(|address| match &own {
        Some(label) => format!("http://{label}.localhost:{}", address.port()),
        None => format!("http://{address}"),
    });
    let rows: Vec<(String, &str, String)> = api.routes.iter().map(row).collect();
    let path_width = rows.iter().map(|(_, path, _)| path.chars().count()).max().unwrap_or(0);
    let target_width = rows.iter().map(|(.., target)| target.chars().count()).max().unwrap_or(0);
    for (verb, path, target) in rows {
        let shown = if path.starts_with('/') { path } else { "/" };
        let url = base.as_ref().map_or_else(String::new, |base| format!("  {base}{shown}"));
        let row = format!("  {verb:<7} {path:<path_width$}  -> {target:<target_width$}{url}");
        let _infallible = writeln!(text, "{}", row.trim_end());
    }
}

fn row(route: &HttpRoute) -> (String, &str, String) {
    let target = match &route.integration.kind {
        HttpIntegrationKind::Lambda { function, .. } => format!("{function} (AWS_PROXY)"),
        HttpIntegrationKind::Http { uri, .. } => format!("{uri} (HTTP_PROXY)"),
        HttpIntegrationKind::Service { subtype } => subtype.clone(),
    };
    match &route.key {
        RouteKey::Default => ("ANY".to_owned(), "$default", target),
        RouteKey::Path { http_method, path } => (http_method.as_str().to_owned(), path, target),
    }
}

fn write_api(text: &mut String, api: &RestApi, base: Option<&str>) {
    let rows: Vec<(HttpMethod, &str, String)> = api
        .resources
        .iter()
        .flat_map(|resource| resource.methods.iter().map(move |method| (resource, method)))
        .map(|(resource, method)| (method.http_method, resource.path.as_str(), target(&method.integration.kind)))
        .collect();
    let path_width = rows.iter().map(|(_, path, _)| path.chars().count()).max().unwrap_or(0);
    let target_width = rows.iter().map(|(_, _, target)| target.chars().count()).max().unwrap_or(0);
    for (verb, path, target) in rows {
        let url = base.map_or_else(String::new, |base| format!("  {base}{path}"));
        let row = format!("  {:<7} {path:<path_width$}  -> {target:<target_width$}{url}", verb.as_str());
        let _infallible = writeln!(text, "{}", row.trim_end());
    }
}

fn target(kind: &IntegrationKind) -> String {
    match kind {
        IntegrationKind::LambdaProxy { function, .. } => format!("{function} (AWS_PROXY)"),
        IntegrationKind::HttpProxy { uri, .. } => format!("{uri} (HTTP_PROXY)"),
        IntegrationKind::Lambda { function, .. } => format!("{function} (AWS)"),
        IntegrationKind::Http { uri, .. } => format!("{uri} (HTTP)"),
        IntegrationKind::AwsService { target, http_method: _ } => format!("AWS {}", target.service),
        IntegrationKind::Mock => "MOCK".to_owned(),
    }
}
