//! CloudFormation's short intrinsics: `!Sub x` stands for `Fn::Sub: x`.

use super::{Entry, Map, Node, Spot, Value};
use indexmap::IndexMap;

/// The short forms and what they stand for.
pub(super) const INTRINSICS: [(&str, &str); 20] = [
    ("!And", "Fn::And"),
    ("!Base64", "Fn::Base64"),
    ("!Cidr", "Fn::Cidr"),
    ("!Condition", "Condition"),
    ("!Equals", "Fn::Equals"),
    ("!FindInMap", "Fn::FindInMap"),
    ("!GetAtt", "Fn::GetAtt"),
    ("!GetAZs", "Fn::GetAZs"),
    ("!If", "Fn::If"),
    ("!ImportValue", "Fn::ImportValue"),
    ("!Join", "Fn::Join"),
    ("!Length", "Fn::Length"),
    ("!Not", "Fn::Not"),
    ("!Or", "Fn::Or"),
    ("!Ref", "Ref"),
    ("!Select", "Fn::Select"),
    ("!Split", "Fn::Split"),
    ("!Sub", "Fn::Sub"),
    ("!ToJsonString", "Fn::ToJsonString"),
    ("!Transform", "Fn::Transform"),
];

/// What a tag says of the value behind it.
pub(super) enum Meaning {
    /// Nothing that matters here.
    None,
    /// It is text, whatever it looks like.
    Text,
    /// It is the argument of an intrinsic.
    Intrinsic(Tagged),
}

/// A short intrinsic: its long name and where the tag stands.
pub(super) struct Tagged {
    pub(super) name: &'static str,
    pub(super) spot: Spot,
}

impl Meaning {
    pub(super) fn intrinsic(self) -> Option<Tagged> {
        match self {
            Self::Intrinsic(tagged) => Some(tagged),
            Self::None | Self::Text => None,
        }
    }
}

/// A tagged value as the long form of its intrinsic, on the same path.
pub(super) fn wrap(node: Node, tag: Option<&Tagged>) -> Node {
    let Some(tag) = tag else { return node };
    let same_line = tag.spot.line == node.spot.line && node.spot.column > tag.spot.column;
    let width = if same_line { node.spot.column - tag.spot.column + node.spot.width } else { tag.spot.width };
    let spot = Spot { width, ..tag.spot };
    let trail = node.trail.clone();
    let entry = Entry { key: tag.spot, node };
    let entries = IndexMap::from([(tag.name.to_owned(), entry)]);
    Node { value: Value::Map(Map { entries }), spot, trail }
}
