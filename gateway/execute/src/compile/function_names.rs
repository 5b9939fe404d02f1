//! Functions that a stage variable names: whether there are such functions is known when the stages are.

use crate::integration::function_name::FunctionName;
use fanlight_definition::{
    Diagnostic, Resources,
    resources::{IntegrationKind, RestApi},
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
            let found = name.of(&stage.variables);
            if !resources.functions.iter().any(|function| function.name == found) {
                let message =
                    format!("on the stage `{}` no function is called `{found}`: calls answer 500", stage.name);
                diagnostics.push(Diagnostic::warning(&method.integration.place, message));
            }
        }
    }
}
