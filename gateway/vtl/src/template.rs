//! A template: parsed once, rendered by many threads.

use crate::error::Error;
use crate::limits::Limits;
use crate::needs::Needs;
use crate::parser;
use crate::program::{Node, Program};
use crate::render::{Machine, RenderedReference};
use crate::scope::Scope;
use std::sync::Arc;

/// A parsed template. Cloning shares it.
///
/// ```
/// use fanlight_vtl::{Scope, Template};
///
/// let template = Template::parse("#foreach($i in [1..3])$i#if($foreach.hasNext), #end#end").unwrap();
/// assert_eq!(template.render(Scope::new()).unwrap(), "1, 2, 3");
/// ```
#[derive(Debug, Clone)]
pub struct Template(Arc<Program>);

const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<Template>();
};

/// A render with what each reference became.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Explanation {
    /// The output, or why there is none.
    pub output: Result<String, Error>,
    /// The references in the order in which they were rendered, up to the failure if there is one.
    pub references: Vec<RenderedReference>,
}

impl Template {
    /// Reads a template. Everything that makes Velocity refuse it is found here.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn parse(source: &str) -> Result<Self, Error> {
        Self::parse_within(&Limits::default(), source)
    }

    /// Reads a template within other limits than the default ones.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn parse_within(limits: &Limits, source: &str) -> Result<Self, Error> {
        parser::parse(source, limits).map(|program| Self(Arc::new(program)))
    }

    /// Renders the template.
    ///
    /// # Errors
    /// What a method refused, or the budget that was exceeded.
    pub fn render<'a>(&'a self, scope: Scope<'a>) -> Result<String, Error> {
        self.render_within(&Limits::default(), scope)
    }

    /// Renders the template within other limits than the default ones.
    ///
    /// # Errors
    /// What a method refused, or the budget that was exceeded.
    pub fn render_within<'a>(&'a self, limits: &Limits, scope: Scope<'a>) -> Result<String, Error> {
        self.machine(limits).render(scope)
    }

    /// Renders the template and tells what each reference printed.
    ///
    /// ```
    /// use fanlight_vtl::{Scope, Template};
    ///
    /// let template = Template::parse("$known and $unknown").unwrap();
    /// let mut scope = Scope::new();
    /// scope.set("known", "text");
    /// let explanation = template.explain(scope);
    /// let told: Vec<_> = explanation.references.iter().map(|r| (r.reference.as_str(), r.value.as_str())).collect();
    /// assert_eq!(told, [("$known", "text"), ("$unknown", "")]);
    /// ```
    pub fn explain<'a>(&'a self, scope: Scope<'a>) -> Explanation {
        let mut machine = self.machine(&Limits::default());
        machine.explain();
        let output = machine.render(scope);
        Explanation { output, references: machine.take_explained() }
    }

    pub(crate) fn machine(&self, limits: &Limits) -> Machine<'_> {
        Machine::new(&self.0, limits)
    }

    /// What the template takes of API Gateway's objects.
    pub fn needs(&self) -> &Needs {
        &self.0.needs
    }

    /// The text that was parsed.
    pub fn source(&self) -> &str {
        self.0.source()
    }

    /// Whether every render gives the text itself.
    ///
    /// ```
    /// use fanlight_vtl::Template;
    ///
    /// assert!(Template::parse("{\"statusCode\": 200}").unwrap().is_literal());
    /// assert!(!Template::parse("{\"statusCode\": $code}").unwrap().is_literal());
    /// ```
    pub fn is_literal(&self) -> bool {
        let program = &*self.0;
        let left = program.nodes.iter().try_fold(program.source(), |left, node| match node {
            Node::Text(piece) => left.strip_prefix(program.text(*piece)),
            Node::Reference(_)
            | Node::Prefixed(_)
            | Node::Set(_)
            | Node::If(_)
            | Node::Foreach(_)
            | Node::Define(_)
            | Node::Break(_)
            | Node::Stop
            | Node::Fail(_) => None,
        });
        left == Some("")
    }
}

/// Whether a text is a template that gives itself: it has neither references nor directives.
///
/// ```
/// assert!(fanlight_vtl::is_literal("{\"price\": \"5 $\"}"));
/// assert!(!fanlight_vtl::is_literal("$input.body"));
/// ```
pub fn is_literal(source: &str) -> bool {
    !source.contains(['$', '#', '\\']) || Template::parse(source).is_ok_and(|template| template.is_literal())
}
