//! Values and rows that are kept for longer than their line is.

use crate::field::{Found, Name, Ty};
use crate::level;
use crate::number;
use crate::row::{Origin, Row, Shape};
use crate::value::Value;
use access_record::Timestamp;
use access_record::field::{Type, Unit};
use std::borrow::Cow;
use std::sync::Arc;

/// A value of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Cell {
    /// `true` or `false`.
    Bool(bool),
    /// A number as it is written.
    Number(Box<str>),
    /// Text.
    Text(Box<str>),
    /// A JSON object or array as it is written.
    Json(Box<str>),
}

impl Cell {
    /// The value that a row has under a name, in the field's own unit: durations in microseconds, times in RFC 3339
    /// and UTC. What cannot be read as such stays as it is written.
    pub fn of(name: &Name, row: &Row<'_>) -> Option<Self> {
        let found = name.find(row)?;
        match name.ty() {
            Ty::Contract(Type::DurationMicros) if !is_plain_number(&found) => {
                // A number whose unit nobody knows is no duration.
                let is_number = found.value.scalar().is_some_and(number::is_number);
                let cell = name.duration_us(row).map(Self::number);
                cell.or_else(|| Self::of_value(&found.value).filter(|_| !is_number))
            }
            Ty::Contract(Type::Time) => {
                let cell = name.time_us(row).and_then(Self::time);
                cell.or_else(|| Self::of_value(&found.value))
            }
            Ty::Contract(Type::Integer) => match &found.value {
                Value::Text(text) if number::is_number(text) => Some(Self::Number(text.as_ref().into())),
                value => Self::of_value(value),
            },
            Ty::Contract(Type::Id) => found.value.scalar().map(|text| Self::Text(text.into())),
            _ => Self::of_value(&found.value),
        }
    }

    /// As [`of`](Self::of), but what means the same is the same: a level however it is spelled.
    pub fn key(name: &Name, row: &Row<'_>) -> Option<Self> {
        let cell = Self::of(name, row)?;
        let is_level = name.contract().is_some_and(|field| field.name == "level");
        match level::canonical(cell.text()).filter(|_| is_level) {
            Some(level) => Some(Self::Text(level.into())),
            None => Some(cell),
        }
    }

    /// The text of [`of`](Self::of), not copied where it stands in the row as it is.
    pub fn text_of<'r>(name: &Name, row: &'r Row<'_>) -> Option<Cow<'r, str>> {
        if let Some(value) = name.decisive(row)
            && is_as_written(name.ty(), value)
        {
            return Some(Cow::Borrowed(value.text()));
        }
        let found = name.find(row)?;
        match name.ty() {
            Ty::Contract(Type::DurationMicros) if is_plain_number(&found) => Some(found.value.into_text()),
            Ty::Contract(Type::DurationMicros | Type::Time) => Self::of(name, row).map(Self::into_text),
            Ty::Contract(Type::Id) if found.value.scalar().is_none() => None,
            _ => Some(found.value.into_text()),
        }
    }

    /// The text of [`key`](Self::key), not copied where it stands in the row as it is.
    pub fn key_text<'r>(name: &Name, row: &'r Row<'_>) -> Option<Cow<'r, str>> {
        if name.contract().is_some_and(|field| field.name == "level") {
            return Self::key(name, row).map(Self::into_text);
        }
        Self::text_of(name, row)
    }

    fn into_text<'r>(self) -> Cow<'r, str> {
        match self {
            Self::Bool(_) => Cow::Owned(self.text().to_owned()),
            Self::Number(text) | Self::Text(text) | Self::Json(text) => Cow::Owned(text.into()),
        }
    }

    /// A number.
    pub fn number(number: i64) -> Self {
        Self::Number(number.to_string().into())
    }

    /// A point in time, in microseconds since 1970; `None` beyond the years that a log can have.
    pub fn time(micros: i64) -> Option<Self> {
        let time = Timestamp::from_micros(micros);
        (time.micros() == micros).then(|| Self::Text(time.to_string().into()))
    }

    /// A value of a row; none of null.
    pub fn of_value(value: &Value<'_>) -> Option<Self> {
        Some(match value {
            Value::Null => return None,
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Number(token) => Self::Number(token.as_ref().into()),
            Value::Text(text) => Self::Text(text.as_ref().into()),
            Value::Nested(json) => Self::Json(json.as_ref().into()),
        })
    }

    /// The value as rows have it.
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Bool(truth) => Value::Bool(*truth),
            Self::Number(token) => Value::Number(Cow::Borrowed(token)),
            Self::Text(text) => Value::Text(Cow::Borrowed(text)),
            Self::Json(json) => Value::Nested(Cow::Borrowed(json)),
        }
    }

    /// The value as one text.
    pub fn text(&self) -> &str {
        match self {
            Self::Bool(true) => "true",
            Self::Bool(false) => "false",
            Self::Number(text) | Self::Text(text) | Self::Json(text) => text,
        }
    }

    /// What it takes of the memory, in bytes, roughly.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.text().len()
    }
}

/// Whether a value in the field's own unit is shown as it stands in the line.
fn is_as_written(ty: Ty, value: &Value<'_>) -> bool {
    match ty {
        Ty::Contract(Type::DurationMicros) => value.scalar().is_some_and(number::is_number),
        Ty::Contract(Type::Time) => false,
        Ty::Contract(Type::Id) => value.scalar().is_some(),
        Ty::Contract(_) | Ty::Free => true,
    }
}

/// Whether the value stands there in the unit of the field already.
fn is_plain_number(found: &Found<'_>) -> bool {
    found.unit == Unit::Same && found.value.scalar().is_some_and(number::is_number)
}

/// A row of its own.
#[derive(Clone, Debug)]
pub struct Kept {
    raw: Box<[u8]>,
    fields: Vec<(Box<str>, Option<Cell>)>,
    shape: Shape,
    file: Arc<str>,
    line: u64,
}

impl Kept {
    /// A copy of a row. Rows of one file share its name with `last`, where that was of the same file.
    pub fn of(row: &Row<'_>, last: Option<&Kept>) -> Self {
        let same = last.filter(|last| *last.file == *row.origin.file).map(|last| Arc::clone(&last.file));
        let fields = row.fields.iter().map(|(name, value)| (name.as_ref().into(), Cell::of_value(value)));
        Self {
            raw: row.raw.into(),
            fields: fields.collect(),
            shape: row.shape,
            file: same.unwrap_or_else(|| row.origin.file.into()),
            line: row.origin.line,
        }
    }

    /// A row of a table.
    pub fn of_cells(fields: Vec<(Box<str>, Option<Cell>)>) -> Self {
        Self { raw: Box::default(), fields, shape: Shape::Record, file: "".into(), line: 0 }
    }

    /// The row.
    pub fn row(&self) -> Row<'_> {
        let fields = self.fields.iter().map(|(name, cell)| {
            (Cow::Borrowed(name.as_ref()), cell.as_ref().map_or(Value::Null, Cell::value))
        });
        Row {
            raw: &self.raw,
            fields: fields.collect(),
            shape: self.shape,
            origin: Origin { file: &self.file, line: self.line },
        }
    }

    /// What it takes of the memory, in bytes, about, in a list that grows.
    pub fn bytes(&self) -> usize {
        let of_cell = |cell: &Cell| match cell {
            Cell::Bool(_) => 0,
            Cell::Number(text) | Cell::Text(text) | Cell::Json(text) => allocated(text.len()),
        };
        let texts =
            self.fields.iter().map(|(name, cell)| allocated(name.len()) + cell.as_ref().map_or(0, of_cell));
        let fields = allocated(size_of_val(&self.fields[..]));
        in_list::<Self>() + allocated(self.raw.len()) + fields + texts.sum::<usize>()
    }
}

/// What an allocator takes for so many bytes, about: as glibc's does, 8 of its own and all a multiple of 16, but at least 32.
pub(super) fn allocated(bytes: usize) -> usize {
    if bytes == 0 { 0 } else { (bytes + 8).next_multiple_of(16).max(32) }
}

/// What a place in a list takes that doubles its room when it is full.
pub(super) fn in_list<T>() -> usize {
    2 * size_of::<T>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_allocator_takes_is_counted() {
        assert_eq!([0, 1, 24, 25, 100].map(allocated), [0, 32, 32, 48, 112]);
        let row = Row {
            raw: &[b'x'; 100],
            fields: vec![
                ("a".into(), Value::Number("1".into())),
                ("b".into(), Value::Bool(true)),
                ("c".into(), Value::Null),
                ("a_longer_name_than_24_bytes".into(), Value::Text("".into())),
            ],
            shape: Shape::Record,
            origin: Origin { file: "a.log", line: 1 },
        };
        let list = allocated(4 * size_of::<(Box<str>, Option<Cell>)>());
        assert_eq!(Kept::of(&row, None).bytes(), 2 * size_of::<Kept>() + 112 + list + 3 * 32 + 48 + 32);
    }
}
