//! The place of the status in a line of the usual log formats. They differ before the time and behind the
//! status, but all have ` [time] "request" status` once; where ` [` stands once in a line, that is the place.

use super::Seen;
use crate::field::Name;
use crate::value::Value;
use memchr::{memchr, memchr2, memmem};
use std::borrow::Cow;

#[derive(Debug)]
pub(super) struct Place;

impl Place {
    /// Nothing is known of the places of other fields, nor whether a line has them.
    pub(super) fn new(name: &Name) -> Option<Self> {
        (name.first_key() == Some("status")).then_some(Self)
    }

    pub(super) fn look<'l>(&self, line: &'l [u8]) -> Seen<'l> {
        status(line).unwrap_or(Seen::Unsure)
    }
}

fn status(line: &[u8]) -> Option<Seen<'_>> {
    let time = &line[memmem::find(line, b" [")? + 2..];
    if memmem::find(time, b" [").is_some() {
        return None;
    }
    let mut rest = time[memchr(b']', time)? + 1..].strip_prefix(b" \"")?;
    loop {
        let at = memchr2(b'"', b'\\', rest)?;
        if rest[at] == b'"' {
            rest = &rest[at..];
            break;
        }
        rest = rest.get(at + 2..)?;
    }
    let rest = rest.strip_prefix(b"\" ")?;
    let len = memchr(b' ', rest).unwrap_or(rest.len());
    let token = std::str::from_utf8(&rest[..len]).ok()?;
    let is_number = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
    match token {
        "-" => Some(Seen::Missing),
        _ if is_number => Some(Seen::Value(Value::Number(Cow::Borrowed(token)))),
        _ => None,
    }
}
