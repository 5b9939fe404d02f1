//! DynamoDB alone, on a port of this machine: `cargo run --release -p fanlight-services --example dynamodb -- 8000 FOLDER`.

use bytes::Bytes;
use fanlight_aws_wire::protocol::json::{ErrorStyle, crc32, error, input, success, target};
use fanlight_services::{Call, Owner, Service, ServiceError, dynamodb::DynamoDb};
use fanlight_store::{Embedded, Options};
use http::{HeaderValue, Request, Response, header::HeaderName};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{
    convert::Infallible,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::net::TcpListener;

const STYLE: ErrorStyle = ErrorStyle { namespace: Some("com.amazonaws.dynamodb.v20120810"), query_compatible: false };

type Failed = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let mut arguments = std::env::args().skip(1);
    let port: u16 = arguments.next().as_deref().unwrap_or("8000").parse()?;
    let folder = arguments.next().unwrap_or_else(|| "dynamodb-data".to_owned());
    let db = Arc::new(DynamoDb::new(Arc::new(Embedded::new(Path::new(&folder), Options::default()))));
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let keeper = Arc::clone(&db);
    tokio::spawn(async move {
        let mut every = tokio::time::interval(Duration::from_secs(5));
        loop {
            every.tick().await;
            if let Err(error) = keeper.upkeep(now_ms()).await {
                report(&error);
            }
        }
    });
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let db = Arc::clone(&db);
        tokio::spawn(async move {
            let answer = service_fn(|request| answer(&db, request));
            // A client that goes away is no news.
            let _closed = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}

#[expect(clippy::print_stderr, reason = "an example has no log")]
fn report(error: &ServiceError) {
    eprintln!("upkeep: {}", error.message);
}

async fn answer(db: &DynamoDb, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let id = format!("{:052X}", COUNT.fetch_add(1, Ordering::Relaxed));
    let outcome = called(db, request, &id).await;
    let mut response = match outcome {
        Ok(output) => success("1.0", &id, &output),
        Err(failed) => error(("1.0", STYLE), &id, &failed, None),
    };
    let checksum = HeaderValue::from(crc32(response.body()));
    response.headers_mut().insert(HeaderName::from_static("x-amz-crc32"), checksum);
    Ok(response.map(|body| Full::new(Bytes::from(body))))
}

async fn called(db: &DynamoDb, request: Request<Incoming>, id: &str) -> Result<serde_json::Value, ServiceError> {
    let operation = target(request.headers()).map(|(_, operation)| operation.to_owned()).unwrap_or_default();
    let body = Limited::new(request.into_body(), 16 * 1024 * 1024).collect().await;
    let body = body.map_err(|error| ServiceError::sender("SerializationException", error.to_string()))?.to_bytes();
    let owner = Owner { region: "us-east-1".to_owned(), account_id: "000000000000".to_owned() };
    let call = Call { operation: &operation, input: input(&body)?, owner: &owner, now_ms: now_ms(), request_id: id };
    db.handle(call).await
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
