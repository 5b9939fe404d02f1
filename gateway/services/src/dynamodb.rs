//! DynamoDB: tables of items, embedded and durable.
#![allow(dead_code, reason = "wip")]
mod catalog;
mod error;
mod expression;
mod input;
mod key;
mod number;
mod table;
mod value;
