//! What few APIs say: who may call, what a request must look like, how stages behave.

use fanlight_definition::resources::{
    ApiKeySource, Authorization, Authorizer, AuthorizerKind, Integration, Method, RestApi, TransferMode,
    sink::{EventSourceMapping, Queue, Sinks, Subscription, Topic},
};
use indexmap::IndexMap;

pub(super) fn list_api(out: &mut String, rest_api: &RestApi) {
    if rest_api.api_key_source != ApiKeySource::Header {
        out.push_str(&format!("  api keys from {:?}\n", rest_api.api_key_source));
    }
    if let Some(size) = rest_api.minimum_compression_size {
        out.push_str(&format!("  compressed from {size} bytes\n"));
    }
    if rest_api.disable_execute_api_endpoint {
        out.push_str("  only at custom domains\n");
    }
    if let Some(policy) = &rest_api.policy {
        out.push_str(&format!("  policy {} (line {})\n", policy.text, policy.place.line));
    }
    for authorizer in &rest_api.authorizers {
        list_authorizer(out, authorizer);
    }
    for model in &rest_api.models {
        let (name, kind) = (&model.name, &model.content_type);
        out.push_str(&format!("  model {name} ({kind}, line {}) {}\n", model.place.line, model.schema.text));
    }
    for response in &rest_api.gateway_responses {
        let status = response.status_code.map(|status| format!(" {status}")).unwrap_or_default();
        out.push_str(&format!("  gateway response {}{status}\n", response.response_type.as_str()));
        super::list_texts(out, "    ", &response.response_parameters);
        super::list_texts(out, "    ", &response.response_templates);
    }
}

fn list_authorizer(out: &mut String, authorizer: &Authorizer) {
    let Authorizer { id, name, result_ttl_seconds, .. } = authorizer;
    out.push_str(&format!("  authorizer {name} {id} (line {}) ", authorizer.place.line));
    match &authorizer.kind {
        AuthorizerKind::Token { function } => out.push_str(&format!("token -> function {function}")),
        AuthorizerKind::Request { function } => out.push_str(&format!("request -> function {function}")),
        AuthorizerKind::CognitoUserPools { provider_arns } => {
            let arns: Vec<_> = provider_arns.iter().map(|arn| arn.text.as_str()).collect();
            out.push_str(&format!("user pools {}", arns.join(" ")));
        }
    }
    out.push_str(&format!(" {result_ttl_seconds} s\n"));
    for source in &authorizer.identity_sources {
        out.push_str(&format!("    from {}\n", source.text));
    }
    if let Some(expression) = &authorizer.identity_validation_expression {
        out.push_str(&format!("    matching {:?}\n", expression.text));
    }
}

pub(super) fn list_method(out: &mut String, method: &Method) {
    match &method.authorization {
        Authorization::None => {}
        Authorization::Iam => out.push_str("      signed\n"),
        Authorization::Custom { authorizer } => out.push_str(&format!("      authorizer {authorizer}\n")),
        Authorization::CognitoUserPools { authorizer, scopes } => {
            out.push_str(format!("      user pools {authorizer} {}", scopes.join(" ")).trim_end());
            out.push('\n');
        }
    }
    let validation = &method.request_validation;
    if validation.body || validation.parameters {
        out.push_str(&format!("      validates body {}, parameters {}\n", validation.body, validation.parameters));
    }
    for (parameter, required) in &method.request_parameters {
        out.push_str(&format!("      {parameter}{}\n", if *required { " required" } else { "" }));
    }
    if !method.request_models.is_empty() {
        out.push_str("      request models");
        list_models(out, &method.request_models);
        out.push('\n');
    }
}

pub(super) fn list_models(out: &mut String, models: &IndexMap<String, String>) {
    for (media_type, model) in models {
        out.push_str(&format!(" {media_type}: {model}"));
    }
}

pub(super) fn list_integration(out: &mut String, integration: &Integration) {
    if integration.response_transfer_mode == TransferMode::Stream {
        out.push_str(" streamed");
    }
    if integration.insecure_skip_verification {
        out.push_str(" unverified");
    }
    if let Some(link) = &integration.vpc_link {
        out.push_str(&format!(" through {}", link.text));
    }
    if let Some(namespace) = &integration.cache_namespace {
        out.push_str(&format!(" cached in {namespace}"));
    }
    if !integration.cache_key_parameters.is_empty() {
        let keys: Vec<_> = integration.cache_key_parameters.iter().map(|key| key.text.as_str()).collect();
        out.push_str(&format!(" cached by {}", keys.join(" ")));
    }
}

pub(super) fn list_sinks(out: &mut String, sinks: &Sinks) {
    for Queue { name, attributes, tags, place } in &sinks.queues {
        out.push_str(&format!("queue {name} (line {}) {attributes:?} {tags:?}\n", place.line));
    }
    for Topic { arn, attributes, tags, place } in &sinks.topics {
        out.push_str(&format!("topic {arn} (line {}) {attributes:?} {tags:?}\n", place.line));
    }
    for Subscription { topic_arn, protocol, endpoint, attributes, place } in &sinks.subscriptions {
        let line = place.line;
        out.push_str(&format!("subscription {topic_arn} -> {protocol} {endpoint} (line {line}) {attributes:?}\n"));
    }
    for mapping in &sinks.event_source_mappings {
        let EventSourceMapping { queue_arn, function, batch_size, window_s, concurrency, reports_failures, place } =
            mapping;
        out.push_str(&format!("events {queue_arn} -> {function} (line {}) batches of {batch_size}", place.line));
        out.push_str(&format!(" in {window_s} s, {concurrency:?} at once, reports failures: {reports_failures}\n"));
    }
}
