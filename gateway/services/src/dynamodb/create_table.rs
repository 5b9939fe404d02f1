//! `CreateTable`, and the checks that secondary indexes of `UpdateTable` share with it.
//!
//! AWS: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html>

use super::{
    DynamoDb, catalog,
    describe::{self, Extent, describe},
    error::{Answer, in_use, invalid, validation},
    input::Input,
    table::{Index, KeySchema, KeyType, Projection, Scope, Stream, Table, Throughput, View},
};
use crate::Call;
use fanlight_store::table::Rows;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const MAX_LOCAL: usize = 5;
const MAX_GLOBAL: usize = 20;

/// Parameters that are kept to be described: they mean nothing on one machine.
const GIVEN: [&str; 3] = ["SSESpecification", "OnDemandThroughput", "WarmThroughput"];

pub(crate) async fn run(db: &DynamoDb, call: &Call<'_>) -> Answer<Value> {
    let mut input = Input::of(&call.input)?;
    let name = input.table_name()?;
    let (attributes, order) = definitions(&mut input)?;
    let key = key_elements(&mut input)?;
    let billing = input.one_of("BillingMode", &["PROVISIONED", "PAY_PER_REQUEST"])?;
    let throughput = throughput(&mut input)?;
    let class = input.one_of("TableClass", &["STANDARD", "STANDARD_INFREQUENT_ACCESS"])?;
    let deletion_protection = input.boolean("DeletionProtectionEnabled")? == Some(true);
    let local = indexes(&mut input, "LocalSecondaryIndexes", Scope::Local)?;
    let global = indexes(&mut input, "GlobalSecondaryIndexes", Scope::Global)?;
    let view = stream(&mut input)?;
    let tags = super::tags::read(&input)?;
    input.finish()?;
    let throughput = billed(billing, throughput)?;
    let key = schema(&key, &order)?;
    let mut all = local.unwrap_or_default();
    all.extend(global.unwrap_or_default());
    let indexes = checked(all, (&key, &order), throughput)?;
    all_used(&attributes, &key, &indexes)?;
    let given = GIVEN.into_iter().filter_map(|name| Some((name.to_owned(), call.input.get(name)?.clone())));
    let mut table = Table {
        name,
        space: 0,
        id: describe::id(call.request_id, call.now_ms),
        created_ms: call.now_ms,
        attributes,
        key,
        indexes,
        throughput,
        stream: view.map(|view| Stream { space: 0, view, label: describe::label(call.now_ms) }),
        time_to_live: None,
        deletion_protection,
        table_class: class.map(str::to_owned),
        tags,
        given: given.collect::<Map<_, _>>(),
    };
    let owner = call.owner.clone();
    db.transact(move |rows, catalog| {
        if catalog.find(rows, &table.name)?.is_some() {
            return Err(in_use(format!("Table already exists: {}", table.name)));
        }
        take_spaces(rows, &mut table)?;
        catalog::save(rows, &table)?;
        // It can be used at once; programs wait for it all the same.
        Ok(json!({ "TableDescription": describe(&table, &owner, "ACTIVE", Extent::default()) }))
    })
    .await
}

fn take_spaces(rows: &dyn Rows, table: &mut Table) -> Answer<()> {
    table.space = catalog::new_space(rows)?;
    for index in &mut table.indexes {
        index.space = catalog::new_space(rows)?;
    }
    if let Some(stream) = &mut table.stream {
        stream.space = catalog::new_space(rows)?;
    }
    Ok(())
}

/// The types of attributes, and their names in the order of the request.
pub(crate) fn definitions(input: &mut Input<'_>) -> Answer<(BTreeMap<String, KeyType>, Vec<String>)> {
    input.required("AttributeDefinitions");
    let mut types = BTreeMap::new();
    let mut order = Vec::new();
    for mut definition in input.structures("AttributeDefinitions")?.unwrap_or_default() {
        let name = definition.required_text("AttributeName")?;
        definition.required("AttributeType");
        let kind = match definition.one_of("AttributeType", &["B", "N", "S"])? {
            Some("N") => KeyType::N,
            Some("B") => KeyType::B,
            _ => KeyType::S,
        };
        input.take_over(definition);
        if types.insert(name.clone(), kind).is_some_and(|other| other != kind) {
            return Err(validation("Cannot have two attributes with the same name"));
        }
        order.push(name);
    }
    Ok((types, order))
}

/// Names of key attributes with their roles.
type Elements = Vec<(String, &'static str)>;

fn key_elements(input: &mut Input<'_>) -> Answer<Elements> {
    input.required("KeySchema");
    let elements = input.structures("KeySchema")?.unwrap_or_default();
    if input.has("KeySchema") {
        input.between("KeySchema", elements.len(), (1, 2));
    }
    let mut found = Vec::new();
    for mut element in elements {
        let name = element.required_text("AttributeName")?;
        element.required("KeyType");
        found.push((name, element.one_of("KeyType", &["HASH", "RANGE"])?.unwrap_or_default()));
        input.take_over(element);
    }
    Ok(found)
}

pub(crate) fn throughput(input: &mut Input<'_>) -> Answer<Option<Throughput>> {
    let Some(mut given) = input.structure("ProvisionedThroughput")? else { return Ok(None) };
    given.required("ReadCapacityUnits");
    given.required("WriteCapacityUnits");
    let read = given.at_least("ReadCapacityUnits", 1)?.unwrap_or_default();
    let write = given.at_least("WriteCapacityUnits", 1)?.unwrap_or_default();
    input.take_over(given);
    Ok(Some(Throughput { read, write }))
}

pub(crate) fn billed(billing: Option<&str>, throughput: Option<Throughput>) -> Answer<Option<Throughput>> {
    match (billing, throughput) {
        (Some("PAY_PER_REQUEST"), None) => Ok(None),
        (Some("PAY_PER_REQUEST"), Some(_)) => Err(invalid(
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
        )),
        (_, None) => Err(invalid(
            "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
        )),
        (_, given) => Ok(given),
    }
}

/// `StreamSpecification`
pub(crate) fn stream(input: &mut Input<'_>) -> Answer<Option<View>> {
    let Some(mut given) = input.structure("StreamSpecification")? else { return Ok(None) };
    given.required("StreamEnabled");
    let enabled = given.boolean("StreamEnabled")? == Some(true);
    let views = ["NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"];
    let view = given.one_of("StreamViewType", &views)?.map(|view| match view {
        "NEW_IMAGE" => View::NewImage,
        "OLD_IMAGE" => View::OldImage,
        "KEYS_ONLY" => View::KeysOnly,
        _ => View::NewAndOldImages,
    });
    input.take_over(given);
    match (enabled, view) {
        (true, None) => Err(invalid("StreamViewType is required when StreamEnabled is true")),
        (true, view) => Ok(view),
        (false, Some(_)) => {
            Err(invalid("Table is already being streamed, or StreamViewType is given without StreamEnabled"))
        }
        (false, None) => Ok(None),
    }
}

/// An index as it is asked for.
pub(crate) struct Asked {
    pub(crate) name: String,
    scope: Scope,
    key: Elements,
    projection: Option<&'static str>,
    shown: Option<Vec<String>>,
    throughput: Option<Throughput>,
}

fn indexes(input: &mut Input<'_>, member: &str, scope: Scope) -> Answer<Option<Vec<Asked>>> {
    let Some(given) = input.structures(member)? else { return Ok(None) };
    if given.is_empty() {
        return Err(invalid(format!("List of {member} is empty")));
    }
    let limit = if scope == Scope::Local { MAX_LOCAL } else { MAX_GLOBAL };
    if given.len() > limit {
        return Err(invalid(match scope {
            Scope::Local => format!("Number of LocalSecondaryIndexes exceeds per-table limit of {limit}"),
            Scope::Global => format!("GlobalSecondaryIndex count exceeds the per-table limit of {limit}"),
        }));
    }
    let mut asked = Vec::new();
    for mut index in given {
        asked.push(index_of(&mut index, scope)?);
        input.take_over(index);
    }
    Ok(Some(asked))
}

pub(crate) fn index_of(input: &mut Input<'_>, scope: Scope) -> Answer<Asked> {
    input.required("IndexName");
    let name = input.index_name()?.unwrap_or_default();
    let key = key_elements(input)?;
    input.required("Projection");
    let (mut projection, mut shown) = (None, None);
    if let Some(mut given) = input.structure("Projection")? {
        projection = given.one_of("ProjectionType", &["ALL", "INCLUDE", "KEYS_ONLY"])?;
        if let Some(names) = given.list("NonKeyAttributes")? {
            given.between("NonKeyAttributes", names.len(), (1, 20));
            shown = Some(names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect());
        }
        input.take_over(given);
    }
    Ok(Asked { name, scope, key, projection, shown, throughput: throughput(input)? })
}

fn schema(elements: &Elements, defined: &[String]) -> Answer<KeySchema> {
    let names: Vec<&str> = elements.iter().map(|(name, _)| name.as_str()).collect();
    if names.iter().any(|name| !defined.iter().any(|other| other == name)) {
        let (names, defined) = (names.join(", "), defined.join(", "));
        return Err(invalid(format!(
            "Some index key attributes are not defined in AttributeDefinitions. Keys: [{names}], AttributeDefinitions: [{defined}]"
        )));
    }
    let mut elements = elements.iter();
    let (Some((hash, role)), range) = (elements.next(), elements.next()) else {
        return Err(validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type"));
    };
    if range.is_some_and(|(range, _)| range == hash) {
        return Err(validation("Both the Hash Key and the Range Key element in the KeySchema have the same name"));
    }
    if *role != "HASH" {
        return Err(validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type"));
    }
    if range.is_some_and(|(_, role)| *role != "RANGE") {
        return Err(validation("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"));
    }
    Ok(KeySchema { hash: hash.clone(), range: range.map(|(name, _)| name.clone()) })
}

/// The indexes of a table, if all of them can be.
fn checked(
    asked: Vec<Asked>,
    (key, defined): (&KeySchema, &[String]),
    throughput: Option<Throughput>,
) -> Answer<Vec<Index>> {
    if key.range.is_none() && asked.iter().any(|index| index.scope == Scope::Local) {
        return Err(invalid(
            "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex",
        ));
    }
    let mut names = BTreeSet::new();
    let mut indexes = Vec::new();
    for index in asked {
        let index = check(index, (key, defined), throughput)?;
        if !names.insert(index.name.clone()) {
            return Err(invalid(format!("Duplicate index name: {}", index.name)));
        }
        indexes.push(index);
    }
    Ok(indexes)
}

pub(crate) fn check(
    asked: Asked,
    (table, defined): (&KeySchema, &[String]),
    throughput: Option<Throughput>,
) -> Answer<Index> {
    let Asked { name, scope, key, projection, shown, throughput: own } = asked;
    let key = schema(&key, defined)?;
    if scope == Scope::Local {
        if key.range.is_none() {
            return Err(invalid(format!("Index KeySchema does not have a range key for index: {name}")));
        }
        if key.hash != table.hash {
            let (hash, other) = (&key.hash, &table.hash);
            return Err(invalid(format!(
                "Index KeySchema does not have the same leading hash key as table KeySchema for index: {name}. index hash key: {hash}, table hash key: {other}"
            )));
        }
    }
    let projection = match (projection, shown) {
        (None, _) => return Err(invalid("Unknown ProjectionType: null")),
        (Some("INCLUDE"), Some(names)) => Projection::Include(names),
        (Some("INCLUDE"), None) => {
            return Err(invalid("ProjectionType is INCLUDE, but NonKeyAttributes is not specified"));
        }
        (Some(other), Some(_)) => {
            return Err(invalid(format!("ProjectionType is {other}, but NonKeyAttributes is specified")));
        }
        (Some("ALL"), None) => Projection::All,
        (Some(_), None) => Projection::KeysOnly,
    };
    if scope == Scope::Global && throughput.is_none() && own.is_some() {
        return Err(invalid(format!(
            "ProvisionedThroughput should not be specified for index: {name} when BillingMode is PAY_PER_REQUEST"
        )));
    }
    if scope == Scope::Global && throughput.is_some() && own.is_none() {
        return Err(invalid(format!("ProvisionedThroughput must be specified for index: {name}")));
    }
    Ok(Index { name, scope, space: 0, key, projection, throughput: own, complete: true })
}

fn all_used(attributes: &BTreeMap<String, KeyType>, key: &KeySchema, indexes: &[Index]) -> Answer<()> {
    let used: BTreeSet<&str> = key.names().chain(indexes.iter().flat_map(|index| index.key.names())).collect();
    if attributes.len() == used.len() {
        return Ok(());
    }
    if indexes.is_empty() {
        return Err(invalid(
            "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions",
        ));
    }
    let list = |names: Vec<&str>| names.join(", ");
    Err(invalid(format!(
        "Some AttributeDefinitions are not used. AttributeDefinitions: [{}], keys used: [{}]",
        list(attributes.keys().map(String::as_str).collect()),
        list(used.into_iter().collect())
    )))
}
