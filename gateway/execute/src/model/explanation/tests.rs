//! Every message of the catalogue, by a schema and a body that provoke it.

use crate::model::{Model, schemas::Schemas};
use serde_json::{Value, json};
use std::sync::Arc;

fn check(schema: &Value, body: &Value, expected: &str) {
    let mut schemas = Schemas::new("api");
    schemas
        .insert("Other".to_owned(), json!({ "type": "object", "required": ["x"], "allOf": [{ "minProperties": 2 }] }));
    schemas.insert("Model".to_owned(), schema.clone());
    let model = Model::compile(&Arc::new(schemas), "Model").unwrap();
    let text = body.to_string();
    assert_eq!(model.check(text.as_bytes()), Err(expected.to_owned()), "{schema} {body}");
}

#[test]
fn values() {
    let rows: Vec<(Value, Value, &str)> = vec![
        (
            json!({ "type": ["number", "null"] }),
            json!("a"),
            r#"[instance type (string) does not match any allowed primitive type (allowed: ["integer","null","number"])]"#,
        ),
        (
            json!({ "type": "integer" }),
            json!(1.5),
            r#"[instance type (number) does not match any allowed primitive type (allowed: ["integer"])]"#,
        ),
        (
            json!({ "enum": ["dog", "cat"] }),
            json!("x"),
            r#"[instance value ("x") not found in enum (possible values: ["dog","cat"])]"#,
        ),
        (
            json!({ "minimum": 25 }),
            json!(2),
            "[numeric instance is lower than the required minimum (minimum: 25, found: 2)]",
        ),
        (
            json!({ "minimum": 25, "exclusiveMinimum": true }),
            json!(25),
            "[numeric instance is not strictly greater than the required minimum 25]",
        ),
        (
            json!({ "maximum": 500 }),
            json!(4000),
            "[numeric instance is greater than the required maximum (maximum: 500, found: 4000)]",
        ),
        (
            json!({ "maximum": 500, "exclusiveMaximum": true }),
            json!(500),
            "[numeric instance is not strictly lower than the required maximum 500]",
        ),
        (json!({ "multipleOf": 5 }), json!(7), "[remainder of division is not zero (7 / 5)]"),
        (json!({ "multipleOf": 0.01 }), json!(0.0075), "[remainder of division is not zero (0.0075 / 0.01)]"),
    ];
    for (schema, body, expected) in rows {
        check(&schema, &body, expected);
    }
}

#[test]
fn texts() {
    let format = |format: &str| json!({ "format": format });
    let rows: Vec<(Value, Value, &str)> = vec![
        (json!({ "minLength": 3 }), json!("ä"), r#"[string "ä" is too short (length: 1, required minimum: 3)]"#),
        (json!({ "maxLength": 3 }), json!("abcd"), r#"[string "abcd" is too long (length: 4, maximum allowed: 3)]"#),
        (json!({ "pattern": "^a" }), json!("b"), r#"[ECMA 262 regex "^a" does not match input string "b"]"#),
        (
            json!({ "pattern": "^(?=.*[0-9])" }),
            json!("b"),
            r#"[ECMA 262 regex "^(?=.*[0-9])" does not match input string "b"]"#,
        ),
        (format("email"), json!("x"), r#"[string "x" is not a valid email address]"#),
        (format("ipv4"), json!("x"), r#"[string "x" is not a valid IPv4 address]"#),
        (format("ipv6"), json!("x"), r#"[string "x" is not a valid IPv6 address]"#),
        (format("hostname"), json!("-x-"), r#"[string "-x-" is not a valid hostname]"#),
        (format("uri"), json!("x y"), r#"[string "x y" is not a valid URI]"#),
        (format("regex"), json!("("), r#"[string "(" is not a valid ECMA 262 regular expression]"#),
        (
            format("date-time"),
            json!("x"),
            r#"[string "x" is invalid against requested date format(s) [yyyy-MM-dd'T'HH:mm:ssZ, yyyy-MM-dd'T'HH:mm:ss.[0-9]{1,12}Z]]"#,
        ),
    ];
    for (schema, body, expected) in rows {
        check(&schema, &body, expected);
    }
}

#[test]
fn containers() {
    let rows: Vec<(Value, Value, &str)> = vec![
        (
            json!({ "required": ["password", "email", "id"] }),
            json!({ "id": 1 }),
            r#"[object has missing required properties (["email","password"])]"#,
        ),
        (
            json!({ "additionalProperties": false, "properties": { "a": {} } }),
            json!({ "z": 1, "x": 1, "a": 1 }),
            r#"[object instance has properties which are not allowed by the schema: ["x","z"]]"#,
        ),
        (
            json!({ "minProperties": 2 }),
            json!({ "x": 1 }),
            "[object has too few properties (found 1 but schema requires at least 2)]",
        ),
        (
            json!({ "maxProperties": 0 }),
            json!({ "x": 1 }),
            "[object has too many properties (found 1 but schema requires at most 0)]",
        ),
        (
            json!({ "dependencies": { "a": ["c", "b"] } }),
            json!({ "a": 1, "c": 1 }),
            r#"[property "a" of object has missing property dependencies (schema requires ["b","c"]; missing: ["b"])]"#,
        ),
        (
            json!({ "minItems": 2 }),
            json!([1]),
            "[array is too short: must have at least 2 elements but instance has 1 elements]",
        ),
        (
            json!({ "maxItems": 1 }),
            json!([1, 2]),
            "[array is too long: must have at most 1 elements but instance has 2 elements]",
        ),
        (
            json!({ "items": [{}], "additionalItems": false }),
            json!([1, 2]),
            "[schema only allows 1 elements in array but instance has 2 elements]",
        ),
        (json!({ "uniqueItems": true }), json!([1, 1]), "[array must not contain duplicate elements]"),
    ];
    for (schema, body, expected) in rows {
        check(&schema, &body, expected);
    }
}

#[test]
fn combinations() {
    let two = json!([{ "type": "object" }, { "required": ["a"] }]);
    let other = "https://apigateway.amazonaws.com/restapis/api/models/Other";
    let rows: Vec<(Value, Value, &str)> = vec![
        (
            json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] }),
            json!(1),
            "[instance failed to match at least one required schema among 2]",
        ),
        (
            json!({ "allOf": two }),
            json!({ "b": 1 }),
            "[instance failed to match all required schemas (matched only 1 out of 2)]",
        ),
        (
            json!({ "oneOf": two }),
            json!({ "a": 1 }),
            "[instance failed to match exactly one schema (matched 2 out of 2)]",
        ),
        (
            json!({ "oneOf": [{ "type": "string" }, { "type": "null" }] }),
            json!(1),
            "[instance failed to match exactly one schema (matched 0 out of 2)]",
        ),
        (json!({ "not": { "type": "integer" } }), json!(1), "[instance matched a schema which it should not have]"),
        (
            json!({ "properties": { "o": { "$ref": other }, "allOf": { "type": "string" } } }),
            json!({ "o": {}, "allOf": 1 }),
            r#"[instance type (integer) does not match any allowed primitive type (allowed: ["string"]), instance failed to match all required schemas (matched only 0 out of 1), object has missing required properties (["x"])]"#,
        ),
        (
            json!({ "items": { "allOf": [{ "properties": { "a": { "type": "string" }, "b": { "type": "string" } } }] } }),
            json!([{}, { "a": 1, "b": 1 }]),
            "[instance failed to match all required schemas (matched only 0 out of 1)]",
        ),
    ];
    for (schema, body, expected) in rows {
        check(&schema, &body, expected);
    }
}

#[test]
fn violations_stand_in_the_order_of_the_body() {
    let schema = json!({
        "required": ["name"],
        "additionalProperties": false,
        "properties": { "price": { "minimum": 1 }, "list": { "items": { "type": "string" } }, "name": {} },
    });
    let body = json!({ "x": 1, "price": 0, "list": ["a", 2, 3] });
    check(
        &schema,
        &body,
        "[object instance has properties which are not allowed by the schema: [\"x\"], object has missing required \
         properties ([\"name\"]), instance type (integer) does not match any allowed primitive type (allowed: \
         [\"string\"]), instance type (integer) does not match any allowed primitive type (allowed: [\"string\"]), numeric \
         instance is lower than the required minimum (minimum: 1, found: 0)]",
    );
}

#[test]
fn what_is_no_json_has_no_explanation() {
    let mut schemas = Schemas::new("api");
    schemas.insert("Model".to_owned(), json!({ "type": "object" }));
    let model = Model::compile(&Arc::new(schemas), "Model").unwrap();
    let deep = "[".repeat(200_000);
    let rows: [(&[u8], bool); 9] = [
        (b"", true),
        (b"{}", true),
        (b"[]", false),
        (b" ", false),
        (b"{\"a\":NaN}", false),
        (b"{\"a\":1e999999}", false),
        (b"{\"a\":\"\xff\"}", false),
        (b"{} {}", false),
        (deep.as_bytes(), false),
    ];
    for (body, valid) in rows {
        assert_eq!(model.check(body).is_ok(), valid, "{:?}", body.get(..20));
    }
    assert_eq!(model.check(b"{"), Err("[Unknown error parsing request body]".to_owned()));
}

#[test]
fn schemas_that_cannot_be_used() {
    let rows: Vec<(Value, &str)> = vec![
        (json!({ "$ref": "http://127.0.0.1/secret.json" }), "a reference leads nowhere"),
        (json!({ "$ref": "file:///etc/passwd" }), "a reference leads nowhere"),
        (
            json!({ "$ref": "https://apigateway.amazonaws.com/restapis/api/models/Nothing" }),
            "a reference leads nowhere",
        ),
        (json!({ "properties": { "a": { "pattern": "(" } } }), "the pattern at `/properties/a/pattern` cannot be used"),
        (json!({ "pattern": "((a{1000}){1000}){10}" }), "the pattern at `/pattern` cannot be used"),
        (json!({ "type": "strnig" }), "at `/type`"),
        (json!({ "required": true }), "at `/required`"),
    ];
    for (schema, expected) in rows {
        let mut schemas = Schemas::new("api");
        schemas.insert("Model".to_owned(), schema.clone());
        let found = Model::compile(&Arc::new(schemas), "Model").err().unwrap_or_default();
        assert!(found.starts_with(expected), "{schema}: {found}");
    }
}

#[test]
fn patterns_cost_linear_time_or_a_bound() {
    let long = format!("\"{}!\"", "a".repeat(50_000));
    for pattern in ["^(a+)+$", "^(?=a)(a+)+$"] {
        let mut schemas = Schemas::new("api");
        schemas.insert("Model".to_owned(), json!({ "pattern": pattern }));
        let model = Model::compile(&Arc::new(schemas), "Model").unwrap();
        assert!(model.check(long.as_bytes()).is_err(), "{pattern}");
    }
}

#[test]
fn deep_bodies_of_recursive_schemas() {
    let mut schemas = Schemas::new("api");
    let branch = json!({ "properties": { "n": { "$ref": "#" } }, "required": ["x"] });
    schemas.insert("Model".to_owned(), json!({ "anyOf": [branch, branch] }));
    let model = Model::compile(&Arc::new(schemas), "Model").unwrap();
    let body = format!("{}1{}", r#"{"n":"#.repeat(120), "}".repeat(120));
    assert_eq!(model.check(body.as_bytes()), Err("[the body does not match the schema]".to_owned()));
}

#[test]
fn long_chains_of_references() {
    let chain = |length: usize| {
        let mut definitions = serde_json::Map::new();
        for link in 0..length {
            let next = json!({ "properties": { "n": { "$ref": format!("#/definitions/d{}", link + 1) } } });
            definitions.insert(format!("d{link}"), next);
        }
        definitions.insert(format!("d{length}"), json!({}));
        let mut schemas = Schemas::new("api");
        let root = json!({ "$ref": "#/definitions/d0", "definitions": definitions });
        schemas.insert("Model".to_owned(), root);
        Model::compile(&Arc::new(schemas), "Model").map(|_| ())
    };
    assert_eq!(chain(80), Ok(()));
    assert!(chain(10_000).is_err());
}
