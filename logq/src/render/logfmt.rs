//! Rows as logfmt: `name=value`, texts quoted where they would not read as one word, with JSON's escapes. What is
//! missing is left out. A name with other characters than a field's has `_` in their place.

use crate::number;
use crate::row::Row;
use crate::value::Value;
use access_record::json::push_text;

/// The line of a row: all of its fields, or of a line of no known shape `_raw`.
pub(super) fn line(row: &Row<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(row.raw.len());
    if !row.shape.is_record() {
        push_pair(&mut out, "_raw", &Value::Text(String::from_utf8_lossy(row.raw)));
    }
    for (name, value) in row.fields.iter().filter(|(_, value)| !value.is_null()) {
        push_pair(&mut out, name, value);
    }
    out
}

/// Appends a pair, behind a space if it is not the first.
pub(super) fn push_pair(out: &mut Vec<u8>, name: &str, value: &Value<'_>) {
    if !out.is_empty() {
        out.push(b' ');
    }
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'@' | b'/');
    out.extend(name.bytes().map(|byte| if is_name(byte) { byte } else { b'_' }));
    if name.is_empty() {
        out.push(b'_');
    }
    out.push(b'=');
    match value {
        Value::Number(_) | Value::Bool(_) | Value::Null => out.extend_from_slice(value.text().as_bytes()),
        Value::Nested(json) => push_text(out, json),
        Value::Text(text) if is_word(text) => out.extend_from_slice(text.as_bytes()),
        Value::Text(text) => push_text(out, text),
    }
}

/// Whether a text without quotes reads as itself: not as a number or a truth, and as one word.
fn is_word(text: &str) -> bool {
    let is_safe = |c: char| {
        !c.is_whitespace() && !matches!(c, '"' | '\\' | '=') && !access_record::json::is_unsafe_to_show(c)
    };
    !text.is_empty()
        && text.chars().all(is_safe)
        && !number::is_number(text)
        && !matches!(text, "true" | "false")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_reads_as_what_it_was() {
        let text = |text: &'static str| Value::Text(text.into());
        let rows = [
            ("a", Value::Number("5".into()), "a=5"),
            ("a", text("5"), "a=\"5\""),
            ("a", text("x/y"), "a=x/y"),
            ("a", text("true"), "a=\"true\""),
            ("a", text("x y"), "a=\"x y\""),
            ("a", text(""), "a=\"\""),
            ("a", text("x=\"1\"\n"), "a=\"x=\\\"1\\\"\\n\""),
            ("a b", Value::Bool(true), "a_b=true"),
            ("p99.9_duration_us", Value::Nested("[1]".into()), "p99.9_duration_us=\"[1]\""),
        ];
        for (name, value, expected) in rows {
            let mut out = Vec::new();
            push_pair(&mut out, name, &value);
            assert_eq!(String::from_utf8_lossy(&out), expected);
        }
    }
}
