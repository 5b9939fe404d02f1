//! What is not a function, and what its author is told.

use crate::harness::{config, load_file, load_text, settings};
use fanlight_runtime_wasm::Engine;
use std::path::Path;

/// The message for a text, with the path shortened.
async fn refusal(text: &str) -> String {
    let engine = Engine::new(settings()).expect("an engine");
    let error = load_text(&engine, text, config("refused")).await.expect_err("it is refused");
    let message = error.to_string();
    let (before, rest) = message.split_once('`').expect("a path");
    let (path, after) = rest.split_once('`').expect("a path");
    format!("{before}`{}`{after}", path.rsplit('/').next().expect("a name"))
}

const EXPECTED: &str = "; expected a WASI command, a core module that exports the function `_start` without parameters and \
                        results, reads the event on standard input and writes the response on standard output";

#[tokio::test]
async fn another_export() {
    let message = refusal(r#"(module (func (export "handler")) (memory (export "memory") 1))"#).await;
    assert_eq!(message, format!("`function.wat` is a core module that exports `handler`, `memory`{EXPECTED}"));
}

#[tokio::test]
async fn no_export() {
    let message = refusal("(module)").await;
    assert_eq!(message, format!("`function.wat` is a core module that exports nothing{EXPECTED}"));
}

#[tokio::test]
async fn a_start_that_is_no_function() {
    let message = refusal(r#"(module (global (export "_start") i32 (i32.const 1)))"#).await;
    assert_eq!(message, format!("`function.wat` is a core module that exports `_start`{EXPECTED}"));
}

#[tokio::test]
async fn a_start_with_parameters() {
    let message = refusal(r#"(module (func (export "_start") (param i32)))"#).await;
    assert_eq!(message, format!("`function.wat` is a core module whose `_start` has parameters or results{EXPECTED}"));
}

#[tokio::test]
async fn a_component() {
    let message = refusal(
        r#"(component
             (core module $inner (func (export "_start")))
             (core instance $instance (instantiate $inner))
             (func $handle (canon lift (core func $instance "_start")))
             (instance $http (export "handle" (func $handle)))
             (export "wasi:http/incoming-handler@0.2.0" (instance $http)))"#,
    )
    .await;
    let found = "a component that exports `wasi:http/incoming-handler@0.2.0`";
    assert_eq!(message, format!("`function.wat` is {found}{EXPECTED}"));
}

#[tokio::test]
async fn a_foreign_import() {
    let message = refusal(r#"(module (import "env" "now" (func)) (func (export "_start")))"#).await;
    assert_eq!(
        message,
        "`function.wat` cannot be linked: unknown import: `env::now` has not been defined; \
         a WASI command may import `wasi_snapshot_preview1` only"
    );
}

#[tokio::test]
async fn more_memory_than_it_has() {
    let message = refusal(r#"(module (memory 30000) (func (export "_start")))"#).await;
    assert_eq!(message, "`function.wat` needs 1875 MB of memory from the start; its function has 128 MB");
}

#[tokio::test]
async fn text_with_a_mistake() {
    let message = refusal("(module (funk))").await;
    assert_eq!(message, "`function.wat` is not WebAssembly: expected valid module field at 1:10");
}

#[tokio::test]
async fn an_invalid_module() {
    let message = refusal(r#"(module (func (export "_start") i32.const 1))"#).await;
    assert!(message.starts_with("`function.wat` cannot be compiled: "), "{message}");
}

#[tokio::test]
async fn bytes_of_another_kind() {
    let message = refusal("\0asm\u{2}").await;
    assert!(message.starts_with("`function.wat` is not WebAssembly: "), "{message}");
}

#[tokio::test]
async fn no_file() {
    let engine = Engine::new(settings()).expect("an engine");
    let path = Path::new("/nowhere/hello.wasm");
    let message = load_file(&engine, path, config("absent")).await.expect_err("it is refused").to_string();
    assert_eq!(message, "cannot read `/nowhere/hello.wasm`: No such file or directory (os error 2)");
}
