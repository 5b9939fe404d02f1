//! `Globals`, and how SAM merges them: maps merge, lists concatenate, anything else gives way.
//!
//! AWS: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html>

use crate::{
    Diagnostic,
    document::{Map, Node, Value},
    intrinsics,
    read::Reading,
    shape, spelling,
};

/// Sections, and the properties that SAM allows in the ones that are served.
const SECTIONS: [&str; 10] = [
    "Api",
    "CapacityProvider",
    "Function",
    "HttpApi",
    "LayerVersion",
    "MicroVMImage",
    "NetworkConnector",
    "SimpleTable",
    "StateMachine",
    "WebSocketApi",
];

const FUNCTION: &[&str] = &[
    "Architectures",
    "AssumeRolePolicyDocument",
    "AutoPublishAlias",
    "AutoPublishAliasAllProperties",
    "CapacityProviderConfig",
    "CodeSigningConfigArn",
    "CodeUri",
    "DeadLetterQueue",
    "DeploymentPreference",
    "Description",
    "DurableConfig",
    "Environment",
    "EphemeralStorage",
    "EventInvokeConfig",
    "FileSystemConfigs",
    "FunctionScalingConfig",
    "FunctionUrlConfig",
    "Handler",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "PermissionsBoundary",
    "PropagateTags",
    "ProvisionedConcurrencyConfig",
    "PublishToLatestPublished",
    "RecursiveLoop",
    "ReservedConcurrentExecutions",
    "RolePath",
    "Runtime",
    "RuntimeManagementConfig",
    "SnapStart",
    "SourceKMSKeyArn",
    "Tags",
    "TenancyConfig",
    "Timeout",
    "Tracing",
    "VersionDeletionPolicy",
    "VpcConfig",
];

const API: &[&str] = &[
    "AccessLogSetting",
    "AlwaysDeploy",
    "Auth",
    "BinaryMediaTypes",
    "CacheClusterEnabled",
    "CacheClusterSize",
    "CanarySetting",
    "Cors",
    "DefinitionUri",
    "Domain",
    "EndpointAccessMode",
    "EndpointConfiguration",
    "GatewayResponses",
    "MergeDefinitions",
    "MethodSettings",
    "MinimumCompressionSize",
    "Name",
    "OpenApiVersion",
    "PropagateTags",
    "SecurityPolicy",
    "TracingEnabled",
    "Variables",
];

const HTTP_API: &[&str] = &[
    "AccessLogSettings",
    "Auth",
    "CorsConfiguration",
    "DefaultRouteSettings",
    "DisableExecuteApiEndpoint",
    "Domain",
    "FailOnWarnings",
    "Name",
    "PropagateTags",
    "RouteSettings",
    "StageVariables",
    "Tags",
];

/// Says which sections and properties SAM does not know.
pub(crate) fn check(reading: &mut Reading<'_>, globals: &Map) {
    for (section, entry) in globals.iter() {
        let allowed = match section {
            "Function" => FUNCTION,
            "Api" => API,
            "HttpApi" => HTTP_API,
            _ if SECTIONS.contains(&section) => continue, // Nothing of that type is served.
            _ => {
                let message = format!("unknown section `{}` of `Globals`", shape::brief(section));
                let mut unknown = Diagnostic::error(&entry.key_place(), message);
                unknown.help = spelling::suggestion(section, SECTIONS);
                reading.findings.push(unknown);
                continue;
            }
        };
        for (key, entry) in shape::map(&mut reading.findings, &entry.node).into_iter().flat_map(Map::iter) {
            if !allowed.contains(&key) {
                let message = format!("`{}` may not stand in `Globals.{section}`", shape::brief(key));
                let mut unknown = Diagnostic::error(&entry.key_place(), message);
                unknown.help = spelling::suggestion(key, allowed.iter().copied());
                reading.findings.push(unknown);
            }
        }
    }
}

/// A resource's properties with those of its section, unless it ignores them.
pub(crate) fn merge(
    reading: &mut Reading<'_>,
    (globals, ignored): (&Map, Option<&Node>),
    kind: &str,
    properties: Map,
) -> Map {
    let (section, allowed) = match kind {
        "AWS::Serverless::Function" => ("Function", FUNCTION),
        "AWS::Serverless::Api" => ("Api", API),
        "AWS::Serverless::HttpApi" => ("HttpApi", HTTP_API),
        _ => return properties,
    };
    let Some(inherited) = globals.get(section).and_then(Node::as_map) else { return properties };
    let ignored = match ignored {
        None => Vec::new(),
        Some(node) if node.as_text() == Some("*") => return properties,
        Some(node) => shape::texts(&mut reading.findings, node),
    };
    let mut merged = Map::default();
    for (key, entry) in inherited.iter() {
        // What may not stand there has been reported, once.
        if allowed.contains(&key) && !ignored.iter().any(|ignored| ignored == key) {
            merged.entries.insert(key.to_owned(), entry.clone());
        }
    }
    overlay(merged, properties, true)
}

fn overlay(mut global: Map, local: Map, top: bool) -> Map {
    for (key, mut entry) in local.entries {
        if let Some(inherited) = global.entries.shift_remove(&key) {
            let replaces = top && key == "Architectures";
            if !replaces {
                entry.node = merge_node(inherited.node, entry.node);
            }
        }
        global.entries.insert(key, entry);
    }
    global
}

fn merge_node(global: Node, local: Node) -> Node {
    let Node { value, spot, trail } = local;
    let value = match (global.value, value) {
        (Value::List(mut first), Value::List(second)) => {
            first.extend(second);
            Value::List(first)
        }
        // An intrinsic is a value, not a map to merge.
        (Value::Map(first), Value::Map(second))
            if intrinsics::intrinsic(&first).is_none() && intrinsics::intrinsic(&second).is_none() =>
        {
            Value::Map(overlay(first, second, false))
        }
        (_, local) => local,
    };
    Node { value, spot, trail }
}
