//! Whether two APIs could both answer a path, so that only a host name can tell which one is meant.

use fanlight_definition::{
    Resources,
    resources::{HttpApi, HttpApiKind, RestApi, RouteKey},
};
use fanlight_execute::route::{Segment, segments};

/// An API by the paths that it answers.
struct Answered<'a> {
    logical_id: &'a str,
    paths: Vec<&'a str>,
}

/// The logical id of another API, and two path templates that some path matches both of.
pub(crate) fn first<'a>(logical_id: &str, resources: &'a Resources) -> Option<(&'a str, (&'a str, &'a str))> {
    let all = answered(resources);
    let own = all.iter().find(|api| api.logical_id == logical_id)?;
    let others = all.iter().filter(|other| other.logical_id != logical_id);
    others.into_iter().find_map(|other| Some((other.logical_id, of(&own.paths, &other.paths)?)))
}

/// Whether nothing else is served: then a function URL needs no name.
pub(crate) fn is_alone(resources: &Resources) -> bool {
    resources.rest_apis.len() + resources.http_apis.len() == 1
}

/// Function URLs have names of their own always, so that they overlap with nothing.
fn answered(resources: &Resources) -> Vec<Answered<'_>> {
    let rest = resources.rest_apis.iter().map(|api| Answered { logical_id: &api.logical_id, paths: rest_paths(api) });
    let http = resources.http_apis.iter().filter(|api| api.kind == HttpApiKind::Api);
    rest.chain(http.map(|api| Answered { logical_id: &api.logical_id, paths: http_paths(api) })).collect()
}

fn rest_paths(api: &RestApi) -> Vec<&str> {
    api.resources
        .iter()
        .filter(|resource| !resource.methods.is_empty())
        .map(|resource| resource.path.as_str())
        .collect()
}

fn http_paths(api: &HttpApi) -> Vec<&str> {
    let paths = api.routes.iter().flat_map(|route| match &route.key {
        RouteKey::Default => vec!["/", "/{proxy+}"],
        RouteKey::Path { path, .. } => vec![path.as_str()],
    });
    paths.collect()
}

/// Two path templates that some path matches both of.
fn of<'a>(one: &[&'a str], other: &[&'a str]) -> Option<(&'a str, &'a str)> {
    one.iter().flat_map(|a| other.iter().map(move |b| (*a, *b))).find(|(a, b)| intersect(a, b))
}

fn intersect(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (segments(one), segments(other));
    loop {
        match (one.next(), other.next()) {
            (None, None) => return true,
            (Some(Segment::Greedy(_)), Some(_)) | (Some(_), Some(Segment::Greedy(_))) => return true,
            (Some(Segment::Literal(a)), Some(Segment::Literal(b))) if a != b => return false,
            (Some(_), Some(_)) => {}
            (None, Some(_)) | (Some(_), None) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_intersect_when_some_path_matches_both() {
        let rows = [
            ("/a", "/a", true),
            ("/a", "/b", false),
            ("/a/{id}", "/a/b", true),
            ("/{x}", "/a/b", false),
            ("/{proxy+}", "/a/b/c", true),
            ("/{proxy+}", "/", false),
            ("/a/{p+}", "/a", false),
        ];
        for (one, other, expected) in rows {
            assert_eq!(intersect(one, other), expected, "{one} {other}");
            assert_eq!(intersect(other, one), expected, "{other} {one}");
        }
    }
}
