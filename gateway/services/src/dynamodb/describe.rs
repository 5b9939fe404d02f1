//! `DescribeTable`, `ListTables`, `DeleteTable` and descriptions of tables.
//!
//! AWS: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html>

use super::{
    DynamoDb, catalog,
    error::{Answer, failed, no_table_named, validation},
    input::Input,
    record,
    table::{Index, KeySchema, KeyType, Projection, Scope, Table, Throughput, View},
};
use crate::{Call, Owner};
use fanlight_store::table::{Order, Range, Rows};
use serde_json::{Map, Value, json};
use std::ops::ControlFlow;

/// Items are counted up to this number; a larger table is said to have so many.
const MAX_COUNTED: u64 = 100_000;
/// The most names of a list.
const MAX_NAMES: i64 = 100;

/// How much there is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Extent {
    items: u64,
    bytes: u64,
}

pub(crate) async fn run(db: &DynamoDb, call: &Call<'_>) -> Answer<Value> {
    let mut input = Input::of(&call.input)?;
    let name = input.table_name()?;
    input.finish()?;
    let owner = call.owner.clone();
    db.read(move |rows, catalog| {
        let table = catalog.find(rows, &name)?.ok_or_else(|| no_table_named(&name))?;
        Ok(json!({ "Table": describe(&table, &owner, "ACTIVE", extent(rows, table.space)?) }))
    })
    .await
}

fn extent(rows: &dyn Rows, space: i64) -> Answer<Extent> {
    let mut extent = Extent::default();
    let range = Range { space, start: &[], end: None, order: Order::Ascending };
    let mut count = |_: &[u8], record: &[u8]| {
        extent.items += 1;
        extent.bytes += record::parts(record).map_or(0, |(size, _)| size as u64);
        if extent.items < MAX_COUNTED { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    rows.visit(range, &mut count).map_err(|error| failed(&error))?;
    Ok(extent)
}

pub(crate) async fn list(db: &DynamoDb, call: &Call<'_>) -> Answer<Value> {
    let mut input = Input::of(&call.input)?;
    let limit = input.at_least("Limit", 1)?.unwrap_or(MAX_NAMES);
    let start = input.text("ExclusiveStartTableName")?.map(str::to_owned);
    input.finish()?;
    if limit > MAX_NAMES {
        return Err(validation(format!(
            "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must have value less than or equal to {MAX_NAMES}"
        )));
    }
    let limit = usize::try_from(limit).unwrap_or_default();
    db.read(move |rows, _| {
        let mut names = catalog::names(rows, start.as_deref(), limit + 1)?;
        let more = names.len() > limit;
        names.truncate(limit);
        let last = names.last().cloned().filter(|_| more);
        let mut answer = json!({ "TableNames": names });
        if let (Some(last), Value::Object(members)) = (last, &mut answer) {
            members.insert("LastEvaluatedTableName".to_owned(), json!(last));
        }
        Ok(answer)
    })
    .await
}

pub(crate) async fn delete(db: &DynamoDb, call: &Call<'_>) -> Answer<Value> {
    let mut input = Input::of(&call.input)?;
    let name = input.table_name()?;
    input.finish()?;
    let owner = call.owner.clone();
    let answer = db
        .transact(move |rows, catalog| {
            let table = catalog.find(rows, &name)?.ok_or_else(|| no_table_named(&name))?;
            if table.deletion_protection {
                let arn = arn(&table.name, &owner);
                return Err(validation(format!(
                    "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first. Resource: {arn}"
                )));
            }
            catalog::remove(rows, &name)?;
            catalog.forget(&name);
            let streams = table.stream.iter().map(|stream| stream.space);
            let ends = table.time_to_live.iter().map(|ttl| ttl.space);
            for space in table.indexes.iter().map(|index| index.space).chain(streams).chain(ends) {
                catalog::discard(rows, space)?;
            }
            catalog::discard(rows, table.space)?;
            Ok(json!({ "TableDescription": describe(&table, &owner, "DELETING", Extent::default()) }))
        })
        .await?;
    // What a caller who goes away leaves undone, the next upkeep does.
    db.upkeep(call.now_ms).await?;
    Ok(answer)
}

pub(crate) fn arn(table: &str, owner: &Owner) -> String {
    format!("arn:aws:dynamodb:{}:{}:table/{table}", owner.region, owner.account_id)
}

/// An id in the form of AWS's, made of the call's.
pub(crate) fn id(request_id: &str, now_ms: i64) -> String {
    // FNV-1a, twice: unique is enough.
    let hash = |seed: u64| {
        request_id
            .bytes()
            .chain(now_ms.to_be_bytes())
            .fold(seed, |state, byte| (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
    };
    let digits = format!("{:016x}{:016x}", hash(0xcbf2_9ce4_8422_2325), hash(0x9e37_79b9_7f4a_7c15));
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// A stream's label: the moment it was made.
pub(crate) fn label(now_ms: i64) -> String {
    let (days, in_day) = (now_ms.div_euclid(86_400_000), now_ms.rem_euclid(86_400_000));
    // Days to a date of the Gregorian calendar, with years that begin in March.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = year + era * 400 + carry;
    let (hours, minutes) = (in_day / 3_600_000, in_day / 60_000 % 60);
    let (seconds, millis) = (in_day / 1_000 % 60, in_day % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}")
}

/// As AWS describes the table.
pub(crate) fn describe(table: &Table, owner: &Owner, status: &str, extent: Extent) -> Value {
    let arn = arn(&table.name, owner);
    let mut shown = json!({
        "AttributeDefinitions": table.attributes.iter().map(|(name, kind)| definition(name, *kind)).collect::<Vec<_>>(),
        "TableName": table.name,
        "KeySchema": key_schema(&table.key),
        "TableStatus": status,
        "CreationDateTime": seconds(table.created_ms),
        "ProvisionedThroughput": throughput(table.throughput),
        "TableSizeBytes": extent.bytes,
        "ItemCount": extent.items,
        "TableArn": arn,
        "TableId": table.id,
        "DeletionProtectionEnabled": table.deletion_protection,
    });
    let Value::Object(members) = &mut shown else { return shown };
    if table.throughput.is_none() {
        let billing =
            json!({ "BillingMode": "PAY_PER_REQUEST", "LastUpdateToPayPerRequestDateTime": seconds(table.created_ms) });
        members.insert("BillingModeSummary".to_owned(), billing);
    }
    if let Some(class) = &table.table_class {
        members.insert("TableClassSummary".to_owned(), json!({ "TableClass": class }));
    }
    for (scope, member) in [(Scope::Local, "LocalSecondaryIndexes"), (Scope::Global, "GlobalSecondaryIndexes")] {
        let of = table.indexes.iter().filter(|index| index.scope == scope);
        let all: Vec<Value> = of.map(|index| describe_index(index, &arn, extent)).collect();
        if !all.is_empty() {
            members.insert(member.to_owned(), Value::Array(all));
        }
    }
    if let Some(stream) = &table.stream {
        let view = match stream.view {
            View::KeysOnly => "KEYS_ONLY",
            View::NewImage => "NEW_IMAGE",
            View::OldImage => "OLD_IMAGE",
            View::NewAndOldImages => "NEW_AND_OLD_IMAGES",
        };
        let specification = json!({ "StreamEnabled": true, "StreamViewType": view });
        members.insert("StreamSpecification".to_owned(), specification);
        members.insert("LatestStreamLabel".to_owned(), json!(stream.label));
        members.insert("LatestStreamArn".to_owned(), json!(format!("{arn}/stream/{}", stream.label)));
    }
    given(members, &table.given);
    shown
}

/// What was given and means nothing here.
fn given(members: &mut Map<String, Value>, given: &Map<String, Value>) {
    if let Some(on_demand) = given.get("OnDemandThroughput") {
        members.insert("OnDemandThroughput".to_owned(), on_demand.clone());
    }
    let encrypted = given.get("SSESpecification").and_then(|specification| specification.get("Enabled"));
    if encrypted.and_then(Value::as_bool) == Some(true) {
        members.insert("SSEDescription".to_owned(), json!({ "Status": "ENABLED", "SSEType": "KMS" }));
    }
}

fn describe_index(index: &Index, table_arn: &str, extent: Extent) -> Value {
    let projection = match &index.projection {
        Projection::All => json!({ "ProjectionType": "ALL" }),
        Projection::KeysOnly => json!({ "ProjectionType": "KEYS_ONLY" }),
        Projection::Include(names) => json!({ "ProjectionType": "INCLUDE", "NonKeyAttributes": names }),
    };
    let mut shown = json!({
        "IndexName": index.name,
        "KeySchema": key_schema(&index.key),
        "Projection": projection,
        "IndexSizeBytes": extent.bytes,
        "ItemCount": extent.items,
        "IndexArn": format!("{table_arn}/index/{}", index.name),
    });
    if let (Scope::Global, Value::Object(members)) = (index.scope, &mut shown) {
        let status = if index.complete { "ACTIVE" } else { "CREATING" };
        members.insert("IndexStatus".to_owned(), json!(status));
        members.insert("ProvisionedThroughput".to_owned(), throughput(index.throughput));
        if !index.complete {
            members.insert("Backfilling".to_owned(), json!(true));
        }
    }
    shown
}

fn definition(name: &str, kind: KeyType) -> Value {
    json!({ "AttributeName": name, "AttributeType": kind.kind().name() })
}

fn key_schema(schema: &KeySchema) -> Value {
    let roles = ["HASH", "RANGE"];
    schema.names().zip(roles).map(|(name, role)| json!({ "AttributeName": name, "KeyType": role })).collect()
}

fn throughput(given: Option<Throughput>) -> Value {
    let Throughput { read, write } = given.unwrap_or(Throughput { read: 0, write: 0 });
    json!({ "NumberOfDecreasesToday": 0, "ReadCapacityUnits": read, "WriteCapacityUnits": write })
}

fn seconds(now_ms: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a date are far fewer than 2^53")]
    let milliseconds = now_ms as f64;
    milliseconds / 1_000.0
}
