//! `UpdateTable`: secondary indexes, streams, and what is only described.
//!
//! AWS: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html>

use super::{
    DynamoDb, catalog,
    create_table::{self, Asked, billed, definitions, index_of, throughput},
    describe::{self, Extent, describe},
    error::{Answer, in_use, invalid, no_table_named, validation},
    input::Input,
    table::{KeyType, Scope, Stream, Table, Throughput, View},
};
use crate::Call;
use fanlight_store::table::Rows;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is changed.
struct Update {
    attributes: Option<BTreeMap<String, KeyType>>,
    /// `None` says nothing, `Some(None)` that the table is paid by request.
    throughput: Option<Option<Throughput>>,
    indexes: Vec<IndexUpdate>,
    stream: Option<Option<View>>,
    deletion_protection: Option<bool>,
    class: Option<String>,
    now_ms: i64,
}

enum IndexUpdate {
    Create(Asked),
    Delete(String),
    Update(String, Option<Throughput>),
}

impl IndexUpdate {
    fn name(&self) -> &str {
        match self {
            Self::Create(asked) => &asked.name,
            Self::Delete(name) | Self::Update(name, _) => name,
        }
    }
}

pub(crate) async fn run(db: &DynamoDb, call: &Call<'_>) -> Answer<Value> {
    let mut input = Input::of(&call.input)?;
    let name = input.table_name()?;
    let attributes = if input.has("AttributeDefinitions") { Some(definitions(&mut input)?.0) } else { None };
    let billing = input.one_of("BillingMode", &["PROVISIONED", "PAY_PER_REQUEST"])?;
    let given = throughput(&mut input)?;
    let indexes = index_updates(&mut input)?;
    let stream = if input.has("StreamSpecification") { Some(create_table::stream(&mut input)?) } else { None };
    let class = input.one_of("TableClass", &["STANDARD", "STANDARD_INFREQUENT_ACCESS"])?.map(str::to_owned);
    let deletion_protection = input.boolean("DeletionProtectionEnabled")?;
    input.finish()?;
    let throughput = match (billing, given) {
        (None, None) => None,
        (None, given) => Some(given),
        (billing, given) => Some(billed(billing, given)?),
    };
    let described = input.has("SSESpecification") || input.has("OnDemandThroughput") || input.has("WarmThroughput");
    let nothing = throughput.is_none() && indexes.is_empty() && stream.is_none() && class.is_none();
    if nothing && deletion_protection.is_none() && !described {
        return Err(validation(
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required",
        ));
    }
    if input.has("ReplicaUpdates") {
        return Err(validation("Replicas are not supported: there is one region"));
    }
    let now_ms = call.now_ms;
    let update = Update { attributes, throughput, indexes, stream, deletion_protection, class, now_ms };
    let owner = call.owner.clone();
    let answer = db
        .transact(move |rows, catalog| {
            let mut table = (*catalog.find(rows, &name)?.ok_or_else(|| no_table_named(&name))?).clone();
            apply(rows, &mut table, update)?;
            catalog::save(rows, &table)?;
            Ok(json!({ "TableDescription": describe(&table, &owner, "UPDATING", Extent::default()) }))
        })
        .await?;
    db.upkeep(now_ms).await?;
    Ok(answer)
}

fn index_updates(input: &mut Input<'_>) -> Answer<Vec<IndexUpdate>> {
    let mut updates: Vec<IndexUpdate> = Vec::new();
    for mut given in input.structures("GlobalSecondaryIndexUpdates")?.unwrap_or_default() {
        let update = if let Some(mut create) = given.structure("Create")? {
            let asked = index_of(&mut create, Scope::Global)?;
            given.take_over(create);
            IndexUpdate::Create(asked)
        } else if let Some(mut delete) = given.structure("Delete")? {
            let name = delete.required_text("IndexName")?;
            given.take_over(delete);
            IndexUpdate::Delete(name)
        } else if let Some(mut update) = given.structure("Update")? {
            let name = update.required_text("IndexName")?;
            let throughput = throughput(&mut update)?;
            given.take_over(update);
            IndexUpdate::Update(name, throughput)
        } else {
            return Err(invalid(
                "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null",
            ));
        };
        if updates.iter().any(|other| other.name() == update.name()) {
            return Err(invalid(format!(
                "Only one global secondary index update per index is allowed simultaneously. Index: {}",
                update.name()
            )));
        }
        updates.push(update);
        input.take_over(given);
    }
    Ok(updates)
}

fn apply(rows: &dyn Rows, table: &mut Table, update: Update) -> Answer<()> {
    if let Some(attributes) = update.attributes {
        table.attributes.extend(attributes);
    }
    if let Some(throughput) = update.throughput {
        table.throughput = throughput;
    }
    for index in update.indexes {
        apply_index(rows, table, index)?;
    }
    if let Some(view) = update.stream {
        apply_stream(rows, table, view, update.now_ms)?;
    }
    if let Some(protected) = update.deletion_protection {
        table.deletion_protection = protected;
    }
    if update.class.is_some() {
        table.table_class = update.class;
    }
    // Types that no key has any more are not described.
    let used: Vec<String> =
        table.key.names().chain(table.indexes.iter().flat_map(|index| index.key.names())).map(str::to_owned).collect();
    table.attributes.retain(|name, _| used.contains(name));
    Ok(())
}

fn apply_index(rows: &dyn Rows, table: &mut Table, update: IndexUpdate) -> Answer<()> {
    let missing = || crate::ServiceError::sender("ResourceNotFoundException", "Requested resource not found");
    match update {
        IndexUpdate::Create(asked) => {
            if table.indexes.iter().any(|index| index.name == asked.name) {
                return Err(validation("Attempting to create an index which already exists"));
            }
            let defined: Vec<String> = table.attributes.keys().cloned().collect();
            let mut index = create_table::check(asked, (&table.key, &defined), table.throughput)?;
            index.space = catalog::new_space(rows)?;
            index.complete = false;
            table.indexes.push(index);
        }
        IndexUpdate::Delete(name) => {
            let is_it = |index: &super::table::Index| index.name == name && index.scope == Scope::Global;
            let place = table.indexes.iter().position(is_it).ok_or_else(missing)?;
            catalog::discard(rows, table.indexes.remove(place).space)?;
        }
        IndexUpdate::Update(name, throughput) => {
            let index = table.indexes.iter_mut().find(|index| index.name == name).ok_or_else(missing)?;
            index.throughput = throughput;
        }
    }
    Ok(())
}

fn apply_stream(rows: &dyn Rows, table: &mut Table, view: Option<View>, now_ms: i64) -> Answer<()> {
    match (view, table.stream.take()) {
        (Some(_), Some(_)) => Err(in_use(format!("Table is currently being streamed: {}", table.name))),
        (Some(view), None) => {
            let label = describe::label(now_ms);
            table.stream = Some(Stream { space: catalog::new_space(rows)?, view, label });
            Ok(())
        }
        (None, Some(old)) => catalog::discard(rows, old.space),
        (None, None) => Ok(()),
    }
}
