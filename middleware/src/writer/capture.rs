//! A sink for users' tests: lines in memory, given back as records.

use super::queue::Queue;
use access_record::Record;
use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// Memory takes what it is given; a queue that is not empty after this has lost its writer.
const FLUSH_WITHIN: Duration = Duration::from_secs(5);

/// A sink for tests: keeps the lines in memory and gives them back as records.
///
/// Records are read from lines of [`Form::Json`](crate::Form::Json), the default. Of a log in another form
/// there is the [text](Self::text).
///
/// ```
/// use tower_access_log::{AccessLog, Capture};
/// let capture = Capture::default();
/// let log = AccessLog::new("photos").sink(capture.sink()).build()?;
/// // … requests …
/// assert!(capture.records().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Capture(Arc<Captured>);

#[derive(Default)]
struct Captured {
    bytes: Mutex<Vec<u8>>,
    arrived: Condvar,
    queues: Mutex<Vec<Weak<Queue>>>,
}

impl Capture {
    /// What a sink writes to, to be kept here.
    pub(super) fn writer(&self) -> CaptureWriter {
        CaptureWriter(self.clone())
    }

    pub(crate) fn attach(&self, queue: &Arc<Queue>) {
        self.queues().push(Arc::downgrade(queue));
    }

    /// Everything written so far, as text, in whatever form the log has.
    pub fn text(&self) -> String {
        let queues: Vec<_> = self.queues().iter().filter_map(Weak::upgrade).collect();
        for queue in queues {
            queue.flush(crate::clock::monotonic() + FLUSH_WITHIN);
        }
        String::from_utf8_lossy(&self.lock()).into_owned()
    }

    /// Every record made so far, in line order.
    ///
    /// # Panics
    /// If a line is no record, as those of other forms than [`Form::Json`](crate::Form::Json) are: in a test
    /// that is a failure.
    pub fn records(&self) -> Vec<Record<'static>> {
        self.text().lines().map(record).collect()
    }

    /// Waits, blocking this thread, until there are so many records that `wanted` says yes to, or the
    /// time is over; returns them. For requests that end on another thread.
    ///
    /// # Panics
    /// If a line is no record, as [`records`](Self::records) does.
    pub fn wait_for(
        &self,
        count: usize,
        within: Duration,
        wanted: impl Fn(&Record<'_>) -> bool,
    ) -> Vec<Record<'static>> {
        let until = crate::clock::monotonic() + within;
        let mut bytes = self.lock();
        loop {
            let text = String::from_utf8_lossy(&bytes);
            let whole = &text[..text.rfind('\n').map_or(0, |end| end + 1)];
            let found: Vec<_> = whole.lines().map(record).filter(|record| wanted(record)).collect();
            let left = until.saturating_duration_since(crate::clock::monotonic());
            if found.len() >= count || left.is_zero() {
                return found;
            }
            bytes = self.0.arrived.wait_timeout(bytes, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn queues(&self) -> MutexGuard<'_, Vec<Weak<Queue>>> {
        self.0.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn record(line: &str) -> Record<'static> {
    match Record::parse(line) {
        Ok((record, _)) => record,
        Err(error) => {
            panic!("no record of Form::Json ({error}); for another form look at Capture::text: {line}")
        }
    }
}

impl fmt::Debug for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Capture").field("bytes", &self.lock().len()).finish_non_exhaustive()
    }
}

pub(super) struct CaptureWriter(Capture);

impl Write for CaptureWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        self.0.0.arrived.notify_all();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
