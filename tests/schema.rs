//! A validator for the schema of the record: for exactly the keywords that the schema uses, and it
//! panics at any other. The crates that know all of JSON Schema bring forty others with them.

use access_record::field::field;
use access_record::schema::json_schema;
use regex::Regex;
use serde_json::Value;
use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::{LazyLock, Mutex, PoisonError};

static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&json_schema()).expect("the schema is JSON"));

/// Whether a line is valid, and has no field that the table does not know; if not, why.
pub(crate) fn check(line: &str) -> Result<(), String> {
    let value: Value = serde_json::from_str(line).map_err(|error| format!("{error} in {line}"))?;
    let known = |name: &String| if field(name).is_some() { Ok(()) } else { Err(format!("field {name}")) };
    value.as_object().map_or(Ok(()), |object| object.keys().try_for_each(known))?;
    validate(&SCHEMA, &value, "").map_err(|why| format!("{why} in {line}"))
}

/// Checks a line of a log.
///
/// # Panics
/// If it is not valid.
#[allow(dead_code, reason = "not every program of tests looks at lines one by one")]
pub(crate) fn assert_line(line: &str) {
    if let Err(why) = check(line) {
        panic!("not a line by the schema: {why}");
    }
}

/// Checks every line of a log.
///
/// # Panics
/// If one is not valid.
#[allow(dead_code, reason = "not every program of tests looks at whole logs")]
pub(crate) fn assert_lines(log: &str) {
    log.lines().for_each(assert_line);
}

fn validate(schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    for (keyword, wanted) in schema.as_object().expect("a schema is an object") {
        if matches!(keyword.as_str(), "properties" | "propertyNames" | "additionalProperties" | "items") {
            inside(keyword, wanted, schema, value, at)?;
        } else if !holds(keyword, wanted, value, at) {
            return Err(format!("{at}: {keyword} {wanted} does not hold for {value}"));
        }
    }
    Ok(())
}

/// The keywords that look at members and elements.
fn inside(keyword: &str, wanted: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let members = || value.as_object().into_iter().flatten();
    let listed = |name: &str| schema.get("properties").is_some_and(|listed| listed.get(name).is_some());
    match keyword {
        "properties" => members().try_for_each(|(name, value)| {
            wanted.get(name).map_or(Ok(()), |schema| validate(schema, value, &format!("{at}/{name}")))
        }),
        "additionalProperties" => members()
            .filter(|(name, _)| !listed(name))
            .try_for_each(|(name, value)| validate(wanted, value, &format!("{at}/{name}"))),
        "propertyNames" => {
            members().try_for_each(|(name, _)| validate(wanted, &Value::from(name.as_str()), at))
        }
        _ => value.as_array().into_iter().flatten().try_for_each(|value| validate(wanted, value, at)),
    }
}

fn holds(keyword: &str, wanted: &Value, value: &Value, at: &str) -> bool {
    let listed = || wanted.as_array().expect("a list").iter();
    let bound = |wanted: &Value| wanted.as_u64().expect("a count");
    match keyword {
        "$schema" | "title" | "description" => true,
        "type" if wanted.is_array() => listed().any(|wanted| is_type(wanted, value)),
        "type" => is_type(wanted, value),
        "const" => value == wanted,
        "enum" => listed().any(|wanted| wanted == value),
        "anyOf" => listed().any(|schema| validate(schema, value, at).is_ok()),
        "minimum" => whole(value).is_none_or(|value| Some(value) >= whole(wanted)),
        "maximum" => whole(value).is_none_or(|value| Some(value) <= whole(wanted)),
        "pattern" => value.as_str().is_none_or(|text| matches(wanted.as_str().expect("a pattern"), text)),
        "format" => value.as_str().is_none_or(|text| is_format(wanted, text)),
        "required" => value
            .as_object()
            .is_none_or(|object| listed().all(|name| object.contains_key(name.as_str().expect("a name")))),
        "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= bound(wanted)),
        "minProperties" => value.as_object().is_none_or(|object| object.len() as u64 >= bound(wanted)),
        other => panic!("the schema uses a keyword that this validator does not know: {other}"),
    }
}

fn is_type(wanted: &Value, value: &Value) -> bool {
    match wanted.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("number") => value.is_number(),
        Some("integer") => whole(value).is_some(),
        Some("boolean") => value.is_boolean(),
        other => panic!("no type: {other:?}"),
    }
}

fn whole(value: &Value) -> Option<i128> {
    value.as_u64().map(i128::from).or_else(|| value.as_i64().map(i128::from))
}

fn is_format(wanted: &Value, text: &str) -> bool {
    match wanted.as_str() {
        Some("date-time") => access_record::Timestamp::parse(text.as_bytes()).is_some(),
        Some("ipv4") => text.parse::<Ipv4Addr>().is_ok(),
        Some("ipv6") => text.parse::<Ipv6Addr>().is_ok(),
        other => panic!("no format: {other:?}"),
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    static COMPILED: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let regex = compiled
        .entry(pattern.to_owned())
        .or_insert_with(|| Regex::new(pattern).expect("the schema's patterns are patterns"));
    regex.is_match(text)
}
