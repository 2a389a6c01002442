//! The value of any field by its name, for the forms that write a record otherwise than as our JSON.

use super::{Record, SCHEMA_VERSION};
use crate::field::FIELDS;
use crate::notes::{FlagSet, NoteSet};
use std::io::Write as _;
use std::net::IpAddr;

/// The value of a field.
#[derive(Clone, Debug)]
pub(crate) enum FieldValue<'r> {
    Text(&'r str),
    /// An id, an address or a time: plain ASCII.
    Short(Short),
    Number(u64),
    Signed(i64),
    Flags(&'r FlagSet),
    Notes(&'r NoteSet),
}

/// A short text of which no character needs an escape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Short {
    bytes: [u8; 48],
    len: usize,
}

impl Short {
    fn new(text: &[u8]) -> Self {
        let mut bytes = [0; 48];
        let len = text.len().min(bytes.len());
        bytes[..len].copy_from_slice(&text[..len]);
        Self { bytes, len }
    }

    fn ip(ip: IpAddr) -> Self {
        let mut bytes = [0; 48];
        let mut rest = &mut bytes[..];
        // The longest address has 45 characters.
        let _it_fits = write!(rest, "{ip}");
        let len = 48 - rest.len();
        Self { bytes, len }
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl<'r> FieldValue<'r> {
    /// The value of the field with this name in the table. None if the record does not have it, or if
    /// it is `seq`, which is the queue's to give.
    pub(crate) fn of(r: &'r Record<'_>, name: &str) -> Option<Self> {
        match name {
            "ts" => Some(Self::Short(Short::new(&r.ts.format()))),
            "kind" => Some(Self::Text(r.kind.as_str())),
            "level" => Some(Self::Text(r.level.as_str())),
            "instance" => r.instance.map(|id| Self::Short(Short::new(&id.hex()))),
            "trace_id" => r.trace_id.map(|id| Self::Short(Short::new(&id.hex()))),
            "span_id" => r.span_id.map(|id| Self::Short(Short::new(&id.hex()))),
            "parent_id" => r.parent_id.map(|id| Self::Short(Short::new(&id.hex()))),
            "client_ip" => r.client_ip.map(|ip| Self::Short(Short::ip(ip))),
            "peer_ip" => r.peer_ip.map(|ip| Self::Short(Short::ip(ip))),
            "outcome" => r.outcome.map(|outcome| Self::Text(outcome.as_str())),
            "reason" => r.reason.map(|reason| Self::Text(reason.as_str())),
            "grpc_status" => r.grpc_status.map(|status| Self::Signed(status.into())),
            "flags" => (!r.flags.is_empty()).then_some(Self::Flags(&r.flags)),
            "notes" => (!r.notes.is_empty()).then_some(Self::Notes(&r.notes)),
            _ => text(r, name).map(Self::Text).or_else(|| number(r, name).map(Self::Number)),
        }
    }
}

impl Record<'_> {
    /// Every field that the record has, with its value as text, in the order of the table: for sinks
    /// that take fields one by one. Flags and notes, which are no single values, and the version are
    /// left out; the number is the queue's.
    ///
    /// ```
    /// use access_record::{Kind, Level, Record, Timestamp};
    /// let mut record = Record::new(Timestamp::from_micros(0), Kind::Access, Level::Info);
    /// record.status = Some(200);
    /// let mut fields = Vec::new();
    /// record.each_field(|name, value| fields.push(format!("{name}={value}")));
    /// assert_eq!(fields, ["ts=1970-01-01T00:00:00.000000Z", "kind=access", "level=info", "status=200"]);
    /// ```
    pub fn each_field(&self, mut take: impl FnMut(&'static str, &str)) {
        for field in FIELDS.iter().filter(|field| field.name != "v") {
            match FieldValue::of(self, field.name) {
                Some(FieldValue::Text(text)) => take(field.name, text),
                Some(FieldValue::Short(short)) => take(field.name, short.as_str()),
                Some(FieldValue::Number(number)) => take(field.name, &number.to_string()),
                Some(FieldValue::Signed(number)) => take(field.name, &number.to_string()),
                Some(FieldValue::Flags(_) | FieldValue::Notes(_)) | None => {}
            }
        }
    }
}

fn text<'r>(r: &'r Record<'_>, name: &str) -> Option<&'r str> {
    let text = match name {
        "service" => &r.service,
        "host" => &r.host,
        "release" => &r.release,
        "request_id" => &r.request_id,
        "user_id" => &r.user_id,
        "api_key" => &r.api_key,
        "api_method" => &r.api_method,
        "method" => &r.method,
        "scheme" => &r.scheme,
        "authority" => &r.authority,
        "path" => &r.path,
        "query" => &r.query,
        "http_version" => &r.http_version,
        "route" => &r.route,
        "user_agent" => &r.user_agent,
        "referer" => &r.referer,
        "message" => &r.message,
        "target" => &r.target,
        "error" => &r.error,
        _ => return None,
    };
    text.as_deref()
}

fn number(r: &Record<'_>, name: &str) -> Option<u64> {
    match name {
        "v" => Some(SCHEMA_VERSION.into()),
        "status" => r.status.map(u64::from),
        "bytes_out" => r.bytes_out,
        "bytes_in" => r.bytes_in,
        "head_us" => r.head_us,
        "duration_us" => r.duration_us,
        "sample_rate" => r.sample_rate.map(u64::from),
        "lost" => r.lost,
        "seq_first" => r.seq_first,
        "seq_last" => r.seq_last,
        "made" => r.made,
        "written" => r.written,
        "dropped" => r.dropped,
        "late_notes" => r.late_notes,
        "notes_dropped" => r.notes_dropped.map(u64::from),
        "truncated" => r.truncated.map(u64::from).filter(|truncated| *truncated > 0),
        _ => None,
    }
}
