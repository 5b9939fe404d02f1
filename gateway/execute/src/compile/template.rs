//! Compiles mapping templates.

use crate::mapping_template::Templates;
use fanlight_definition::{Diagnostic, resources::TemplateText};
use fanlight_vtl::Template;
use indexmap::IndexMap;

/// All templates that parse; the others are diagnostics.
pub(super) fn all(texts: &IndexMap<String, TemplateText>, diagnostics: &mut Vec<Diagnostic>) -> Templates {
    let mut templates = Templates::new();
    for (media_type, text) in texts {
        match Template::parse(&text.text) {
            Ok(template) => {
                templates.insert(media_type.to_ascii_lowercase(), template);
            }
            Err(error) => diagnostics.push(diagnostic(text, &error)),
        }
    }
    templates
}

/// The fault's place is in the template; how the definition wraps the template is not known any more, so the finding
/// points at the template and tells the line inside it.
fn diagnostic(text: &TemplateText, error: &fanlight_vtl::Error) -> Diagnostic {
    let line = error.line();
    let shown = text.text.lines().nth(usize::try_from(line).unwrap_or_default().saturating_sub(1)).unwrap_or_default();
    let message = format!(
        "the mapping template does not parse: {} (line {line}, column {} of the template: `{}`)",
        error.message(),
        error.column(),
        shown.trim()
    );
    let diagnostic = Diagnostic::error(&text.place, message);
    match error.hint() {
        Some(hint) => diagnostic.help(hint),
        None => diagnostic,
    }
}
