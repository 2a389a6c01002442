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
    pub late_notes: Option<u64>,
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
