//! A `bootstrap` of somebody else's over the loopback port: the Runtime API letter by letter.

use crate::harness::{Fixture, Setup};
use fanlight_runtime::interpreter;
use serde_json::{Value, json};

/// The part that the Python bootstraps here share: raw calls, an answer as (status, headers, body).
const PRELUDE: &str = r#"
import http.client, json, os, socket, sys
address = os.environ['AWS_LAMBDA_RUNTIME_API']
connection = http.client.HTTPConnection(address)
def call(method, path, body=None, headers={}):
    connection.request(method, '/2018-06-01' + path, body, headers)
    answer = connection.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read().decode()
def following():
    status, headers, body = call('GET', '/runtime/invocation/next')
    return headers['Lambda-Runtime-Aws-Request-Id'], headers, body
def respond(id, value, **headers):
    return call('POST', '/runtime/invocation/%s/response' % id, json.dumps(value), headers)
"#;

async fn provided(setup: Setup, code: &str) -> Fixture {
    let python = interpreter::python("python3.11").await.unwrap();
    setup.provided(&format!("#!{} -u\n{PRELUDE}\n{code}", python.path.display()))
}

#[tokio::test]
async fn events_come_with_their_headers() {
    let code = "
while True:
    id, headers, body = following()
    respond(id, [headers, body, {k: v for k, v in os.environ.items() if k.startswith(('_', 'AWS_EX'))}])
";
    let fixture = provided(Setup::default(), code).await;
    let invocation = crate::harness::invocation(r#"{"n":1}"#);
    let completed = fixture.invoke(invocation.clone()).await.unwrap();
    let got: Value = serde_json::from_slice(&completed.payload).unwrap();
    let headers = &got[0];
    assert_eq!(headers["Lambda-Runtime-Aws-Request-Id"], invocation.request_id.as_str());
    assert_eq!(
        headers["Lambda-Runtime-Invoked-Function-Arn"],
        "arn:aws:lambda:eu-west-1:000000000000:function:subject"
    );
    assert_eq!(headers["Lambda-Runtime-Trace-Id"], invocation.trace_id.unwrap().as_str());
    assert_eq!(headers["Content-Type"], "application/json");
    assert!(headers["Lambda-Runtime-Deadline-Ms"].as_str().unwrap().parse::<u64>().unwrap() > 1_700_000_000_000);
    assert_eq!(headers.get("Lambda-Runtime-Client-Context"), None);
    assert_eq!(got[1], r#"{"n":1}"#);
    assert_eq!(got[2]["_HANDLER"], "some.handler");
    assert_eq!(got[2].get("AWS_EXECUTION_ENV"), None);
}

#[tokio::test]
async fn calls_at_the_wrong_time_or_with_the_wrong_name() {
    let code = r#"
first = [respond('unknown', 1), call('GET', '/nowhere'), call('POST', '/runtime/invocation/next', ''), call('GET', '/ping')]
id, headers, body = following()
running = [respond('unknown', 1), call('GET', '/runtime/invocation/next'), call('POST', '/runtime/init/error', '{}'),
    call('POST', '/runtime/invocation/%s/response' % id, '1', {'Lambda-Runtime-Function-Response-Mode': 'odd'})]
accepted = respond(id, 'done')
after = [respond(id, 'again'), call('POST', '/runtime/invocation/%s/error' % id, '{}'), call('POST', '/runtime/init/error', '{}')]
second = following()[0]
stale = [respond(id, 'stale')]
respond(second, [[a[0], a[2]] for a in first + running + [accepted] + after + stale])
following()
"#;
    let fixture = provided(Setup::default(), code).await;
    assert_eq!(fixture.ok("{}").await, json!("done"));
    let unknown = json!([400, "{\"errorMessage\":\"Invalid request ID\",\"errorType\":\"InvalidRequestID\"}"]);
    let transition = |from: &str, to: &str| {
        let message =
            format!("State transition from {from} to {to} failed for runtime. Error: State transition is not allowed");
        json!([403, format!("{{\"errorMessage\":\"{message}\",\"errorType\":\"InvalidStateTransition\"}}")])
    };
    let expect = json!([
        unknown,
        [404, "404 page not found\n"],
        [405, ""],
        [200, "pong"],
        unknown,
        transition("Running", "Ready"),
        transition("Running", "InitError"),
        [400, "{\"errorMessage\":\"Invalid function response mode\",\"errorType\":\"InvalidFunctionResponseMode\"}"],
        [202, "{\"status\":\"OK\"}\n"],
        transition("RuntimeResponseSentState", "InvocationResponse"),
        transition("RuntimeResponseSentState", "InvocationErrorResponse"),
        transition("RuntimeResponseSentState", "InitError"),
        unknown,
    ]);
    assert_eq!(fixture.ok("{}").await, expect);
}

#[tokio::test]
async fn responses_in_every_shape() {
    let code = r#"
def chunks():
    yield b'"in '
    yield b'pieces"'
while True:
    id, headers, body = following()
    if body == '1':
        connection.request('POST', '/2018-06-01/runtime/invocation/%s/response' % id, chunks(),
            {'Lambda-Runtime-Function-Response-Mode': 'streaming', 'Transfer-Encoding': 'chunked'}, encode_chunked=True)
        connection.getresponse().read()
    elif body == '2':
        call('POST', '/runtime/invocation/%s/error' % id, 'not JSON at all', {'Lambda-Runtime-Function-Error-Type': 'Function.Odd'})
    elif body == '3':
        connection.close()
        respond(id, 'another connection')
    elif body == '4':
        call('POST', '/runtime/invocation/%s/error' % id, '{"errorType":"Custom","errorMessage":"m","extra":[1]}')
    elif body == '5':
        status, _, text = call('POST', '/runtime/invocation/%s/response' % id, 'x' * 6291557)
        print('answered', status, text)
"#;
    let fixture = provided(Setup::default(), code).await;
    assert_eq!(fixture.ok("1").await, json!("in pieces"));
    let completed = fixture.outcome("2").await.unwrap();
    assert_eq!(completed.payload, "not JSON at all");
    assert_eq!(completed.error.unwrap().error_type, "Function.Odd");
    assert_eq!(fixture.ok("3").await, json!("another connection"));
    assert_eq!(fixture.error("4").await, json!({"errorType": "Custom", "errorMessage": "m", "extra": [1]}));
    assert_eq!(fixture.error("5").await["errorType"], "Function.ResponseSizeTooLarge");
    let line = fixture.logs.wait_for("answered").await;
    let body = r#"{"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).","errorType":"RequestEntityTooLarge"}"#;
    assert_eq!(line, format!("answered 413 {body}"));
    assert_eq!(fixture.ok("1").await, json!("in pieces"));
}

#[tokio::test]
async fn garbage_on_the_port_hurts_nobody() {
    let code = r#"
host, port = address.split(':')
for garbage in [b'\x00\xff\r\n\r\n', b'GET / HTTP/9.9\r\n\r\n', b'POST /2018-06-01/runtime/init/error HTTP/1.1\r\nContent-Length: 5\r\n\r\nab', b'']:
    other = socket.create_connection((host, int(port)))
    other.sendall(garbage)
    other.close()
while True:
    id, headers, body = following()
    respond(id, 'fine')
"#;
    let fixture = provided(Setup::default(), code).await;
    for _ in 0..3 {
        assert_eq!(fixture.ok("{}").await, json!("fine"));
    }
}

#[tokio::test]
async fn failures_to_start() {
    let fixture = provided(Setup::default(), "call('POST', '/runtime/init/error', '{\"errorType\":\"Function.NoSuch\",\"errorMessage\":\"m\"}'); sys.exit(1)").await;
    assert_eq!(fixture.error("{}").await, json!({"errorType": "Function.NoSuch", "errorMessage": "m"}));
    let fixture = provided(Setup::default(), "sys.exit(7)").await;
    let message = "RequestId: ID Error: Runtime exited with error: exit status 7";
    assert_eq!(fixture.error("{}").await, json!({"errorType": "Runtime.ExitError", "errorMessage": message}));
    let message = "RequestId: ID Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]";
    let fixture = Setup::default().provided("");
    assert_eq!(fixture.error("{}").await, json!({"errorType": "Runtime.InvalidEntrypoint", "errorMessage": message}));
}

#[tokio::test]
async fn a_runtime_that_dies_or_hangs() {
    let code = "
while True:
    id, headers, body = following()
    if body == '1': sys.exit(4)
    if body == '2':
        import time
        time.sleep(1000)
    respond(id, os.getpid())
";
    let fixture = provided(Setup::default().timeout_ms(1000), code).await;
    let process = fixture.ok("{}").await;
    assert_eq!(
        fixture.error("1").await["errorMessage"],
        "RequestId: ID Error: Runtime exited with error: exit status 4"
    );
    let next = fixture.ok("{}").await;
    assert_ne!(process, next);
    assert_eq!(fixture.error("2").await["errorType"], "Sandbox.Timedout");
    assert!(!crate::harness::alive(next.as_u64().unwrap()));
    fixture.ok("{}").await;
}

#[tokio::test]
async fn sequential_invocations_stay_in_one_environment() {
    let code = "
while True:
    id, headers, body = following()
    respond(id, os.getpid())
";
    let setup = Setup::default().environments(8).limits(|limits| limits.settle = crate::harness::PATIENCE);
    let fixture = provided(setup, code).await;
    let process = fixture.ok("{}").await;
    for _ in 0..200 {
        assert_eq!(fixture.ok("{}").await, process);
    }
}

#[tokio::test]
async fn a_bootstrap_in_shell() {
    let code = r#"#!/bin/bash
host=${AWS_LAMBDA_RUNTIME_API%:*} port=${AWS_LAMBDA_RUNTIME_API#*:}
api=/2018-06-01/runtime/invocation
while true; do
  exec 3<>"/dev/tcp/$host/$port" || exit 1
  printf 'GET %s/next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' "$api" >&3
  event=$(tr -d '\r' <&3)
  id=$(grep '^Lambda-Runtime-Aws-Request-Id: ' <<<"$event" | cut -d' ' -f2)
  body="{\"got\":$(tail -n1 <<<"$event")}"
  exec 3<>"/dev/tcp/$host/$port"
  printf 'POST %s/%s/response HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' "$api" "$id" "${#body}" "$body" >&3
  cat <&3 >/dev/null
done
"#;
    let fixture = Setup::default().provided(code);
    for number in 0..3 {
        assert_eq!(fixture.ok(&number.to_string()).await, json!({"got": number}));
    }
}
