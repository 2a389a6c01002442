//! Building a log: every setting once, checked when it opens.

use crate::access_log::AccessLog;
use crate::client::{ForwardedHeader, Proxies};
use crate::ids::new_instance_id;
use crate::redact::AllowedParams;
use crate::shared::{Origin, Shared};
use crate::writer::{FLUSH_AFTER, Queue, Sink, WhenFull, Writer};
use access_record::form::Form;
use access_record::notes::{NoteLimits, cut};
use access_record::{Keys, Kind};
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// The queue holds so many bytes unless told otherwise.
const QUEUE_BYTES: usize = 8 * 1024 * 1024;
/// A queue must hold some of the longest records.
const QUEUE_BYTES_MIN: usize = 64 * 1024;
/// A line must hold the fixed fields of a record, and something of its texts.
const LINE_BYTES_MIN: usize = 4096;
/// The longest name of a service, host or release.
const NAME_BYTES_MAX: usize = 128;

/// Settings of a log; made by [`AccessLog::new`].
#[derive(Debug)]
#[must_use = "a log begins with `build`"]
pub struct Builder {
    service: String,
    host: Option<String>,
    release: Option<String>,
    keys: Option<Keys>,
    sink: Option<Sink>,
    params: AllowedParams,
    trusted_proxies: Vec<String>,
    forwarded_by: ForwardedHeader,
    new_request_ids: bool,
    limits: NoteLimits,
    queue_bytes: usize,
    line_bytes_max: Option<usize>,
    start_records: bool,
    form: Form,
    when_full: WhenFull,
}

impl AccessLog {
    /// The settings of a log for a service of this name.
    #[expect(clippy::new_ret_no_self, reason = "the log begins with its settings")]
    pub fn new(service: impl Into<String>) -> Builder {
        Builder {
            service: service.into(),
            host: host_name(),
            release: None,
            keys: None,
            sink: None,
            params: AllowedParams::default(),
            trusted_proxies: Vec::new(),
            forwarded_by: ForwardedHeader::default(),
            new_request_ids: false,
            limits: NoteLimits::default(),
            queue_bytes: QUEUE_BYTES,
            line_bytes_max: None,
            start_records: false,
            form: Form::Json,
            when_full: WhenFull::default(),
        }
    }
}

impl Builder {
    /// The deployed version, such as `env!("CARGO_PKG_VERSION")`.
    pub fn release(mut self, release: impl Into<String>) -> Self {
        self.release = Some(release.into());
        self
    }

    /// The machine's name, where the one the kernel knows is not the one people know.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// The keys that API keys are hashed with. Without them no fingerprint is written.
    pub fn fingerprint_keys(mut self, keys: Keys) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Where records go. There is no default.
    pub fn sink(mut self, sink: Sink) -> Self {
        self.sink = Some(sink);
        self
    }

    /// The query parameters whose values may be written; all others are replaced by `***`.
    pub fn query_params(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.params = AllowedParams::new(names);
        self
    }

    /// The proxies that are believed: addresses, `192.0.2.1`, and blocks of them, `10.0.0.0/8`. None by
    /// default: then the client is whoever is at the other end of the socket.
    ///
    /// From there the walk goes through the header that [`forwarded_by`](Self::forwarded_by) names, from
    /// right to left, as long as it meets trusted proxies. The first other address is `client_ip`; if all
    /// are trusted, the leftmost. A node that is no address ends the walk, and `client_ip` is unknown. The
    /// scheme is what the last trusted proxy says of it.
    ///
    /// With a list, `x-request-id` is accepted from those on it only. A bad text is an error of
    /// [`build`](Self::build). Where the server does not say who is at the other end, as on a Unix socket,
    /// nobody is trusted; give such requests a [`PeerAddr`](crate::PeerAddr).
    ///
    /// ```
    /// # use tower_access_log::{AccessLog, Capture, ForwardedHeader};
    /// # let sink = Capture::default().sink();
    /// let log = AccessLog::new("photos")
    ///     .trusted_proxies(["10.0.0.0/8", "2001:db8:cafe::/48", "192.0.2.7"])
    ///     .forwarded_by(ForwardedHeader::Forwarded)
    ///     .sink(sink)
    ///     .build()?;
    /// # drop(log);
    /// # Ok::<(), tower_access_log::BuildError>(())
    /// ```
    pub fn trusted_proxies(mut self, proxies: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.trusted_proxies = proxies.into_iter().map(Into::into).collect();
        self
    }

    /// The one header that the trusted proxies write; [`ForwardedHeader::XForwardedFor`] by default. To
    /// believe another one would let clients forge it.
    pub fn forwarded_by(mut self, header: ForwardedHeader) -> Self {
        self.forwarded_by = header;
        self
    }

    /// For services at the edge, whose callers are strangers: the request id and the trace are always
    /// new, whatever the request comes with. An offered request id that keeps the rule becomes the note
    /// `request_id_offered`, so that a client that knows only its own can still be helped.
    pub fn new_request_ids(mut self) -> Self {
        self.new_request_ids = true;
        self
    }

    /// How much the notes of one request may hold.
    pub fn note_limits(mut self, limits: NoteLimits) -> Self {
        self.limits = limits;
        self
    }

    /// How many bytes of lines may wait for the sink: 8 MiB by default, 64 KiB at least. When they do,
    /// new records are dropped and counted, events first.
    pub fn queue_bytes(mut self, bytes: usize) -> Self {
        self.queue_bytes = bytes;
        self
    }

    /// The longest line, its end included: 24 KiB by default, 4096 bytes on standard output, and that is
    /// also the least. A longer record loses fields from the end of the field table upwards, and counts
    /// them in `truncated`; no single text takes more than a tenth of it.
    pub fn line_bytes_max(mut self, bytes: usize) -> Self {
        self.line_bytes_max = Some(bytes);
        self
    }

    /// Writes a `start` record at the beginning of each request, so that a process that is killed leaves
    /// a trace of what was in flight, but for what began within the last 200 ms and was still queued.
    /// A full queue drops these first.
    pub fn start_records(mut self, yes: bool) -> Self {
        self.start_records = yes;
        self
    }

    /// How lines are written: [`Form::Json`] by default.
    ///
    /// A [`Form::LogFormat`] has lines for requests only. Events, calls, and the log's own words about
    /// losses and its end are not written in it and take no number; what was dropped is still counted in
    /// the [`Report`](crate::Report).
    pub fn form(mut self, form: Form) -> Self {
        self.form = form;
        self
    }

    /// What happens when the queue is full: new records are dropped unless told otherwise.
    pub fn when_full(mut self, when_full: WhenFull) -> Self {
        self.when_full = when_full;
        self
    }

    /// Opens the log and starts its writer thread.
    pub fn build(self) -> Result<AccessLog, BuildError> {
        let name = |name: String| Arc::from(cut(&name, NAME_BYTES_MAX));
        if self.service.is_empty() {
            return Err(BuildError(Fault::NoService));
        }
        if self.queue_bytes < QUEUE_BYTES_MIN {
            return Err(BuildError(Fault::QueueTooSmall(self.queue_bytes)));
        }
        if let Some(bytes) = self.line_bytes_max.filter(|bytes| *bytes < LINE_BYTES_MIN) {
            return Err(BuildError(Fault::LineTooShort(bytes)));
        }
        let proxies = Proxies::parse(self.trusted_proxies, self.forwarded_by);
        let proxies = proxies.map_err(|text| BuildError(Fault::NoProxy(text)))?;
        let mut sink = self.sink.ok_or(BuildError(Fault::NoSink))?;
        sink.settle(&self.form).map_err(|what| BuildError(Fault::NotForSink(what)))?;
        let line_bytes_max = self.line_bytes_max.unwrap_or(sink.line_bytes_max);
        if self.queue_bytes / 2 < line_bytes_max {
            return Err(BuildError(Fault::QueueTooSmallFor(line_bytes_max, self.queue_bytes)));
        }
        let origin = Origin {
            instance: new_instance_id(),
            service: name(self.service),
            host: self.host.map(name),
            release: self.release.map(name),
        };
        let late_notes = Arc::new(AtomicU64::new(0));
        let stamp = {
            let (origin, late_notes) = (origin.clone(), late_notes.clone());
            move |kind, level| {
                let mut record = origin.owned_record(kind, level);
                record.late_notes = (kind == Kind::Stop).then(|| late_notes.load(Ordering::Relaxed));
                record
            }
        };
        // A test wants to see a record at once.
        let flush_after = if sink.capture.is_some() { Duration::ZERO } else { FLUSH_AFTER };
        let queue = Queue::new(self.queue_bytes, flush_after, stamp)
            .with_form(self.form.clone())
            .when_full(self.when_full);
        let queue = Arc::new(queue);
        if let Some(capture) = &sink.capture {
            capture.attach(&queue);
        }
        let writer =
            Writer::start(queue.clone(), sink.target).map_err(|error| BuildError(Fault::Thread(error)))?;
        let shared = Shared {
            origin,
            keys: self.keys,
            params: self.params,
            proxies,
            new_request_ids: self.new_request_ids,
            limits: self.limits,
            line_bytes_max,
            start_records: self.start_records,
            form: self.form,
            queue,
            late_notes,
            in_flight: AtomicU64::new(0),
            said_no_keys: AtomicBool::new(false),
        };
        Ok(AccessLog::open(Arc::new(shared), writer))
    }
}

/// The kernel's name of this machine.
fn host_name() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// Why a log could not be opened.
#[derive(Debug)]
pub struct BuildError(Fault);

#[derive(Debug)]
enum Fault {
    NoService,
    NoSink,
    NotForSink(&'static str),
    QueueTooSmall(usize),
    LineTooShort(usize),
    NoProxy(String),
    QueueTooSmallFor(usize, usize),
    Thread(io::Error),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("access log: ")?;
        match &self.0 {
            Fault::NoService => f.write_str("the service has no name; give one to AccessLog::new"),
            Fault::NoSink => f.write_str("there is no sink; call .sink(Sink::file(…)?), for example"),
            Fault::NotForSink(what) => f.write_str(what),
            Fault::QueueTooSmall(bytes) => {
                write!(f, "a queue of {bytes} bytes is too small; it takes {QUEUE_BYTES_MIN} at least")
            }
            Fault::LineTooShort(bytes) => {
                write!(f, "lines of {bytes} bytes are too short; they take {LINE_BYTES_MIN} at least")
            }
            Fault::NoProxy(text) => {
                write!(f, "trusted proxy {text:?} is neither an address nor a block such as 10.0.0.0/8")
            }
            Fault::QueueTooSmallFor(line, queue) => {
                write!(
                    f,
                    "lines of up to {line} bytes are too long for a queue of {queue}; it takes two at least"
                )
            }
            Fault::Thread(error) => write!(f, "the writer thread did not start: {error}"),
        }
    }
}

impl std::error::Error for BuildError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        if let Fault::Thread(error) = &self.0 { Some(error) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::writer::Capture;

    #[test]
    fn what_is_missing_is_said() {
        let sink = || Capture::default().sink();
        let rows = [
            (
                AccessLog::new("").sink(sink()),
                "access log: the service has no name; give one to AccessLog::new",
            ),
            (AccessLog::new("a"), "access log: there is no sink; call .sink(Sink::file(…)?), for example"),
            (
                AccessLog::new("a").sink(sink().fsync_each(Duration::ZERO)),
                "access log: rotate and fsync_each are for regular files; the sink is none",
            ),
            (
                AccessLog::new("a").sink(sink()).queue_bytes(1),
                "access log: a queue of 1 bytes is too small; it takes 65536 at least",
            ),
            (
                AccessLog::new("a").sink(sink()).line_bytes_max(4095),
                "access log: lines of 4095 bytes are too short; they take 4096 at least",
            ),
            (
                AccessLog::new("a").sink(sink()).trusted_proxies(["10.0.0.0/8", "10.0.0.0/33"]),
                "access log: trusted proxy \"10.0.0.0/33\" is neither an address nor a block such as 10.0.0.0/8",
            ),
            (
                AccessLog::new("a").sink(sink()).line_bytes_max(40_000).queue_bytes(65_536),
                "access log: lines of up to 40000 bytes are too long for a queue of 65536; it takes two at least",
            ),
        ];
        for (builder, message) in rows {
            assert_eq!(builder.build().err().map(|error| error.to_string()).as_deref(), Some(message));
        }
    }
}
