//! Node.js handlers that succeed, in every style that Lambda knows.

use crate::harness::{Files, Setup, invocation, node};
use serde_json::json;

async fn check(code: &str, event: &str, expect: serde_json::Value) {
    let fixture = node(code).await;
    assert_eq!(fixture.ok(event).await, expect, "{code}");
}

#[tokio::test]
async fn async_handlers() {
    check("exports.handler = async (event) => ({ got: event });", r#"{"a":[1,"ü"]}"#, json!({"got": {"a": [1, "ü"]}}))
        .await;
    check("exports.handler = async () => {};", "{}", json!(null)).await;
    check("exports.handler = async () => 'text';", "{}", json!("text")).await;
    check("exports.handler = (event) => Promise.resolve(event.n + 1);", r#"{"n":1}"#, json!(2)).await;
    check(
        "exports.handler = () => ({ then: (resolve) => setTimeout(resolve, 1, 'thenable') });",
        "{}",
        json!("thenable"),
    )
    .await;
    check(
        "exports.handler = async (e, c, done) => { done(null, 'callback'); return 'promise'; };",
        "{}",
        json!("callback"),
    )
    .await;
}

#[tokio::test]
async fn callbacks() {
    check("exports.handler = (event, context, callback) => callback(null, event.x);", r#"{"x":5}"#, json!(5)).await;
    check(
        "exports.handler = (event, context, callback) => { setTimeout(() => callback(null, 'late'), 20); };",
        "{}",
        json!("late"),
    )
    .await;
    check("exports.handler = () => {};", "{}", json!(null)).await;
    check("exports.handler = () => { setTimeout(() => {}, 5); return 'ignored'; };", "{}", json!(null)).await;
    check("exports.handler = (e, c, callback) => { callback(null, 1); callback(null, 2); };", "{}", json!(1)).await;
}

#[tokio::test]
async fn a_callback_waits_for_the_empty_event_loop_unless_told_otherwise() {
    let code = "let done = 0;
        exports.handler = (event, context, callback) => {
            context.callbackWaitsForEmptyEventLoop = event.wait;
            setTimeout(() => { done += 1; }, 50);
            callback(null, done);
        };";
    let fixture = node(code).await;
    for expect in 0..3 {
        assert_eq!(fixture.ok(r#"{"wait":true}"#).await, json!(expect));
    }
    let code = "exports.handler = (event, context, callback) => {
            context.callbackWaitsForEmptyEventLoop = false;
            setInterval(() => {}, 1000);
            callback(null, 'now');
        };";
    assert_eq!(node(code).await.ok("{}").await, json!("now"));
}

#[tokio::test]
async fn context_methods() {
    check(
        "exports.handler = (event, context) => { setInterval(() => {}, 1000); context.succeed('yes'); };",
        "{}",
        json!("yes"),
    )
    .await;
    check("exports.handler = (event, context) => context.done(null, 'done');", "{}", json!("done")).await;
}

#[tokio::test]
async fn the_context_is_lambdas() {
    let code = "exports.handler = async (event, context) => {
        const { getRemainingTimeInMillis, done, succeed, fail, logStreamName, ...rest } = context;
        const left = context.getRemainingTimeInMillis();
        return { rest, left: left > 1000 && left <= 30000, stream: /^\\d{4}\\/\\d\\d\\/\\d\\d\\/\\[\\$LATEST\\][0-9a-f]{32}$/.test(logStreamName),
            waits: context.callbackWaitsForEmptyEventLoop, trace: process.env._X_AMZN_TRACE_ID };
    };";
    let fixture = node(code).await;
    let mut invocation = invocation("{}");
    invocation.client_context = Some(r#"{"custom":{"k":"ü"}}"#.into());
    let completed = fixture.invoke(invocation.clone()).await.unwrap();
    let got: serde_json::Value = serde_json::from_slice(&completed.payload).unwrap();
    assert_eq!(
        got,
        json!({
            "rest": {
                "functionVersion": "$LATEST",
                "functionName": "subject",
                "memoryLimitInMB": "256",
                "logGroupName": "/aws/lambda/subject",
                "clientContext": {"custom": {"k": "ü"}},
                "invokedFunctionArn": "arn:aws:lambda:eu-west-1:000000000000:function:subject",
                "awsRequestId": invocation.request_id,
            },
            "left": true,
            "stream": true,
            "waits": true,
            "trace": invocation.trace_id,
        })
    );
}

#[tokio::test]
async fn modules_of_every_kind() {
    const ESM: &str =
        "import fs from 'node:fs'; const x = await Promise.resolve(7); export const handler = async () => x;";
    let cases: [(Files, &str); 9] = [
        (&[("index.mjs", ESM)], "index.handler"),
        (&[("index.js", ESM), ("package.json", r#"{"type":"module"}"#)], "index.handler"),
        (&[("src/index.js", ESM), ("package.json", r#"{"type":"module"}"#)], "src/index.handler"),
        (&[("index.cjs", "exports.handler = async () => 7;")], "index.handler"),
        (&[("index", "exports.handler = async () => 7;")], "index.handler"),
        (&[("src/deep/app.js", "exports.handler = async () => 7;")], "src/deep/app.handler"),
        (&[("index.js", "exports.a = { b: { c: async () => 7 } };")], "index.a.b.c"),
        (
            &[
                ("app/index.js", "module.exports = { handler: async () => require('dep') };"),
                ("node_modules/dep/index.js", "module.exports = 7;"),
            ],
            "app/index.handler",
        ),
        (
            &[
                ("index.js", "exports.handler = async () => (await import('./late.mjs')).default;"),
                ("late.mjs", "export default 7;"),
            ],
            "index.handler",
        ),
    ];
    for (files, handler) in cases {
        let fixture = Setup::default().node(files, handler).await;
        assert_eq!(fixture.ok("{}").await, json!(7), "{files:?}");
    }
}

#[tokio::test]
async fn layers_and_prepared_dependencies_are_found() {
    let other = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = other.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("one/nodejs/node_modules/both/index.js", "module.exports = 'one';");
    write("two/nodejs/node_modules/both/index.js", "module.exports = 'two';");
    write("one/nodejs/node_modules/only/index.js", "module.exports = 'only';");
    write("build/node_modules/built/index.js", "module.exports = 'built';");
    let setup = Setup::default().config(|config| {
        config.layers = vec![other.path().join("one"), other.path().join("two")];
        config.build = Some(other.path().join("build"));
    });
    let code = "exports.handler = async () => [require('both'), require('only'), require('built')];";
    let fixture = setup.node(&[("index.js", code)], "index.handler").await;
    assert_eq!(fixture.ok("{}").await, json!(["two", "only", "built"]));
}

#[tokio::test]
async fn streamed_responses_are_collected() {
    let code = "exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {
        if (event.prelude) stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { a: 'b' } });
        else stream.setContentType('text/plain');
        stream.write('one,');
        await new Promise((resolve) => setTimeout(resolve, 5));
        stream.end(Buffer.from('two'));
    });";
    let fixture = node(code).await;
    let completed = fixture.outcome("{}").await.unwrap();
    assert_eq!(completed.payload, "one,two");
    let completed = fixture.outcome(r#"{"prelude":true}"#).await.unwrap();
    assert_eq!(completed.payload, "{\"statusCode\":201,\"headers\":{\"a\":\"b\"}}\0\0\0\0\0\0\0\0one,two");
    let code = "const { pipeline } = require('stream/promises'); const { Readable } = require('stream');
        exports.handler = awslambda.streamifyResponse(async (event, stream) => {
            await pipeline(Readable.from(['a', 'b']), stream); });";
    let completed = node(code).await.outcome("{}").await.unwrap();
    assert_eq!(completed.payload, "ab");
}

#[tokio::test]
async fn large_events_and_responses() {
    let fixture = node("exports.handler = async (event) => event;").await;
    for size in [1, 4_000, 17_000, 70_000, 1_000_000, 6_000_000] {
        let event = json!({ "x": "y".repeat(size) });
        assert_eq!(fixture.ok(&event.to_string()).await, event);
    }
    assert_eq!(fixture.ok(r#""still here""#).await, json!("still here"));
}
