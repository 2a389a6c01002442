//! Where in a line a field stands, told by its key and not by reading the line. On a valid line it is what the full
//! decoder would find. On one that is not, it may be a value that stands before the fault or behind it; which one hangs
//! on the line and the field alone, so that whoever asks gets the same answer.

pub(super) mod json;
pub(super) mod logfmt;
pub(super) mod usual;

use crate::value::Value;

/// What is known of a field from a look at the line.
#[derive(Debug, PartialEq)]
pub(super) enum Seen<'l> {
    /// If the line is valid, it has the field, with this value.
    Value(Value<'l>),
    /// If the line is valid, it does not have the field.
    Missing,
    /// The line must be decoded.
    Unsure,
}
