//! A line of JSON taken apart into its pairs, and put together as other writers would.

use super::draw::Draw;

/// The names, without quotes, and values of an object that we wrote: no spaces, no escapes in names.
pub(super) fn pairs(object: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = object.get(1..).unwrap_or_default();
    std::iter::from_fn(move || {
        let name = &rest.strip_prefix(b"\"")?[..text_len(&rest[1..])];
        let value_from = name.len() + 3;
        let value = &rest[value_from..value_from + value_len(&rest[value_from..])];
        rest = rest.get(value_from + value.len() + 1..).unwrap_or_default();
        Some((name, value))
    })
}

/// Bytes up to the closing quote.
fn text_len(text: &[u8]) -> usize {
    let mut at = 0;
    while at < text.len() && text[at] != b'"' {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    at
}

fn value_len(value: &[u8]) -> usize {
    let mut depth = 0u32;
    let mut at = 0;
    while at < value.len() {
        match value[at] {
            b'"' => at += text_len(&value[at + 1..]) + 1,
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' if depth == 0 => break,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    at
}

/// One text in so many has a letter escaped.
const ESCAPED_ONE_IN: u32 = 24;

/// Appends the line with its keys in any order, spaces after colons and commas, and some letters of
/// texts written as `\u` escapes.
pub(super) fn shuffle(line: &[u8], draw: &mut Draw, out: &mut Vec<u8>) {
    let mut order: Vec<(&[u8], &[u8])> = pairs(line).collect();
    for last in (1..order.len()).rev() {
        order.swap(last, draw.index(last + 1));
    }
    let mut before: &[u8] = b"{\"";
    for (name, value) in order {
        out.extend_from_slice(before);
        out.extend_from_slice(name);
        out.extend_from_slice(b"\": ");
        match value {
            [b'"', .., b'"'] if draw.below(ESCAPED_ONE_IN) == 0 => escape_one(value, draw, out),
            _ => out.extend_from_slice(value),
        }
        before = b", \"";
    }
    out.extend_from_slice(b"}\n");
}

/// Writes a letter of the text as an escape, if it has none yet.
fn escape_one(text: &[u8], draw: &mut Draw, out: &mut Vec<u8>) {
    use std::io::Write as _;
    let at = 1 + draw.index(text.len() - 1);
    if text.contains(&b'\\') || !text[at].is_ascii_alphanumeric() {
        out.extend_from_slice(text);
        return;
    }
    out.extend_from_slice(&text[..at]);
    let _infallible = write!(out, "\\u{:04x}", text[at]);
    out.extend_from_slice(&text[at + 1..]);
}
