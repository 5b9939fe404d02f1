//! AWS SAM: the resources of a template that the transform `AWS::Serverless` makes others of.
//!
//! AWS: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html>

mod api;
mod auth;
mod authorizer;
mod cors;
mod event;
mod function;
pub(crate) mod globals;
mod layer;
mod resource_policy;
mod usage_plan;

use crate::{
    cloudformation::Template,
    document::{Map, Node},
    identifier,
    intrinsics::{Scope, Target},
    read::Reading,
    resources::{ApiKey, Function, RestApi, UsagePlan},
    shape,
};
use event::Route;

/// The logical id and the stage of the API that SAM makes for events that name none.
const IMPLICIT_API: &str = "ServerlessRestApi";
const IMPLICIT_STAGE: &str = "Prod";

/// What SAM makes of a template.
#[derive(Debug, Default)]
pub(crate) struct Served {
    pub(crate) functions: Vec<Function>,
    pub(crate) rest_apis: Vec<RestApi>,
    pub(crate) api_keys: Vec<ApiKey>,
    pub(crate) usage_plans: Vec<UsagePlan>,
}

/// Makes names known that may be made of parameters, and what SAM makes beside the template's own resources.
pub(crate) fn declare(reading: &mut Reading<'_>, scope: &mut Scope, template: &Template, stem: &str) {
    let stage = reading.options.stage.clone().unwrap_or_else(|| IMPLICIT_STAGE.to_owned());
    let implicit = Target::Api { id: identifier::rest_api(stem, IMPLICIT_API), stage: Some(stage) };
    scope.targets.entry(IMPLICIT_API.to_owned()).or_insert(implicit);
    for declared in template.of_type("AWS::Serverless::Function") {
        let name = function::name(reading, scope, declared).unwrap_or_else(|| declared.logical_id.clone());
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
pub(crate) fn read(reading: &mut Reading<'_>, (scope, template): (&Scope, &Template), stem: &str) -> Served {
    let layers = layer::read(reading, scope, template);
    let mut served = Served::default();
    let mut routes = Vec::new();
    for declared in template.of_type("AWS::Serverless::Function") {
        served.functions.extend(function::read(reading, scope, declared, &layers));
        routes.extend(event::read(reading, (scope, template), declared));
    }
    read_apis(reading, (scope, template), (routes, stem), &mut served);
    served
}

fn read_apis(
    reading: &mut Reading<'_>,
    (scope, template): (&Scope, &Template),
    (routes, stem): (Vec<Route>, &str),
    served: &mut Served,
) {
    let (implicit, explicit): (Vec<_>, Vec<_>) = routes.into_iter().partition(|route| route.api == IMPLICIT_API);
    for declared in template.of_type("AWS::Serverless::Api") {
        let own: Vec<Route> = explicit.iter().filter(|route| route.api == declared.logical_id).cloned().collect();
        let Some(rest_api) = api::read(reading, scope, declared, own) else { continue };
        let properties = (&declared.properties, &declared.place);
        usage_plan::read(reading, scope, (stem, properties), &rest_api, served);
        served.rest_apis.push(rest_api);
    }
    let Some(place) = implicit.first().map(|route| route.place.clone()) else { return };
    let properties = globals::merge(reading, (&template.globals, None), "AWS::Serverless::Api", Map::default());
    let id = identifier::rest_api(stem, IMPLICIT_API);
    if let Some(rest_api) = api::implicit(reading, scope, (&properties, &place, &id), implicit) {
        usage_plan::read(reading, scope, (stem, (&properties, &place)), &rest_api, served);
        served.rest_apis.push(rest_api);
    }
}

/// A property's value with its intrinsics resolved, as text.
fn text_property(reading: &mut Reading<'_>, scope: &Scope, node: Option<&Node>) -> Option<String> {
    let resolved = crate::intrinsics::resolve(reading, scope, node?)?;
    shape::text(&mut reading.findings, &resolved)
}
