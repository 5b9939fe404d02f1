//! Finds the route of an HTTP API: one that matches path and verb in full, then the longest greedy one, then `$default`.
//!
//! Slashes at the end count here: `/pets/` is no `/pets`, but `/pets/{proxy+}` with nothing in its variable.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>

use super::{authorize::Authorization, integration::Integration, path};
use crate::{
    exchange::Exchange,
    route::{PathParameter, Router, parameters},
};
use fanlight_definition::resources::HttpMethod;
use std::{borrow::Cow, sync::Arc};

/// A compiled route.
#[derive(Debug)]
pub struct Route {
    /// Its place among the routes of the API, and in what a stage keeps of each.
    pub number: usize,
    /// `GET /pets/{id}` or `$default`.
    pub key: Arc<str>,
    /// The path template, or `$default`.
    pub resource_path: Arc<str>,
    /// Where its path parameters stand.
    pub path_parameters: Vec<PathParameter>,
    /// Who may call.
    pub authorization: Authorization,
    /// What answers.
    pub integration: Integration,
}

/// The routes of an API.
#[derive(Debug, Default)]
pub struct Routes {
    all: Vec<Route>,
    full: Router,
    greedy: Router,
    default: Option<usize>,
}

impl Routes {
    /// Enters a route by its verb and path; `None` is `$default`.
    pub fn insert(&mut self, key: Option<(HttpMethod, &str)>, route: Route) {
        let number = self.all.len();
        match key {
            None => self.default = Some(number),
            Some((verb, path)) if path.ends_with("+}") => self.greedy.insert(path, verb, number),
            Some((verb, path)) => self.full.insert(path, verb, number),
        }
        self.all.push(route);
    }

    /// The route of a request.
    #[must_use]
    pub fn find(&self, exchange: &Exchange) -> Option<&Route> {
        let verb = HttpMethod::parse(exchange.request.method.as_str())
            .filter(|verb| *verb != HttpMethod::Any && verb.as_str() == exchange.request.method.as_str());
        let path = exchange.path();
        let by_path = verb.and_then(|verb| self.by_path(path, verb));
        self.all.get(by_path.or(self.default)?)
    }

    /// Whether any route, whatever its verb, is there for a path.
    #[must_use]
    pub fn knows(&self, path: &str) -> bool {
        self.default.is_some() || HttpMethod::ALL.into_iter().any(|verb| self.by_path(path, verb).is_some())
    }

    fn by_path(&self, path: &str, verb: HttpMethod) -> Option<usize> {
        if path.ends_with('/') {
            let full = (path.trim_matches('/').is_empty()).then(|| self.full.find(path, verb)).flatten();
            return full.or_else(|| self.greedy.find(&format!("{path}{EMPTY}"), verb));
        }
        self.full.find(path, verb).or_else(|| self.greedy.find(path, verb))
    }
}

/// Stands for nothing in a greedy variable. No path has it: a blank is always escaped.
const EMPTY: &str = " ";

impl Route {
    /// The path parameters with their values, decoded.
    pub fn parameters<'a>(&'a self, exchange: &'a Exchange) -> impl Iterator<Item = (&'a Arc<str>, Cow<'a, str>)> {
        let path = exchange.path();
        parameters(&self.path_parameters, path).map(|(name, value)| (name, path::decoded(value)))
    }
}
