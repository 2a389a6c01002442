//! Lines of a LogFormat: the same language, and the same words for fields, as the writing side.

use crate::value::Value;
use access_record::Timestamp;
use access_record::logformat::{FormatError, LogFormat, ReadValue};
use std::borrow::Cow;

/// One or more log formats; a line is what the first of them that fits says.
#[derive(Debug)]
pub struct Forms(Vec<LogFormat>);

impl Forms {
    /// Those that are tried on a line that looks like nothing else.
    pub(super) fn usual() -> Self {
        Self(
            ["combined", "common"]
                .iter()
                .filter_map(|name| LogFormat::named(name))
                .collect(),
        )
    }

    /// The format of this name or text.
    pub fn parse(text: &str) -> Result<Self, FormatError> {
        Ok(Self(vec![LogFormat::parse(text)?]))
    }

    pub(super) fn read<'a>(&'a self, line: &'a [u8]) -> Option<Vec<(Cow<'a, str>, Value<'a>)>> {
        let fields = self.0.iter().find_map(|form| form.read(line))?;
        Some(
            fields
                .into_iter()
                .map(|(name, value)| (Cow::Borrowed(name), as_json_has_it(value)))
                .collect(),
        )
    }
}

/// The value as our own JSON has it, so that a query cannot tell the difference.
fn as_json_has_it(value: ReadValue<'_>) -> Value<'_> {
    match value {
        ReadValue::Text(text) => Value::Text(text),
        ReadValue::Integer(token) => Value::Number(token),
        ReadValue::TimeMicros(micros) => Value::Text(Timestamp::from_micros(micros).to_string().into()),
        // Numeric text: a `Number` borrows its token from the line, and this one stands in no line.
        ReadValue::DurationMicros(micros) => Value::Text(micros.to_string().into()),
    }
}
