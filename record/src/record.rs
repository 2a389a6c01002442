//! One record: its fields as a type, written as one JSON line in one pass.

mod read;

use crate::field::FIELDS;
use crate::ids::{InstanceId, SpanId, TraceId};
use crate::json;
use crate::kind::{Kind, Level, LossReason, Outcome};
use crate::notes::{FlagSet, NoteSet, Scalar};
use crate::time::Timestamp;
use std::borrow::Cow;
use std::net::IpAddr;

pub use read::RecordError;

/// The version of the schema, field `v`.
pub const SCHEMA_VERSION: u8 = 1;

/// The fields of a line, all but the number that the queue gives it. What is `None`, or an empty
/// set, is not written: absent means unknown. The meanings stand in [`crate::field::FIELDS`].
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each field's meaning stands once, in the field table")]
pub struct Record<'a> {
    pub ts: Timestamp,
    pub kind: Kind,
    pub level: Level,
    pub instance: Option<InstanceId>,
    pub service: Option<Cow<'a, str>>,
    pub host: Option<Cow<'a, str>>,
    pub release: Option<Cow<'a, str>>,
    pub request_id: Option<Cow<'a, str>>,
    pub trace_id: Option<TraceId>,
    pub span_id: Option<SpanId>,
    pub parent_id: Option<SpanId>,
    pub client_ip: Option<IpAddr>,
    pub peer_ip: Option<IpAddr>,
    pub user_id: Option<Cow<'a, str>>,
    pub api_key: Option<Cow<'a, str>>,
    pub api_method: Option<Cow<'a, str>>,
    pub method: Option<Cow<'a, str>>,
    pub scheme: Option<Cow<'a, str>>,
    pub authority: Option<Cow<'a, str>>,
    pub path: Option<Cow<'a, str>>,
    pub query: Option<Cow<'a, str>>,
    pub http_version: Option<Cow<'a, str>>,
    pub route: Option<Cow<'a, str>>,
    pub status: Option<u16>,
    pub outcome: Option<Outcome>,
    pub bytes_out: Option<u64>,
    pub bytes_in: Option<u64>,
    pub head_us: Option<u64>,
    pub duration_us: Option<u64>,
    pub grpc_status: Option<i32>,
    pub user_agent: Option<Cow<'a, str>>,
    pub referer: Option<Cow<'a, str>>,
    pub message: Option<Cow<'a, str>>,
    pub target: Option<Cow<'a, str>>,
    pub error: Option<Cow<'a, str>>,
    pub sample_rate: Option<u32>,
    pub lost: Option<u64>,
    pub seq_first: Option<u64>,
    pub seq_last: Option<u64>,
    pub reason: Option<LossReason>,
    pub made: Option<u64>,
    pub written: Option<u64>,
    pub dropped: Option<u64>,
    pub notes_dropped: Option<u32>,
    pub truncated: Option<u32>,
    pub flags: Cow<'a, FlagSet>,
    pub notes: Cow<'a, NoteSet>,
}

/// No flags, for records that have none to borrow.
pub(crate) static NO_FLAGS: FlagSet = FlagSet::EMPTY;
/// No notes, likewise.
pub(crate) static NO_NOTES: NoteSet = NoteSet::EMPTY;

impl Record<'_> {
    /// A record with nothing but what every record has.
    pub fn new(ts: Timestamp, kind: Kind, level: Level) -> Self {
        Self {
            ts,
            kind,
            level,
            instance: None,
            service: None,
            host: None,
            release: None,
            request_id: None,
            trace_id: None,
            span_id: None,
            parent_id: None,
            client_ip: None,
            peer_ip: None,
            user_id: None,
            api_key: None,
            api_method: None,
            method: None,
            scheme: None,
            authority: None,
            path: None,
            query: None,
            http_version: None,
            route: None,
            status: None,
            outcome: None,
            bytes_out: None,
            bytes_in: None,
            head_us: None,
            duration_us: None,
            grpc_status: None,
            user_agent: None,
            referer: None,
            message: None,
            target: None,
            error: None,
            sample_rate: None,
            lost: None,
            seq_first: None,
            seq_last: None,
            reason: None,
            made: None,
            written: None,
            dropped: None,
            notes_dropped: None,
            truncated: None,
            flags: Cow::Borrowed(&NO_FLAGS),
            notes: Cow::Borrowed(&NO_NOTES),
        }
    }

    /// Appends the line up to, and without, its number; [`close`] ends it.
    ///
    /// A line over `bytes_max` loses optional fields from the end of the table upwards, until it fits
    /// or has none left; each one lost is counted in `truncated`. The number and the line end are in
    /// the bound.
    ///
    /// ```
    /// use access_record::record::{Record, close};
    /// use access_record::{Kind, Level, Timestamp};
    /// let mut record = Record::new(Timestamp::from_micros(0), Kind::Event, Level::Warn);
    /// record.message = Some("cache \"miss\"".into());
    /// let mut line = Vec::new();
    /// record.open(&mut line, 4096);
    /// close(&mut line, 7);
    /// assert_eq!(
    ///     String::from_utf8(line).unwrap(),
    ///     r#"{"v":1,"ts":"1970-01-01T00:00:00.000000Z","kind":"event","level":"warn","message":"cache \"miss\"","seq":7}"#
    ///         .to_owned() + "\n"
    /// );
    /// ```
    pub fn open(&self, out: &mut Vec<u8>, bytes_max: usize) {
        let from = out.len();
        let mut line = Line {
            out,
            from,
            ends: [0; FIELDS.len()],
            count: 0,
            keep: usize::MAX,
            cut: 0,
        };
        line.fields(self);
        let over = (line.out.len() - from + CLOSE_BYTES_MAX).saturating_sub(bytes_max);
        if over == 0 {
            return;
        }
        let (keep, cut) = line.what_fits(bytes_max);
        out.truncate(from);
        let mut line = Line {
            out,
            from,
            ends: [0; FIELDS.len()],
            count: 0,
            keep,
            cut,
        };
        line.fields(self);
    }
}

/// Bytes of `,"seq":18446744073709551615}` and the line end.
const CLOSE_BYTES_MAX: usize = 29;
/// Bytes of `,"truncated":4294967295`.
const TRUNCATED_BYTES_MAX: usize = 23;
/// `v`, `ts`, `kind` and `level` are never cut.
const MANDATORY: usize = 4;

/// Ends a line that [`Record::open`] began: its number is the last field.
pub fn close(out: &mut Vec<u8>, seq: u64) {
    out.extend_from_slice(b",\"seq\":");
    json::push_u64(out, seq);
    out.extend_from_slice(b"}\n");
}

/// A line being written: knows where each field ended, so that a line too long can be cut.
struct Line<'o> {
    out: &'o mut Vec<u8>,
    from: usize,
    /// Where each field of the table ended, counted from the start of the line.
    ends: [usize; FIELDS.len()],
    count: usize,
    /// Fields from this place of the table on are left out.
    keep: usize,
    /// How many that leaves out.
    cut: u32,
}

impl Line<'_> {
    /// Every field, in the order of the table; a test holds the two together.
    fn fields(&mut self, r: &Record<'_>) {
        self.out.push(b'{');
        self.field("v", Some(Number(u64::from(SCHEMA_VERSION))));
        self.field("ts", Some(r.ts));
        self.field("kind", Some(r.kind.as_str()));
        self.field("level", Some(r.level.as_str()));
        self.origin(r);
        self.request(r);
        self.field("status", r.status.map(|status| Number(status.into())));
        self.field("outcome", r.outcome.map(Outcome::as_str));
        self.field("bytes_out", r.bytes_out.map(Number));
        self.field("bytes_in", r.bytes_in.map(Number));
        self.field("head_us", r.head_us.map(Number));
        self.field("duration_us", r.duration_us.map(Number));
        self.field("grpc_status", r.grpc_status);
        self.field("user_agent", r.user_agent.as_deref());
        self.field("referer", r.referer.as_deref());
        self.field("message", r.message.as_deref());
        self.field("target", r.target.as_deref());
        self.field("error", r.error.as_deref());
        self.field("sample_rate", r.sample_rate.map(|rate| Number(rate.into())));
        self.field("lost", r.lost.map(Number));
        self.field("seq_first", r.seq_first.map(Number));
        self.field("seq_last", r.seq_last.map(Number));
        self.field("reason", r.reason.map(LossReason::as_str));
        self.field("made", r.made.map(Number));
        self.field("written", r.written.map(Number));
        self.field("dropped", r.dropped.map(Number));
        self.field(
            "notes_dropped",
            r.notes_dropped.map(|dropped| Number(dropped.into())),
        );
        self.truncated(r.truncated);
        self.field("flags", (!r.flags.is_empty()).then_some(&*r.flags));
        self.field("notes", (!r.notes.is_empty()).then_some(&*r.notes));
    }

    /// Who wrote the record, and its ids.
    fn origin(&mut self, r: &Record<'_>) {
        self.field("instance", r.instance.map(InstanceId::hex));
        self.field("service", r.service.as_deref());
        self.field("host", r.host.as_deref());
        self.field("release", r.release.as_deref());
        self.field("request_id", r.request_id.as_deref());
        self.field("trace_id", r.trace_id.map(TraceId::hex));
        self.field("span_id", r.span_id.map(SpanId::hex));
        self.field("parent_id", r.parent_id.map(SpanId::hex));
    }

    /// Who asked, and for what.
    fn request(&mut self, r: &Record<'_>) {
        self.field("client_ip", r.client_ip);
        self.field("peer_ip", r.peer_ip);
        self.field("user_id", r.user_id.as_deref());
        self.field("api_key", r.api_key.as_deref());
        self.field("api_method", r.api_method.as_deref());
        self.field("method", r.method.as_deref());
        self.field("scheme", r.scheme.as_deref());
        self.field("authority", r.authority.as_deref());
        self.field("path", r.path.as_deref());
        self.field("query", r.query.as_deref());
        self.field("http_version", r.http_version.as_deref());
        self.field("route", r.route.as_deref());
    }

    fn field(&mut self, name: &'static str, value: Option<impl Write>) {
        if let Some(value) = value.filter(|_| self.count < self.keep) {
            if self.count > 0 {
                self.out.push(b',');
            }
            self.out.push(b'"');
            self.out.extend_from_slice(name.as_bytes());
            self.out.extend_from_slice(b"\":");
            value.write(self.out);
        }
        debug_assert_eq!(
            FIELDS[self.count].name, name,
            "fields are written in the order of the table"
        );
        self.ends[self.count] = self.out.len() - self.from;
        self.count += 1;
    }

    /// Never left out: it is the count of what is.
    fn truncated(&mut self, before: Option<u32>) {
        let total = before.unwrap_or(0).saturating_add(self.cut);
        let keep = std::mem::replace(&mut self.keep, usize::MAX);
        self.field("truncated", (total > 0).then_some(Number(total.into())));
        self.keep = keep;
    }

    /// The first place of the table from which on fields must go, and how many that are.
    fn what_fits(&self, bytes_max: usize) -> (usize, u32) {
        let fixed = CLOSE_BYTES_MAX + TRUNCATED_BYTES_MAX;
        let mut keep = self.count;
        let mut cut = 0;
        while keep > MANDATORY && self.ends[keep - 1] + fixed > bytes_max {
            keep -= 1;
            let written = self.ends[keep] > self.ends[keep - 1];
            if written && FIELDS[keep].name != "truncated" {
                cut += 1;
            }
        }
        (keep, cut)
    }
}

/// A value's JSON.
trait Write {
    fn write(&self, out: &mut Vec<u8>);
}

/// A whole number from zero.
struct Number(u64);

impl Write for Number {
    fn write(&self, out: &mut Vec<u8>) {
        json::push_u64(out, self.0);
    }
}

impl Write for i32 {
    fn write(&self, out: &mut Vec<u8>) {
        json::push_i64(out, (*self).into());
    }
}

impl Write for &str {
    fn write(&self, out: &mut Vec<u8>) {
        json::push_text(out, self);
    }
}

/// The digits of an id.
impl<const N: usize> Write for [u8; N] {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        out.extend_from_slice(self);
        out.push(b'"');
    }
}

impl Write for Timestamp {
    fn write(&self, out: &mut Vec<u8>) {
        self.format().write(out);
    }
}

impl Write for IpAddr {
    fn write(&self, out: &mut Vec<u8>) {
        use std::io::Write as _;
        // Writing to memory cannot fail, and an address has no character to escape.
        let _infallible = write!(out, "\"{self}\"");
    }
}

impl Write for Scalar<'_> {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Scalar::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Scalar::I64(value) => json::push_i64(out, *value),
            Scalar::U64(value) => json::push_u64(out, *value),
            Scalar::F64(value) => json::push_f64(out, *value),
            Scalar::Text(text) => json::push_text(out, text),
        }
    }
}

impl Write for &FlagSet {
    fn write(&self, out: &mut Vec<u8>) {
        let mut before = b'[';
        for (name, variant) in self.iter() {
            out.push(before);
            out.push(b'"');
            out.extend_from_slice(name.as_bytes());
            out.push(b'=');
            json::push_escaped(out, variant);
            out.push(b'"');
            before = b',';
        }
        out.push(b']');
    }
}

impl Write for &NoteSet {
    fn write(&self, out: &mut Vec<u8>) {
        let mut before = b'{';
        for (name, value) in self.iter() {
            out.push(before);
            json::push_text(out, name);
            out.push(b':');
            value.write(out);
            before = b',';
        }
        out.push(b'}');
    }
}

#[cfg(test)]
mod tests;
