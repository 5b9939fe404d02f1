//! The signing test suite that AWS ships with its own signer: what it signs is accepted, and nothing else.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a suite of another shape fails the test where it stands"
)]

use fanlight_aws_wire::signature::{self, Claim, Refusal, Scope, Secret, Signed, Timestamp};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::path::{Path, PathBuf};

/// A vector's signed request.
struct Request {
    method: String,
    target: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// The suite lies in the source of the signer, which cargo has.
fn suite() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "cargo is no function, and ends by itself")]
    let mut cargo = std::process::Command::new(env!("CARGO"));
    let output = cargo.args(["metadata", "--format-version", "1", "--offline"]).output().expect("cargo");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("metadata");
    let packages = metadata["packages"].as_array().expect("packages");
    let signer = packages.iter().find(|package| package["name"] == "aws-sigv4").expect("the signer");
    let manifest = signer["manifest_path"].as_str().expect("its manifest");
    Path::new(manifest).parent().expect("its folder").join("aws-signing-test-suite/v4")
}

fn read(text: &str) -> Request {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let line = lines.next().expect("a request line");
    let (method, rest) = line.split_once(' ').expect("a verb");
    let target = rest.rsplit_once(" HTTP/").expect("a version").0;
    let mut headers = HeaderMap::new();
    let mut last: Option<HeaderName> = None;
    for line in lines {
        let (name, value) = match line.split_once(':') {
            Some((name, value)) if !line.starts_with(' ') => (name.parse().expect("a name"), value),
            _ => (last.clone().expect("a name"), line),
        };
        last = Some(name.clone());
        headers.append(name, HeaderValue::from_bytes(value.trim().as_bytes()).expect("a value"));
    }
    Request { method: method.to_owned(), target: target.to_owned(), headers, body: body.as_bytes().to_vec() }
}

fn check(request: &Request, secret: &Secret, now: Timestamp) -> Result<(), Refusal> {
    let claim = Claim::read(&request.headers, &request.target)?.expect("a claim");
    let host = request.headers.get("host").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Request { method, target, headers, body } = request;
    let signed = Signed { method, target, headers, host, body };
    signature::verify(&claim, &signed, secret, Scope { region: "us-east-1", service: "service" }, now)
}

/// What of the suite says that paths are normalized, as services but S3 do, and is written in one line per header.
fn applies(context: &serde_json::Value, text: &str) -> bool {
    context["normalize"] == true && !text.contains("\n ") && text.is_ascii()
}

#[test]
fn what_the_suite_signs_is_accepted_and_a_changed_request_is_not() {
    let mut checked = 0;
    for entry in std::fs::read_dir(suite()).expect("the suite") {
        let folder = entry.expect("an entry").path();
        // A folder of folders repeats vectors for another way to write their paths.
        let Ok(context) = std::fs::read_to_string(folder.join("context.json")) else { continue };
        let context: serde_json::Value = serde_json::from_str(&context).expect("JSON");
        let secret = Secret {
            key: context["credentials"]["secret_access_key"].as_str().expect("a secret").to_owned(),
            session_token: context["credentials"]["token"].as_str().map(ToOwned::to_owned),
        };
        let stamp = context["timestamp"].as_str().expect("a time").replace(['-', ':'], "");
        let now = Timestamp::parse(&stamp).expect("a time");
        for form in ["header", "query"] {
            let text = std::fs::read_to_string(folder.join(format!("{form}-signed-request.txt"))).expect("a request");
            let omits = context["omit_session_token"] == true;
            // Some targets are no addresses, so no request over HTTP can have them.
            if !applies(&context, &text) || omits || read(&text).target.parse::<http::Uri>().is_err() {
                continue;
            }
            let name = format!("{} ({form})", folder.file_name().expect("a name").to_string_lossy());
            let mut request = read(&text);
            assert_eq!(check(&request, &secret, now), Ok(()), "{name}");
            request.target.push_str(if request.target.contains('?') { "&admin=1" } else { "?admin=1" });
            assert!(check(&request, &secret, now).is_err(), "{name} with another parameter");
            checked += 1;
        }
    }
    assert!(checked >= 40, "only {checked} requests of the suite were checked");
}
