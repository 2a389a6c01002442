//! Where records go.

use super::file::{FileSettings, LogFile, Rotation};
use super::queue::Queue;
use access_record::Record;
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// Bytes that a write to a pipe takes whole, so that writers who share it never mix (POSIX: at
/// least 512; Linux: 4096).
const PIPE_BUF: usize = 4096;
/// The longest line for a sink that is not shared.
const LINE_BYTES_MAX: usize = 24 * 1024;

/// Where records go: a file, standard output, or anything that can be written to.
pub struct Sink {
    pub(crate) target: Target,
    /// The longest line, in bytes.
    pub(crate) line_bytes_max: usize,
    pub(crate) capture: Option<Capture>,
    settings: FileSettings,
}

impl Sink {
    /// A file, created with mode 0640 if it is not there, and appended to.
    ///
    /// If a killed process left a line without its end, the end is written first. Refused are: a
    /// symbolic link; a file with several names (hard links); anything but a regular file or a FIFO; a
    /// directory that anybody may write to, unless it has the sticky bit. The owner of the file is not
    /// looked at: in a sticky directory that is the kernel's job (`fs.protected_regular`).
    ///
    /// The writer looks at the path at most once a second, when it has something to write, and at a
    /// [flush](crate::AccessLog::flush): when the file was renamed, replaced or deleted, it goes on with
    /// the one at the path, and creates it with mode 0640 if there is none at a second look. Where that
    /// fails it goes on with the old file, says so once on standard error, and tries again.
    /// Truncating the file in place is fine as well.
    ///
    /// A FIFO needs no reader to be opened, and a reader may come and go: while it is full, the writer
    /// tries again, at least once a second, and records wait in the queue. A line in a FIFO has at most
    /// 4096 bytes, so that it stays whole where several processes write.
    pub fn file(path: impl AsRef<Path>) -> io::Result<Self> {
        let file = LogFile::open(path.as_ref())?;
        let is_fifo = file.is_fifo;
        let sink = Self::unshared(Target::File(Box::new(file)));
        Ok(if is_fifo { Self { line_bytes_max: PIPE_BUF, ..sink } } else { sink })
    }

    /// Rotates the file when it is full. Building the log fails for a sink that is no regular file.
    #[must_use]
    pub fn rotate(mut self, rotation: Rotation) -> Self {
        self.settings.rotation = Some(rotation);
        self
    }

    /// Syncs the file's data to its disk when something has waited for it so long, before it is closed
    /// or rotated, and at shutdown: a power failure then loses this and what was queued. The writer
    /// waits for the disk; requests do not. With an interval of zero a flush means synced. Building the log fails for a sink that is no regular file.
    #[must_use]
    pub fn fsync_each(mut self, interval: Duration) -> Self {
        self.settings.fsync_each = Some(interval);
        self
    }

    /// Takes the settings of a file over; `false` where there is no file to take them.
    pub(crate) fn settle(&mut self) -> bool {
        match &mut self.target {
            Target::File(file) if !file.is_fifo => {
                file.settings = self.settings;
                true
            }
            _ => self.settings.rotation.is_none() && self.settings.fsync_each.is_none(),
        }
    }

    /// Standard output. Each write is at most 4096 bytes of whole lines, so that a pipe that others
    /// write to as well stays whole; a longer record loses fields.
    pub fn stdout() -> io::Result<Self> {
        use std::os::fd::AsFd as _;
        let file = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        Ok(Self { line_bytes_max: PIPE_BUF, ..Self::unshared(Target::Stdout(file)) })
    }

    /// Anything that can be written to. It is called from the log's own thread.
    pub fn writer(writer: impl Write + Send + 'static) -> Self {
        Self::unshared(Target::Writer(Box::new(writer)))
    }

    fn unshared(target: Target) -> Self {
        Self { target, line_bytes_max: LINE_BYTES_MAX, capture: None, settings: FileSettings::default() }
    }
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sink").field(&self.target.name()).finish()
    }
}

/// An open sink.
pub(crate) enum Target {
    File(Box<LogFile>),
    Stdout(File),
    Writer(Box<dyn Write + Send>),
}

impl Target {
    /// What the operator knows it by.
    pub(crate) fn name(&self) -> &str {
        match self {
            Target::File(file) => file.name(),
            Target::Stdout(_) => "standard output",
            Target::Writer(_) => "the sink",
        }
    }

    /// Writes a part, at least one byte, of some whole lines; says how many bytes were taken.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Target::File(file) if file.is_fifo => file.write(whole_lines(bytes)),
            Target::File(file) => file.write(bytes),
            Target::Stdout(file) => file.write(whole_lines(bytes)),
            Target::Writer(writer) => writer.write(bytes),
        }
    }

    /// Makes the sink pass on what it took.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        match self {
            // The kernel has it.
            Target::Stdout(_) => Ok(()),
            Target::File(file) => {
                file.flush();
                Ok(())
            }
            Target::Writer(writer) => writer.flush(),
        }
    }

    /// When a flush has something to do even if nothing was written.
    pub(crate) fn flush_due(&self) -> Option<Instant> {
        self.file().and_then(LogFile::sync_due)
    }

    /// See [`LogFile::between_chunks`].
    pub(crate) fn between_chunks(&mut self, asked: bool) {
        if let Target::File(file) = self {
            file.between_chunks(asked);
        }
    }

    /// See [`LogFile::follow_after_error`].
    pub(crate) fn follow_after_error(&mut self) -> bool {
        if let Target::File(file) = self { file.follow_after_error() } else { false }
    }

    /// Nothing more will be written.
    pub(crate) fn finish(&mut self) {
        if let Target::File(file) = self {
            file.finish();
        }
    }

    /// Failures, since the last time, that no write has told of.
    pub(crate) fn take_errors(&mut self) -> u64 {
        if let Target::File(file) = self { file.take_errors() } else { 0 }
    }

    fn file(&self) -> Option<&LogFile> {
        if let Target::File(file) = self { Some(file) } else { None }
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

/// Memory takes what it is given; a queue that is not empty after this has lost its writer.
const FLUSH_WITHIN: Duration = Duration::from_secs(5);

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
    queues: Mutex<Vec<Weak<Queue>>>,
}

impl Capture {
    /// A sink that writes here.
    pub fn sink(&self) -> Sink {
        Sink { capture: Some(self.clone()), ..Sink::writer(CaptureWriter(self.clone())) }
    }

    pub(crate) fn attach(&self, queue: &Arc<Queue>) {
        self.queues().push(Arc::downgrade(queue));
    }

    /// Everything written so far, as text.
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
