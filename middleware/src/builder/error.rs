//! Why a log could not be opened, for people.

use crate::headers::Refused;
use crate::writer::CannotOpen;
use std::fmt;

/// A queue must hold some of the longest records.
pub(super) const QUEUE_BYTES_MIN: usize = 64 * 1024;
/// A line must hold the fixed fields of a record, and something of its texts.
pub(super) const LINE_BYTES_MIN: usize = 4096;

/// Why a log could not be opened.
#[derive(Debug)]
pub struct BuildError(pub(super) Fault);

#[derive(Debug)]
pub(super) enum Fault {
    NoService,
    NoSink,
    QueueTooSmall(usize),
    LineTooShort(usize),
    NoProxy(String),
    NoHeader(String),
    Credentials(String),
    CannotOpen(CannotOpen),
    #[cfg(feature = "sighup")]
    Signal(std::io::Error),
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
            Fault::NoHeader(name) => {
                write!(f, "{name:?} cannot be a note: it is no header's name, or longer than a note's")
            }
            Fault::Credentials(name) => write!(
                f,
                "the header {name:?} carries credentials, and whoever reads the log could act for the client; \
                 leave it out, or note what it means, as with Notes::api_key"
            ),
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

impl From<Refused> for BuildError {
    fn from(refused: Refused) -> Self {
        Self(match refused {
            Refused::NoName(name) => Fault::NoHeader(name),
            Refused::Credentials(name) => Fault::Credentials(name),
        })
    }
}

impl From<CannotOpen> for BuildError {
    fn from(fault: CannotOpen) -> Self {
        Self(Fault::CannotOpen(fault))
    }
}

#[cfg(test)]
mod tests {
    use crate::AccessLog;
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
                AccessLog::new("a").sink(sink()).headers(["x-tenant", "two words"]),
                "access log: \"two words\" cannot be a note: it is no header's name, or longer than a note's",
            ),
            (
                AccessLog::new("a").sink(sink()).response_headers(["Set-Cookie"]),
                "access log: the header \"Set-Cookie\" carries credentials, and whoever reads the log could act \
                 for the client; leave it out, or note what it means, as with Notes::api_key",
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
