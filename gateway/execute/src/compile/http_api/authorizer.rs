//! Compiles the authorizers of an HTTP API.

use crate::{
    authorize::{
        jwt::key_source::KeySource,
        lambda::{FunctionName, NamePart},
    },
    compile::authorizer::function_name,
    http_api::{
        identity::IdentitySource,
        jwt::JwtAuthorizer,
        lambda_authorizer::{Answers, LambdaAuthorizer},
    },
};
use fanlight_definition::{
    Diagnostic, Resources,
    resources::{HttpApi, HttpAuthorizer, HttpAuthorizerKind, TemplateText},
};
use std::{collections::HashMap, sync::Arc, time::Duration};

/// The authorizers of an API by their ids; `None` for one that does not compile, which has been said.
pub(super) type Authorizers = HashMap<String, Option<Compiled>>;

#[derive(Debug, Clone)]
pub(super) enum Compiled {
    Lambda(Arc<LambdaAuthorizer>),
    Jwt(Arc<JwtAuthorizer>),
}

pub(super) fn all(api: &HttpApi, resources: &Resources, diagnostics: &mut Vec<Diagnostic>) -> Authorizers {
    let mut authorizers = Authorizers::new();
    for definition in &api.authorizers {
        let compiled = one(definition, (api, resources), diagnostics);
        // Answers are kept by id.
        if authorizers.insert(definition.id.clone(), compiled).is_some() {
            let message = format!("two authorizers have the id `{}`", definition.id);
            diagnostics.push(Diagnostic::error(&definition.place, message));
        }
    }
    authorizers
}

fn one(
    definition: &HttpAuthorizer,
    (api, resources): (&HttpApi, &Resources),
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Compiled> {
    let sources: Option<Vec<IdentitySource>> =
        definition.identity_sources.iter().map(|source| identity_source(source, diagnostics)).collect();
    let sources = sources?;
    match &definition.kind {
        HttpAuthorizerKind::Jwt { issuer, audience } => {
            jwt(definition, (issuer, audience), &sources, diagnostics).map(Arc::new).map(Compiled::Jwt)
        }
        HttpAuthorizerKind::Request { function, payload_format, simple_responses, result_ttl_seconds } => {
            let named = function_name(function).map_err(|message| Diagnostic::error(&definition.place, message));
            let function = named.map_err(|diagnostic| diagnostics.push(diagnostic)).ok()?;
            check_function(&function, (definition, api), resources, diagnostics);
            Some(Compiled::Lambda(Arc::new(LambdaAuthorizer {
                id: definition.id.clone(),
                name: definition.name.clone(),
                function,
                format: *payload_format,
                answers: if *simple_responses { Answers::Simply } else { Answers::ByPolicy },
                sources,
                ttl: Duration::from_secs((*result_ttl_seconds).into()),
            })))
        }
    }
}

fn identity_source(source: &TemplateText, diagnostics: &mut Vec<Diagnostic>) -> Option<IdentitySource> {
    let parsed = IdentitySource::parse(&source.text);
    parsed.map_err(|message| diagnostics.push(Diagnostic::error(&source.place, message))).ok()
}

fn jwt(
    definition: &HttpAuthorizer,
    (issuer, audience): (&TemplateText, &[String]),
    sources: &[IdentitySource],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<JwtAuthorizer> {
    let [source @ (IdentitySource::Header(_) | IdentitySource::Query(_))] = sources else {
        let message = "a token comes from one header or query parameter";
        diagnostics.push(Diagnostic::error(&definition.place, message));
        return None;
    };
    let configuration = format!("{}/.well-known/openid-configuration", issuer.text.trim_end_matches('/'));
    // `https://cognito-idp.{region}.amazonaws.com/{pool}`
    let user_pool = issuer.text.strip_prefix("https://cognito-idp.").and_then(|rest| rest.split('/').nth(1));
    Some(JwtAuthorizer {
        name: definition.name.clone(),
        source: source.clone(),
        issuer: issuer.text.as_str().into(),
        keys: KeySource::Configuration(configuration.into()),
        user_pool: user_pool.map(ToOwned::to_owned),
        audience: audience.to_vec(),
    })
}

/// A name without variables must be a function's; with them, each stage's should be.
fn check_function(
    function: &FunctionName,
    (definition, api): (&HttpAuthorizer, &HttpApi),
    resources: &Resources,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let is_known = |name: &str| resources.functions.iter().any(|function| function.name == name);
    if let [NamePart::Text(name)] = function.0.as_slice() {
        if !is_known(name) {
            let message = format!("no function is called `{name}`; its requests are answered with 500");
            diagnostics.push(Diagnostic::warning(&definition.place, message));
        }
        return;
    }
    for stage in &api.stages {
        let name = function.of(|variable| stage.variables.get(variable).map(String::as_str));
        if !name.as_ref().is_some_and(|name| is_known(name)) {
            let message = format!(
                "the authorizer `{}` has no function in the stage `{}`; its requests are answered with 500",
                definition.name, stage.name
            );
            diagnostics.push(Diagnostic::warning(&definition.place, message));
        }
    }
}
