//! The place of a field in a JSON object, found by its key. `"key"` is a key at the top where a `{` or `,`
//! stands before it and a `:` behind, and no object or array is open; a text cannot look like that, as
//! its quotes are escaped. Of several the first counts, so nothing before it may hide one.

use super::Seen;
use crate::json;
use crate::scan::keys::{self, Keys};
use memchr::memmem::Finder;
use memchr::{memchr2, memchr3_iter};

#[derive(Debug)]
pub(super) struct Place {
    /// The key in its quotes.
    key: Finder<'static>,
    /// All keys under which the field can stand.
    keys: Keys,
}

/// What stands before a key.
enum Before {
    /// Whole members.
    Members,
    /// An object or array that is still open there, up to this place.
    OpenTo(usize),
    /// Something that must be decoded.
    Unsure,
}

impl Place {
    pub(super) fn new(key: &str, keys: Keys) -> Self {
        Self { key: Finder::new(format!("\"{key}\"").as_bytes()).into_owned(), keys }
    }

    pub(super) fn look<'l>(&self, line: &'l [u8]) -> Seen<'l> {
        let mut from = 0;
        let mut closed_to = 1;
        while let Some(at) = self.key.find(&line[from..]).map(|at| from + at) {
            from = at + self.key.needle().len();
            let Some(behind) = keys::value_start(&line[from..]).map(|at| from + at) else {
                continue;
            };
            if !matches!(line[..at].trim_ascii_end().last(), Some(b'{' | b',')) {
                continue;
            }
            match before(line, &mut closed_to, at) {
                Before::Members => {
                    let value = token(&line[behind..]).and_then(json::value);
                    return value.filter(|value| !value.is_null()).map_or(Seen::Unsure, Seen::Value);
                }
                Before::OpenTo(end) => from = end,
                Before::Unsure => return Seen::Unsure,
            }
        }
        if self.keys.may_be_in_json(line) { Seen::Unsure } else { Seen::Missing }
    }
}

/// What stands between the last place before which all is closed, which moves on, and a key. A key that
/// is spelled with an escape could be the same; in values escapes hide nothing.
fn before(line: &[u8], closed_to: &mut usize, key: usize) -> Before {
    'again: loop {
        let from = *closed_to;
        for at in memchr3_iter(b'{', b'[', b'\\', &line[from..key]).map(|at| from + at) {
            if line[at] == b'\\' {
                let Some(end) = keys::value_end(line, at).filter(|end| *end < key) else {
                    return Before::Unsure;
                };
                *closed_to = end;
                continue 'again;
            }
            // In a text a bracket may stand behind anything but a key: that has a quote before its colon, and
            // in a text a quote has a backslash before it.
            let colon = line[..at].trim_ascii_end().strip_suffix(b":");
            let Some(key_text) = colon.and_then(|head| head.trim_ascii_end().strip_suffix(b"\"")) else {
                continue;
            };
            if key_text.ends_with(b"\\") {
                return Before::Unsure;
            }
            let Some(end) = nested_end(line, at) else {
                return Before::Unsure;
            };
            *closed_to = end;
            if end > key {
                return Before::OpenTo(end);
            }
            continue 'again;
        }
        return Before::Members;
    }
}

/// Where the object or array that begins at a place ends.
fn nested_end(line: &[u8], from: usize) -> Option<usize> {
    let mut depth = 0_u32;
    let mut at = from;
    loop {
        match line.get(at)? {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b'"' => at = keys::text_end(line, at + 1)?,
            _ => {}
        }
        at += 1;
    }
}

/// The value at the front, if it is a scalar without escapes.
fn token(bytes: &[u8]) -> Option<&str> {
    let len = match bytes.first()? {
        b'"' => {
            let end = 1 + memchr2(b'"', b'\\', &bytes[1..])?;
            if bytes[end] == b'\\' {
                return None;
            }
            end + 1
        }
        b'{' | b'[' => return None,
        _ => bytes.iter().position(|byte| matches!(byte, b',' | b'}') || keys::is_blank(*byte))?,
    };
    std::str::from_utf8(&bytes[..len]).ok()
}
