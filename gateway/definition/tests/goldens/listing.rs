//! Resources as compact text.

#[path = "extras.rs"]
mod extras;
#[path = "http.rs"]
mod http;
#[path = "stages.rs"]
mod stages;

use fanlight_definition::{
    Resources,
    resources::{
        ApiKey, Code, Function, FunctionKind, Integration, IntegrationKind, IntegrationResponse, PassthroughBehavior,
        RestApi, TemplateText, UsagePlan,
    },
};
use indexmap::IndexMap;

pub(crate) fn resources(resources: &Resources) -> String {
    let mut out = String::new();
    for rest_api in &resources.rest_apis {
        list_api(&mut out, rest_api);
    }
    for api in &resources.http_apis {
        http::list(&mut out, api);
    }
    for function in &resources.functions {
        list_function(&mut out, function);
    }
    for key in &resources.api_keys {
        list_key(&mut out, key);
    }
    for plan in &resources.usage_plans {
        list_plan(&mut out, plan);
    }
    for domain in &resources.domain_names {
        stages::list_domain(&mut out, domain);
    }
    extras::list_sinks(&mut out, &resources.sinks);
    for file in resources.files.iter().skip(1) {
        out.push_str(&format!("file {}\n", file.display()));
    }
    out
}

fn list_api(out: &mut String, rest_api: &RestApi) {
    let RestApi { id, logical_id, name, binary_media_types, .. } = rest_api;
    out.push_str(&format!("api {logical_id} {name:?} {id}\n"));
    for stage in &rest_api.stages {
        stages::list(out, stage);
    }
    if !binary_media_types.is_empty() {
        out.push_str(&format!("  binary {}\n", binary_media_types.join(" ")));
    }
    extras::list_api(out, rest_api);
    for resource in &rest_api.resources {
        out.push_str(&format!("  {} {}\n", resource.path, resource.id));
        for method in &resource.methods {
            let name = method.operation_name.as_ref().map(|name| format!(" {name:?}")).unwrap_or_default();
            let at = format!("line {}", method.place.line);
            out.push_str(&format!("    {}{name} ({at}) ", method.http_method.as_str()));
            if method.api_key_required {
                out.push_str("needs a key ");
            }
            list_integration(out, &method.integration);
            extras::list_method(out, method);
            for response in &method.method_responses {
                let line = format!("      method response {} {}", response.status_code, response.headers.join(" "));
                out.push_str(line.trim_end());
                extras::list_models(out, &response.models);
                out.push('\n');
            }
        }
    }
}

fn list_integration(out: &mut String, integration: &Integration) {
    match &integration.kind {
        IntegrationKind::LambdaProxy { function, http_method } => {
            out.push_str(&format!("-> function {function} {}", http_method.as_str()));
        }
        IntegrationKind::Lambda { function, http_method } => {
            out.push_str(&format!("-> {} {function} (custom)", http_method.as_str()));
        }
        IntegrationKind::Http { uri, http_method } => {
            out.push_str(&format!("-> {} {uri} (custom)", http_method.as_str()));
        }
        IntegrationKind::HttpProxy { uri, http_method } => out.push_str(&format!("-> {} {uri}", http_method.as_str())),
        IntegrationKind::AwsService { target, http_method } => {
            out.push_str(&format!("-> {} {target:?}", http_method.as_str()));
        }
        IntegrationKind::Mock => out.push_str("-> mock"),
    }
    if integration.timeout_ms != 29_000 {
        out.push_str(&format!(" {} ms", integration.timeout_ms));
    }
    if integration.passthrough_behavior != PassthroughBehavior::WhenNoMatch {
        out.push_str(&format!(" {:?}", integration.passthrough_behavior));
    }
    if let Some(handling) = integration.content_handling {
        out.push_str(&format!(" {handling:?}"));
    }
    extras::list_integration(out, integration);
    out.push('\n');
    list_texts(out, "      request ", &integration.request_parameters);
    list_texts(out, "      request ", &integration.request_templates);
    for response in &integration.responses {
        list_response(out, response);
    }
}

fn list_response(out: &mut String, response: &IntegrationResponse) {
    let pattern =
        response.selection_pattern.as_ref().map_or_else(|| "default".to_owned(), |pattern| format!("{pattern:?}"));
    out.push_str(&format!("      response {pattern} -> {}", response.status_code));
    if let Some(handling) = response.content_handling {
        out.push_str(&format!(" {handling:?}"));
    }
    out.push('\n');
    list_texts(out, "        ", &response.response_parameters);
    list_texts(out, "        ", &response.response_templates);
}

fn list_texts(out: &mut String, indent: &str, texts: &IndexMap<String, TemplateText>) {
    for (key, text) in texts {
        out.push_str(&format!("{indent}{key}: {:?} (line {})\n", text.text, text.place.line));
    }
}

fn list_function(out: &mut String, function: &Function) {
    out.push_str(&format!("function {} {:?} {}\n", function.logical_id, function.name, function.arn));
    let code = match &function.code {
        Code::Folder(folder) => format!("in {}", folder.display()),
        Code::Inline { file, text } => format!("as {file} {text:?}"),
        Code::Absent(Some(folder)) => format!("missing in {}", folder.display()),
        Code::Absent(None) => "missing".to_owned(),
    };
    match &function.kind {
        FunctionKind::Process { runtime, handler } => {
            out.push_str(&format!("  {} {handler:?} {code}\n", runtime.identifier()));
        }
        FunctionKind::Wasm { module, isolation } => {
            out.push_str(&format!("  wasm {} {isolation:?} {code}\n", module.display()));
        }
        FunctionKind::Image => out.push_str("  image\n"),
    }
    if let Some(why) = function.unserved() {
        out.push_str(&format!("  not served: {why}\n"));
    }
    out.push_str(&format!("  {} ms, {} MB, {:?}", function.timeout_ms, function.memory_mb, function.architecture));
    if let Some(concurrency) = function.reserved_concurrency {
        out.push_str(&format!(", at most {concurrency}"));
    }
    out.push('\n');
    for (name, value) in &function.environment {
        out.push_str(&format!("  {name}={value:?}\n"));
    }
    for layer in &function.layers {
        out.push_str(&format!("  layer {}\n", layer.display()));
    }
}

fn list_key(out: &mut String, key: &ApiKey) {
    let ApiKey { id, logical_id, name, value, enabled, .. } = key;
    let enabled = if *enabled { "enabled" } else { "not enabled" };
    out.push_str(&format!("key {logical_id} {name:?} {id} {value:?} {enabled}\n"));
}

fn list_plan(out: &mut String, plan: &UsagePlan) {
    let UsagePlan { id, logical_id, name, .. } = plan;
    out.push_str(&format!("plan {logical_id} {name:?} {id} keys {}\n", plan.keys.join(" ")));
    if let Some(throttle) = plan.throttle {
        out.push_str(&format!("  {throttle:?}\n"));
    }
    if let Some(quota) = plan.quota {
        out.push_str(&format!("  {quota:?}\n"));
    }
    for stage in &plan.api_stages {
        out.push_str(&format!("  {} {}\n", stage.api_id, stage.stage));
        for (method, throttle) in &stage.throttles {
            out.push_str(&format!("    {method} {throttle:?}\n"));
        }
    }
}
