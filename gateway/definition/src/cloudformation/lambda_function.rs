//! `AWS::Lambda::Function`.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-function.html>

use super::{
    layer::{self, Layers},
    template::Declared,
};
use crate::{
    document::{Map, Node},
    function::{self, Identity, Location, Wanted},
    intrinsics::{Scope, Target},
    read::Reading,
    resources::Function,
    shape,
    vocabulary::{
        self,
        Treatment::{Guard, LeftOut, Read, Silent},
        Vocabulary,
    },
};

const FUNCTION: &Vocabulary = &[
    ("Architectures", Read),
    ("CapacityProviderConfig", LeftOut),
    ("Code", Read),
    ("CodeSigningConfigArn", LeftOut),
    ("DeadLetterConfig", LeftOut),
    ("Description", Silent),
    ("DurableConfig", LeftOut),
    ("Environment", Read),
    ("EphemeralStorage", LeftOut),
    ("FileSystemConfigs", LeftOut),
    ("FunctionName", Read),
    ("FunctionScalingConfig", LeftOut),
    ("Handler", Read),
    ("ImageConfig", Silent),
    ("KmsKeyArn", Silent),
    ("Layers", Read),
    ("LoggingConfig", LeftOut),
    ("MemorySize", Read),
    ("PackageType", Read),
    ("PublishToLatestPublished", Silent),
    ("RecursiveLoop", Silent),
    ("ReservedConcurrentExecutions", Read),
    ("Role", Silent),
    ("Runtime", Read),
    ("RuntimeManagementConfig", Silent),
    ("SnapStart", LeftOut),
    ("Tags", Silent),
    // One environment per tenant: without it, tenants would share memory.
    ("TenancyConfig", Guard),
    ("Timeout", Read),
    ("TracingConfig", LeftOut),
    ("VpcConfig", LeftOut),
];

/// `Metadata: Fanlight:`.
const FANLIGHT: &Vocabulary = &[("Isolation", Read), ("Kind", Read), ("Module", Read)];

const ENVIRONMENT: &Vocabulary = &[("Variables", Read)];

/// Reads a function.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared, layers: &Layers) -> Option<Function> {
    let properties = declared.resolved(reading, scope, ("a function", FUNCTION));
    let image = is_image(reading, properties.get("PackageType"));
    let code = code(reading, scope, (declared, &properties), image)?;
    let fanlight = fanlight(reading, &declared.metadata);
    let get = |key: &str| properties.get(key).cloned();
    let environment = properties.get("Environment").and_then(|node| variables(reading, node));
    let layers = properties.get("Layers").map(|node| layer::folders(reading, layers, node)).unwrap_or_default();
    let wanted = Wanted {
        code,
        handler: get("Handler"),
        runtime: get("Runtime"),
        timeout: get("Timeout"),
        memory: get("MemorySize"),
        environment,
        concurrency: get("ReservedConcurrentExecutions"),
        architectures: get("Architectures"),
        layers,
        kind: fanlight.get("Kind").cloned(),
        isolation: fanlight.get("Isolation").cloned(),
        module: fanlight.get("Module").cloned(),
    };
    function::build(reading, scope, identity(scope, declared), &wanted)
}

/// Where the code is: where the CDK put it, the local path that `aws cloudformation package` takes, or in the template.
fn code(
    reading: &mut Reading<'_>,
    scope: &Scope,
    (declared, properties): (&Declared, &Map),
    image: bool,
) -> Option<Location> {
    if let Some(asset) = asset(declared, "Code") {
        return Some(Location::Folder(asset));
    }
    let node = declared.required(reading, properties, "Code")?;
    let Some(map) = node.as_map() else { return Some(Location::Folder(node.clone())) };
    if let Some(asset) = uploaded(scope, node, "S3Key") {
        return Some(Location::Folder(asset));
    }
    if let Some(inline) = map.entries.get("ZipFile") {
        return Some(Location::Inline(inline.node.clone()));
    }
    if image || map.get("ImageUri").is_some() {
        return Some(Location::Image(node.place()));
    }
    Some(Location::Folder(node.clone()))
}

/// What the CDK says of a property that it uploads: `aws:asset:path`, relative to the template.
pub(crate) fn asset(declared: &Declared, property: &str) -> Option<Node> {
    let own = declared.metadata.get("aws:asset:property").and_then(Node::as_text);
    let path = declared.metadata.get("aws:asset:path")?;
    own.is_none_or(|own| own == property || own.starts_with(&format!("{property}."))).then(|| path.clone())
}

/// What the CDK would upload to the object in S3 that a property names by its key.
pub(crate) fn uploaded(scope: &Scope, node: &Node, key: &str) -> Option<Node> {
    let key = node.as_map()?.get(key)?.as_text()?;
    let path = scope.assets.get(key)?;
    Some(node.with_text(path.as_str()))
}

/// `Environment.Variables`.
pub(crate) fn variables(reading: &mut Reading<'_>, environment: &Node) -> Option<Node> {
    let map = shape::map(&mut reading.findings, environment)?;
    vocabulary::check(&mut reading.findings, map, "`Environment`", ENVIRONMENT);
    map.get("Variables").cloned()
}

/// `Metadata: Fanlight:`.
pub(crate) fn fanlight(reading: &mut Reading<'_>, metadata: &Map) -> Map {
    let fanlight = metadata.get("Fanlight").and_then(|node| shape::map(&mut reading.findings, node)).cloned();
    let fanlight = fanlight.unwrap_or_default();
    vocabulary::check(&mut reading.findings, &fanlight, "`Metadata.Fanlight`", FANLIGHT);
    fanlight
}

/// What a function of a template is called.
pub(crate) fn identity(scope: &Scope, declared: &Declared) -> Identity {
    let Declared { logical_id, place, .. } = declared;
    let name = match scope.targets.get(logical_id) {
        Some(Target::Function { name, alias: _ }) => name.clone(),
        Some(
            Target::Api { .. }
            | Target::Layer { .. }
            | Target::Known { .. }
            | Target::Unserved { .. }
            | Target::Absent { .. },
        )
        | None => logical_id.clone(),
    };
    Identity { logical_id: logical_id.clone(), name, place: place.clone() }
}

/// Whether `PackageType`, resolved, is a container image.
pub(crate) fn is_image(reading: &mut Reading<'_>, node: Option<&Node>) -> bool {
    let Some(node) = node else { return false };
    match shape::text(&mut reading.findings, node).as_deref() {
        Some("Image") => return true,
        Some("Zip") | None => {}
        Some(_) => shape::mismatch(&mut reading.findings, node, "`Zip` or `Image`"),
    }
    false
}
