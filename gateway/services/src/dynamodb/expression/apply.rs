//! An update applied to an item. All right-hand sides see the item as it was before.

use super::{
    Path, Step,
    evaluate::find,
    update::{Action, Operand, Setting, Update},
};
use crate::dynamodb::{
    number::Number,
    value::{Attribute, Item},
};

const MISSING: &str = "The provided expression refers to an attribute that does not exist in the item";
const WRONG_TYPE: &str = "An operand in the update expression has an incorrect data type";
const NO_PLACE: &str = "The document path provided in the update expression is invalid for update";

/// The item that results.
pub(crate) fn apply(update: &Update, item: &Item) -> Result<Item, String> {
    let mut settings = Vec::new();
    let mut removals = Vec::new();
    let mut changed = item.clone();
    for action in &update.actions {
        match action {
            Action::Set(path, setting) => settings.push((path, set_value(setting, item)?)),
            Action::Remove(path) => removals.push(path),
            Action::Add(path, value) => settings.push((path, sum(find(item, path), value)?)),
            Action::Delete(path, value) => match difference(find(item, path), value)? {
                Difference::Left(left) => settings.push((path, left)),
                Difference::Nothing => removals.push(path),
                Difference::Unchanged => {}
            },
        }
    }
    // Elements behind a list's end are appended in the order of their indexes.
    settings.sort_by_key(|(path, _)| *path);
    for (path, value) in settings {
        set(&mut changed, path, value)?;
    }
    // From the end, so that indexes keep their meaning.
    removals.sort_by(|one, two| two.cmp(one));
    for path in removals {
        remove(&mut changed, path)?;
    }
    Ok(changed)
}

fn set_value(setting: &Setting, item: &Item) -> Result<Attribute, String> {
    let (one, two, calculate): (_, _, fn(Number, Number) -> _) = match setting {
        Setting::Operand(operand) => return value(operand, item),
        Setting::Plus(one, two) => (one, two, Number::add),
        Setting::Minus(one, two) => (one, two, Number::subtract),
    };
    match (value(one, item)?, value(two, item)?) {
        (Attribute::N(one), Attribute::N(two)) => {
            calculate(one, two).map(Attribute::N).map_err(|error| error.to_string())
        }
        _ => Err(WRONG_TYPE.to_owned()),
    }
}

fn value(operand: &Operand, item: &Item) -> Result<Attribute, String> {
    match operand {
        Operand::Value(value) => Ok(value.clone()),
        Operand::Path(path) => find(item, path).cloned().ok_or_else(|| MISSING.to_owned()),
        Operand::IfNotExists(path, otherwise) => {
            find(item, path).map_or_else(|| value(otherwise, item), |value| Ok(value.clone()))
        }
        Operand::ListAppend(one, two) => match (value(one, item)?, value(two, item)?) {
            (Attribute::L(mut one), Attribute::L(two)) => {
                one.extend(two);
                Ok(Attribute::L(one))
            }
            _ => Err(WRONG_TYPE.to_owned()),
        },
        // It has been complained about when it was parsed.
        Operand::Nothing => Err(WRONG_TYPE.to_owned()),
    }
}

fn union<T: PartialEq + Clone>(old: &[T], new: &[T]) -> Vec<T> {
    let mut all = old.to_vec();
    all.extend(new.iter().filter(|member| !old.contains(member)).cloned());
    all
}

/// What `ADD` makes of an attribute.
fn sum(old: Option<&Attribute>, value: &Attribute) -> Result<Attribute, String> {
    match (old, value) {
        (None, value) => Ok(value.clone()),
        (Some(Attribute::N(one)), Attribute::N(two)) => {
            one.add(*two).map(Attribute::N).map_err(|error| error.to_string())
        }
        (Some(Attribute::Ss(old)), Attribute::Ss(new)) => Ok(Attribute::Ss(union(old, new))),
        (Some(Attribute::Ns(old)), Attribute::Ns(new)) => Ok(Attribute::Ns(union(old, new))),
        (Some(Attribute::Bs(old)), Attribute::Bs(new)) => Ok(Attribute::Bs(union(old, new))),
        (Some(_), _) => Err(WRONG_TYPE.to_owned()),
    }
}

enum Difference {
    Left(Attribute),
    /// A set cannot be empty: the attribute goes.
    Nothing,
    Unchanged,
}

/// What `DELETE` leaves of an attribute.
fn difference(old: Option<&Attribute>, value: &Attribute) -> Result<Difference, String> {
    fn left<T: PartialEq + Clone>(old: &[T], gone: &[T], set: fn(Vec<T>) -> Attribute) -> Difference {
        let left: Vec<T> = old.iter().filter(|member| !gone.contains(member)).cloned().collect();
        if left.is_empty() { Difference::Nothing } else { Difference::Left(set(left)) }
    }
    match (old, value) {
        (None, _) => Ok(Difference::Unchanged),
        (Some(Attribute::Ss(old)), Attribute::Ss(gone)) => Ok(left(old, gone, Attribute::Ss)),
        (Some(Attribute::Ns(old)), Attribute::Ns(gone)) => Ok(left(old, gone, Attribute::Ns)),
        (Some(Attribute::Bs(old)), Attribute::Bs(gone)) => Ok(left(old, gone, Attribute::Bs)),
        (Some(_), _) => Err(WRONG_TYPE.to_owned()),
    }
}

/// Where a path's last step is taken: an item's attribute, or something inside of one.
enum Place<'a> {
    Attribute(&'a mut Item, &'a str),
    Element(&'a mut Vec<Attribute>, usize),
}

fn place<'a>(item: &'a mut Item, path: &'a Path) -> Result<Place<'a>, String> {
    let Some((last, between)) = path.tail.split_last() else { return Ok(Place::Attribute(item, &path.head)) };
    let first = item.get_mut(&path.head);
    let parent = between.iter().fold(first, |value, step| match (value?, step) {
        (Attribute::L(values), Step::Index(index)) => values.get_mut(*index),
        (Attribute::M(members), Step::Member(name)) => members.get_mut(name),
        _ => None,
    });
    match (parent, last) {
        (Some(Attribute::L(values)), Step::Index(index)) => Ok(Place::Element(values, *index)),
        (Some(Attribute::M(members)), Step::Member(name)) => Ok(Place::Attribute(members, name)),
        _ => Err(NO_PLACE.to_owned()),
    }
}

fn set(item: &mut Item, path: &Path, value: Attribute) -> Result<(), String> {
    match place(item, path)? {
        Place::Attribute(members, name) => {
            members.insert(name.to_owned(), value);
        }
        Place::Element(values, index) => match values.get_mut(index) {
            Some(element) => *element = value,
            None => values.push(value),
        },
    }
    Ok(())
}

fn remove(item: &mut Item, path: &Path) -> Result<(), String> {
    match place(item, path)? {
        Place::Attribute(members, name) => {
            members.remove(name);
        }
        Place::Element(values, index) => {
            if index < values.len() {
                values.remove(index);
            }
        }
    }
    Ok(())
}
