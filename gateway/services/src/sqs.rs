//! Amazon SQS: standard and FIFO queues.
//!
//! AWS: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html>
//!
//! | operations | |
//! |---|---|
//! | `CreateQueue`, `DeleteQueue`, `GetQueueUrl`, `ListQueues`, `ListDeadLetterSourceQueues`, `PurgeQueue` | as on AWS; a deleted name can be used again at once |
//! | `GetQueueAttributes`, `SetQueueAttributes` | as on AWS; policies and keys are kept and have no effect |
//! | `SendMessage`, `SendMessageBatch`, `ReceiveMessage`, `DeleteMessage`, `DeleteMessageBatch`, `ChangeMessageVisibility`, `ChangeMessageVisibilityBatch` | as on AWS; `ReceiveRequestAttemptId` has no effect |
//! | `TagQueue`, `UntagQueue`, `ListQueueTags` | as on AWS |
//! | `AddPermission`, `RemovePermission`, `StartMessageMoveTask`, `CancelMessageMoveTask`, `ListMessageMoveTasks` | refused with `UnsupportedOperation` |

mod attribute;
mod batch;
mod definition;
mod digest;
mod message;
mod queues;
mod receipt;
mod receive;
pub mod wire;

pub use queues::DeclaredQueue;

use crate::{BoxFuture, Call, Clock, Service, ServiceError, input, store_failure};
use definition::Definition;
use fanlight_store::{Store, queue::QueueId};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{Notify, OnceCell};

/// The queues of a host.
#[derive(Debug)]
pub struct Sqs {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// Before `/{account}/{queue}` in queue URLs.
    endpoint: String,
    queues: OnceCell<Mutex<Queues>>,
}

/// What is known of queues, by where they stand and what they are called. The store has it too; this spares the reading.
type Queues = HashMap<Name, Arc<Queue>>;

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Name {
    region: String,
    account_id: String,
    name: String,
}

#[derive(Debug)]
struct Queue {
    id: QueueId,
    name: Name,
    definition: Definition,
    /// Told when there is something to receive.
    arrived: Arc<Notify>,
}

impl Queue {
    fn arn(&self) -> String {
        let Name { region, account_id, name } = &self.name;
        format!("arn:aws:sqs:{region}:{account_id}:{name}")
    }

    fn is_fifo(&self) -> bool {
        self.definition.is_fifo()
    }
}

impl Name {
    fn of_arn(arn: &str) -> Option<Self> {
        let mut parts = arn.strip_prefix("arn:aws:sqs:")?.split(':');
        let (region, account_id, name) = (parts.next()?, parts.next()?, parts.next()?);
        parts.next().is_none().then(|| Self {
            region: region.to_owned(),
            account_id: account_id.to_owned(),
            name: name.to_owned(),
        })
    }
}

impl Service for Sqs {
    fn handle<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Value, ServiceError>> {
        Box::pin(self.perform(call))
    }
}

impl Sqs {
    /// The queues that the store has. `endpoint` stands before the path in queue URLs.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, endpoint: &str) -> Self {
        Self { store, clock, endpoint: endpoint.trim_end_matches('/').to_owned(), queues: OnceCell::new() }
    }

    async fn perform(&self, call: Call<'_>) -> Result<Value, ServiceError> {
        match call.operation {
            "CreateQueue" => queues::create(self, &call).await,
            "DeleteQueue" => queues::delete(self, &call).await,
            "GetQueueUrl" => queues::url(self, &call).await,
            "ListQueues" => queues::list(self, &call).await,
            "ListDeadLetterSourceQueues" => queues::dead_letter_sources(self, &call).await,
            "PurgeQueue" => queues::purge(self, &call).await,
            "GetQueueAttributes" => queues::attributes(self, &call).await,
            "SetQueueAttributes" => queues::set_attributes(self, &call).await,
            "TagQueue" | "UntagQueue" => queues::tag(self, &call).await,
            "ListQueueTags" => queues::tags(self, &call).await,
            "SendMessage" => message::send(self, &call).await,
            "SendMessageBatch" => batch::send(self, &call).await,
            "ReceiveMessage" => receive::receive(self, &call).await,
            "DeleteMessage" => receipt::delete(self, &call).await,
            "DeleteMessageBatch" => batch::delete(self, &call).await,
            "ChangeMessageVisibility" => receipt::change_visibility(self, &call).await,
            "ChangeMessageVisibilityBatch" => batch::change_visibility(self, &call).await,
            "AddPermission"
            | "RemovePermission"
            | "StartMessageMoveTask"
            | "CancelMessageMoveTask"
            | "ListMessageMoveTasks" => Err(ServiceError::sender(
                "UnsupportedOperation",
                format!("the operation `{}` is not served here", call.operation),
            )),
            _ => Err(call.unknown_operation()),
        }
    }

    /// Deletes messages that are older than their queues keep them.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn sweep(&self) -> Result<(), ServiceError> {
        if self.queues.get().is_none() {
            // Nobody has used a queue yet, so there may not even be a file.
            return Ok(());
        }
        let queues: Vec<Arc<Queue>> = self.lock().await?.values().cloned().collect();
        for queue in queues {
            let now = queue.definition.now(self.clock.now_ms());
            self.store.sweep_queue(queue.id, now).await.map_err(failed)?;
        }
        Ok(())
    }

    async fn lock(&self) -> Result<std::sync::MutexGuard<'_, Queues>, ServiceError> {
        let load = || async {
            let queues = self.store.queues().await.map_err(failed)?;
            let known = queues.into_iter().map(|queue| {
                let definition = Definition::read(&queue.definition);
                let name = Name { region: queue.region, account_id: queue.account_id, name: queue.name };
                let known = Queue { id: queue.id, name: name.clone(), definition, arrived: Arc::default() };
                (name, Arc::new(known))
            });
            Ok::<_, ServiceError>(Mutex::new(known.collect()))
        };
        let queues = self.queues.get_or_try_init(load).await?;
        Ok(queues.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn named(&self, name: &Name) -> Result<Arc<Queue>, ServiceError> {
        self.lock().await?.get(name).cloned().ok_or_else(no_such_queue)
    }

    /// The queue of a call's `QueueUrl`.
    async fn queue(&self, call: &Call<'_>) -> Result<Arc<Queue>, ServiceError> {
        let url = input::required(&call.input, "QueueUrl")?;
        let mut parts = url.trim_end_matches('/').rsplit('/');
        // Some give the name alone.
        let name = parts.next().unwrap_or_default().to_owned();
        let account = parts.next().filter(|part| part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_digit()));
        let account_id = account.unwrap_or(&call.owner.account_id).to_owned();
        self.named(&Name { region: call.owner.region.clone(), account_id, name }).await
    }

    fn url(&self, Name { account_id, name, .. }: &Name) -> String {
        format!("{}/{account_id}/{name}", self.endpoint)
    }
}

fn no_such_queue() -> ServiceError {
    ServiceError::sender("QueueDoesNotExist", "The specified queue does not exist.")
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn failed(error: fanlight_store::Error) -> ServiceError {
    store_failure("InternalError", &error)
}

fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::sender("InvalidParameterValue", message)
}

/// An operation that answers nothing.
fn nothing() -> Value {
    json!({})
}
