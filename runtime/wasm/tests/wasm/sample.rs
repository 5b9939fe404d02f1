//! The sample function, and the comparison that benchmarks make.

use crate::harness::{config, load_file, settings};
use fanlight_runtime_wasm::{Engine, raw::Raw};
use std::path::PathBuf;

fn hello() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions/wasm-hello/hello.wasm"))
}

const EVENT: &str = r#"{"resource":"/{proxy+}","headers":{"path":"/no"},"path":"/pets/\"1\\","httpMethod":"GET"}"#;

#[tokio::test]
async fn hello_answers_as_a_lambda_proxy_function() {
    let engine = Engine::new(settings()).expect("an engine");
    let hello = load_file(&engine, &hello(), config("hello")).await.expect("it loads");
    let response: serde_json::Value = serde_json::from_slice(&hello.payload(EVENT).await).expect("JSON");
    assert_eq!(response["statusCode"], 200);
    assert_eq!(response["headers"]["content-type"], "application/json");
    let body: serde_json::Value = serde_json::from_str(response["body"].as_str().expect("text")).expect("JSON");
    let expected = serde_json::json!({ "message": "hello from WebAssembly", "method": "GET", "path": "/pets/\"1\\" });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn hello_refuses_what_is_no_event() {
    let engine = Engine::new(settings()).expect("an engine");
    let mut hello = load_file(&engine, &hello(), config("hello")).await.expect("it loads");
    let completed = hello.invoke("").await.expect("it runs");
    assert_eq!(completed.error.expect("an error").error_type, "Runtime.ExitError");
    assert_eq!(hello.line().await, "the event is not a JSON object");
}

#[tokio::test]
async fn the_raw_loop_gives_the_same_answer() {
    let engine = Engine::new(settings()).expect("an engine");
    let function = load_file(&engine, &hello(), config("hello")).await.expect("it loads");
    let raw = Raw::load(&engine, &hello()).await.expect("it loads");
    assert_eq!(raw.run(EVENT.into()).await.expect("an answer"), function.payload(EVENT).await);
}
