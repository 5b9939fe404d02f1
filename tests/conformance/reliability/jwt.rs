//! Cases of tokens: an HTTP API with a JWT authorizer, an issuer beside it, and tokens that a case describes.

use super::{
    backend::{Backend, Script},
    case::Case,
    fixture::{Definition, Fixtures, put, set},
    issuer::Issuer,
    kinds::Outcome,
    observed::Observed,
    request::{self, HOST},
    session::{self, Started},
};
use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use fanlight_tests::message::Request;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Map, Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const K1: &str = include_str!("../../keys/k1.pem");
const ATTACKER: &str = include_str!("../../keys/k2.pem");
const ATTACKER_JWK: &str = include_str!("../../keys/k2.jwk");
const PUBLIC: &str = include_str!("../../keys/k1.pub.pem");
const EC: &str = include_str!("../../keys/ec1.pem");

/// Runs a case.
///
/// # Errors
/// When its set-up does not start, or its words are not known.
pub(super) async fn run(case: &Case, fixtures: &Fixtures) -> Result<Outcome, String> {
    let token = case.get("token").ok_or("the case has no token")?;
    let delay = token.get("jwks_delay_ms").and_then(Value::as_u64).unwrap_or_default();
    let issuer = Issuer::start(Duration::from_millis(delay)).await?;
    let folder = tempfile::Builder::new().prefix("fanlight-").tempdir().map_err(|error| error.to_string())?;
    let (backend, sink) = (Backend::start(Script::Echo).await?, Backend::start(Script::Echo).await?);
    let places = Places { issuer: format!("http://{}", issuer.address), sink: sink.address.port() };
    let fixture = fixtures.get(&case.fixture).ok_or_else(|| format!("no set-up `{}`", case.fixture))?;
    let definition = definition(fixture, &places, &format!("http://{}", backend.address));
    let calls = folder.path().join("calls");
    let session = match session::start_definition(definition, (backend, sink), (folder, calls)).await? {
        Started::Running(session) => session,
        Started::Refused(reason) => return Err(format!("the host did not start: {reason}")),
    };
    let count = token.get("flood").and_then(Value::as_u64).unwrap_or(1);
    let requests = (0..count).map(|number| made(token, &places, number)).collect::<Result<Vec<Request>, String>>()?;
    let mut observed = Observed::default();
    for result in
        futures_util::future::join_all(requests.iter().map(|request| request::exchange(&session, request))).await
    {
        let (answer, elapsed) = result?;
        observed.answers.push(answer);
        observed.elapsed = observed.elapsed.max(elapsed);
    }
    observed.key_fetches = issuer.fetches();
    observed.backend = session.backend.received();
    observed.astray = session.sink.connections();
    session.stop().await?;
    Ok(Outcome::Observed(Box::new(observed)))
}

/// Where the servers of a case listen.
struct Places {
    issuer: String,
    sink: u16,
}

/// The API of a set-up: each route with the authorizer that it asks for.
fn definition(fixture: &Value, places: &Places, backend: &str) -> Definition {
    let routes = fixture.get("http_api").and_then(|api| api.get("routes")).and_then(Value::as_object);
    let (mut paths, mut schemes) = (Map::new(), Map::new());
    for (index, (key, route)) in routes.into_iter().flatten().enumerate() {
        let Some((verb, path)) = key.split_once(' ') else { continue };
        let jwt = route.get("jwt").unwrap_or(&Value::Null);
        let name = format!("jwt{index}");
        let scheme = json!({ "type": "oauth2", "x-amazon-apigateway-authorizer": {
            "type": "jwt", "identitySource": "$request.header.Authorization",
            "jwtConfiguration": { "issuer": jwt.get("issuer"), "audience": jwt.get("audience") }
        } });
        schemes.insert(name.clone(), scheme);
        let scopes = jwt.get("scopes").cloned().unwrap_or_else(|| json!([]));
        let mut requirement = json!({});
        set(&mut requirement, &name, scopes);
        let mut item = json!({});
        set(
            &mut item,
            &verb.to_ascii_lowercase(),
            json!({ "security": [requirement], "x-amazon-apigateway-integration": {
            "type": "http_proxy", "httpMethod": "ANY", "uri": backend, "payloadFormatVersion": "1.0"
        } }),
        );
        paths.insert(path.to_owned(), item);
    }
    let mut body = json!({
        "openapi": "3.0.1", "info": { "title": "jwt", "version": "1" },
        "components": { "securitySchemes": schemes }, "paths": paths
    });
    put(&mut body, "{ISS}", &places.issuer);
    let template = json!({ "Resources": {
        "Api": { "Type": "AWS::ApiGatewayV2::Api", "Properties": { "Body": body } },
        "Stage": { "Type": "AWS::ApiGatewayV2::Stage",
                   "Properties": { "ApiId": { "Ref": "Api" }, "StageName": "$default" } }
    } });
    Definition { template, settings: String::new(), files: Vec::new(), base: String::new() }
}

fn made(token: &Value, places: &Places, number: u64) -> Result<Request, String> {
    let path = token.get("path").and_then(Value::as_str).unwrap_or("/j");
    let token = match token.get("raw").and_then(Value::as_str) {
        Some(raw) => raw.to_owned(),
        None => signed(token, places, number)?,
    };
    let headers =
        [("Host", HOST.to_owned()), ("Authorization", format!("Bearer {token}"))].map(|(n, v)| (n.to_owned(), v));
    Ok(Request {
        method: "GET".to_owned(),
        target: path.to_owned(),
        version: "HTTP/1.1".to_owned(),
        headers: headers.to_vec(),
        body: Vec::new(),
    })
}

fn signed(token: &Value, places: &Places, number: u64) -> Result<String, String> {
    let mut header = token.get("header").cloned().unwrap_or_default();
    put(&mut header, "{SINK_PORT}", &places.sink.to_string());
    put(&mut header, "{RANDOM}", &format!("random-{number}"));
    if header.get("jwk").is_some() {
        let key = serde_json::from_str(ATTACKER_JWK).map_err(|error| error.to_string())?;
        set(&mut header, "jwk", key);
    }
    let claims = match token.get("claims_raw_gen").and_then(Value::as_str) {
        Some(description) => String::from_utf8_lossy(&super::generate::bytes(description)?).into_owned(),
        None => claims(token.get("claims").ok_or("the token has no claims")?, places)?,
    };
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let message = format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.as_bytes()));
    let sign = |key: &EncodingKey, algorithm| {
        crypto::sign(message.as_bytes(), key, algorithm).map_err(|error| error.to_string())
    };
    let signature = match (token.get("sign").and_then(Value::as_str), token.get("sig_raw"), token.get("sig")) {
        (Some("rsa(k1)"), ..) => sign(&EncodingKey::from_rsa_der(&der(K1)?), Algorithm::RS256)?,
        (Some("rsa(attacker)"), ..) => sign(&EncodingKey::from_rsa_der(&der(ATTACKER)?), Algorithm::RS256)?,
        (Some("hmac(pubkey_pem)"), ..) => sign(&EncodingKey::from_secret(PUBLIC.as_bytes()), Algorithm::HS256)?,
        (Some("hmac(empty)"), ..) => sign(&EncodingKey::from_secret(b""), Algorithm::HS256)?,
        (Some("ec(ec1)"), ..) => sign(&EncodingKey::from_ec_der(&der(EC)?), Algorithm::ES256)?,
        (None, Some(Value::String(bytes)), _) if bytes == "00*64" => encode(&[0; 64]),
        (None, _, Some(Value::String(text))) => text.clone(),
        (sign, ..) => return Err(format!("a token that is signed with `{sign:?}` is not known")),
    };
    Ok(format!("{message}.{signature}"))
}

/// Claims with `{ISS}`, and `{NOW-1}` and its like as numbers.
fn claims(claims: &Value, places: &Places) -> Result<String, String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?.as_secs();
    let mut claims = claims.clone();
    put(&mut claims, "{ISS}", &places.issuer);
    for value in claims.as_object_mut().into_iter().flat_map(Map::values_mut) {
        let text = value.as_str().and_then(|text| text.strip_prefix("{NOW")?.strip_suffix('}'));
        if let Some(offset) = text {
            let offset: i64 = if offset.is_empty() { 0 } else { offset.parse().map_err(|_| format!("`{offset}`"))? };
            *value = now.saturating_add_signed(offset).into();
        }
    }
    Ok(claims.to_string())
}

fn der(pem: &str) -> Result<Vec<u8>, String> {
    let lines: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    BASE64_STANDARD.decode(lines).map_err(|error| error.to_string())
}
