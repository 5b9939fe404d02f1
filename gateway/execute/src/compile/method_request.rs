//! Compiles what a method checks of a request.

use super::{mapping, model::Models};
use crate::method_request::{Location, MethodRequest, RequiredParameter};
use fanlight_definition::{Diagnostic, resources::Method};

pub(super) fn compile(method: &Method, models: &Models, diagnostics: &mut Vec<Diagnostic>) -> MethodRequest {
    let mut compiled = MethodRequest::default();
    let mut required = Vec::new();
    for (key, is_required) in &method.request_parameters {
        match parameter(key) {
            Ok(parameter) if *is_required => required.push((key, parameter)),
            Ok(_) => {}
            Err(message) => diagnostics.push(Diagnostic::error(&method.place, message)),
        }
    }
    if method.request_validation.parameters {
        required.sort_by_key(|(key, _)| *key);
        compiled.required = required.into_iter().map(|(_, parameter)| parameter).collect();
    }
    for (media_type, name) in &method.request_models {
        let Some(model) = models.get(name) else {
            let message = format!("there is no model `{name}`");
            diagnostics.push(Diagnostic::error(&method.place, message));
            continue;
        };
        let Some(model) = model.filter(|_| method.request_validation.body) else { continue };
        if media_type == "$default" {
            compiled.default_model = Some(model);
        } else {
            compiled.models.push((media_type.to_ascii_lowercase(), model));
        }
    }
    compiled
}

fn parameter(key: &str) -> Result<RequiredParameter, String> {
    let named = key.strip_prefix("method.request.").and_then(|rest| rest.split_once('.'));
    let (location, name) = match named {
        Some(("header", name)) => (Location::Header(mapping::header(name)?), name),
        Some(("path", name)) => (Location::Path, name),
        Some(("querystring", name)) => (Location::Query, name),
        Some(_) | None => {
            return Err(format!(
                "`{key}` is no request parameter; write `method.request.header.X`, `.querystring.X` or `.path.X`"
            ));
        }
    };
    Ok(RequiredParameter { name: name.to_owned(), location })
}
