//! The place of a field in a JSON object, found by its key. `"key"` is a key at the top where a `{` or `,`
//! stands before it and a `:` behind, and no object or array is open; a text cannot look like that, as
//! its quotes are escaped. Of several the first counts, so nothing before it may hide one.

use super::Seen;
use crate::scan::keys::{self, Keys};
use crate::scan::tokens;
use crate::value::Value;
use memchr::memchr3;
use memchr::memmem::Finder;
use std::borrow::Cow;
use std::ops::Range;
use wide::u8x16;

#[derive(Debug)]
pub(in crate::scan) struct Place {
    /// The key in its quotes.
    key: Finder<'static>,
    /// All keys under which the field can stand.
    keys: Keys,
}

impl Place {
    pub(in crate::scan) fn new(key: &str, keys: Keys) -> Self {
        Self { key: keys::finder(&format!("\"{key}\"")), keys }
    }

    /// Whether one of these lines may have the field. If not, none of them has to be looked at.
    pub(in crate::scan) fn may_be_in(&self, lines: &[u8]) -> bool {
        self.keys.may_be_in(lines)
    }

    /// Looks at a line, of which `front` knows what other looks found, and `text` whether a part of it is UTF-8.
    #[inline]
    pub(in crate::scan) fn look<'l>(
        &self,
        line: &'l [u8],
        front: &mut Front,
        text: impl Fn(&'l [u8]) -> Option<&'l str>,
    ) -> Spot<'l> {
        let mut from = 0;
        while let Some(at) = self.key.find(&line[from..]).map(|at| from + at) {
            from = at + self.key.needle().len();
            let Some(behind) = keys::value_start(&line[from..]).map(|at| from + at) else {
                continue;
            };
            if !matches!(before_blanks(&line[..at]).last(), Some(b'{' | b',')) {
                continue;
            }
            match front.before(line, at) {
                Before::Members => {
                    return scalar(&line[behind..], text).unwrap_or(Spot::Unsure);
                }
                Before::OpenTo(end) => from = end,
                Before::Unsure => return Spot::Unsure,
            }
        }
        if self.keys.may_be_in_json(line) { Spot::Unsure } else { Spot::Missing }
    }
}

/// What is known of a field. It is as small as it can be: of each line there are some.
#[derive(Clone, Copy, Debug)]
pub(in crate::scan) enum Spot<'l> {
    Text(&'l str),
    Number(&'l str),
    Bool(bool),
    /// If the line is valid, it does not have the field.
    Missing,
    /// The line must be decoded.
    Unsure,
}

impl<'l> From<Spot<'l>> for Seen<'l> {
    fn from(spot: Spot<'l>) -> Self {
        match spot {
            Spot::Text(text) => Self::Value(Value::Text(Cow::Borrowed(text))),
            Spot::Number(token) => Self::Value(Value::Number(Cow::Borrowed(token))),
            Spot::Bool(truth) => Self::Value(Value::Bool(truth)),
            Spot::Missing => Self::Missing,
            Spot::Unsure => Self::Unsure,
        }
    }
}

/// What is known of a line from its start on: where objects and arrays stand, and texts with escapes.
#[derive(Debug, Default)]
pub(in crate::scan) struct Front {
    /// Up to where it was looked at, but for the opening brace.
    to: usize,
    /// Up to where none of these stands: most lines have some at most behind all that is asked for.
    plain_to: usize,
    /// Objects, arrays and texts with escapes, one after the other.
    spans: Vec<Span>,
    /// Whether nothing can be told of what stands behind.
    is_blind: bool,
}

#[derive(Debug)]
struct Span {
    range: Range<usize>,
    is_text: bool,
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

impl Front {
    /// Forgets the line for another one.
    pub(in crate::scan) fn clear(&mut self) {
        (self.to, self.plain_to) = (0, 0);
        self.spans.clear();
        self.is_blind = false;
    }

    /// What it says hangs on the line and the key alone, not on which keys it was asked for before.
    #[inline]
    fn before(&mut self, line: &[u8], key: usize) -> Before {
        if self.plain_to == 0 {
            self.plain_to = memchr3(b'{', b'[', b'\\', &line[1..]).map_or(line.len(), |at| at + 1);
        }
        if key <= self.plain_to { Before::Members } else { self.behind_others(line, key) }
    }

    /// As [`before`](Self::before), of a place that stands behind some of them.
    fn behind_others(&mut self, line: &[u8], key: usize) -> Before {
        self.to = self.to.max(self.plain_to);
        while !self.is_blind && self.to < key {
            match memchr3(b'{', b'[', b'\\', &line[self.to..key]) {
                Some(at) => self.pass(line, self.to + at),
                None => self.to = key,
            }
        }
        let near = self.spans.partition_point(|span| span.range.end <= key);
        match self.spans.get(near).filter(|span| span.range.contains(&key)) {
            Some(Span { is_text: true, .. }) => Before::Unsure,
            Some(span) => Before::OpenTo(span.range.end),
            None if self.is_blind && key >= self.to => Before::Unsure,
            None => Before::Members,
        }
    }

    /// Goes past a bracket or an escape. A key that is spelled with an escape could be the same as one that is looked
    /// for; in values escapes hide nothing.
    fn pass(&mut self, line: &[u8], at: usize) {
        let is_text = line[at] == b'\\';
        let end = if is_text {
            keys::value_end(line, at)
        } else {
            // In a text a bracket may stand behind anything but a key: that has a quote before its colon, and
            // in a text a quote has a backslash before it.
            let colon = before_blanks(&line[..at]).strip_suffix(b":");
            match colon.and_then(|head| before_blanks(head).strip_suffix(b"\"")) {
                None => {
                    self.to = at + 1;
                    return;
                }
                // A quote that begins a text stands behind one of these, and its colon is in the text.
                Some(key) if matches!(before_blanks(key).last(), Some(b'\\' | b':' | b',' | b'{' | b'[')) => {
                    None
                }
                Some(_) => nested_end(line, at),
            }
        };
        self.is_blind = end.is_none();
        self.to = end.unwrap_or(at);
        self.spans.extend(end.map(|end| Span { range: at..end, is_text }));
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

/// Where a text ends that stands there as it is.
#[inline]
fn plain_text_end(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(bytes) = text[at..].first_chunk() {
        let bytes = u8x16::new(*bytes);
        let ends = bytes.simd_eq(u8x16::splat(b'"'))
            | bytes.simd_eq(u8x16::splat(b'\\'))
            | bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
        let ends = ends.to_bitmask();
        if ends != 0 {
            at += ends.trailing_zeros() as usize;
            return (text[at] == b'"').then_some(at);
        }
        at += 16;
    }
    let is_end = |byte: &u8| matches!(byte, b'"' | b'\\' | ..0x20);
    let end = at + text[at..].iter().position(is_end)?;
    (text[end] == b'"').then_some(end)
}

/// The value at the front, if it is a scalar other than null, and has no escapes.
#[inline]
fn scalar<'l>(bytes: &'l [u8], text: impl Fn(&'l [u8]) -> Option<&'l str>) -> Option<Spot<'l>> {
    if let Some(behind) = bytes.strip_prefix(b"\"") {
        let end = plain_text_end(behind)?;
        if !is_behind_value(behind.get(end + 1)) {
            return None;
        }
        return Some(Spot::Text(text(&behind[..end])?));
    }
    if let Some(end) = tokens::short_number_end(bytes, 0) {
        return Some(Spot::Number(text(&bytes[..end])?));
    }
    let word = |word: &[u8]| bytes.starts_with(word).then_some(word.len());
    let (end, truth) = match bytes.first()? {
        b't' => (word(b"true")?, Some(true)),
        b'f' => (word(b"false")?, Some(false)),
        b'-' | b'0'..=b'9' => (tokens::number_end(bytes, 0)?, None),
        _ => return None,
    };
    if !is_behind_value(bytes.get(end)) {
        return None;
    }
    Some(match truth {
        Some(truth) => Spot::Bool(truth),
        None => Spot::Number(text(&bytes[..end])?),
    })
}

/// Whether a byte can follow a value. Else it goes on, or is broken.
fn is_behind_value(byte: Option<&u8>) -> bool {
    byte.is_some_and(|byte| matches!(byte, b',' | b'}') || keys::is_blank(*byte))
}

fn before_blanks(bytes: &[u8]) -> &[u8] {
    match bytes.last() {
        Some(byte) if keys::is_blank(*byte) => bytes.trim_ascii_end(),
        _ => bytes,
    }
}
