//! Set-ups as definitions: a template with the API, its stages, plans, keys and functions, and the host's settings.

use super::{case::Case, generate};
use serde_json::{Map, Value, json};
use std::path::Path;

/// All set-ups of a fixtures file.
#[derive(Debug, Clone)]
pub(super) struct Fixtures(Map<String, Value>);

/// What a folder must hold so that the host serves a set-up.
#[derive(Debug, Clone)]
pub(super) struct Definition {
    /// `template.json`
    pub(super) template: Value,
    /// `fanlight.toml`
    pub(super) settings: String,
    /// The functions' code by file.
    pub(super) files: Vec<(String, String)>,
    /// What stands before the path of a request: empty while there is one API.
    pub(super) base: String,
}

/// Where the servers of a case listen.
#[derive(Debug, Clone)]
pub(super) struct Places {
    /// `{BACKEND_PORT}`
    pub(super) backend: u16,
    /// `{SINK_PORT}` and `{ADMIN_PORT}`: nobody may connect there.
    pub(super) sink: u16,
    /// Where functions count their calls.
    pub(super) calls: std::path::PathBuf,
}

/// The name of the function that authorizes.
const AUTHORIZER: &str = "authz";

impl Fixtures {
    /// A set-up as it is written.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Reads the file beside the cases.
    ///
    /// # Errors
    /// When it is not there, or no JSON.
    pub(super) fn beside(cases: &Path) -> Result<Self, String> {
        let named = |folder: &Path| folder.join("reliability-fixtures.json");
        let beside = named(cases.parent().unwrap_or_else(|| Path::new(".")));
        let file = if beside.is_file() { beside } else { named(&crate::cases()) };
        let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        serde_json::from_str(&text).map(Self).map_err(|error| format!("{}: {error}", file.display()))
    }

    /// The definition of a case's set-up.
    ///
    /// # Errors
    /// When the set-up is not there, or has no API of the kind that is served.
    pub(super) fn definition(&self, case: &Case, places: &Places) -> Result<Definition, String> {
        let name = case.fixture.as_str();
        let fixture = self.0.get(name).ok_or_else(|| format!("no set-up `{name}`"))?;
        let mut apis = vec![name.to_owned()];
        for api in members(fixture, "plans").flat_map(|plan| members(plan, "stages")).filter_map(stage_of) {
            if !apis.contains(&api.0) {
                apis.push(api.0);
            }
        }
        let mut resources = Map::new();
        for api in &apis {
            let of = self.0.get(api).ok_or_else(|| format!("no set-up `{api}`"))?;
            let document = of.get("openapi").ok_or_else(|| format!("the set-up `{api}` has no OpenAPI document"))?;
            add_api(&mut resources, (api, document, of), (case, fixture), places)?;
        }
        add_plans(&mut resources, fixture);
        let mut files = Vec::new();
        if fixture.to_string().contains(&format!("function:{AUTHORIZER}/")) {
            resources.insert("Authorizer".to_owned(), function(AUTHORIZER));
            files.push((format!("{AUTHORIZER}/index.js"), authorizer(&places.calls)));
        }
        let template = json!({ "Transform": "AWS::Serverless-2016-10-31", "Resources": resources });
        let base = if apis.len() > 1 { format!("/_aws/execute-api/{name}/dev") } else { String::new() };
        Ok(Definition { template, settings: settings(fixture), files, base })
    }
}

fn members<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// `keys/dev`
fn stage_of(value: &Value) -> Option<(String, String)> {
    value.as_str()?.split_once('/').map(|(api, stage)| (api.to_owned(), stage.to_owned()))
}

fn logical(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect()
}

fn add_api(
    resources: &mut Map<String, Value>,
    (api, document, fixture): (&str, &Value, &Value),
    (case, whole): (&Case, &Value),
    places: &Places,
) -> Result<(), String> {
    let text = document.to_string().replace("{BACKEND_PORT}", &places.backend.to_string());
    let mut document: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    if let Some(template) = case.get("template").and_then(Value::as_str) {
        put(&mut document, "{{case.template}}", &generate::expanded(template)?);
    }
    let host = document.to_string().contains("://{h}");
    if host && !case.line.to_string().contains("/go/") {
        // The other cases of the set-up are about other paths, and an API with this one may be refused as a whole.
        document.get_mut("paths").and_then(Value::as_object_mut).map(|paths| paths.remove("/go/{h}"));
    }
    if api == "proxy" {
        add_context(&mut document);
    }
    let id = logical(api);
    let mut properties = json!({ "Name": api, "Body": document });
    if let Some(policy) = fixture.get("resourcePolicy") {
        set(&mut properties, "Policy", policy.clone());
    }
    resources.insert(id.clone(), json!({ "Type": "AWS::ApiGateway::RestApi", "Properties": properties }));
    let deployment = format!("{id}Deployment");
    resources.insert(
        deployment.clone(),
        json!({ "Type": "AWS::ApiGateway::Deployment", "Properties": { "RestApiId": { "Ref": id } } }),
    );
    for (stage, variables) in stages(api, fixture, whole) {
        let mut properties = json!({
            "RestApiId": { "Ref": id }, "DeploymentId": { "Ref": deployment }, "StageName": stage,
            "Variables": variables, "AccessLogSetting": { "Format": ACCESS_LOG, "DestinationArn": LOG_GROUP }
        });
        if let Some(given) = case.get("request").and_then(|request| request.get("stage_variables")) {
            let text = given.to_string().replace("{ADMIN_PORT}", &places.sink.to_string());
            set(&mut properties, "Variables", serde_json::from_str(&text).map_err(|error| error.to_string())?);
        }
        if let Some(settings) = fixture.get("stage") {
            add_cache(&mut properties, settings);
        }
        let stage = format!("{id}{}Stage", logical(&stage));
        resources.insert(stage, json!({ "Type": "AWS::ApiGateway::Stage", "Properties": properties }));
    }
    Ok(())
}

const LOG_GROUP: &str = "arn:aws:logs:us-east-1:000000000000:log-group:access";
const ACCESS_LOG: &str = "{\"requestId\":\"$context.requestId\",\"path\":\"$context.path\",\"status\":\"$context.status\",\"userAgent\":\"$context.identity.userAgent\"}";

/// A path that shows what the gateway thinks of the caller.
fn add_context(document: &mut Value) {
    let template = "{\"sourceIp\":\"$context.identity.sourceIp\",\"authorizer\":\"$!context.authorizer.principalId\"}";
    let shown = json!({ "get": {
        "responses": { "200": { "description": "ok" } },
        "x-amazon-apigateway-integration": {
            "type": "mock", "requestTemplates": { "application/json": "{\"statusCode\":200}" },
            "responses": { "default": { "statusCode": "200", "responseTemplates": { "application/json": template } } }
        }
    }});
    if let Some(paths) = document.get_mut("paths") {
        set(paths, "/__context", shown);
    }
}

/// Sets a member of a map.
pub(super) fn set(map: &mut Value, key: &str, value: Value) {
    if let Some(map) = map.as_object_mut() {
        map.insert(key.to_owned(), value);
    }
}

/// The stages of an API: those that the set-up names, or `dev`.
fn stages(api: &str, fixture: &Value, whole: &Value) -> Vec<(String, Value)> {
    if let Some(stages) = fixture.get("stages").and_then(Value::as_object) {
        return stages.iter().map(|(name, variables)| (name.clone(), variables.clone())).collect();
    }
    let mut names = vec!["dev".to_owned()];
    let planned = members(whole, "plans").flat_map(|plan| members(plan, "stages")).filter_map(stage_of);
    for (_, stage) in planned.filter(|(of, _)| of == api) {
        if !names.contains(&stage) {
            names.push(stage);
        }
    }
    names.into_iter().map(|name| (name, json!({}))).collect()
}

fn add_cache(properties: &mut Value, settings: &Value) {
    let mut setting = json!({ "ResourcePath": "/*", "HttpMethod": "*", "CachingEnabled": true });
    let rename = [
        ("cacheTtlInSeconds", "CacheTtlInSeconds"),
        ("requireAuthorizationForCacheControl", "RequireAuthorizationForCacheControl"),
        ("unauthorizedCacheControlHeaderStrategy", "UnauthorizedCacheControlHeaderStrategy"),
    ];
    for (from, to) in rename {
        if let Some(value) = settings.get(from) {
            set(&mut setting, to, value.clone());
        }
    }
    if let Some(enabled) = settings.get("cacheClusterEnabled") {
        set(properties, "CacheClusterEnabled", enabled.clone());
    }
    set(properties, "MethodSettings", json!([setting]));
}

fn add_plans(resources: &mut Map<String, Value>, fixture: &Value) {
    let mut add_key = |value: &str, enabled: bool| {
        let id = format!("Key{}", logical(value));
        let properties = json!({ "Name": value, "Value": value, "Enabled": enabled });
        resources.insert(id.clone(), json!({ "Type": "AWS::ApiGateway::ApiKey", "Properties": properties }));
        id
    };
    let mut plans = Vec::new();
    for plan in members(fixture, "plans") {
        let keys: Vec<String> =
            members(plan, "keys").filter_map(Value::as_str).map(|value| add_key(value, true)).collect();
        plans.push((plan, keys));
    }
    let disabled: Vec<String> =
        members(fixture, "disabledKeys").filter_map(Value::as_str).map(|value| add_key(value, false)).collect();
    if let Some((_, keys)) = plans.first_mut() {
        keys.extend(disabled);
    }
    for (plan, keys) in plans {
        add_plan(resources, plan, keys);
    }
}

fn add_plan(resources: &mut Map<String, Value>, plan: &Value, keys: Vec<String>) {
    let name = plan.get("name").and_then(Value::as_str).unwrap_or_default();
    let upper = |value: &Value| {
        let members = value.as_object().into_iter().flatten();
        let named = members.map(|(key, value)| {
            let mut letters = key.chars();
            (letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect(), value.clone())
        });
        Value::Object(named.collect())
    };
    let stages: Vec<Value> = members(plan, "stages")
        .filter_map(stage_of)
        .map(|(api, stage)| json!({ "ApiId": { "Ref": logical(&api) }, "Stage": stage }))
        .collect();
    let mut properties = json!({ "UsagePlanName": name, "ApiStages": stages });
    for (from, to) in [("throttle", "Throttle"), ("quota", "Quota")] {
        if let Some(value) = plan.get(from) {
            set(&mut properties, to, upper(value));
        }
    }
    let id = format!("Plan{}", logical(name));
    resources.insert(id.clone(), json!({ "Type": "AWS::ApiGateway::UsagePlan", "Properties": properties }));
    for key in keys {
        let properties = json!({ "KeyId": { "Ref": key }, "KeyType": "API_KEY", "UsagePlanId": { "Ref": id } });
        let resource = json!({ "Type": "AWS::ApiGateway::UsagePlanKey", "Properties": properties });
        resources.insert(format!("{id}{key}"), resource);
    }
}

fn function(name: &str) -> Value {
    let properties = json!({
        "FunctionName": name, "CodeUri": name, "Handler": "index.handler", "Runtime": "nodejs20.x", "Timeout": 3
    });
    json!({ "Type": "AWS::Serverless::Function", "Properties": properties })
}

/// The keys that requests may be signed with.
fn settings(fixture: &Value) -> String {
    let credentials = fixture.get("credentials").and_then(Value::as_object).into_iter().flatten();
    credentials.fold(String::new(), |text, (id, secret)| {
        let user = "arn:aws:iam::000000000000:user/tester";
        format!("{text}[[access_keys]]\nid = \"{id}\"\nsecret = {secret}\nuser_arn = \"{user}\"\n\n")
    })
}

/// Replaces a placeholder wherever it stands.
pub(super) fn put(value: &mut Value, placeholder: &str, text: &str) {
    match value {
        Value::String(found) if found.contains(placeholder) => *found = found.replace(placeholder, text),
        Value::Array(items) => items.iter_mut().for_each(|item| put(item, placeholder, text)),
        Value::Object(members) => members.values_mut().for_each(|member| put(member, placeholder, text)),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The authorizer of the set-ups: what it decides is in its token.
fn authorizer(calls: &Path) -> String {
    format!("const calls = {:?};\n{}", calls.to_string_lossy(), include_str!("authorizer.js"))
}
