//! `serverless.yml`: a service becomes the template that Serverless would deploy, and that is read as any other.
//!
//! Serverless: <https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml>

mod authorizer;
mod cors;
mod dotenv;
mod event;
mod function;
mod keys;
mod layer;
mod make;
mod method;
mod naming;
mod plugin;
mod request;
mod resources;
mod response;
mod rest_api;
mod service;
mod source;
mod template;
mod usage_plan;
mod variable;
mod variables;

use crate::{
    Diagnostic, cloudformation,
    document::{Entry, Map, Node, Value},
    intrinsics::Scope,
    read::Reading,
    resources::Resources,
};
use dotenv::Environment;
use service::Service;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use variables::Variables;

/// Reads a service.
pub(crate) fn read(reading: &mut Reading<'_>, file: &Arc<PathBuf>, root: Node) -> Option<Resources> {
    let place = root.place();
    let at = root.with(Value::Null);
    let folder = file.parent().unwrap_or_else(|| Path::new("")).to_path_buf();
    let own = &reading.options.environment.0;
    let environment = Environment::of_process(own.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let mut variables = Variables::new(root, folder, environment);
    add_dotenv(reading, &mut variables);
    let service = service::read(reading, &mut variables)?;
    plugin::check(reading, service.keys.get("plugins"));
    let declared = function::declared(reading, &mut variables);
    let mut made = Map::default();
    layer::read(reading, &mut variables, &mut made);
    let mut events = Vec::new();
    for one in &declared {
        function::read(reading, (&mut variables, &service), one, &mut made);
        events.extend(event::read(reading, &mut variables, (one, &declared)));
    }
    if let Some(first) = declared.first() {
        let role = make::resource(&first.entry.node.with(Value::Null), "AWS::IAM::Role", []);
        made.entries.insert(naming::ROLE.to_owned(), Entry { key: first.entry.key, node: role });
    }
    if let Some(api) = rest_api::read(reading, &service, &events, &mut made) {
        usage_plan::read(reading, (&service, &api), &mut made);
    }
    let template = resources::merge(reading, (&mut variables, &service), made, &at);
    let resources = template.as_map().and_then(|map| map.get("Resources")).and_then(Node::as_map);
    if resources.is_none_or(|resources| resources.entries.is_empty()) {
        let message = "the service has nothing to serve";
        let help = "add a function with an `http` event";
        reading.findings.push(Diagnostic::error(&place, message).help(help));
        return None;
    }
    let scope = scope(reading, &service, file);
    let resources = cloudformation::read_in(reading, scope, (file, "serverless"), &template)?;
    cloudformation::check_serves(reading, &template, &resources);
    Some(resources)
}

/// What the service's resources may refer to by themselves.
fn scope(reading: &Reading<'_>, service: &Service, file: &Path) -> Scope {
    let mut scope = cloudformation::scope(reading, file);
    scope.region.clone_from(&service.region);
    if reading.options.stack_name.is_none() {
        let own = service.provider.get("stackName").and_then(Node::as_text);
        scope.stack_name = own.map_or_else(|| format!("{}-{}", service.name, service.stage), ToOwned::to_owned);
    }
    scope
}

/// The third version reads `.env` when it is asked to, the fourth always.
fn add_dotenv(reading: &mut Reading<'_>, variables: &mut Variables) {
    let root = Arc::clone(&variables.root);
    let get = |key: &str| root.as_map().and_then(|map| map.get(key));
    let asked = get("useDotenv").and_then(Node::as_boolean).unwrap_or(false);
    let version = get("frameworkVersion").or_else(|| get("frameWorkVersion")).and_then(Node::as_text);
    let digit = version.and_then(|version| version.chars().find(char::is_ascii_digit));
    let old = matches!(digit, Some('0'..='3'));
    let plugin = get("plugins").and_then(Node::as_list).unwrap_or_default();
    let plugin = plugin.iter().any(|item| item.as_text() == Some("serverless-dotenv-plugin"));
    if old && !asked && !plugin {
        return;
    }
    let folder = variables.folder.clone();
    // The stage may be in the environment itself: then only the file of all stages is read.
    let mut files = Vec::new();
    if let Some(stage) = plain_stage(reading, &root) {
        files.push(folder.join(format!(".env.{stage}")));
    }
    files.push(folder.join(".env"));
    variables.environment.add_files(&mut reading.sources, &mut reading.findings, &files);
}

/// The stage, as far as no variable is needed to know it.
fn plain_stage(reading: &Reading<'_>, root: &Node) -> Option<String> {
    if let Some(stage) = &reading.options.stage {
        return Some(stage.clone());
    }
    let provider = root.as_map().and_then(|map| map.get("provider")).and_then(Node::as_map);
    let stage = provider.and_then(|provider| provider.get("stage")).and_then(Node::as_text);
    let stage = stage.unwrap_or("dev");
    (!variable::may_hold(stage)).then(|| stage.to_owned())
}
