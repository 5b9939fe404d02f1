//! Compiles resource policies. What of them is not supported keeps the API from being served.

use crate::policy::{self, Policy};
use fanlight_definition::{
    Diagnostic, Resources,
    resources::{RestApi, TemplateText},
};

pub(super) fn compile(api: &RestApi, resources: &Resources, diagnostics: &mut Vec<Diagnostic>) -> Option<Policy> {
    let definition = api.policy.as_ref()?;
    let Resources { region, account_id, .. } = resources;
    let prefix = format!("arn:aws:execute-api:{region}:{account_id}:{}", api.id);
    match read(definition, &prefix) {
        Ok(parsed) => {
            let error = |reason| {
                Diagnostic::error(&definition.place, format!("the resource policy cannot be served: {reason}"))
            };
            diagnostics.extend(parsed.unsupported.into_iter().map(error));
            Some(parsed.policy)
        }
        Err(reason) => {
            let message = format!("this is no resource policy: {reason}");
            diagnostics.push(Diagnostic::error(&definition.place, message));
            None
        }
    }
}

fn read(definition: &TemplateText, prefix: &str) -> Result<policy::Parsed, String> {
    let document: serde_json::Value = serde_json::from_str(&definition.text).map_err(|error| error.to_string())?;
    policy::parse(&document, policy::Kind::Resource(prefix))
}
