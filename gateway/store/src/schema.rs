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
