//! CloudFormation templates, with and without SAM.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html>

mod api_key;
mod authorizer;
mod base_path_mapping;
mod constraint;
mod declare;
mod deployment;
pub(crate) mod domain_name;
pub(crate) mod draft;
mod export;
mod gateway_response;
mod integration;
pub(crate) mod lambda_function;
pub(crate) mod layer;
pub(crate) mod method;
mod method_setting;
mod model;
mod parameter;
mod request_validator;
mod resource;
mod resource_type;
pub(crate) mod rest_api;
mod rule;
pub(crate) mod sink;
pub(crate) mod stage;
mod template;
mod transform;
pub(crate) mod usage_plan;
mod usage_plan_key;

pub(crate) use stage::variables as stage_variables;
pub(crate) use template::{Declared, Template};

use crate::{
    Diagnostic, cdk,
    document::{Entry, Map, Node},
    http_api,
    intrinsics::Scope,
    read::Reading,
    resources::{ApiKey, DomainName, Function, HttpApi, Owner, Resources, RestApi, Sinks, UsagePlan},
    sam,
};
use draft::Draft;
use resource::Paths;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// What a template asks for, while it is collected.
#[derive(Debug, Default)]
pub(crate) struct Stack {
    pub(crate) functions: Vec<Function>,
    pub(crate) drafts: Vec<Draft>,
    pub(crate) api_keys: Vec<ApiKey>,
    pub(crate) usage_plans: Vec<UsagePlan>,
    pub(crate) domain_names: Vec<DomainName>,
    pub(crate) sinks: Sinks,
}

/// Reads a template.
pub(crate) fn read(reading: &mut Reading<'_>, file: &Arc<PathBuf>, root: &Node) -> Option<Resources> {
    let mut scope = scope(reading, file);
    scope.assets = cdk::assets_beside(reading, file);
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let resources = read_in(reading, scope, (file, &stem), root)?;
    check_serves(reading, root, &resources);
    Some(resources)
}

/// Says when there is nothing to serve.
pub(crate) fn check_serves(reading: &mut Reading<'_>, root: &Node, resources: &Resources) {
    if reading.findings.errors() == 0 && serves_nothing(resources) {
        let message = "the template has nothing to serve";
        let help = "add a resource of type `AWS::Serverless::Function`, `AWS::Serverless::Api`, \
                    `AWS::Serverless::HttpApi`, `AWS::Lambda::Function`, `AWS::ApiGateway::RestApi` or \
                    `AWS::ApiGatewayV2::Api`";
        reading.findings.push(Diagnostic::error(&root.place(), message).help(help));
    }
}

pub(crate) fn serves_nothing(resources: &Resources) -> bool {
    resources.functions.is_empty() && resources.rest_apis.is_empty() && resources.http_apis.is_empty()
}

/// Reads a template whose surroundings are known; `stem` keeps the ids of its resources apart from those of others.
pub(crate) fn read_in(
    reading: &mut Reading<'_>,
    mut scope: Scope,
    (file, stem): (&Path, &str),
    root: &Node,
) -> Option<Resources> {
    let template = template::read(reading, &mut scope, root)?;
    let paths = declare::all(reading, &mut scope, &template, stem);
    let mut stack = Stack::default();
    let layers = layer::read(reading, &scope, &template);
    sam::read(reading, (&scope, &template), (stem, &layers), &mut stack);
    for declared in template.of_type("AWS::Lambda::Function") {
        stack.functions.extend(lambda_function::read(reading, &scope, declared, &layers));
    }
    check_names(reading, &stack.functions);
    sink::read(reading, (&scope, &template), &stack.functions, &mut stack.sinks);
    for declared in template.of_type("AWS::ApiGateway::RestApi") {
        stack.drafts.extend(rest_api::read(reading, &scope, declared, stem));
    }
    read_parts(reading, (&scope, &template, &paths), &mut stack.drafts);
    let drafts = std::mem::take(&mut stack.drafts);
    let rest_apis: Vec<RestApi> = drafts.into_iter().filter_map(|draft| draft.finish(reading)).collect();
    let http_apis = http_api::read(reading, (&scope, &template), stem, &mut stack.domain_names);
    read_domains(reading, (&scope, &template), (&http_apis, &rest_apis), &mut stack.domain_names);
    read_plans(reading, (&scope, &template), (stem, &rest_apis), &mut stack);
    export::read(reading, &scope, root);
    Some(Resources {
        owner: Owner::File(file.to_path_buf()),
        revision: reading.options.revision,
        account_id: scope.account_id,
        region: scope.region,
        rest_apis,
        http_apis,
        functions: stack.functions,
        api_keys: stack.api_keys,
        usage_plans: stack.usage_plans,
        domain_names: stack.domain_names,
        sinks: stack.sinks,
        files: reading.sources.files().map(Path::to_path_buf).collect(),
    })
}

/// Reads the resources that belong to an API, each kind after those that it may refer to.
fn read_parts(reading: &mut Reading<'_>, (scope, template, paths): (&Scope, &Template, &Paths), drafts: &mut [Draft]) {
    for declared in template.of_type("AWS::ApiGateway::Resource") {
        resource::read(reading, scope, (declared, paths), drafts);
    }
    for declared in template.of_type("AWS::ApiGateway::Authorizer") {
        authorizer::read(reading, scope, declared, drafts);
    }
    for declared in template.of_type("AWS::ApiGateway::Model") {
        model::read(reading, scope, declared, drafts);
    }
    for declared in template.of_type("AWS::ApiGateway::RequestValidator") {
        request_validator::read(reading, scope, declared, drafts);
    }
    for declared in template.of_type("AWS::ApiGateway::Method") {
        method::read(reading, scope, (declared, paths), drafts);
    }
    for declared in template.of_type("AWS::ApiGateway::GatewayResponse") {
        gateway_response::read(reading, scope, declared, drafts);
    }
    for declared in template.of_type("AWS::ApiGateway::Stage") {
        stage::read(reading, scope, declared, drafts);
    }
    for declared in template.of_type("AWS::ApiGateway::Deployment") {
        deployment::read(reading, scope, declared, drafts);
    }
}

fn read_domains(
    reading: &mut Reading<'_>,
    (scope, template): (&Scope, &Template),
    (http_apis, rest_apis): (&[HttpApi], &[RestApi]),
    domains: &mut Vec<DomainName>,
) {
    for declared in template.of_type("AWS::ApiGateway::DomainName") {
        domain_name::read(reading, scope, declared, domains);
    }
    for declared in template.of_type("AWS::ApiGateway::BasePathMapping") {
        base_path_mapping::read(reading, scope, declared, (rest_apis, domains));
    }
    http_api::read_domains(reading, (scope, template), (http_apis, rest_apis), domains);
}

/// Reads the template's own keys and plans beside those that SAM made.
fn read_plans(
    reading: &mut Reading<'_>,
    (scope, template): (&Scope, &Template),
    (stem, rest_apis): (&str, &[RestApi]),
    stack: &mut Stack,
) {
    stack.api_keys.extend(api_key::read(reading, (scope, template), stem));
    // What is said about a plan's stages is only true when all APIs could be read.
    let sound = reading.findings.errors() == 0;
    for declared in template.of_type("AWS::ApiGateway::UsagePlan").filter(|_| sound) {
        let plan = usage_plan::read(reading, scope, declared, (stem, rest_apis));
        stack.usage_plans.push(plan);
    }
    for declared in template.of_type("AWS::ApiGateway::UsagePlanKey").filter(|_| sound) {
        usage_plan_key::read(reading, scope, declared, (&stack.api_keys, &mut stack.usage_plans));
    }
    usage_plan_key::check(reading, &stack.usage_plans);
}

/// A map with some of its keys under other names; the places stay.
fn renamed(map: &Map, names: &[(&str, &str)]) -> Map {
    let mut renamed = Map::default();
    for (key, name) in names {
        if let Some(entry) = map.entries.get(*key) {
            renamed.entries.insert((*name).to_owned(), Entry { key: entry.key, node: entry.node.clone() });
        }
    }
    renamed
}

/// What a template in a file may refer to by itself.
pub(crate) fn scope(reading: &Reading<'_>, file: &Path) -> Scope {
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

fn check_names(reading: &mut Reading<'_>, functions: &[Function]) {
    for (index, function) in functions.iter().enumerate() {
        let others = functions.get(..index).unwrap_or_default();
        if let Some(other) = others.iter().find(|other| other.name == function.name) {
            let message =
                format!("`{}` and `{}` are both called `{}`", other.logical_id, function.logical_id, function.name);
            reading.findings.error(&function.place, message);
        }
    }
}
