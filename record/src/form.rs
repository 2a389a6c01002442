//! The forms a log can be written in: our own JSON, the same with other schemas' names, logfmt, or a
//! log format. A line is opened from its record and closed with its number, as the queue needs it.
//!
//! | form | names | durations | number |
//! | --- | --- | --- | --- |
//! | `Json` | our own | µs | `"seq"` |
//! | `OpenTelemetry` | the semantic conventions', else our own | of the request in s, six decimals | `"seq"` |
//! | `Ecs` | ECS's, else OpenTelemetry's (which ECS takes over), else our own | of the request in ns | `"seq"` |
//! | `Logfmt` | our own | µs | `seq=` |
//! | `LogFormat` | | as its directives say | none |
//!
//! Names of other schemas are flat keys with dots in them (`"url.path"`): Elasticsearch and the
//! OpenTelemetry collector take these as they take nested objects, and no two keys can be the same.
//! Notes stay an object of ours, `"notes"`, so that none can be taken for a field.

mod fit;
mod logfmt;
mod named;
mod names;

pub use names::{Named, Naming};

use crate::json;
use crate::kind::Kind;
use crate::logformat::LogFormat;
use crate::record::{self, Origin, Record};

/// How the lines of a log are written.
///
/// ```
/// use access_record::form::Form;
/// use access_record::{Kind, Level, Record, Timestamp};
/// let mut record = Record::new(Timestamp::from_micros(0), Kind::Access, Level::Info);
/// record.duration_us = Some(173_663);
/// let line = |form: Form| {
///     let mut out = Vec::new();
///     form.open(&record, &mut out, 4096);
///     form.close(&mut out, 7);
///     String::from_utf8(out).unwrap()
/// };
/// assert!(line(Form::OpenTelemetry).ends_with("\"http.server.request.duration\":0.173663,\"seq\":7}\n"));
/// assert!(line(Form::Ecs).ends_with("\"event.duration\":173663000,\"seq\":7}\n"));
/// assert!(line(Form::Logfmt).ends_with(" level=info duration_us=173663 seq=7\n"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Our own, as in the field table. The only one with a schema.
    #[default]
    Json,
    /// JSON with the names of the OpenTelemetry semantic conventions.
    OpenTelemetry,
    /// JSON with the names of the Elastic Common Schema.
    Ecs,
    /// `name=value`, separated by spaces.
    Logfmt,
    /// Lines of a log format, without numbers, and of `access` records only.
    LogFormat(LogFormat),
}

impl Form {
    /// Whether records of this kind have lines in this form. A log format has lines for requests and
    /// nothing else: no events, and no word about losses, which only the log's report then counts.
    pub fn writes(&self, kind: Kind) -> bool {
        !matches!(self, Self::LogFormat(_)) || kind == Kind::Access
    }

    /// Appends the line up to, and without, its number; [`close`](Self::close) ends it.
    ///
    /// A line over `bytes_max` loses optional fields from the end of the table upwards, counted in
    /// `truncated`. A log format has none to lose: there texts are cut, each to its share.
    pub fn open(&self, record: &Record<'_>, out: &mut Vec<u8>, bytes_max: usize) {
        match self {
            Self::Json => record.open(out, bytes_max),
            Self::OpenTelemetry => named::open(record, out, bytes_max, Naming::OpenTelemetry),
            Self::Ecs => named::open(record, out, bytes_max, Naming::Ecs),
            Self::Logfmt => logfmt::open(record, out, bytes_max),
            Self::LogFormat(format) => {
                format.write_up_to(record, out, bytes_max);
                // The line end comes with the number, of which there is none.
                out.pop();
            }
        }
    }

    /// The same for a record of this origin, whose fields our own form need not write anew.
    pub fn open_of(&self, origin: &Origin, record: &Record<'_>, out: &mut Vec<u8>, bytes_max: usize) {
        match self {
            Self::Json => record.open_of(origin, out, bytes_max),
            _ => self.open(record, out, bytes_max),
        }
    }

    /// Ends a line that [`open`](Self::open) began.
    pub fn close(&self, out: &mut Vec<u8>, seq: u64) {
        match self {
            Self::Json | Self::OpenTelemetry | Self::Ecs => record::close(out, seq),
            Self::Logfmt => {
                out.extend_from_slice(b" seq=");
                json::push_u64(out, seq);
                out.push(b'\n');
            }
            Self::LogFormat(_) => out.push(b'\n'),
        }
    }
}
