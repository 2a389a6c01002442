//! Which fields of a record may be a reason, and under which one name: not what the query asks for, nor what merely
//! tells again how the request ended, nor what every request has of its own.

use super::request::{hash, mix};
use crate::field::Name;
use crate::json;
use crate::row::Row;
use crate::value::Value;
use access_record::field::{Type, Unit};
use std::borrow::Cow;
use std::collections::HashMap;

/// Fields of the contract that tell how a request ended, which one it is, or how it was written down.
const NO_REASONS: &[&str] = &[
    "v",
    "kind",
    "level",
    "instance",
    "seq",
    "request_id",
    "trace_id",
    "span_id",
    "parent_id",
    "status",
    "outcome",
    "bytes_out",
    "grpc_status",
    "message",
    "target",
    "error",
    "sample_rate",
    "notes_dropped",
    "truncated",
    "lost",
    "seq_first",
    "seq_last",
    "reason",
    "made",
    "written",
    "dropped",
    "late_notes",
];
/// What names of durations end with, where they are notes.
const DURATION_ENDS: [&str; 4] = ["_us", "_ms", "_ns", "_seconds"];
/// Names that are known; a log that has more makes its names out of data.
const NAMES_MAX: usize = 1000;
/// Keys whose roles are known again at once, a power of two.
const FIRST: usize = 1 << 8;
/// Bytes of such a key.
const FIRST_BYTES_MAX: usize = 64;
/// Levels of nested objects that are looked into.
const LEVELS_MAX: u32 = 4;

/// What may be a reason.
#[derive(Clone, Debug)]
pub struct Fields {
    left_out: Vec<String>,
    roles: HashMap<String, Role>,
    /// Roles of the keys that were met first, by a few bytes of theirs.
    first: Vec<Option<(Box<str>, Role)>>,
    names: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u16>,
}

/// A field that may be a reason.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    /// Its number among those that were met here.
    pub(super) number: u16,
    /// The hash of its name, which is the same everywhere.
    pub(super) hash: u64,
}

/// What is done with a key.
#[derive(Clone, Copy, Debug)]
enum Role {
    /// It is no reason.
    LeftOut,
    /// `["name=variant", …]`.
    Flags,
    /// Its members are looked at under their own names.
    Notes,
    /// Its value is looked at.
    Value(Field),
}

impl Fields {
    /// All but those of a query, and those that are named.
    pub fn but<'n>(names: impl IntoIterator<Item = &'n Name>) -> Self {
        let canonical = |name: &Name| name.contract().map_or(name.text(), |field| field.name).to_owned();
        let left_out = names.into_iter().map(canonical).collect();
        Self {
            left_out,
            roles: HashMap::new(),
            first: vec![None; FIRST],
            names: Vec::new(),
            numbers: HashMap::new(),
        }
    }

    /// The name of a field.
    pub(super) fn name(&self, number: u16) -> &str {
        self.names.get(usize::from(number)).map_or("", |name| name)
    }

    /// Learns the names that somebody else has met, and gives the number here of each of theirs.
    pub(super) fn merge(&mut self, other: &Self) -> Vec<u16> {
        other.names.iter().map(|name| self.number(name)).collect()
    }

    fn number(&mut self, name: &str) -> u16 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u16::try_from(self.names.len()).unwrap_or(u16::MAX);
        self.names.push(name.into());
        self.numbers.insert(name.into(), number);
        number
    }

    /// Gives every field and value of a row that may be a reason.
    pub(super) fn each(&mut self, row: &Row<'_>, give: &mut dyn FnMut(Field, &Value<'_>)) {
        for (key, value) in &row.fields {
            self.member(key, value, LEVELS_MAX, give);
        }
    }

    fn member(
        &mut self,
        path: &str,
        value: &Value<'_>,
        levels: u32,
        give: &mut dyn FnMut(Field, &Value<'_>),
    ) {
        let role = self.role(path);
        match (role, value) {
            (Role::LeftOut, _) | (_, Value::Null) => {}
            (Role::Flags, Value::Nested(json)) => self.flags(json, give),
            (Role::Notes, Value::Nested(notes)) if notes.starts_with('{') => {
                for (name, value) in json::members(notes).unwrap_or_default() {
                    self.member(&name, &value, levels - 1, give);
                }
            }
            (_, Value::Nested(inner)) if inner.starts_with('{') && levels > 1 => {
                for (name, value) in json::members(inner).unwrap_or_default() {
                    self.member(&format!("{path}.{name}"), &value, levels - 1, give);
                }
            }
            (Role::Value(_), Value::Nested(_)) | (Role::Flags | Role::Notes, _) => {}
            (Role::Value(field), value) => give(field, value),
        }
    }

    fn flags(&mut self, json: &str, give: &mut dyn FnMut(Field, &Value<'_>)) {
        for flag in json::texts(json).unwrap_or_default() {
            let (name, variant) = flag.split_once('=').unwrap_or((&flag, ""));
            let path = format!("flags.{name}");
            self.member(&path, &Value::Text(Cow::Borrowed(variant)), 1, give);
        }
    }

    fn role(&mut self, path: &str) -> Role {
        let slot = slot(path);
        if let Some((known, role)) = &self.first[slot]
            && **known == *path
        {
            return *role;
        }
        let role = self.roles.get(path).copied().unwrap_or_else(|| self.learn(path));
        // Two keys of one place must not take it from each other in every line.
        if path.len() <= FIRST_BYTES_MAX {
            self.first[slot].get_or_insert_with(|| (path.into(), role));
        }
        role
    }

    fn learn(&mut self, path: &str) -> Role {
        let name = Name::new(path);
        let field = name.contract();
        let text = field.map_or(path, |field| field.name);
        let is_duration = field.map_or_else(
            || DURATION_ENDS.iter().any(|end| path.ends_with(end)),
            |field| matches!(field.ty, Type::DurationMicros | Type::Time),
        );
        let is_left_out = is_duration
            || NO_REASONS.contains(&text)
            || self.left_out.iter().any(|left_out| left_out == text)
            // What others write in words, such as a status with its reason, tells it again.
            || field.is_some_and(|field| field.aliases.iter().any(|alias| alias.name == path && alias.unit == Unit::Written));
        let role = match text {
            _ if is_left_out => Role::LeftOut,
            "flags" => Role::Flags,
            "notes" => Role::Notes,
            _ => {
                if self.names.len() >= NAMES_MAX && !self.numbers.contains_key(text) {
                    return Role::LeftOut;
                }
                Role::Value(Field { number: self.number(text), hash: mix(hash(text.as_bytes())) })
            }
        };
        if self.roles.len() < 2 * NAMES_MAX {
            self.roles.insert(path.to_owned(), role);
        }
        role
    }
}

/// Where the role of a key may be known at once.
fn slot(path: &str) -> usize {
    let bytes = path.as_bytes();
    let at = |place: usize| bytes.get(place).copied().map_or(0, usize::from);
    let (len, last) = (bytes.len(), bytes.len().wrapping_sub(1));
    (len.wrapping_mul(37) ^ at(0).wrapping_mul(11) ^ at(last).wrapping_mul(101) ^ at(len / 2)) % FIRST
}
