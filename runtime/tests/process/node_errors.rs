//! Node.js handlers that fail: types, messages and traces as Lambda gives them.

use crate::harness::{Setup, node};
use serde_json::{Value, json};

async fn failure(code: &str) -> Value {
    node(code).await.error("{}").await
}

async fn init_failure(files: &[(&str, &str)], handler: &str) -> (Value, Value) {
    let document = Setup::default().node(files, handler).await.error("{}").await;
    (document["errorType"].clone(), document["errorMessage"].clone())
}

#[tokio::test]
async fn thrown_errors_carry_their_trace() {
    for code in [
        "exports.handler = async () => { throw new Error('boom'); };",
        "exports.handler = () => { throw new Error('boom'); };",
        "exports.handler = (e, c, callback) => callback(new Error('boom'));",
        "exports.handler = (e, c) => c.fail(new Error('boom'));",
        "exports.handler = (e, c) => c.done(new Error('boom'));",
        "exports.handler = () => Promise.reject(new Error('boom'));",
    ] {
        let document = failure(code).await;
        let keys: Vec<_> = document.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["errorType", "errorMessage", "trace"]);
        assert_eq!((&document["errorType"], &document["errorMessage"]), (&json!("Error"), &json!("boom")));
        assert_eq!(document["trace"][0], "Error: boom");
        assert!(document["trace"][1].as_str().unwrap().contains("index.js:1:"), "{document}");
    }
}

#[tokio::test]
async fn other_failures() {
    let rejected = failure("exports.handler = async () => { throw 'boom'; };").await;
    assert_eq!(rejected, json!({"errorType": "string", "errorMessage": "boom", "trace": []}));
    let custom = failure("class NotFound extends Error { constructor(m) { super(m); this.name = 'NotFound'; } }\nexports.handler = async () => { throw new NotFound('pet'); };").await;
    assert_eq!((&custom["errorType"], &custom["errorMessage"]), (&json!("NotFound"), &json!("pet")));
    let bigint = failure("exports.handler = async () => 1n;").await;
    assert_eq!(bigint["errorMessage"], "Unable to stringify response body");
    let never = failure("exports.handler = () => new Promise(() => {});").await;
    assert_eq!(never["errorType"], "Runtime.NodeJsExit");
    assert!(never["errorMessage"].as_str().unwrap().starts_with("The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled."));
    let unended = failure("exports.handler = awslambda.streamifyResponse(async (e, s) => { s.write('x'); });").await;
    assert_eq!(unended["errorMessage"], "Response stream is not finished.");
    let sync = failure("exports.handler = awslambda.streamifyResponse((e, s) => { s.end('x'); });").await;
    assert_eq!(sync["errorMessage"], "Streaming does not support non-async handlers.");
}

#[tokio::test]
async fn a_failed_invocation_keeps_its_environment_and_is_logged() {
    let fixture = node("let n = 0; exports.handler = async (e) => { n += 1; if (e.fail) { const error = new Error('boom'); error.code = 'E1'; throw error; } return n; };").await;
    fixture.error(r#"{"fail":true}"#).await;
    assert_eq!(fixture.ok("{}").await, json!(2));
    let line = fixture.logs.wait_for("Invoke Error").await;
    let document = line.split('\t').nth(4).unwrap();
    let document: Value = serde_json::from_str(document).unwrap();
    assert_eq!(
        (&document["errorType"], &document["code"], &document["stack"][0]),
        (&json!("Error"), &json!("E1"), &json!("Error: boom"))
    );
}

#[tokio::test]
async fn unhandled_rejections_and_uncaught_exceptions_end_the_process() {
    let code = "let n = 0; exports.handler = async (e) => {
        n += 1;
        if (e.how === 'rejection') { Promise.reject(new Error('lost')); await new Promise((r) => setTimeout(r, 1000)); }
        if (e.how === 'exception') { setTimeout(() => { throw new TypeError('late'); }, 1); await new Promise((r) => setTimeout(r, 1000)); }
        return n; };";
    let fixture = node(code).await;
    let document = fixture.error(r#"{"how":"rejection"}"#).await;
    assert_eq!(
        (&document["errorType"], &document["errorMessage"]),
        (&json!("Runtime.UnhandledPromiseRejection"), &json!("Error: lost"))
    );
    assert_eq!(fixture.ok("{}").await, json!(1));
    let document = fixture.error(r#"{"how":"exception"}"#).await;
    assert_eq!((&document["errorType"], &document["errorMessage"]), (&json!("TypeError"), &json!("late")));
    assert_eq!(fixture.ok("{}").await, json!(1));
}

#[tokio::test]
async fn handlers_that_cannot_be_loaded() {
    let import = json!("Runtime.ImportModuleError");
    let (kind, message) = init_failure(&[], "index.handler").await;
    assert_eq!(kind, import);
    assert!(message.as_str().unwrap().starts_with("Error: Cannot find module 'index'"), "{message}");
    let (kind, message) = init_failure(&[("index.js", "require('absent');")], "index.handler").await;
    assert_eq!(kind, import);
    assert!(
        message.as_str().unwrap().starts_with("Error: Cannot find module 'absent'\nRequire stack:\n- "),
        "{message}"
    );
    let (kind, message) = init_failure(&[("index.js", "exports.handler = async () => {")], "index.handler").await;
    assert_eq!((kind, message), (json!("Runtime.UserCodeSyntaxError"), json!("SyntaxError: Unexpected end of input")));
    let not_found = json!("Runtime.HandlerNotFound");
    let found = init_failure(&[("index.js", "exports.other = 1;")], "index.handler").await;
    assert_eq!(found, (not_found.clone(), json!("index.handler is undefined or not exported")));
    let found = init_failure(&[("index.js", "exports.handler = 1;")], "index.handler").await;
    assert_eq!(found, (not_found, json!("index.handler is not a function")));
    let malformed = json!("Runtime.MalformedHandlerName");
    assert_eq!(init_failure(&[], "index").await, (malformed.clone(), json!("Bad handler")));
    let message = "'../index.handler' is not a valid handler name. Use absolute paths when specifying root directories in handler names.";
    assert_eq!(init_failure(&[], "../index.handler").await, (malformed, json!(message)));
    let thrown = init_failure(&[("index.js", "throw new RangeError('at load');")], "index.handler").await;
    assert_eq!(thrown, (json!("RangeError"), json!("at load")));
    let missing = init_failure(&[("index.mjs", "import 'absent-package';")], "index.handler").await;
    assert_eq!(missing.0, json!("Error"));
    let never = init_failure(&[("index.mjs", "await new Promise(() => {});")], "index.handler").await;
    assert_eq!(never.0, json!("Runtime.NodeJsExit"));
}
