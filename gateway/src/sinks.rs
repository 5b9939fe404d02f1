//! The services that stand here for AWS's, joined to the store, the clock, functions and web servers.

mod event_source;
mod outside;

use crate::{backends::Clock, limits, print::Printer, site::Site, upstream::Upstream};
use arc_swap::ArcSwap;
use bytes::Bytes;
use event_source::EventSources;
use fanlight_aws_wire::Service as Which;
use fanlight_definition::{Diagnostic, Place, Resources, resources::sink};
use fanlight_execute::{
    Body,
    backends::{HttpFailure, HttpResponse, ServiceRequest},
};
use fanlight_services::{
    BoxFuture, Caller, Owner, Request, ServiceError,
    dynamodb::DynamoDb,
    sns::{DeclaredSubscription, DeclaredTopic, Outside, Sns},
    sqs::{DeclaredQueue, Sqs},
};
use fanlight_store::Store;
use outside::{Functions, Servers};
use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// The services of a host.
#[derive(Debug)]
pub(crate) struct Sinks {
    pub(crate) store: Arc<dyn Store>,
    clock: Clock,
    all: fanlight_services::Sinks,
    sqs: Arc<Sqs>,
    sns: Arc<Sns>,
    dynamodb: Arc<DynamoDb>,
    /// Whether anybody has called DynamoDB: without that its file is not made.
    has_tables: AtomicBool,
    functions: Arc<Functions>,
    sources: EventSources,
}

impl Sinks {
    /// `port` is where SDKs reach them, part of the URLs that they give out.
    pub(crate) fn new(
        store: Arc<dyn Store>,
        clock: Clock,
        upstream: Arc<Upstream>,
        printer: Printer,
        port: u16,
    ) -> Self {
        let shared: Arc<dyn fanlight_services::Clock> = Arc::new(Machine(clock));
        let endpoint = format!("http://127.0.0.1:{port}");
        let sqs = Arc::new(Sqs::new(Arc::clone(&store), Arc::clone(&shared), &endpoint));
        let functions = Arc::new(Functions::default());
        let outside = Outside {
            functions: Arc::<Functions>::clone(&functions),
            servers: Arc::new(Servers { upstream, printer }),
            queues: Arc::<Sqs>::clone(&sqs),
        };
        let sns = Arc::new(Sns::new(Arc::clone(&store), Arc::clone(&shared), outside, &endpoint));
        let dynamodb = Arc::new(DynamoDb::new(Arc::clone(&store)));
        let all = fanlight_services::Sinks::new(Arc::clone(&store), shared)
            .with(Which::Sqs, Arc::<Sqs>::clone(&sqs))
            .with(Which::Sns, Arc::<Sns>::clone(&sns))
            .with(Which::DynamoDb, Arc::<DynamoDb>::clone(&dynamodb));
        let sources = EventSources::default();
        Self { store, clock, all, sqs, sns, dynamodb, has_tables: AtomicBool::new(false), functions, sources }
    }

    /// Makes what a definition declares.
    pub(crate) async fn declare(&self, resources: &Resources, diagnostics: &mut Vec<Diagnostic>) {
        let mut judge = |place: &Place, outcome: Result<(), ServiceError>| {
            if let Err(error) = outcome {
                diagnostics.push(Diagnostic::error(place, error.message));
            }
        };
        let pairs = |map: &indexmap::IndexMap<String, String>| {
            map.iter().map(|(name, value)| (name.clone(), value.clone())).collect::<Vec<_>>()
        };
        let now_ms = self.clock.now().unix_ms;
        for sink::Queue { name, attributes, tags, place } in &resources.sinks.queues {
            let declared = DeclaredQueue {
                region: resources.region.clone(),
                account_id: resources.account_id.clone(),
                name: name.clone(),
                attributes: pairs(attributes),
                tags: pairs(tags),
            };
            judge(place, self.sqs.declare(declared, now_ms).await);
        }
        for sink::Topic { arn, attributes, tags, place } in &resources.sinks.topics {
            let declared = DeclaredTopic { arn: arn.clone(), attributes: pairs(attributes), tags: pairs(tags) };
            judge(place, self.sns.declare_topic(declared).await);
        }
        for sink::Subscription { topic_arn, protocol, endpoint, attributes, place } in &resources.sinks.subscriptions {
            let declared = DeclaredSubscription {
                topic_arn: topic_arn.clone(),
                protocol: protocol.clone(),
                endpoint: endpoint.clone(),
                attributes: pairs(attributes),
            };
            judge(place, self.sns.declare_subscription(declared, now_ms).await);
        }
    }

    /// Feeds the functions of a site from its queues and topics.
    pub(crate) fn feed(&self, resources: &Resources, site: &Arc<ArcSwap<Site>>) {
        self.functions.join(Arc::downgrade(site));
        let site: Weak<ArcSwap<Site>> = Arc::downgrade(site);
        self.sources.replace(&resources.sinks.event_source_mappings, (&self.sqs, self.clock), &site);
    }

    /// Delivers to subscribers and forgets what is too old, for ever.
    pub(crate) async fn run(self: Arc<Self>) {
        let sweep = async {
            loop {
                tokio::time::sleep(limits::SWEEP).await;
                if let Err(error) = self.sqs.sweep().await {
                    tracing::warn!(error = error.message, "queues cannot be swept");
                }
                self.keep_tables().await;
            }
        };
        tokio::join!(sweep, Arc::clone(&self.sns).run());
    }

    /// Removes items of tables whose time is over, and what else is done behind the scenes.
    async fn keep_tables(&self) {
        if !self.has_tables.load(Ordering::Relaxed) {
            return;
        }
        if let Err(error) = self.dynamodb.upkeep(self.clock.now().unix_ms).await {
            tracing::warn!(error = error.message, "tables cannot be kept");
        }
    }

    async fn answer(&self, request: Request<'_>) -> http::Response<Vec<u8>> {
        if request.service == Which::DynamoDb {
            self.has_tables.store(true, Ordering::Relaxed);
        }
        self.all.answer(request).await
    }

    /// Ends what feeds functions.
    pub(crate) async fn stop(&self) {
        self.sources.stop().await;
    }

    /// Answers a method's integration.
    pub(crate) async fn integration(&self, request: ServiceRequest) -> Result<HttpResponse, HttpFailure> {
        let ServiceRequest { service, region, account_id, request_id, http } = request;
        let body = http.body.read_limited(limits::SERVICE_REQUEST_BYTES).await.map_err(HttpFailure::RequestBody)?;
        let uri: http::Uri = http
            .uri
            .parse()
            .map_err(|error| HttpFailure::InvalidAddress(format!("`{}` is no address: {error}", http.uri)))?;
        let target = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let owner = Owner { region, account_id };
        let caller = Caller::Integration(request_id);
        let request = Request { service, owner, target, headers: &http.headers, body: &body, caller };
        let (parts, body) = self.answer(request).await.into_parts();
        Ok(HttpResponse { status: parts.status, headers: parts.headers, body: Body::Buffered(Bytes::from(body)) })
    }

    /// Answers an SDK.
    pub(crate) async fn sdk(&self, request: Request<'_>) -> http::Response<Vec<u8>> {
        self.answer(request).await
    }
}

/// The machine's clock.
#[derive(Debug)]
struct Machine(Clock);

impl fanlight_services::Clock for Machine {
    fn now_ms(&self) -> i64 {
        self.0.now().unix_ms
    }

    fn sleep_until(&self, at_ms: i64) -> BoxFuture<'_, ()> {
        let left = u64::try_from(at_ms - self.now_ms()).unwrap_or(0);
        Box::pin(tokio::time::sleep(Duration::from_millis(left)))
    }
}
