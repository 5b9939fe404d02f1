//! Output, line by line, between START and REPORT.

use crate::harness::{Setup, invocation, node, python};

/// Digits as `0`, so that times can be compared.
fn masked(text: &str) -> String {
    let mut masked = String::new();
    for character in text.chars() {
        match character {
            '0'..='9' if masked.ends_with('0') => {}
            '0'..='9' => masked.push('0'),
            other => masked.push(other),
        }
    }
    masked
}

#[tokio::test]
async fn an_invocation_has_lambdas_lines() {
    let fixture = node("console.log('loading'); exports.handler = async () => { console.log('a %d', 1); console.error({ b: 1 }); process.stdout.write('bare'); };").await;
    for first in [true, false] {
        let (before, invocation) = (fixture.logs.all().len(), invocation("{}"));
        let id = invocation.request_id.clone();
        fixture.invoke(invocation).await.unwrap();
        let lines = fixture.logs.all().split_off(before);
        let mut texts: Vec<_> = lines.iter().map(|line| masked(&line.text.replace(&id, "ID"))).collect();
        if first {
            assert_eq!(texts.remove(0), "0-0-0T0:0:0.0Z\tundefined\tINFO\tloading");
            assert_eq!(lines[0].request_id, None);
        }
        let init = if first { "Init Duration: 0.0 ms\t" } else { "" };
        let expect = [
            "START RequestId: ID Version: $LATEST".to_owned(),
            "0-0-0T0:0:0.0Z\tID\tINFO\ta 0".to_owned(),
            "0-0-0T0:0:0.0Z\tID\tERROR\t{ b: 0 }".to_owned(),
            "bare".to_owned(),
            "END RequestId: ID".to_owned(),
            format!(
                "REPORT RequestId: ID\tDuration: 0.0 ms\tBilled Duration: 0 ms\tMemory Size: 0 MB\tMax Memory Used: 0 MB\t{init}"
            ),
        ];
        assert_eq!(texts, expect);
        assert!(lines.iter().skip(usize::from(first)).all(|line| line.request_id.as_ref() == Some(&id)));
        assert!(lines.iter().all(|line| &*line.function == "subject"));
    }
}

#[tokio::test]
async fn a_report_says_how_it_failed() {
    let fixture = Setup::default()
        .timeout_ms(300)
        .node(
            &[("index.js", "exports.handler = async (e) => { if (e.exit) process.exit(1); for (;;); };")],
            "index.handler",
        )
        .await;
    fixture.error(r#"{"exit":true}"#).await;
    assert!(fixture.logs.wait_for("REPORT").await.ends_with("\tStatus: error\tError Type: Runtime.ExitError"));
    fixture.error("{}").await;
    fixture.logs.wait_for("Status: timeout").await;
}

#[tokio::test]
async fn python_prints_and_logs() {
    let code = "import logging, sys\nlogging.getLogger().setLevel('INFO')\ndef handler(event, context):\n    print('printed ü')\n    logging.info('logged %s', 1)\n    print('error', file=sys.stderr)\n    print('two\\nlines', end='')\n";
    let fixture = python(code).await;
    let invocation = invocation("{}");
    let id = invocation.request_id.clone();
    fixture.invoke(invocation).await.unwrap();
    let texts: Vec<_> = fixture.logs.texts().iter().map(|text| masked(&text.replace(&id, "ID"))).collect();
    for expect in ["printed ü", "[INFO]\t0-0-0T0:0:0.0Z\tID\tlogged 0", "error", "two", "lines"] {
        assert!(texts.iter().any(|text| text == expect), "{expect}: {texts:?}");
    }
    assert!(texts.last().unwrap().starts_with("REPORT"));
}

#[tokio::test]
async fn a_flood_without_line_ends_is_cut() {
    let code =
        "import sys\ndef handler(event, context):\n    for _ in range(100):\n        sys.stdout.write('x' * 100_000)\n";
    let fixture = python(code).await;
    fixture.ok("{}").await;
    let texts = fixture.logs.texts();
    assert_eq!(
        texts.iter().find(|text| text.starts_with('x')).unwrap().len(),
        65_536 + " [line truncated after 65536 bytes]".len()
    );
    assert!(texts.iter().map(String::len).sum::<usize>() < 70_000);
}

#[tokio::test]
async fn a_flood_of_lines_is_cut_and_the_next_invocation_may_print_again() {
    let code = "def handler(event, context):\n    for n in range(event):\n        print('y' * 1000)\n";
    let fixture = python(code).await;
    fixture.ok("3000").await;
    let texts = fixture.logs.texts();
    assert_eq!(texts.iter().filter(|text| text.starts_with('y')).count(), 1049);
    assert!(texts.contains(&"[output truncated after 1048576 bytes]".to_owned()));
    fixture.ok("2").await;
    assert_eq!(fixture.logs.texts().iter().filter(|text| text.starts_with('y')).count(), 1051);
}

#[tokio::test]
async fn output_that_is_no_text_and_output_between_invocations() {
    let code = "exports.handler = async (wait) => { setTimeout(() => console.log('in between'), 20); process.stdout.write(Buffer.from([0xff, 0x41, 0x0a])); };";
    let fixture = node(code).await;
    fixture.ok("0").await;
    fixture.logs.wait_for("\u{fffd}A").await;
    fixture.logs.wait_for("in between").await;
    let line = fixture.logs.all().into_iter().find(|line| line.text.ends_with("in between")).unwrap();
    assert_eq!(line.request_id, None);
}
