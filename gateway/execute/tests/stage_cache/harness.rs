//! An API with a cached method, served without sockets: the clock is a number, the function counts.

use bytes::Bytes;
use fanlight_definition::{Read, ReadOptions, read, resources::Stage};
use fanlight_execute::{
    Body, Request, StageSnapshot, Trace,
    authorize::{
        self,
        cache::{Key, Scope, Store},
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

/// What the lifecycle reaches.
pub(crate) struct Host {
    /// Milliseconds.
    clock: AtomicU64,
    /// How often the endpoint was asked.
    calls: AtomicU64,
    /// How often it is not ready before it answers.
    pub(crate) delay: AtomicU64,
    /// What it answers, beside the number of the call.
    pub(crate) response: Mutex<Value>,
    authorizer_cache: authorize::cache::Cache,
    user_pools: UserPools,
    pub(crate) stage_cache: entries::Cache,
}

impl fmt::Debug for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Host")
    }
}

/// Keeps everything.
#[derive(Debug)]
struct Kept<T>(Mutex<HashMap<Key, Arc<T>>>);

impl<T: fmt::Debug + Send + Sync> Store<T> for Kept<T> {
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
    pub(crate) fn new() -> Self {
        Self {
            clock: AtomicU64::new(1_000_000),
            calls: AtomicU64::new(0),
            delay: AtomicU64::new(0),
            response: Mutex::new(json!({})),
            authorizer_cache: authorize::cache::Cache::new(Box::new(Kept(Mutex::default()))),
            user_pools: UserPools::default(),
            stage_cache: entries::Cache::new(Box::new(Kept(Mutex::default()))),
        }
    }

    pub(crate) fn answering(response: Value) -> Self {
        Self { response: Mutex::new(response), ..Self::new() }
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
        function: &'a str,
        _: FunctionRequest,
    ) -> BoxFuture<'a, Result<FunctionResponse, InvokeFailure>> {
        let allowed = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
        let payload = match function {
            "authz" => json!({ "principalId": "user", "policyDocument": { "Statement": [allowed] } }),
            _ => {
                let mut payload = self.response.lock().unwrap().clone();
                let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
                if payload.get("body").is_none() {
                    payload["body"] = call.to_string().into();
                }
                payload
            }
        };
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
            let payload = Bytes::from(payload.to_string());
            Ok(FunctionResponse { request_id: String::new(), payload, error: None })
        })
    }

    fn access_key(&self, _: &str) -> Option<Arc<AccessKey>> {
        None
    }

    fn user_pools(&self) -> &UserPools {
        &self.user_pools
    }

    fn authorizer_cache(&self) -> &authorize::cache::Cache {
        &self.authorizer_cache
    }

    fn stage_cache(&self) -> &entries::Cache {
        &self.stage_cache
    }

    fn take_token(&self, _: BucketId, _: &Throttle, _: Duration) -> throttle::Decision {
        throttle::Decision::Admitted
    }

    fn count<'a>(&'a self, _: Counter<'a>) -> BoxFuture<'a, Result<quota::Decision, CountFailure>> {
        Box::pin(async { Ok(quota::Decision::Counted) })
    }

    fn service(&self, _: ServiceRequest) -> BoxFuture<'_, Result<HttpResponse, HttpFailure>> {
        panic!("no method asks a service")
    }

    fn send(&self, _: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, HttpFailure>> {
        Box::pin(async { Err(HttpFailure::Network("nobody is there".to_owned())) })
    }
}

/// `GET /c` and `GET /d/{a}/{b}` for everybody, `GET /token` and `GET /request` behind authorizers.
fn definition() -> Value {
    let query = json!({ "name": "q", "in": "query", "schema": { "type": "string" } });
    let path = |name: &str| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } });
    let method = |keys: &Value, parameters: &Value| {
        json!({
            "parameters": parameters,
            "x-amazon-apigateway-integration": {
                "type": "aws_proxy", "httpMethod": "POST", "uri": "function:pets", "cacheKeyParameters": keys,
            },
        })
    };
    let open = method(&json!(["method.request.querystring.q"]), &json!([query]));
    let paths = json!(["method.request.path.a", "method.request.path.b", "method.request.header.X-K"]);
    let header = json!({ "name": "X-K", "in": "header", "schema": { "type": "string" } });
    let two = method(&paths, &json!([path("a"), path("b"), header]));
    let gated = |gate: &str| {
        let mut method = open.clone();
        method["security"] = json!([{ gate: [] }]);
        method
    };
    let scheme = |kind: &str, sources: Option<&str>| {
        let mut authorizer =
            json!({ "type": kind, "authorizerUri": "function:authz", "authorizerResultTtlInSeconds": 300 });
        if let Some(sources) = sources {
            authorizer["identitySource"] = sources.into();
        }
        json!({
            "type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "custom",
            "x-amazon-apigateway-authorizer": authorizer,
        })
    };
    let function = json!({ "handler": "index.handler", "runtime": "nodejs20.x", "codeUri": "code" });
    json!({
        "openapi": "3.0.1",
        "info": { "title": "api", "version": "1" },
        "x-fanlight-functions": { "authz": function, "pets": function },
        "components": { "securitySchemes": {
            "token": scheme("token", None),
            "request": scheme("request", Some("method.request.header.X-User, method.request.querystring.user")),
        } },
        "paths": {
            "/c": { "get": open, "post": open },
            "/d/{a}/{b}": { "get": two },
            "/token": { "get": gated("token") },
            "/request": { "get": gated("request") },
        },
    })
}

/// The stage, with a cache. `name` is the name of the test.
pub(crate) fn stage(name: &str, change: impl FnOnce(&mut Stage)) -> StageSnapshot {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stage_cache").join(name);
    std::fs::create_dir_all(folder.join("code")).unwrap();
    std::fs::write(folder.join("code/index.js"), "exports.handler = async () => ({});").unwrap();
    let file = folder.join("openapi.json");
    std::fs::write(&file, definition().to_string()).unwrap();
    let Read { resources, diagnostics, .. } = read(&file, &ReadOptions::default());
    let resources = resources.unwrap_or_else(|| panic!("{diagnostics:?}"));
    let mut api = resources.rest_apis[0].clone();
    api.stages[0].cache_cluster_enabled = true;
    change(&mut api.stages[0]);
    let (deployment, diagnostics) = compile::rest_api(&api, &resources);
    let deployment = deployment.unwrap_or_else(|| panic!("{diagnostics:?}"));
    compile::stage((&api, &api.stages[0]), &resources, &Arc::new(deployment), Limits::default()).0
}

/// What a client gets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: String,
}

/// Serves a GET, with headers in order.
pub(crate) async fn get(stage: &StageSnapshot, host: &Host, target: &str, headers: &[(&str, &str)]) -> Got {
    let mut map = http::HeaderMap::new();
    for (name, value) in headers {
        map.append(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
    }
    let request = Request {
        method: http::Method::GET,
        uri: target.parse().unwrap(),
        path_start: 0,
        base_path: None,
        headers: map,
        spelling: Spelling::default(),
        client: Client { source_ip: "127.0.0.1".parse().unwrap(), port: 443 },
    };
    let (response, _) = rest::serve(stage, host, request, Body::Buffered(Bytes::new()), Trace::default()).await;
    let body = response.body.read_limited(1 << 24).await.unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    Got { status: response.status.as_u16(), headers: response.headers, body }
}

pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
