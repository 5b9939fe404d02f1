//! `AWS::Serverless::HttpApi`, and the API that SAM makes for events that name none.
//!
//! AWS: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-httpapi.html>

use super::{
    api_target, cors, document,
    draft::Draft,
    sam_auth::{self, Auth},
    sam_event::{self, Route},
    stage,
};
use crate::{
    Diagnostic, Place,
    cloudformation::{Declared, Template},
    document::{Map, Node},
    identifier, intrinsics,
    intrinsics::{Scope, Target},
    read::Reading,
    resources::{DomainName, HttpRoute, HttpStage},
    sam, shape,
    vocabulary::{
        self,
        Treatment::{Read, Silent},
        Vocabulary,
    },
};

pub(super) const TYPE: &str = "AWS::Serverless::HttpApi";

/// The logical id of the API that SAM makes for events that name none.
pub(super) const IMPLICIT_API: &str = "ServerlessHttpApi";

const API: &Vocabulary = &[
    ("AccessLogSettings", Read),
    ("Auth", Read),
    ("CorsConfiguration", Read),
    ("DefaultRouteSettings", Read),
    ("DefinitionBody", Read),
    ("DefinitionUri", Read),
    ("Description", Silent),
    ("DisableExecuteApiEndpoint", Read),
    ("Domain", Read),
    ("FailOnWarnings", Silent),
    ("Name", Read),
    ("PropagateTags", Silent),
    ("RouteSettings", Read),
    ("StageName", Read),
    ("StageVariables", Read),
    ("Tags", Silent),
    ("__MANAGE_SWAGGER", Silent),
];

/// Makes known what SAM makes: the implicit API, and the stages of all.
pub(super) fn declare(reading: &mut Reading<'_>, scope: &mut Scope, template: &Template, stem: &str) {
    let implicit = api_target(scope, TYPE, &identifier::rest_api(stem, IMPLICIT_API));
    scope.targets.entry(IMPLICIT_API.to_owned()).or_insert(implicit);
    let mut stages = vec![(IMPLICIT_API.to_owned(), None)];
    for declared in template.of_type(TYPE) {
        let node = declared.properties.get("StageName").and_then(|node| intrinsics::resolve(reading, scope, node));
        let name = node.as_ref().and_then(|node| shape::text(&mut reading.findings, node));
        stages.push((declared.logical_id.clone(), name));
    }
    for (api, name) in stages {
        let written = name.filter(|name| name != HttpStage::DEFAULT);
        let logical_id = match &written {
            Some(name) => format!("{api}{name}Stage"),
            None => format!("{api}ApiGatewayDefaultStage"),
        };
        let given = reading.options.stage.clone();
        let reference = given.or(written).unwrap_or_else(|| HttpStage::DEFAULT.to_owned());
        let target = Target::Known { kind: "AWS::ApiGatewayV2::Stage".to_owned(), reference, attributes: Vec::new() };
        scope.targets.entry(logical_id).or_insert(target);
    }
}

/// Reads the APIs and the events that add routes to them.
pub(super) fn read(
    reading: &mut Reading<'_>,
    (scope, template): (&Scope, &Template),
    stem: &str,
    (drafts, domains): (&mut Vec<Draft>, &mut Vec<DomainName>),
) {
    let mut routes = Vec::new();
    for declared in template.of_type("AWS::Serverless::Function") {
        routes.extend(sam_event::read(reading, (scope, template), declared));
    }
    let (implicit, explicit): (Vec<_>, Vec<_>) = routes.into_iter().partition(|route| route.api == IMPLICIT_API);
    for declared in template.of_type(TYPE) {
        let own = explicit.iter().filter(|route| route.api == declared.logical_id).cloned().collect();
        let Declared { logical_id, place, properties, .. } = declared;
        drafts.extend(build(reading, scope, &Api { stem, logical_id, place, properties }, (own, domains)));
    }
    let Some(place) = implicit.first().map(|route| route.place.clone()) else { return };
    let properties = sam::globals::merge(reading, (&template.globals, None), TYPE, Map::default());
    let api = Api { stem, logical_id: IMPLICIT_API, place: &place, properties: &properties };
    drafts.extend(build(reading, scope, &api, (implicit, domains)));
}

/// An API as it is declared, by itself or by events.
struct Api<'a> {
    stem: &'a str,
    logical_id: &'a str,
    place: &'a Place,
    properties: &'a Map,
}

fn build(
    reading: &mut Reading<'_>,
    scope: &Scope,
    api: &Api<'_>,
    (routes, domains): (Vec<Route>, &mut Vec<DomainName>),
) -> Option<Draft> {
    vocabulary::check(&mut reading.findings, api.properties, "an HTTP API", API);
    let id = identifier::rest_api(api.stem, api.logical_id);
    let mut draft = Draft::new(id, api.logical_id, api.place.clone());
    let auth = sam_auth::read(reading, scope, (api.properties, &draft.id));
    let has_definition = read_definition(reading, scope, api, &mut draft)?;
    draft.routes.iter_mut().for_each(|route| sam_auth::protect(&auth, route));
    let mut stage = HttpStage::new(HttpStage::DEFAULT.to_owned(), api.place.clone());
    settings(reading, scope, api, (&mut draft, &mut stage))?;
    for route in routes {
        if let Some((throttle, place)) = route.throttle.clone() {
            stage::add_throttle(&mut stage, (route.key.clone(), throttle, place));
        }
        add_route(reading, (&mut draft, has_definition), route, &auth);
    }
    draft.authorizers.extend(auth.authorizers.into_iter().filter_map(|named| named.authorizer));
    let domain = api.properties.get("Domain").and_then(|node| intrinsics::resolve(reading, scope, node));
    if let Some(node) = domain {
        sam::domain(reading, &node, (&draft.id, &stage.name), domains);
    }
    draft.add_stage(reading, stage);
    Some(draft)
}

/// Whether the API has a definition of its own, which is read; `None` when it is broken.
fn read_definition(reading: &mut Reading<'_>, scope: &Scope, api: &Api<'_>, draft: &mut Draft) -> Option<bool> {
    let (body, uri) = (api.properties.get("DefinitionBody"), api.properties.get("DefinitionUri"));
    let own = match (body, uri) {
        (Some(_), Some(uri)) => {
            reading.findings.error(&uri.place(), "`DefinitionUri` stands beside `DefinitionBody`; SAM takes one");
            return None;
        }
        (Some(body), None) => intrinsics::resolve(reading, scope, body)?,
        (None, Some(uri)) => {
            for key in ["Auth", "CorsConfiguration"] {
                if let Some(node) = api.properties.get(key).filter(|node| !node.says_no()) {
                    let message = format!("`{key}` works only beside a `DefinitionBody`, not beside a `DefinitionUri`");
                    reading.findings.error(&node.place(), message);
                }
            }
            read_file(reading, scope, uri)?
        }
        (None, None) => return Some(false),
    };
    document::read(reading, scope, draft, &own)?;
    Some(true)
}

fn read_file(reading: &mut Reading<'_>, scope: &Scope, uri: &Node) -> Option<Node> {
    if uri.as_map().is_some_and(|map| intrinsics::intrinsic(map).is_none()) {
        let message = "a definition in S3 is not read";
        reading.findings.push(Diagnostic::error(&uri.place(), message).help("name a file beside the template"));
        return None;
    }
    let location = intrinsics::resolve(reading, scope, uri)?;
    let location = shape::text(&mut reading.findings, &location)?;
    let node = intrinsics::include(reading, scope, uri, &location)?;
    reading.including.push(node.place().file);
    let resolved = intrinsics::resolve(reading, scope, &node);
    reading.including.pop();
    resolved
}

/// Reads what is a setting of the API or of its stage; `None` when its stage has no name.
fn settings(
    reading: &mut Reading<'_>,
    scope: &Scope,
    api: &Api<'_>,
    (draft, stage): (&mut Draft, &mut HttpStage),
) -> Option<()> {
    const SETTINGS: [&str; 8] = [
        "AccessLogSettings",
        "CorsConfiguration",
        "DefaultRouteSettings",
        "DisableExecuteApiEndpoint",
        "Name",
        "RouteSettings",
        "StageName",
        "StageVariables",
    ];
    let mut settings = Map::default();
    for (key, entry) in api.properties.iter().filter(|(key, _)| SETTINGS.contains(key)) {
        settings.entries.insert(key.to_owned(), entry.clone());
    }
    let settings = intrinsics::resolve_map(reading, scope, &settings);
    match settings.get("StageName") {
        Some(node) => stage.name = stage::name(reading, node)?,
        None => stage.name = reading.options.stage.clone().unwrap_or_else(|| HttpStage::DEFAULT.to_owned()),
    }
    stage::settings(reading, &settings, stage);
    if let Some(node) = settings.get("CorsConfiguration") {
        if draft.cors.is_some() {
            let message = "`CorsConfiguration` stands beside `x-amazon-apigateway-cors`; SAM takes one";
            reading.findings.error(&node.place(), message);
        }
        draft.cors = cors::sam(reading, node);
    }
    draft.disable_execute_api_endpoint |= shape::flag(&mut reading.findings, &settings, "DisableExecuteApiEndpoint");
    if let Some(name) = shape::text_of(&mut reading.findings, &settings, "Name") {
        draft.name = name;
    } else if draft.name == draft.logical_id {
        draft.name.clone_from(&scope.stack_name);
    }
    Some(())
}

/// With a definition of its own, an API has the routes of that definition: SAM adds none to it.
fn add_route(reading: &mut Reading<'_>, (draft, has_definition): (&mut Draft, bool), route: Route, auth: &Auth) {
    if has_definition {
        if !draft.routes.iter().any(|known| known.key == route.key) {
            let message =
                format!("`{}` is not in the definition of `{}`, so AWS does not serve it", route.key, draft.logical_id);
            let help = "add it there, or leave the definition out";
            reading.findings.push(Diagnostic::warning(&route.path_place, message).help(help));
        } else if let Some(place) = route.auth.place.as_ref() {
            let message = "the API has a definition of its own, so SAM does not look at this `Auth`";
            reading.findings.push(Diagnostic::error(place, message).help("say it in that definition"));
        }
        return;
    }
    let authorization = sam_auth::of_route(reading, auth, &route.auth);
    let Route { key, integration, path_place, .. } = route;
    draft.add_route(reading, HttpRoute { key, operation_name: None, authorization, integration, place: path_place });
}
