//! A Lambda function in Rust: greets on `GET`, echoes on `POST`, at any path.

use lambda_http::http::{Method, StatusCode, header};
use lambda_http::{Body, Error, Request, RequestExt, Response, run, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(answer)).await
}

async fn answer(request: Request) -> Result<Response<Body>, Error> {
    match request.method() {
        &Method::GET => greet(&request),
        &Method::POST => echo(&request),
        _ => reply(StatusCode::METHOD_NOT_ALLOWED, &json!({ "error": "GET or POST only" })),
    }
}

fn greet(request: &Request) -> Result<Response<Body>, Error> {
    let query = request.query_string_parameters();
    let name = query.first("name").unwrap_or("world");
    let body = json!({ "message": format!("Hello, {name}!"), "path": request.raw_http_path() });
    reply(StatusCode::OK, &body)
}

fn echo(request: &Request) -> Result<Response<Body>, Error> {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let body = match request.body() {
        Body::Text(text) => json!({ "text": text }),
        Body::Binary(bytes) => json!({ "bytes": bytes.len() }),
        _ => Value::Null,
    };
    let body = json!({
        "method": request.method().as_str(),
        "path": request.raw_http_path(),
        "contentType": content_type,
        "body": body,
    });
    reply(StatusCode::OK, &body)
}

fn reply(status: StatusCode, body: &Value) -> Result<Response<Body>, Error> {
    let response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))?;
    Ok(response)
}
