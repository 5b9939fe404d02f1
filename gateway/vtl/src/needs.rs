//! What a template takes of the objects that API Gateway gives it: nothing else has to be made for its renders.

/// What a template names of `$context`, `$input` and `$stageVariables`.
///
/// ```
/// use fanlight_vtl::Template;
///
/// let template = Template::parse("$context.identity.sourceIp $input.json('$.name')").unwrap();
/// let needs = template.needs();
/// assert!(needs.context("identity") && !needs.context("requestId"));
/// assert!(!needs.parameters() && !needs.stage_variables() && !needs.overrides());
///
/// // Whatever it does with the map, all of it may show.
/// assert!(Template::parse("$context.keySet()").unwrap().needs().context("requestId"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    whole_context: bool,
    context: Vec<Box<str>>,
    parameters: bool,
    stage_variables: bool,
}

/// How a reference goes on behind its variable.
#[derive(Debug, Clone, Copy)]
pub(crate) enum First<'a> {
    Property(&'a str),
    Method(&'a str),
    /// It does not, or with something that is known only when it is rendered.
    Unknown,
}

impl Needs {
    /// Whether it may see this member of `$context`.
    pub fn context(&self, name: &str) -> bool {
        self.whole_context || self.context.iter().any(|known| **known == *name)
    }

    /// Whether it may see or write overrides.
    pub fn overrides(&self) -> bool {
        self.context("requestOverride") || self.context("responseOverride")
    }

    /// Whether it may see the request's parameters.
    pub fn parameters(&self) -> bool {
        self.parameters
    }

    /// Whether it may see stage variables.
    pub fn stage_variables(&self) -> bool {
        self.stage_variables
    }

    pub(crate) fn note(&mut self, variable: &str, first: First<'_>) {
        match (variable, first) {
            // `empty` is a question about the map.
            ("context", First::Property("empty") | First::Method(_) | First::Unknown) => self.whole_context = true,
            ("context", First::Property(name)) if !self.context(name) => self.context.push(name.into()),
            ("input", First::Property("body") | First::Method("json" | "path")) => {}
            ("input", First::Property(_) | First::Method(_) | First::Unknown) => self.parameters = true,
            ("stageVariables", First::Property(_) | First::Method(_) | First::Unknown) => self.stage_variables = true,
            (_, First::Property(_) | First::Method(_) | First::Unknown) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Inputs, Overrides, Parameters, Template};

    /// However a member is reached, it is noted, or all of them are.
    #[test]
    fn what_is_reached_is_noted() {
        let reaching = [
            "$context.stage",
            "$!{context.stage}",
            "$context['stage']",
            "$context.get('stage')",
            "#set($c = $context)$c.stage",
            "#set($t = \"$context.stage\")$t",
            "#foreach($v in $context.values())$v#end",
            "#if($context.stage == 'prod')prod#end",
            "#define($d)$context.stage#end$d",
            "$util.escapeJavaScript($context.stage)",
            "#foreach($i in [1..$context.stage.length()])$context.stage.charAt(0)#break#end",
            "$context.empty",
        ];
        for source in reaching {
            assert!(Template::parse(source).unwrap().needs().context("stage"), "{source}");
        }
    }

    /// A template that names no overrides leaves those that are there.
    #[test]
    fn overrides_stay_when_nobody_names_them() {
        let mut overrides = Overrides::default();
        let (parameters, context) = (Parameters::default(), serde_json::json!({"stage": "prod"}));
        let inputs = Inputs { body: "", parameters: &parameters, context: &context, stage_variables: &[] };
        let mut render = |source| inputs.render(&Template::parse(source).unwrap(), &mut overrides).unwrap();
        render("#set($context.responseOverride.status = 201)");
        assert_eq!(render("$context.stage"), "prod");
        assert_eq!(render("$context.responseOverride.status"), "201");
    }
}
