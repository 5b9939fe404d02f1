//! Durable state: SQLite, one writer, acknowledged after the commit.
