//! Durable state: SQLite, one writer, acknowledged after the commit.
//!
//! A domain is a module with a trait, its types and its SQL; [`Store`] is all of them. Statements keep to what SQLite and
//! PostgreSQL share (`INSERT .. ON CONFLICT .. RETURNING`, no triggers, no extensions): one trait, one conformance suite.
//!
//! - A write is acknowledged after its transaction is on disk. Writers that wait together share one transaction; each one's
//!   statements are undone alone when they fail.
//! - After an I/O error a file takes no more writes until it is opened again, because nobody knows what the disk holds;
//!   reads go on.
//! - `control.db` holds what was set up, `data.db` what was counted, `sinks.db` what services received, `tables.db` the items
//!   of tables: a full or damaged one does not take the others along.

pub mod api_key;
mod database;
mod embedded;
mod error;
pub mod journal;
mod limits;
pub mod queue;
pub mod quota;
mod readers;
mod schema;
pub mod table;
pub mod topic;
mod writer;

pub use api_key::ApiKeys;
pub use embedded::{Embedded, Options, Part};
pub use error::Error;
pub use journal::Journal;
pub use queue::Queues;
pub use quota::Quotas;
pub use table::Tables;
pub use topic::Topics;

use std::{fmt, future::Future, pin::Pin};

/// A future that is boxed because it crosses a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Everything durable, by domain.
pub trait Store: ApiKeys + Journal + Queues + Quotas + Tables + Topics + fmt::Debug + Send + Sync {}
