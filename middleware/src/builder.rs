//! Building a log: every setting once, checked when it opens.

use crate::access_log::AccessLog;
use crate::client::{ForwardedHeader, Proxies};
use crate::ids::new_instance_id;
use crate::redact::AllowedParams;
use crate::shared::{Origin, Shared, stamp};
use crate::writer::{CannotOpen, Further, Only, Opened, Settings, Sink, WhenFull};
use access_record::Keys;
use access_record::form::Form;
use access_record::notes::{NoteLimits, cut};
use std::fmt;
#[cfg(feature = "sighup")]
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

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
    also: Vec<(Sink, Only)>,
    #[cfg(feature = "sighup")]
    reopen_on_sighup: bool,
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
            also: Vec::new(),
            #[cfg(feature = "sighup")]
            reopen_on_sighup: false,
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

    /// Where records go, all of them. There is no default.
    pub fn sink(mut self, sink: Sink) -> Self {
        self.sink = Some(sink);
        self
    }

    /// Where selected records go as well. May be called again.
    ///
    /// Each such sink has a queue of as many bytes, a thread, an `instance` and numbers of its own, and a
    /// `stop` record with its own totals: each file proves its own completeness. One that hangs holds up
    /// neither requests nor the other sinks: whatever [`when_full`](Self::when_full) says of the first one,
    /// these drop the newest, count it and tell it.
    ///
    /// ```
    /// # use tower_access_log::{AccessLog, Capture, Level, Only};
    /// # let (all, errors) = (Capture::default().sink(), Capture::default().sink());
    /// let log = AccessLog::new("photos").sink(all).also(errors, Only::new().at_least(Level::Error)).build()?;
    /// # drop(log);
    /// # Ok::<(), tower_access_log::BuildError>(())
    /// ```
    pub fn also(mut self, sink: Sink, only: Only) -> Self {
        self.also.push((sink, only));
        self
    }

    /// Opens files anew when the process gets SIGHUP, as [`Handle::reopen`](crate::Handle::reopen) does, by a
    /// thread that waits for it. Once a log was built with this, SIGHUP does not end the process any
    /// more, also after the log is closed. Other handlers of the signal, such as tokio's, get it too.
    #[cfg(feature = "sighup")]
    pub fn reopen_on_sighup(mut self) -> Self {
        self.reopen_on_sighup = true;
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
        let settings = Settings {
            queue_bytes: self.queue_bytes,
            line_bytes_max: self.line_bytes_max,
            form: self.form.clone(),
            when_full: self.when_full,
        };
        // All are checked before any has a thread.
        let line_bytes_max = settings.check(&mut sink)?;
        let check = |(mut sink, only)| Ok((settings.check(&mut sink)?, sink, only));
        let also: Vec<_> = self.also.into_iter().map(check).collect::<Result<_, CannotOpen>>()?;
        let origin = Origin {
            instance: new_instance_id(),
            service: name(self.service),
            host: self.host.map(name),
            release: self.release.map(name),
        };
        let late_notes = Arc::new(AtomicU64::new(0));
        let Opened { queue, writer } =
            settings.open(sink, settings.when_full, stamp(origin.clone(), late_notes.clone()))?;
        let (mut further, mut writers) = (Vec::new(), vec![writer]);
        for (line_bytes_max, sink, only) in also {
            let instance = new_instance_id();
            let stamp = stamp(Origin { instance, ..origin.clone() }, late_notes.clone());
            let opened = settings.open(sink, WhenFull::DropNewest, stamp)?;
            further.push(Further { only, instance, line_bytes_max, queue: opened.queue });
            writers.push(opened.writer);
        }
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
            further,
            late_notes,
            in_flight: AtomicU64::new(0),
            said_no_keys: AtomicBool::new(false),
        };
        let log = AccessLog::open(Arc::new(shared), writers);
        #[cfg(feature = "sighup")]
        if self.reopen_on_sighup {
            return log.reopen_on_sighup().map_err(|error| BuildError(Fault::Signal(error)));
        }
        Ok(log)
    }
}

impl From<CannotOpen> for BuildError {
    fn from(fault: CannotOpen) -> Self {
        Self(Fault::CannotOpen(fault))
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
    QueueTooSmall(usize),
    LineTooShort(usize),
    NoProxy(String),
    CannotOpen(CannotOpen),
    #[cfg(feature = "sighup")]
    Signal(io::Error),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("access log: ")?;
        match &self.0 {
            Fault::NoService => f.write_str("the service has no name; give one to AccessLog::new"),
            Fault::NoSink => f.write_str("there is no sink; call .sink(Sink::file(…)?), for example"),
            Fault::QueueTooSmall(bytes) => {
                write!(f, "a queue of {bytes} bytes is too small; it takes {QUEUE_BYTES_MIN} at least")
            }
            Fault::LineTooShort(bytes) => {
                write!(f, "lines of {bytes} bytes are too short; they take {LINE_BYTES_MIN} at least")
            }
            Fault::NoProxy(text) => {
                write!(f, "trusted proxy {text:?} is neither an address nor a block such as 10.0.0.0/8")
            }
            Fault::CannotOpen(fault) => fault.fmt(f),
            #[cfg(feature = "sighup")]
            Fault::Signal(error) => write!(f, "SIGHUP cannot be waited for: {error}"),
        }
    }
}

impl std::error::Error for BuildError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Fault::CannotOpen(CannotOpen::Thread(error)) => Some(error),
            #[cfg(feature = "sighup")]
            Fault::Signal(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::writer::Capture;
    use std::time::Duration;

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
