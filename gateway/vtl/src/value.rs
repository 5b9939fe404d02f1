//! What a reference can stand for: Java's values, as far as templates can tell them apart.

pub(crate) mod big;
pub(crate) mod compare;
pub(crate) mod decimal;
pub(crate) mod double;
pub(crate) mod heap;
pub(crate) mod map;
pub(crate) mod number;
pub(crate) mod print;

use big::BigInt;
use decimal::Decimal;
use std::rc::Rc;

/// A list's place in the [`Heap`](crate::Heap).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListId(pub(crate) u32);

/// A map's place in the [`Heap`](crate::Heap).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MapId(pub(crate) u32);

/// A value of a render. Lists and maps are handles: a copy of the value is the same list, as in
/// Java. Text from the template or the inputs is borrowed.
///
/// ```
/// use fanlight_vtl::{Scope, Template, Value};
///
/// let template = Template::parse("$count: $name").unwrap();
/// let mut scope = Scope::new();
/// scope.set("count", Value::Int(2));
/// scope.set("name", Value::from("pears"));
/// assert_eq!(template.render(scope).unwrap(), "2: pears");
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Value<'a> {
    /// Java's null: prints nothing and counts as undefined.
    Null,
    /// `java.lang.Boolean`
    Bool(bool),
    /// `java.lang.Integer`
    Int(i32),
    /// `java.lang.Long`
    Long(i64),
    /// `java.lang.Double`
    Double(f64),
    /// `java.lang.Character`, a UTF-16 unit.
    Char(u16),
    /// `java.lang.String`, borrowed.
    Str(&'a str),
    /// `java.lang.String`, made during the render.
    Text(Text),
    /// A list.
    List(ListId),
    /// A map.
    Map(MapId),
    /// A host object.
    Object(ObjectId),
    /// Everything that only templates make.
    Other(Other),
}

const _: () = assert!(size_of::<Value<'_>>() <= 24, "values are copied all the time");

/// A host object's place in a render.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectId(pub(crate) u32);

/// Values that have no literal or JSON form.
#[derive(Debug, Clone)]
pub struct Other(pub(crate) Inner);

#[derive(Debug, Clone)]
pub(crate) enum Inner {
    Big(Rc<BigInt>),
    Decimal(Rc<Decimal>),
    /// `keySet()`, `values()` or `entrySet()` of a map: sees what happens to the map.
    View(MapId, ViewKind),
    /// A `Map.Entry`, by its position.
    Entry(MapId, u32),
    /// `iterator()`
    Iterator(u32),
    /// `$foreach`
    Scope(u32),
    /// `#define`
    Block(u32),
    /// A class: a name, and nothing behind it.
    Class(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ViewKind {
    Keys,
    Values,
    Entries,
}

/// Text made during a render; gives its memory back to the budget when it is dropped.
#[derive(Debug, Clone)]
pub struct Text(pub(crate) Rc<heap::Metered>);

impl Text {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        self.0.text()
    }
}

impl Value<'_> {
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            Self::Text(text) => Some(text.as_str()),
            Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Long(_)
            | Self::Double(_)
            | Self::Char(_)
            | Self::List(_)
            | Self::Map(_)
            | Self::Object(_)
            | Self::Other(_) => None,
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The name of the Java class.
    pub(crate) fn class_name(&self, heap: &heap::Heap<'_>) -> &'static str {
        match self {
            Self::Null => "",
            Self::Bool(_) => "java.lang.Boolean",
            Self::Int(_) => "java.lang.Integer",
            Self::Long(_) => "java.lang.Long",
            Self::Double(_) => "java.lang.Double",
            Self::Char(_) => "java.lang.Character",
            Self::Str(_) | Self::Text(_) => "java.lang.String",
            Self::List(id) => heap.list(*id).kind.class_name(),
            Self::Map(id) => heap.map(*id).kind.class_name(),
            Self::Object(_) => "java.lang.Object",
            Self::Other(Other(inner)) => match inner {
                Inner::Big(_) => "java.math.BigInteger",
                Inner::Decimal(_) => "java.math.BigDecimal",
                Inner::View(_, ViewKind::Keys) => "java.util.LinkedHashMap$LinkedKeySet",
                Inner::View(_, ViewKind::Values) => "java.util.LinkedHashMap$LinkedValues",
                Inner::View(_, ViewKind::Entries) => "java.util.LinkedHashMap$LinkedEntrySet",
                Inner::Entry(..) => "java.util.LinkedHashMap$Entry",
                Inner::Iterator(_) => "java.util.Iterator",
                Inner::Scope(_) => "org.apache.velocity.runtime.directive.ForeachScope",
                Inner::Block(_) => "org.apache.velocity.runtime.directive.Block$Reference",
                Inner::Class(_) => "java.lang.Class",
            },
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Str(text)
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i32> for Value<'_> {
    fn from(value: i32) -> Self {
        Self::Int(value)
    }
}

impl From<ListId> for Value<'_> {
    fn from(id: ListId) -> Self {
        Self::List(id)
    }
}

impl From<MapId> for Value<'_> {
    fn from(id: MapId) -> Self {
        Self::Map(id)
    }
}

impl From<Inner> for Value<'_> {
    fn from(inner: Inner) -> Self {
        Self::Other(Other(inner))
    }
}

/// A Java integer of the smallest class that holds the number.
pub(crate) fn integer<'a>(number: i64) -> Value<'a> {
    i32::try_from(number).map_or(Value::Long(number), Value::Int)
}

/// A Java `int` for a length.
pub(crate) fn length<'a>(length: usize) -> Value<'a> {
    Value::Int(i32::try_from(length).unwrap_or(i32::MAX))
}
