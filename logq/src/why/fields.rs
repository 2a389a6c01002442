//! Which fields of a record may be a reason, and under which one name: not what the query asks for, nor what merely
//! tells again how the request ended, nor what every request has of its own.

use super::request::hash;
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
/// Levels of nested objects that are looked into.
const LEVELS_MAX: u32 = 4;

/// What may be a reason.
#[derive(Clone, Debug)]
pub struct Fields {
    left_out: Vec<String>,
    roles: HashMap<String, Role>,
    /// By their hashes.
    names: HashMap<u64, String>,
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
    /// Its value, under the name with this hash.
    Value(u64),
}

impl Fields {
    /// All but those of a query, and those that are named.
    pub fn but<'n>(names: impl IntoIterator<Item = &'n Name>) -> Self {
        let canonical = |name: &Name| name.contract().map_or(name.text(), |field| field.name).to_owned();
        let left_out = names.into_iter().map(canonical).collect();
        Self { left_out, roles: HashMap::new(), names: HashMap::new() }
    }

    /// The name of a field by its hash.
    pub(super) fn name(&self, field: u64) -> &str {
        self.names.get(&field).map_or("", String::as_str)
    }

    /// Learns the names that somebody else has met.
    pub(super) fn merge(&mut self, other: Self) {
        self.names.extend(other.names);
    }

    /// Gives every field and value of a row that may be a reason.
    pub(super) fn each(&mut self, row: &Row<'_>, give: &mut dyn FnMut(u64, &Value<'_>)) {
        for (key, value) in &row.fields {
            self.member(key, value, LEVELS_MAX, give);
        }
    }

    fn member(&mut self, path: &str, value: &Value<'_>, levels: u32, give: &mut dyn FnMut(u64, &Value<'_>)) {
        let role = self.roles.get(path).copied().unwrap_or_else(|| self.learn(path));
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

    fn flags(&mut self, json: &str, give: &mut dyn FnMut(u64, &Value<'_>)) {
        for flag in json::texts(json).unwrap_or_default() {
            let (name, variant) = flag.split_once('=').unwrap_or((&flag, ""));
            let path = format!("flags.{name}");
            self.member(&path, &Value::Text(Cow::Borrowed(variant)), 1, give);
        }
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
                let field = hash(text.as_bytes());
                if !self.names.contains_key(&field) {
                    if self.names.len() >= NAMES_MAX {
                        return Role::LeftOut;
                    }
                    self.names.insert(field, text.to_owned());
                }
                Role::Value(field)
            }
        };
        if self.roles.len() < 2 * NAMES_MAX {
            self.roles.insert(path.to_owned(), role);
        }
        role
    }
}
