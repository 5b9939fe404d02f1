//! Message queues and what is in them.

mod message;

pub(crate) use message::{change, delete, purge, receive, send, sweep};

use crate::{BoxFuture, Error, database::Database};
use rusqlite::{Connection, Row, params};

/// The queues.
pub trait Queues {
    /// All queues, oldest first.
    ///
    /// # Errors
    /// They cannot be read.
    fn queues(&self) -> BoxFuture<'_, Result<Vec<Queue>, Error>>;

    /// Makes a queue, unless there is one of that name. Returns the one there is.
    ///
    /// # Errors
    /// It cannot be written.
    fn create_queue(&self, queue: NewQueue) -> BoxFuture<'_, Result<Queue, Error>>;

    /// Replaces the definition of a queue.
    ///
    /// # Errors
    /// It cannot be written.
    fn define_queue(&self, queue: QueueId, definition: String) -> BoxFuture<'_, Result<(), Error>>;

    /// Deletes a queue and what is in it.
    ///
    /// # Errors
    /// It cannot be written.
    fn delete_queue(&self, queue: QueueId) -> BoxFuture<'_, Result<(), Error>>;

    /// Puts messages into a queue, all or none. One whose deduplication id was seen is not put in again.
    ///
    /// # Errors
    /// It cannot be written; the queue is gone.
    fn send(&self, queue: QueueId, messages: Vec<NewMessage>) -> BoxFuture<'_, Result<Vec<Sent>, Error>>;

    /// Takes messages that are visible, and hides them for a while.
    ///
    /// # Errors
    /// It cannot be written.
    fn receive(&self, receive: Receive) -> BoxFuture<'_, Result<Received, Error>>;

    /// Deletes messages that were received. One that is gone already is no error.
    ///
    /// # Errors
    /// It cannot be written.
    fn delete_messages(&self, deleted: Vec<Handle>, now: Now) -> BoxFuture<'_, Result<Vec<Found>, Error>>;

    /// Makes messages that were received visible at another time.
    ///
    /// # Errors
    /// It cannot be written.
    fn change_visibility(&self, changed: Vec<(Handle, i64)>, now: Now) -> BoxFuture<'_, Result<Vec<Found>, Error>>;

    /// Deletes every message of a queue.
    ///
    /// # Errors
    /// It cannot be written.
    fn purge_queue(&self, queue: QueueId) -> BoxFuture<'_, Result<(), Error>>;

    /// How many messages are in a queue.
    ///
    /// # Errors
    /// It cannot be read.
    fn count_messages(&self, queue: QueueId, now: Now) -> BoxFuture<'_, Result<Counts, Error>>;

    /// Deletes messages and deduplication ids that are too old.
    ///
    /// # Errors
    /// It cannot be written.
    fn sweep_queue(&self, queue: QueueId, now: Now) -> BoxFuture<'_, Result<(), Error>>;
}

/// The number of a queue, never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct QueueId(pub(crate) i64);

/// A queue to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewQueue {
    /// Where it stands.
    pub region: String,
    /// Whose it is.
    pub account_id: String,
    /// Its name.
    pub name: String,
    /// What it is like, in the words of its service.
    pub definition: String,
}

/// A queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// Its number.
    pub id: QueueId,
    /// Where it stands.
    pub region: String,
    /// Whose it is.
    pub account_id: String,
    /// Its name.
    pub name: String,
    /// What it is like.
    pub definition: String,
}

/// A message to be put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Its id.
    pub message_id: String,
    /// What it says.
    pub body: String,
    /// Its attributes, in the words of its service.
    pub attributes: String,
    /// When it came, in milliseconds since 1970.
    pub sent_ms: i64,
    /// When it can be received first.
    pub visible_ms: i64,
    /// Messages of a group are received in order.
    pub group: Option<String>,
    /// How a second one like it is known.
    pub deduplication: Option<Deduplication>,
}

/// How a second message of the same is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deduplication {
    /// The group within which, or empty for the whole queue.
    pub scope: String,
    /// What is the same.
    pub id: String,
    /// Until when.
    pub until_ms: i64,
}

/// A message that is in its queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its id; that of the first one for a duplicate.
    pub message_id: String,
    /// Its place in the order of arrival.
    pub sequence: i64,
}

/// The time, and what of the past counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds since 1970.
    pub ms: i64,
    /// Messages sent before that are gone.
    pub kept_since_ms: i64,
}

/// A wish for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receive {
    /// Of which queue.
    pub queue: QueueId,
    /// How many at most.
    pub at_most: usize,
    /// Until when they are hidden.
    pub hidden_until_ms: i64,
    /// The time.
    pub now: Now,
    /// In what order.
    pub order: Order,
    /// Where messages go that were received too often.
    pub redrive: Option<Redrive>,
}

/// In what order messages are received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Roughly as they came.
    Loose,
    /// As they came within each group, and none of a group before those received of it are done.
    WithinGroups,
}

/// Where messages go that were received too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redrive {
    /// The dead-letter queue.
    pub to: QueueId,
    /// How often is not too often.
    pub max_receives: i64,
}

/// What was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The messages.
    pub messages: Vec<Message>,
    /// When there is nothing: the time at which the next message becomes visible.
    pub next_visible_ms: Option<i64>,
    /// Whether messages went to the dead-letter queue.
    pub redriven: bool,
}

/// A message that was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it is deleted by.
    pub handle: Handle,
    /// Its id.
    pub message_id: String,
    /// What it says.
    pub body: String,
    /// Its attributes.
    pub attributes: String,
    /// When it came.
    pub sent_ms: i64,
    /// When it was received first.
    pub first_received_ms: i64,
    /// How often it was received, in all queues.
    pub receives: i64,
    /// Its group.
    pub group: Option<String>,
    /// Its deduplication id.
    pub deduplication_id: Option<String>,
    /// The queue that it came from, when it was received too often there.
    pub source: Option<QueueId>,
}

/// One receipt of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handle {
    /// In which queue.
    pub queue: QueueId,
    /// Which message.
    pub sequence: i64,
    /// Which receipt.
    pub receipt: i64,
}

impl Handle {
    /// For the wire.
    #[must_use]
    pub const fn numbers(self) -> [i64; 3] {
        [self.queue.0, self.sequence, self.receipt]
    }

    /// From the wire.
    #[must_use]
    pub const fn from_numbers([queue, sequence, receipt]: [i64; 3]) -> Self {
        Self { queue: QueueId(queue), sequence, receipt }
    }
}

/// What a handle led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// The message, received with this handle last and hidden still.
    Current,
    /// The message, but it is visible again or was received again.
    Outdated,
    /// Nothing.
    Gone,
}

/// How many messages are in a queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// To be received.
    pub visible: i64,
    /// Received and not deleted.
    pub in_flight: i64,
    /// Not to be received yet.
    pub delayed: i64,
}

pub(crate) async fn all(database: &Database) -> Result<Vec<Queue>, Error> {
    database
        .read(|connection| {
            let sql = "SELECT queue_id, region, account_id, name, definition FROM queue ORDER BY queue_id";
            connection.prepare_cached(sql)?.query_map([], queue)?.collect()
        })
        .await
}

pub(crate) async fn create(database: &Database, new: NewQueue) -> Result<Queue, Error> {
    // An update of nothing, because `DO NOTHING` returns no row.
    const SQL: &str = "INSERT INTO queue (region, account_id, name, definition) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (region, account_id, name) DO UPDATE SET name = queue.name
        RETURNING queue_id, region, account_id, name, definition";
    let NewQueue { region, account_id, name, definition } = new;
    database
        .write(move |connection| {
            connection.prepare_cached(SQL)?.query_row(params![region, account_id, name, definition], queue)
        })
        .await
}

fn queue(row: &Row<'_>) -> rusqlite::Result<Queue> {
    Ok(Queue {
        id: QueueId(row.get(0)?),
        region: row.get(1)?,
        account_id: row.get(2)?,
        name: row.get(3)?,
        definition: row.get(4)?,
    })
}

pub(crate) async fn define(database: &Database, queue: QueueId, definition: String) -> Result<(), Error> {
    const SQL: &str = "UPDATE queue SET definition = ?2 WHERE queue_id = ?1";
    database
        .write(move |connection| connection.prepare_cached(SQL)?.execute(params![queue.0, definition]).map(|_| ()))
        .await
}

pub(crate) async fn drop_queue(database: &Database, queue: QueueId) -> Result<(), Error> {
    database
        .write(move |connection| {
            empty(connection, queue)?;
            connection.prepare_cached("DELETE FROM queue WHERE queue_id = ?1")?.execute([queue.0]).map(|_| ())
        })
        .await
}

fn empty(connection: &Connection, queue: QueueId) -> rusqlite::Result<()> {
    for sql in ["DELETE FROM message WHERE queue_id = ?1", "DELETE FROM deduplication WHERE queue_id = ?1"] {
        connection.prepare_cached(sql)?.execute([queue.0])?;
    }
    Ok(())
}

pub(crate) async fn count(database: &Database, queue: QueueId, now: Now) -> Result<Counts, Error> {
    const SQL: &str = "SELECT
            coalesce(sum(visible_ms <= ?2), 0),
            coalesce(sum(visible_ms > ?2 AND receives_here > 0), 0),
            coalesce(sum(visible_ms > ?2 AND receives_here = 0), 0)
        FROM message WHERE queue_id = ?1 AND sent_ms >= ?3";
    database
        .read(move |connection| {
            connection.prepare_cached(SQL)?.query_row(params![queue.0, now.ms, now.kept_since_ms], |row| {
                Ok(Counts { visible: row.get(0)?, in_flight: row.get(1)?, delayed: row.get(2)? })
            })
        })
        .await
}
