//! What is written is what is read: any record of the contract as a line, and any values as lines of a log
//! format, go through the decoder of the command and come out equal.

/// Records in the other forms that they are written in.
mod forms;
/// The same of log formats.
mod log_formats;

use crate::scale::cases;
use crate::schema;
use access_record::field::FIELDS;
use access_record::json::is_unsafe_to_show;
use access_record::notes::{FlagSet, Kept, NoteLimits, NoteSet, Scalar};
use access_record::record::{Record, close};
use access_record::{InstanceId, Kind, Level, LossReason, Outcome, SpanId, Timestamp, TraceId};
use logq::field::Name;
use logq::format::Formats;
use logq::input::{Block, Sizes, StreamBlocks};
use logq::json;
use logq::row::{Origin, Row, Shape};
use logq::value::Value;
use proptest::prelude::*;
use std::borrow::Cow;
use std::io::Cursor;
use std::net::IpAddr;

const UNLIMITED: NoteLimits =
    NoteLimits { count_max: usize::MAX, value_bytes_max: usize::MAX, total_bytes_max: usize::MAX };

const HERE: Origin<'_> = Origin { file: "app.log", line: 1 };

/// Text of every sort: of any characters, of those that logs are broken with, and of the usual ones.
fn text() -> impl Strategy<Value = String> {
    let hostile = prop::sample::select(vec![
        "\"",
        "\\",
        "\n",
        "\r\n",
        "\t",
        "\0",
        "\x1b[2J",
        "\x7f",
        "\u{9b}",
        "\u{2028}",
        "\u{202e}",
        "\u{61c}",
        "é",
        "日本",
        "😀",
        " ",
        "-",
        "?",
        "[",
        "]",
        "{",
        "}",
        "\\x41",
        "\\\"",
        "\",\"seq\":1",
        "\u{feff}",
        "%",
    ]);
    prop_oneof![
        any::<String>(),
        prop::collection::vec(hostile, 0..8).prop_map(|pieces| pieces.concat()),
        "[ -~]{0,40}",
    ]
}

fn scalar() -> impl Strategy<Value = Note> {
    prop_oneof![
        any::<bool>().prop_map(Note::Bool),
        (i64::MIN..0).prop_map(Note::I64),
        any::<u64>().prop_map(Note::U64),
        any::<u64>().prop_map(|bits| Note::F64(f64::from_bits(bits))),
        text().prop_map(Note::Text),
    ]
}

/// A [`Scalar`] that owns its text.
#[derive(Clone, Debug)]
enum Note {
    Bool(bool),
    I64(i64),
    U64(u64),
    F64(f64),
    Text(String),
}

impl Note {
    fn scalar(&self) -> Scalar<'_> {
        match self {
            Self::Bool(value) => Scalar::Bool(*value),
            Self::I64(value) => Scalar::I64(*value),
            Self::U64(value) => Scalar::U64(*value),
            Self::F64(value) => Scalar::F64(*value),
            Self::Text(text) => Scalar::Text(text),
        }
    }
}

/// Any record at all, whether a service would make it or not.
fn record() -> impl Strategy<Value = Record<'static>> {
    let lists = (
        prop::sample::select(Kind::ALL),
        prop::sample::select(Level::ALL),
        prop::option::of(prop::sample::select(Outcome::ALL)),
        prop::option::of(prop::sample::select(LossReason::ALL)),
        (Timestamp::MIN.micros()..=Timestamp::MAX.micros()).prop_map(Timestamp::from_micros),
    );
    let ids = (any::<[u8; 8]>(), any::<[u8; 16]>(), any::<[u8; 8]>(), any::<[u8; 8]>());
    let addresses = (prop::option::of(any::<IpAddr>()), prop::option::of(any::<IpAddr>()));
    let texts = prop::collection::vec(prop::option::of(text()), 19);
    let numbers = prop::collection::vec(prop::option::of(any::<u64>()), 14);
    let small = (prop::option::of(any::<u16>()), prop::option::of(any::<i32>()));
    let notes = prop::collection::vec(("[a-z][a-z0-9_]{0,63}", scalar()), 0..6);
    let flags = prop::collection::vec(("[A-Za-z0-9_.-]{1,64}", text()), 0..4);
    (lists, ids, addresses, texts, numbers, small, notes, flags).prop_map(
        |((kind, level, outcome, reason, ts), ids, addresses, texts, numbers, small, notes, flags)| {
            let mut record = Record::new(ts, kind, level);
            (record.outcome, record.reason) = (outcome, reason);
            record.instance = InstanceId::from_bytes(ids.0);
            record.trace_id = TraceId::from_bytes(ids.1);
            (record.span_id, record.parent_id) = (SpanId::from_bytes(ids.2), SpanId::from_bytes(ids.3));
            (record.client_ip, record.peer_ip) = addresses;
            (record.status, record.grpc_status) = small;
            set_texts(&mut record, texts);
            set_numbers(&mut record, &numbers);
            let mut kept = NoteSet::default();
            for (name, value) in &notes {
                assert_eq!(kept.set(name, value.scalar(), &UNLIMITED), Kept::Whole);
            }
            record.notes = Cow::Owned(kept);
            let mut kept = FlagSet::default();
            for (name, variant) in &flags {
                assert_eq!(kept.set(name, variant, &UNLIMITED), Kept::Whole);
            }
            record.flags = Cow::Owned(kept);
            record
        },
    )
}

fn set_texts(record: &mut Record<'static>, texts: Vec<Option<String>>) {
    let fields = [
        &mut record.service,
        &mut record.host,
        &mut record.release,
        &mut record.request_id,
        &mut record.user_id,
        &mut record.api_key,
        &mut record.api_method,
        &mut record.method,
        &mut record.scheme,
        &mut record.authority,
        &mut record.path,
        &mut record.query,
        &mut record.http_version,
        &mut record.route,
        &mut record.user_agent,
        &mut record.referer,
        &mut record.message,
        &mut record.target,
        &mut record.error,
    ];
    assert_eq!(fields.len(), texts.len());
    for (field, text) in fields.into_iter().zip(texts) {
        *field = text.map(Cow::Owned);
    }
}

fn set_numbers(record: &mut Record<'static>, numbers: &[Option<u64>]) {
    let fields = [
        &mut record.bytes_out,
        &mut record.bytes_in,
        &mut record.head_us,
        &mut record.duration_us,
        &mut record.lost,
        &mut record.seq_first,
        &mut record.seq_last,
        &mut record.made,
        &mut record.written,
        &mut record.dropped,
        &mut record.late_notes,
    ];
    for (field, number) in fields.into_iter().zip(numbers) {
        *field = *number;
    }
    // Zero notes cut are no notes cut, and so is it of the other two.
    let counts = [&mut record.sample_rate, &mut record.notes_dropped, &mut record.truncated];
    for (field, number) in counts.into_iter().zip(&numbers[10..]) {
        *field = number.and_then(|number| u32::try_from(number >> 32).ok()).filter(|count| *count > 0);
    }
}

/// A value of a record, as its line must have it.
#[derive(Debug, PartialEq)]
enum Wanted {
    Text(String),
    Number(String),
    /// Of flags and notes: looked at for themselves.
    Nested,
}

/// Every field that the line of a record must have, in the order of the table.
fn wanted(record: &Record<'_>, seq: u64) -> Vec<(&'static str, Wanted)> {
    FIELDS.iter().filter_map(|field| Some((field.name, value_of(record, field.name, seq)?))).collect()
}

fn value_of(r: &Record<'_>, name: &str, seq: u64) -> Option<Wanted> {
    let text = |text: &Option<Cow<'_, str>>| text.as_ref().map(|text| Wanted::Text(text.to_string()));
    let shown = |text: Option<&dyn ToString>| text.map(|text| Wanted::Text(text.to_string()));
    let number = |number: Option<&dyn ToString>| number.map(|number| Wanted::Number(number.to_string()));
    let hex = |bytes: &[u8]| Wanted::Text(String::from_utf8_lossy(bytes).into_owned());
    match name {
        "v" => number(Some(&1)),
        "ts" => shown(Some(&r.ts)),
        "kind" => shown(Some(&r.kind)),
        "level" => shown(Some(&r.level)),
        "instance" => r.instance.map(|id| hex(&id.hex())),
        "trace_id" => r.trace_id.map(|id| hex(&id.hex())),
        "span_id" => r.span_id.map(|id| hex(&id.hex())),
        "parent_id" => r.parent_id.map(|id| hex(&id.hex())),
        "client_ip" => shown(r.client_ip.as_ref().map(|ip| ip as &dyn ToString)),
        "peer_ip" => shown(r.peer_ip.as_ref().map(|ip| ip as &dyn ToString)),
        "outcome" => shown(r.outcome.as_ref().map(|outcome| outcome as &dyn ToString)),
        "reason" => shown(r.reason.as_ref().map(|reason| reason as &dyn ToString)),
        "status" => number(r.status.as_ref().map(|n| n as &dyn ToString)),
        "grpc_status" => number(r.grpc_status.as_ref().map(|n| n as &dyn ToString)),
        "seq" => number(Some(&seq)),
        "flags" => (!r.flags.is_empty()).then_some(Wanted::Nested),
        "notes" => (!r.notes.is_empty()).then_some(Wanted::Nested),
        "service" => text(&r.service),
        "host" => text(&r.host),
        "release" => text(&r.release),
        "request_id" => text(&r.request_id),
        "user_id" => text(&r.user_id),
        "api_key" => text(&r.api_key),
        "api_method" => text(&r.api_method),
        "method" => text(&r.method),
        "scheme" => text(&r.scheme),
        "authority" => text(&r.authority),
        "path" => text(&r.path),
        "query" => text(&r.query),
        "http_version" => text(&r.http_version),
        "route" => text(&r.route),
        "user_agent" => text(&r.user_agent),
        "referer" => text(&r.referer),
        "message" => text(&r.message),
        "target" => text(&r.target),
        "error" => text(&r.error),
        _ => number(count_of(r, name).as_ref().map(|n| n as &dyn ToString)),
    }
}

fn count_of(r: &Record<'_>, name: &str) -> Option<u64> {
    match name {
        "bytes_out" => r.bytes_out,
        "bytes_in" => r.bytes_in,
        "head_us" => r.head_us,
        "duration_us" => r.duration_us,
        "lost" => r.lost,
        "seq_first" => r.seq_first,
        "seq_last" => r.seq_last,
        "made" => r.made,
        "written" => r.written,
        "dropped" => r.dropped,
        "late_notes" => r.late_notes,
        "sample_rate" => r.sample_rate.map(u64::from),
        "notes_dropped" => r.notes_dropped.map(u64::from),
        "truncated" => r.truncated.map(u64::from),
        other => panic!("a field this test does not know: {other}"),
    }
}

fn found(value: &Value<'_>) -> Wanted {
    match value {
        Value::Text(text) => Wanted::Text(text.to_string()),
        Value::Number(token) => Wanted::Number(token.to_string()),
        Value::Nested(_) => Wanted::Nested,
        other => panic!("no field of a record is {other:?}"),
    }
}

fn check_row(row: &Row<'_>, record: &Record<'_>, seq: u64) -> Result<(), TestCaseError> {
    prop_assert_eq!(row.shape, Shape::Record);
    let wanted = wanted(record, seq);
    let read: Vec<(&str, Wanted)> =
        row.fields.iter().map(|(name, value)| (name.as_ref(), found(value))).collect();
    prop_assert_eq!(&read, &wanted);
    // A query finds by name what stands in the line.
    for (name, value) in &wanted {
        let resolved = Name::new(*name).resolve(row).map(|value| found(&value));
        prop_assert_eq!(resolved.as_ref(), Some(value), "{}", name);
    }
    prop_assert_eq!(Name::new("ts").time_us(row), Some(record.ts.micros()));
    if let Some(Value::Nested(flags)) = row.get("flags") {
        let wanted: Vec<String> =
            record.flags.iter().map(|(name, variant)| format!("{name}={variant}")).collect();
        prop_assert_eq!(json::texts(flags), Some(wanted));
    }
    if let Some(Value::Nested(notes)) = row.get("notes") {
        let notes = json::members(notes).expect("notes are an object");
        prop_assert_eq!(notes.len(), record.notes.iter().count());
        for ((name, value), (wanted_name, wanted)) in notes.iter().zip(record.notes.iter()) {
            prop_assert_eq!(name.as_ref(), wanted_name);
            prop_assert!(is_scalar(value, wanted), "{}: {:?} for {:?}", name, value, wanted);
        }
    }
    Ok(())
}

fn is_scalar(value: &Value<'_>, wanted: Scalar<'_>) -> bool {
    match (value, wanted) {
        (Value::Bool(read), Scalar::Bool(wanted)) => *read == wanted,
        (Value::Number(read), Scalar::I64(wanted)) => read.parse() == Ok(wanted),
        (Value::Number(read), Scalar::U64(wanted)) => read.parse() == Ok(wanted),
        (Value::Number(read), Scalar::F64(wanted)) => {
            read.parse().is_ok_and(|read: f64| read.to_bits() == wanted.to_bits())
        }
        // JSON has no such numbers: they are words.
        (Value::Text(read), Scalar::F64(wanted)) => !wanted.is_finite() && *read == wanted.to_string(),
        (Value::Text(read), Scalar::Text(wanted)) => read == wanted,
        _ => false,
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn a_record_is_read_as_it_was_written(records in prop::collection::vec((record(), any::<u64>()), 1..5)) {
        let mut log = Vec::new();
        for (record, seq) in &records {
            record.open(&mut log, usize::MAX);
            close(&mut log, *seq);
        }
        let shown = std::str::from_utf8(&log).expect("a log of ours is UTF-8");
        prop_assert_eq!(shown.matches('\n').count(), records.len());
        prop_assert!(!shown.contains(|c: char| c != '\n' && is_unsafe_to_show(c)), "{:?}", shown);
        let (formats, mut block) = (Formats::looking(), Block::default());
        StreamBlocks::new(Box::new(Cursor::new(log.clone())), false, Sizes::default()).read(&mut block);
        prop_assert!(block.is_last && block.error.is_none());
        let mut lines = block.lines();
        for (record, seq) in &records {
            let Some(line) = lines.next() else {
                panic!("a line is missing of {log:?}");
            };
            check_row(&formats.read(line, HERE), record, *seq)?;
            prop_assert_eq!(schema::check(&String::from_utf8_lossy(line)), Ok(()));
        }
        prop_assert_eq!(lines.next(), None);
    }
}
