//! `functions`: each becomes an `AWS::Lambda::Function`.
//!
//! Serverless: <https://www.serverless.com/framework/docs/providers/aws/guide/functions>

use super::{
    keys, make, naming,
    service::{self, Service},
    variables::{self, Variables},
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
use indexmap::IndexMap;
use std::sync::Arc;

const FUNCTION: &Vocabulary = &[
    ("architecture", Read),
    ("awsKmsKeyArn", Silent),
    ("build", LeftOut),
    ("condition", Read),
    ("dependsOn", Silent),
    ("description", Silent),
    ("destinations", LeftOut),
    ("disableLogs", Silent),
    ("durableConfig", LeftOut),
    ("environment", Silent),
    ("ephemeralStorageSize", LeftOut),
    ("events", Silent),
    ("fileSystemConfig", LeftOut),
    ("handler", Read),
    ("iamManagedPolicies", Silent),
    ("iamRoleStatements", Silent),
    ("iamRoleStatementsInherit", Silent),
    ("iamRoleStatementsName", Silent),
    ("image", Missing),
    ("kmsKeyArn", Silent),
    ("layers", Read),
    ("logDataProtectionPolicy", Silent),
    ("logRetentionInDays", Silent),
    ("logs", Silent),
    ("maximumEventAge", LeftOut),
    ("maximumRetryAttempts", LeftOut),
    ("memorySize", Read),
    // Where `serverless-python-requirements` looks for the function's own packages.
    ("module", Read),
    ("name", Read),
    ("onError", LeftOut),
    ("package", Read),
    ("provisionedConcurrency", LeftOut),
    ("recursiveLoop", Silent),
    ("reservedConcurrency", Read),
    ("role", Silent),
    ("runtime", Read),
    ("runtimeManagement", Silent),
    ("snapStart", LeftOut),
    ("tags", Silent),
    ("tenancy", Missing),
    ("timeout", Read),
    ("tracing", Silent),
    ("url", LeftOut),
    ("versionFunction", Silent),
    ("vpc", LeftOut),
    ("warmup", Silent),
];

const PACKAGE: &Vocabulary = &[
    ("artifact", Read),
    ("exclude", Silent),
    ("excludeDevDependencies", Silent),
    ("include", Silent),
    ("individually", Read),
    ("path", Silent),
    ("patterns", Silent),
];

/// What Serverless takes when a service says nothing.
const RUNTIME: &str = "nodejs20.x";
const TIMEOUT: &str = "6";
const MEMORY: &str = "1024";

/// A function before its events are read.
#[derive(Debug)]
pub(super) struct Declared {
    /// Its key below `functions`.
    pub(super) name: String,
    pub(super) entry: Entry,
}

/// The functions of a service; a list of maps is one map.
pub(super) fn declared(reading: &mut Reading<'_>, variables: &mut Variables) -> Vec<Declared> {
    let mut declared: IndexMap<String, Entry> = IndexMap::new();
    for map in sections(reading, variables, "functions") {
        for (name, entry) in map.entries {
            if let Some(first) = declared.get(&name) {
                let message = format!("the function `{}` is declared a second time", shape::brief(&name));
                let help = format!("the first is in line {}", first.key.line);
                reading.findings.push(Diagnostic::error(&entry.key_place(), message).help(help));
                continue;
            }
            let node = variables::open(reading, variables, &entry.node);
            if shape::map(&mut reading.findings, &node).is_some() {
                declared.insert(name, Entry { key: entry.key, node });
            }
        }
    }
    declared.into_iter().map(|(name, entry)| Declared { name, entry }).collect()
}

/// The maps of a section that may be one map or a list of them.
pub(super) fn sections(reading: &mut Reading<'_>, variables: &mut Variables, key: &str) -> Vec<Map> {
    let root = Arc::clone(&variables.root);
    let Some(node) = root.as_map().and_then(|map| map.get(key)) else { return Vec::new() };
    let node = variables::open(reading, variables, node);
    let items = match node.value {
        Value::Null | Value::Unresolved => return Vec::new(),
        Value::List(items) => items,
        Value::Scalar { .. } | Value::Map(_) => vec![node],
    };
    let mut maps = Vec::new();
    for item in items {
        let item = variables::open(reading, variables, &item);
        if matches!(item.value, Value::Null) {
            continue;
        }
        maps.extend(shape::map(&mut reading.findings, &item).cloned());
    }
    maps
}

/// Makes the resource of a function.
pub(super) fn read(
    reading: &mut Reading<'_>,
    (variables, service): (&mut Variables, &Service),
    declared: &Declared,
    resources: &mut Map,
) {
    let Declared { name, entry } = declared;
    if check_name(reading, name, entry).is_none() {
        return;
    }
    let Some(keys) = keys::read(reading, variables, &entry.node, ("a function", FUNCTION)) else { return };
    let at = entry.node.with(Value::Null);
    if keys.get("handler").is_none() {
        let image = entry.node.as_map().is_some_and(|map| map.get("image").is_some());
        if !image {
            reading.findings.error(&entry.key_place(), format!("the function `{name}` has no `handler`"));
        }
        return;
    }
    let provided = |key: &str| keys.get(key).or_else(|| service.provider.get(key)).filter(|node| !nothing(node));
    let or_text = |key: &str, text: &str| provided(key).cloned().unwrap_or_else(|| make::text(&at, text));
    let own_name = keys.get("name").filter(|node| !nothing(node)).cloned();
    let function_name =
        own_name.unwrap_or_else(|| make::text(&at, format!("{}-{}-{name}", service.name, service.stage)));
    let code = code(reading, service, (&keys, &at));
    let properties = [
        ("Architectures", provided("architecture").map(one_architecture)),
        ("Code", code),
        ("Environment", environment(reading, (variables, service), entry)),
        ("FunctionName", Some(function_name)),
        ("Handler", keys.get("handler").cloned()),
        ("Layers", provided("layers").cloned()),
        ("MemorySize", Some(or_text("memorySize", MEMORY))),
        ("ReservedConcurrentExecutions", keys.get("reservedConcurrency").filter(|node| !nothing(node)).cloned()),
        ("Runtime", Some(or_text("runtime", RUNTIME))),
        ("Timeout", Some(or_text("timeout", TIMEOUT))),
    ];
    let mut node = make::resource(&at, "AWS::Lambda::Function", properties);
    if let (Value::Map(map), Some(condition)) = (&mut node.value, keys.entries.get("condition")) {
        map.entries.insert("Condition".to_owned(), condition.clone());
    }
    add(resources, naming::function(name), Entry { key: entry.key, node });
    let logs = make::resource(&at, "AWS::Logs::LogGroup", []);
    add(resources, naming::log_group(name), Entry { key: entry.key, node: logs });
}

/// A list of one, unless the one has a fault of its own.
fn one_architecture(node: &Node) -> Node {
    if matches!(node.value, Value::Unresolved) { node.clone() } else { make::list(node, vec![node.clone()]) }
}

fn add(resources: &mut Map, id: String, entry: Entry) {
    resources.entries.insert(id, entry);
}

fn nothing(node: &Node) -> bool {
    matches!(node.value, Value::Null)
}

fn check_name(reading: &mut Reading<'_>, name: &str, entry: &Entry) -> Option<()> {
    let valid = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    if name.is_empty() || !name.chars().all(valid) {
        let message = format!("`{}` is no name of a function", shape::brief(name));
        let help = "letters, digits, `-` and `_`";
        reading.findings.push(Diagnostic::error(&entry.key_place(), message).help(help));
        return None;
    }
    Some(())
}

/// Where the function's code is: an archive or folder that is named, or the folder of the service.
fn code(reading: &mut Reading<'_>, service: &Service, (keys, at): (&Map, &Node)) -> Option<Node> {
    let own = package(reading, keys.get("package"));
    let of_service = package(reading, service.keys.get("package"));
    let artifact = |package: &Map| package.get("artifact").filter(|node| !nothing(node)).cloned();
    if let Some(artifact) = artifact(&own).or_else(|| artifact(&of_service)) {
        return Some(artifact);
    }
    let individually = |package: &Map| package.get("individually").and_then(Node::as_boolean);
    let alone = individually(&own).or_else(|| individually(&of_service)).unwrap_or(false);
    match keys.get("module").filter(|node| alone && !nothing(node)) {
        Some(module) => Some(module.clone()),
        None => Some(make::text(at, ".")),
    }
}

fn package(reading: &mut Reading<'_>, node: Option<&Node>) -> Map {
    let Some(map) = node.and_then(Node::as_map) else { return Map::default() };
    keys::check(reading, map, ("`package`", PACKAGE));
    map.clone()
}

/// The provider's variables with the function's own over them; `null` takes one away.
fn environment(
    reading: &mut Reading<'_>,
    (variables, service): (&mut Variables, &Service),
    entry: &Entry,
) -> Option<Node> {
    let mut all = service.environment.clone();
    let own = entry.node.as_map().and_then(|map| map.get("environment"));
    if let Some(own) = own {
        for (name, entry) in service::as_environment(reading, variables, own).entries {
            all.entries.insert(name, entry);
        }
    }
    all.entries.retain(|_, entry| !nothing(&entry.node));
    if all.entries.is_empty() {
        return None;
    }
    let at = own.unwrap_or(&service.at);
    Some(make::map(at, [("Variables", at.with(Value::Map(all)))]))
}
