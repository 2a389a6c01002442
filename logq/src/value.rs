//! A value as it stands in a line: decoded as far as its own syntax goes, typed by nobody yet.

use std::borrow::Cow;

/// One value of a line. What it means is decided by the field it is asked as, not by its looks.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// JSON `null`: counts as missing in every comparison.
    Null,
    /// JSON `true` or `false`.
    Bool(bool),
    /// A JSON number, as the token that stands in the line, so that no bit is lost.
    Number(&'a str),
    /// Text, with its escapes undone.
    Text(Cow<'a, str>),
    /// The text of a JSON object or array, valid but not decoded.
    Nested(&'a str),
}

impl Value<'_> {
    /// Whether the value satisfies no comparison because there is none.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }
}
