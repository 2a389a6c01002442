//! The one-pass writer of a line: every field once, in the order of the table, cut where it is too long.

use super::{Record, SCHEMA_VERSION};
use crate::field::FIELDS;
use crate::ids::{InstanceId, SpanId, TraceId};
use crate::json;
use crate::kind::{LossReason, Outcome};
use crate::notes::{FlagSet, NoteSet, Scalar};
use crate::time::Timestamp;
use std::net::IpAddr;

/// Bytes of `,"seq":18446744073709551615}` and the line end.
const CLOSE_BYTES_MAX: usize = 29;
/// Bytes of `,"truncated":4294967295`.
const TRUNCATED_BYTES_MAX: usize = 23;
/// `v`, `ts`, `kind` and `level` are never cut.
const MANDATORY: usize = 4;

/// See [`Record::open`].
pub(super) fn open(record: &Record<'_>, out: &mut Vec<u8>, bytes_max: usize) {
    let from = out.len();
    let mut line = Line::new(out, usize::MAX, 0);
    line.fields(record);
    if line.len() + CLOSE_BYTES_MAX > bytes_max {
        let (keep, cut) = line.what_fits(bytes_max);
        out.truncate(from);
        Line::new(out, keep, cut).fields(record);
    }
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

impl<'o> Line<'o> {
    fn new(out: &'o mut Vec<u8>, keep: usize, cut: u32) -> Self {
        let from = out.len();
        Self { out, from, ends: [0; FIELDS.len()], count: 0, keep, cut }
    }

    fn len(&self) -> usize {
        self.out.len() - self.from
    }

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
        self.field("late_notes", r.late_notes.map(Number));
        self.field("notes_dropped", r.notes_dropped.map(|dropped| Number(dropped.into())));
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
        debug_assert_eq!(FIELDS[self.count].name, name, "fields are written in the order of the table");
        self.ends[self.count] = self.len();
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
