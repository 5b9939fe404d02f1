//! Compiles customised gateway responses.

use super::mapping;
use crate::{
    gateway_response::{
        customisation::{Customisation, GatewayResponses, HeaderSource},
        substitution::{Template, Variable},
    },
    integration,
};
use fanlight_definition::{
    Diagnostic,
    resources::{GatewayResponse, GatewayResponseType, TemplateText},
};
use http::{HeaderName, HeaderValue};

/// The connection and the framing of a response are the host's own.
const NOT_OURS_TO_GIVE: [&str; 7] =
    ["connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

pub(super) fn all(definitions: &[GatewayResponse], diagnostics: &mut Vec<Diagnostic>) -> GatewayResponses {
    let mut compiled = GatewayResponses::default();
    for definition in definitions {
        if definition.response_type == GatewayResponseType::RequestTooLarge {
            let message = "AWS does not apply a customised `REQUEST_TOO_LARGE`";
            diagnostics.push(Diagnostic::warning(&definition.place, message));
        }
        compiled.0.insert(definition.response_type, one(definition, diagnostics));
    }
    compiled
}

fn one(definition: &GatewayResponse, diagnostics: &mut Vec<Diagnostic>) -> Customisation {
    let status = definition.status_code.and_then(|code| {
        let status = integration::status(code);
        if status.is_none() {
            let message = format!("{code} is no status of a response");
            diagnostics.push(Diagnostic::error(&definition.place, message));
        }
        status
    });
    let mut headers = Vec::new();
    for (target, expression) in &definition.response_parameters {
        match target.strip_prefix("gatewayresponse.").and_then(|target| target.split_once('.')) {
            Some(("header", name)) => match header(name, &expression.text) {
                Ok(header) => headers.push(header),
                Err(message) => diagnostics.push(Diagnostic::error(&expression.place, message)),
            },
            Some(("path" | "querystring", _)) => {
                let message = format!("`{target}` has no effect: a response has headers only");
                diagnostics.push(Diagnostic::warning(&expression.place, message));
            }
            Some(_) | None => {
                let message = format!("`{target}` is no mapping target; write `gatewayresponse.header.X`");
                diagnostics.push(Diagnostic::error(&expression.place, message));
            }
        }
    }
    let templates = definition.response_templates.iter();
    let templates = templates.map(|(media_type, text)| (media_type.to_ascii_lowercase(), template(text, diagnostics)));
    Customisation { status, headers, templates: templates.collect() }
}

fn header(name: &str, expression: &str) -> Result<(HeaderName, HeaderSource), String> {
    let name = mapping::header(name)?;
    if NOT_OURS_TO_GIVE.contains(&name.as_str()) {
        return Err(format!("the header `{name}` belongs to the connection and cannot be set"));
    }
    if let Some(text) = expression.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        let value = HeaderValue::from_bytes(text.as_bytes()).map_err(|_| format!("`{text}` is no header value"))?;
        return Ok((name, HeaderSource::Literal(value)));
    }
    match Variable::parse(expression) {
        Variable::Unknown => Err(format!(
            "`{expression}` is no mapping expression of a gateway response; write `'text'`, `method.request.header.X`, \
             `.querystring.X`, `.path.X`, `stageVariables.X` or `context.X`"
        )),
        variable => Ok((name, HeaderSource::Variable(variable))),
    }
}

fn template(text: &TemplateText, diagnostics: &mut Vec<Diagnostic>) -> Template {
    let template = Template::parse(&text.text);
    if template.has_unknown() {
        let message = "a variable of the template has no value";
        let help = "gateway responses are no mapping templates: they know `$context.X`, `$stageVariables.X`, \
                    `$method.request.header.X`, `.querystring.X` and `.path.X`";
        diagnostics.push(Diagnostic::warning(&text.place, message).help(help));
    }
    template
}
