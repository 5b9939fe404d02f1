//! The objects that API Gateway gives a mapping template: `$input`, `$util`, `$context` and
//! `$stageVariables`, made of plain data.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>

mod context;
mod input;
mod util;
mod util_text;

pub use context::Overrides;
pub use input::{Input, Parameters};
pub use util::Util;

use crate::error::{Error, Span};
use crate::limits::Limits;
use crate::scope::Scope;
use crate::template::{Explanation, Template};
use serde_json::Value as Json;

/// What one render sees.
///
/// ```
/// use fanlight_vtl::{Inputs, Overrides, Parameters, Template};
///
/// let parameters = Parameters { path: vec![("id".into(), "7".into())], ..Parameters::default() };
/// let context = serde_json::json!({"stage": "prod"});
/// let inputs = Inputs {
///     body: r#"{"name": "Ann"}"#,
///     parameters: &parameters,
///     context: &context,
///     stage_variables: &[],
/// };
/// let template = Template::parse(concat!(
///     "#set($context.responseOverride.status = 201)",
///     "$context.stage/$input.params('id'): $input.path('$.name')",
/// ))
/// .unwrap();
/// let mut overrides = Overrides::default();
/// assert_eq!(inputs.render(&template, &mut overrides).unwrap(), "prod/7: Ann");
/// assert_eq!(overrides.response["status"], 201);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The body as text; an empty one is `{}` to templates.
    pub body: &'a str,
    /// Parameters of the request, for response templates as well.
    pub parameters: &'a Parameters,
    /// The members of `$context`, without overrides.
    pub context: &'a Json,
    /// The members of `$stageVariables`.
    pub stage_variables: &'a [(String, String)],
}

impl<'a> Inputs<'a> {
    fn scope(self, template: &Template, overrides: &'a Overrides) -> Scope<'a> {
        let mut scope = Scope { bindings: Vec::with_capacity(4) };
        scope.object("input", Input::new(self.body, self.parameters));
        scope.object("util", Util);
        if template.needs().overrides() {
            scope.context("context", self.context, overrides);
        } else {
            scope.context_alone("context", self.context);
        }
        scope.texts("stageVariables", self.stage_variables);
        scope
    }

    /// Renders a template. The overrides are what earlier templates of the exchange left, and
    /// afterwards what this one leaves.
    ///
    /// # Errors
    /// As [`Template::render`]; the overrides stay as they were.
    pub fn render(self, template: &Template, overrides: &mut Overrides) -> Result<String, Error> {
        self.render_within(&Limits::default(), template, overrides)
    }

    /// Renders a template within other limits than the default ones.
    ///
    /// # Errors
    /// As [`Template::render`]; the overrides stay as they were.
    pub fn render_within(
        self,
        limits: &Limits,
        template: &Template,
        overrides: &mut Overrides,
    ) -> Result<String, Error> {
        let mut machine = template.machine(limits);
        let output = machine.render(self.scope(template, overrides))?;
        if let Some(left) =
            machine.overrides().transpose().map_err(|failure| failure.at(Span::default(), template.source()))?
        {
            drop(machine);
            *overrides = left;
        }
        Ok(output)
    }

    /// Renders a template and tells what each reference printed. The overrides are not kept.
    pub fn explain(self, template: &Template, overrides: &Overrides) -> Explanation {
        template.explain(self.scope(template, overrides))
    }
}
