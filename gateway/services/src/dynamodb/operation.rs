//! Operations by name. Those that are not supported are refused by name.

use super::{
    DynamoDb, batch_write, create_table, describe, error::Answer, get_item, query, scan, tags, time_to_live,
    transact_write, update_table, write_item,
};
use crate::{Call, ServiceError};
use serde_json::{Value, json};

pub(super) async fn run(db: &DynamoDb, call: &Call<'_>) -> Answer<Value> {
    match call.operation {
        "BatchGetItem" => get_item::batch(db, call).await,
        "BatchWriteItem" => batch_write::run(db, call).await,
        "CreateTable" => create_table::run(db, call).await,
        "DeleteItem" => write_item::delete(db, call).await,
        "DeleteTable" => describe::delete(db, call).await,
        "DescribeLimits" => Ok(limits()),
        "DescribeTable" => describe::run(db, call).await,
        "DescribeTimeToLive" => time_to_live::describe(db, call).await,
        "GetItem" => get_item::run(db, call).await,
        "ListTables" => describe::list(db, call).await,
        "ListTagsOfResource" => tags::list(db, call).await,
        "PutItem" => write_item::put(db, call).await,
        "Query" => query::run(db, call).await,
        "Scan" => scan::run(db, call).await,
        "TagResource" => tags::add(db, call).await,
        "TransactGetItems" => get_item::transaction(db, call).await,
        "TransactWriteItems" => transact_write::run(db, call).await,
        "UntagResource" => tags::remove(db, call).await,
        "UpdateItem" => write_item::update(db, call).await,
        "UpdateTable" => update_table::run(db, call).await,
        "UpdateTimeToLive" => time_to_live::update(db, call).await,
        other => Err(refused(other)),
    }
}

fn refused(operation: &str) -> ServiceError {
    if PARTIQL.contains(&operation) {
        let message = format!("PartiQL is not supported here, and so {operation} is not");
        return super::error::validation(message);
    }
    if KNOWN.contains(&operation) {
        let message = format!("{operation} is an operation of DynamoDB that is not supported here");
        return ServiceError::sender("UnknownOperationException", message);
    }
    ServiceError::sender("UnknownOperationException", format!("{operation} is no operation of DynamoDB"))
}

const PARTIQL: [&str; 3] = ["BatchExecuteStatement", "ExecuteStatement", "ExecuteTransaction"];

/// What else DynamoDB has.
const KNOWN: [&str; 36] = [
    "CreateBackup",
    "CreateGlobalTable",
    "DeleteBackup",
    "DeleteResourcePolicy",
    "DescribeBackup",
    "DescribeContinuousBackups",
    "DescribeContributorInsights",
    "DescribeEndpoints",
    "DescribeExport",
    "DescribeGlobalTable",
    "DescribeGlobalTableSettings",
    "DescribeImport",
    "DescribeKinesisStreamingDestination",
    "DescribeTableReplicaAutoScaling",
    "DisableKinesisStreamingDestination",
    "EnableKinesisStreamingDestination",
    "ExportTableToPointInTime",
    "GetResourcePolicy",
    "ImportTable",
    "ListBackups",
    "ListContributorInsights",
    "ListExports",
    "ListGlobalTables",
    "ListImports",
    "PutResourcePolicy",
    "RestoreTableFromBackup",
    "RestoreTableToPointInTime",
    "UpdateContinuousBackups",
    "UpdateContributorInsights",
    "UpdateGlobalTable",
    "UpdateGlobalTableSettings",
    "UpdateKinesisStreamingDestination",
    "UpdateTableReplicaAutoScaling",
    "DescribeStream",
    "GetRecords",
    "GetShardIterator",
];

/// AWS's numbers for a new account.
fn limits() -> Value {
    json!({
        "AccountMaxReadCapacityUnits": 80_000,
        "AccountMaxWriteCapacityUnits": 80_000,
        "TableMaxReadCapacityUnits": 40_000,
        "TableMaxWriteCapacityUnits": 40_000,
    })
}
