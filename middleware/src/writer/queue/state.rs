//! What the queue's lock guards: lines in chunks, and the counts of every record.

use crate::clock;
use access_record::Record;
use access_record::form::Form;
use std::collections::VecDeque;
use std::time::Instant;

/// A chunk holds so many bytes of whole lines; a longer line gets a chunk of its own.
const CHUNK_BYTES: usize = 64 * 1024;
/// Chunks kept for reuse.
const SPARE_CHUNKS_MAX: usize = 4;
/// Room that one of the log's own records takes at most, also for its number and end.
pub(super) const OWN_BYTES_MAX: usize = 1024;
/// Room for the number and the end of a line.
const CLOSE_BYTES_MAX: usize = 32;

/// What became of the records of a log, returned by its shutdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Records made, the log's own `loss` and `stop` records included: written + dropped + unflushed.
    pub made: u64,
    /// Records whose last byte the sink took.
    pub written: u64,
    /// Records dropped: the queue was full, the sink was gone, or the log was shut down.
    pub dropped: u64,
    /// Records still in the queue when the deadline came.
    pub unflushed: u64,
    /// Notes that were set after the record of their request was written, and so are in none.
    pub late_notes: u64,
}

/// Lines on their way to the sink.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    pub(crate) bytes: Vec<u8>,
    pub(crate) records: u64,
}

/// What the queue's lock guards.
#[derive(Default)]
pub(super) struct State {
    /// How lines are ended, and the log's own records written.
    pub(super) form: Form,
    chunks: VecDeque<Chunk>,
    spare: Vec<Chunk>,
    /// Bytes and records accepted and not yet written, those in the writer's hands included.
    pub(super) queued_bytes: usize,
    pub(super) queued: u64,
    /// The bytes of them that the writer has not taken yet.
    pub(super) waiting_bytes: usize,
    /// Numbers given out so far.
    seq_last: u64,
    pub(super) made: u64,
    pub(super) written: u64,
    pub(super) dropped: u64,
    /// Records that were queued, and dropped because the sink was gone.
    pub(super) discarded: u64,
    pub(super) loss: Option<Loss>,
    /// Since when something waits.
    pub(super) waiting_since: Option<Instant>,
    /// Somebody waits for everything to be written.
    pub(super) flush: bool,
    pub(super) phase: Phase,
}

/// Where a log is in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    #[default]
    Open,
    /// No more records; what is queued is written, then the stop record, until the deadline.
    Closing(Instant),
    /// The stop record is in the queue.
    Stopping(Instant),
    /// The writer has left.
    Ended,
}

/// Records dropped for want of room, not yet told in the log.
pub(super) struct Loss {
    pub(super) lost: u64,
    pub(super) seq_first: u64,
    pub(super) seq_last: u64,
}

impl State {
    /// Numbers and ends a line in the last chunk.
    pub(super) fn append(&mut self, line: &[u8]) {
        let need = line.len() + CLOSE_BYTES_MAX;
        let fits = |chunk: &Chunk| chunk.bytes.capacity() - chunk.bytes.len() >= need;
        if !self.chunks.back().is_some_and(fits) {
            let spare = if need <= CHUNK_BYTES { self.spare.pop() } else { None };
            let fresh = || Chunk { bytes: Vec::with_capacity(need.max(CHUNK_BYTES)), records: 0 };
            self.chunks.push_back(spare.unwrap_or_else(fresh));
        }
        self.seq_last += 1;
        let seq = self.seq_last;
        self.made += 1;
        if let Some(chunk) = self.chunks.back_mut() {
            let before = chunk.bytes.len();
            chunk.bytes.extend_from_slice(line);
            self.form.close(&mut chunk.bytes, seq);
            chunk.records += 1;
            self.queued += 1;
            let bytes = chunk.bytes.len() - before;
            self.queued_bytes += bytes;
            self.waiting_bytes += bytes;
            self.waiting_since.get_or_insert_with(clock::monotonic);
        }
    }

    /// Counts a chunk that was written, and keeps its memory.
    pub(super) fn written(&mut self, mut chunk: Chunk) {
        self.written += chunk.records;
        self.queued -= chunk.records;
        self.queued_bytes -= chunk.bytes.len();
        if chunk.bytes.capacity() == CHUNK_BYTES && self.spare.len() < SPARE_CHUNKS_MAX {
            chunk.bytes.clear();
            chunk.records = 0;
            self.spare.push(chunk);
        }
    }

    /// Drops and counts everything queued, but for so many records that the sink took.
    pub(super) fn discard(&mut self, written: u64) {
        self.written += written;
        self.discarded = self.queued - written;
        self.dropped += self.discarded;
        self.queued = 0;
        self.queued_bytes = 0;
        self.waiting_bytes = 0;
        self.waiting_since = None;
        self.chunks.clear();
    }

    /// The oldest chunk, for the writer.
    pub(super) fn take(&mut self) -> Option<Chunk> {
        let chunk = self.chunks.pop_front()?;
        self.waiting_bytes -= chunk.bytes.len();
        if self.chunks.is_empty() {
            self.waiting_since = None;
        }
        Some(chunk)
    }

    /// Appends one of the log's own records, if the log's form has lines for it.
    pub(super) fn append_own(&mut self, record: &Record<'_>) {
        if !self.form.writes(record.kind) {
            return;
        }
        let mut line = Vec::with_capacity(OWN_BYTES_MAX);
        self.form.open(record, &mut line, OWN_BYTES_MAX);
        self.append(&line);
    }

    /// A record for which there is no room takes its number along.
    pub(super) fn drop_one(&mut self) {
        self.seq_last += 1;
        let seq = self.seq_last;
        self.made += 1;
        self.dropped += 1;
        let loss = self.loss.get_or_insert(Loss { lost: 0, seq_first: seq, seq_last: seq });
        loss.lost += 1;
        loss.seq_last = seq;
    }

    pub(super) fn report(&self) -> Report {
        let (made, written, dropped) = (self.made, self.written, self.dropped);
        // Late notes are the log's to count: they never come to the queue.
        Report { made, written, dropped, unflushed: self.queued, late_notes: 0 }
    }
}
