//! `-o json`: every row as one JSON object, whatever its line was.

use crate::row::Row;
use crate::value::Value;
use access_record::json::push_text;
use memchr::memmem;
use serde::de::IgnoredAny;

/// The object of a row: a JSON line as it is, a line of another format under the contract's names, and a
/// line of no known shape whole, as `_raw` (bytes that are no UTF-8 replaced, since JSON has none).
pub(super) fn object(row: &Row<'_>) -> Vec<u8> {
    if row.shape.is_record() && is_json_object(row.raw) && !is_opened(row) {
        return row.raw.to_vec();
    }
    let mut out = Vec::with_capacity(row.raw.len() * 2);
    out.push(b'{');
    if !row.shape.is_record() {
        out.extend_from_slice(b"\"_raw\":");
        push_text(&mut out, &String::from_utf8_lossy(row.raw));
    }
    for (at, (name, value)) in row.fields.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        push_text(&mut out, name);
        out.push(b':');
        push_value(&mut out, value);
    }
    out.push(b'}');
    out
}

/// One object of these members, with its line end; what is missing is null.
pub(super) fn members<'v>(members: impl Iterator<Item = (&'v str, Option<&'v Value<'v>>)>) -> String {
    let mut out = vec![b'{'];
    for (at, (name, value)) in members.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        push_text(&mut out, name);
        out.push(b':');
        push_value(&mut out, value.unwrap_or(&Value::Null));
    }
    out.extend_from_slice(b"}\n");
    String::from_utf8_lossy(&out).into_owned()
}

/// Whether the fields are those of a line in a text of this one, as Docker and journald have it: then the text itself is
/// no field.
fn is_opened(row: &Row<'_>) -> bool {
    let is_dockers = row.raw.starts_with(b"{\"log\":") && row.get("log").is_none();
    is_dockers || memmem::find(row.raw, b"\"MESSAGE\"").is_some() && row.get("MESSAGE").is_none()
}

fn is_json_object(line: &[u8]) -> bool {
    line.trim_ascii_start().starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(line).is_ok()
}

fn push_value(out: &mut Vec<u8>, value: &Value<'_>) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Value::Nested(json) => out.extend_from_slice(json.as_bytes()),
        Value::Number(token) if is_json_number(token) => out.extend_from_slice(token.as_bytes()),
        Value::Number(token) => push_text(out, token),
        Value::Text(text) => push_text(out, text),
    }
}

/// A log may have `007` where JSON may not.
fn is_json_number(token: &str) -> bool {
    token.starts_with(|c: char| c == '-' || c.is_ascii_digit())
        && serde_json::from_str::<IgnoredAny>(token).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Origin;
    use crate::row::Shape;

    /// A line, its shape and fields, and its object.
    type Case = (&'static str, Shape, Vec<(&'static str, Value<'static>)>, &'static str);

    #[test]
    fn every_row_is_one_object() {
        let text = |text: &'static str| Value::Text(text.into());
        let rows: Vec<Case> = vec![
            (
                r#" {"a" : 1, "a":2} "#,
                Shape::Record,
                vec![("a", Value::Number("1".into()))],
                r#" {"a" : 1, "a":2} "#,
            ),
            (
                "a log line",
                Shape::Record,
                vec![
                    ("status", Value::Number("200".into())),
                    ("duration_us", Value::Number("173663".into())),
                    ("user_id", text("5555")),
                    ("port", Value::Number("007".into())),
                    ("path", text("/\u{1b}\"\u{202e}")),
                ],
                r#"{"status":200,"duration_us":173663,"user_id":"5555","port":"007","path":"/\u001b\"\u202e"}"#,
            ),
            ("{ a log format", Shape::Record, vec![("a", Value::Bool(true))], r#"{"a":true}"#),
            ("{broken", Shape::Unknown, vec![], r#"{"_raw":"{broken"}"#),
            ("", Shape::Unknown, vec![], r#"{"_raw":""}"#),
        ];
        for (raw, shape, fields, expected) in rows {
            let row = Row {
                raw: raw.as_bytes(),
                fields: fields.into_iter().map(|(name, value)| (name.into(), value)).collect(),
                shape,
                origin: Origin { file: "-", line: 1 },
            };
            assert_eq!(String::from_utf8_lossy(&object(&row)), expected);
        }
    }
}
