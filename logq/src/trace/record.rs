//! What a trace needs of a record, kept while the file it stood in is long gone: bounded texts.

use crate::facts::{self, Facts};
use crate::field::Name;
use crate::json;
use crate::level;
use crate::row::Row;
use crate::value::Value;
use access_record::Kind;
use access_record::notes::cut;
use std::borrow::Cow;
use std::sync::Arc;

/// Bytes kept of a text that is only shown. Ids are kept whole or not at all.
const TEXT_BYTES_MAX: usize = 1024;
/// Notes and flags kept of a record.
const NOTES_MAX: usize = 32;

/// Fields of what is shown, and of what it is shown by.
const SHOWN: [&str; 22] = [
    "ts",
    "duration_us",
    "request_id",
    "trace_id",
    "span_id",
    "parent_id",
    "service",
    "host",
    "level",
    "method",
    "authority",
    "path",
    "route",
    "status",
    "outcome",
    "message",
    "error",
    "user_id",
    "api_key",
    "api_method",
    "release",
    "client_ip",
];

/// What a record is to a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// A request, seen by the service that answered it.
    Access,
    /// A request, seen by the service that made it.
    Call,
    /// The beginning of a request.
    Start,
    /// Something that was said meanwhile.
    Event,
}

/// A record of a request. Absent means unknown.
#[derive(Clone, Debug)]
pub struct Record {
    /// What it is to the trace.
    pub role: Role,
    /// When it was made, in microseconds since 1970: for requests and calls that is their end. In a
    /// [`Trace`](super::Trace) the error of its clock is taken off.
    pub ts_us: Option<i64>,
    /// How much was taken off `ts_us`, because its clock was ahead of the others.
    pub shift_us: i64,
    /// How long it took, in microseconds.
    pub duration_us: Option<u64>,
    /// Which record of which log it is, so that a copy is known as one.
    pub identity: Option<(String, String)>,
    /// The ids it has.
    pub request_id: Option<String>,
    /// See `request_id`.
    pub trace_id: Option<String>,
    /// See `request_id`.
    pub span_id: Option<String>,
    /// See `request_id`.
    pub parent_id: Option<String>,
    /// Who wrote it.
    pub service: Option<String>,
    /// On which machine.
    pub host: Option<String>,
    /// The file it stood in.
    pub file: Arc<str>,
    /// In which line of it, counted from 1.
    pub line: u64,
    /// How loud it is.
    pub level: Option<String>,
    /// HTTP method.
    pub method: Option<String>,
    /// Host and port that were asked for.
    pub authority: Option<String>,
    /// The path, as it was asked for.
    pub path: Option<String>,
    /// The route template.
    pub route: Option<String>,
    /// Response status.
    pub status: Option<String>,
    /// How it ended.
    pub outcome: Option<String>,
    /// What an event says.
    pub message: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
    /// Who asked.
    pub user_id: Option<String>,
    /// With which key, as a fingerprint.
    pub api_key: Option<String>,
    /// For what.
    pub api_method: Option<String>,
    /// The deployed version that answered.
    pub release: Option<String>,
    /// For how many records it stands, where others like it were left out by sampling.
    pub sample_rate: Option<String>,
    /// The feature flags that the request saw.
    pub flags: Vec<String>,
    /// What was noted; of an event its fields.
    pub notes: Vec<(String, String)>,
}

impl Record {
    /// What a row is to a trace.
    pub fn of(row: &Row<'_>, facts: &Facts) -> Self {
        let plain = without_notes(row);
        let text = |name: &Name| facts::text(name, &plain).map(|text| bounded(&text));
        let id = |name: &Name| {
            let id = facts::text(name, &plain)?;
            (id.len() <= TEXT_BYTES_MAX).then(|| id.into_owned())
        };
        Self {
            role: role(&plain, facts),
            ts_us: facts.time_us(&plain),
            shift_us: 0,
            duration_us: facts.duration_us(&plain),
            identity: id(&facts.instance).zip(id(&facts.seq)),
            request_id: id(&facts.request_id),
            trace_id: id(&facts.trace_id),
            span_id: id(&facts.span_id),
            parent_id: id(&facts.parent_id),
            service: text(&facts.service),
            host: text(&facts.host),
            file: row.origin.file.into(),
            line: row.origin.line,
            level: text(&facts.level),
            method: text(&facts.method),
            authority: text(&facts.authority),
            path: text(&facts.path),
            route: text(&facts.route),
            status: text(&facts.status),
            outcome: text(&facts.outcome),
            message: text(&facts.message),
            error: text(&facts.error),
            user_id: text(&facts.user_id),
            api_key: text(&facts.api_key),
            api_method: text(&facts.api_method),
            release: text(&facts.release),
            sample_rate: text(&facts.sample_rate),
            flags: flags(row),
            notes: notes(row),
        }
    }

    /// The fields that are looked at.
    pub fn fields() -> Vec<Name> {
        let others = ["instance", "seq", "flags", "notes", "lost", "reason", "kind", "sample_rate"];
        let names = SHOWN.iter().chain(&others);
        names.map(|name| Name::new(*name)).collect()
    }

    /// What can be told apart as a writer of records: the service, or else the file.
    pub fn writer(&self) -> &str {
        self.service.as_deref().unwrap_or(&self.file)
    }

    /// From when to when a request or a call ran, in microseconds since 1970; `None` where that is unknown.
    pub fn window_us(&self) -> Option<(i64, i64)> {
        self.duration_us?;
        Some((self.start_us()?, self.ts_us?))
    }

    /// How bad its ending was, as a level: what the record says, or what its status and outcome say, where that
    /// is worse than nothing.
    pub fn severity(&self) -> &str {
        let level = self.level.as_deref().unwrap_or("info");
        if level::rank(level).is_none_or(|rank| rank > 3) {
            return level;
        }
        let class = self.status.as_deref().filter(|status| status.len() == 3);
        match (self.outcome.as_deref(), class.map(|status| status.as_bytes()[0])) {
            (Some("error" | "panic" | "body_error"), _) | (_, Some(b'5')) => "error",
            (Some("cancelled" | "aborted"), _) | (_, Some(b'4')) => "warn",
            // Nobody knows how it ended.
            _ if self.role == Role::Start => "warn",
            _ => level,
        }
    }

    /// When it began, in microseconds since 1970, but for clock steps.
    pub fn start_us(&self) -> Option<i64> {
        let duration_us = i64::try_from(self.duration_us.unwrap_or(0)).unwrap_or(i64::MAX);
        Some(self.ts_us?.saturating_sub(duration_us))
    }
}

/// Records that were dropped by their writer.
#[derive(Clone, Debug)]
pub struct Loss {
    /// When that was written, in microseconds since 1970.
    pub ts_us: i64,
    /// By whom.
    pub service: Option<String>,
    /// How many.
    pub lost: String,
    /// Why.
    pub reason: Option<String>,
}

impl Loss {
    /// The loss that a row tells of, if it does.
    pub fn of(row: &Row<'_>, facts: &Facts) -> Option<Self> {
        if facts::text(&facts.kind, row)? != Kind::Loss.as_str() {
            return None;
        }
        Some(Self {
            ts_us: facts.time_us(row)?,
            service: facts::text(&facts.service, row).map(|text| bounded(&text)),
            lost: bounded(&facts::text(&facts.lost, row)?),
            reason: facts::text(&facts.reason, row).map(|text| bounded(&text)),
        })
    }
}

/// Other people's records have no kind: one that tells how a request ended is a request.
fn role(row: &Row<'_>, facts: &Facts) -> Role {
    let kind = facts::text(&facts.kind, row);
    let tells_an_end = || facts.status.resolve(row).is_some() || facts.duration_us.resolve(row).is_some();
    match kind.as_deref().and_then(Kind::parse) {
        Some(Kind::Call) => Role::Call,
        Some(Kind::Start) => Role::Start,
        Some(Kind::Access) => Role::Access,
        Some(_) => Role::Event,
        None => {
            if tells_an_end() {
                Role::Access
            } else {
                Role::Event
            }
        }
    }
}

/// The row without what no other field can stand in: names with dots are not looked for there, again and again.
fn without_notes<'r>(row: &'r Row<'_>) -> Row<'r> {
    let is_other = |(key, _): &&(Cow<'_, str>, Value<'_>)| key != "notes" && key != "flags";
    let others = row.fields.iter().filter(is_other);
    let mut fields = Vec::with_capacity(row.fields.len());
    fields.extend(others.map(|(key, value)| (Cow::Borrowed(key.as_ref()), value.borrowed())));
    Row { raw: row.raw, fields, shape: row.shape, origin: row.origin }
}

fn flags(row: &Row<'_>) -> Vec<String> {
    let Some(Value::Nested(flags)) = row.get("flags") else {
        return Vec::new();
    };
    let flags = json::texts(flags).unwrap_or_default();
    flags.iter().take(NOTES_MAX).map(|flag| bounded(flag)).collect()
}

fn notes(row: &Row<'_>) -> Vec<(String, String)> {
    let Some(Value::Nested(notes)) = row.get("notes") else {
        return Vec::new();
    };
    let members = json::members(notes).unwrap_or_default();
    let texts = members
        .into_iter()
        .filter_map(|(name, value)| (!value.is_null()).then(|| (bounded(&name), bounded(value.text()))));
    texts.take(NOTES_MAX).collect()
}

/// As much of a text as is kept; that it is not all is seen.
fn bounded(text: &str) -> String {
    let kept = cut(text, TEXT_BYTES_MAX);
    if kept.len() < text.len() { format!("{kept}…") } else { kept.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::row;

    /// With the fields that are named a record is the same as with all that its line has.
    #[test]
    fn all_fields_that_are_looked_at_are_named() {
        let mut line = serde_json::Map::new();
        for field in access_record::field::FIELDS {
            line.insert(field.name.to_owned(), "7".into());
        }
        line.insert("flags".to_owned(), serde_json::json!(["a=b"]));
        line.insert("notes".to_owned(), serde_json::json!({"a": "b"}));
        line.insert("kind".to_owned(), "access".into());
        line.insert("ts".to_owned(), "2026-11-21T04:00:00Z".into());
        let line = serde_json::Value::Object(line).to_string();
        let whole = row(&line);
        let mut fields = Vec::new();
        let wanted = crate::scan::Wanted::new(&Record::fields());
        assert!(wanted.reader(line.as_bytes()).read(line.as_bytes(), &mut fields).is_some());
        assert!(fields.len() < whole.fields.len());
        let part = Row { fields, ..row(&line) };
        let of = |row: &Row<'_>| format!("{:?}", Record::of(row, &Facts::new()));
        assert_eq!(of(&part), of(&whole));
    }

    #[test]
    fn a_text_that_is_not_kept_whole_says_so() {
        for (len, kept) in
            [(TEXT_BYTES_MAX, TEXT_BYTES_MAX), (TEXT_BYTES_MAX + 1, TEXT_BYTES_MAX + "…".len())]
        {
            let record = Record::of(&row(&format!(r#"{{"error":"{}"}}"#, "x".repeat(len))), &Facts::new());
            let error = record.error.unwrap_or_default();
            assert_eq!((error.len(), error.ends_with('…')), (kept, len != kept), "{len}");
        }
    }

    #[test]
    fn how_bad_an_ending_was_is_told_by_the_worst_that_is_known() {
        let rows = [
            (r#"{"kind":"access","status":200}"#, "info"),
            (r#"{"kind":"access","status":404}"#, "warn"),
            (r#"{"kind":"access","level":"info","status":404}"#, "warn"),
            (r#"{"kind":"access","level":"info","status":503}"#, "error"),
            (r#"{"kind":"access","level":"fatal","status":200}"#, "fatal"),
            (r#"{"kind":"access","status":200,"outcome":"aborted"}"#, "warn"),
            (r#"{"kind":"access","outcome":"panic"}"#, "error"),
            (r#"{"kind":"access","status":"5"}"#, "info"),
            (r#"{"kind":"start"}"#, "warn"),
            (r#"{"kind":"event","level":"odd"}"#, "odd"),
        ];
        for (line, severity) in rows {
            assert_eq!(Record::of(&row(line), &Facts::new()).severity(), severity, "{line}");
        }
    }
}
