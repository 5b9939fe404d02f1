//! The queues over a store in files.

use fanlight_services::{BoxFuture, Call, Clock, Owner, Service, ServiceError, sqs::Sqs};
use fanlight_store::{Embedded, Options, Store};
use serde_json::{Value, json};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

/// A clock that moves when somebody waits, or lets time pass.
#[derive(Debug, Default)]
pub(crate) struct Manual(AtomicI64);

impl Clock for Manual {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn sleep_until(&self, at_ms: i64) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            // Whoever is ready goes first.
            tokio::task::yield_now().await;
            self.0.fetch_max(at_ms, Ordering::SeqCst);
        })
    }
}

pub(crate) struct Host {
    pub(crate) sqs: Sqs,
    pub(crate) clock: Arc<Manual>,
    owner: Owner,
}

const START_MS: i64 = 1_795_344_266_000;

impl Host {
    pub(crate) fn new(folder: &Path) -> Self {
        let clock = Arc::new(Manual(AtomicI64::new(START_MS)));
        let store: Arc<dyn Store> = Arc::new(Embedded::new(folder, Options::default()));
        let sqs = Sqs::new(store, Arc::<Manual>::clone(&clock), "http://localhost:4566/");
        let owner = Owner { region: "us-east-1".to_owned(), account_id: "000000000000".to_owned() };
        Self { sqs, clock, owner }
    }

    pub(crate) async fn call(&self, operation: &str, input: Value) -> Result<Value, ServiceError> {
        let now_ms = self.clock.now_ms();
        self.sqs.handle(Call { operation, input, owner: &self.owner, now_ms, request_id: "r" }).await
    }

    pub(crate) async fn good(&self, operation: &str, input: Value) -> Value {
        self.call(operation, input).await.unwrap_or_else(|error| panic!("{operation}: {error:?}"))
    }

    pub(crate) async fn code(&self, operation: &str, input: Value) -> &'static str {
        self.call(operation, input).await.map_or_else(|error| error.code, |_| "none")
    }

    pub(crate) fn pass(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// Makes a queue and returns its URL.
    pub(crate) async fn queue(&self, name: &str, attributes: Value) -> Value {
        self.good("CreateQueue", json!({ "QueueName": name, "Attributes": attributes })).await["QueueUrl"].clone()
    }

    /// The bodies of what is received.
    pub(crate) async fn bodies(&self, url: &Value) -> Vec<String> {
        let received = self.good("ReceiveMessage", json!({ "QueueUrl": url, "MaxNumberOfMessages": 10 })).await;
        let messages = received["Messages"].as_array().cloned().unwrap_or_default();
        messages.iter().map(|message| message["Body"].as_str().unwrap().to_owned()).collect()
    }
}
