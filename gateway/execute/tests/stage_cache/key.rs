//! Who shares an answer with whom.

use crate::harness::{Host, block_on, get, stage};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use std::collections::HashMap;

type Headers = &'static [(&'static str, &'static str)];

#[test]
fn users_do_not_share() {
    let stage = stage("users", |_| {});
    let rows: [(&str, &str, [Headers; 2]); 5] = [
        ("/token", "/token", [&[("authorization", "Bearer a")], &[("authorization", "Bearer b")]]),
        ("/request?user=1", "/request?user=1", [&[("x-user", "a")], &[("x-user", "b")]]),
        ("/request?user=1", "/request?user=2", [&[("x-user", "a")], &[("x-user", "a")]]),
        ("/c", "/c", [&[("authorization", "Bearer a")], &[("authorization", "Bearer b")]]),
        ("/c", "/c", [&[], &[("authorization", "Bearer b")]]),
    ];
    for (first, second, [one, other]) in rows {
        let host = Host::new();
        block_on(async {
            assert_eq!(get(&stage, &host, first, one).await.body, "1", "{first}");
            assert_eq!(get(&stage, &host, second, other).await.body, "2", "{second}");
            assert_eq!(get(&stage, &host, first, one).await.body, "1", "{first} again");
        });
    }
}

/// 100,000 random requests against the plain tuple of what tells them apart: an answer is shared exactly by those who ask
/// the same.
#[test]
fn the_key_is_as_good_as_the_values_themselves() {
    let (host, stage) = (Host::new(), stage("model", |_| {}));
    let value = || "[ab%,_-]{0,2}".prop_map(|text: String| text.replace('%', "%2F"));
    let headers = proptest::collection::vec("[ab,:]{0,3}", 0..3);
    let segment = || value().prop_map(|text| if text.is_empty() { "x".to_owned() } else { text });
    let request = (segment(), segment(), headers, value());
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut seen: HashMap<(String, String, Vec<String>), String> = HashMap::new();
    block_on(async {
        for _ in 0..100_000 {
            let (a, b, keys, other) = request.new_tree(&mut runner).unwrap().current();
            let sent: Vec<(&str, &str)> =
                keys.iter().map(|key| ("x-k", key.as_str())).chain([("x-other", other.as_str())]).collect();
            let body = get(&stage, &host, &format!("/d/{a}/{b}?other={other}"), &sent).await.body;
            let keys: Vec<String> = keys.clone();
            let expected = seen.entry((a, b, keys)).or_insert_with(|| host.calls().to_string());
            assert_eq!(body, *expected);
        }
    });
    assert_eq!(host.calls(), u64::try_from(seen.len()).unwrap());
}
