//! The whole lifecycle of a request that needs all of it, against a bare axum handler that validates the body with
//! `jsonschema` and gives the same answer.

use crate::{
    Plan, Result,
    compare::{self, Side},
    load::CONNECTIONS,
    process::{self, Server},
};
use axum::{
    Router,
    body::Bytes,
    extract::{Path as PathParameters, State},
    http::{HeaderValue, StatusCode, header},
    response::IntoResponse,
    routing::post,
};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Promised.
const MIN: f64 = 0.5;

const KEY: &str = "bench-key-0123456789";

/// More per second than two cores can send: the bucket is asked, and never empty.
const RATE: u32 = 1_000_000;

/// Measures.
#[expect(clippy::print_stdout, reason = "the measurements are the output")]
pub(crate) async fn run(plan: Plan) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let ours = [Server::fanlight(&template(folder.path())?).await?];
    let reference = [Server::bare("validating").await?];
    let request = request();
    compare::same_answer(&ours, &reference, &request).await?;

    println!(
        "lifecycle: POST /pets/7 with API key, throttles of plan and method, required header, body model, request and response \
         template, MOCK; against axum that validates the body; {CONNECTIONS} connections"
    );
    let side = |name, servers| Side {
        name,
        servers,
        behind: &[],
        connections: CONNECTIONS,
        requests: [request.clone()].into(),
    };
    let comparison = compare::alternate(plan, &side("fanlight", &ours), &side("axum", &reference)).await?;
    comparison.promised("lifecycle", MIN);
    process::stop(ours.into_iter().chain(reference)).await
}

/// What the body must look like.
fn schema() -> Value {
    json!({
        "$schema": "http://json-schema.org/draft-04/schema#",
        "type": "object",
        "required": ["name", "kind", "price"],
        "properties": {
            "name": { "type": "string", "minLength": 1, "maxLength": 64 },
            "kind": { "enum": ["cat", "dog", "fish"] },
            "price": { "type": "number", "minimum": 0 },
            "tags": { "type": "array", "items": { "type": "string" } },
            "owner": { "type": "object", "properties": { "id": { "type": "integer" }, "city": { "type": "string" } } },
        },
    })
}

fn request() -> Vec<u8> {
    let owner = json!({ "id": 4711, "city": "Utrecht" });
    let pet = json!({ "name": "Ada", "kind": "cat", "price": 12.5, "tags": ["small", "grey"], "owner": owner });
    let body = pet.to_string();
    format!(
        "POST /pets/7 HTTP/1.1\r\nhost: localhost\r\nuser-agent: bench\r\naccept: */*\r\nx-api-key: {KEY}\r\nx-tenant: blue\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn template(folder: &Path) -> Result<PathBuf> {
    let reference = |name: &str| json!({ "Ref": name });
    let template = json!({
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Api": { "Type": "AWS::Serverless::Api", "Properties": {
                "StageName": "v1",
                "DefinitionBody": document(),
                "MethodSettings": [{
                    "HttpMethod": "*", "ResourcePath": "/*", "ThrottlingRateLimit": RATE, "ThrottlingBurstLimit": RATE,
                }],
            } },
            "Key": { "Type": "AWS::ApiGateway::ApiKey", "Properties": { "Enabled": true, "Value": KEY } },
            "Plan": { "Type": "AWS::ApiGateway::UsagePlan", "Properties": {
                "Throttle": { "RateLimit": RATE, "BurstLimit": RATE },
                "ApiStages": [{ "ApiId": reference("Api"), "Stage": reference("Api.Stage") }],
            } },
            "PlanKey": { "Type": "AWS::ApiGateway::UsagePlanKey", "Properties": {
                "KeyId": reference("Key"), "KeyType": "API_KEY", "UsagePlanId": reference("Plan"),
            } },
        },
    });
    let file = folder.join("template.json");
    std::fs::write(&file, serde_json::to_vec(&template)?)?;
    Ok(file)
}

fn document() -> Value {
    let request = "#set($context.requestOverride.path.name = $input.path('$.name'))\
                   {\"statusCode\": #if($input.path('$.price') > 0)200#{else}402#end}";
    let response = "{\"id\":\"$input.params('id')\",\"name\":\"$context.requestOverride.path.name\"}";
    let integration = json!({
        "type": "mock",
        "requestTemplates": { "application/json": request },
        "responses": {
            "default": { "statusCode": "402" },
            "200": { "statusCode": "200", "responseTemplates": { "application/json": response } },
        },
    });
    json!({
        "openapi": "3.0.1",
        "info": { "title": "bench", "version": "1" },
        "components": {
            "securitySchemes": { "key": { "type": "apiKey", "name": "x-api-key", "in": "header" } },
            "schemas": { "Pet": schema() },
        },
        "x-amazon-apigateway-request-validators": {
            "all": { "validateRequestBody": true, "validateRequestParameters": true },
        },
        "x-amazon-apigateway-request-validator": "all",
        "paths": { "/pets/{id}": { "post": {
            "security": [{ "key": [] }],
            "parameters": [
                { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } },
                { "name": "x-tenant", "in": "header", "required": true, "schema": { "type": "string" } },
            ],
            "requestBody": { "required": true, "content": { "application/json": {
                "schema": { "$ref": "#/components/schemas/Pet" },
            } } },
            "responses": { "200": { "description": "ok" }, "402": { "description": "not for sale" } },
            "x-amazon-apigateway-integration": integration,
        } } },
    })
}

/// The same answer without a gateway.
pub(crate) fn router() -> Result<Router> {
    let validator = jsonschema::draft4::new(&schema()).map_err(|error| error.to_string())?;
    Ok(Router::new().route("/pets/{id}", post(answer)).with_state(Arc::new(validator)))
}

async fn answer(
    State(validator): State<Arc<jsonschema::Validator>>,
    PathParameters(id): PathParameters<String>,
    body: Bytes,
) -> std::result::Result<impl IntoResponse, StatusCode> {
    let pet: Value = serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    if !validator.is_valid(&pet) {
        return Err(StatusCode::BAD_REQUEST);
    }
    let name = pet.get("name").and_then(Value::as_str).unwrap_or_default();
    let answer = format!("{{\"id\":\"{id}\",\"name\":\"{name}\"}}");
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], answer))
}
