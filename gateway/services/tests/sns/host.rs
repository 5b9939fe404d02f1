//! The topics over a store in files, with subscribers that follow a script.

use fanlight_services::{
    BoxFuture, Call, Clock, Owner, Service, ServiceError,
    sns::{Deliver, Invoke, Outside, Queue, Sns, Undelivered},
    sqs::Sqs,
};
use fanlight_store::{Embedded, Options, Store};
use serde_json::{Value, json};
use std::{
    collections::{HashMap, VecDeque},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

/// A clock that moves when somebody waits.
#[derive(Debug)]
pub(crate) struct Manual(AtomicI64);

impl Clock for Manual {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn sleep_until(&self, at_ms: i64) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            // Whoever is ready goes first.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            self.0.fetch_max(at_ms, Ordering::SeqCst);
        })
    }
}

/// What a subscriber got, and when.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) at_ms: i64,
    pub(crate) who: String,
    pub(crate) kind: String,
    pub(crate) what: Value,
}

/// Functions and web servers that answer what they are told, in this order, and then succeed. The status 0 never answers.
#[derive(Debug)]
pub(crate) struct Subscribers {
    clock: Arc<Manual>,
    answers: Mutex<HashMap<String, VecDeque<u16>>>,
    got: Mutex<Vec<Got>>,
    pub(crate) discarded: Mutex<Vec<String>>,
}

impl Subscribers {
    fn take(&self, who: &str, kind: &str, what: Value) -> u16 {
        let at_ms = self.clock.now_ms();
        self.got.lock().unwrap().push(Got { at_ms, who: who.to_owned(), kind: kind.to_owned(), what });
        self.answers.lock().unwrap().get_mut(who).and_then(VecDeque::pop_front).unwrap_or(200)
    }
}

impl Invoke for Subscribers {
    fn invoke<'a>(&'a self, function_arn: &'a str, event: Value) -> BoxFuture<'a, Result<(), Undelivered>> {
        let answer = self.take(function_arn, "event", event);
        Box::pin(async move {
            match answer {
                200 => Ok(()),
                404 => Err(Undelivered::Permanently("no such function".to_owned())),
                _ => Err(Undelivered::FunctionFailed("it failed".to_owned())),
            }
        })
    }
}

impl Deliver for Subscribers {
    fn post<'a>(
        &'a self,
        url: &'a str,
        headers: Vec<(&'static str, String)>,
        body: String,
    ) -> BoxFuture<'a, Result<u16, String>> {
        let kind = headers.iter().find(|(name, _)| *name == "x-amz-sns-message-type").map(|(_, value)| value.clone());
        let what = serde_json::from_str(&body).unwrap_or(Value::String(body));
        let answer = self.take(url, &kind.unwrap_or_default(), what);
        Box::pin(async move {
            match answer {
                0 => std::future::pending().await,
                status => Ok(status),
            }
        })
    }

    fn discarded(&self, subscription_arn: &str, _: &str) {
        self.discarded.lock().unwrap().push(subscription_arn.to_owned());
    }
}

pub(crate) struct Host {
    pub(crate) sns: Arc<Sns>,
    sqs: Arc<Sqs>,
    pub(crate) subscribers: Arc<Subscribers>,
    clock: Arc<Manual>,
    owner: Owner,
}

impl Host {
    pub(crate) fn new(folder: &Path) -> Self {
        let clock = Arc::new(Manual(AtomicI64::new(1_795_344_266_000)));
        let store: Arc<dyn Store> = Arc::new(Embedded::new(folder, Options::default()));
        let shared: Arc<dyn Clock> = Arc::<Manual>::clone(&clock);
        let sqs = Arc::new(Sqs::new(Arc::clone(&store), Arc::clone(&shared), "http://localhost:4566"));
        let subscribers = Arc::new(Subscribers {
            clock: Arc::clone(&clock),
            answers: Mutex::default(),
            got: Mutex::default(),
            discarded: Mutex::default(),
        });
        let outside = Outside {
            functions: Arc::<Subscribers>::clone(&subscribers),
            servers: Arc::<Subscribers>::clone(&subscribers),
            queues: Arc::<Sqs>::clone(&sqs) as Arc<dyn Queue>,
        };
        let sns = Arc::new(Sns::new(store, shared, outside, "http://localhost:4566"));
        let owner = Owner { region: "us-east-1".to_owned(), account_id: "000000000000".to_owned() };
        Self { sns, sqs, subscribers, clock, owner }
    }

    async fn handle(&self, service: &dyn Service, operation: &str, input: Value) -> Result<Value, ServiceError> {
        let now_ms = self.clock.now_ms();
        service.handle(Call { operation, input, owner: &self.owner, now_ms, request_id: "r" }).await
    }

    pub(crate) async fn call(&self, operation: &str, input: Value) -> Result<Value, ServiceError> {
        self.handle(self.sns.as_ref(), operation, input).await
    }

    pub(crate) async fn good(&self, operation: &str, input: Value) -> Value {
        self.call(operation, input).await.unwrap_or_else(|error| panic!("{operation}: {error:?}"))
    }

    pub(crate) async fn message(&self, operation: &str, input: Value) -> String {
        self.call(operation, input).await.map_or_else(|error| error.message, |_| "none".to_owned())
    }

    /// Makes a topic and returns its ARN.
    pub(crate) async fn topic(&self, name: &str, attributes: Value) -> String {
        let made = self.good("CreateTopic", json!({ "Name": name, "Attributes": attributes })).await;
        made["TopicArn"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn subscribe(&self, topic: &str, protocol: &str, endpoint: &str, attributes: Value) -> String {
        let input = json!({
            "TopicArn": topic, "Protocol": protocol, "Endpoint": endpoint, "Attributes": attributes,
            "ReturnSubscriptionArn": "true"
        });
        self.good("Subscribe", input).await["SubscriptionArn"].as_str().unwrap().to_owned()
    }

    /// Makes a queue and returns its ARN.
    pub(crate) async fn queue(&self, name: &str, attributes: Value) -> String {
        let input = json!({ "QueueName": name, "Attributes": attributes });
        self.handle(self.sqs.as_ref(), "CreateQueue", input).await.unwrap();
        format!("arn:aws:sqs:us-east-1:000000000000:{name}")
    }

    /// The next message in a queue.
    pub(crate) async fn received(&self, name: &str) -> Value {
        let input = json!({ "QueueUrl": name, "MessageAttributeNames": ["All"], "AttributeNames": ["All"] });
        loop {
            let received = self.handle(self.sqs.as_ref(), "ReceiveMessage", input.clone()).await.unwrap();
            if let Some(message) = received["Messages"].get(0) {
                return message.clone();
            }
            tokio::task::yield_now().await;
        }
    }

    /// The next answers of a function or web server.
    pub(crate) fn answers(&self, who: &str, answers: &[u16]) {
        self.subscribers.answers.lock().unwrap().insert(who.to_owned(), answers.iter().copied().collect());
    }

    /// Waits until subscribers have got so much.
    pub(crate) async fn got(&self, count: usize) -> Vec<Got> {
        loop {
            let got = self.subscribers.got.lock().unwrap().clone();
            if got.len() >= count {
                return got;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Waits until so much is given up.
    pub(crate) async fn discarded(&self, count: usize) {
        while self.subscribers.discarded.lock().unwrap().len() < count {
            tokio::task::yield_now().await;
        }
    }

    /// Delivers while something else happens.
    pub(crate) async fn delivering<T>(&self, other: impl Future<Output = T>) -> T {
        self.sns.resume();
        tokio::select! {
            () = Arc::clone(&self.sns).run() => panic!("delivery never ends"),
            done = other => done,
        }
    }
}
