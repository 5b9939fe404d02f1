//! Compiles authorizers, and finds the one of a method.

mod user_pools;

use super::java_pattern;
use crate::{
    authorize::{
        Authorization,
        cognito::UserPoolAuthorizer,
        identity::IdentitySource,
        lambda::{FunctionName, Kind, LambdaAuthorizer, NamePart},
    },
    limits,
};
use fanlight_definition::{
    Diagnostic, Resources,
    resources::{self, Authorizer, AuthorizerKind, RestApi, TemplateText},
};
use regex::bytes::Regex;
use std::{collections::HashMap, sync::Arc, time::Duration};

/// The authorizers of an API by their ids; `None` for one that does not compile, which has been said.
pub(super) type Authorizers = HashMap<String, Option<Compiled>>;

#[derive(Debug, Clone)]
pub(super) enum Compiled {
    Lambda(Arc<LambdaAuthorizer>),
    UserPools(Arc<UserPoolAuthorizer>),
}

pub(super) fn all(api: &RestApi, resources: &Resources, diagnostics: &mut Vec<Diagnostic>) -> Authorizers {
    let mut authorizers = Authorizers::new();
    for definition in &api.authorizers {
        let compiled = match &definition.kind {
            AuthorizerKind::Token { function } | AuthorizerKind::Request { function } => {
                let compiled = one(definition, function, diagnostics);
                if let Some(compiled) = &compiled {
                    check_function(compiled, definition, (api, resources), diagnostics);
                }
                compiled.map(Arc::new).map(Compiled::Lambda)
            }
            AuthorizerKind::CognitoUserPools { provider_arns } => {
                user_pools::compile(definition, provider_arns, diagnostics).map(Arc::new).map(Compiled::UserPools)
            }
        };
        // Answers are kept by id.
        if authorizers.insert(definition.id.clone(), compiled).is_some() {
            let message = format!("two authorizers have the id `{}`", definition.id);
            diagnostics.push(Diagnostic::error(&definition.place, message));
        }
    }
    authorizers
}

/// The authorization of a method; `None` for one that is not served.
pub(super) fn of(
    method: &resources::Method,
    authorizers: &Authorizers,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Authorization> {
    let mut refuse = |message: String| {
        diagnostics.push(Diagnostic::error(&method.place, message));
        None
    };
    match &method.authorization {
        resources::Authorization::None => Some(Authorization::None),
        resources::Authorization::Custom { authorizer } => match authorizers.get(authorizer) {
            Some(Some(Compiled::Lambda(compiled))) => Some(Authorization::Lambda(Arc::clone(compiled))),
            Some(None) => None,
            Some(Some(Compiled::UserPools(_))) | None => {
                refuse(format!("the method has no Lambda authorizer: nothing is known of `{authorizer}`"))
            }
        },
        resources::Authorization::Iam => Some(Authorization::Iam),
        resources::Authorization::CognitoUserPools { authorizer, scopes } => match authorizers.get(authorizer) {
            Some(Some(Compiled::UserPools(compiled))) => {
                Some(Authorization::UserPools(Arc::clone(compiled), scopes.as_slice().into()))
            }
            Some(None) => None,
            Some(Some(Compiled::Lambda(_))) | None => {
                refuse(format!("the method has no user pools: nothing is known of `{authorizer}`"))
            }
        },
    }
}

fn one(definition: &Authorizer, function: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<LambdaAuthorizer> {
    let before = diagnostics.len();
    if definition.result_ttl_seconds > limits::AUTHORIZER_TTL_SECONDS {
        let message = format!("`authorizerResultTtlInSeconds` is at most {}", limits::AUTHORIZER_TTL_SECONDS);
        diagnostics.push(Diagnostic::error(&definition.place, message));
    }
    let sources: Vec<IdentitySource> =
        definition.identity_sources.iter().filter_map(|source| identity_source(source, diagnostics)).collect();
    let kind = match &definition.kind {
        AuthorizerKind::Token { .. } => token(definition, &sources, diagnostics),
        AuthorizerKind::Request { .. } | AuthorizerKind::CognitoUserPools { .. } => {
            request(definition, sources, diagnostics)
        }
    };
    let function = function_name(function).map_err(|message| Diagnostic::error(&definition.place, message));
    let function = function.map_err(|diagnostic| diagnostics.push(diagnostic)).ok();
    let compiled = LambdaAuthorizer {
        id: definition.id.clone(),
        name: definition.name.clone(),
        function: function?,
        kind: kind?,
        ttl: Duration::from_secs(definition.result_ttl_seconds.into()),
    };
    (diagnostics.len() == before || !diagnostics.iter().skip(before).any(is_error)).then_some(compiled)
}

fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity == fanlight_definition::Severity::Error
}

fn identity_source(source: &TemplateText, diagnostics: &mut Vec<Diagnostic>) -> Option<IdentitySource> {
    let parsed = IdentitySource::parse(source.text.trim());
    parsed.map_err(|message| diagnostics.push(Diagnostic::error(&source.place, message))).ok()
}

fn token(definition: &Authorizer, sources: &[IdentitySource], diagnostics: &mut Vec<Diagnostic>) -> Option<Kind> {
    let [IdentitySource::Header(header)] = sources else {
        let message = "a `TOKEN` authorizer has exactly one identity source, `method.request.header.X`";
        diagnostics.push(Diagnostic::error(&definition.place, message));
        return None;
    };
    let expression = expression(definition, diagnostics)?;
    Some(Kind::Token { header: header.clone(), expression })
}

/// `identityValidationExpression`; `None` when it is none, which has been said.
fn expression(definition: &Authorizer, diagnostics: &mut Vec<Diagnostic>) -> Option<Option<Regex>> {
    let given = definition.identity_validation_expression.as_ref().filter(|text| !text.text.is_empty());
    let Some(text) = given else { return Some(None) };
    let compiled = java_pattern::compile(&text.text).map_err(|reason| {
        let message = format!("`{}` cannot validate identities: {reason}", text.text);
        diagnostics.push(Diagnostic::error(&text.place, message));
    });
    compiled.ok().map(Some)
}

fn request(definition: &Authorizer, sources: Vec<IdentitySource>, diagnostics: &mut Vec<Diagnostic>) -> Option<Kind> {
    if let Some(text) = &definition.identity_validation_expression {
        let message = "`identityValidationExpression` is not used by a `REQUEST` authorizer, as on AWS";
        diagnostics.push(Diagnostic::warning(&text.place, message));
    }
    if definition.identity_sources.is_empty() && definition.result_ttl_seconds > 0 {
        let message = "a `REQUEST` authorizer whose answers are kept needs identity sources to tell callers apart";
        let help = "name some, or set `authorizerResultTtlInSeconds` to 0";
        diagnostics.push(Diagnostic::error(&definition.place, message).help(help));
        return None;
    }
    Some(Kind::Request { sources })
}

/// A name with its `${stageVariables.X}`.
pub(super) fn function_name(text: &str) -> Result<FunctionName, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (expression, after) = after.split_once('}').ok_or_else(|| format!("`{text}` has a `${{` without `}}`"))?;
        let variable = expression
            .strip_prefix("stageVariables.")
            .ok_or_else(|| format!("`${{{expression}}}` of the function's name is no stage variable"))?;
        if !before.is_empty() {
            parts.push(NamePart::Text(before.to_owned()));
        }
        parts.push(NamePart::StageVariable(variable.to_owned()));
        rest = after;
    }
    if !rest.is_empty() || parts.is_empty() {
        parts.push(NamePart::Text(rest.to_owned()));
    }
    Ok(FunctionName(parts))
}

/// With stage variables in its name, each stage's function should be one; without them, the reader has said so.
fn check_function(
    authorizer: &LambdaAuthorizer,
    definition: &Authorizer,
    (api, resources): (&RestApi, &Resources),
    diagnostics: &mut Vec<Diagnostic>,
) {
    let is_known = |name: &str| resources.functions.iter().any(|function| function.name == name);
    if let [NamePart::Text(_)] = authorizer.function.0.as_slice() {
        return;
    }
    for stage in &api.stages {
        let name = authorizer.function.of(|variable| stage.variables.get(variable).map(String::as_str));
        if !name.as_ref().is_some_and(|name| is_known(name)) {
            let named = name.map_or_else(String::new, |name| format!(" called `{name}`"));
            let message = format!(
                "the authorizer `{}` has no function{named} in the stage `{}`; its requests are answered with 500",
                authorizer.name, stage.name
            );
            diagnostics.push(Diagnostic::warning(&definition.place, message));
        }
    }
}
