//! The output of a CDK app: the manifest of a `cdk.out`, the templates of its stacks, their assets.
//!
//! CDK: <https://docs.aws.amazon.com/cdk/v2/guide/deploy.html#deploy-how-synth>

mod assembly;
mod assets;
mod import;

pub(crate) use assets::beside as assets_beside;

use crate::{
    Diagnostic, Place, cloudformation,
    document::Node,
    intrinsics::Target,
    read::{Exports, Reading},
    resources::{Function, Owner, Resources, Sinks},
    spelling,
};
use assembly::Stack;
use std::{path::PathBuf, sync::Arc};

/// Reads all stacks of an app.
pub(crate) fn read(reading: &mut Reading<'_>, file: &Arc<PathBuf>, root: &Node) -> Option<Resources> {
    let stacks = assembly::stacks(reading, file, root);
    if stacks.is_empty() {
        if reading.findings.errors() == 0 {
            reading.findings.error(&root.place(), "the output of the app holds no stack");
        }
        return None;
    }
    let parameters: Vec<String> = stacks.iter().flat_map(|stack| assembly::parameters(&stack.root)).collect();
    check_parameters(reading, file, &parameters);
    // Which of them a template lacks has been said for all together.
    reading.parameters_elsewhere.extend(reading.options.parameter_overrides.keys().cloned());
    reading.exports = Exports { wanted: import::names(&stacks), values: indexmap::IndexMap::new() };
    let region = region(reading, &stacks);
    let mut all = Resources {
        owner: Owner::File(file.to_path_buf()),
        revision: reading.options.revision,
        account_id: reading.options.account_id.clone(),
        region,
        rest_apis: Vec::new(),
        http_apis: Vec::new(),
        functions: Vec::new(),
        api_keys: Vec::new(),
        usage_plans: Vec::new(),
        domain_names: Vec::new(),
        sinks: Sinks::default(),
        files: Vec::new(),
    };
    for stack in &stacks {
        let Some(read) = read_stack(reading, stack, (&all, stacks.len())) else { continue };
        check_names(reading, &all.functions, &read.functions);
        all.rest_apis.extend(read.rest_apis);
        all.http_apis.extend(read.http_apis);
        all.functions.extend(read.functions);
        all.api_keys.extend(read.api_keys);
        all.usage_plans.extend(read.usage_plans);
        all.domain_names.extend(read.domain_names);
        all.sinks.extend(read.sinks);
    }
    if reading.findings.errors() == 0 && cloudformation::serves_nothing(&all) {
        let help = "no stack has a function or an API";
        reading.findings.push(Diagnostic::error(&root.place(), "the app has nothing to serve").help(help));
    }
    all.files = reading.sources.files().map(PathBuf::from).collect();
    Some(all)
}

/// Reads a stack; `known` are the resources of those that it may depend on.
fn read_stack(reading: &mut Reading<'_>, stack: &Stack, (known, count): (&Resources, usize)) -> Option<Resources> {
    let mut scope = cloudformation::scope(reading, &stack.file);
    scope.region.clone_from(&known.region);
    scope.stack_name.clone_from(&stack.name);
    scope.assets.clone_from(&stack.assets);
    if count > 1 {
        // Stacks of one class have the same logical ids.
        scope.function_prefix = format!("{}-", stack.name);
    }
    for function in &known.functions {
        let target = Target::Function { name: function.name.clone(), alias: None };
        // No logical id has a slash.
        scope.targets.insert(format!("/{}", function.name), target);
    }
    // Two assemblies may have templates of one name; stacks have names of their own.
    cloudformation::read_in(reading, scope, (&stack.file, &stack.name), &stack.root)
}

/// The one region of all stacks: what somebody asked for, or what the app says.
fn region(reading: &mut Reading<'_>, stacks: &[Stack]) -> String {
    if let Some(region) = reading.options.opt.get("region") {
        return region.clone();
    }
    let mut named = stacks.iter().filter_map(|stack| Some((stack, stack.region.as_ref()?)));
    let Some((_, first)) = named.next() else { return reading.options.region.clone() };
    if let Some((stack, other)) = named.find(|(_, region)| *region != first) {
        let message = format!("the stack `{}` is of `{other}`, and is served as one of `{first}`", stack.name);
        reading.findings.warn(&stack.place, message);
    }
    first.clone()
}

fn check_parameters(reading: &mut Reading<'_>, file: &Arc<PathBuf>, parameters: &[String]) {
    for name in reading.options.parameter_overrides.keys().filter(|name| !parameters.contains(name)) {
        let message = format!("no stack has a parameter `{name}`");
        let mut unknown = Diagnostic::error(&Place::whole(file), message);
        unknown.help = spelling::suggestion(name, parameters.iter().map(String::as_str));
        reading.findings.push(unknown);
    }
}

/// Functions of several stacks have a name each.
fn check_names(reading: &mut Reading<'_>, known: &[Function], functions: &[Function]) {
    for function in functions {
        if known.iter().any(|other| other.name == function.name) {
            let message = format!("a function of another stack is called `{}` too", function.name);
            let help = "serve one stack: name its `.template.json`";
            reading.findings.push(Diagnostic::error(&function.place, message).help(help));
        }
    }
}
