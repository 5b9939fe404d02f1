//! The tables, as the steps that lead to them. A step that has been released is never changed; a new one is added.

/// The schema of a file: its version is the number of its steps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schema {
    pub(crate) steps: &'static [&'static str],
}

impl Schema {
    pub(crate) fn version(self) -> u32 {
        u32::try_from(self.steps.len()).unwrap_or(u32::MAX)
    }
}

/// `control.db`
pub(crate) const CONTROL: Schema = Schema {
    steps: &["CREATE TABLE made_api_key (
        api_key_id TEXT NOT NULL PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;"],
};

/// `data.db`. Days are counted from 1970-01-01; a window ends before its last number.
pub(crate) const DATA: Schema = Schema {
    steps: &["CREATE TABLE quota (
        plan_id TEXT NOT NULL,
        key_id TEXT NOT NULL,
        window_start INTEGER NOT NULL,
        window_end INTEGER NOT NULL,
        used INTEGER NOT NULL,
        granted INTEGER NOT NULL,
        PRIMARY KEY (plan_id, key_id, window_start, window_end)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE daily_usage (
        plan_id TEXT NOT NULL,
        key_id TEXT NOT NULL,
        day INTEGER NOT NULL,
        used INTEGER NOT NULL,
        remaining INTEGER NOT NULL,
        PRIMARY KEY (plan_id, key_id, day)
    ) STRICT, WITHOUT ROWID;"],
};

/// `sinks.db`: what services received. Times are milliseconds since 1970.
pub(crate) const SINKS: Schema = Schema {
    steps: &["CREATE TABLE queue (
        queue_id INTEGER PRIMARY KEY AUTOINCREMENT,
        region TEXT NOT NULL,
        account_id TEXT NOT NULL,
        name TEXT NOT NULL,
        definition TEXT NOT NULL,
        UNIQUE (region, account_id, name)
    ) STRICT;
    CREATE TABLE message (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        queue_id INTEGER NOT NULL REFERENCES queue (queue_id),
        message_id TEXT NOT NULL,
        body TEXT NOT NULL,
        attributes TEXT NOT NULL,
        sent_ms INTEGER NOT NULL,
        visible_ms INTEGER NOT NULL,
        first_received_ms INTEGER,
        receives INTEGER NOT NULL DEFAULT 0,
        receives_here INTEGER NOT NULL DEFAULT 0,
        group_id TEXT,
        deduplication_id TEXT,
        source_id INTEGER
    ) STRICT;
    CREATE INDEX message_by_visibility ON message (queue_id, visible_ms, sequence);
    CREATE INDEX message_by_group ON message (queue_id, group_id, visible_ms) WHERE group_id IS NOT NULL;
    CREATE TABLE deduplication (
        queue_id INTEGER NOT NULL REFERENCES queue (queue_id),
        scope TEXT NOT NULL,
        deduplication_id TEXT NOT NULL,
        until_ms INTEGER NOT NULL,
        message_id TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        PRIMARY KEY (queue_id, scope, deduplication_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE journal (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        received_ms INTEGER NOT NULL,
        service TEXT NOT NULL,
        operation TEXT NOT NULL,
        request_id TEXT NOT NULL,
        input TEXT NOT NULL
    ) STRICT;
    CREATE TABLE topic (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        arn TEXT NOT NULL UNIQUE,
        topic_arn TEXT,
        definition TEXT NOT NULL
    ) STRICT;
    CREATE TABLE published (
        topic_arn TEXT NOT NULL,
        scope TEXT NOT NULL,
        deduplication_id TEXT NOT NULL,
        until_ms INTEGER NOT NULL,
        message_id TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        PRIMARY KEY (topic_arn, scope, deduplication_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE published_count (sequence INTEGER NOT NULL) STRICT;
    INSERT INTO published_count VALUES (0);
    CREATE TABLE delivery (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        subscription_arn TEXT NOT NULL,
        payload TEXT NOT NULL,
        due_ms INTEGER NOT NULL,
        ordered INTEGER NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX delivery_by_subscription ON delivery (subscription_arn, number);
    CREATE INDEX delivery_by_time ON delivery (due_ms);"],
};

/// `tables.db`. The bytes of a key have the order that the key has.
pub(crate) const TABLES: Schema = Schema {
    steps: &["CREATE TABLE record (
        space INTEGER NOT NULL,
        key BLOB NOT NULL,
        value BLOB NOT NULL,
        PRIMARY KEY (space, key)
    ) STRICT, WITHOUT ROWID;"],
};
