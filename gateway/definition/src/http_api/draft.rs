//! An HTTP API while the parts of a definition that belong to it are collected.

use crate::{
    Diagnostic, Place,
    cloudformation::Declared,
    document::{Map, Node},
    read::Reading,
    resources::{Cors, HttpApi, HttpApiKind, HttpAuthorizer, HttpRoute, HttpStage, RouteKey},
    shape,
};

/// An API that is not complete yet.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) id: String,
    pub(super) logical_id: String,
    pub(super) name: String,
    pub(super) routes: Vec<HttpRoute>,
    pub(super) authorizers: Vec<HttpAuthorizer>,
    pub(super) cors: Option<Cors>,
    pub(super) disable_execute_api_endpoint: bool,
    /// Whether `Target` has made it, and so its stage.
    pub(super) is_quick: bool,
    pub(super) stages: Vec<HttpStage>,
    pub(super) place: Place,
}

impl Draft {
    /// An API without anything.
    pub(super) fn new(id: String, logical_id: &str, place: Place) -> Self {
        Self {
            id,
            logical_id: logical_id.to_owned(),
            name: logical_id.to_owned(),
            routes: Vec::new(),
            authorizers: Vec::new(),
            cors: None,
            disable_execute_api_endpoint: false,
            is_quick: false,
            stages: Vec::new(),
            place,
        }
    }

    /// Adds a route; one key, one route.
    pub(super) fn add_route(&mut self, reading: &mut Reading<'_>, route: HttpRoute) {
        if check_key(reading, &route).is_none() {
            return;
        }
        if let Some(first) = self.routes.iter().find(|other| same(&other.key, &route.key)) {
            let message = format!("`{}` is defined a second time", route.key);
            let help = format!("the first is in line {}", first.place.line);
            reading.findings.push(Diagnostic::error(&route.place, message).help(help));
            return;
        }
        self.routes.push(route);
    }

    /// Adds a stage; one name, one stage.
    pub(super) fn add_stage(&mut self, reading: &mut Reading<'_>, stage: HttpStage) {
        if self.stages.iter().any(|other| other.name == stage.name) {
            let message = format!("`{}` has a stage `{}` already", self.logical_id, stage.name);
            reading.findings.error(&stage.place, message);
            return;
        }
        self.stages.push(stage);
    }

    /// The complete API; `None` when there is nothing that AWS would serve.
    pub(super) fn finish(mut self, reading: &mut Reading<'_>) -> Option<HttpApi> {
        let sound = reading.findings.errors() == 0;
        if sound && self.routes.is_empty() {
            let message = format!("`{}` has no routes, so AWS answers everything with 404", self.logical_id);
            reading.findings.warn(&self.place, message);
            return None;
        }
        if self.is_quick && self.stages.iter().all(|stage| stage.name != HttpStage::DEFAULT) {
            let name = reading.options.stage.clone().unwrap_or_else(|| HttpStage::DEFAULT.to_owned());
            self.stages.push(HttpStage::new(name, self.place.clone()));
        }
        if sound && self.stages.is_empty() {
            let message = format!("`{}` has no stage, so AWS serves nothing of it", self.logical_id);
            let help = "add an `AWS::ApiGatewayV2::Stage` with `StageName: $default`";
            reading.findings.push(Diagnostic::warning(&self.place, message).help(help));
            return None;
        }
        // Requests that name no stage go to the first.
        self.stages.sort_by_key(|stage| stage.name != HttpStage::DEFAULT);
        Some(HttpApi {
            id: self.id,
            logical_id: self.logical_id,
            name: self.name,
            kind: HttpApiKind::Api,
            routes: self.routes,
            authorizers: self.authorizers,
            cors: self.cors,
            disable_execute_api_endpoint: self.disable_execute_api_endpoint,
            stages: self.stages,
            place: self.place,
        })
    }
}

/// The API that a resource's `ApiId` refers to.
pub(super) fn of<'a>(
    reading: &mut Reading<'_>,
    drafts: &'a mut [Draft],
    (declared, properties): (&Declared, &Map),
) -> Option<&'a mut Draft> {
    let node = declared.required(reading, properties, "ApiId")?;
    let id = shape::text(&mut reading.findings, node)?;
    match drafts.iter().position(|draft| draft.id == id) {
        Some(index) => drafts.get_mut(index),
        None => {
            no_api(reading, node, &id);
            None
        }
    }
}

/// Says that there is no such API; silent when it may be there and have a fault of its own.
pub(super) fn no_api(reading: &mut Reading<'_>, node: &Node, id: &str) {
    if reading.findings.errors() == 0 {
        let message = format!("`{}` is no HTTP API of this template", shape::brief(id));
        reading.findings.push(Diagnostic::error(&node.place(), message).help("write `!Ref` and its logical id"));
    }
}

/// Whether two keys answer the same requests: the names of variables make no difference.
fn same(one: &RouteKey, other: &RouteKey) -> bool {
    match (one, other) {
        (RouteKey::Default, RouteKey::Default) => true,
        (RouteKey::Path { http_method, path }, RouteKey::Path { http_method: verb, path: template }) => {
            http_method == verb && anonymous(path) == anonymous(template)
        }
        (RouteKey::Default, RouteKey::Path { .. }) | (RouteKey::Path { .. }, RouteKey::Default) => false,
    }
}

fn anonymous(path: &str) -> String {
    let part = |part: &str| match (part.strip_prefix('{'), part.ends_with("+}")) {
        (Some(_), true) => "{+}".to_owned(),
        (Some(_), false) => "{}".to_owned(),
        (None, _) => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// A route whose path AWS would refuse is not served.
fn check_key(reading: &mut Reading<'_>, route: &HttpRoute) -> Option<()> {
    let Some(path) = route.key.path() else { return Some(()) };
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let last = parts.len().saturating_sub(1);
    for (index, part) in parts.iter().enumerate() {
        let variable = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let fault = match variable {
            None if part.contains(['{', '}']) => Some("a variable stands between slashes by itself"),
            None => None,
            Some(name) if name.ends_with('+') && index != last => Some("a greedy variable stands at the end"),
            Some(name) => {
                let name = name.strip_suffix('+').unwrap_or(name);
                let letters = |letter: char| letter.is_ascii_alphanumeric() || "._-:".contains(letter);
                (name.is_empty() || !name.chars().all(letters)).then_some("it is no name of a variable")
            }
        };
        if let Some(fault) = fault {
            let message = format!("`{}` of `{path}`: {fault}", shape::brief(part));
            reading.findings.error(&route.place, message);
            return None;
        }
    }
    Some(())
}
