//! Where the lists and maps of one render live, and what they cost.
//!
//! Lists and maps are never freed before the render ends: cycles cost nothing, and copies of a
//! handle need no counting. Text is counted, so that a template may build a string step by step.

use super::map::{self, Entry, Map, MapKind, MapView};
use super::{ListId, MapId, Text, Value};
use crate::error::{Error, ErrorKind, Span};
use crate::limits::Limits;
use std::cell::Cell;
use std::rc::Rc;

/// Why an operation failed; the renderer knows where.
#[derive(Debug, Clone)]
pub struct Failure(Box<Detail>);

#[derive(Debug, Clone)]
struct Detail {
    kind: ErrorKind,
    message: String,
    hint: Option<&'static str>,
}

impl Failure {
    /// A failure as a Java exception would be: it ends the render.
    pub fn new(message: impl Into<String>) -> Self {
        Self::of(ErrorKind::Evaluation, message)
    }

    /// What happened, as Java words it where it does.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    pub(crate) fn of(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Detail { kind, message: message.into(), hint: None }))
    }

    pub(crate) fn into_message(self) -> String {
        self.0.message
    }

    /// As an error at a place of the template.
    pub(crate) fn at(self, span: Span, source: &str) -> Error {
        let detail = *self.0;
        Error::new(detail.kind, detail.message, span, source).with_hint(detail.hint)
    }

    pub(crate) fn hint(mut self, hint: &'static str) -> Self {
        self.0.hint = Some(hint);
        self
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Failure {}

#[derive(Debug, Default)]
struct Meter {
    held: Cell<usize>,
}

/// Text that gives its bytes back.
#[derive(Debug)]
pub(crate) struct Metered {
    text: String,
    meter: Rc<Meter>,
}

impl Metered {
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

impl Drop for Metered {
    fn drop(&mut self) {
        self.meter.held.set(self.meter.held.get().saturating_sub(self.text.capacity()));
    }
}

/// Which Java list a list is: they print and answer differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListKind {
    /// A literal's or a range's `ArrayList`.
    Plain,
    /// `JSONArray`: prints as JSON.
    Json,
    /// `String[]`, `char[]` and `byte[]`.
    Array(&'static str),
}

impl ListKind {
    pub(crate) fn class_name(self) -> &'static str {
        match self {
            Self::Plain => "java.util.ArrayList",
            Self::Json => "net.minidev.json.JSONArray",
            Self::Array(class) => class,
        }
    }
}

#[derive(Debug)]
pub(crate) struct List<'a> {
    pub(crate) items: Vec<Value<'a>>,
    pub(crate) kind: ListKind,
    /// How often elements were added or removed: Java's iterators refuse to go on then.
    pub(crate) changes: u32,
}

/// `$foreach`
#[derive(Debug)]
pub(crate) struct LoopScope<'a> {
    pub(crate) index: i32,
    pub(crate) has_next: bool,
    pub(crate) parent: Option<u32>,
    /// What `$foreach` was before the outermost loop, if not a scope.
    pub(crate) replaced: Value<'a>,
    /// What a template puts into it.
    pub(crate) storage: Option<MapId>,
}

/// Adds what is made to the list, put together in its place: what is written part by part and then
/// moved as a whole stalls the processor. `push` alone moves it, because it may have to be dropped
/// if the list cannot grow; here it is made when there is room.
#[inline]
pub(crate) fn push_in_place<T>(list: &mut Vec<T>, make: impl FnOnce() -> T) {
    if list.len() == list.capacity() {
        list.reserve(8);
    }
    if list.len() < list.capacity() {
        list.push(make());
    }
}

/// The objects of one render and its budgets.
#[derive(Debug)]
pub struct Heap<'a> {
    lists: Vec<List<'a>>,
    maps: Vec<Map<'a>>,
    /// Entries of maps that stand as they were read, object by object.
    pub(crate) read: Vec<Entry<'a>>,
    pub(crate) scopes: Vec<LoopScope<'a>>,
    pub(crate) iterators: Vec<(Vec<Value<'a>>, usize)>,
    no_list: List<'a>,
    no_map: Map<'a>,
    meter: Rc<Meter>,
    /// Of text whose memory is counted elsewhere.
    uncounted: Rc<Meter>,
    pub(crate) limits: Limits,
    steps: Cell<u64>,
    /// Overrides written in this render, and those written more than once.
    pub(super) written: Vec<(MapId, String)>,
    pub(crate) repeated: Vec<String>,
}

impl<'a> Heap<'a> {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            lists: Vec::new(),
            maps: Vec::new(),
            read: Vec::new(),
            scopes: Vec::new(),
            iterators: Vec::new(),
            no_list: List { items: Vec::new(), kind: ListKind::Plain, changes: 0 },
            no_map: Map::new(MapKind::Linked),
            meter: Rc::default(),
            uncounted: Rc::default(),
            limits: limits.clone(),
            steps: Cell::new(0),
            written: Vec::new(),
            repeated: Vec::new(),
        }
    }

    /// Counts work against [`Limits::steps`](crate::Limits::steps).
    ///
    /// # Errors
    /// When the budget is spent.
    #[inline]
    pub fn charge(&self, steps: usize) -> Result<(), Failure> {
        let taken = self.steps.get().saturating_add(steps as u64);
        self.steps.set(taken);
        if taken > self.limits.steps { Err(self.exhausted()) } else { Ok(()) }
    }

    #[cold]
    fn exhausted(&self) -> Failure {
        let message = format!("the template takes more than {} steps", self.limits.steps);
        Failure::of(ErrorKind::StepBudget, message).hint("a loop runs too often or a text grows too long")
    }

    /// Counts memory that stays until the render ends.
    pub(crate) fn reserve(&mut self, bytes: usize) -> Result<(), Failure> {
        let held = self.meter.held.get().saturating_add(bytes);
        if held > self.limits.memory_bytes {
            let message = format!("the template's values take more than {} bytes", self.limits.memory_bytes);
            return Err(Failure::of(ErrorKind::MemoryBudget, message));
        }
        self.meter.held.set(held);
        Ok(())
    }

    /// The map behind a `$foreach`, made when it is first asked for.
    pub(crate) fn storage_of(&mut self, scope: u32) -> Result<Option<MapId>, Failure> {
        let Some(known) = self.scopes.get(scope as usize).map(|scope| scope.storage) else { return Ok(None) };
        if known.is_some() {
            return Ok(known);
        }
        let map = self.add_map(Map::new(MapKind::Linked))?;
        if let Some(scope) = self.scopes.get_mut(scope as usize) {
            scope.storage = Some(map);
        }
        Ok(Some(map))
    }

    /// A string value.
    pub fn text(&mut self, text: String) -> Result<Value<'a>, Failure> {
        self.charge(text.len() / 32)?;
        self.reserve(text.capacity())?;
        Ok(Value::Text(Text(Rc::new(Metered { text, meter: Rc::clone(&self.meter) }))))
    }

    /// A string whose memory is counted elsewhere.
    pub(crate) fn uncounted_text(&mut self, text: String) -> Value<'a> {
        Value::Text(Text(Rc::new(Metered { text, meter: Rc::clone(&self.uncounted) })))
    }

    /// A list as a template's literal makes it.
    pub fn new_list(&mut self, items: Vec<Value<'a>>) -> Result<Value<'a>, Failure> {
        self.add_list(items, ListKind::Plain).map(Value::List)
    }

    /// A map that keeps its order; a later entry replaces an earlier one of the same key.
    pub fn new_map(&mut self, entries: Vec<(Value<'a>, Value<'a>)>) -> Result<Value<'a>, Failure> {
        let id = self.add_map(Map::new(MapKind::Linked))?;
        for (key, value) in entries {
            self.put(id, key, value)?;
        }
        Ok(Value::Map(id))
    }

    pub(crate) fn add_list(&mut self, items: Vec<Value<'a>>, kind: ListKind) -> Result<ListId, Failure> {
        self.reserve(size_of::<List<'_>>() + items.capacity() * size_of::<Value<'_>>())?;
        Ok(self.adopt_list(items, kind))
    }

    /// Adds a list whose memory is already counted.
    pub(crate) fn adopt_list(&mut self, items: Vec<Value<'a>>, kind: ListKind) -> ListId {
        let id = ListId(u32::try_from(self.lists.len()).unwrap_or(u32::MAX));
        self.lists.push(List { items, kind, changes: 0 });
        id
    }

    pub(crate) fn add_map(&mut self, map: Map<'a>) -> Result<MapId, Failure> {
        self.reserve(size_of::<Map<'_>>() + map.held())?;
        Ok(self.adopt_map(map))
    }

    /// Makes room for so many maps, so that a document does not move them again and again.
    pub(crate) fn expect_objects(&mut self, count: usize) {
        self.maps.reserve(count.min(10_000));
        self.read.reserve(4 * count.min(10_000));
    }

    /// Adds an object of a document: the last entries that were read. Its memory is already
    /// counted.
    pub(crate) fn adopt_object(&mut self, start: usize) -> MapId {
        let id = MapId(u32::try_from(self.maps.len()).unwrap_or(u32::MAX));
        let entries = self.read.get(start..).unwrap_or(&[]);
        let index = map::index(entries);
        push_in_place(&mut self.maps, || Map::of_read(start, entries.len(), index));
        id
    }

    pub(crate) fn adopt_map(&mut self, map: Map<'a>) -> MapId {
        let id = MapId(u32::try_from(self.maps.len()).unwrap_or(u32::MAX));
        self.maps.push(map);
        id
    }

    pub(crate) fn list(&self, id: ListId) -> &List<'a> {
        self.lists.get(id.0 as usize).unwrap_or(&self.no_list)
    }

    pub(crate) fn list_mut(&mut self, id: ListId) -> &mut List<'a> {
        self.lists.get_mut(id.0 as usize).unwrap_or(&mut self.no_list)
    }

    #[inline]
    pub(crate) fn map(&self, id: MapId) -> MapView<'_, 'a> {
        self.maps.get(id.0 as usize).unwrap_or(&self.no_map).view(&self.read)
    }

    pub(crate) fn map_mut(&mut self, id: MapId) -> &mut Map<'a> {
        let map = self.maps.get_mut(id.0 as usize).unwrap_or(&mut self.no_map);
        map.own(&self.read);
        map
    }
}
