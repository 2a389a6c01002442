//! Names of fields, compiled once: which keys of a line they mean, in which order and unit, and of which type
//! they are. Everything that asks a line for a field asks through a [`Name`].

mod key_hashes;
mod lookup;
mod nearest;
mod nested;
#[cfg(test)]
mod tests;

pub use key_hashes::{KeyHashes, key_hash};
pub use nearest::nearest;

use crate::number;
use crate::row::{Row, Shape};
use crate::time;
use crate::value::Value;
use access_record::field::{Alias, FIELDS, Field, Schema, Type, Unit};
use jiff::tz::TimeZone;
use lookup::{at_top, contract_value, flag, keys_of_others};
use std::borrow::Cow;
use std::sync::Arc;

/// The fields that a line has for where it stands, whatever its format.
const VIRTUAL: [&str; 3] = ["_file", "_line", "_raw"];

/// Beside this key `duration` is Envoy's, in milliseconds, where others have seconds.
const ENVOYS: &str = "response_flags";

/// Under this key nginx's logs often have the first line of a request as one text, and nothing of it apart.
const REQUEST: &str = "request";

/// Whether a field is a part of that line.
fn is_of_request(field: &Field) -> bool {
    matches!(field.name, "method" | "path" | "query" | "http_version")
}

/// The name of a field as a query means it.
#[derive(Clone, Debug)]
pub struct Name {
    text: String,
    kind: Kind,
    /// Shared, so that rows can name their fields by the very text that is looked for.
    first_key: Option<Arc<str>>,
    /// Those of its keys at the top.
    tops: KeyHashes,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// A field of the contract. If it was asked for by the name that some other log writes, this name goes
    /// before all others: what stands in a line can be asked for as it stands there. Not so the names of durations
    /// and times, whose unit in a foreign line is a guess: beside them the field's own name is surer.
    /// With the keys that a line can have for the field's other names.
    Contract(&'static Field, Option<&'static Alias>, KeyHashes),
    /// `flags.name`: the variant of one flag.
    Flag,
    File,
    Line,
    Raw,
    /// No field of the contract: found at the top, by dotted path, or among the notes.
    Free,
    /// A column of a table that a stage made.
    Column(Ty, Option<&'static Field>),
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ty {
    /// As the contract says.
    Contract(Type),
    /// Unknown: each value speaks for itself.
    Free,
}

/// A value that was found, and the unit its key has.
#[derive(Clone, Debug, PartialEq)]
pub struct Found<'r> {
    /// The value; never null.
    pub value: Value<'r>,
    /// The unit of the key that was found.
    pub unit: Unit,
}

impl Name {
    /// Compiles a name. Every text is one.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let is_it =
            |field: &&Field| field.name == text || field.aliases.iter().any(|alias| alias.name == text);
        let kind = match text.as_str() {
            "_file" => Kind::File,
            "_line" => Kind::Line,
            "_raw" => Kind::Raw,
            _ if text.starts_with("flags.") => Kind::Flag,
            _ => FIELDS.iter().find(is_it).map_or(Kind::Free, |field| {
                let written = |alias: &&Alias| {
                    alias.name == text && alias.schema != Schema::Short && alias.unit == Unit::Same
                };
                Kind::Contract(field, field.aliases.iter().find(written), keys_of_others(field))
            }),
        };
        let first_key = kind.first_key(&text).map(Into::into);
        Self { text, kind, first_key, tops: KeyHashes::default() }.with_tops()
    }

    /// The name of a column of a table: found under exactly this name, in the column's own unit. With the field of the
    /// contract whose values it has, if they are one's.
    pub fn column(text: &str, ty: Ty, field: Option<&'static Field>) -> Self {
        Self {
            text: text.to_owned(),
            kind: Kind::Column(ty, field),
            first_key: None,
            tops: KeyHashes::default(),
        }
        .with_tops()
    }

    fn with_tops(mut self) -> Self {
        let mut tops = KeyHashes::default();
        for key in self.top_keys() {
            tops.insert(key_hash(key.as_bytes()));
        }
        self.tops = tops;
        self
    }

    /// The name as it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its type, which decides how its values compare.
    pub fn ty(&self) -> Ty {
        match self.kind {
            Kind::Contract(field, ..) => Ty::Contract(field.ty),
            Kind::Line => Ty::Contract(Type::Integer),
            Kind::File | Kind::Raw => Ty::Contract(Type::Text),
            Kind::Flag | Kind::Free => Ty::Free,
            Kind::Column(ty, _) => ty,
        }
    }

    /// The field of the contract that it means, if any.
    pub fn contract(&self) -> Option<&'static Field> {
        match self.kind {
            Kind::Contract(field, ..) => Some(field),
            Kind::Column(_, field) => field,
            _ => None,
        }
    }

    /// The key that decides: where it stands at the top of a line with a value that is not null, this is the
    /// field's value, in the field's own unit, whatever else the line has. None for names without such a key.
    #[inline]
    pub fn first_key(&self) -> Option<&Arc<str>> {
        self.first_key.as_ref()
    }

    /// What every key ends with under which a line can have the field, at the top or below. Empty for names
    /// that need no key.
    pub fn key_ends(&self) -> Vec<&str> {
        let end = |key| -> &str { str::rsplit(key, '.').next().unwrap_or(key) };
        match self.kind {
            Kind::Contract(field, ..) => std::iter::once(field.name)
                .chain(field.aliases.iter().map(|alias| alias.name))
                .chain(is_of_request(field).then_some(REQUEST))
                .map(end)
                .collect(),
            Kind::Flag => vec![end(&self.text), "flags"],
            Kind::Free => vec![end(&self.text)],
            Kind::File | Kind::Line | Kind::Raw | Kind::Column(..) => Vec::new(),
        }
    }

    /// Every key at the top of a line of which the field's value can hang: its own, those of its other names, and those
    /// of objects in which one of them can stand.
    pub fn top_keys(&self) -> Vec<&str> {
        let names: Vec<&str> = match self.kind {
            Kind::Contract(field, ..) => std::iter::once(field.name)
                .chain(field.aliases.iter().map(|alias| alias.name))
                .chain((field.name == "duration_us").then_some(ENVOYS))
                .chain(is_of_request(field).then_some(REQUEST))
                .collect(),
            Kind::Flag => vec![&self.text, "flags"],
            Kind::Free => vec![&self.text, "notes"],
            Kind::Column(..) => vec![&self.text],
            Kind::File | Kind::Line | Kind::Raw => Vec::new(),
        };
        let above = |name: &str| name.match_indices('.').map(|(dot, _)| dot).collect::<Vec<_>>();
        names
            .into_iter()
            .flat_map(|name| {
                above(name).into_iter().map(|dot| &name[..dot]).chain([name]).collect::<Vec<_>>()
            })
            .collect()
    }

    /// Whether it says where a line stands, or is the line, whatever is in it.
    pub fn is_virtual(&self) -> bool {
        matches!(self.kind, Kind::File | Kind::Line | Kind::Raw)
    }

    /// Whether its value is the number of the line.
    pub fn is_line_number(&self) -> bool {
        matches!(self.kind, Kind::Line)
    }

    /// Whether it is a field that logq knows, by any name.
    pub fn is_known(&self) -> bool {
        !matches!(self.kind, Kind::Free)
    }

    /// The unit that the name itself says, so that a plain number may be compared with it: `duration_us`,
    /// `duration_ms`, `bytes_out`. None for `duration`, `request_time` or `size`.
    pub fn unit(&self) -> Option<Unit> {
        match self.ty() {
            Ty::Contract(Type::DurationMicros) => {
                [("_us", Unit::Same), ("_ms", Unit::Millis), ("_ns", Unit::Nanos)]
                    .into_iter()
                    .find_map(|(end, unit)| self.text.ends_with(end).then_some(unit))
            }
            Ty::Contract(Type::SizeBytes) => self.text.contains("bytes").then_some(Unit::Same),
            _ => None,
        }
    }

    /// The value that a row has under this name. Of the names of one field the first present counts: the one that
    /// was typed if logs are written with it, its own, then the others in the order of the table, objects only if there is
    /// nothing else; a literal key beats a nested path; null is not present.
    /// Names outside the contract are also looked for among the notes. Lines of unknown shape have no fields.
    #[inline]
    pub fn find<'r>(&self, row: &'r Row<'_>) -> Option<Found<'r>> {
        match self.decisive(row) {
            Some(value) => Some(Found { value: value.borrowed(), unit: Unit::Same }),
            None => self.search(row),
        }
    }

    /// The value under the key that decides, if it is there and no object, in the field's own unit. Most values are
    /// found so, and nothing is copied.
    #[inline]
    pub fn decisive<'r>(&self, row: &'r Row<'_>) -> Option<&'r Value<'r>> {
        let value = row.get(self.first_key()?)?;
        let is_other = match value {
            Value::Null => true,
            Value::Nested(json) => json.starts_with('{'),
            _ => false,
        };
        (!is_other).then_some(value)
    }

    /// The value wherever it can stand.
    fn search<'r>(&self, row: &'r Row<'_>) -> Option<Found<'r>> {
        // Where fields were told by their own keys, another one is no sign.
        let is_whole = row.shape == Shape::Record;
        if row.shape == Shape::Unknown || !is_whole && !self.is_virtual() {
            return None;
        }
        if !self.is_virtual() && !row.fields.iter().any(|(key, _)| self.tops.may_have(key)) {
            return None;
        }
        let same = |value| Found { value, unit: Unit::Same };
        match self.kind {
            Kind::Contract(field, typed, others) => contract_value(row, field, typed, others),
            Kind::File => Some(same(Value::Text(Cow::Borrowed(row.origin.file)))),
            Kind::Line => Some(same(Value::Text(Cow::Owned(row.origin.line.to_string())))),
            Kind::Raw => Some(same(Value::Text(String::from_utf8_lossy(row.raw)))),
            Kind::Column(..) => {
                row.get(&self.text).filter(|value| !value.is_null()).map(Value::borrowed).map(same)
            }
            Kind::Flag => {
                at_top(row, &self.text).or_else(|| flag(row, &self.text["flags.".len()..])).map(same)
            }
            Kind::Free => at_top(row, &self.text)
                .or_else(|| match row.get("notes")? {
                    Value::Nested(notes) => nested::at_path(notes, &self.text),
                    _ => None,
                })
                .map(same),
        }
    }

    /// The value alone, as it stands in the line.
    pub fn resolve<'r>(&self, row: &'r Row<'_>) -> Option<Value<'r>> {
        self.find(row).map(|found| found.value)
    }

    /// Whether the row has the field and its value, or any element of it if it is an array, passes.
    pub fn any(&self, row: &Row<'_>, mut test: impl FnMut(&Value<'_>) -> bool) -> bool {
        self.find(row).is_some_and(|found| found.any(&mut test))
    }

    /// The field's value as a duration in microseconds (cut, not rounded), whatever unit its key has. `None` for
    /// fields that are no durations by the contract.
    pub fn duration_us(&self, row: &Row<'_>) -> Option<i64> {
        if self.ty() != Ty::Contract(Type::DurationMicros) {
            return None;
        }
        self.find(row)?.duration_us()
    }

    /// The field's value as a point in time, in microseconds since 1970; a time without a zone is UTC.
    pub fn time_us(&self, row: &Row<'_>) -> Option<i64> {
        self.time_us_in(row, &TimeZone::UTC)
    }

    /// As [`time_us`](Self::time_us), a time without a zone being in this one.
    pub fn time_us_in(&self, row: &Row<'_>, assume: &TimeZone) -> Option<i64> {
        match self.decisive(row) {
            Some(value) => time::of_text(value.scalar()?, assume),
            None => time::of_text(self.search(row)?.value.scalar()?, assume),
        }
    }
}

impl Kind {
    fn first_key<'k>(&self, text: &'k str) -> Option<&'k str> {
        match self {
            Self::Contract(field, ..) if field.name == "http_version" => None,
            Self::Contract(_, Some(alias), _) => Some(alias.name),
            Self::Contract(field, None, _) => Some(field.name),
            Self::Flag | Self::Free => Some(text),
            Self::File | Self::Line | Self::Raw | Self::Column(..) => None,
        }
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Name {}

impl Found<'_> {
    /// The value as a duration in microseconds (cut, not rounded), in the unit of its key or its own.
    pub fn duration_us(&self) -> Option<i64> {
        let text = self.value.scalar()?;
        match nanos_shift(self.unit).filter(|_| number::is_number(text)) {
            Some(shift) => number::whole(text, shift - 3),
            None => time::parse_duration(text).ok().map(|nanos| nanos / 1000),
        }
    }

    /// Whether the value passes or, of an array, any element that is not null.
    pub fn any(&self, test: &mut dyn FnMut(&Value<'_>) -> bool) -> bool {
        match &self.value {
            Value::Nested(json) if json.starts_with('[') => {
                nested::any_element(json, &mut |value| !value.is_null() && test(value))
            }
            value => test(value),
        }
    }
}

/// All names that logq knows: of fields, of others for them, and of the virtual ones.
pub fn known_names() -> impl Iterator<Item = &'static str> {
    let names = |field: &'static Field| {
        std::iter::once(field.name).chain(field.aliases.iter().map(|alias| alias.name))
    };
    FIELDS.iter().flat_map(names).chain(VIRTUAL)
}

/// Whether any decoded text of the row passes, those inside objects and arrays included.
pub fn any_text(row: &Row<'_>, mut test: impl FnMut(&str) -> bool) -> bool {
    row.fields.iter().any(|(_, value)| match value {
        Value::Text(decoded) => test(decoded),
        Value::Nested(json) => nested::any_text(json, &mut test),
        _ => false,
    })
}

/// The power of ten that makes nanoseconds of a number in this unit; none if the number must say its unit.
pub(crate) fn nanos_shift(unit: Unit) -> Option<i64> {
    match unit {
        Unit::Same => Some(3),
        Unit::Seconds => Some(9),
        Unit::Millis => Some(6),
        Unit::Nanos => Some(0),
        Unit::Written | Unit::AnyTime => None,
    }
}
