//! Topics, who subscribes to them, and what is still to be delivered.

use crate::{BoxFuture, Error, database::Database, queue::Deduplication};
use rusqlite::{Connection, OptionalExtension, params};

/// The topics.
pub trait Topics {
    /// All topics and subscriptions, oldest first.
    ///
    /// # Errors
    /// They cannot be read.
    fn topics(&self) -> BoxFuture<'_, Result<Vec<Defined>, Error>>;

    /// Makes or replaces a topic or a subscription.
    ///
    /// # Errors
    /// It cannot be written.
    fn define_topic(&self, defined: Defined) -> BoxFuture<'_, Result<(), Error>>;

    /// Deletes a topic with its subscriptions, or a subscription, and what is to be delivered to them.
    ///
    /// # Errors
    /// It cannot be written.
    fn forget_topic(&self, arn: String) -> BoxFuture<'_, Result<(), Error>>;

    /// Keeps what is to be delivered of messages, all or none. One whose deduplication id was seen has its first id, and
    /// is not delivered again.
    ///
    /// # Errors
    /// It cannot be written.
    fn publish(&self, messages: Vec<Publication>) -> BoxFuture<'_, Result<Vec<Published>, Error>>;

    /// What is to be delivered now, at most `per_subscription` to each, in order.
    ///
    /// # Errors
    /// It cannot be read.
    fn due(&self, now_ms: i64, per_subscription: usize) -> BoxFuture<'_, Result<Due, Error>>;

    /// Forgets a delivery, because it is done or given up.
    ///
    /// # Errors
    /// It cannot be written.
    fn delivered(&self, number: i64) -> BoxFuture<'_, Result<(), Error>>;

    /// Puts a delivery off, after one more attempt.
    ///
    /// # Errors
    /// It cannot be written.
    fn put_off(&self, number: i64, due_ms: i64) -> BoxFuture<'_, Result<(), Error>>;
}

/// A topic or a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defined {
    /// Its ARN.
    pub arn: String,
    /// The topic of a subscription.
    pub topic_arn: Option<String>,
    /// What it is like, in the words of its service.
    pub definition: String,
}

/// A message and to whom it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The topic.
    pub topic_arn: String,
    /// Its id.
    pub message_id: String,
    /// When it came.
    pub published_ms: i64,
    /// How a second one like it is known.
    pub deduplication: Option<Deduplication>,
    /// Whether a subscription's later deliveries wait for earlier ones.
    pub ordered: bool,
    /// Each subscription and what it gets, in the words of its service.
    pub deliveries: Vec<(String, String)>,
}

/// A message that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Its id; that of the first one for a duplicate.
    pub message_id: String,
    /// Its place in the order of all messages.
    pub sequence: i64,
}

/// A delivery that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its number, never used twice.
    pub number: i64,
    /// To whom.
    pub subscription_arn: String,
    /// What.
    pub payload: String,
    /// How often it was tried.
    pub attempts: i64,
}

/// What is to be delivered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Due {
    /// Now.
    pub now: Vec<Delivery>,
    /// When there is more.
    pub next_ms: Option<i64>,
}

pub(crate) async fn all(database: &Database) -> Result<Vec<Defined>, Error> {
    const SQL: &str = "SELECT arn, topic_arn, definition FROM topic ORDER BY number";
    database
        .read(|connection| {
            let mut statement = connection.prepare_cached(SQL)?;
            let rows = statement.query_map([], |row| {
                Ok(Defined { arn: row.get(0)?, topic_arn: row.get(1)?, definition: row.get(2)? })
            })?;
            rows.collect()
        })
        .await
}

pub(crate) async fn define(database: &Database, defined: Defined) -> Result<(), Error> {
    const SQL: &str = "INSERT INTO topic (arn, topic_arn, definition) VALUES (?1, ?2, ?3)
        ON CONFLICT (arn) DO UPDATE SET definition = excluded.definition";
    database
        .write(move |connection| {
            let Defined { arn, topic_arn, definition } = defined;
            connection.prepare_cached(SQL)?.execute(params![arn, topic_arn, definition]).map(|_| ())
        })
        .await
}

pub(crate) async fn forget(database: &Database, arn: String) -> Result<(), Error> {
    const STEPS: [&str; 3] = [
        "DELETE FROM delivery WHERE subscription_arn IN (SELECT arn FROM topic WHERE arn = ?1 OR topic_arn = ?1)",
        "DELETE FROM published WHERE topic_arn = ?1",
        "DELETE FROM topic WHERE arn = ?1 OR topic_arn = ?1",
    ];
    database
        .write(move |connection| {
            STEPS.iter().try_for_each(|sql| connection.prepare_cached(sql)?.execute([&arn]).map(|_| ()))
        })
        .await
}

pub(crate) async fn publish(database: &Database, messages: Vec<Publication>) -> Result<Vec<Published>, Error> {
    database.write(move |connection| messages.iter().map(|message| keep(connection, message)).collect()).await
}

fn keep(connection: &Connection, message: &Publication) -> rusqlite::Result<Published> {
    const KNOWN: &str = "SELECT message_id, sequence FROM published
        WHERE topic_arn = ?1 AND scope = ?2 AND deduplication_id = ?3 AND until_ms > ?4";
    const REMEMBER: &str = "INSERT INTO published (topic_arn, scope, deduplication_id, until_ms, message_id, sequence)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (topic_arn, scope, deduplication_id) DO UPDATE SET
            until_ms = excluded.until_ms, message_id = excluded.message_id, sequence = excluded.sequence";
    const FORGET: &str = "DELETE FROM published WHERE topic_arn = ?1 AND until_ms <= ?2";
    const SEQUENCE: &str = "UPDATE published_count SET sequence = sequence + 1 RETURNING sequence";
    const DELIVER: &str = "INSERT INTO delivery (subscription_arn, payload, due_ms, ordered) VALUES (?1, ?2, ?3, ?4)";
    let Publication { topic_arn, message_id, published_ms, deduplication, ordered, deliveries } = message;
    if let Some(Deduplication { scope, id, .. }) = deduplication {
        let known = connection
            .prepare_cached(KNOWN)?
            .query_row(params![topic_arn, scope, id, published_ms], |row| {
                Ok(Published { message_id: row.get(0)?, sequence: row.get(1)? })
            })
            .optional()?;
        if let Some(known) = known {
            return Ok(known);
        }
    }
    let sequence: i64 = connection.prepare_cached(SEQUENCE)?.query_row([], |row| row.get(0))?;
    if let Some(Deduplication { scope, id, until_ms }) = deduplication {
        connection.prepare_cached(FORGET)?.execute(params![topic_arn, published_ms])?;
        connection.prepare_cached(REMEMBER)?.execute(params![topic_arn, scope, id, until_ms, message_id, sequence])?;
    }
    for (subscription_arn, payload) in deliveries {
        connection.prepare_cached(DELIVER)?.execute(params![subscription_arn, payload, published_ms, ordered])?;
    }
    Ok(Published { message_id: message_id.clone(), sequence })
}

pub(crate) async fn due(database: &Database, now_ms: i64, per_subscription: usize) -> Result<Due, Error> {
    const WHO: &str = "SELECT DISTINCT subscription_arn FROM delivery";
    const WHAT: &str = "SELECT number, payload, attempts FROM delivery
        WHERE subscription_arn = ?1 AND due_ms <= ?2 AND NOT (ordered AND EXISTS (
            SELECT 1 FROM delivery AS earlier
            WHERE earlier.subscription_arn = ?1 AND earlier.number < delivery.number AND earlier.due_ms > ?2))
        ORDER BY number LIMIT ?3";
    const NEXT: &str = "SELECT min(due_ms) FROM delivery WHERE due_ms > ?1";
    let limit = i64::try_from(per_subscription).unwrap_or(i64::MAX);
    database
        .read(move |connection| {
            let mut due = Due::default();
            let who: Vec<String> =
                connection.prepare_cached(WHO)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            for subscription_arn in who {
                let mut statement = connection.prepare_cached(WHAT)?;
                let rows = statement.query_map(params![subscription_arn, now_ms, limit], |row| {
                    let subscription_arn = subscription_arn.clone();
                    Ok(Delivery { number: row.get(0)?, subscription_arn, payload: row.get(1)?, attempts: row.get(2)? })
                })?;
                for row in rows {
                    due.now.push(row?);
                }
            }
            due.next_ms = connection.prepare_cached(NEXT)?.query_row([now_ms], |row| row.get(0))?;
            Ok(due)
        })
        .await
}

pub(crate) async fn delivered(database: &Database, number: i64) -> Result<(), Error> {
    const SQL: &str = "DELETE FROM delivery WHERE number = ?1";
    database.write(move |connection| connection.prepare_cached(SQL)?.execute([number]).map(|_| ())).await
}

pub(crate) async fn put_off(database: &Database, number: i64, due_ms: i64) -> Result<(), Error> {
    const SQL: &str = "UPDATE delivery SET due_ms = ?2, attempts = attempts + 1 WHERE number = ?1";
    database.write(move |connection| connection.prepare_cached(SQL)?.execute(params![number, due_ms]).map(|_| ())).await
}
