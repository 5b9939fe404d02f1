//! Cases about definitions: what must be refused, and what must be served when it is not.

use super::{
    backend::{Backend, Script},
    case::Case,
    fixture::{Definition, set},
    generate,
    kinds::Outcome,
    observed::Observed,
    request,
    session::{self, Started},
};
use fanlight_tests::message::Answer;
use serde_json::{Value, json};
use std::time::Instant;

/// Runs a case.
///
/// # Errors
/// When its words are not known.
pub(super) async fn run(case: &Case) -> Result<Outcome, String> {
    let config = case.get("config").ok_or("the case configures nothing")?;
    let sink = Backend::start(Script::Echo).await?;
    let backend = Backend::start(Script::Echo).await?;
    let definition = match config.get("op").and_then(Value::as_str) {
        Some("import_model") => model(config, &sink)?,
        Some("put_integration") => integration(config)?,
        _ => return Ok(Outcome::Skipped("the control plane is not served yet")),
    };
    let folder = tempfile::Builder::new().prefix("fanlight-").tempdir().map_err(|error| error.to_string())?;
    let calls = folder.path().join("calls");
    let begun = Instant::now();
    let definition =
        Definition { template: definition, settings: String::new(), files: Vec::new(), base: String::new() };
    let started = session::start_definition(definition, (backend, sink), (folder, calls)).await?;
    let elapsed = begun.elapsed();
    let session = match started {
        Started::Refused(_) => return Ok(observed(400, elapsed)),
        Started::Running(session) => session,
    };
    let Some(then) = case.expect.get("then") else {
        let seen = Observed { astray: session.sink.connections(), elapsed, ..Observed::default() };
        session.stop().await?;
        return Ok(Outcome::Observed(Box::new(with_status(seen, 201))));
    };
    let body = match (
        then.get("request_body").and_then(Value::as_str),
        then.get("request_body_gen").and_then(Value::as_str),
    ) {
        (Some(body), _) => body.as_bytes().to_vec(),
        (None, Some(description)) => generate::bytes(description)?,
        (None, None) => Vec::new(),
    };
    let mut request = request::read(&json!({ "method": "POST", "path": "/m" }), "")?;
    request.headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    request.body = body;
    let (answer, took) = request::exchange(&session, &request).await?;
    let status = answer.as_ref().map_or(Value::Null, |answer| Value::from(answer.status));
    let as_wanted = then.get("status").is_none_or(|wanted| *wanted == status)
        && then.get("max_ms").and_then(Value::as_u64).is_none_or(|most| took.as_millis() <= u128::from(most));
    session.stop().await?;
    if as_wanted { Ok(observed_running(elapsed)) } else { Err(format!("then {then}, but {status} after {took:?}")) }
}

fn observed_running(elapsed: std::time::Duration) -> Outcome {
    let mut case = Observed { elapsed, ..Observed::default() };
    case = with_status(case, 201);
    Outcome::Observed(Box::new(case))
}

fn observed(status: u16, elapsed: std::time::Duration) -> Outcome {
    Outcome::Observed(Box::new(with_status(Observed { elapsed, ..Observed::default() }, status)))
}

fn with_status(seen: Observed, status: u16) -> Observed {
    Observed { answers: vec![Some(Answer { status, headers: Vec::new(), body: Vec::new() })], ..seen }
}

/// An API whose one method checks its body against the model.
fn model(config: &Value, sink: &Backend) -> Result<Value, String> {
    let schema = match (config.get("schema"), config.get("schema_gen").and_then(Value::as_str)) {
        (Some(schema), _) => schema.clone(),
        (None, Some(description)) => generate::schema(description)?,
        (None, None) => return Err("the case has no schema".to_owned()),
    };
    let text = schema.to_string().replace("{SINK_PORT}", &sink.address.port().to_string());
    let schema: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let integration = json!({
        "Type": "MOCK", "RequestTemplates": { "application/json": "{\"statusCode\":200}" },
        "IntegrationResponses": [{ "StatusCode": "200" }]
    });
    Ok(template(&integration, Some(&schema)))
}

fn integration(config: &Value) -> Result<Value, String> {
    let uri = config.get("uri").ok_or("the case has no address")?;
    Ok(template(&json!({ "Type": "HTTP_PROXY", "IntegrationHttpMethod": "GET", "Uri": uri }), None))
}

fn template(integration: &Value, schema: Option<&Value>) -> Value {
    let api = json!({ "Ref": "Api" });
    let mut method = json!({
        "RestApiId": api, "ResourceId": { "Ref": "Resource" }, "HttpMethod": "POST", "AuthorizationType": "NONE",
        "Integration": integration, "MethodResponses": [{ "StatusCode": "200" }]
    });
    let parent = json!({ "Fn::GetAtt": ["Api", "RootResourceId"] });
    let mut resources = json!({
        "Api": { "Type": "AWS::ApiGateway::RestApi", "Properties": { "Name": "model" } },
        "Resource": { "Type": "AWS::ApiGateway::Resource", "Properties": { "RestApiId": api, "ParentId": parent, "PathPart": "m" } },
        "Deployment": { "Type": "AWS::ApiGateway::Deployment", "DependsOn": "Method", "Properties": { "RestApiId": api, "StageName": "dev" } },
    });
    if let Some(schema) = schema {
        let properties =
            json!({ "RestApiId": api, "Name": "Model", "ContentType": "application/json", "Schema": schema });
        set(&mut resources, "Model", json!({ "Type": "AWS::ApiGateway::Model", "Properties": properties }));
        let properties = json!({ "RestApiId": api, "Name": "body", "ValidateRequestBody": true });
        set(
            &mut resources,
            "Validator",
            json!({ "Type": "AWS::ApiGateway::RequestValidator", "Properties": properties }),
        );
        set(&mut method, "RequestModels", json!({ "application/json": { "Ref": "Model" } }));
        set(&mut method, "RequestValidatorId", json!({ "Ref": "Validator" }));
    }
    set(&mut resources, "Method", json!({ "Type": "AWS::ApiGateway::Method", "Properties": method }));
    json!({ "Resources": resources })
}
