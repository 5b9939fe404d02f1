//! `x-fanlight-functions`: the functions of a file that has no template around it.

use super::Scope;
use crate::{
    document::{Map, Node},
    function::{self, Identity, Location, Wanted},
    intrinsics,
    intrinsics::Target,
    read::Reading,
    resources::Function,
    shape,
    vocabulary::{
        self,
        Treatment::{Read, Silent},
        Vocabulary,
    },
};

/// The keys of a function: SAM's names in lower camel case.
const FUNCTION: &Vocabulary = &[
    ("architectures", Read),
    ("codeUri", Read),
    ("description", Silent),
    ("environment", Read),
    ("functionName", Read),
    ("handler", Read),
    ("isolation", Read),
    ("kind", Read),
    ("layers", Read),
    ("memorySize", Read),
    ("module", Read),
    ("reservedConcurrentExecutions", Read),
    ("runtime", Read),
    ("timeout", Read),
];

/// Reads all functions, and makes them known to the scope.
pub(super) fn read(reading: &mut Reading<'_>, scope: &mut Scope, root: &Node) -> Vec<Function> {
    let declared = root.as_map().and_then(|map| map.get("x-fanlight-functions"));
    let declared = declared.and_then(|node| shape::map(&mut reading.findings, node));
    let mut names = Vec::new();
    for (logical_id, entry) in declared.into_iter().flat_map(Map::iter) {
        let map = shape::map(&mut reading.findings, &entry.node);
        let given = map.and_then(|map| map.get("functionName"));
        let given = given.and_then(|node| shape::text(&mut reading.findings, node));
        let name = given.unwrap_or_else(|| logical_id.to_owned());
        scope
            .targets
            .insert(logical_id.to_owned(), Target::Function { name: name.clone(), alias: Some("live".to_owned()) });
        names.push((name, entry, map));
    }
    let mut functions = Vec::new();
    for (name, entry, map) in names {
        let Some(map) = map else { continue };
        vocabulary::check(&mut reading.findings, map, "a function", FUNCTION);
        let logical_id = declared.and_then(|all| all.iter().find(|(_, other)| std::ptr::eq(*other, entry)));
        let logical_id = logical_id.map_or_else(|| name.clone(), |(id, _)| id.to_owned());
        let wanted = wanted(reading, scope, map);
        let identity = Identity { logical_id, name, place: entry.key_place() };
        functions.extend(function::build(reading, scope, identity, &wanted));
    }
    functions
}

fn wanted(reading: &mut Reading<'_>, scope: &Scope, map: &Map) -> Wanted {
    let mut get = |key: &str| map.get(key).and_then(|node| intrinsics::resolve(reading, scope, node));
    let environment = get("environment");
    // `environment: {variables: {..}}`, as SAM nests it, or the variables themselves.
    let nested = environment.as_ref().and_then(|node| node.as_map()?.get("variables"));
    let nested = nested.filter(|node| node.as_map().is_some()).cloned();
    let layers = get("layers");
    let mut wanted = Wanted {
        code: get("codeUri").map(Location::Folder).unwrap_or_default(),
        handler: get("handler"),
        runtime: get("runtime"),
        timeout: get("timeout"),
        memory: get("memorySize"),
        environment: nested.or(environment),
        concurrency: get("reservedConcurrentExecutions"),
        architectures: get("architectures"),
        layers: Vec::new(),
        kind: get("kind"),
        isolation: get("isolation"),
        module: get("module"),
    };
    if let Some(layers) = layers {
        let items = shape::list(&mut reading.findings, &layers).unwrap_or_default();
        wanted.layers = items.iter().filter_map(|item| function::layer_folder(reading, scope, item)).collect();
    }
    wanted
}
