//! What every store does, whatever its engine.

use crate::counter;
use fanlight_store::table::{Order, Range, Rows, Work};
use fanlight_store::{
    Error, Store,
    quota::{Counter, DailyUsage, Wanted},
};
use std::{
    ops::ControlFlow,
    sync::{Arc, Mutex, PoisonError},
};

type Outcome<T> = Result<T, Error>;

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_store_conforms() {
    let folder = tempfile::tempdir().unwrap();
    conforms(&(Arc::new(crate::store(folder.path())) as Arc<dyn Store>)).await.unwrap();
}

/// The suite. Each part uses a plan of its own.
async fn conforms(store: &Arc<dyn Store>) -> Outcome<()> {
    grants_up_to_the_limit(store.as_ref()).await?;
    counts_each_counter_alone(store.as_ref()).await?;
    keeps_to_the_limit_under_contention(store).await?;
    takes_back(store.as_ref()).await?;
    follows_a_changed_limit(store.as_ref()).await?;
    reports_usage_by_day(store.as_ref()).await?;
    forgets_what_is_old(store.as_ref()).await?;
    keeps_the_first_value_of_a_key(store.as_ref()).await?;
    visits_records_in_order(store.as_ref()).await?;
    undoes_all_of_a_failed_transaction(store.as_ref()).await?;
    Ok(())
}

async fn grants_up_to_the_limit(store: &dyn Store) -> Outcome<()> {
    let take = |amount, limit| store.take(counter("limit", "k", 100), Wanted { amount, limit });
    assert_eq!(take(3, 5).await, Ok(3));
    assert_eq!(take(3, 5).await, Ok(2), "what is left of the limit");
    assert_eq!(take(1, 5).await, Ok(0));
    assert_eq!(take(1, 0).await, Ok(0), "a limit of nothing allows nothing");
    let first = store.take(counter("limit", "large", 100), Wanted { amount: u64::MAX, limit: 7 }).await;
    assert_eq!(first, Ok(7), "a block is cut to the limit at once");
    Ok(())
}

async fn counts_each_counter_alone(store: &dyn Store) -> Outcome<()> {
    let wanted = Wanted { amount: 1, limit: 1 };
    let month = Counter { window_end: 130, ..counter("alone", "k", 100) };
    let all = [counter("alone", "k", 100), counter("alone", "k", 101), counter("alone", "other", 100), month];
    for counter in all {
        assert_eq!(store.take(counter.clone(), wanted).await, Ok(1), "{counter:?}");
        assert_eq!(store.take(counter.clone(), wanted).await, Ok(0), "{counter:?}");
    }
    Ok(())
}

async fn keeps_to_the_limit_under_contention(store: &Arc<dyn Store>) -> Outcome<()> {
    let mut takers = tokio::task::JoinSet::new();
    for _ in 0..300 {
        let store = Arc::clone(store);
        takers
            .spawn(async move { store.take(counter("contention", "k", 100), Wanted { amount: 2, limit: 401 }).await });
    }
    let granted = takers.join_all().await.into_iter().sum::<Outcome<u64>>()?;
    assert_eq!(granted, 401);
    Ok(())
}

async fn takes_back(store: &dyn Store) -> Outcome<()> {
    let (counter, wanted) = (counter("back", "k", 100), Wanted { amount: 5, limit: 5 });
    assert_eq!(store.take(counter.clone(), wanted).await, Ok(5));
    store.give_back(counter.clone(), 2).await?;
    assert_eq!(used(store, "back").await?, [(100, 3, 2)]);
    assert_eq!(store.take(counter.clone(), wanted).await, Ok(2));
    store.give_back(counter.clone(), 6).await?;
    assert_eq!(used(store, "back").await?, [(100, 5, 0)], "more than was counted is not taken back");
    Ok(())
}

async fn follows_a_changed_limit(store: &dyn Store) -> Outcome<()> {
    let take = |amount, limit| store.take(counter("changed", "k", 100), Wanted { amount, limit });
    assert_eq!(take(5, 5).await, Ok(5));
    assert_eq!(take(9, 8).await, Ok(3), "a raised limit");
    assert_eq!(take(1, 4).await, Ok(0), "a lowered limit");
    assert_eq!(used(store, "changed").await?, [(100, 8, 0)]);
    Ok(())
}

async fn reports_usage_by_day(store: &dyn Store) -> Outcome<()> {
    let week = |day| Counter { window_start: 98, window_end: 105, day, ..counter("usage", "k", day) };
    for (day, amount) in [(98, 2), (99, 1), (99, 1), (104, 5)] {
        store.take(week(day), Wanted { amount, limit: 100 }).await?;
    }
    store.take(counter("usage", "a", 99), Wanted { amount: 1, limit: 3 }).await?;
    let day = |key_id: &str, day, used, remaining| DailyUsage { key_id: key_id.to_owned(), day, used, remaining };
    let all = vec![day("a", 99, 1, 2), day("k", 98, 2, 98), day("k", 99, 2, 96), day("k", 104, 5, 91)];
    assert_eq!(store.usage("usage", 0).await, Ok(all));
    assert_eq!(store.usage("usage", 100).await, Ok(vec![day("k", 104, 5, 91)]));
    assert_eq!(store.usage("nobody", 0).await, Ok(vec![]));
    Ok(())
}

async fn forgets_what_is_old(store: &dyn Store) -> Outcome<()> {
    let wanted = Wanted { amount: 1, limit: 1 };
    assert_eq!(store.take(counter("old", "k", 100), wanted).await, Ok(1));
    assert_eq!(store.take(counter("old", "k", 190), wanted).await, Ok(1));
    assert_eq!(used(store, "old").await?, [(100, 1, 0), (190, 1, 0)], "usage is kept for 90 days");
    assert_eq!(store.take(counter("old", "k", 191), wanted).await, Ok(1));
    assert_eq!(used(store, "old").await?, [(190, 1, 0), (191, 1, 0)]);
    assert_eq!(store.take(counter("old", "k", 190), wanted).await, Ok(0), "yesterday's counter is still there");
    Ok(())
}

async fn keeps_the_first_value_of_a_key(store: &dyn Store) -> Outcome<()> {
    assert_eq!(store.keep_api_key("k1", "first").await.as_deref(), Ok("first"));
    assert_eq!(store.keep_api_key("k1", "second").await.as_deref(), Ok("first"));
    assert_eq!(store.keep_api_key("k2", "other").await.as_deref(), Ok("other"));
    Ok(())
}

async fn used(store: &dyn Store, plan: &str) -> Outcome<Vec<(i32, u64, u64)>> {
    let usage = store.usage(plan, 0).await?;
    Ok(usage.into_iter().map(|DailyUsage { day, used, remaining, .. }| (day, used, remaining)).collect())
}

/// Keys of a space in an order, at most three.
async fn keys(store: &dyn Store, space: i64, end: Option<&'static [u8]>, order: Order) -> Outcome<Vec<Vec<u8>>> {
    let found = Arc::new(Mutex::new(Vec::new()));
    let place = Arc::clone(&found);
    let work: Work = Box::new(move |rows: &dyn Rows| {
        let mut found = place.lock().unwrap_or_else(PoisonError::into_inner);
        rows.visit(Range { space, start: b"b", end, order }, &mut |key, _| {
            found.push(key.to_vec());
            if found.len() < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })
    });
    store.read(work).await?;
    Ok(std::mem::take(&mut *found.lock().unwrap_or_else(PoisonError::into_inner)))
}

async fn visits_records_in_order(store: &dyn Store) -> Outcome<()> {
    let write: Work = Box::new(|rows: &dyn Rows| {
        for key in [b"d", b"a", b"c", b"e", b"b"] {
            rows.put(1, key, b"one")?;
        }
        rows.put(1, b"c", b"two")?;
        assert_eq!(rows.get(1, b"c")?.as_deref(), Some(b"two".as_slice()), "a transaction sees its own writes");
        rows.put(2, b"c", b"elsewhere")?;
        rows.delete(1, b"d")
    });
    store.transact(write).await?;
    assert_eq!(keys(store, 1, None, Order::Ascending).await?, [b"b", b"c", b"e"]);
    assert_eq!(keys(store, 1, None, Order::Descending).await?, [b"e", b"c", b"b"]);
    assert_eq!(keys(store, 1, Some(b"c"), Order::Ascending).await?, [b"b"]);
    assert_eq!(keys(store, 1, Some(b"e"), Order::Descending).await?, [b"c", b"b"]);
    Ok(())
}

async fn undoes_all_of_a_failed_transaction(store: &dyn Store) -> Outcome<()> {
    let write: Work = Box::new(|rows: &dyn Rows| {
        rows.put(3, b"c", b"gone")?;
        Err(Error::Closed)
    });
    assert!(store.transact(write).await.is_err());
    assert_eq!(keys(store, 3, None, Order::Ascending).await?, Vec::<Vec<u8>>::new());
    Ok(())
}
