//! The messages of queues.

use super::{Deduplication, Found, Handle, Message, NewMessage, Now, Order, QueueId, Receive, Received, Redrive, Sent};
use crate::{Error, database::Database, limits};
use rusqlite::{Connection, OptionalExtension, Row, params};

pub(crate) async fn send(database: &Database, queue: QueueId, messages: Vec<NewMessage>) -> Result<Vec<Sent>, Error> {
    database.write(move |connection| messages.iter().map(|message| put(connection, queue, message)).collect()).await
}

fn put(connection: &Connection, queue: QueueId, message: &NewMessage) -> rusqlite::Result<Sent> {
    const KNOWN: &str = "SELECT message_id, sequence FROM deduplication
        WHERE queue_id = ?1 AND scope = ?2 AND deduplication_id = ?3 AND until_ms > ?4";
    const SQL: &str = "INSERT INTO message
            (queue_id, message_id, body, attributes, sent_ms, visible_ms, group_id, deduplication_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING sequence";
    const REMEMBER: &str = "INSERT INTO deduplication
            (queue_id, scope, deduplication_id, until_ms, message_id, sequence)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (queue_id, scope, deduplication_id) DO UPDATE SET
            until_ms = excluded.until_ms, message_id = excluded.message_id, sequence = excluded.sequence";
    let NewMessage { message_id, body, attributes, sent_ms, visible_ms, group, deduplication } = message;
    if let Some(Deduplication { scope, id, .. }) = deduplication {
        let sent = |row: &Row<'_>| Ok(Sent { message_id: row.get(0)?, sequence: row.get(1)? });
        let known =
            connection.prepare_cached(KNOWN)?.query_row(params![queue.0, scope, id, sent_ms], sent).optional()?;
        if let Some(known) = known {
            return Ok(known);
        }
    }
    let deduplication_id = deduplication.as_ref().map(|deduplication| &deduplication.id);
    let sequence = connection.prepare_cached(SQL)?.query_row(
        params![queue.0, message_id, body, attributes, sent_ms, visible_ms, group, deduplication_id],
        |row| row.get(0),
    )?;
    if let Some(Deduplication { scope, id, until_ms }) = deduplication {
        let remembered = params![queue.0, scope, id, until_ms, message_id, sequence];
        connection.prepare_cached(REMEMBER)?.execute(remembered)?;
    }
    Ok(Sent { message_id: message_id.clone(), sequence })
}

pub(crate) async fn receive(database: &Database, wish: Receive) -> Result<Received, Error> {
    database.write(move |connection| take(connection, wish)).await
}

fn take(connection: &Connection, wish: Receive) -> rusqlite::Result<Received> {
    const NEXT: &str = "SELECT min(visible_ms) FROM message WHERE queue_id = ?1 AND visible_ms > ?2";
    let mut received = Received { messages: Vec::new(), next_visible_ms: None, redriven: false };
    // Whoever is too old or was received too often makes room for others, but not for ever in one transaction.
    for _ in 0..limits::RECEIVE_ROUNDS {
        let candidates = candidates(connection, wish, wish.at_most - received.messages.len())?;
        let found = candidates.len();
        let before = received.messages.len();
        for candidate in candidates {
            received.redriven |= settle(connection, wish, candidate, &mut received.messages)?;
        }
        if received.messages.len() - before == found {
            break;
        }
    }
    if received.messages.is_empty() {
        let wanted = params![wish.queue.0, wish.now.ms];
        received.next_visible_ms = connection.prepare_cached(NEXT)?.query_row(wanted, |row| row.get(0))?;
    }
    Ok(received)
}

/// A message that may be received, and how often it was in this queue.
type Candidate = (Message, i64);

fn candidates(connection: &Connection, wish: Receive, at_most: usize) -> rusqlite::Result<Vec<Candidate>> {
    const LOOSE: &str = "SELECT sequence, message_id, body, attributes, sent_ms, first_received_ms, receives, group_id,
            deduplication_id, source_id, receives_here
        FROM message WHERE queue_id = ?1 AND visible_ms <= ?2 ORDER BY visible_ms, sequence LIMIT ?3";
    // A group waits for what was received of it, and for an earlier message that is delayed.
    const WITHIN_GROUPS: &str = "SELECT sequence, message_id, body, attributes, sent_ms, first_received_ms, receives,
            group_id, deduplication_id, source_id, receives_here
        FROM message WHERE queue_id = ?1 AND visible_ms <= ?2 AND NOT EXISTS (
            SELECT 1 FROM message AS other
            WHERE other.queue_id = message.queue_id AND other.group_id = message.group_id AND other.visible_ms > ?2
                AND (other.receives_here > 0 OR other.sequence < message.sequence))
        ORDER BY sequence LIMIT ?3";
    let sql = match wish.order {
        Order::Loose => LOOSE,
        Order::WithinGroups => WITHIN_GROUPS,
    };
    let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
    let candidate = |row: &Row<'_>| {
        let receives: i64 = row.get(6)?;
        let message = Message {
            handle: Handle { queue: wish.queue, sequence: row.get(0)?, receipt: receives + 1 },
            message_id: row.get(1)?,
            body: row.get(2)?,
            attributes: row.get(3)?,
            sent_ms: row.get(4)?,
            first_received_ms: row.get::<_, Option<i64>>(5)?.unwrap_or(wish.now.ms),
            receives: receives + 1,
            group: row.get(7)?,
            deduplication_id: row.get(8)?,
            source: row.get::<_, Option<i64>>(9)?.map(QueueId),
        };
        Ok((message, row.get(10)?))
    };
    connection.prepare_cached(sql)?.query_map(params![wish.queue.0, wish.now.ms, limit], candidate)?.collect()
}

/// Receives a candidate, moves it to the dead-letter queue, or drops it. Returns whether it was moved.
fn settle(
    connection: &Connection,
    wish: Receive,
    (message, receives_here): Candidate,
    received: &mut Vec<Message>,
) -> rusqlite::Result<bool> {
    const HIDE: &str = "UPDATE message SET visible_ms = ?2, receives = ?3, receives_here = receives_here + 1,
        first_received_ms = ?4 WHERE sequence = ?1";
    const MOVE: &str = "UPDATE message SET queue_id = ?2, source_id = queue_id, visible_ms = ?3, receives_here = 0
        WHERE sequence = ?1";
    let sequence = message.handle.sequence;
    if message.sent_ms < wish.now.kept_since_ms {
        forget(connection, sequence)?;
        return Ok(false);
    }
    match wish.redrive {
        Some(Redrive { to, max_receives }) if receives_here >= max_receives => {
            connection.prepare_cached(MOVE)?.execute(params![sequence, to.0, wish.now.ms])?;
            Ok(true)
        }
        Some(_) | None => {
            let hidden = params![sequence, wish.hidden_until_ms, message.receives, message.first_received_ms];
            connection.prepare_cached(HIDE)?.execute(hidden)?;
            received.push(message);
            Ok(false)
        }
    }
}

fn forget(connection: &Connection, sequence: i64) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM message WHERE sequence = ?1")?.execute([sequence]).map(|_| ())
}

fn find(connection: &Connection, handle: Handle, now: Now) -> rusqlite::Result<Found> {
    const SQL: &str = "SELECT receives, visible_ms FROM message
        WHERE sequence = ?1 AND queue_id = ?2 AND sent_ms >= ?3 AND receives > 0";
    let wanted = params![handle.sequence, handle.queue.0, now.kept_since_ms];
    let found = connection
        .prepare_cached(SQL)?
        .query_row(wanted, |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
        .optional()?;
    Ok(match found {
        None => Found::Gone,
        Some((receipt, visible_ms)) if receipt == handle.receipt && visible_ms > now.ms => Found::Current,
        Some(_) => Found::Outdated,
    })
}

/// Deletes; a message that was received again is deleted too, unless it is in order.
pub(crate) async fn delete(database: &Database, deleted: Vec<Handle>, now: Now) -> Result<Vec<Found>, Error> {
    const SQL: &str = "DELETE FROM message WHERE sequence = ?1 AND (group_id IS NULL OR ?2)";
    database
        .write(move |connection| {
            let delete = |handle: Handle| {
                let found = find(connection, handle, now)?;
                if found != Found::Gone {
                    let is_current = found == Found::Current;
                    connection.prepare_cached(SQL)?.execute(params![handle.sequence, is_current])?;
                }
                Ok(found)
            };
            deleted.into_iter().map(delete).collect()
        })
        .await
}

pub(crate) async fn change(database: &Database, changed: Vec<(Handle, i64)>, now: Now) -> Result<Vec<Found>, Error> {
    const SQL: &str = "UPDATE message SET visible_ms = ?2 WHERE sequence = ?1";
    database
        .write(move |connection| {
            let change = |(handle, visible_ms): (Handle, i64)| {
                let found = find(connection, handle, now)?;
                if found == Found::Current {
                    connection.prepare_cached(SQL)?.execute(params![handle.sequence, visible_ms])?;
                }
                Ok(found)
            };
            changed.into_iter().map(change).collect()
        })
        .await
}

pub(crate) async fn purge(database: &Database, queue: QueueId) -> Result<(), Error> {
    database.write(move |connection| super::empty(connection, queue)).await
}

pub(crate) async fn sweep(database: &Database, queue: QueueId, now: Now) -> Result<(), Error> {
    database
        .write(move |connection| {
            connection
                .prepare_cached("DELETE FROM message WHERE queue_id = ?1 AND sent_ms < ?2")?
                .execute(params![queue.0, now.kept_since_ms])?;
            connection
                .prepare_cached("DELETE FROM deduplication WHERE queue_id = ?1 AND until_ms <= ?2")?
                .execute(params![queue.0, now.ms])?;
            Ok(())
        })
        .await
}
