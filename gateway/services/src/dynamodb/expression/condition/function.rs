//! The functions of conditions.

use super::{Condition, Cursor, Means, Node, Operand, Parsed, Token, complain, distinct, operands};
use crate::dynamodb::value::{Attribute, Kind};

/// `begins_with(path, :prefix)`, from its name on.
pub(super) fn call(cursor: &mut Cursor<'_>) -> Parsed<Node> {
    let name = cursor.take().to_owned();
    cursor.operator()?;
    cursor.expect(Token::Open)?;
    let arguments = operands(cursor)?;
    let means = meaning(cursor, &name, arguments);
    Ok(Node::Function { name, means })
}

fn meaning(cursor: &mut Cursor<'_>, name: &str, arguments: Vec<Operand>) -> Means {
    let wanted = match name {
        "attribute_exists" | "attribute_not_exists" | "size" => 1,
        "attribute_type" | "begins_with" | "contains" => 2,
        _ => {
            complain(&mut cursor.complaints.unknown_function, || format!("Invalid function name; function: {name}"));
            return Means::Nothing;
        }
    };
    if arguments.len() != wanted {
        let count = arguments.len();
        complain(&mut cursor.complaints.operands, || {
            format!(
                "Incorrect number of operands for operator or function; operator or function: {name}, number of operands: {count}"
            )
        });
        return if name == "size" { Means::Operand(Operand::Value(Attribute::Null)) } else { Means::Nothing };
    }
    let mut arguments = arguments.into_iter();
    match (arguments.next(), arguments.next()) {
        (Some(first), Some(second)) => of_two(cursor, name, first, second),
        (Some(first), None) => of_one(cursor, name, first),
        (None, _) => Means::Nothing,
    }
}

fn of_one(cursor: &mut Cursor<'_>, name: &str, operand: Operand) -> Means {
    if name == "size" {
        if let Some(kind @ (Kind::N | Kind::Bool | Kind::Null)) = operand.kind() {
            wrong_type(cursor, name, kind.name());
        }
        return Means::Operand(Operand::Size(Box::new(operand)));
    }
    let Operand::Path(path) = operand else {
        complain(&mut cursor.complaints.types, || {
            format!("Operator or function requires a document path; operator or function: {name}")
        });
        return Means::Nothing;
    };
    Means::Condition(if name == "attribute_exists" { Condition::Exists(path) } else { Condition::NotExists(path) })
}

fn of_two(cursor: &mut Cursor<'_>, name: &str, first: Operand, second: Operand) -> Means {
    if first == second {
        distinct(cursor, name, &first);
    }
    match name {
        "attribute_type" => {
            let Operand::Value(Attribute::S(wanted)) = &second else {
                let kind = second.kind().map_or("{NS,SS,L,BS,N,M,B,BOOL,NULL,S}", Kind::name);
                wrong_type(cursor, name, kind);
                return Means::Nothing;
            };
            let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.name() == wanted) else {
                complain(&mut cursor.complaints.types, || {
                    format!(
                        "Invalid attribute type name found; type: {wanted}, valid types: {{B,NULL,SS,BOOL,L,BS,N,NS,S,M}}"
                    )
                });
                return Means::Nothing;
            };
            Means::Condition(Condition::Type(first, kind))
        }
        "begins_with" => {
            for kind in [first.kind(), second.kind()].into_iter().flatten() {
                if !matches!(kind, Kind::S | Kind::B) {
                    wrong_type(cursor, name, kind.name());
                }
            }
            Means::Condition(Condition::BeginsWith(first, second))
        }
        _ => Means::Condition(Condition::Contains(first, second)),
    }
}

fn wrong_type(cursor: &mut Cursor<'_>, name: &str, kind: &str) {
    complain(&mut cursor.complaints.types, || {
        format!("Incorrect operand type for operator or function; operator or function: {name}, operand type: {kind}")
    });
}
