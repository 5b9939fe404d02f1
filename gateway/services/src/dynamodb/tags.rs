//! `TagResource`, `UntagResource` and `ListTagsOfResource`.

use super::{
    DynamoDb, catalog,
    error::{Answer, validation},
    input::{Input, table_of},
    table::Table,
};
use crate::{Call, ServiceError};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// `Tags` of a request.
pub(crate) fn read(input: &Input<'_>) -> Answer<BTreeMap<String, String>> {
    let mut tags = BTreeMap::new();
    for mut tag in input.structures("Tags")?.unwrap_or_default() {
        let (key, value) = (tag.required_text("Key")?, tag.required_text("Value")?);
        tag.finish()?;
        tags.insert(key, value);
    }
    Ok(tags)
}

fn named(input: &mut Input<'_>) -> Answer<String> {
    let arn = input.required_text("ResourceArn")?;
    input.finish()?;
    if !arn.starts_with("arn:") {
        return Err(validation(format!("Invalid TableArn: Invalid ResourceArn provided as input {arn}")));
    }
    Ok(table_of(&arn).to_owned())
}

fn missing(name: &str) -> ServiceError {
    ServiceError::sender("ResourceNotFoundException", format!("Requested resource not found: Table: {name} not found"))
}

async fn change(db: &DynamoDb, name: String, change: impl FnOnce(&mut Table) + Send + 'static) -> Answer<Value> {
    db.transact(move |rows, catalog| {
        let mut table = (*catalog.find(rows, &name)?.ok_or_else(|| missing(&name))?).clone();
        change(&mut table);
        catalog::save(rows, &table)?;
        Ok(Value::Null)
    })
    .await
}

pub(crate) async fn add(db: &DynamoDb, call: &Call<'_>) -> Answer<Value> {
    let mut input = Input::of(&call.input)?;
    let name = named(&mut input)?;
    let tags = read(&input)?;
    change(db, name, |table| table.tags.extend(tags)).await
}

pub(crate) async fn remove(db: &DynamoDb, call: &Call<'_>) -> Answer<Value> {
    let mut input = Input::of(&call.input)?;
    let name = named(&mut input)?;
    let keys = input.list("TagKeys")?.unwrap_or_default();
    let keys: Vec<String> = keys.iter().filter_map(|key| key.as_str().map(str::to_owned)).collect();
    change(db, name, move |table| table.tags.retain(|key, _| !keys.contains(key))).await
}

pub(crate) async fn list(db: &DynamoDb, call: &Call<'_>) -> Answer<Value> {
    let name = named(&mut Input::of(&call.input)?)?;
    db.read(move |rows, catalog| {
        let table = catalog.find(rows, &name)?.ok_or_else(|| missing(&name))?;
        let tags = table.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value }));
        Ok(json!({ "Tags": tags.collect::<Vec<_>>() }))
    })
    .await
}
