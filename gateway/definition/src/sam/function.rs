//! `AWS::Serverless::Function`.
//!
//! AWS: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html>

use super::{
    layer::{self, Layers},
    text_property,
};
use crate::{
    Diagnostic,
    cloudformation::Declared,
    document::{Map, Node},
    function::{self, Identity, Wanted},
    intrinsics::{self, Scope},
    read::Reading,
    resources::Function,
    shape,
    vocabulary::{
        self,
        Treatment::{Guard, LeftOut, Missing, Read, Silent},
        Vocabulary,
    },
};

const FUNCTION: &Vocabulary = &[
    ("Architectures", Read),
    ("AssumeRolePolicyDocument", Silent),
    ("AutoPublishAlias", Silent),
    ("AutoPublishAliasAllProperties", Silent),
    ("AutoPublishCodeSha256", Silent),
    ("CapacityProviderConfig", LeftOut),
    ("CodeSigningConfigArn", LeftOut),
    ("CodeUri", Read),
    ("DeadLetterQueue", LeftOut),
    ("DeploymentPreference", Silent),
    ("Description", Silent),
    ("DurableConfig", LeftOut),
    ("Environment", Read),
    ("EphemeralStorage", LeftOut),
    ("EventInvokeConfig", LeftOut),
    ("Events", Read),
    ("FileSystemConfigs", LeftOut),
    ("FunctionName", Read),
    ("FunctionScalingConfig", LeftOut),
    ("FunctionUrlConfig", LeftOut),
    ("Handler", Read),
    ("ImageConfig", Missing),
    ("ImageUri", Missing),
    ("InlineCode", Missing),
    ("KmsKeyArn", Silent),
    ("Layers", Read),
    ("LoggingConfig", LeftOut),
    ("MemorySize", Read),
    ("PackageType", Read),
    ("PermissionsBoundary", Silent),
    ("Policies", Silent),
    ("PropagateTags", Silent),
    ("ProvisionedConcurrencyConfig", LeftOut),
    ("PublishToLatestPublished", Silent),
    ("RecursiveLoop", Silent),
    ("ReservedConcurrentExecutions", Read),
    ("Role", Silent),
    ("RolePath", Silent),
    ("Runtime", Read),
    ("RuntimeManagementConfig", Silent),
    ("SnapStart", LeftOut),
    ("SourceKMSKeyArn", Silent),
    ("Tags", Silent),
    // One environment per tenant: without it, tenants would share memory.
    ("TenancyConfig", Guard),
    ("Timeout", Read),
    ("Tracing", LeftOut),
    ("VersionDeletionPolicy", Silent),
    ("VersionDescription", Silent),
    ("VpcConfig", LeftOut),
];

/// `Metadata: Fanlight:`.
const FANLIGHT: &Vocabulary = &[("Isolation", Read), ("Kind", Read), ("Module", Read)];

const ENVIRONMENT: &Vocabulary = &[("Variables", Read)];

/// `FunctionName`, checked.
pub(super) fn name(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared) -> Option<String> {
    let node = declared.properties.get("FunctionName");
    let name = text_property(reading, scope, node)?;
    let valid = (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if !valid {
        let place = node.map_or_else(|| declared.place.clone(), Node::place);
        let message = format!("`{}` is no name of a function", shape::brief(&name));
        reading.findings.push(Diagnostic::error(&place, message).help("1 to 64 letters, digits, `-` and `_`"));
    }
    Some(name)
}

/// Reads a function.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared, layers: &Layers) -> Option<Function> {
    let Declared { properties, metadata, logical_id, place, .. } = declared;
    vocabulary::check(&mut reading.findings, properties, "a function", FUNCTION);
    let before = reading.findings.errors();
    check_package(reading, scope, properties);
    let fanlight = metadata.get("Fanlight").and_then(|node| shape::map(&mut reading.findings, node)).cloned();
    let fanlight = fanlight.unwrap_or_default();
    vocabulary::check(&mut reading.findings, &fanlight, "`Metadata.Fanlight`", FANLIGHT);
    let missing_code = ["InlineCode", "ImageUri"].iter().any(|key| properties.get(key).is_some());
    if missing_code || reading.findings.errors() > before {
        return None;
    }
    let layers = match resolved(reading, scope, properties.get("Layers")) {
        Some(node) => layer::folders(reading, layers, &node),
        None => Vec::new(),
    };
    let mut get = |key: &str| resolved(reading, scope, properties.get(key));
    let wanted = Wanted {
        code: get("CodeUri"),
        handler: get("Handler"),
        runtime: get("Runtime"),
        timeout: get("Timeout"),
        memory: get("MemorySize"),
        concurrency: get("ReservedConcurrentExecutions"),
        architectures: get("Architectures"),
        environment: variables(reading, scope, properties),
        layers,
        kind: fanlight.get("Kind").cloned(),
        isolation: fanlight.get("Isolation").cloned(),
        module: fanlight.get("Module").cloned(),
    };
    let name = match scope.targets.get(logical_id) {
        Some(intrinsics::Target::Function { name, alias: _ }) => name.clone(),
        Some(
            intrinsics::Target::Api { .. }
            | intrinsics::Target::Layer { .. }
            | intrinsics::Target::Known { .. }
            | intrinsics::Target::Unserved { .. }
            | intrinsics::Target::Absent { .. },
        )
        | None => logical_id.clone(),
    };
    let identity = Identity { logical_id: logical_id.clone(), name, place: place.clone() };
    function::build(reading, scope, identity, &wanted)
}

fn resolved(reading: &mut Reading<'_>, scope: &Scope, node: Option<&Node>) -> Option<Node> {
    intrinsics::resolve(reading, scope, node?)
}

/// `Environment.Variables`.
fn variables(reading: &mut Reading<'_>, scope: &Scope, properties: &Map) -> Option<Node> {
    let environment = resolved(reading, scope, properties.get("Environment"))?;
    let map = shape::map(&mut reading.findings, &environment)?;
    vocabulary::check(&mut reading.findings, map, "`Environment`", ENVIRONMENT);
    map.get("Variables").cloned()
}

fn check_package(reading: &mut Reading<'_>, scope: &Scope, properties: &Map) {
    let Some(node) = properties.get("PackageType") else { return };
    let Some(kind) = text_property(reading, scope, Some(node)) else { return };
    if kind != "Zip" {
        let message = format!("`PackageType: {}` is not served yet", shape::brief(&kind));
        reading.findings.push(Diagnostic::error(&node.place(), message).help("name a folder with `CodeUri`"));
    }
}
