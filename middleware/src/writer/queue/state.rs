//! What the queue's lock guards: lines in chunks, and the counts of every record.

use crate::clock;
use crate::writer::counts::{Dropped, Refused, Report, Statistics};
use access_record::form::Form;
use access_record::{LossReason, Record};
use std::collections::VecDeque;
use std::time::Instant;

/// A chunk holds so many bytes of whole lines, and in a small queue fewer; a longer line gets a chunk of
/// its own.
const CHUNK_BYTES_MAX: usize = 64 * 1024;
/// Room that one of the log's own records takes at most, also for its number and end.
pub(super) const OWN_BYTES_MAX: usize = 1024;
/// Room for the number and the end of a line.
pub(super) const CLOSE_BYTES_MAX: usize = 32;

/// Lines on their way to the sink.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    pub(crate) bytes: Vec<u8>,
    pub(crate) records: u64,
    /// Somebody asked for a look at the path of the file before it is written.
    pub(crate) look: bool,
    /// Records that the sink refused, and their bytes; `records` does not count them any more.
    pub(super) refused: u64,
    pub(super) refused_bytes: u64,
}

impl Chunk {
    /// Counts out what the sink refused of it.
    pub(crate) fn refuse(&mut self, refused: &Refused) {
        self.refused = refused.numbers.len() as u64;
        self.refused_bytes = refused.bytes as u64;
        self.records -= self.refused;
    }

    /// What a sink took that was done with so many bytes of it.
    pub(crate) fn taken(&self, offset: usize) -> Taken {
        let bytes = &self.bytes[..offset];
        let lines = memchr::memchr_iter(b'\n', bytes).count() as u64;
        Taken { records: lines - self.refused, bytes: bytes.len() as u64 - self.refused_bytes }
    }
}

/// What a sink took of a chunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Records whose last byte it took.
    pub(crate) records: u64,
    pub(crate) bytes: u64,
}

/// What the queue's lock guards.
#[derive(Default)]
pub(super) struct State {
    /// How lines are ended, and the log's own records written.
    pub(super) form: Form,
    chunks: VecDeque<Chunk>,
    chunk_bytes: usize,
    /// Chunks kept for reuse, and how many at most.
    spare: Vec<Vec<u8>>,
    spare_max: usize,
    /// Bytes and records accepted and not yet written, those in the writer's hands included.
    pub(super) queued_bytes: usize,
    pub(super) queued: u64,
    /// The bytes of them that the writer has not taken yet.
    pub(super) waiting_bytes: usize,
    /// Bytes set aside for records that are still to be made.
    pub(super) reserved_bytes: usize,
    /// Threads that wait for room.
    pub(super) blocked: usize,
    /// Threads that wait for the writer to get on.
    pub(super) waiters: usize,
    pub(super) writer: Pace,
    /// Numbers given out so far.
    seq_last: u64,
    pub(super) made: u64,
    pub(super) written: u64,
    pub(super) dropped: Dropped,
    pub(super) bytes_written: u64,
    pub(super) errors: u64,
    pub(super) refused: u64,
    /// Records that were queued, and dropped because the sink was gone.
    pub(super) discarded: u64,
    /// Losses that are not told yet, by reason.
    losses: [Option<Loss>; LossReason::ALL.len()],
    /// Since when something waits.
    pub(super) waiting_since: Option<Instant>,
    /// Somebody waits for everything to be written.
    pub(super) flush: bool,
    /// Somebody wants the writer to look at the path of its file.
    pub(super) look: bool,
    pub(super) phase: Phase,
    /// The log ended because its sink was gone.
    pub(super) sink_gone: bool,
}

/// How the writer works and rests.
#[derive(Default)]
pub(super) struct Pace {
    pub(super) rest: Rest,
    /// It takes everything that waits before it rests again.
    pub(super) is_draining: bool,
    /// There was something to write when it last had a look.
    pub(super) was_busy: bool,
}

/// How the writer rests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Rest {
    /// It does not: it works, or has been woken.
    #[default]
    Awake,
    /// Until what waits is due; in a busy log also until something may be.
    UntilDue,
    /// Until there is something.
    UntilWoken,
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

/// Records dropped for one reason, not yet told in the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loss {
    pub(super) lost: u64,
    pub(super) seq_first: u64,
    pub(super) seq_last: u64,
}

impl State {
    /// For a queue of so many bytes. What its chunks take beyond their lines is a few percent of that: the end
    /// of the last one, those kept for reuse, and a 32nd of each of the others.
    pub(super) fn new(bytes_max: usize) -> Self {
        let chunk_bytes = (bytes_max / 64).clamp(1024, CHUNK_BYTES_MAX);
        Self { chunk_bytes, spare_max: bytes_max / 16 / chunk_bytes, ..Self::default() }
    }

    /// Bytes of the queue that are taken or set aside.
    pub(super) fn bytes(&self) -> usize {
        self.queued_bytes + self.reserved_bytes
    }

    /// Numbers and ends a line in the last chunk.
    pub(super) fn append(&mut self, line: &[u8]) {
        let need = line.len() + CLOSE_BYTES_MAX;
        let fits = |chunk: &Chunk| chunk.bytes.capacity() - chunk.bytes.len() >= need;
        if !self.chunks.back().is_some_and(fits) {
            self.begin_chunk(need);
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

    fn begin_chunk(&mut self, need: usize) {
        if let Some(Chunk { bytes, .. }) = self.chunks.back_mut()
            && bytes.capacity() - bytes.len() > bytes.capacity() / 32
        {
            // Long lines leave much of a chunk empty: memory that nobody has granted.
            bytes.shrink_to_fit();
        }
        let bytes = match self.spare.pop() {
            Some(spare) if need <= spare.capacity() => spare,
            // What is kept is too small: it goes, or it would come on top of long lines.
            _ => Vec::with_capacity(need.max(self.chunk_bytes)),
        };
        self.chunks.push_back(Chunk { bytes, ..Chunk::default() });
    }

    /// Memory that lines take, those in the writer's hands apart.
    #[cfg(test)]
    pub(super) fn memory_bytes(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(|chunk| chunk.bytes.capacity()).sum();
        chunks + self.spare.iter().map(Vec::capacity).sum::<usize>()
    }

    /// Counts a chunk that was written, and keeps its memory.
    pub(super) fn written(&mut self, chunk: Chunk) {
        self.written += chunk.records;
        self.queued -= chunk.records;
        self.queued_bytes -= chunk.bytes.len();
        self.bytes_written += chunk.bytes.len() as u64 - chunk.refused_bytes;
        if chunk.bytes.capacity() == self.chunk_bytes && self.spare.len() < self.spare_max {
            let mut bytes = chunk.bytes;
            bytes.clear();
            self.spare.push(bytes);
        }
    }

    /// Counts what the sink took of a chunk that it did not take whole.
    pub(super) fn take_part(&mut self, taken: Taken) {
        self.written += taken.records;
        self.queued -= taken.records;
        self.bytes_written += taken.bytes;
    }

    /// Drops and counts everything queued, but for so many records that the sink took.
    pub(super) fn discard(&mut self, taken: Taken) {
        self.take_part(taken);
        self.discarded = self.queued;
        self.dropped.sink_closed += self.discarded;
        self.queued = 0;
        self.queued_bytes = 0;
        self.waiting_bytes = 0;
        self.waiting_since = None;
        self.chunks.clear();
    }

    /// The oldest chunk, for the writer.
    pub(super) fn take(&mut self) -> Option<Chunk> {
        let mut chunk = self.chunks.pop_front()?;
        chunk.look = std::mem::take(&mut self.look) || self.flush;
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

    /// A record that comes too late to be told of uses up no number.
    pub(super) fn drop_late(&mut self) {
        self.made += 1;
        let dropped = &mut self.dropped;
        let reason = if self.sink_gone { &mut dropped.sink_closed } else { &mut dropped.closed };
        *reason += 1;
    }

    /// A record for which there is no room takes its number along.
    pub(super) fn drop_one(&mut self, reason: LossReason) {
        self.seq_last += 1;
        self.made += 1;
        self.lose(reason, self.seq_last);
    }

    /// Records with these numbers, from the writer's hands, are dropped: the sink takes none as long.
    pub(super) fn drop_queued(&mut self, numbers: &[u64]) {
        self.queued -= numbers.len() as u64;
        for seq in numbers {
            self.lose(LossReason::TooLong, *seq);
        }
    }

    /// Counts a loss, to be told later.
    fn lose(&mut self, reason: LossReason, seq: u64) {
        match reason {
            LossReason::QueueFull => self.dropped.queue_full += 1,
            LossReason::TimedOut => self.dropped.timed_out += 1,
            LossReason::TooLong => self.dropped.too_long += 1,
        }
        let loss = &mut self.losses[reason as usize];
        let loss = loss.get_or_insert(Loss { lost: 0, seq_first: seq, seq_last: seq });
        loss.lost += 1;
        loss.seq_last = seq;
    }

    /// A loss that is to be told.
    pub(super) fn take_loss(&mut self) -> Option<(LossReason, Loss)> {
        LossReason::ALL.iter().find_map(|reason| Some((*reason, self.losses[*reason as usize].take()?)))
    }

    /// Records that left the queue as they should: written, or longer than the sink takes.
    pub(super) fn settled(&self) -> u64 {
        self.written + self.dropped.too_long
    }

    pub(super) fn report(&self) -> Report {
        Report {
            made: self.made,
            written: self.written,
            dropped: self.dropped.total(),
            unflushed: self.queued,
            refused: self.refused,
            // Late notes are the log's to count: they never come to the queue.
            late_notes: 0,
        }
    }

    pub(super) fn statistics(&self) -> Statistics {
        Statistics {
            made: self.made,
            written: self.written,
            dropped: self.dropped,
            queued: self.queued,
            queued_bytes: self.queued_bytes as u64,
            bytes_written: self.bytes_written,
            errors: self.errors,
            in_flight: 0,
            sampled_out: 0,
            refused: self.refused,
        }
    }
}
