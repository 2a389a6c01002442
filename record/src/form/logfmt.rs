//! logfmt: `name=value` with our own names and units, one space between two pairs.
//!
//! A text stands bare if it can; else in quotes, with JSON's escapes. Flags are `flags.name=variant`.
//! Notes stand beside the fields, but for those whose name means a field to a reader: these are
//! `notes.name=value`. No note and no flag has a dot before its own name, so no name stands twice. A
//! note's text that looks like a number or a truth stands in quotes.

use super::fit::Fit;
use super::named::push_scalar;
use crate::field::FIELDS;
use crate::json::{is_unsafe_to_show, push_i64, push_text, push_u64};
use crate::notes::Scalar;
use crate::record::{FieldValue, Record};

/// Bytes of ` seq=18446744073709551615` and the line end.
const CLOSE_BYTES_MAX: usize = 26;
/// Bytes of ` truncated=4294967295`.
const TRUNCATED_BYTES_MAX: usize = 21;

/// See [`super::Form::open`].
pub(super) fn open(record: &Record<'_>, out: &mut Vec<u8>, bytes_max: usize) {
    let room = bytes_max.saturating_sub(CLOSE_BYTES_MAX + TRUNCATED_BYTES_MAX);
    let mut fit = Fit::new(out.len(), room);
    let from = out.len();
    for field in FIELDS.iter().filter(|field| field.name != "truncated") {
        let Some(value) = FieldValue::of(record, field.name) else {
            continue;
        };
        let key = |prefix: &str, name: &str, out: &mut Vec<u8>| {
            if out.len() > from {
                out.push(b' ');
            }
            out.extend_from_slice(prefix.as_bytes());
            out.extend_from_slice(name.as_bytes());
            out.push(b'=');
        };
        match value {
            FieldValue::Flags(flags) => flags.iter().for_each(|(name, variant)| {
                key("flags.", name, out);
                push(variant, out);
            }),
            FieldValue::Notes(notes) => notes.iter().for_each(|(name, value)| {
                key(if means_a_field(name) { "notes." } else { "" }, name, out);
                push_note(value, out);
            }),
            value => {
                key("", field.name, out);
                push_value(&value, out);
            }
        }
        fit.field(out.len());
    }
    if let Some(truncated) = fit.cut(record.truncated, out) {
        out.extend_from_slice(b" truncated=");
        push_u64(out, truncated);
    }
}

/// Whether a reader would take this for a field: by its own name, or by one of other schemas.
fn means_a_field(name: &str) -> bool {
    FIELDS.iter().any(|field| field.name == name || field.aliases.iter().any(|alias| alias.name == name))
}

fn push_value(value: &FieldValue<'_>, out: &mut Vec<u8>) {
    match value {
        FieldValue::Text(text) => push(text, out),
        FieldValue::Short(short) => push(short.as_str(), out),
        FieldValue::Number(number) => push_u64(out, *number),
        FieldValue::Signed(number) => push_i64(out, *number),
        // Names of their own, written one by one.
        FieldValue::Flags(_) | FieldValue::Notes(_) => {}
    }
}

fn push(text: &str, out: &mut Vec<u8>) {
    if is_bare(text) { out.extend_from_slice(text.as_bytes()) } else { push_text(out, text) }
}

/// Numbers begin with a digit or a minus sign.
fn push_note(value: Scalar<'_>, out: &mut Vec<u8>) {
    match value {
        Scalar::Text(text) => {
            let is_plain = is_bare(text)
                && !text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
                && !matches!(text, "true" | "false" | "null");
            if is_plain { out.extend_from_slice(text.as_bytes()) } else { push_text(out, text) }
        }
        other => push_scalar(other, out),
    }
}

fn is_bare(text: &str) -> bool {
    !text.is_empty()
        && !text.contains(|c: char| {
            c.is_whitespace() || matches!(c, '"' | '=' | '\\' | '\u{feff}') || is_unsafe_to_show(c)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notes::{Kept, NoteLimits, NoteSet};
    use crate::{Kind, Level, Timestamp};
    use std::borrow::Cow;

    #[test]
    fn quotes_where_they_are_needed_and_notes_apart() {
        let mut record = Record::new(Timestamp::from_micros(0), Kind::Access, Level::Info);
        record.user_id = Some("5555".into());
        record.path = Some("/a b".into());
        record.query = Some("q=1".into());
        record.error = Some("".into());
        let mut notes = NoteSet::default();
        let limits = NoteLimits::default();
        let values = [
            ("album", Scalar::U64(42)),
            ("status", Scalar::Text("new")),
            ("user", Scalar::Text("42")),
            ("cold", Scalar::Bool(true)),
            ("ratio", Scalar::F64(f64::INFINITY)),
        ];
        for (name, value) in values {
            assert_eq!(notes.set(name, value, &limits), Kept::Whole);
        }
        record.notes = Cow::Owned(notes);
        let mut out = Vec::new();
        open(&record, &mut out, usize::MAX);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "v=1 ts=1970-01-01T00:00:00.000000Z kind=access level=info user_id=5555 path=\"/a b\" \
             query=\"q=1\" error=\"\" album=42 notes.status=new notes.user=\"42\" cold=true ratio=\"inf\""
        );
    }
}
