//! One line of a log with its fields: what formats produce and queries, stages and views consume.

use crate::value::Value;
use std::borrow::Cow;

/// A line and what was found in it. Borrows from the line.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// The line as it was read, without its line end. Any bytes.
    pub raw: &'a [u8],
    /// Top-level fields in line order. Of duplicate names the first counts.
    pub fields: Vec<(Cow<'a, str>, Value<'a>)>,
    /// Whether the line had a known shape.
    pub shape: Shape,
    /// Where the line stands.
    pub origin: Origin<'a>,
}

/// Whether a line could be read as a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// It was read by the format of its file, or by another one that fits.
    Record,
    /// It begins and ends as a JSON object, and has those fields of the wanted ones that their own keys told. All others are
    /// surely not there if it is valid, of which nobody looked.
    Told,
    /// It begins and ends as a JSON object and is none: it has those fields of the wanted ones that their own keys told all
    /// the same.
    Broken,
    /// It has no known shape, or is broken: it has no fields, and only `*`, full text and `not` find it.
    Unknown,
}

/// The place of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The file's name as it was given or found; `-` for standard input.
    pub file: &'a str,
    /// Counted from 1.
    pub line: u64,
}

impl Shape {
    /// Whether nobody saw that the line is bad.
    pub fn is_record(self) -> bool {
        matches!(self, Self::Record | Self::Told)
    }
}

impl<'a> Row<'a> {
    /// The first top-level field with exactly this name.
    #[inline]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        // Names of one length mostly differ at once, or are one and the same text.
        let is_same = |key: &str| {
            key.len() == name.len()
                && key.as_bytes().first() == name.as_bytes().first()
                && (key.as_ptr() == name.as_ptr() || key == name)
        };
        self.fields.iter().find(|(key, _)| is_same(key)).map(|(_, value)| value)
    }
}
