//! AWS SAM templates.
//!
//! AWS: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html>

mod api;
mod cors;
mod event;
mod function;
mod globals;
mod layer;
mod parameter;
mod resource_type;
mod template;

use crate::{
    Diagnostic,
    document::Node,
    identifier,
    intrinsics::{Scope, Target},
    read::Reading,
    resources::{Function, Owner, Resources, RestApi},
    shape,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use template::{Declared, Template};

/// The logical id and the stage of the API that SAM makes for events that name none.
const IMPLICIT_API: &str = "ServerlessRestApi";
const IMPLICIT_STAGE: &str = "Prod";

/// Reads a template.
pub(crate) fn read(reading: &mut Reading<'_>, file: &Arc<PathBuf>, root: &Node) -> Option<Resources> {
    let mut scope = scope(reading, file);
    let template = template::read(reading, &mut scope, root)?;
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    declare(reading, &mut scope, &template, &stem);
    let layers = layer::read(reading, &scope, &template);
    let mut functions: Vec<Function> = Vec::new();
    let mut routes = Vec::new();
    for declared in template.of_type("AWS::Serverless::Function") {
        let function = function::read(reading, &scope, declared, &layers);
        check_name(reading, &functions, function.as_ref());
        functions.extend(function);
        routes.extend(event::read(reading, (&scope, &template), declared));
    }
    let rest_apis = read_apis(reading, (&scope, &template), routes, &stem);
    if reading.findings.errors() == 0 && functions.is_empty() && rest_apis.is_empty() {
        let message = "the template has nothing to serve";
        let help = "add a resource of type `AWS::Serverless::Function` or `AWS::Serverless::Api`";
        reading.findings.push(Diagnostic::error(&root.place(), message).help(help));
    }
    Some(Resources {
        owner: Owner::File(file.to_path_buf()),
        revision: reading.options.revision,
        account_id: scope.account_id,
        region: scope.region,
        rest_apis,
        functions,
        api_keys: Vec::new(),
        usage_plans: Vec::new(),
        domain_names: Vec::new(),
        files: reading.sources.files().map(Path::to_path_buf).collect(),
    })
}

fn scope(reading: &Reading<'_>, file: &Path) -> Scope {
    let folder = file.parent().unwrap_or_else(|| Path::new("")).to_path_buf();
    let absolute = std::path::absolute(&folder).unwrap_or_else(|_| folder.clone());
    let name = absolute.file_name().unwrap_or_default().to_string_lossy();
    // A stack name is letters, digits and hyphens.
    let name: String = name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
    // Many names are made of it, and a function's has 64 letters at most.
    let name: String = name.chars().take(32).collect();
    let stack_name = reading.options.stack_name.clone();
    Scope {
        region: reading.options.region.clone(),
        account_id: reading.options.account_id.clone(),
        stack_name: stack_name.unwrap_or_else(|| if name.is_empty() { "fanlight".to_owned() } else { name }),
        folder,
        ..Scope::default()
    }
}

/// Makes every resource known by its logical id, so that intrinsics may refer to it from anywhere.
fn declare(reading: &mut Reading<'_>, scope: &mut Scope, template: &Template, stem: &str) {
    let kind = |declared: &Declared| declared.kind.clone();
    for declared in &template.resources {
        let target = match declared.kind.as_str() {
            "AWS::Serverless::Function" => Target::Function { name: declared.logical_id.clone(), alias: None },
            "AWS::Serverless::Api" => Target::Api { id: identifier::rest_api(stem, &declared.logical_id), stage: None },
            "AWS::Serverless::LayerVersion" => Target::Layer { arn: layer::arn(scope, &declared.logical_id) },
            _ => Target::Unserved { kind: kind(declared) },
        };
        scope.targets.insert(declared.logical_id.clone(), target);
    }
    for (logical_id, condition) in &template.absent {
        scope.targets.insert(logical_id.clone(), Target::Absent { condition: condition.clone() });
    }
    let stage = reading.options.stage.clone().unwrap_or_else(|| IMPLICIT_STAGE.to_owned());
    let implicit = Target::Api { id: identifier::rest_api(stem, IMPLICIT_API), stage: Some(stage) };
    scope.targets.entry(IMPLICIT_API.to_owned()).or_insert(implicit);
    // Names and stages may be made of parameters, so they come second.
    for declared in template.of_type("AWS::Serverless::Function") {
        let name = function::name(reading, scope, declared).unwrap_or_else(|| declared.logical_id.clone());
        let alias = text_property(reading, scope, declared.properties.get("AutoPublishAlias"));
        scope.targets.insert(declared.logical_id.clone(), Target::Function { name, alias });
    }
    for declared in template.of_type("AWS::Serverless::Api") {
        let stage = api::stage_name(reading, scope, declared);
        let id = identifier::rest_api(stem, &declared.logical_id);
        scope.targets.insert(declared.logical_id.clone(), Target::Api { id, stage });
    }
}

fn check_name(reading: &mut Reading<'_>, functions: &[Function], function: Option<&Function>) {
    let Some(function) = function else { return };
    if let Some(other) = functions.iter().find(|other| other.name == function.name) {
        let message =
            format!("`{}` and `{}` are both called `{}`", other.logical_id, function.logical_id, function.name);
        reading.findings.error(&function.place, message);
    }
}

fn read_apis(
    reading: &mut Reading<'_>,
    (scope, template): (&Scope, &Template),
    routes: Vec<event::Route>,
    stem: &str,
) -> Vec<RestApi> {
    let mut rest_apis = Vec::new();
    let (implicit, explicit): (Vec<_>, Vec<_>) = routes.into_iter().partition(|route| route.api == IMPLICIT_API);
    for declared in template.of_type("AWS::Serverless::Api") {
        let own: Vec<event::Route> =
            explicit.iter().filter(|route| route.api == declared.logical_id).cloned().collect();
        rest_apis.extend(api::read(reading, scope, declared, own));
    }
    if !implicit.is_empty() {
        let id = identifier::rest_api(stem, IMPLICIT_API);
        rest_apis.extend(api::implicit(reading, (scope, template), implicit, &id));
    }
    rest_apis
}

/// A property's value with its intrinsics resolved, as text.
fn text_property(reading: &mut Reading<'_>, scope: &Scope, node: Option<&Node>) -> Option<String> {
    let resolved = crate::intrinsics::resolve(reading, scope, node?)?;
    shape::text(&mut reading.findings, &resolved)
}
