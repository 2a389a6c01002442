//! Building a log: every setting once, checked when it opens.

use crate::access_log::AccessLog;
use crate::ids::new_instance_id;
use crate::redact::AllowedParams;
use crate::shared::{Origin, Shared};
use crate::writer::{FLUSH_AFTER, Queue, Sink, WhenFull, Writer};
use access_record::Keys;
use access_record::notes::{NoteLimits, cut};
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
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
    limits: NoteLimits,
    queue_bytes: usize,
    line_bytes_max: Option<usize>,
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
            limits: NoteLimits::default(),
            queue_bytes: QUEUE_BYTES,
            line_bytes_max: None,
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
        let mut sink = self.sink.ok_or(BuildError(Fault::NoSink))?;
        if !sink.settle() {
            return Err(BuildError(Fault::NoFile));
        }
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
        let stamp = {
            let origin = origin.clone();
            move |kind, level| origin.owned_record(kind, level)
        };
        // A test wants to see a record at once.
        let flush_after = if sink.capture.is_some() { Duration::ZERO } else { FLUSH_AFTER };
        let queue = Queue::new(self.queue_bytes, flush_after, stamp).when_full(self.when_full);
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
            limits: self.limits,
            line_bytes_max,
            queue,
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
    NoFile,
    QueueTooSmall(usize),
    LineTooShort(usize),
    QueueTooSmallFor(usize, usize),
    Thread(io::Error),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("access log: ")?;
        match &self.0 {
            Fault::NoService => f.write_str("the service has no name; give one to AccessLog::new"),
            Fault::NoSink => f.write_str("there is no sink; call .sink(Sink::file(…)?), for example"),
            Fault::NoFile => f.write_str("rotate and fsync_each are for regular files; the sink is none"),
            Fault::QueueTooSmall(bytes) => {
                write!(f, "a queue of {bytes} bytes is too small; it takes {QUEUE_BYTES_MIN} at least")
            }
            Fault::LineTooShort(bytes) => {
                write!(f, "lines of {bytes} bytes are too short; they take {LINE_BYTES_MIN} at least")
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
                AccessLog::new("a").sink(sink()).line_bytes_max(40_000).queue_bytes(65_536),
                "access log: lines of up to 40000 bytes are too long for a queue of 65536; it takes two at least",
            ),
        ];
        for (builder, message) in rows {
            assert_eq!(builder.build().err().map(|error| error.to_string()).as_deref(), Some(message));
        }
    }
}
