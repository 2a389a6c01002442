//! A value as it stands in a line: decoded as far as its own syntax goes, typed by nobody yet.

use std::borrow::Cow;

/// One value of a line. What it means is decided by the field it is asked as, not by its looks.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// JSON `null`: counts as missing in every comparison.
    Null,
    /// JSON `true` or `false`.
    Bool(bool),
    /// A number as it is written, so that no bit is lost: JSON's as the token that stands in the line.
    Number(Cow<'a, str>),
    /// Text, with its escapes undone.
    Text(Cow<'a, str>),
    /// The text of a JSON object or array, valid but not decoded.
    Nested(Cow<'a, str>),
}

impl<'a> Value<'a> {
    /// The same value, nothing copied.
    pub fn borrowed<'r>(&'r self) -> Value<'r>
    where
        'a: 'r,
    {
        match self {
            Value::Null => Value::Null,
            Value::Bool(value) => Value::Bool(*value),
            Value::Number(token) => Value::Number(Cow::Borrowed(token)),
            Value::Text(text) => Value::Text(Cow::Borrowed(text)),
            Value::Nested(json) => Value::Nested(Cow::Borrowed(json)),
        }
    }

    /// The same value, on its own.
    pub fn into_owned(self) -> Value<'static> {
        let owned = |text: Cow<'a, str>| Cow::Owned(text.into_owned());
        match self {
            Value::Null => Value::Null,
            Value::Bool(value) => Value::Bool(value),
            Value::Number(token) => Value::Number(owned(token)),
            Value::Text(text) => Value::Text(owned(text)),
            Value::Nested(json) => Value::Nested(owned(json)),
        }
    }

    /// As [`text`](Self::text), kept for as long as the line is.
    pub fn into_text(self) -> Cow<'a, str> {
        match self {
            Value::Number(text) | Value::Text(text) | Value::Nested(text) => text,
            Value::Bool(true) => Cow::Borrowed("true"),
            Value::Bool(false) => Cow::Borrowed("false"),
            Value::Null => Cow::Borrowed("null"),
        }
    }

    /// The value as one text: numbers and nested values as they stand in the line.
    pub fn text(&self) -> &str {
        match self {
            Value::Null => "null",
            Value::Bool(true) => "true",
            Value::Bool(false) => "false",
            Value::Number(text) | Value::Text(text) | Value::Nested(text) => text,
        }
    }

    /// The text of a value that can be compared: none of null, objects and arrays.
    pub fn scalar(&self) -> Option<&str> {
        match self {
            Value::Null | Value::Nested(_) => None,
            _ => Some(self.text()),
        }
    }

    /// Whether the value satisfies no comparison because there is none.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }
}
