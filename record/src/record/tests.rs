use super::*;
use crate::field::FIELDS;
use crate::notes::{NoteLimits, Scalar};

const LIMITS: NoteLimits = NoteLimits { count_max: 64, value_bytes_max: 1024, total_bytes_max: 8192 };

/// A record that has every field.
fn full() -> Record<'static> {
    let text = |text: &'static str| Some(Cow::Borrowed(text));
    let mut notes = NoteSet::default();
    let mut flags = FlagSet::default();
    let kept = [
        notes.set("album", Scalar::from(42), &LIMITS),
        notes.set("ratio", Scalar::from(0.5), &LIMITS),
        notes.set("cold", Scalar::from(true), &LIMITS),
        notes.set("delta", Scalar::from(-3), &LIMITS),
        notes.set("place", Scalar::from("a\nb"), &LIMITS),
        flags.set("new_search", "on", &LIMITS),
        flags.set("theme", "da\"rk", &LIMITS),
    ];
    assert!(kept.iter().all(|kept| *kept == crate::notes::Kept::Whole));
    Record {
        ts: Timestamp::from_micros(1_795_234_101_123_456),
        kind: Kind::Access,
        level: Level::Error,
        instance: InstanceId::parse("00000000000000aa"),
        service: text("photos"),
        host: text("www394"),
        release: text("2026.11.21-1"),
        request_id: text("req-1"),
        trace_id: TraceId::parse("4bf92f3577b34da6a3ce929d0e0e4736"),
        span_id: SpanId::parse("00f067aa0ba902b7"),
        parent_id: SpanId::parse("00f067aa0ba902b8"),
        client_ip: Some(IpAddr::from([203, 0, 113, 9])),
        peer_ip: Some(IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1])),
        user_id: text("5555"),
        api_key: text("k1:orueuicmoz6bgqc25rua"),
        api_method: text("flickr.photos.search"),
        method: text("GET"),
        scheme: text("https"),
        authority: text("example.org"),
        path: text("/photos/allspaw"),
        query: text("q=***"),
        http_version: text("1.1"),
        route: text("/photos/{user}"),
        status: Some(500),
        outcome: Some(Outcome::Ok),
        bytes_out: Some(18_233),
        bytes_in: Some(0),
        head_us: Some(100),
        duration_us: Some(173_663),
        grpc_status: Some(-1),
        user_agent: text("Mozilla/5.0"),
        referer: text("https://example.org/"),
        message: text("cache miss"),
        target: text("photos::cache"),
        error: text("no such album"),
        sample_rate: Some(10),
        lost: Some(3),
        seq_first: Some(4),
        seq_last: Some(6),
        reason: Some(LossReason::QueueFull),
        made: Some(9),
        written: Some(6),
        dropped: Some(3),
        late_notes: Some(8),
        notes_dropped: Some(1),
        truncated: Some(2),
        flags: Cow::Owned(flags),
        notes: Cow::Owned(notes),
    }
}

fn line(record: &Record<'_>, bytes_max: usize) -> String {
    let mut out = Vec::new();
    record.open(&mut out, bytes_max);
    close(&mut out, u64::MAX);
    String::from_utf8(out).unwrap()
}

#[test]
fn the_line_has_every_field_of_the_table_in_its_order() {
    let line = line(&full(), usize::MAX);
    let mut from = 0;
    for field in FIELDS {
        let key = format!("\"{}\":", field.name);
        let at = line[from..].find(&key).unwrap_or_else(|| panic!("{} after byte {from}", field.name));
        from += at + key.len();
    }
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&line).unwrap();
    assert_eq!(object.len(), FIELDS.len());
}

#[test]
fn written_and_read_back() {
    let record = full();
    let line = line(&record, usize::MAX);
    let (read, seq) = Record::parse(&line).unwrap();
    assert_eq!(read.notes.get("place"), Some(Scalar::Text("a\nb")));
    assert_eq!(seq, Some(u64::MAX));
    assert_eq!(Record { notes: record.notes.clone(), ..read }, record);
    assert_eq!(line.matches('\n').count(), 1);
}

#[test]
fn an_empty_record_is_short() {
    let record = Record::new(Timestamp::from_micros(0), Kind::Stop, Level::Info);
    assert_eq!(
        line(&record, 4096),
        "{\"v\":1,\"ts\":\"1970-01-01T00:00:00.000000Z\",\"kind\":\"stop\",\"level\":\"info\",\
         \"seq\":18446744073709551615}\n"
    );
}

/// At every bound the line is whole JSON, within the bound where that is possible, and counts what it lost.
#[test]
fn a_line_over_the_limit_loses_fields_from_the_end() {
    let record = full();
    let whole = line(&record, usize::MAX);
    let least = line(&record, 0).len();
    let mut fewest = usize::MAX;
    for bytes_max in (0..=whole.len()).rev() {
        let line = line(&record, bytes_max);
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&line).unwrap();
        assert!(line.len() <= bytes_max.max(least), "{} bytes at a bound of {bytes_max}", line.len());
        let lost = (FIELDS.len() - object.len()) as u64;
        assert_eq!(object["truncated"], 2 + lost, "at a bound of {bytes_max}: {line}");
        assert!(object.len() <= fewest);
        fewest = object.len();
        if lost > 0 {
            assert!(!object.contains_key("notes"));
        }
    }
    assert_eq!(fewest, 4 + 2, "v, ts, kind, level, truncated and seq");
}

#[test]
fn what_is_not_a_record_says_why() {
    let rows = [
        ("[]", "field \"{\": expected one JSON object"),
        ("{}", "field \"v\": expected version 1"),
        (r#"{"v":1}"#, "field \"ts\": expected to be there"),
        (r#"{"v":1,"ts":"yesterday"}"#, "field \"ts\": expected RFC 3339"),
        (
            r#"{"v":1,"ts":"1970-01-01T00:00:00Z","kind":"access","level":"info","status":99999}"#,
            "field \"status\": expected a whole number in range",
        ),
        (
            r#"{"v":1,"ts":"1970-01-01T00:00:00Z","kind":"access","level":"info","notes":{"A":1}}"#,
            "field \"A\": expected a name of [a-z][a-z0-9_]{0,63}",
        ),
    ];
    for (line, message) in rows {
        assert_eq!(Record::parse(line).unwrap_err().to_string(), message);
    }
}

#[test]
fn of_two_with_one_name_the_first_counts() {
    let line = r#"{"v":1,"ts":"1970-01-01T00:00:00Z","kind":"access","level":"info","status":200,"seq":1,"status":500,"notes":{"a":1,"a":2}}"#;
    let (record, _) = Record::parse(line).unwrap();
    assert_eq!((record.status, record.notes.get("a")), (Some(200), Some(Scalar::U64(1))));
}

#[test]
fn every_field_of_the_table_has_its_value_for_other_forms() {
    let record = full();
    for field in FIELDS.iter().filter(|field| field.name != "seq") {
        assert!(FieldValue::of(&record, field.name).is_some(), "{}", field.name);
    }
}

/// What the type says of a field is what the table says, with the unit.
#[test]
fn fields_are_documented_as_in_the_table() {
    let source = include_str!("../record.rs");
    let (_, fields) = source.split_once("pub struct Record<'a> {").unwrap();
    let (fields, _) = fields.split_once("\n}\n").unwrap();
    let mut docs = std::collections::BTreeMap::new();
    let mut doc = Vec::new();
    for line in fields.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("/// ") {
            doc.push(text);
        } else if let Some((name, _)) = line.strip_prefix("pub ").and_then(|field| field.split_once(':')) {
            docs.insert(name, doc.join(" "));
            doc.clear();
        }
    }
    for field in FIELDS.iter().filter(|field| !["v", "seq"].contains(&field.name)) {
        let unit = if field.ty == crate::field::Type::DurationMicros { " In microseconds." } else { "" };
        assert_eq!(docs.remove(field.name), Some(format!("{}{unit}", field.meaning)), "{}", field.name);
    }
    assert!(docs.is_empty(), "{docs:?}");
}
