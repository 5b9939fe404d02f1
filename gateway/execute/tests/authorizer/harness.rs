//! An API with one authorizer, served without sockets: the clock is a number, the function a closure.

use bytes::Bytes;
use fanlight_definition::{Diagnostic, Read, ReadOptions, read};
use fanlight_execute::{
    Body, Request, StageSnapshot, Trace,
    authorize::{
        cache::{Cache, Key, Scope, Store},
        cognito::UserPools,
        iam::AccessKey,
    },
    backends::{
        Backends, BoxFuture, FunctionRequest, FunctionResponse, HttpFailure, HttpRequest, HttpResponse, InvokeFailure,
        Moment, ServiceRequest,
    },
    compile,
    exchange::{Client, Spelling},
    limits::Limits,
    quota::{self, CountFailure, Counter},
    rest,
    stage_cache::entries,
    throttle::{self, BucketId, Throttle},
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    fmt,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// What a function makes of an event.
pub(crate) type Answer = dyn Fn(&Value) -> Result<Value, Value> + Send + Sync;

/// What the lifecycle reaches.
pub(crate) struct Host {
    /// Milliseconds.
    pub(crate) clock: AtomicU64,
    /// How often the authorizer was asked.
    pub(crate) calls: AtomicU64,
    /// How often it is not ready before it answers.
    pub(crate) delay: AtomicU64,
    answer: Box<Answer>,
    cache: Cache,
    user_pools: UserPools,
    stage_cache: entries::Cache,
}

impl fmt::Debug for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Host")
    }
}

#[derive(Debug)]
struct Answers<T>(Mutex<HashMap<Key, Arc<T>>>);

impl<T: fmt::Debug + Send + Sync> Store<T> for Answers<T> {
    fn get(&self, key: &Key) -> Option<Arc<T>> {
        self.0.lock().unwrap().get(key).cloned()
    }

    fn insert(&self, key: Key, kept: Arc<T>) {
        self.0.lock().unwrap().insert(key, kept);
    }

    fn forget(&self, scope: Option<Scope>) {
        self.0.lock().unwrap().retain(|key, _| scope.is_some_and(|scope| key.scope != scope));
    }
}

impl Host {
    pub(crate) fn new(answer: impl Fn(&Value) -> Result<Value, Value> + Send + Sync + 'static) -> Self {
        Self {
            clock: AtomicU64::new(1_000_000),
            calls: AtomicU64::new(0),
            delay: AtomicU64::new(0),
            answer: Box::new(answer),
            cache: Cache::new(Box::new(Answers(Mutex::default()))),
            stage_cache: entries::Cache::new(Box::new(Answers(Mutex::default()))),
            user_pools: UserPools::default(),
        }
    }

    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    pub(crate) fn pass(&self, milliseconds: u64) {
        self.clock.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Backends for Host {
    fn now(&self) -> Moment {
        let milliseconds = self.clock.load(Ordering::SeqCst);
        Moment {
            unix_ms: 1_795_344_266_000 + i64::try_from(milliseconds).unwrap(),
            monotonic: Duration::from_millis(milliseconds),
        }
    }

    fn sleep_until(&self, _: Duration) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }

    fn random(&self) -> u64 {
        7
    }

    fn invoke<'a>(
        &'a self,
        _: &'a str,
        request: FunctionRequest,
    ) -> BoxFuture<'a, Result<FunctionResponse, InvokeFailure>> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let mut rounds = self.delay.load(Ordering::SeqCst);
        Box::pin(async move {
            std::future::poll_fn(|context| {
                if rounds == 0 {
                    return std::task::Poll::Ready(());
                }
                rounds -= 1;
                context.waker().wake_by_ref();
                std::task::Poll::Pending
            })
            .await;
            let event = serde_json::from_slice(&request.payload).unwrap();
            let (payload, error) = match (self.answer)(&event) {
                Ok(payload) => (payload, None),
                Err(document) => (document, Some("failed".to_owned())),
            };
            Ok(FunctionResponse { request_id: String::new(), payload: Bytes::from(payload.to_string()), error })
        })
    }

    fn access_key(&self, _: &str) -> Option<Arc<AccessKey>> {
        None
    }

    fn user_pools(&self) -> &UserPools {
        &self.user_pools
    }

    fn authorizer_cache(&self) -> &Cache {
        &self.cache
    }

    fn stage_cache(&self) -> &entries::Cache {
        &self.stage_cache
    }

    fn take_token(&self, _: BucketId, _: &Throttle, _: Duration) -> throttle::Decision {
        panic!("no method is throttled")
    }

    fn count<'a>(&'a self, _: Counter<'a>) -> BoxFuture<'a, Result<quota::Decision, CountFailure>> {
        panic!("no plan has a quota")
    }

    fn send(&self, _: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, HttpFailure>> {
        Box::pin(async { Err(HttpFailure::Network("nobody is there".to_owned())) })
    }

    fn service(&self, _: ServiceRequest) -> BoxFuture<'_, Result<HttpResponse, HttpFailure>> {
        Box::pin(async { Err(HttpFailure::Network("nobody is there".to_owned())) })
    }
}

/// An OpenAPI file with the methods `GET /a`, `POST /a` and `GET /{x+}` behind one authorizer.
pub(crate) fn definition(authorizer: &Value, policy: Option<&Value>) -> Value {
    let integration = json!({
        "type": "mock",
        "requestTemplates": { "application/json": r#"{"statusCode":200}"# },
        "responses": { "default": { "statusCode": "200" } },
    });
    let method = json!({
        "security": [{ "gate": [] }],
        "responses": { "200": { "description": "ok" } },
        "x-amazon-apigateway-integration": integration,
    });
    let scheme = json!({
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": authorizer,
    });
    let mut definition = json!({
        "openapi": "3.0.1",
        "info": { "title": "api", "version": "1" },
        "x-fanlight-functions": {
            "authz": { "handler": "index.handler", "runtime": "nodejs20.x", "codeUri": "code" },
        },
        "components": { "securitySchemes": { "gate": scheme } },
        "paths": { "/a": { "get": method, "post": method }, "/{x+}": { "get": method } },
    });
    if let Some(policy) = policy {
        definition["x-amazon-apigateway-policy"] = policy.clone();
    }
    definition
}

/// A `TOKEN` authorizer.
pub(crate) fn token(ttl: u32) -> Value {
    json!({ "type": "token", "authorizerUri": "function:authz", "authorizerResultTtlInSeconds": ttl })
}

/// A `REQUEST` authorizer.
pub(crate) fn request(ttl: u32, sources: &str) -> Value {
    let mut authorizer = token(ttl);
    authorizer["type"] = "request".into();
    authorizer["identitySource"] = sources.into();
    authorizer
}

/// The stage of a definition, or what is wrong with it. `name` is the name of the test.
pub(crate) fn compiled(name: &str, definition: &Value) -> (Option<StageSnapshot>, Vec<Diagnostic>) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("authorizer").join(name);
    std::fs::create_dir_all(folder.join("code")).unwrap();
    std::fs::write(folder.join("code/index.js"), "exports.handler = async () => ({});").unwrap();
    let file = folder.join("openapi.json");
    std::fs::write(&file, definition.to_string()).unwrap();
    let Read { resources, mut diagnostics, .. } = read(&file, &ReadOptions::default());
    let Some(resources) = resources else { return (None, diagnostics) };
    let api = &resources.rest_apis[0];
    let (deployment, found) = compile::rest_api(api, &resources);
    diagnostics.extend(found);
    let stage = deployment.map(|deployment| {
        let settings = (api, &api.stages[0]);
        compile::stage(settings, &resources, &Arc::new(deployment), Limits::default()).0
    });
    (stage, diagnostics)
}

/// The same for a definition that must be served.
pub(crate) fn stage(name: &str, authorizer: &Value) -> StageSnapshot {
    let (stage, diagnostics) = compiled(name, &definition(authorizer, None));
    stage.unwrap_or_else(|| panic!("{diagnostics:?}"))
}

/// Serves `GET /a` and the like, with headers in order.
pub(crate) async fn send(stage: &StageSnapshot, host: &Host, line: &str, headers: &[(&str, &str)]) -> (u16, String) {
    let (verb, target) = line.split_once(' ').unwrap();
    let mut map = http::HeaderMap::new();
    for (name, value) in headers {
        map.append(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
    }
    let request = Request {
        method: verb.parse().unwrap(),
        uri: target.parse().unwrap(),
        path_start: 0,
        base_path: None,
        headers: map,
        spelling: Spelling::default(),
        client: Client { source_ip: "127.0.0.1".parse().unwrap(), port: 443 },
    };
    let (response, _) = rest::serve(stage, host, request, Body::Buffered(Bytes::new()), Trace::default()).await;
    let body = response.body.read_limited(1 << 20).await.unwrap();
    (response.status.as_u16(), String::from_utf8(body.to_vec()).unwrap())
}

/// An answer that allows or denies a resource.
pub(crate) fn answer(effect: &str, resource: &str) -> Value {
    let statement = json!({ "Effect": effect, "Action": "execute-api:Invoke", "Resource": resource });
    json!({
        "principalId": "me",
        "policyDocument": { "Version": "2012-10-17", "Statement": [statement] },
    })
}

pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
