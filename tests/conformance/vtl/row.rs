//! One row of a case file, and a render with what it gives.

use fanlight_vtl::{Error, Inputs, Overrides, Parameters, Template};
use serde_json::{Value as Json, json};

/// A row.
#[derive(Debug)]
pub(crate) struct Row(pub(crate) Json);

/// What a render gives.
pub(crate) type Output = Result<String, Error>;

impl Row {
    /// What the row calls itself.
    pub(crate) fn name(&self) -> Option<&str> {
        self.text("name")
    }

    /// A member that is a string.
    pub(crate) fn text(&self, member: &str) -> Option<&str> {
        self.0.get(member).and_then(Json::as_str)
    }

    /// A member, or null.
    pub(crate) fn member(&self, member: &str) -> &Json {
        self.0.get(member).unwrap_or(&Json::Null)
    }

    /// The members of an object, or none.
    pub(crate) fn entries(&self, member: &str) -> impl Iterator<Item = (&str, &Json)> {
        self.member(member).as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
    }

    /// The row's template, or both of them.
    pub(crate) fn templates(&self) -> Json {
        match self.text("template") {
            Some(template) => Json::from(template),
            None => json!([self.member("request_template"), self.member("response_template")]),
        }
    }

    /// Renders a template with the row's parameters, context and stage variables.
    pub(crate) fn render(&self, template: &str, body: &str, overrides: &mut Overrides) -> Output {
        let template = Template::parse(template)?;
        let nothing = json!({});
        let context = Some(self.member("context")).filter(|context| context.is_object()).unwrap_or(&nothing);
        let place = |name: &str| texts(self.member("params").get(name).unwrap_or(&Json::Null));
        let parameters = Parameters { path: place("path"), querystring: place("querystring"), header: place("header") };
        let stage_variables = texts(self.member("stageVariables"));
        Inputs { body, parameters: &parameters, context, stage_variables: &stage_variables }
            .render(&template, overrides)
    }
}

fn texts(object: &Json) -> Vec<(String, String)> {
    let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    object.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect()
}

/// An output as it is printed beside what was expected.
pub(crate) fn describe(output: &Output) -> String {
    match output {
        Ok(text) => Json::from(text.as_str()).to_string(),
        Err(error) => format!("a failure: {error}"),
    }
}
