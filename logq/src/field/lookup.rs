//! Where in a row the value of a name stands: at the top, at a dotted path, under another name of the field.

use super::nested;
use super::{ENVOYS, Found, KeyHashes, REQUEST, is_of_request, key_hash};
use crate::row::Row;
use crate::value::Value;
use access_record::field::{Alias, Field, Type, Unit};
use std::borrow::Cow;

/// The value of a field of the contract. If it was asked for by another of its names, `typed`, that one goes first.
pub(super) fn contract_value<'r>(
    row: &'r Row<'_>,
    field: &Field,
    typed: Option<&Alias>,
    others: KeyHashes,
) -> Option<Found<'r>> {
    let at_alias = |alias: &Alias| {
        let value = at_top(row, alias.name)?;
        let is_envoys = alias.name == "duration" && row.get(ENVOYS).is_some();
        Some(Found { value, unit: if is_envoys { Unit::Millis } else { alias.unit } })
    };
    let own = || at_top(row, field.name).map(|value| Found { value, unit: Unit::Same });
    // ECS has objects under names of ours, such as `user_agent`: what is in them is meant.
    let mut object = None;
    let mut value = |found: Option<Found<'r>>| match found {
        Some(found) if field.ty != Type::Notes && is_object(&found.value) => {
            object.get_or_insert(found);
            None
        }
        found => found,
    };
    let mut found = value(typed.and_then(at_alias))
        .or_else(|| value(own()))
        .or_else(|| {
            let may_be_there = has_other(row, field, others);
            may_be_there.then(|| field.aliases.iter().find_map(|alias| value(at_alias(alias)))).flatten()
        })
        .or_else(|| of_request(row, field))
        .or(object)?;
    // Others write `HTTP/1.1` where the contract has `1.1`.
    if field.name == "http_version"
        && let Value::Text(text) = &mut found.value
        && let Some(version) = text.strip_prefix("HTTP/")
    {
        *text = Cow::Owned(version.to_owned());
    }
    Some(found)
}

/// A part of `GET /photos?page=2 HTTP/1.1`.
fn of_request<'r>(row: &'r Row<'_>, field: &Field) -> Option<Found<'r>> {
    let Value::Text(line) = row.get(REQUEST).filter(|_| is_of_request(field))? else { return None };
    let (method, rest) = line.split_once(' ')?;
    let (target, version) = rest.rsplit_once(" HTTP/")?;
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let part = match field.name {
        "method" => method,
        "path" => path,
        "query" => query?,
        _ => version,
    };
    Some(Found { value: Value::Text(Cow::Borrowed(part)), unit: Unit::Same })
}

fn is_object(value: &Value<'_>) -> bool {
    matches!(value, Value::Nested(json) if json.starts_with('{'))
}

/// The keys at the top of a line under which, or in which, another name of a field can stand.
pub(super) fn keys_of_others(field: &Field) -> KeyHashes {
    let mut keys = KeyHashes::default();
    for alias in field.aliases {
        let ends = alias.name.match_indices('.').map(|(dot, _)| dot).chain([alias.name.len()]);
        ends.for_each(|end| {
            keys.insert(key_hash(&alias.name.as_bytes()[..end]));
        });
    }
    keys
}

/// Whether a row has one of those keys. Of fields that are missing this is told much faster than by looking for each
/// of their names.
fn has_other(row: &Row<'_>, field: &Field, others: KeyHashes) -> bool {
    let is_of = |name: &str, key: &str| {
        name.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    row.fields
        .iter()
        .any(|(key, _)| others.may_have(key) && field.aliases.iter().any(|alias| is_of(alias.name, key)))
}

pub(super) fn at_top<'r>(row: &'r Row<'_>, name: &str) -> Option<Value<'r>> {
    if let Some(value) = row.get(name).filter(|value| !value.is_null()) {
        return Some(value.borrowed());
    }
    // Of most rows this is told faster than that the name has no dot.
    if !row.fields.iter().any(|(_, value)| matches!(value, Value::Nested(_))) {
        return None;
    }
    name.rmatch_indices('.').find_map(|(dot, _)| match row.get(&name[..dot])? {
        Value::Nested(inner) => nested::at_path(inner, &name[dot + 1..]),
        _ => None,
    })
}

/// The variant of a flag, out of `["name=variant", …]`.
pub(super) fn flag<'r>(row: &'r Row<'_>, name: &str) -> Option<Value<'r>> {
    let mut variant = None;
    let flags = Found { value: row.get("flags")?.borrowed(), unit: Unit::Same };
    flags.any(&mut |value| {
        if let Value::Text(text) = value
            && let Some(rest) = text.strip_prefix(name)
            && let Some(rest) = rest.strip_prefix('=')
        {
            variant = Some(rest.to_owned());
        }
        variant.is_some()
    });
    variant.map(|variant| Value::Text(Cow::Owned(variant)))
}
