//! One of several logs: the thread that finds its rows, and the window in which they wait for their turn.

use crate::engine::Sink;
use crate::facts::Facts;
use crate::field::Name;
use crate::format;
use crate::row::{Row, Shape};
use crate::stage::Kept;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError};

/// Rows are handed over so many bytes at a time.
const BATCH_BYTES: usize = 64 << 10;

/// What a row takes beside its line, in bytes, about.
const ROW_BYTES: usize = 96;

/// A row that was found. Rows sort by time, and those of a time as they stand in their log.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) time_us: i64,
    /// Its place among the rows of its log.
    number: u64,
    /// It is no row, but a line that continues the one before.
    pub(super) continues: bool,
    /// Whether it is a record, and no line of another kind.
    is_record: bool,
    pub(super) line: u64,
    pub(super) file: Arc<str>,
    pub(super) raw: Box<[u8]>,
    /// Its fields, where the line alone does not say all of them: another line may have named its columns.
    pub(super) kept: Option<Box<Kept>>,
}

impl Waiting {
    fn bytes(&self) -> usize {
        self.raw.len() + ROW_BYTES + self.kept.as_ref().map_or(0, |kept| kept.bytes())
    }

    fn place(&self) -> (i64, u64) {
        (self.time_us, self.number)
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.place() == other.place()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }
}

/// Finds the rows of a log, on a thread of its own.
pub(super) struct Finder {
    facts: Facts,
    decode_all: bool,
    batches: SyncSender<Vec<Waiting>>,
    batch: Vec<Waiting>,
    batch_bytes: usize,
    /// The time of the row before, and how many there were.
    time_us: i64,
    rows: u64,
    file: Arc<str>,
    /// Nobody takes rows any more.
    is_done: bool,
}

impl Finder {
    pub(super) fn new(batches: SyncSender<Vec<Waiting>>, decode_all: bool) -> Self {
        Self {
            facts: Facts::new(),
            decode_all,
            batches,
            batch: Vec::new(),
            batch_bytes: 0,
            time_us: i64::MIN,
            rows: 0,
            file: Arc::from(""),
            is_done: false,
        }
    }

    /// Hands over what is left.
    pub(super) fn end(mut self) {
        self.hand_over();
    }

    fn wait(&mut self, waiting: Waiting) {
        self.rows += 1;
        self.batch_bytes += waiting.bytes();
        self.batch.push(waiting);
        if self.batch_bytes >= BATCH_BYTES {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        if !self.batch.is_empty() {
            self.batch_bytes = 0;
            self.is_done |= self.batches.send(std::mem::take(&mut self.batch)).is_err();
        }
    }
}

impl Sink for Finder {
    /// Its time is all that decides where a row comes.
    fn fields(&self) -> Option<Vec<Name>> {
        (!self.decode_all).then(|| vec![self.facts.ts.clone()])
    }

    fn is_done(&self) -> bool {
        self.is_done
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        self.time_us = self.facts.time_us(row).unwrap_or(self.time_us);
        if *self.file != *row.origin.file {
            self.file = Arc::from(row.origin.file);
        }
        let (file, raw) = (Arc::clone(&self.file), row.raw.into());
        let (time_us, number, line) = (self.time_us, self.rows, row.origin.line);
        let is_headed = row.shape == Shape::Record && !format::starts_as_json(row.raw);
        let kept = is_headed.then(|| Box::new(Kept::of(row, None)));
        let is_record = row.shape != Shape::Unknown;
        self.wait(Waiting { time_us, number, continues: false, is_record, line, file, raw, kept });
        Ok(())
    }

    fn near(&mut self, row: &Row<'_>) -> io::Result<()> {
        let (time_us, number, file, raw) = (self.time_us, self.rows, Arc::clone(&self.file), row.raw.into());
        let (continues, is_record) = (true, false);
        self.wait(Waiting { time_us, number, continues, is_record, line: 0, file, raw, kept: None });
        Ok(())
    }

    fn pause(&mut self) -> io::Result<()> {
        self.hand_over();
        Ok(())
    }
}

/// The rows of a log as they come.
pub(super) struct Log {
    batches: Option<Receiver<Vec<Waiting>>>,
    incoming: std::vec::IntoIter<Waiting>,
    slack_us: i64,
    bytes_max: usize,
    window: BinaryHeap<Reverse<Waiting>>,
    window_bytes: usize,
    newest_us: i64,
    /// Records that came when later rows had been given out.
    pub(super) late: u64,
}

impl Log {
    pub(super) fn new(batches: Receiver<Vec<Waiting>>, slack_us: i64, bytes_max: usize) -> Self {
        Self {
            batches: Some(batches),
            incoming: Vec::new().into_iter(),
            slack_us,
            bytes_max,
            window: BinaryHeap::new(),
            window_bytes: 0,
            newest_us: i64::MIN,
            late: 0,
        }
    }

    /// The time of the next row, once no older one can come. While it is waited for, the sink may show what
    /// it has.
    pub(super) fn first_us(&mut self, given_us: i64, sink: &mut dyn Sink) -> io::Result<Option<i64>> {
        while !self.is_first_known() {
            // One at a time, so that what comes out does not hang on how rows were handed over.
            if let Some(row) = self.incoming.next() {
                self.add(row, given_us);
                continue;
            }
            let Some(batches) = &self.batches else {
                break;
            };
            let batch = match batches.try_recv() {
                Err(TryRecvError::Empty) => {
                    sink.pause()?;
                    batches.recv().ok()
                }
                batch => batch.ok(),
            };
            match batch {
                Some(batch) => self.incoming = batch.into_iter(),
                None => self.batches = None,
            }
        }
        Ok(self.window.peek().map(|Reverse(first)| first.time_us))
    }

    pub(super) fn take(&mut self) -> Option<Waiting> {
        let Reverse(first) = self.window.pop()?;
        self.window_bytes -= first.bytes();
        Some(first)
    }

    /// What the rows take that wait.
    #[cfg(test)]
    pub(super) fn window_bytes(&self) -> usize {
        self.window_bytes
    }

    /// Nothing that comes can be older, as far as the slack goes; or there is no room to wait for it.
    fn is_first_known(&self) -> bool {
        let is_old = |first: &Waiting| first.time_us <= self.newest_us.saturating_sub(self.slack_us);
        self.window.peek().is_some_and(|Reverse(first)| is_old(first)) || self.window_bytes > self.bytes_max
    }

    fn add(&mut self, row: Waiting, given_us: i64) {
        self.window_bytes += row.bytes();
        self.newest_us = self.newest_us.max(row.time_us);
        self.late += u64::from(row.is_record && row.time_us < given_us);
        self.window.push(Reverse(row));
    }
}
