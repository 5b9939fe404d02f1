//! CloudFormation templates, with and without SAM.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html>

mod api_key;
mod declare;
mod parameter;
mod resource_type;
mod template;
pub(crate) mod usage_plan;
mod usage_plan_key;

pub(crate) use template::{Declared, Template};

use crate::{
    Diagnostic,
    document::Node,
    intrinsics::Scope,
    read::Reading,
    resources::{Function, Owner, Resources},
    sam,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Reads a template.
pub(crate) fn read(reading: &mut Reading<'_>, file: &Arc<PathBuf>, root: &Node) -> Option<Resources> {
    let mut scope = scope(reading, file);
    let template = template::read(reading, &mut scope, root)?;
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    declare::all(reading, &mut scope, &template, &stem);
    let mut served = sam::read(reading, (&scope, &template), &stem);
    check_names(reading, &served.functions);
    read_plans(reading, (&scope, &template), &stem, &mut served);
    let sam::Served { functions, rest_apis, api_keys, usage_plans } = served;
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
        api_keys,
        usage_plans,
        domain_names: Vec::new(),
        files: reading.sources.files().map(Path::to_path_buf).collect(),
    })
}

/// Reads the template's own keys and plans beside those that SAM made.
fn read_plans(reading: &mut Reading<'_>, (scope, template): (&Scope, &Template), stem: &str, served: &mut sam::Served) {
    served.api_keys.extend(api_key::read(reading, (scope, template), stem));
    // What is said about a plan's stages is only true when all APIs could be read.
    let sound = reading.findings.errors() == 0;
    for declared in template.of_type("AWS::ApiGateway::UsagePlan").filter(|_| sound) {
        let plan = usage_plan::read(reading, scope, declared, (stem, &served.rest_apis));
        served.usage_plans.push(plan);
    }
    for declared in template.of_type("AWS::ApiGateway::UsagePlanKey").filter(|_| sound) {
        usage_plan_key::read(reading, scope, declared, (&served.api_keys, &mut served.usage_plans));
    }
    usage_plan_key::check(reading, &served.usage_plans);
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
