//! JSON objects, with `serde_json` as the judge of what is one. Values keep the text that stands in the
//! line: numbers their token, so that no digit is lost; nested ones all of it.

use crate::value::Value;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

/// The members of an object, in order, each name once.
pub type Fields<'a> = Vec<(Cow<'a, str>, Value<'a>)>;

/// Levels of objects and arrays in a line, itself included.
const DEPTH_MAX: u32 = 128;

/// Room that most objects need, made at once instead of by growing.
const USUAL_FIELDS: usize = 16;

/// Above so many fields a hash finds duplicates faster than looking.
const FEW_FIELDS: usize = 32;

/// The fields of a line that is one JSON object: valid UTF-8, nothing behind it, nested no deeper than
/// the limit. Of duplicate names the first counts.
pub fn object(line: &[u8]) -> Option<Fields<'_>> {
    let text = std::str::from_utf8(line).ok()?;
    if too_deep(text) {
        return None;
    }
    members(text)
}

/// The members of the text of a JSON object, in order, such as that of a [`Value::Nested`]; `None`
/// where it is none.
pub fn members(text: &str) -> Option<Fields<'_>> {
    let mut json = serde_json::Deserializer::from_str(text);
    let fields = json.deserialize_map(Members).ok()?;
    json.end().ok()?;
    Some(fields)
}

/// The elements of the text of a JSON array that has nothing but texts.
pub fn texts(json: &str) -> Option<Vec<String>> {
    serde_json::from_str(json).ok()
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Fields::with_capacity(USUAL_FIELDS);
        let mut names = HashSet::new();
        while let Some(Name(name)) = map.next_key()? {
            let raw: &RawValue = map.next_value()?;
            let value = value(raw.get()).ok_or_else(|| A::Error::custom("a text that is none"))?;
            let is_duplicate = if fields.len() < FEW_FIELDS {
                fields.iter().any(|(known, _)| *known == name)
            } else {
                if names.is_empty() {
                    names.extend(fields.iter().map(|(known, _)| known.clone()));
                }
                !names.insert(name.clone())
            };
            if !is_duplicate {
                fields.push((name, value));
            }
        }
        Ok(fields)
    }
}

/// A value from its JSON, which the judge has already seen. `None` where it says a text that is none.
pub(crate) fn value(json: &str) -> Option<Value<'_>> {
    Some(match json.as_bytes().first()? {
        b'"' => Value::Text(string(json)?),
        b'{' | b'[' => Value::Nested(Cow::Borrowed(json)),
        b't' => Value::Bool(true),
        b'f' => Value::Bool(false),
        b'n' => Value::Null,
        _ => Value::Number(Cow::Borrowed(json)),
    })
}

fn string(json: &str) -> Option<Cow<'_, str>> {
    let inner = &json[1..json.len() - 1];
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inner));
    }
    // Lone surrogates end here: they are no text.
    serde_json::from_str(json).ok().map(Cow::Owned)
}

/// A key, borrowed from the line unless it has escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> serde::Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Name(Cow::Borrowed(name)))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Name(Cow::Owned(name.to_owned())))
    }
}

/// Whether brackets outside of strings are nested too deeply. The judge skips nested values without
/// counting, and what reads them later may recurse.
fn too_deep(text: &str) -> bool {
    let mut depth = 0u32;
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                if depth > DEPTH_MAX {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => skip_string(&mut bytes),
            _ => {}
        }
    }
    false
}

fn skip_string(bytes: &mut std::str::Bytes<'_>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => {
                bytes.next();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_text() {
        let line = r#" {"n": 18446744073709551616, "f":-1.50e+3 ,"t":"a\"\u00e9", "b":true,"z":null,"o": {"a": [1, 2]}, "k\u0065y":[]} "#;
        let fields = object(line.as_bytes()).unwrap();
        let expected: Fields<'_> = vec![
            ("n".into(), Value::Number("18446744073709551616".into())),
            ("f".into(), Value::Number("-1.50e+3".into())),
            ("t".into(), Value::Text("a\"é".into())),
            ("b".into(), Value::Bool(true)),
            ("z".into(), Value::Null),
            ("o".into(), Value::Nested(r#"{"a": [1, 2]}"#.into())),
            ("key".into(), Value::Nested("[]".into())),
        ];
        assert_eq!(fields, expected);
    }

    #[test]
    fn of_duplicates_the_first_counts() {
        let few = object(br#"{"a":1,"\u0061":2,"b":3}"#).unwrap();
        assert_eq!(
            few,
            vec![("a".into(), Value::Number("1".into())), ("b".into(), Value::Number("3".into()))]
        );
        let many: Vec<String> = (0..200).map(|n| format!("\"k{}\":{n}", n % 100)).collect();
        let line = format!("{{{}}}", many.join(","));
        let fields = object(line.as_bytes()).unwrap();
        assert_eq!(fields.len(), 100);
        assert_eq!(fields[99], ("k99".into(), Value::Number("99".into())));
    }

    #[test]
    fn what_is_no_object_has_no_fields() {
        let deep = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        let brackets = format!("{{\"a\":\"{}\"}}", "[".repeat(500));
        let (allowed, too_deep, never_closed) = (deep(127), deep(128), "{\"a\":[".repeat(100_000));
        let rows: &[(&str, &[u8], bool)] = &[
            ("empty object", b"{}", true),
            ("blanks around", b" \t{\"a\":1}\r", true),
            ("array", b"[1]", false),
            ("text", b"\"a\"", false),
            ("open", b"{\"a\":1", false),
            ("trailing comma", b"{\"a\":1,}", false),
            ("something behind", b"{\"a\":1} x", false),
            ("two objects", b"{}{}", false),
            ("key without quotes", b"{a:1}", false),
            ("NaN", b"{\"a\":NaN}", false),
            ("leading zero", b"{\"a\":01}", false),
            ("huge exponent", b"{\"a\":1e400}", true),
            ("control character", b"{\"a\":\"\x01\"}", false),
            ("invalid UTF-8", b"{\"a\":\"\xff\"}", false),
            ("lone surrogate", b"{\"a\":\"\\ud800\"}", false),
            ("surrogate pair", b"{\"a\":\"\\ud83d\\ude00\"}", true),
            ("bad escape in a nested text", b"{\"a\":[\"\\x\"]}", false),
            ("as deep as allowed", allowed.as_bytes(), true),
            ("too deep", too_deep.as_bytes(), false),
            ("brackets in a text", brackets.as_bytes(), true),
            ("very deep and never closed", never_closed.as_bytes(), false),
        ];
        for (name, line, is_object) in rows {
            assert_eq!(object(line).is_some(), *is_object, "{name}");
        }
    }
}
