//! The service as a whole: its name, its stage, its region, and the provider's settings.
//!
//! Serverless: <https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml>

use super::{
    keys,
    variables::{self, Remote, Variables, settle, walk},
};
use crate::{
    Diagnostic,
    document::{Entry, Map, Node, Value},
    read::Reading,
    shape,
    vocabulary::{
        Treatment::{LeftOut, Missing, Read, Silent},
        Vocabulary,
    },
};
use std::sync::Arc;

/// `${sls:instanceId}`: Serverless makes another one for each run.
pub(super) const INSTANCE: &str = "Local";

const SERVICE: &Vocabulary = &[
    ("app", Silent),
    ("awsKmsKeyArn", Silent),
    ("build", LeftOut),
    ("configValidationMode", Silent),
    ("console", Silent),
    ("constructs", LeftOut),
    ("custom", Silent),
    ("dashboard", Silent),
    ("deprecationNotificationMode", Silent),
    ("description", Silent),
    ("disabledDeprecations", Silent),
    ("enterprise", Silent),
    ("frameworkVersion", Silent),
    ("frameWorkVersion", Silent),
    ("functions", Silent),
    ("layers", Silent),
    ("licenseKey", Silent),
    ("org", Silent),
    ("outputs", Silent),
    ("package", Read),
    ("params", Silent),
    ("plugins", Read),
    ("projectDir", Silent),
    ("provider", Silent),
    ("resources", Silent),
    ("service", Read),
    ("stages", Silent),
    ("state", Silent),
    ("tenant", Silent),
    ("unresolvedVariablesNotificationMode", Silent),
    ("useDotenv", Silent),
    ("variablesResolutionMode", Silent),
];

const PROVIDER: &Vocabulary = &[
    ("alb", Silent),
    ("apiGateway", Read),
    ("apiKeys", Read),
    ("apiName", Read),
    ("architecture", Read),
    ("build", Silent),
    ("cfLogs", Silent),
    ("cfnRole", Silent),
    ("cloudFront", Silent),
    ("credentials", Silent),
    ("deploymentBucket", Silent),
    ("deploymentMethod", Silent),
    ("deploymentPrefix", Silent),
    ("disableRollback", Silent),
    ("ecr", Silent),
    ("endpointType", Read),
    ("environment", Silent),
    ("eventBridge", Silent),
    ("httpApi", Silent),
    ("iam", Silent),
    ("iamManagedPolicies", Silent),
    ("iamRoleStatements", Silent),
    ("kmsKeyArn", Silent),
    ("lambdaHashingVersion", Silent),
    ("layers", Read),
    ("logDataProtectionPolicy", Silent),
    ("logRetentionInDays", Silent),
    ("logs", Read),
    ("memorySize", Read),
    ("name", Read),
    ("notificationArns", Silent),
    ("profile", Silent),
    ("region", Silent),
    ("resourcePolicy", Read),
    ("resolver", Silent),
    ("role", Silent),
    ("rolePermissionsBoundary", Silent),
    ("rollbackConfiguration", Silent),
    ("runtime", Read),
    ("runtimeManagement", Silent),
    ("s3", Silent),
    ("snapStart", Silent),
    ("stackName", Read),
    ("stackParameters", Read),
    ("stackPolicy", Silent),
    ("stackTags", Silent),
    ("stage", Silent),
    ("tags", Silent),
    ("timeout", Read),
    ("tracing", Silent),
    ("usagePlan", Read),
    // The first version let people choose how a variable looks.
    ("variableSyntax", Missing),
    ("versionFunctions", Silent),
    ("vpc", LeftOut),
    ("vpcEndpointIds", Read),
    ("websocket", Silent),
    ("websocketsApiName", Silent),
    ("websocketsApiRouteSelectionExpression", Silent),
    ("websocketsDescription", Silent),
];

/// What a service says outside its functions and resources.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) name: String,
    pub(super) stage: String,
    /// Where the stage is named.
    pub(super) stage_node: Node,
    pub(super) region: String,
    /// The keys of the service that are read.
    pub(super) keys: Map,
    /// The keys of the provider that are read.
    pub(super) provider: Map,
    /// `provider.environment`
    pub(super) environment: Map,
    /// Nothing, where the provider stands.
    pub(super) at: Node,
}

impl Service {
    /// A setting of the provider that has its own map.
    pub(super) fn section(&self, key: &str) -> Option<&Map> {
        self.provider.get(key).and_then(Node::as_map)
    }
}

/// Reads what is said of the service as a whole.
pub(super) fn read(reading: &mut Reading<'_>, variables: &mut Variables) -> Option<Service> {
    let root = Arc::clone(&variables.root);
    let keys = keys::read(reading, variables, &root, ("a service", SERVICE))?;
    let name = name(reading, &keys);
    let Some(node) = root.as_map().and_then(|map| map.get("provider")) else {
        let missing = Diagnostic::error(&root.place(), "the service has no `provider`");
        reading.findings.push(missing.help("write `provider: {name: aws}`"));
        return None;
    };
    let opened = variables::open(reading, variables, node);
    let at = Node { value: Value::Null, ..node.clone() };
    let provider = match opened.as_text() {
        // The short form: `provider: aws`.
        Some(_) => Map { entries: [("name".to_owned(), Entry { key: node.spot, node: opened })].into() },
        None => keys::read(reading, variables, &opened, ("`provider`", PROVIDER))?,
    };
    check_provider(reading, &provider, &at);
    let stage_node = stage(reading, variables, &at);
    let stage = stage_node.as_text().map(ToOwned::to_owned);
    let region = region(reading, variables, &at).as_text().map(ToOwned::to_owned);
    let environment = environment(reading, variables, "provider.environment", &root);
    Some(Service { name: name?, stage: stage?, stage_node, region: region?, keys, provider, environment, at })
}

/// A map of environment variables; what only AWS has stays as it is written.
fn environment(reading: &mut Reading<'_>, variables: &mut Variables, path: &str, root: &Node) -> Map {
    let Ok(found) = walk(reading, variables, root, path) else { return Map::default() };
    let found = found.into_owned();
    as_environment(reading, variables, &found)
}

/// The names and values of an environment, variables filled in.
pub(super) fn as_environment(reading: &mut Reading<'_>, variables: &mut Variables, node: &Node) -> Map {
    let before = std::mem::replace(&mut variables.remote, Remote::StandsForItself);
    let settled = settle(reading, variables, node);
    variables.remote = before;
    match settled.value {
        Value::Null | Value::Unresolved => Map::default(),
        Value::Map(map) => map,
        Value::Scalar { .. } | Value::List(_) => {
            shape::mismatch(&mut reading.findings, node, "a map");
            Map::default()
        }
    }
}

fn name(reading: &mut Reading<'_>, keys: &Map) -> Option<String> {
    let node = keys.get("service")?;
    // The first versions let it be a map with other settings.
    let node = node.as_map().and_then(|map| map.get("name")).unwrap_or(node);
    let name = shape::text(&mut reading.findings, node)?;
    let letters = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) || !name.chars().all(letters) {
        let message = format!("`{}` is no name of a service", shape::brief(&name));
        let help = "a letter, then letters, digits and `-`";
        reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
        return None;
    }
    Some(name)
}

fn check_provider(reading: &mut Reading<'_>, provider: &Map, at: &Node) {
    let Some(node) = provider.get("name") else {
        let missing = Diagnostic::error(&at.place(), "the provider has no `name`");
        reading.findings.push(missing.help("write `name: aws`"));
        return;
    };
    let name = shape::text(&mut reading.findings, node);
    if let Some(name) = name.filter(|name| name != "aws") {
        let message = format!("the provider `{}` is not served", shape::brief(&name));
        reading.findings.push(Diagnostic::error(&node.place(), message).help("`aws` is served"));
    }
}

/// The stage: of the command line, of the provider, or `dev`.
pub(super) fn stage(reading: &mut Reading<'_>, variables: &mut Variables, at: &Node) -> Node {
    if let Some(stage) = &reading.options.stage {
        return at.with_text(stage.as_str());
    }
    setting(reading, variables, "provider.stage").unwrap_or_else(|| at.with_text("dev"))
}

/// The region: of the command line, of the provider, or the pretended one.
pub(super) fn region(reading: &mut Reading<'_>, variables: &mut Variables, at: &Node) -> Node {
    if let Some(region) = reading.options.opt.get("region") {
        return at.with_text(region.as_str());
    }
    let region = reading.options.region.clone();
    setting(reading, variables, "provider.region").unwrap_or_else(|| at.with_text(region))
}

/// A setting of the provider that is text; `None` when nothing is written.
fn setting(reading: &mut Reading<'_>, variables: &mut Variables, path: &str) -> Option<Node> {
    let root = Arc::clone(&variables.root);
    let found = walk(reading, variables, &root, path).ok()?.into_owned();
    let settled = settle(reading, variables, &found);
    match settled.value {
        Value::Null => None,
        Value::Scalar { .. } | Value::Unresolved => Some(settled),
        Value::List(_) | Value::Map(_) => {
            shape::mismatch(&mut reading.findings, &settled, "text");
            Some(settled.with(Value::Unresolved))
        }
    }
}
