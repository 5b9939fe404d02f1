use super::*;
use fanlight_definition::Place;
use std::{path::PathBuf, sync::Arc};

fn setting(resource_path: &str, http_method: &str) -> MethodSetting {
    MethodSetting {
        resource_path: resource_path.to_owned(),
        http_method: http_method.to_owned(),
        throttling_rate_limit: None,
        throttling_burst_limit: None,
        caching_enabled: None,
        cache_ttl_seconds: None,
        require_authorization_for_cache_control: None,
        unauthorized_cache_control: None,
        logging_level: None,
        data_trace_enabled: None,
        place: Place::whole(&Arc::new(PathBuf::from("test"))),
    }
}

fn seconds(settings: &[MethodSetting], path: &str, verb: HttpMethod) -> Option<u64> {
    method_cache(settings, path, verb).map(|cache| cache.ttl.as_secs())
}

#[test]
fn only_get_is_cached_by_itself() {
    let all = MethodSetting { caching_enabled: Some(true), ..setting("/*", "*") };
    let own = MethodSetting { caching_enabled: Some(true), ..setting("/a", "POST") };
    for (settings, verb, expected) in [
        (vec![], HttpMethod::Get, Some(300)),
        (vec![], HttpMethod::Post, None),
        (vec![all.clone()], HttpMethod::Post, None),
        (vec![all.clone()], HttpMethod::Head, None),
        (vec![all, own.clone()], HttpMethod::Post, Some(300)),
        (vec![MethodSetting { caching_enabled: Some(false), ..setting("/*", "*") }], HttpMethod::Get, None),
        (vec![MethodSetting { resource_path: "/b".to_owned(), ..own }], HttpMethod::Post, None),
    ] {
        assert_eq!(seconds(&settings, "/a", verb), expected, "{settings:?} {verb:?}");
    }
}

#[test]
fn the_closest_setting_that_says_something_wins() {
    let ttl =
        |path: &str, verb: &str, seconds| MethodSetting { cache_ttl_seconds: Some(seconds), ..setting(path, verb) };
    let settings = [
        ttl("/*", "*", 10),
        MethodSetting { caching_enabled: Some(true), ..setting("/a", "GET") },
        ttl("/b", "GET", 0),
        ttl("/c", "*", 3_600),
        ttl("/*", "GET", 20),
        ttl("/d", "GET", 9_999),
    ];
    for (path, expected) in [("/a", Some(20)), ("/b", None), ("/c", Some(3_600)), ("/d", Some(3_600)), ("/e", Some(20))]
    {
        assert_eq!(seconds(&settings, path, HttpMethod::Get), expected, "{path}");
    }
}

#[test]
fn who_may_invalidate() {
    let of = |setting: MethodSetting| method_cache(&[setting], "/a", HttpMethod::Get).map(|cache| cache.invalidation);
    let default = Invalidation::WithPermission(UnauthorizedCacheControl::SucceedWithResponseHeader);
    assert_eq!(of(setting("/*", "*")), Some(default));
    let anybody = MethodSetting { require_authorization_for_cache_control: Some(false), ..setting("/*", "*") };
    assert_eq!(of(anybody), Some(Invalidation::Anybody));
    let strict = UnauthorizedCacheControl::FailWith403;
    let refused = MethodSetting { unauthorized_cache_control: Some(strict), ..setting("/*", "*") };
    assert_eq!(of(refused), Some(Invalidation::WithPermission(strict)));
}
