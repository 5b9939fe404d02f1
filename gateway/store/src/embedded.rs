//! The store in files of this machine.

use crate::{
    ApiKeys, BoxFuture, Error, Quotas, Store, Tables, api_key,
    database::Database,
    journal::{self, Entry, Journal, NewEntry},
    queue::{self, Counts, Found, Handle, NewMessage, NewQueue, Now, Queue, QueueId, Queues, Receive, Received, Sent},
    quota::{self, Counter, DailyUsage, Wanted},
    schema::{self, Schema},
    table::{self, Work},
    topic::{self, Defined, Due, Publication, Published, Topics},
};
use std::path::{Path, PathBuf};
use tokio::{sync::OnceCell, task::spawn_blocking};

/// The store in files of this machine. A file is made when it is needed first, so that a host that keeps nothing writes
/// nothing.
#[derive(Debug)]
pub struct Embedded {
    folder: PathBuf,
    options: Options,
    control: OnceCell<Database>,
    data: OnceCell<Database>,
    sinks: OnceCell<Database>,
    tables: OnceCell<Database>,
}

/// How files are opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The most pages of 4 KB that a file may have.
    pub max_pages: Option<u32>,
}

/// One of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `control.db`: what was set up.
    Control,
    /// `data.db`: what was counted.
    Data,
    /// `sinks.db`: what services received.
    Sinks,
    /// `tables.db`: the items of tables.
    Tables,
}

impl Part {
    const fn schema(self) -> Schema {
        match self {
            Self::Control => schema::CONTROL,
            Self::Data => schema::DATA,
            Self::Sinks => schema::SINKS,
            Self::Tables => schema::TABLES,
        }
    }
}

impl Embedded {
    /// A store in a folder. Nothing is opened yet.
    #[must_use]
    pub fn new(folder: &Path, options: Options) -> Self {
        Self {
            folder: folder.to_owned(),
            options,
            control: OnceCell::new(),
            data: OnceCell::new(),
            sinks: OnceCell::new(),
            tables: OnceCell::new(),
        }
    }

    /// The file of a part.
    #[must_use]
    pub fn file(&self, part: Part) -> PathBuf {
        self.folder.join(match part {
            Part::Control => "control.db",
            Part::Data => "data.db",
            Part::Sinks => "sinks.db",
            Part::Tables => "tables.db",
        })
    }

    /// Opens a part, if it is not open yet.
    ///
    /// # Errors
    /// It is of a newer version, is no database, or cannot be opened.
    pub async fn open(&self, part: Part) -> Result<(), Error> {
        self.part(part).await.map(|_| ())
    }

    /// Looks for damage in a part, beside everything else; a part that nothing has needed yet has none. Each finding is a
    /// line for people.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn quick_check(&self, part: Part) -> Result<Vec<String>, Error> {
        match self.cell(part).get() {
            Some(database) => database.quick_check().await,
            None => Ok(Vec::new()),
        }
    }

    const fn cell(&self, part: Part) -> &OnceCell<Database> {
        match part {
            Part::Control => &self.control,
            Part::Data => &self.data,
            Part::Sinks => &self.sinks,
            Part::Tables => &self.tables,
        }
    }

    async fn part(&self, part: Part) -> Result<&Database, Error> {
        let open = || async {
            let (file, options) = (self.file(part), self.options);
            let opening = spawn_blocking(move || Database::open(&file, part.schema(), options));
            opening.await.map_err(|_| Error::Closed)?
        };
        self.cell(part).get_or_try_init(open).await
    }
}

impl Store for Embedded {}

impl ApiKeys for Embedded {
    fn keep_api_key<'a>(&'a self, api_key_id: &'a str, value: &'a str) -> BoxFuture<'a, Result<String, Error>> {
        Box::pin(async {
            api_key::keep(self.part(Part::Control).await?, api_key_id.to_owned(), value.to_owned()).await
        })
    }
}

impl Quotas for Embedded {
    fn take(&self, counter: Counter, wanted: Wanted) -> BoxFuture<'_, Result<u64, Error>> {
        Box::pin(async move { quota::take(self.part(Part::Data).await?, counter, wanted).await })
    }

    fn give_back(&self, counter: Counter, amount: u64) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move { quota::give_back(self.part(Part::Data).await?, counter, amount).await })
    }

    fn usage<'a>(&'a self, plan_id: &'a str, first_day: i32) -> BoxFuture<'a, Result<Vec<DailyUsage>, Error>> {
        Box::pin(async move { quota::usage(self.part(Part::Data).await?, plan_id.to_owned(), first_day).await })
    }
}

impl Queues for Embedded {
    fn queues(&self) -> BoxFuture<'_, Result<Vec<Queue>, Error>> {
        Box::pin(async move { queue::all(self.part(Part::Sinks).await?).await })
    }

    fn create_queue(&self, queue: NewQueue) -> BoxFuture<'_, Result<Queue, Error>> {
        Box::pin(async move { queue::create(self.part(Part::Sinks).await?, queue).await })
    }

    fn define_queue(&self, queue: QueueId, definition: String) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move { queue::define(self.part(Part::Sinks).await?, queue, definition).await })
    }

    fn delete_queue(&self, queue: QueueId) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move { queue::drop_queue(self.part(Part::Sinks).await?, queue).await })
    }

    fn send(&self, queue: QueueId, messages: Vec<NewMessage>) -> BoxFuture<'_, Result<Vec<Sent>, Error>> {
        Box::pin(async move { queue::send(self.part(Part::Sinks).await?, queue, messages).await })
    }

    fn receive(&self, receive: Receive) -> BoxFuture<'_, Result<Received, Error>> {
        Box::pin(async move { queue::receive(self.part(Part::Sinks).await?, receive).await })
    }

    fn delete_messages(&self, deleted: Vec<Handle>, now: Now) -> BoxFuture<'_, Result<Vec<Found>, Error>> {
        Box::pin(async move { queue::delete(self.part(Part::Sinks).await?, deleted, now).await })
    }

    fn change_visibility(&self, changed: Vec<(Handle, i64)>, now: Now) -> BoxFuture<'_, Result<Vec<Found>, Error>> {
        Box::pin(async move { queue::change(self.part(Part::Sinks).await?, changed, now).await })
    }

    fn purge_queue(&self, queue: QueueId) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move { queue::purge(self.part(Part::Sinks).await?, queue).await })
    }

    fn count_messages(&self, queue: QueueId, now: Now) -> BoxFuture<'_, Result<Counts, Error>> {
        Box::pin(async move { queue::count(self.part(Part::Sinks).await?, queue, now).await })
    }

    fn sweep_queue(&self, queue: QueueId, now: Now) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move { queue::sweep(self.part(Part::Sinks).await?, queue, now).await })
    }
}

impl Journal for Embedded {
    fn record(&self, entry: NewEntry) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move { journal::record(self.part(Part::Sinks).await?, entry).await })
    }

    fn recorded(
        &self,
        after: i64,
        service: Option<String>,
        at_most: usize,
    ) -> BoxFuture<'_, Result<Vec<Entry>, Error>> {
        Box::pin(async move { journal::recorded(self.part(Part::Sinks).await?, after, service, at_most).await })
    }
}

impl Tables for Embedded {
    fn read(&self, work: Work) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move { table::read(self.part(Part::Tables).await?, work).await })
    }

    fn transact(&self, work: Work) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move { table::transact(self.part(Part::Tables).await?, work).await })
    }
}

impl Topics for Embedded {
    fn topics(&self) -> BoxFuture<'_, Result<Vec<Defined>, Error>> {
        Box::pin(async move { topic::all(self.part(Part::Sinks).await?).await })
    }

    fn define_topic(&self, defined: Defined) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move { topic::define(self.part(Part::Sinks).await?, defined).await })
    }

    fn forget_topic(&self, arn: String) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move { topic::forget(self.part(Part::Sinks).await?, arn).await })
    }

    fn publish(&self, messages: Vec<Publication>) -> BoxFuture<'_, Result<Vec<Published>, Error>> {
        Box::pin(async move { topic::publish(self.part(Part::Sinks).await?, messages).await })
    }

    fn due(&self, now_ms: i64, per_subscription: usize) -> BoxFuture<'_, Result<Due, Error>> {
        Box::pin(async move { topic::due(self.part(Part::Sinks).await?, now_ms, per_subscription).await })
    }

    fn delivered(&self, number: i64) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move { topic::delivered(self.part(Part::Sinks).await?, number).await })
    }

    fn put_off(&self, number: i64, due_ms: i64) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move { topic::put_off(self.part(Part::Sinks).await?, number, due_ms).await })
    }
}
