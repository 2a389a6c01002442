//! Opening a sink: what was set is checked first, then it gets a queue and a thread of its own.

use super::policy::WhenFull;
use super::queue::{FLUSH_AFTER, Queue};
use super::sink::Sink;
use super::thread::Writer;
use access_record::form::Form;
use access_record::{Kind, Level, Record};
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// What each sink of a log is opened with.
pub(crate) struct Settings {
    pub(crate) queue_bytes: usize,
    pub(crate) line_bytes_max: Option<usize>,
    pub(crate) form: Form,
    pub(crate) when_full: WhenFull,
}

/// A sink whose thread runs, until its queue is closed.
pub(crate) struct Opened {
    pub(crate) queue: Arc<Queue>,
    pub(crate) writer: Writer,
}

/// Why a sink cannot be opened.
#[derive(Debug)]
pub(crate) enum CannotOpen {
    NotForSink(&'static str),
    QueueTooSmallFor { line_bytes: usize, queue_bytes: usize },
    Thread(io::Error),
}

impl Settings {
    /// Checks a sink, takes over what was set for it, and says how long its lines may be.
    pub(crate) fn check(&self, sink: &mut Sink) -> Result<usize, CannotOpen> {
        sink.settle(&self.form).map_err(CannotOpen::NotForSink)?;
        let line_bytes = self.line_bytes_max.unwrap_or(sink.line_bytes_max);
        if self.queue_bytes / 2 < line_bytes {
            return Err(CannotOpen::QueueTooSmallFor { line_bytes, queue_bytes: self.queue_bytes });
        }
        Ok(line_bytes)
    }

    /// Opens a sink that was checked. The stamp makes the log's own records.
    pub(crate) fn open(
        &self,
        sink: Sink,
        when_full: WhenFull,
        stamp: impl Fn(Kind, Level) -> Record<'static> + Send + Sync + 'static,
    ) -> Result<Opened, CannotOpen> {
        // A test wants to see a record at once.
        let flush_after = if sink.capture.is_some() { Duration::ZERO } else { FLUSH_AFTER };
        let queue = Queue::new(self.queue_bytes, flush_after, stamp)
            .named(sink.target.name())
            .with_form(self.form.clone())
            .when_full(when_full);
        let queue = Arc::new(queue);
        if let Some(capture) = &sink.capture {
            capture.attach(&queue);
        }
        let writer = Writer::start(queue.clone(), sink.target).map_err(CannotOpen::Thread)?;
        Ok(Opened { queue, writer })
    }
}

impl fmt::Display for CannotOpen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotForSink(what) => f.write_str(what),
            Self::QueueTooSmallFor { line_bytes, queue_bytes } => write!(
                f,
                "lines of up to {line_bytes} bytes are too long for a queue of {queue_bytes}; it takes two at least"
            ),
            Self::Thread(error) => write!(f, "the writer thread did not start: {error}"),
        }
    }
}
