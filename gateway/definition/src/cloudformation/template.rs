//! The sections of a template.

use super::{lambda_function, parameter, resource_type, rule, transform};
use crate::{
    Diagnostic, Place,
    document::{Entry, Map, Node, Value},
    intrinsics::{self, Scope, for_each},
    read::Reading,
    sam::globals,
    shape,
    vocabulary::{
        self,
        Treatment::{Read, Silent},
        Vocabulary,
    },
};

/// A template, its resources still with their intrinsics.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) globals: Map,
    pub(crate) resources: Vec<Declared>,
    /// Resources whose condition does not hold, with its name.
    pub(crate) absent: Vec<(String, String)>,
}

/// A resource as it is declared, `Globals` merged in.
#[derive(Debug)]
pub(crate) struct Declared {
    pub(crate) logical_id: String,
    pub(crate) kind: String,
    pub(crate) properties: Map,
    pub(crate) metadata: Map,
    /// Where its logical id stands.
    pub(crate) place: Place,
    /// Nothing, at that place.
    pub(crate) at: Node,
}

impl Template {
    /// The resources of one type.
    pub(crate) fn of_type(&self, kind: &str) -> impl Iterator<Item = &Declared> {
        self.resources.iter().filter(move |declared| declared.kind == kind)
    }
}

impl Declared {
    /// Its properties, checked against a vocabulary and with their intrinsics resolved, where somebody reads them.
    pub(crate) fn resolved(
        &self,
        reading: &mut Reading<'_>,
        scope: &Scope,
        (what, vocabulary): (&str, &Vocabulary),
    ) -> Map {
        vocabulary::check(&mut reading.findings, &self.properties, what, vocabulary);
        let silent = |key: &str| vocabulary.iter().any(|(name, treatment)| *name == key && *treatment == Silent);
        let mut wanted = Map::default();
        // What the CDK has put beside the template is not looked for where it would upload it to.
        let local = |key: &str| lambda_function::asset(self, key).is_some();
        for (key, entry) in self.properties.iter().filter(|(key, _)| !silent(key) && !local(key)) {
            wanted.entries.insert(key.to_owned(), entry.clone());
        }
        intrinsics::resolve_map(reading, scope, &wanted)
    }

    /// A property that AWS demands.
    pub(crate) fn required<'a>(&self, reading: &mut Reading<'_>, map: &'a Map, key: &str) -> Option<&'a Node> {
        let node = map.get(key);
        if node.is_none() {
            let message = format!("`{}` needs `{key}`", self.kind);
            reading.findings.error(&self.place, message);
        }
        node
    }
}

const TEMPLATE: &Vocabulary = &[
    ("AWSTemplateFormatVersion", Silent),
    ("Conditions", Read),
    ("Description", Silent),
    ("Globals", Read),
    ("Hooks", Silent),
    ("Mappings", Read),
    ("Metadata", Silent),
    ("Outputs", Silent),
    ("Parameters", Read),
    ("Resources", Read),
    ("Rules", Read),
    ("Transform", Read),
];

const RESOURCE: &Vocabulary = &[
    ("Condition", Read),
    ("Connectors", Silent),
    ("CreationPolicy", Silent),
    ("DeletionPolicy", Silent),
    ("DependsOn", Silent),
    ("Description", Silent),
    ("IgnoreGlobals", Read),
    ("Metadata", Read),
    ("Properties", Read),
    ("Type", Read),
    ("UpdatePolicy", Silent),
    ("UpdateReplacePolicy", Silent),
];

/// Reads the sections, and makes parameters, mappings and conditions known to the scope.
pub(super) fn read(reading: &mut Reading<'_>, scope: &mut Scope, root: &Node) -> Option<Template> {
    let map = shape::map(&mut reading.findings, root)?;
    let transform = transform::read(reading, scope, map);
    let map = &intrinsics::merge_includes(reading, scope, &transform.root);
    scope.extensions = transform.extensions;
    vocabulary::check(&mut reading.findings, map, "a template", TEMPLATE);
    scope.parameters = parameter::read(reading, map.get("Parameters"));
    scope.mappings = section(reading, scope, map.get("Mappings"));
    scope.conditions = section(reading, scope, map.get("Conditions"));
    rule::check(reading, scope, map.get("Rules"));
    let globals = section(reading, scope, map.get("Globals"));
    globals::check(reading, &globals);
    let Some(resources) = map.get("Resources") else {
        reading.findings.error(&root.place(), "the template has no `Resources`");
        return None;
    };
    shape::map(&mut reading.findings, resources)?;
    let resources = section(reading, scope, Some(resources));
    let mut template = Template { globals, resources: Vec::new(), absent: Vec::new() };
    for (logical_id, entry) in resources.iter() {
        read_resource(reading, scope, &mut template, (logical_id, entry));
    }
    if let (false, Some(declared)) = (
        transform.serverless,
        template.resources.iter().find(|declared| declared.kind.starts_with("AWS::Serverless::")),
    ) {
        let message = format!("`{}` needs SAM, which the template does not ask for", declared.kind);
        let help = format!("add `Transform: {}` at the top", transform::SERVERLESS);
        reading.findings.push(Diagnostic::error(&declared.place, message).help(help));
    }
    Some(template)
}

/// A section of a template, with what it includes and what its loops write.
fn section(reading: &mut Reading<'_>, scope: &Scope, node: Option<&Node>) -> Map {
    let Some(node) = node else { return Map::default() };
    let Some(map) = shape::map(&mut reading.findings, node) else { return Map::default() };
    let map = intrinsics::merge_includes(reading, scope, map);
    let node = node.with(Value::Map(map));
    let node = if for_each::is_in(&node) {
        scope.check_extensions(reading, &node, "Fn::ForEach");
        for_each::expanded(reading, scope, &node)
    } else {
        node
    };
    match node.value {
        Value::Map(map) => map,
        Value::Null | Value::Scalar { .. } | Value::List(_) | Value::Unresolved => Map::default(),
    }
}

fn read_resource(
    reading: &mut Reading<'_>,
    scope: &Scope,
    template: &mut Template,
    (logical_id, entry): (&str, &Entry),
) {
    let place = entry.key_place();
    let Some(map) = shape::map(&mut reading.findings, &entry.node) else { return };
    let map = &intrinsics::merge_includes(reading, scope, map);
    let serverless = map.get("Type").and_then(Node::as_text).is_some_and(|kind| kind.starts_with("AWS::Serverless::"));
    // SAM writes resources of its own in place of these, with the attributes that it knows.
    if serverless {
        vocabulary::check_extensible(&mut reading.findings, map, "a resource", RESOURCE);
    } else {
        vocabulary::check(&mut reading.findings, map, "a resource", RESOURCE);
    }
    if !logical_id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let message = format!("`{}` is no logical id: letters and digits only", shape::brief(logical_id));
        reading.findings.error(&place, message);
    }
    if let Some(condition) = map.get("Condition") {
        match intrinsics::holds(reading, scope, condition) {
            Some(true) => {}
            Some(false) | None => {
                let condition = condition.as_text().unwrap_or_default().to_owned();
                template.absent.push((logical_id.to_owned(), condition));
                return;
            }
        }
    }
    let Some(kind) = map.get("Type") else {
        reading.findings.error(&place, format!("the resource `{logical_id}` has no `Type`"));
        return;
    };
    let Some(kind_name) = shape::text(&mut reading.findings, kind) else { return };
    resource_type::check(reading, kind, &kind_name);
    let section = |reading: &mut Reading<'_>, name: &str| {
        map.get(name).and_then(|node| shape::map(&mut reading.findings, node)).cloned().unwrap_or_default()
    };
    let properties = section(reading, "Properties");
    let properties = intrinsics::merge_includes(reading, scope, &properties);
    let properties = globals::merge(reading, (&template.globals, map.get("IgnoreGlobals")), &kind_name, properties);
    template.resources.push(Declared {
        logical_id: logical_id.to_owned(),
        kind: kind_name,
        properties,
        metadata: section(reading, "Metadata"),
        place,
        at: Node { spot: entry.key, ..entry.node.with(Value::Null) },
    });
}
