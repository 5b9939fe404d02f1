//! AWS SAM: the resources of a template that the transform `AWS::Serverless` makes others of.
//!
//! AWS: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html>

mod api;
mod auth;
pub(crate) mod authorizer;
mod cors;
mod domain;
mod event;
mod function;
mod gateway_response;
pub(crate) mod globals;
mod model;
mod resource_policy;
mod usage_plan;

use crate::{
    cloudformation::{Stack, Template, draft::Draft, layer::Layers},
    document::{Map, Node},
    identifier,
    intrinsics::{Scope, Target},
    read::Reading,
    shape,
};
pub(crate) use domain::read as domain;
use event::Route;
pub(crate) use function::check_name as check_function_name;

/// The logical id and the stage of the API that SAM makes for events that name none.
const IMPLICIT_API: &str = "ServerlessRestApi";
const IMPLICIT_STAGE: &str = "Prod";

/// Makes names known that may be made of parameters, and what SAM makes beside the template's own resources.
pub(crate) fn declare(reading: &mut Reading<'_>, scope: &mut Scope, template: &Template, stem: &str) {
    let stage = reading.options.stage.clone().unwrap_or_else(|| IMPLICIT_STAGE.to_owned());
    let implicit = Target::Api { id: identifier::rest_api(stem, IMPLICIT_API), stage: Some(stage) };
    scope.targets.entry(IMPLICIT_API.to_owned()).or_insert(implicit);
    for declared in template.of_type("AWS::Serverless::Function") {
        let name = function::name(reading, scope, declared);
        let name = name.unwrap_or_else(|| format!("{}{}", scope.function_prefix, declared.logical_id));
        let alias = text_property(reading, scope, declared.properties.get("AutoPublishAlias"));
        scope.targets.insert(declared.logical_id.clone(), Target::Function { name, alias });
    }
    for declared in template.of_type("AWS::Serverless::Api") {
        let stage = api::stage_name(reading, scope, declared);
        let id = identifier::rest_api(stem, &declared.logical_id);
        scope.targets.insert(declared.logical_id.clone(), Target::Api { id, stage });
        usage_plan::declare(scope, &declared.properties, (stem, &declared.logical_id));
    }
    let implicit = globals::merge(reading, (&template.globals, None), "AWS::Serverless::Api", Map::default());
    usage_plan::declare(scope, &implicit, (stem, IMPLICIT_API));
}

/// Reads the functions and APIs of a template.
pub(crate) fn read(
    reading: &mut Reading<'_>,
    (scope, template): (&Scope, &Template),
    (stem, layers): (&str, &Layers),
    stack: &mut Stack,
) {
    let mut routes = Vec::new();
    for declared in template.of_type("AWS::Serverless::Function") {
        stack.functions.extend(function::read(reading, scope, declared, layers));
        routes.extend(event::read(reading, (scope, template), declared, &mut stack.sinks));
    }
    // What SAM's tools package has the implicit API written out.
    let written_out = template.of_type("AWS::Serverless::Api").any(|declared| declared.logical_id == IMPLICIT_API);
    let (implicit, explicit): (Vec<_>, Vec<_>) =
        routes.into_iter().partition(|route| route.api == IMPLICIT_API && !written_out);
    for declared in template.of_type("AWS::Serverless::Api") {
        let own: Vec<Route> = explicit.iter().filter(|route| route.api == declared.logical_id).cloned().collect();
        let Some(draft) = api::read(reading, scope, declared, own) else { continue };
        add(reading, scope, (stem, &declared.properties, draft), stack);
    }
    let Some(place) = implicit.first().map(|route| route.place.clone()) else { return };
    let properties = globals::merge(reading, (&template.globals, None), "AWS::Serverless::Api", Map::default());
    let id = identifier::rest_api(stem, IMPLICIT_API);
    if let Some(draft) = api::implicit(reading, scope, (&properties, &place, &id), implicit) {
        add(reading, scope, (stem, &properties, draft), stack);
    }
}

/// Adds an API with the plan, the key and the domain that SAM makes beside it.
fn add(reading: &mut Reading<'_>, scope: &Scope, (stem, properties, draft): (&str, &Map, Draft), stack: &mut Stack) {
    usage_plan::read(reading, scope, (stem, properties), (&draft, stack));
    let domain = properties.get("Domain").and_then(|node| crate::intrinsics::resolve(reading, scope, node));
    if let (Some(node), Some(stage)) = (domain, draft.stages.first()) {
        domain::read(reading, &node, (&draft.identity.id, &stage.name), &mut stack.domain_names);
    }
    stack.drafts.push(draft);
}

/// A property's value with its intrinsics resolved, as text.
fn text_property(reading: &mut Reading<'_>, scope: &Scope, node: Option<&Node>) -> Option<String> {
    let resolved = crate::intrinsics::resolve(reading, scope, node?)?;
    shape::text(&mut reading.findings, &resolved)
}
