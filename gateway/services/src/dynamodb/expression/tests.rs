use super::*;
use crate::dynamodb::value::{self, Item};
use serde_json::{Value, json};

fn item(value: &Value) -> Item {
    value::item(value.as_object().unwrap()).unwrap()
}

fn placeholders() -> Placeholders {
    let names = [("#n", "name"), ("#s", "size")].map(|(key, name)| (key.to_owned(), name.to_owned()));
    let values = item(&json!({
        ":s": { "S": "a" }, ":t": { "S": "S" }, ":n": { "N": "1" }, ":m": { "N": "2" }, ":l": { "L": [{ "N": "9" }] },
        ":ss": { "SS": ["a", "b"] }, ":b": { "BOOL": true }, ":ns": { "NS": ["1"] }, ":map": { "M": {} }
    }));
    Placeholders::new(names.into(), values)
}

fn refused<T: fmt::Debug>(parsed: Result<T, String>) -> String {
    parsed.unwrap_err()
}

#[test]
fn conditions_are_met_or_not() {
    let item = item(&json!({
        "s": { "S": "abc" }, "n": { "N": "1.0" }, "l": { "L": [{ "N": "1" }, { "M": { "x": { "S": "deep" } } }] },
        "ss": { "SS": ["b", "a"] }, "name": { "S": "N" }, "e": { "NULL": true }
    }));
    let check = |text: &str, expected: bool| {
        let condition = condition::parse(text, &mut placeholders()).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(evaluate::meets(&item, &condition), expected, "{text}");
    };
    for text in [
        "attribute_exists(s) AND attribute_not_exists(t)",
        "begins_with(s, :s)",
        "contains(ss, :s)",
        "n = :n",
        "size(s) > :m",
        "size(l) = :m",
        "l[1].x <> :s",
        "attribute_type(s, :t)",
        "ss = :ss",
        "#n <> :s",
        "n between :n and :m",
        "n IN (:m, :n)",
        "not nope = :n",
        "nope <> :n",
        "(n = :m or n = :n) and s > :s",
        "n = :m AND n = :m OR n = :n",
        "NOT n = :m AND n = :n",
        "contains(l, :n)",
        "attribute_exists(l[1].x)",
        "attribute_exists ( e )",
        "(n) = (:n)",
        "begins_with((s), :s)",
    ] {
        check(text, true);
    }
    for text in ["s = :n", "s < :n", "nope = :n", "nope < :n", "l[7] = :n", "s.x = :s", "size(n) = :n", "n > :m"] {
        check(text, false);
    }
}

#[test]
fn conditions_are_refused_in_aws_s_words() {
    let check = |text: &str, message: &str| {
        assert_eq!(refused(condition::parse(text, &mut placeholders())), message, "{text}");
    };
    check("", "The expression can not be empty;");
    check("a", "Syntax error; token: \"<EOF>\", near: \"a\"");
    check("a = ", "Syntax error; token: \"<EOF>\", near: \"= \"");
    check("a == :n", "Syntax error; token: \"=\", near: \"== :n\"");
    check("a = :n b", "Syntax error; token: \"b\", near: \":n b\"");
    check("a ! :n", "Syntax error; token: \"!\", near: \"a ! :n\"");
    check("name = :n", "Attribute name is a reserved keyword; reserved keyword: name");
    check("a = :q", "An expression attribute value used in expression is not defined; attribute value: :q");
    check("#q = :n", "An expression attribute name used in the document path is not defined; attribute name: #q");
    check("((a = :n))", "The expression has redundant parentheses;");
    check("f(a)", "Invalid function name; function: f");
    check("size(a)", "The function is not allowed to be used this way in an expression; function: size");
    check(
        "attribute_exists(a) = :n",
        "The function is not allowed to be used this way in an expression; function: attribute_exists",
    );
    check(
        "begins_with(a, :n)",
        "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
    );
    check(
        "attribute_exists(:n)",
        "Operator or function requires a document path; operator or function: attribute_exists",
    );
    check(
        "attribute_type(a, :s)",
        "Invalid attribute type name found; type: a, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
    );
    check(
        "contains(a)",
        "Incorrect number of operands for operator or function; operator or function: contains, number of operands: 1",
    );
    check(
        "a = a",
        "The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [a]",
    );
    check("a < :l", "Incorrect operand type for operator or function; operator: <, operand type: L");
    check(
        "a between :m and :n",
        "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}",
    );
    check(
        "a between :s and :n",
        "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {S:a}, upper bound operand: AttributeValue: {N:1}",
    );
    check(&"a ".repeat(2_049), "Expression size has exceeded the maximum allowed size;");
    check(&"(".repeat(200), "The expression is nested too deeply;");
}

#[test]
fn updates_change_items() {
    let before = item(&json!({
        "n": { "N": "5" }, "l": { "L": [{ "N": "0" }, { "N": "1" }, { "N": "2" }] }, "m": { "M": { "x": { "N": "1" } } },
        "ss": { "SS": ["b", "c"] }, "s": { "S": "text" }
    }));
    let check = |text: &str, changes: Value| {
        let update = update::parse(text, &mut placeholders()).unwrap_or_else(|error| panic!("{text}: {error}"));
        let after = apply::apply(&update, &before).unwrap_or_else(|error| panic!("{text}: {error}"));
        let mut expected = value::to_json(&before);
        for (name, value) in changes.as_object().unwrap() {
            if value.is_null() {
                expected.as_object_mut().unwrap().remove(name);
            } else {
                expected[name] = value.clone();
            }
        }
        assert_eq!(value::to_json(&after), expected, "{text}");
    };
    check("SET a = :n, b = n", json!({ "a": { "N": "1" }, "b": { "N": "5" } }));
    check("SET n = s, s = n", json!({ "n": { "S": "text" }, "s": { "N": "5" } }));
    check("SET n = n + :n", json!({ "n": { "N": "6" } }));
    check("SET n = (:n - n)", json!({ "n": { "N": "-4" } }));
    check("SET n = if_not_exists(n, :n), q = if_not_exists(q, :n) + :m", json!({ "q": { "N": "3" } }));
    check(
        "set l = list_append(l, :l)",
        json!({ "l": { "L": [{ "N": "0" }, { "N": "1" }, { "N": "2" }, { "N": "9" }] } }),
    );
    check("SET k = list_append(if_not_exists(k, :l), :l)", json!({ "k": { "L": [{ "N": "9" }, { "N": "9" }] } }));
    check(
        "SET l[9] = :m, l[8] = :n",
        json!({ "l": { "L": [{ "N": "0" }, { "N": "1" }, { "N": "2" }, { "N": "1" }, { "N": "2" }] } }),
    );
    check("REMOVE l[0], l[2], l[7]", json!({ "l": { "L": [{ "N": "1" }] } }));
    check("SET l[0] = :s REMOVE l[1]", json!({ "l": { "L": [{ "S": "a" }, { "N": "2" }] } }));
    check("SET m.y = :n REMOVE m.x, q", json!({ "m": { "M": { "y": { "N": "1" } } } }));
    check("ADD n :n, z :m, ss :ss", json!({ "n": { "N": "6" }, "z": { "N": "2" }, "ss": { "SS": ["b", "c", "a"] } }));
    check("DELETE ss :ss, q :ss", json!({ "ss": { "SS": ["c"] } }));
    check("REMOVE #n, s", json!({ "s": null }));
}

#[test]
fn updates_are_refused_in_aws_s_words() {
    let check = |text: &str, message: &str| {
        let before = item(&json!({ "s": { "S": "text" }, "l": { "L": [] } }));
        let outcome = update::parse(text, &mut placeholders()).and_then(|update| apply::apply(&update, &before));
        assert_eq!(refused(outcome), message, "{text}");
    };
    check("PUT a = :n", "Syntax error; token: \"PUT\", near: \"PUT a\"");
    check("SET a :n", "Syntax error; token: \":n\", near: \"a :n\"");
    check("SET a = :n SET b = :n", "The \"SET\" section can only be used once in an update expression;");
    check(
        "SET a.b = :n REMOVE a",
        "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a]",
    );
    check(
        "SET a.b = :n, a[1] = :n",
        "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a, [1]]",
    );
    check("SET a = b", "The provided expression refers to an attribute that does not exist in the item");
    check("SET a = s + :n", "An operand in the update expression has an incorrect data type");
    check("SET a.b = :n", "The document path provided in the update expression is invalid for update");
    check("SET l.x = :n", "The document path provided in the update expression is invalid for update");
    check("ADD s :n", "An operand in the update expression has an incorrect data type");
    check(
        "SET a = :s + :n",
        "Incorrect operand type for operator or function; operator or function: +, operand type: S",
    );
    check(
        "DELETE a :n",
        "Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND",
    );
    check("SET a = size(b)", "Invalid function name; function: size");
    check(
        "SET a = list_append(:l, :n)",
        "Incorrect operand type for operator or function; operator or function: list_append, operand type: N",
    );
}

#[test]
fn projections_keep_the_shape() {
    let whole = item(&json!({
        "a": { "M": { "b": { "S": "1" }, "c": { "S": "2" } } }, "l": { "L": [{ "S": "0" }, { "S": "1" }, { "S": "2" }] },
        "z": { "S": "z" }
    }));
    let check = |text: &str, expected: Value| {
        let paths = projection::parse(text, &mut placeholders()).unwrap();
        assert_eq!(value::to_json(&projection::project(&whole, &paths)), expected, "{text}");
    };
    check("a.b, z", json!({ "a": { "M": { "b": { "S": "1" } } }, "z": { "S": "z" } }));
    check("l[2], l[0], l[9]", json!({ "l": { "L": [{ "S": "0" }, { "S": "2" }] } }));
    check("q, a.q, l.x, z.x", json!({}));
    let clash = refused(projection::parse("a, a.b", &mut placeholders()));
    assert!(clash.starts_with("Two document paths overlap with each other;"), "{clash}");
}

#[test]
fn placeholders_that_nobody_uses_are_named() {
    let mut placeholders = placeholders();
    condition::parse("#n = :s AND #s = :t", &mut placeholders).unwrap();
    let unused = placeholders.unused().unwrap();
    assert_eq!(
        unused,
        "Value provided in ExpressionAttributeValues unused in expressions: keys: {:b, :l, :m, :map, :n, :ns, :ss}"
    );
}

#[test]
fn key_conditions_are_a_subset() {
    let read = |text: &str| condition::parse(text, &mut placeholders()).and_then(key_condition::read);
    assert_eq!(read("a = :s AND :n < b").unwrap().len(), 2);
    let check = |text: &str, message: &str| assert_eq!(refused(read(text)), message, "{text}");
    check("a = :s OR b = :n", "Invalid operator used in KeyConditionExpression: OR");
    check("a <> :s", "Invalid operator used in KeyConditionExpression: <>");
    check("contains(a, :s)", "Invalid operator used in KeyConditionExpression: contains");
    check("a = :s AND a > :s", "KeyConditionExpressions must only contain one condition per key");
    check("a.b = :s", "KeyConditionExpressions cannot have conditions on nested attributes");
    check("a = b", "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition");
    check("a = :s AND b = :n AND c = :n", "Conditions can be of length 1 or 2 only");
}

proptest::proptest! {
    #[test]
    fn any_text_is_an_expression_or_an_error(text in "[a-c#:()\\[\\]., =<>+\\-0-9]{0,40}|(SET|REMOVE|NOT|\\(|\\)|a|:n|#n|=|,|AND| |size){0,30}") {
        crate::dynamodb::fuzzing::exercise(&text);
    }
}
