//! Where in a line to read a field stands. What somebody looks for at 04:08 is there: who asked, with
//! which key, for what, which request it was, and what the code noted. What says where and how the record
//! was made, and what the request's other fields say already, is folded. Fields that are not in the
//! contract were logged because somebody wanted them, and are all there.

use crate::facts::{self, Facts};
use crate::row::Row;
use crate::value::Value;
use access_record::Kind;
use access_record::field::{FIELDS, Field, field};

/// The place of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the sentence that the line begins with: time, level, service, request and how it ended.
    Sentence,
    /// Behind it as `name=value`, in this order.
    Pair(usize),
    /// Among those that are only counted.
    Folded,
}

/// Fields of the contract that are shown behind the sentence, in order; those that have something to say
/// only at times, only then. Every other one that is not in the sentence is folded.
const PAIRS: &[&str] = &[
    "kind",
    "authority",
    "client_ip",
    "peer_ip",
    "query",
    "api_method",
    "api_key",
    "request_id",
    "trace_id",
    "grpc_status",
    "lost",
    "seq_first",
    "seq_last",
    "reason",
    "made",
    "written",
    "dropped",
    "late_notes",
    "sample_rate",
    "notes_dropped",
    "truncated",
    "flags",
    "ts",
    "level",
    "service",
    "method",
    "path",
    "status",
    "duration_us",
    "outcome",
    "user_id",
    "message",
    "error",
];

/// Behind all of [`PAIRS`]: what is not in the contract, and the notes, as they stand in the line.
const REST: Place = Place::Pair(PAIRS.len());

/// The place of a row's field, by the key it has there.
pub(super) fn of(row: &Row<'_>, facts: &Facts, key: &str, value: &Value<'_>) -> Place {
    let Some(field) = field_of(key) else { return REST };
    let Some(pair) = PAIRS.iter().position(|name| *name == field.name) else {
        return if field.name == "notes" { REST } else { Place::Folded };
    };
    if value.is_null() {
        return Place::Folded;
    }
    if key_of(row, field) != Some(key) {
        // The row has the field twice, and another key's value is the field's: this one stands for itself.
        return REST;
    }
    if is_in_sentence(row, facts, field) {
        Place::Sentence
    } else if says_something(row, facts, field, value) {
        Place::Pair(pair)
    } else {
        Place::Folded
    }
}

/// The kind of a row that is said in the sentence: a request and an event are known by how they read.
pub(super) fn kind_word(row: &Row<'_>, facts: &Facts) -> Option<&'static str> {
    let kind = Kind::parse(&facts::text(&facts.kind, row)?)?;
    (!matches!(kind, Kind::Access | Kind::Event)).then(|| kind.as_str())
}

/// The field of the contract that a key of a line is.
fn field_of(key: &str) -> Option<&'static Field> {
    field(key).or_else(|| FIELDS.iter().find(|field| field.aliases.iter().any(|alias| alias.name == key)))
}

/// The key under which a row has a field of the contract: the first present one, in the table's order.
/// A nested one has no key of its own, and is shown again with what it stands in.
fn key_of<'r>(row: &'r Row<'_>, field: &Field) -> Option<&'r str> {
    std::iter::once(field.name)
        .chain(field.aliases.iter().map(|alias| alias.name))
        .find_map(|name| row.fields.iter().find(|(key, value)| key == name && !value.is_null()))
        .map(|(key, _)| key.as_ref())
}

/// Whether the sentence has the field: not where it cannot be read, such as a time that is none.
fn is_in_sentence(row: &Row<'_>, facts: &Facts, field: &Field) -> bool {
    let name = match field.name {
        "ts" => return facts.time_us(row).is_some(),
        "duration_us" => return facts.duration_us(row).is_some(),
        "kind" => return kind_word(row, facts).is_some(),
        "level" => &facts.level,
        "service" => &facts.service,
        "method" => &facts.method,
        "path" => &facts.path,
        "status" => &facts.status,
        "outcome" => &facts.outcome,
        "user_id" => &facts.user_id,
        "message" => &facts.message,
        "error" => &facts.error,
        _ => return false,
    };
    facts::text(name, row).is_some()
}

/// Whether a field that is shown at times has something to say in this row.
fn says_something(row: &Row<'_>, facts: &Facts, field: &Field, value: &Value<'_>) -> bool {
    match field.name {
        "kind" => Kind::parse(value.text()).is_none(),
        "authority" => facts::text(&facts.kind, row).as_deref() == Some(Kind::Call.as_str()),
        "peer_ip" => facts::text(&facts.client_ip, row).as_deref() != Some(value.text()),
        "trace_id" => facts::text(&facts.request_id, row).is_none(),
        "grpc_status" => value.text() != "0",
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::row;

    #[test]
    fn every_field_of_the_contract_has_a_place() {
        for name in PAIRS {
            assert!(field(name).is_some(), "{name}");
        }
        let folded: Vec<&str> = FIELDS
            .iter()
            .map(|field| field.name)
            .filter(|name| !PAIRS.contains(name) && *name != "notes")
            .collect();
        let expected = [
            "v",
            "instance",
            "host",
            "release",
            "span_id",
            "parent_id",
            "scheme",
            "http_version",
            "route",
            "bytes_out",
            "bytes_in",
            "head_us",
            "user_agent",
            "referer",
            "target",
            "seq",
        ];
        assert_eq!(folded, expected);
    }

    #[test]
    fn what_says_something_only_at_times_is_shown_only_then() {
        let pair = |name: &str| Place::Pair(PAIRS.iter().position(|pair| *pair == name).unwrap());
        let rows = [
            (r#"{"kind":"access"}"#, "kind", Place::Folded),
            (r#"{"kind":"event"}"#, "kind", Place::Folded),
            (r#"{"kind":"call"}"#, "kind", Place::Sentence),
            (r#"{"kind":"Pod"}"#, "kind", pair("kind")),
            (r#"{"authority":"a","kind":"access"}"#, "authority", Place::Folded),
            (r#"{"authority":"a","kind":"call"}"#, "authority", pair("authority")),
            (r#"{"peer_ip":"::1","client_ip":"::1"}"#, "peer_ip", Place::Folded),
            (r#"{"peer_ip":"::1","client_ip":"::2"}"#, "peer_ip", pair("peer_ip")),
            (r#"{"peer_ip":"::1"}"#, "peer_ip", pair("peer_ip")),
            (r#"{"trace_id":"t","request_id":"r"}"#, "trace_id", Place::Folded),
            (r#"{"trace_id":"t"}"#, "trace_id", pair("trace_id")),
            (r#"{"grpc_status":0}"#, "grpc_status", Place::Folded),
            (r#"{"grpc_status":14}"#, "grpc_status", pair("grpc_status")),
            (r#"{"ts":"soon"}"#, "ts", pair("ts")),
            (r#"{"duration":"long"}"#, "duration", pair("duration_us")),
            (r#"{"status":null,"response_code":500}"#, "status", Place::Folded),
            (r#"{"status":null,"response_code":500}"#, "response_code", Place::Sentence),
            (r#"{"status":200,"response_code":500}"#, "response_code", REST),
            (r#"{"hostname":"www1"}"#, "hostname", Place::Folded),
            (r#"{"x":1}"#, "x", REST),
        ];
        for (line, key, place) in rows {
            let row = row(line);
            assert_eq!(of(&row, &Facts::new(), key, row.get(key).unwrap()), place, "{line} {key}");
        }
    }
}
