//! What `Query` and `Scan` share: a page of items, up to a limit or a megabyte, and where the next one begins.

use super::{
    capacity::{Consumed, Reading, Wanted},
    error::{Answer, failed, invalid, validation},
    expression::{Path, condition::Condition, evaluate::meets, projection::project},
    given::Given,
    input::Input,
    key::Key,
    record,
    table::{Index, Projection, Scope, Table},
    value::{self, Item},
};
use fanlight_store::table::{Order, Range, Rows};
use serde_json::{Map, Value, json};
use std::ops::ControlFlow;

/// The most bytes of items that are looked at for a page.
const MAX_BYTES: usize = 1024 * 1024;

/// `Select`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Select {
    AllAttributes,
    AllProjectedAttributes,
    SpecificAttributes,
    Count,
}

/// What a query or scan asks for, besides where it looks.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) table: String,
    pub(crate) index: Option<String>,
    pub(crate) limit: Option<usize>,
    select: Option<Select>,
    reading: Reading,
    capacity: Wanted,
    pub(crate) start: Option<Item>,
    pub(crate) filter: Option<Condition>,
    projection: Option<Vec<Path>>,
}

/// Which records are looked at.
#[derive(Debug)]
pub(crate) struct Bounds {
    pub(crate) start: Key,
    pub(crate) end: Option<Key>,
    pub(crate) order: Order,
}

impl Page {
    pub(crate) fn read(input: &mut Input<'_>) -> Answer<Self> {
        let table = input.table_name()?;
        let index = input.index_name()?;
        let limit = input.at_least("Limit", 1)?.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let selects = ["SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"];
        let select = input.one_of("Select", &selects)?.map(|select| match select {
            "COUNT" => Select::Count,
            "ALL_ATTRIBUTES" => Select::AllAttributes,
            "ALL_PROJECTED_ATTRIBUTES" => Select::AllProjectedAttributes,
            _ => Select::SpecificAttributes,
        });
        let consistent = input.boolean("ConsistentRead")? == Some(true);
        let reading = if consistent { Reading::Consistent } else { Reading::Eventual };
        let capacity = Wanted::read(input)?;
        Ok(Self { table, index, limit, select, reading, capacity, start: None, filter: None, projection: None })
    }

    /// Takes over the expressions and the starting key.
    pub(crate) fn with(&mut self, input: &Input<'_>, given: Given) -> Answer<()> {
        let start = input.map("ExclusiveStartKey")?.map(value::item).transpose();
        self.start = start.map_err(|invalid| match invalid {
            value::Invalid::Shape(_) => invalid,
            value::Invalid::Value(message) => {
                value::Invalid::Value(format!("The provided starting key is invalid: {message}"))
            }
        })?;
        self.filter = given.filter;
        self.projection = given.projection;
        let parameter = if input.has("AttributesToGet") { "AttributesToGet" } else { "ProjectionExpression" };
        let only = match (self.select, &self.projection) {
            (None | Some(Select::SpecificAttributes), Some(_)) | (None, None) => return Ok(()),
            (Some(Select::AllAttributes | Select::Count), None) => return Ok(()),
            (Some(Select::AllProjectedAttributes), None) if self.index.is_some() => return Ok(()),
            (Some(Select::AllProjectedAttributes), None) => {
                return Err(invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"));
            }
            (Some(Select::SpecificAttributes), None) => {
                return Err(invalid(
                    "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
                ));
            }
            (Some(Select::Count), Some(_)) => "only the Count",
            (Some(Select::AllAttributes), Some(_)) => "ALL_ATTRIBUTES",
            (Some(Select::AllProjectedAttributes), Some(_)) => "ALL_PROJECTED_ATTRIBUTES",
        };
        Err(invalid(format!("Cannot specify the {parameter} when choosing to get {only}")))
    }

    /// The index that is read, if it may be read so.
    pub(crate) fn index<'a>(&self, table: &'a Table) -> Answer<Option<&'a Index>> {
        let Some(name) = &self.index else { return Ok(None) };
        let index = table.index(name)?;
        if index.scope == Scope::Local {
            return Ok(Some(index));
        }
        if self.reading == Reading::Consistent {
            return Err(validation("Consistent reads are not supported on global secondary indexes"));
        }
        if !index.complete {
            return Err(validation(format!("Cannot read from backfilling global secondary index: {name}")));
        }
        if index.projection != Projection::All {
            if self.select == Some(Select::AllAttributes) {
                return Err(invalid(format!(
                    "Select type ALL_ATTRIBUTES is not supported for global secondary index {name} because its projection type is not ALL"
                )));
            }
            let shown = |path: &&Path| !shows(table, index, &path.head);
            let missing: Vec<&str> =
                self.projection.iter().flatten().filter(shown).map(|path| path.head.as_str()).collect();
            if !missing.is_empty() {
                let missing = missing.join(", ");
                return Err(invalid(format!("Global secondary index {name} does not project [{missing}]")));
            }
        }
        Ok(Some(index))
    }

    /// Whether all of an item is wanted of an index that shows only a part.
    fn fetches(&self, index: &Index) -> bool {
        index.scope == Scope::Local && (self.select == Some(Select::AllAttributes) || self.projection.is_some())
    }
}

fn shows(table: &Table, index: &Index, attribute: &str) -> bool {
    let is_key = table.key.names().chain(index.key.names()).any(|name| name == attribute);
    is_key
        || match &index.projection {
            Projection::All => true,
            Projection::KeysOnly => false,
            Projection::Include(names) => names.iter().any(|name| name == attribute),
        }
}

/// What has been found so far.
#[derive(Default)]
struct Found {
    items: Vec<Value>,
    count: usize,
    scanned: usize,
    bytes: usize,
    last: Option<Item>,
    more: bool,
}

/// Reads a page.
pub(crate) fn run(rows: &dyn Rows, table: &Table, page: &Page, bounds: &Bounds, now_ms: i64) -> Answer<Value> {
    let index = page.index(table)?;
    let mut found = Found::default();
    let mut problem = None;
    let space = index.map_or(table.space, |index| index.space);
    let end = bounds.end.as_ref().map(|end| end.0.as_slice());
    let range = Range { space, start: &bounds.start.0, end, order: bounds.order };
    let mut visit = |_: &[u8], value: &[u8]| match look(rows, table, index, value) {
        Err(error) => {
            problem = Some(error);
            ControlFlow::Break(())
        }
        Ok(None) => ControlFlow::Continue(()),
        Ok(Some(item)) if table.has_expired(&item, now_ms) => ControlFlow::Continue(()),
        Ok(Some(item)) => add(&mut found, page, (table, index), item),
    };
    rows.visit(range, &mut visit).map_err(|error| failed(&error))?;
    problem.map_or_else(|| Ok(answer(found, table, index, page)), Err)
}

/// The item of a record.
fn look(rows: &dyn Rows, table: &Table, index: Option<&Index>, value: &[u8]) -> Answer<Option<Item>> {
    match index {
        None => record::decode(value).map(Some),
        Some(_) => record::load(rows, table, &Key(value.to_vec())),
    }
}

fn add(found: &mut Found, page: &Page, (table, index): (&Table, Option<&Index>), item: Item) -> ControlFlow<()> {
    let seen = match index {
        Some(index) if index.projection != Projection::All && !page.fetches(index) => {
            item.into_iter().filter(|(name, _)| shows(table, index, name)).collect()
        }
        Some(_) | None => item,
    };
    let size = value::size(&seen);
    if found.bytes + size > MAX_BYTES && found.scanned > 0 {
        found.more = true;
        return ControlFlow::Break(());
    }
    found.bytes += size;
    found.scanned += 1;
    if page.filter.as_ref().is_none_or(|filter| meets(&seen, filter)) {
        found.count += 1;
        if page.select != Some(Select::Count) {
            found.items.push(match &page.projection {
                None => value::to_json(&seen),
                Some(paths) => value::to_json(&project(&seen, paths)),
            });
        }
    }
    found.last = Some(seen);
    if page.limit.is_some_and(|limit| found.scanned >= limit) {
        found.more = true;
        return ControlFlow::Break(());
    }
    ControlFlow::Continue(())
}

fn answer(found: Found, table: &Table, index: Option<&Index>, page: &Page) -> Value {
    let mut answer = Map::new();
    answer.insert("Count".to_owned(), json!(found.count));
    answer.insert("ScannedCount".to_owned(), json!(found.scanned));
    if page.select != Some(Select::Count) {
        answer.insert("Items".to_owned(), Value::Array(found.items));
    }
    if let Some(last) = found.last.as_ref().filter(|_| found.more) {
        let key: Map<String, Value> = start_names(table, index)
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), last.get(*name)?.to_json())))
            .collect();
        answer.insert("LastEvaluatedKey".to_owned(), Value::Object(key));
    }
    if page.capacity != Wanted::None {
        let mut consumed = Consumed::default();
        consumed.read(found.bytes, page.reading, index.map(|index| (index.name.as_str(), index.scope)));
        answer.insert("ConsumedCapacity".to_owned(), consumed.to_json(&table.name, page.capacity));
    }
    Value::Object(answer)
}

/// The attributes that tell where a page ended.
pub(crate) fn start_names<'a>(table: &'a Table, index: Option<&'a Index>) -> Vec<&'a str> {
    let mut names: Vec<&str> = table.key.names().collect();
    let more = index.into_iter().flat_map(|index| index.key.names());
    for name in more {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The key that a starting key stands for.
pub(crate) fn start_key(table: &Table, index: Option<&Index>, start: &Item) -> Answer<Key> {
    let invalid = || validation("The provided starting key is invalid");
    let names = start_names(table, index);
    let fits = |name: &&str| start.get(*name).is_some_and(|value| value.kind() == table.kind(name));
    if names.len() != start.len() || !names.iter().all(fits) {
        return Err(invalid());
    }
    match index {
        None => table.key_of(start),
        Some(index) => table.entry(index, start).ok_or_else(invalid),
    }
}
