//! Requests counted against quotas, and what was used on which day.
//!
//! A counter belongs to a plan, a key and a window of days. A request, or a block of requests taken in advance, is counted
//! in one statement that never goes past the limit, however many count at once.

use crate::{BoxFuture, Error, database::Database, limits};
use rusqlite::{Connection, OptionalExtension, params};

/// Counters and usage.
pub trait Quotas {
    /// Counts as many of the wanted requests as the limit still allows, and says how many those are.
    ///
    /// # Errors
    /// It cannot be written.
    fn take(&self, counter: Counter, wanted: Wanted) -> BoxFuture<'_, Result<u64, Error>>;

    /// Takes back what was counted and is not used after all.
    ///
    /// # Errors
    /// It cannot be written.
    fn give_back(&self, counter: Counter, amount: u64) -> BoxFuture<'_, Result<(), Error>>;

    /// What was counted for a plan from `first_day` on, by key and day.
    ///
    /// # Errors
    /// It cannot be read.
    fn usage<'a>(&'a self, plan_id: &'a str, first_day: i32) -> BoxFuture<'a, Result<Vec<DailyUsage>, Error>>;
}

/// What is counted. Days are numbered from 1970-01-01, in UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// The plan.
    pub plan_id: String,
    /// The key.
    pub key_id: String,
    /// The first day of the window.
    pub window_start: i32,
    /// The first day after the window.
    pub window_end: i32,
    /// The day of the request.
    pub day: i32,
}

/// How much is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Requests.
    pub amount: u64,
    /// The most that the counter may reach.
    pub limit: u64,
}

/// What was counted on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DailyUsage {
    /// The key.
    pub key_id: String,
    /// The day.
    pub day: i32,
    /// Requests of this day.
    pub used: u64,
    /// What was left of the window's limit at the end of the day.
    pub remaining: u64,
}

pub(crate) async fn take(database: &Database, counter: Counter, wanted: Wanted) -> Result<u64, Error> {
    if wanted.limit == 0 || wanted.amount == 0 {
        return Ok(0);
    }
    database.write(move |connection| count(connection, &counter, wanted)).await
}

fn count(connection: &Connection, counter: &Counter, wanted: Wanted) -> rusqlite::Result<u64> {
    // `granted` is there to be returned: an update cannot return what a column was before.
    const SQL: &str = "INSERT INTO quota (plan_id, key_id, window_start, window_end, used, granted)
        VALUES (?1, ?2, ?3, ?4, ?5, ?5)
        ON CONFLICT (plan_id, key_id, window_start, window_end) DO UPDATE SET
            used = CASE WHEN quota.used + ?5 <= ?6 THEN quota.used + ?5 ELSE ?6 END,
            granted = CASE WHEN quota.used + ?5 <= ?6 THEN ?5 ELSE ?6 - quota.used END
        WHERE quota.used < ?6
        RETURNING granted, used";
    let Counter { plan_id, key_id, window_start, window_end, day } = counter;
    let limit = whole(wanted.limit);
    let amount = whole(wanted.amount).min(limit);
    let counted = connection
        .prepare_cached(SQL)?
        .query_row(params![plan_id, key_id, window_start, window_end, amount, limit], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
        })
        .optional()?;
    let Some((granted, used)) = counted else { return Ok(0) };
    if granted == used {
        // The first of a new window.
        forget(connection, counter)?;
    }
    const USAGE: &str = "INSERT INTO daily_usage (plan_id, key_id, day, used, remaining) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (plan_id, key_id, day) DO UPDATE SET
            used = daily_usage.used + excluded.used, remaining = excluded.remaining";
    connection.prepare_cached(USAGE)?.execute(params![plan_id, key_id, day, granted, limit - used])?;
    Ok(granted.unsigned_abs())
}

/// Deletes what nobody asks for any more: counters of past windows and usage that is too old.
fn forget(connection: &Connection, Counter { plan_id, key_id, day, .. }: &Counter) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM quota WHERE plan_id = ?1 AND key_id = ?2 AND window_end <= ?3")?
        .execute(params![plan_id, key_id, day - 1])?;
    connection
        .prepare_cached("DELETE FROM daily_usage WHERE plan_id = ?1 AND key_id = ?2 AND day < ?3")?
        .execute(params![plan_id, key_id, day - limits::USAGE_DAYS])?;
    Ok(())
}

pub(crate) async fn give_back(database: &Database, counter: Counter, amount: u64) -> Result<(), Error> {
    const COUNTER: &str = "UPDATE quota SET used = used - ?5
        WHERE plan_id = ?1 AND key_id = ?2 AND window_start = ?3 AND window_end = ?4 AND used >= ?5";
    const USAGE: &str = "UPDATE daily_usage SET used = used - ?4, remaining = remaining + ?4
        WHERE plan_id = ?1 AND key_id = ?2 AND day = ?3 AND used >= ?4";
    database
        .write(move |connection| {
            let Counter { plan_id, key_id, window_start, window_end, day } = &counter;
            let amount = whole(amount);
            connection.prepare_cached(COUNTER)?.execute(params![plan_id, key_id, window_start, window_end, amount])?;
            connection.prepare_cached(USAGE)?.execute(params![plan_id, key_id, day, amount])?;
            Ok(())
        })
        .await
}

pub(crate) async fn usage(database: &Database, plan_id: String, first_day: i32) -> Result<Vec<DailyUsage>, Error> {
    const SQL: &str = "SELECT key_id, day, used, remaining FROM daily_usage
        WHERE plan_id = ?1 AND day >= ?2 ORDER BY key_id, day";
    database
        .read(move |connection| {
            let mut statement = connection.prepare_cached(SQL)?;
            let rows = statement.query_map(params![plan_id, first_day], |row| {
                Ok(DailyUsage {
                    key_id: row.get(0)?,
                    day: row.get(1)?,
                    used: row.get::<_, i64>(2)?.unsigned_abs(),
                    remaining: row.get::<_, i64>(3)?.unsigned_abs(),
                })
            })?;
            rows.collect()
        })
        .await
}

/// SQL's integers have a sign.
fn whole(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}
