//! Functions that a stage variable names: whether there are such functions is known when the stages are.

use crate::integration::function_name::FunctionName;
use fanlight_definition::{
    Diagnostic, Resources,
    resources::{IntegrationKind, RestApi, Stage},
};

/// Warns of a stage whose variables name no function: as on AWS, calls on it are answered with 500.
pub(super) fn check(api: &RestApi, resources: &Resources, diagnostics: &mut Vec<Diagnostic>) {
    for method in api.resources.iter().flat_map(|resource| &resource.methods) {
        let (IntegrationKind::LambdaProxy { function, .. } | IntegrationKind::Lambda { function, .. }) =
            &method.integration.kind
        else {
            continue;
        };
        let name = FunctionName::new(function);
        for stage in api.stages.iter().filter(|_| name.is_chosen_by_stage()) {
            if let Some(wrong) = wrong(&name, stage, resources) {
                let message = format!("{wrong}: calls answer 500");
                diagnostics.push(Diagnostic::warning(&method.integration.place, message));
            }
        }
    }
}

fn wrong(name: &FunctionName, stage: &Stage, resources: &Resources) -> Option<String> {
    if let Some(variable) = name.missing(&stage.variables) {
        return Some(format!("the stage `{}` has no variable `{variable}`, which names the function", stage.name));
    }
    let found = name.of(&stage.variables);
    let exists = resources.functions.iter().any(|function| function.name == found);
    (!exists).then(|| format!("on the stage `{}` no function is called `{found}`", stage.name))
}
