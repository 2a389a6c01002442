//! One record: its fields as a type, written as one JSON line in one pass.

mod read;
mod value;
mod write;

use crate::ids::{InstanceId, SpanId, TraceId};
use crate::json;
use crate::kind::{Kind, Level, LossReason, Outcome};
use crate::notes::{FlagSet, NoteSet};
use crate::time::Timestamp;
use std::borrow::Cow;
use std::net::IpAddr;

pub use read::RecordError;
pub(crate) use value::FieldValue;

/// The version of the schema, field `v`.
pub const SCHEMA_VERSION: u8 = 1;

/// The fields of a line, all but the number that the queue gives it. What is `None`, or an empty
/// set, is not written: absent means unknown. The meanings are those of [`crate::field::FIELDS`].
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::doc_markdown, reason = "the words are those of the field table, which is no markdown")]
pub struct Record<'a> {
    /// When the record was made; for `access` and `call` that is the end of the request.
    pub ts: Timestamp,
    /// What the line reports: access, event, call, start, loss or stop.
    pub kind: Kind,
    /// error, warn, info, debug or trace; of a request it follows from its ending.
    pub level: Level,
    /// 16 hex digits, drawn when the sink was opened.
    pub instance: Option<InstanceId>,
    /// The service that wrote the record.
    pub service: Option<Cow<'a, str>>,
    /// The machine it ran on.
    pub host: Option<Cow<'a, str>>,
    /// The deployed version.
    pub release: Option<Cow<'a, str>>,
    /// The request's id, accepted from the caller or generated.
    pub request_id: Option<Cow<'a, str>>,
    /// W3C trace id, 32 hex digits: the same in every service the request passes.
    pub trace_id: Option<TraceId>,
    /// W3C span id of this hop, 16 hex digits.
    pub span_id: Option<SpanId>,
    /// The span id this hop was called from.
    pub parent_id: Option<SpanId>,
    /// The client's address, by the trusted-proxy rule.
    pub client_ip: Option<IpAddr>,
    /// The address at the other end of the socket.
    pub peer_ip: Option<IpAddr>,
    /// The user, as text also when numeric.
    pub user_id: Option<Cow<'a, str>>,
    /// Keyed fingerprint of the API key, never the key.
    pub api_key: Option<Cow<'a, str>>,
    /// What the API calls the operation, such as `flickr.photos.search`; not the HTTP method.
    pub api_method: Option<Cow<'a, str>>,
    /// The HTTP method.
    pub method: Option<Cow<'a, str>>,
    /// http or https.
    pub scheme: Option<Cow<'a, str>>,
    /// Host and port the client asked for, without user information.
    pub authority: Option<Cow<'a, str>>,
    /// The original request path.
    pub path: Option<Cow<'a, str>>,
    /// The query string, its values replaced unless allowed by name.
    pub query: Option<Cow<'a, str>>,
    /// 1.0, 1.1, 2 or 3.
    pub http_version: Option<Cow<'a, str>>,
    /// The matched route template, such as `/photos/{user}`.
    pub route: Option<Cow<'a, str>>,
    /// Response status as seen at this layer; absent if no response head was made.
    pub status: Option<u16>,
    /// How the request ended: ok, error, body_error, panic, cancelled, aborted or upgraded.
    pub outcome: Option<Outcome>,
    /// Body bytes handed to the transport.
    pub bytes_out: Option<u64>,
    /// Body bytes taken from the transport.
    pub bytes_in: Option<u64>,
    /// Time until the response head was ready. In microseconds.
    pub head_us: Option<u64>,
    /// Time until the end of the request. In microseconds.
    pub duration_us: Option<u64>,
    /// gRPC status code, from trailers or head.
    pub grpc_status: Option<i32>,
    /// The User-Agent header, at most 512 bytes.
    pub user_agent: Option<Cow<'a, str>>,
    /// The Referer header, redacted, at most 1024 bytes.
    pub referer: Option<Cow<'a, str>>,
    /// The text of an event.
    pub message: Option<Cow<'a, str>>,
    /// The module an event came from.
    pub target: Option<Cow<'a, str>>,
    /// The error of the outcome, or one noted; URLs in it are redacted.
    pub error: Option<Cow<'a, str>>,
    /// This record stands for so many.
    pub sample_rate: Option<u32>,
    /// loss: how many records were dropped; of the numbers from the first to the last, perhaps not all.
    pub lost: Option<u64>,
    /// loss: the first number that was dropped.
    pub seq_first: Option<u64>,
    /// loss: the last number that was dropped.
    pub seq_last: Option<u64>,
    /// loss: why: queue_full, timed_out or too_long.
    pub reason: Option<LossReason>,
    /// stop: records made by this instance, this one included.
    pub made: Option<u64>,
    /// stop: records written by this instance, this one included.
    pub written: Option<u64>,
    /// stop: records dropped by this instance.
    pub dropped: Option<u64>,
    /// stop: notes set after the record of their request was written.
    pub late_notes: Option<u64>,
    /// Notes that the limits, or a missing hashing key, cut.
    pub notes_dropped: Option<u32>,
    /// Fields and values of this record that the limits cut.
    pub truncated: Option<u32>,
    /// `name=variant` for each feature flag this request saw.
    pub flags: Cow<'a, FlagSet>,
    /// The user's own notes; of an event its fields.
    pub notes: Cow<'a, NoteSet>,
}

/// No flags, for records that have none to borrow.
pub(crate) static NO_FLAGS: FlagSet = FlagSet::EMPTY;
/// No notes, likewise.
pub(crate) static NO_NOTES: NoteSet = NoteSet::EMPTY;

impl Record<'_> {
    /// A record with nothing but what every record has.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "made where it is filled: moving it costs more than making it")]
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
            late_notes: None,
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
        write::open(self, None, out, bytes_max);
    }

    /// The same for a record of this origin, whose fields are not written anew: the record's own are not
    /// looked at, unless the line has to be cut.
    pub fn open_of(&self, origin: &Origin, out: &mut Vec<u8>, bytes_max: usize) {
        write::open(self, Some(&origin.0), out, bytes_max);
    }
}

/// The fields that are the same in every record of a log, from `instance` to `release`, as they stand
/// in its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(Vec<u8>);

impl Origin {
    /// The origin of a record.
    ///
    /// ```
    /// use access_record::record::{Origin, Record};
    /// use access_record::{Kind, Level, Timestamp};
    /// let mut record = Record::new(Timestamp::from_micros(0), Kind::Access, Level::Info);
    /// record.service = Some("photos".into());
    /// let origin = Origin::of(&record);
    /// let (mut plain, mut faster) = (Vec::new(), Vec::new());
    /// record.open(&mut plain, 4096);
    /// record.open_of(&origin, &mut faster, 4096);
    /// assert_eq!(plain, faster);
    /// ```
    pub fn of(record: &Record<'_>) -> Self {
        Self(write::origin_part(record))
    }
}

/// Ends a line that [`Record::open`] began: its number is the last field.
pub fn close(out: &mut Vec<u8>, seq: u64) {
    out.extend_from_slice(b",\"seq\":");
    json::push_u64(out, seq);
    out.extend_from_slice(b"}\n");
}

#[cfg(test)]
mod tests;
