//! The place of the status in a line of the usual log formats. They differ before the time and behind the
//! status, but all have ` [time] "request" status` once; where ` [` stands once in a line, that is the place.

use super::Seen;
use crate::field::Name;
use crate::value::Value;
use memchr::memmem::Finder;
use memchr::{memchr, memchr2};
use std::borrow::Cow;

#[derive(Debug)]
pub(in crate::scan) struct Place {
    time: Finder<'static>,
}

impl Place {
    /// Nothing is known of the places of other fields, nor whether a line has them.
    pub(in crate::scan) fn new(name: &Name) -> Option<Self> {
        (name.first_key().is_some_and(|key| **key == *"status")).then(|| Self { time: Finder::new(b" [") })
    }

    pub(in crate::scan) fn look<'l>(&self, line: &'l [u8]) -> Seen<'l> {
        self.time.find(line).and_then(|at| self.status(&line[at + 2..])).unwrap_or(Seen::Unsure)
    }

    fn status<'l>(&self, time: &'l [u8]) -> Option<Seen<'l>> {
        if self.time.find(time).is_some() {
            return None;
        }
        status(time[memchr(b']', time)? + 1..].strip_prefix(b" \"")?)
    }
}

/// The status behind a request, which begins after its quote.
fn status(mut rest: &[u8]) -> Option<Seen<'_>> {
    loop {
        let at = memchr2(b'"', b'\\', rest)?;
        if rest[at] == b'"' {
            rest = &rest[at..];
            break;
        }
        rest = rest.get(at + 2..)?;
    }
    let rest = rest.strip_prefix(b"\" ")?;
    // Nearly all of them.
    if let [b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b' ', ..] = rest {
        let token = std::str::from_utf8(&rest[..3]).ok()?;
        return Some(Seen::Value(Value::Number(Cow::Borrowed(token))));
    }
    let len = memchr(b' ', rest).unwrap_or(rest.len());
    let token = std::str::from_utf8(&rest[..len]).ok()?;
    let is_number = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
    match token {
        "-" => Some(Seen::Missing),
        _ if is_number => Some(Seen::Value(Value::Number(Cow::Borrowed(token)))),
        _ => None,
    }
}
