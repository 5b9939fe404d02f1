//! No room left.

use crate::counter;
use fanlight_store::{Embedded, Error, Options, Part, Quotas, quota::Wanted};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_file_refuses_clearly_keeps_what_it_has_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = Options::default();
    options.max_pages = Some(12);
    let store = Embedded::new(folder.path(), options);
    let wanted = Wanted { amount: 1, limit: 1 };
    let mut kept = 0;
    let error = loop {
        match store.take(counter("p", &format!("key-{kept:060}"), 1), wanted).await {
            Ok(granted) => kept += granted,
            Err(error) => break error,
        }
    };
    assert_eq!(error, Error::Full);
    assert!(kept > 10, "{kept}");
    let read = store.usage("p", 0).await.unwrap();
    assert_eq!(read.len() as u64, kept, "what was acknowledged, and nothing else");
    let again = store.take(counter("p", "key-another-one-that-has-no-room-either-------------------", 1), wanted).await;
    assert_eq!(again, Err(Error::Full), "not poisoned: the disk is well");
    let known = format!("key-{:060}", 0);
    assert_eq!(store.take(counter("p", &known, 1), wanted).await, Ok(0), "what needs no room goes on");
    assert_eq!(store.quick_check(Part::Data).await, Ok(vec![]));
    drop(store);
    let roomy = crate::store(folder.path());
    assert_eq!(roomy.take(counter("p", "key-now-there-is-room", 1), wanted).await, Ok(1));
}
