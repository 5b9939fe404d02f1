//! Python handlers: results, context and errors as Lambda gives them.

use crate::harness::{Files, Setup, invocation, python};
use fanlight_runtime::interpreter;
use serde_json::{Value, json};

#[tokio::test]
async fn results() {
    for (body, expect) in [
        ("return event", json!({"a": [1, "ü", null]})),
        ("return None", json!(null)),
        ("return 'text'", json!("text")),
        ("import decimal; return decimal.Decimal('1.5')", json!(1.5)),
        ("return b'{\"raw\": 1}'", json!({"raw": 1})),
        ("return (1, 2)", json!([1, 2])),
    ] {
        let fixture = python(&format!("def handler(event, context):\n    {body}\n")).await;
        assert_eq!(fixture.ok(r#"{"a":[1,"ü",null]}"#).await, expect, "{body}");
    }
}

#[tokio::test]
async fn what_is_not_ascii_is_escaped_before_python_3_12() {
    let fixture = python("def handler(event, context):\n    return 'ü'\n").await;
    assert_eq!(fixture.outcome("{}").await.unwrap().payload, "\"\\u00fc\"");
}

#[tokio::test]
async fn handlers_anywhere() {
    let code = "import here\ndef handler(event, context):\n    return here.value\nclass Api:\n    pass\n";
    for handler in ["src/deep/app.handler", "src.deep.app.handler"] {
        let fixture = Setup::default().python(&[("src/deep/app.py", code), ("here.py", "value = 7\n")], handler).await;
        assert_eq!(fixture.ok("{}").await, json!(7));
    }
}

#[tokio::test]
async fn globals_survive_and_dependencies_are_found() {
    let other = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("layer/python/both.py", "v = 'layer'"),
        ("layer/python/only.py", "v = 'only'"),
        ("build/both.py", "v = 'build'"),
    ] {
        let path = other.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let setup = Setup::default().config(|config| {
        config.layers = vec![other.path().join("layer")];
        config.build = Some(other.path().join("build"));
    });
    let code = "import both, only\ncount = 0\ndef handler(event, context):\n    global count\n    count += 1\n    return [count, both.v, only.v]\n";
    let fixture = setup.python(&[("app.py", code)], "app.handler").await;
    assert_eq!(fixture.ok("{}").await, json!([1, "build", "only"]));
    assert_eq!(fixture.ok("{}").await, json!([2, "build", "only"]));
}

#[tokio::test]
async fn the_context_is_lambdas() {
    let code = "import os
def handler(event, context):
    left = context.get_remaining_time_in_millis()
    return {
        'names': [context.function_name, context.function_version, context.memory_limit_in_mb, context.log_group_name],
        'arn': context.invoked_function_arn, 'id': context.aws_request_id, 'left': 1000 < left <= 30000,
        'client': [context.client_context.client.app_title, context.client_context.custom],
        'identity': context.identity.cognito_identity_id, 'tenant': context.tenant_id,
        'trace': os.environ['_X_AMZN_TRACE_ID'] }
";
    let fixture = python(code).await;
    let mut invocation = invocation("{}");
    invocation.client_context = Some(r#"{"client":{"app_title":"t"},"custom":{"k":"ü"}}"#.into());
    let completed = fixture.invoke(invocation.clone()).await.unwrap();
    let got: Value = serde_json::from_slice(&completed.payload).unwrap();
    assert_eq!(
        got,
        json!({
            "names": ["subject", "$LATEST", "256", "/aws/lambda/subject"],
            "arn": "arn:aws:lambda:eu-west-1:000000000000:function:subject",
            "id": invocation.request_id,
            "left": true,
            "client": ["t", {"k": "ü"}],
            "identity": null,
            "tenant": null,
            "trace": invocation.trace_id,
        })
    );
}

#[tokio::test]
async fn exceptions_have_lambdas_document() {
    let fixture =
        python("class Odd(Exception):\n    pass\n\ndef handler(event, context):\n    raise Odd('boom')\n").await;
    let document = fixture.error("{}").await;
    let keys: Vec<_> = document.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["errorMessage", "errorType", "requestId", "stackTrace"]);
    let file = fixture.folder.path().join("app.py");
    let trace = format!("  File \"{}\", line 5, in handler\n    raise Odd('boom')\n", file.display());
    assert_eq!(document, json!({"errorMessage": "boom", "errorType": "Odd", "requestId": "ID", "stackTrace": [trace]}));
    fixture.logs.wait_for("[ERROR] Odd: boom").await;
    fixture.logs.wait_for("Traceback (most recent call last):").await;
}

#[tokio::test]
async fn failures_with_names_of_lambdas_own() {
    let cases: [(Files, &str, &str, &str); 9] = [
        (&[], "app.handler", "Runtime.ImportModuleError", "Unable to import module 'app': No module named 'app'"),
        (
            &[("app.py", "import absent\n")],
            "app.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'absent'",
        ),
        (
            &[("app.py", "x = 1\n")],
            "app.handler",
            "Runtime.HandlerNotFound",
            "Handler 'handler' missing on module 'app'",
        ),
        (
            &[("app.py", "x = 1\n")],
            "app",
            "Runtime.MalformedHandlerName",
            "Bad handler 'app': not enough values to unpack (expected 2, got 1)",
        ),
        (
            &[("app.py", "def f(:\n")],
            "app.handler",
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'app': invalid syntax (app.py, line 1)",
        ),
        (&[], "sys.handler", "Runtime.BuiltInModuleConflict", "Cannot use built-in module sys as a handler module"),
        (
            &[("app.py", "def handler(e, c):\n    return {1, 2}\n")],
            "app.handler",
            "Runtime.MarshalError",
            "Unable to marshal response: Object of type set is not JSON serializable",
        ),
        (
            &[("app.py", "async def handler(e, c):\n    return 1\n")],
            "app.handler",
            "Runtime.MarshalError",
            "Unable to marshal response: Object of type coroutine is not JSON serializable",
        ),
        (&[("app.py", "raise RuntimeError('at load')\n")], "app.handler", "RuntimeError", "at load"),
    ];
    for (files, handler, error_type, message) in cases {
        let document = Setup::default().python(files, handler).await.error("{}").await;
        assert_eq!(
            (&document["errorType"], &document["errorMessage"]),
            (&json!(error_type), &json!(message)),
            "{files:?}"
        );
    }
}

#[tokio::test]
async fn every_python_of_this_machine() {
    for runtime in ["python3.9", "python3.10", "python3.12", "python3.13", "python3.14"] {
        let python = interpreter::python(runtime).await.unwrap();
        let code = "import logging, sys\ndef handler(event, context):\n    logging.error('logged')\n    if event: raise KeyError(event)\n    return [*sys.version_info[:2]]\n";
        let fixture = Setup::default().python_at(runtime, &python.path, &[("app.py", code)], "app.handler");
        assert_eq!(fixture.ok("0").await, json!([python.version.major, python.version.minor]));
        let document = fixture.error("1").await;
        assert_eq!((&document["errorType"], &document["errorMessage"]), (&json!("KeyError"), &json!("1")));
        assert!(document["stackTrace"][0].as_str().unwrap().contains("raise KeyError(event)"));
        fixture.logs.wait_for("\tlogged").await;
    }
}

#[tokio::test]
async fn unreadable_events() {
    let document = python("def handler(event, context):\n    return 1\n").await.error("{nonsense").await;
    assert_eq!(document["errorType"], "Runtime.UnmarshalError");
    assert!(document["errorMessage"].as_str().unwrap().starts_with("Unable to unmarshal input: "));
}

#[tokio::test]
async fn system_exit_is_an_exit() {
    let fixture = python("import sys\ndef handler(event, context):\n    sys.exit(event)\n").await;
    let document = fixture.error("0").await;
    let message = "RequestId: ID Error: Runtime exited without providing a reason";
    assert_eq!(document, json!({"errorType": "Runtime.ExitError", "errorMessage": message}));
    let document = fixture.error("3").await;
    let message = "RequestId: ID Error: Runtime exited with error: exit status 3";
    assert_eq!(document, json!({"errorType": "Runtime.ExitError", "errorMessage": message}));
}

#[tokio::test]
async fn large_events_and_responses() {
    let fixture = python("def handler(event, context):\n    return event\n").await;
    for size in [1, 4_000, 17_000, 70_000, 1_000_000, 6_000_000] {
        let event = json!({ "x": "y".repeat(size) });
        assert_eq!(fixture.ok(&event.to_string()).await, event);
    }
}
