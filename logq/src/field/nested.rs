//! Values inside JSON text that was not decoded: members by dotted path, elements, and all texts.
//! The slow road, taken only for names that do not stand at the top of a line.

use crate::json;
use crate::value::Value;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The value at a dotted path below an object; null counts as missing. A literal key beats a path, a longer
/// one a shorter; of duplicate keys the first counts. Below an array it is an array of what its objects have there.
pub(super) fn at_path<'a>(object: &'a str, path: &str) -> Option<Value<'a>> {
    if object.starts_with('[') {
        return in_elements(object, path);
    }
    if let Some(value) = member(object, path).filter(|value| !value.is_null()) {
        return Some(value);
    }
    path.rmatch_indices('.').find_map(|(dot, _)| match member(object, &path[..dot])? {
        Value::Nested(Cow::Borrowed(inner)) => at_path(inner, &path[dot + 1..]),
        _ => None,
    })
}

/// What the elements of an array have at a path, as one array, so that it matches by any of them.
fn in_elements(array: &str, path: &str) -> Option<Value<'static>> {
    let mut found: Vec<String> = Vec::new();
    any_element(array, &mut |element| {
        if let Value::Nested(inner) = element
            && let Some(value) = at_path(inner, path)
        {
            match value {
                // Elements of elements are elements.
                Value::Nested(json) if json.starts_with('[') => {
                    found.push(json[1..json.len() - 1].to_owned());
                }
                Value::Text(text) => found.push(serde_json::Value::from(text.as_ref()).to_string()),
                value => found.push(value.text().to_owned()),
            }
        }
        false
    });
    found.retain(|json| !json.trim_ascii().is_empty());
    (!found.is_empty()).then(|| Value::Nested(Cow::Owned(format!("[{}]", found.join(",")))))
}

/// Whether any element of an array passes. An object has no elements.
pub(super) fn any_element(array: &str, test: &mut dyn FnMut(&Value<'_>) -> bool) -> bool {
    array.starts_with('[')
        && serde_json::Deserializer::from_str(array).deserialize_seq(AnyElement { test }).unwrap_or(false)
}

/// Whether any text inside, keys apart, passes.
pub(super) fn any_text(json: &str, test: &mut dyn FnMut(&str) -> bool) -> bool {
    fn walk(value: &serde_json::Value, test: &mut dyn FnMut(&str) -> bool) -> bool {
        match value {
            serde_json::Value::String(string) => test(string),
            serde_json::Value::Array(items) => items.iter().any(|item| walk(item, test)),
            serde_json::Value::Object(members) => members.values().any(|member| walk(member, test)),
            _ => false,
        }
    }
    serde_json::from_str(json).is_ok_and(|value| walk(&value, test))
}

fn member<'a>(object: &'a str, key: &str) -> Option<Value<'a>> {
    if !object.starts_with('{') {
        return None;
    }
    serde_json::Deserializer::from_str(object).deserialize_map(Member { key }).ok().flatten()
}

struct Member<'k> {
    key: &'k str,
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Option<Value<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(is_it) = map.next_key_seed(IsKey(self.key))? {
            if is_it && found.is_none() {
                found = Some(json::value(map.next_value::<&'de RawValue>()?.get()));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found.flatten())
    }
}

struct IsKey<'k>(&'k str);

impl<'de> DeserializeSeed<'de> for IsKey<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for IsKey<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}

struct AnyElement<'t> {
    test: &'t mut dyn FnMut(&Value<'_>) -> bool,
}

impl<'de> Visitor<'de> for AnyElement<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
        let mut any = false;
        while let Some(raw) = seq.next_element::<&'de RawValue>()? {
            any = any || json::value(raw.get()).is_some_and(|value| (self.test)(&value));
        }
        Ok(any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_key_beats_a_path_and_the_first_key_counts() {
        for (object, path, expected) in [
            (r#"{"a.b":1,"a":{"b":2}}"#, "a.b", Some(Value::Number("1".into()))),
            (r#"{"a":{"b":2},"a":{"b":3}}"#, "a.b", Some(Value::Number("2".into()))),
            (r#"{"a.b":{"c":4}}"#, "a.b.c", Some(Value::Number("4".into()))),
            (r#"{"a":{"b.c":5}}"#, "a.b.c", Some(Value::Number("5".into()))),
            (r#"{"a.b":null,"a":{"b":6}}"#, "a.b", Some(Value::Number("6".into()))),
            (r#"{"\u0061":"\u00e9"}"#, "a", Some(Value::Text("é".into()))),
            (r#"{"a":[1]}"#, "a", Some(Value::Nested("[1]".into()))),
            (r#"{"a":1}"#, "a.b", None),
            (
                r#"{"a":[{"b":1},{"c":2},3,{"b":"x\"y"},{"b":null}]}"#,
                "a.b",
                Some(Value::Nested(r#"[1,"x\"y"]"#.into())),
            ),
            (r#"{"a":[{"b":[1,2]},{"b":[]},[{"b":true}]]}"#, "a.b", Some(Value::Nested("[1,2,true]".into()))),
            (r#"{"a":[{"b":{"c":1}},{"b.c":2}]}"#, "a.b.c", Some(Value::Nested("[1,2]".into()))),
            (r#"{"a":[{"c":1}]}"#, "a.b", None),
            ("[1]", "a", None),
            (r#"{"a":"#, "a", None),
        ] {
            assert_eq!(at_path(object, path), expected, "{object} {path}");
        }
    }
}
