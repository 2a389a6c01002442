//! Where records go.

use super::file;
use super::queue::Queue;
use access_record::Record;
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

/// Bytes that a write to a pipe takes whole, so that writers who share it never mix (POSIX: at
/// least 512; Linux: 4096).
const PIPE_BUF: usize = 4096;
/// The longest line for a sink that is not shared.
const LINE_BYTES_MAX: usize = 16 * 1024;

/// Where records go: a file, standard output, or anything that can be written to.
pub struct Sink {
    pub(crate) target: Target,
    /// The longest line, in bytes.
    pub(crate) line_bytes_max: usize,
    pub(crate) capture: Option<Capture>,
}

impl Sink {
    /// A file, created with mode 0640 if it is not there, and appended to.
    ///
    /// If a killed process left a line without its end, the end is written first. A symbolic link and
    /// anything but a regular file or a FIFO is refused.
    pub fn file(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let file = file::open(path)?;
        Ok(Self::unshared(Target::File { file, name: path.display().to_string() }))
    }

    /// Standard output. Each write is at most 4096 bytes of whole lines, so that a pipe that others
    /// write to as well stays whole; a longer record loses fields.
    pub fn stdout() -> io::Result<Self> {
        use std::os::fd::AsFd as _;
        let file = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        Ok(Self { target: Target::Stdout(file), line_bytes_max: PIPE_BUF, capture: None })
    }

    /// Anything that can be written to. It is called from the log's own thread.
    pub fn writer(writer: impl Write + Send + 'static) -> Self {
        Self::unshared(Target::Writer(Box::new(writer)))
    }

    fn unshared(target: Target) -> Self {
        Self { target, line_bytes_max: LINE_BYTES_MAX, capture: None }
    }
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sink").field(&self.target.name()).finish()
    }
}

/// An open sink.
pub(crate) enum Target {
    File { file: File, name: String },
    Stdout(File),
    Writer(Box<dyn Write + Send>),
}

impl Target {
    /// What the operator knows it by.
    pub(crate) fn name(&self) -> &str {
        match self {
            Target::File { name, .. } => name,
            Target::Stdout(_) => "standard output",
            Target::Writer(_) => "the sink",
        }
    }

    /// Writes a part, at least one byte, of some whole lines; says how many bytes were taken.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Target::File { file, .. } => file.write(bytes),
            Target::Stdout(file) => file.write(whole_lines(bytes)),
            Target::Writer(writer) => {
                let taken = writer.write(bytes)?;
                writer.flush()?;
                Ok(taken)
            }
        }
    }
}

/// As many whole lines as a pipe takes at once. The rest of a line that was cut by a short write
/// counts as a line.
fn whole_lines(bytes: &[u8]) -> &[u8] {
    if bytes.len() <= PIPE_BUF {
        return bytes;
    }
    let end = bytes[..PIPE_BUF].iter().rposition(|byte| *byte == b'\n').map_or(PIPE_BUF, |at| at + 1);
    &bytes[..end]
}

/// A sink for tests: keeps the lines in memory and gives them back as records.
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
    queue: OnceLock<Weak<Queue>>,
}

impl Capture {
    /// A sink that writes here.
    pub fn sink(&self) -> Sink {
        Sink { capture: Some(self.clone()), ..Sink::writer(CaptureWriter(self.clone())) }
    }

    pub(crate) fn attach(&self, queue: &Arc<Queue>) {
        // Of two logs that share a capture the first is flushed before its lines are read.
        let _second = self.0.queue.set(Arc::downgrade(queue));
    }

    /// Everything written so far, as text.
    pub fn text(&self) -> String {
        if let Some(queue) = self.0.queue.get().and_then(Weak::upgrade) {
            queue.flush(crate::clock::monotonic() + Duration::from_secs(5));
        }
        String::from_utf8_lossy(&self.lock()).into_owned()
    }

    /// Every record made so far, in line order.
    ///
    /// # Panics
    /// If a line is no record: in a test that is a failure.
    pub fn records(&self) -> Vec<Record<'static>> {
        self.text().lines().map(record).collect()
    }

    /// Waits, blocking this thread, until there are so many records that `wanted` says yes to, or the
    /// time is over; returns them. For requests that end on another thread.
    ///
    /// # Panics
    /// If a line is no record.
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

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<u8>> {
        self.0.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn record(line: &str) -> Record<'static> {
    match Record::parse(line) {
        Ok((record, _)) => record,
        Err(error) => panic!("{error} in {line}"),
    }
}

impl fmt::Debug for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Capture").field("bytes", &self.lock().len()).finish_non_exhaustive()
    }
}

struct CaptureWriter(Capture);

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_pipe_gets_whole_lines() {
        let line = |len: usize| [vec![b'x'; len - 1], vec![b'\n']].concat();
        let rows = [
            (vec![line(100)], 100),
            (vec![line(4096)], 4096),
            (vec![line(4000), line(96)], 4096),
            (vec![line(4000), line(97)], 4000),
            (vec![line(10), line(5000)], 10),
            (vec![line(5000)], 4096),
        ];
        for (lines, taken) in rows {
            assert_eq!(whole_lines(&lines.concat()).len(), taken);
        }
    }
}
