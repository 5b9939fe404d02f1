//! Routing, row by row: each table names a set of routes and what a request finds.

use super::*;
use HttpMethod::{Any, Get, Options, Post};

fn check(routes: &[(&str, HttpMethod)], requests: &[(HttpMethod, &str, Option<&str>)]) {
    let mut router = Router::default();
    for (index, (template, verb)) in routes.iter().enumerate() {
        router.insert(template, *verb, index);
    }
    for (verb, path, expected) in requests {
        let found = router.find(path, *verb).map(|index| routes[index].0);
        assert_eq!(found, *expected, "{verb:?} {path}");
    }
}

#[test]
fn a_greedy_resource_elsewhere_serves_what_the_specific_one_does_not_declare() {
    check(
        &[("/{proxy+}", Options), ("/test", Post), ("/test/any", Any)],
        &[
            (Options, "/test", Some("/{proxy+}")),
            (Post, "/test", Some("/test")),
            (Options, "/test/any", Some("/test/any")),
            (Get, "/test", None),
        ],
    );
    check(
        &[("/{proxy+}", Any), ("/jobs/{op}", Get), ("/cors_only", Options)],
        &[
            (Get, "/jobs/x", Some("/jobs/{op}")),
            (Get, "/jobs", Some("/{proxy+}")),
            (Post, "/jobs", Some("/{proxy+}")),
            (Post, "/jobs/x", Some("/{proxy+}")),
            (Get, "/cors_only", Some("/{proxy+}")),
            (Get, "/", None),
        ],
    );
}

#[test]
fn a_subtree_that_ends_in_nothing_does_not_swallow_the_request() {
    check(
        &[("/part1", Get), ("/part1/hardcoded-value", Get), ("/{param+}", Get)],
        &[
            (Get, "/part1/random-value", Some("/{param+}")),
            (Get, "/part1/hardcoded-value", Some("/part1/hardcoded-value")),
            (Get, "/part1", Some("/part1")),
        ],
    );
    check(
        &[("/a/{x}/c", Get), ("/{y}/b/d", Get)],
        &[(Get, "/a/b/c", Some("/a/{x}/c")), (Get, "/a/b/d", Some("/{y}/b/d")), (Get, "/a/b", None)],
    );
}

#[test]
fn a_specific_verb_beats_any_on_the_same_resource_only() {
    check(
        &[("/x", Any), ("/x", Get), ("/{y}", Post)],
        &[(Get, "/x", Some("/x")), (Post, "/x", Some("/x")), (Post, "/z", Some("/{y}"))],
    );
    let mut router = Router::default();
    router.insert("/x", Any, 0);
    router.insert("/x", Get, 1);
    assert_eq!(router.find("/x", Get), Some(1));
    assert_eq!(router.find("/x", Post), Some(0));
}

#[test]
fn slashes_case_and_escapes() {
    check(
        &[("/", Get), ("/hardcoded", Get), ("/one/{id}", Get), ("/a/{proxy+}", Get)],
        &[
            (Get, "/", Some("/")),
            (Get, "", Some("/")),
            (Get, "/hardcoded/", Some("/hardcoded")),
            (Get, "//hardcoded", Some("/hardcoded")),
            (Get, "/Hardcoded", None),
            (Get, "/one/foo%2Fbar", Some("/one/{id}")),
            (Get, "/one", None),
            (Get, "/one/a/b", None),
            (Get, "/a", None),
            (Get, "/a/", None),
            (Get, "/a/b//c", Some("/a/{proxy+}")),
        ],
    );
}

#[test]
fn path_parameters_are_as_the_client_sent_them() {
    type Row<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);
    let rows: [Row<'_>; 7] = [
        ("/{proxy+}", "/proxy-value/", &[("proxy", "proxy-value")]),
        ("/{proxy+}", "/proxy-value//double-slash", &[("proxy", "proxy-value//double-slash")]),
        ("/{proxy+}", "//proxy-value", &[("proxy", "proxy-value")]),
        ("/{proxy+}", "/test%2Balias@gmail.com", &[("proxy", "test%2Balias@gmail.com")]),
        ("/pets/{id}", "/pets/my-id%2F100", &[("id", "my-id%2F100")]),
        ("/a/{b}/c/{d+}", "/a/1/c/2/3", &[("b", "1"), ("d", "2/3")]),
        ("/pets", "/pets", &[]),
    ];
    for (template, path, expected) in rows {
        let names = path_parameters(template);
        let found: Vec<(&str, &str)> = parameters(&names, path).map(|(name, value)| (name.as_ref(), value)).collect();
        assert_eq!(found, expected, "{template} {path}");
    }
}
