//! The one-pass writer of a line: every field once, in the order of the table, cut where it is too long.

use super::{Record, SCHEMA_VERSION};
use crate::field::FIELDS;
use crate::ids::{InstanceId, SpanId, TraceId};
use crate::json;
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
pub(super) fn open(record: &Record<'_>, origin: Option<&[u8]>, out: &mut Vec<u8>, bytes_max: usize) {
    let from = out.len();
    out.reserve(LINE_BYTES_USUAL);
    fields(record, &mut Straight { out, origin });
    if out.len() - from + CLOSE_BYTES_MAX > bytes_max {
        out.truncate(from);
        let mut measured = Measured::new(out, usize::MAX, 0);
        fields(record, &mut measured);
        let (keep, cut) = measured.what_fits(bytes_max);
        out.truncate(from);
        fields(record, &mut Measured::new(out, keep, cut));
    }
}

/// See [`Origin`](super::Origin).
pub(super) fn origin_part(record: &Record<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    origin(record, &mut Straight { out: &mut out, origin: None });
    out
}

/// Most lines fit, so that a fresh buffer grows once.
const LINE_BYTES_USUAL: usize = 1024;

/// What a line begins with: the first field is the version of the schema, always.
const BEGIN: &str = "{\"v\":1";
const _: () = assert!(SCHEMA_VERSION == 1, "BEGIN writes the version");

/// The name of a field as it stands in the line.
macro_rules! key {
    ($name:literal) => {
        concat!(",\"", $name, "\":")
    };
}

/// Takes the fields of a record one by one.
trait Take {
    fn begin(&mut self);
    /// The next field, if the record has it. The key has its comma, quotes and colon.
    fn field(&mut self, key: &'static str, value: Option<impl Write>);
    /// The fields of the log's origin.
    fn origin(&mut self, record: &Record<'_>);
    /// The count of what was cut, which is itself never cut.
    fn truncated(&mut self, before: Option<u32>);
}

/// Every field, in the order of the table; a test holds the two together.
fn fields(r: &Record<'_>, line: &mut impl Take) {
    line.begin();
    line.field(key!("ts"), Some(r.ts));
    line.field(key!("kind"), Some(Plain(r.kind.as_str())));
    line.field(key!("level"), Some(Plain(r.level.as_str())));
    line.origin(r);
    ids(r, line);
    request(r, line);
    ending(r, line);
    line.field(key!("late_notes"), r.late_notes.map(Number));
    line.field(key!("notes_dropped"), r.notes_dropped.map(|dropped| Number(dropped.into())));
    line.truncated(r.truncated);
    line.field(key!("flags"), (!r.flags.is_empty()).then_some(&*r.flags));
    line.field(key!("notes"), (!r.notes.is_empty()).then_some(&*r.notes));
}

/// Who wrote the record.
fn origin(r: &Record<'_>, line: &mut impl Take) {
    line.field(key!("instance"), r.instance.map(InstanceId::hex));
    line.field(key!("service"), r.service.as_deref());
    line.field(key!("host"), r.host.as_deref());
    line.field(key!("release"), r.release.as_deref());
}

/// Which request it is.
fn ids(r: &Record<'_>, line: &mut impl Take) {
    line.field(key!("request_id"), r.request_id.as_deref());
    line.field(key!("trace_id"), r.trace_id.map(TraceId::hex));
    line.field(key!("span_id"), r.span_id.map(SpanId::hex));
    line.field(key!("parent_id"), r.parent_id.map(SpanId::hex));
}

/// Who asked, and for what.
fn request(r: &Record<'_>, line: &mut impl Take) {
    line.field(key!("client_ip"), r.client_ip);
    line.field(key!("peer_ip"), r.peer_ip);
    line.field(key!("user_id"), r.user_id.as_deref());
    line.field(key!("api_key"), r.api_key.as_deref());
    line.field(key!("api_method"), r.api_method.as_deref());
    line.field(key!("method"), r.method.as_deref());
    line.field(key!("scheme"), r.scheme.as_deref());
    line.field(key!("authority"), r.authority.as_deref());
    line.field(key!("path"), r.path.as_deref());
    line.field(key!("query"), r.query.as_deref());
    line.field(key!("http_version"), r.http_version.as_deref());
    line.field(key!("route"), r.route.as_deref());
}

/// How it ended; of an event what it says; of the writer's own records what they count.
fn ending(r: &Record<'_>, line: &mut impl Take) {
    line.field(key!("status"), r.status.map(|status| Number(status.into())));
    line.field(key!("outcome"), r.outcome.map(|outcome| Plain(outcome.as_str())));
    line.field(key!("bytes_out"), r.bytes_out.map(Number));
    line.field(key!("bytes_in"), r.bytes_in.map(Number));
    line.field(key!("head_us"), r.head_us.map(Number));
    line.field(key!("duration_us"), r.duration_us.map(Number));
    line.field(key!("grpc_status"), r.grpc_status);
    line.field(key!("user_agent"), r.user_agent.as_deref());
    line.field(key!("referer"), r.referer.as_deref());
    line.field(key!("message"), r.message.as_deref());
    line.field(key!("target"), r.target.as_deref());
    line.field(key!("error"), r.error.as_deref());
    line.field(key!("sample_rate"), r.sample_rate.map(|rate| Number(rate.into())));
    line.field(key!("lost"), r.lost.map(Number));
    line.field(key!("seq_first"), r.seq_first.map(Number));
    line.field(key!("seq_last"), r.seq_last.map(Number));
    line.field(key!("reason"), r.reason.map(|reason| Plain(reason.as_str())));
    line.field(key!("made"), r.made.map(Number));
    line.field(key!("written"), r.written.map(Number));
    line.field(key!("dropped"), r.dropped.map(Number));
}

/// Writes, and nothing else: the way of nearly every line.
struct Straight<'o> {
    out: &'o mut Vec<u8>,
    /// The fields of the origin, if they were written before.
    origin: Option<&'o [u8]>,
}

impl Take for Straight<'_> {
    #[inline]
    fn begin(&mut self) {
        self.out.extend_from_slice(BEGIN.as_bytes());
    }

    #[inline]
    fn field(&mut self, key: &'static str, value: Option<impl Write>) {
        if let Some(value) = value {
            self.out.extend_from_slice(key.as_bytes());
            value.write(self.out);
        }
    }

    #[inline]
    fn origin(&mut self, record: &Record<'_>) {
        match self.origin {
            Some(written) => self.out.extend_from_slice(written),
            None => origin(record, self),
        }
    }

    #[inline]
    fn truncated(&mut self, before: Option<u32>) {
        self.field(key!("truncated"), before.map(|count| Number(count.into())));
    }
}

/// Knows where each field ended, so that a line too long can be cut.
struct Measured<'o> {
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

impl Take for Measured<'_> {
    fn begin(&mut self) {
        self.out.extend_from_slice(BEGIN.as_bytes());
        self.ended("v");
    }

    fn field(&mut self, key: &'static str, value: Option<impl Write>) {
        if self.count < self.keep {
            Straight { out: self.out, origin: None }.field(key, value);
        }
        self.ended(key.trim_matches([',', ':', '"']));
    }

    fn origin(&mut self, record: &Record<'_>) {
        origin(record, self);
    }

    fn truncated(&mut self, before: Option<u32>) {
        let total = before.unwrap_or(0).saturating_add(self.cut);
        Straight { out: self.out, origin: None }.truncated((total > 0).then_some(total));
        self.ended("truncated");
    }
}

impl<'o> Measured<'o> {
    fn new(out: &'o mut Vec<u8>, keep: usize, cut: u32) -> Self {
        let from = out.len();
        Self { out, from, ends: [0; FIELDS.len()], count: 0, keep, cut }
    }

    fn ended(&mut self, name: &str) {
        debug_assert_eq!(FIELDS[self.count].name, name, "fields are written in the order of the table");
        self.ends[self.count] = self.out.len() - self.from;
        self.count += 1;
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

/// A word of the contract: nothing in it needs an escape.
struct Plain(&'static str);

impl Write for Plain {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        out.extend_from_slice(self.0.as_bytes());
        out.push(b'"');
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
        out.push(b'"');
        match self {
            IpAddr::V4(address) => {
                for octet in address.octets() {
                    let (digits, len) = OCTETS[usize::from(octet)];
                    let len = out.len() + usize::from(len);
                    out.extend_from_slice(&digits);
                    out.truncate(len);
                }
                out.pop();
            }
            // Writing to memory cannot fail, and an address has no character to escape.
            IpAddr::V6(address) => drop(write!(out, "{address}")),
        }
        out.push(b'"');
    }
}

/// Every octet of an address as it is written, with a dot, and how long that is.
const OCTETS: [([u8; 4], u8); 256] = {
    let mut octets = [([b'.'; 4], 0); 256];
    let mut octet = u8::MAX;
    loop {
        let [hundreds, tens, ones] = [b'0' + octet / 100, b'0' + octet / 10 % 10, b'0' + octet % 10];
        octets[octet as usize] = match octet {
            0..10 => ([ones, b'.', 0, 0], 2),
            10..100 => ([tens, ones, b'.', 0], 3),
            _ => ([hundreds, tens, ones, b'.'], 4),
        };
        if octet == 0 {
            break octets;
        }
        octet -= 1;
    }
};

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
