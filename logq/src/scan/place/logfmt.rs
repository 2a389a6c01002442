//! The place of a field in a line of logfmt: `name=` at the start or behind a space, outside of quotes. In
//! a valid line there are no other quotes than those around values, and escaped ones between them.

use super::Seen;
use crate::format;
use crate::scan::Keys;
use crate::value::Value;
use memchr::memmem::Finder;
use memchr::{memchr, memchr2, memchr2_iter};
use std::borrow::Cow;

#[derive(Debug)]
pub(in crate::scan) struct Place {
    /// The key with its equals sign.
    key: Finder<'static>,
    /// All keys under which the field can stand.
    keys: Keys,
}

impl Place {
    pub(in crate::scan) fn new(key: &str, keys: Keys) -> Self {
        Self { key: Finder::new(format!("{key}=").as_bytes()).into_owned(), keys }
    }

    pub(in crate::scan) fn look<'l>(&self, line: &'l [u8]) -> Seen<'l> {
        let mut from = 0;
        let mut counted_to = 0;
        let mut is_quoted = false;
        while let Some(at) = self.key.find(&line[from..]).map(|at| from + at) {
            from = at + self.key.needle().len();
            if at > 0 && line[at - 1] != b' ' {
                continue;
            }
            for quote in memchr2_iter(b'"', b'\\', &line[counted_to..at]).map(|at| counted_to + at) {
                if line[quote] == b'\\' {
                    return Seen::Unsure;
                }
                is_quoted = !is_quoted;
            }
            counted_to = at;
            if !is_quoted {
                return value(&line[from..]).map_or(Seen::Unsure, Seen::Value);
            }
        }
        if self.keys.may_be_in(line) { Seen::Unsure } else { Seen::Missing }
    }
}

/// The value at the front, if it has no escapes.
fn value(bytes: &[u8]) -> Option<Value<'_>> {
    if let Some(quoted) = bytes.strip_prefix(b"\"") {
        let end = memchr2(b'"', b'\\', quoted).filter(|end| quoted[*end] == b'"')?;
        return Some(Value::Text(Cow::Borrowed(std::str::from_utf8(&quoted[..end]).ok()?)));
    }
    let len = memchr(b' ', bytes).unwrap_or(bytes.len());
    Some(format::bare_value(std::str::from_utf8(&bytes[..len]).ok()?))
}
