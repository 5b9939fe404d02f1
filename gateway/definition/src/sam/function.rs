//! `AWS::Serverless::Function`.
//!
//! AWS: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html>

use super::text_property;
use crate::{
    Diagnostic, Place,
    cloudformation::{
        Declared,
        lambda_function::{fanlight, identity, is_image, variables},
        layer::{self, Layers},
    },
    document::Node,
    function::{self, Location, Wanted},
    intrinsics::{self, Scope},
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
    ("FunctionUrlConfig", Read),
    ("Handler", Read),
    ("ImageConfig", Silent),
    ("ImageUri", Read),
    ("InlineCode", Read),
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

/// `FunctionName`, checked.
pub(super) fn name(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared) -> Option<String> {
    let node = declared.properties.get("FunctionName");
    let name = text_property(reading, scope, node)?;
    let place = node.map_or_else(|| declared.place.clone(), Node::place);
    check_name(reading, &place, &name);
    Some(name)
}

/// What Lambda says of a function's name.
pub(crate) fn check_name(reading: &mut Reading<'_>, place: &Place, name: &str) {
    let valid = (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if !valid {
        let message = format!("`{}` is no name of a function", shape::brief(name));
        reading.findings.push(Diagnostic::error(place, message).help("1 to 64 letters, digits, `-` and `_`"));
    }
}

/// Reads a function.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared, layers: &Layers) -> Option<Function> {
    let Declared { properties, metadata, .. } = declared;
    vocabulary::check(&mut reading.findings, properties, "a function", FUNCTION);
    let fanlight = fanlight(reading, metadata);
    let layers = match resolved(reading, scope, properties.get("Layers")) {
        Some(node) => layer::folders(reading, layers, &node),
        None => Vec::new(),
    };
    let environment = resolved(reading, scope, properties.get("Environment"));
    let code = code(reading, scope, declared);
    let mut get = |key: &str| resolved(reading, scope, properties.get(key));
    let wanted = Wanted {
        code,
        handler: get("Handler"),
        runtime: get("Runtime"),
        timeout: get("Timeout"),
        memory: get("MemorySize"),
        concurrency: get("ReservedConcurrentExecutions"),
        architectures: get("Architectures"),
        environment: environment.and_then(|node| variables(reading, &node)),
        layers,
        kind: fanlight.get("Kind").cloned(),
        isolation: fanlight.get("Isolation").cloned(),
        module: fanlight.get("Module").cloned(),
    };
    function::build(reading, scope, identity(scope, declared), &wanted)
}

/// Where the code is. `sam build` takes the template's folder when nothing is said.
fn code(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared) -> Location {
    let properties = &declared.properties;
    let package = resolved(reading, scope, properties.get("PackageType"));
    let image = resolved(reading, scope, properties.get("ImageUri"));
    if is_image(reading, package.as_ref()) || image.is_some() {
        return Location::Image(image.map_or_else(|| declared.place.clone(), |node| node.place()));
    }
    if let Some(inline) = resolved(reading, scope, properties.get("InlineCode")) {
        return Location::Inline(inline);
    }
    resolved(reading, scope, properties.get("CodeUri")).map_or(Location::Beside, Location::Folder)
}

fn resolved(reading: &mut Reading<'_>, scope: &Scope, node: Option<&Node>) -> Option<Node> {
    intrinsics::resolve(reading, scope, node?)
}
