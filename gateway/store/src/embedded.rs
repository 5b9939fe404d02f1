//! The store in files of this machine.

use crate::{
    ApiKeys, BoxFuture, Error, Quotas, Store, api_key,
    database::Database,
    quota::{self, Counter, DailyUsage, Wanted},
    schema::{self, Schema},
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
}

impl Part {
    const fn schema(self) -> Schema {
        match self {
            Self::Control => schema::CONTROL,
            Self::Data => schema::DATA,
        }
    }
}

impl Embedded {
    /// A store in a folder. Nothing is opened yet.
    #[must_use]
    pub fn new(folder: &Path, options: Options) -> Self {
        Self { folder: folder.to_owned(), options, control: OnceCell::new(), data: OnceCell::new() }
    }

    /// The file of a part.
    #[must_use]
    pub fn file(&self, part: Part) -> PathBuf {
        self.folder.join(match part {
            Part::Control => "control.db",
            Part::Data => "data.db",
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
