//! `UpdateTimeToLive` and `DescribeTimeToLive`. Items that have ended are not seen any more, and removed soon after.
//!
//! AWS: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html>

use super::{
    DynamoDb, catalog,
    error::{Answer, no_table_named, validation},
    input::Input,
    table::TimeToLive,
};
use crate::Call;
use serde_json::{Value, json};

pub(crate) async fn update(db: &DynamoDb, call: &Call<'_>) -> Answer<Value> {
    let mut input = Input::of(&call.input)?;
    let name = input.table_name()?;
    input.required("TimeToLiveSpecification");
    let (mut attribute, mut enabled) = (String::new(), false);
    if let Some(mut given) = input.structure("TimeToLiveSpecification")? {
        attribute = given.required_text("AttributeName")?;
        given.required("Enabled");
        enabled = given.boolean("Enabled")? == Some(true);
        input.take_over(given);
    }
    input.finish()?;
    if attribute.is_empty() {
        return Err(validation("TimeToLiveSpecification.AttributeName must be non empty"));
    }
    let answer = db
        .transact(move |rows, catalog| {
            let mut table = (*catalog.find(rows, &name)?.ok_or_else(|| no_table_named(&name))?).clone();
            match (enabled, table.time_to_live.take()) {
                (true, Some(_)) => return Err(validation("TimeToLive is already enabled")),
                (false, None) => return Err(validation("TimeToLive is already disabled")),
                (true, None) => {
                    let space = catalog::new_space(rows)?;
                    table.time_to_live = Some(TimeToLive { attribute: attribute.clone(), space, complete: false });
                }
                (false, Some(old)) if old.attribute != attribute => {
                    return Err(validation(
                        "TimeToLive is active on a different AttributeName: current AttributeName is ".to_owned()
                            + &old.attribute,
                    ));
                }
                (false, Some(old)) => catalog::discard(rows, old.space)?,
            }
            catalog::save(rows, &table)?;
            Ok(json!({ "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": enabled } }))
        })
        .await?;
    db.upkeep(call.now_ms).await?;
    Ok(answer)
}

pub(crate) async fn describe(db: &DynamoDb, call: &Call<'_>) -> Answer<Value> {
    let mut input = Input::of(&call.input)?;
    let name = input.table_name()?;
    input.finish()?;
    db.read(move |rows, catalog| {
        let table = catalog.find(rows, &name)?.ok_or_else(|| no_table_named(&name))?;
        Ok(json!({ "TimeToLiveDescription": match &table.time_to_live {
            None => json!({ "TimeToLiveStatus": "DISABLED" }),
            Some(ttl) => json!({ "TimeToLiveStatus": "ENABLED", "AttributeName": ttl.attribute }),
        } }))
    })
    .await
}
