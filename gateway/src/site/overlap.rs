//! Whether two APIs could both answer a path, so that only a host name can tell which one is meant.

use fanlight_definition::{Resources, resources::RestApi};
use fanlight_execute::route::{Segment, segments};

/// Another API and two path templates that some path matches both of.
pub(crate) fn first<'a>(api: &'a RestApi, resources: &'a Resources) -> Option<(&'a RestApi, (&'a str, &'a str))> {
    let others = resources.rest_apis.iter().filter(|other| other.logical_id != api.logical_id);
    others.into_iter().find_map(|other| Some((other, of(api, other)?)))
}

/// Two path templates that some path matches both of.
fn of<'a>(one: &'a RestApi, other: &'a RestApi) -> Option<(&'a str, &'a str)> {
    let pairs = one.resources.iter().flat_map(|a| other.resources.iter().map(move |b| (a, b)));
    let used = pairs.filter(|(a, b)| !a.methods.is_empty() && !b.methods.is_empty());
    used.map(|(a, b)| (a.path.as_str(), b.path.as_str())).find(|(a, b)| intersect(a, b))
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
