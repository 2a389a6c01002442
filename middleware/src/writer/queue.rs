//! The queue between request threads and the writer: whole lines in reused chunks, bounded in
//! bytes. Under its lock a line gets its number, so line order is number order, and every record
//! is counted: made = written + dropped + queued, always.

mod state;

use crate::clock;
use access_record::form::Form;
use access_record::{Kind, Level, LossReason, Record};
use state::{OWN_BYTES_MAX, Phase, State};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub(crate) use state::Chunk;
pub use state::Report;

/// The writer is woken early when so much waits, or when a small queue is a quarter full.
const WAKE_BYTES_MAX: usize = 256 * 1024;
/// Nothing waits longer than this before it is written, while writes succeed.
pub(crate) const FLUSH_AFTER: Duration = Duration::from_millis(200);

/// Whose record it is: events may fill only three quarters of the queue, so that a chatty library
/// cannot push out requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// `access` and `call`.
    Request,
    /// `event`.
    Event,
}

/// The queue of a log.
pub(crate) struct Queue {
    state: Mutex<State>,
    /// The writer waits here for work.
    work: Condvar,
    /// Whoever flushes or shuts down waits here for progress.
    progress: Condvar,
    bytes_max: usize,
    flush_after: Duration,
    /// Makes the log's own records; knows the service and the instance.
    stamp: Box<dyn Fn(Kind, Level) -> Record<'static> + Send + Sync>,
}

impl Queue {
    pub(crate) fn new(
        bytes_max: usize,
        flush_after: Duration,
        stamp: impl Fn(Kind, Level) -> Record<'static> + Send + Sync + 'static,
    ) -> Self {
        Self {
            state: Mutex::new(State::default()),
            work: Condvar::new(),
            progress: Condvar::new(),
            bytes_max,
            flush_after,
            stamp: Box::new(stamp),
        }
    }

    /// The same queue, for lines of another form than our JSON.
    pub(crate) fn with_form(mut self, form: Form) -> Self {
        self.state.get_mut().unwrap_or_else(PoisonError::into_inner).form = form;
        self
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock; if something did, the counts are still the best there are.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a line that [`Form::open`] began, numbers and ends it. Never waits: without room the
    /// record is dropped and counted.
    pub(crate) fn push(&self, line: &[u8], class: Class) {
        let mut state = self.lock();
        if state.phase != Phase::Open {
            // Closed: there is no line left to tell it in, and numbers are not used up.
            state.made += 1;
            state.dropped += 1;
            return;
        }
        let bytes_max = match class {
            Class::Request => self.bytes_max,
            Class::Event => self.event_bytes_max(),
        };
        // The reserve keeps room for the records that tell of a loss and of the end.
        if state.queued_bytes + line.len() + 2 * OWN_BYTES_MAX > bytes_max {
            state.drop_one();
            return;
        }
        let before = state.waiting_bytes;
        self.tell_loss(&mut state);
        state.append(line);
        let mark = self.wake_bytes();
        let wake = before == 0 || (before < mark && state.waiting_bytes >= mark);
        drop(state);
        if wake {
            self.work.notify_one();
        }
    }

    /// Events may fill three quarters.
    fn event_bytes_max(&self) -> usize {
        self.bytes_max / 4 * 3
    }

    fn wake_bytes(&self) -> usize {
        WAKE_BYTES_MAX.min(self.bytes_max / 4)
    }

    /// Puts the pending loss into the log if there is room for it: below the mark of events, so that it
    /// is not told again and again, in the room of requests, while events are still being dropped.
    fn tell_loss(&self, state: &mut State) {
        let has_room =
            state.phase != Phase::Open || state.queued_bytes + 2 * OWN_BYTES_MAX <= self.event_bytes_max();
        if let Some(loss) = state.loss.take_if(|_| has_room) {
            let mut record = (self.stamp)(Kind::Loss, Level::Warn);
            record.lost = Some(loss.lost);
            record.seq_first = Some(loss.seq_first);
            record.seq_last = Some(loss.seq_last);
            record.reason = Some(LossReason::QueueFull);
            state.append_own(&record);
        }
    }

    /// The next chunk to write, waiting for one; `None` when the log is shut down and all is written.
    pub(crate) fn next_chunk(&self) -> Option<Chunk> {
        let mut state = self.lock();
        loop {
            let now = clock::monotonic();
            let due = state.waiting_since.map(|since| since + self.flush_after);
            let closing = matches!(state.phase, Phase::Closing(_) | Phase::Stopping(_));
            let ready = state.waiting_bytes >= self.wake_bytes()
                || state.flush
                || closing
                || due.is_some_and(|due| due <= now);
            if ready && let Some(chunk) = state.take() {
                return Some(chunk);
            }
            match state.phase {
                Phase::Closing(deadline) => {
                    self.stop(&mut state, deadline);
                    continue;
                }
                Phase::Stopping(_) | Phase::Ended => return None,
                Phase::Open => {}
            }
            state.flush = false;
            state = match due {
                Some(due) => {
                    let wait = due.saturating_duration_since(now);
                    self.work.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.work.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// The log's last record, with the totals as they are once it is written.
    fn stop(&self, state: &mut State, deadline: Instant) {
        self.tell_loss(state);
        let mut record = (self.stamp)(Kind::Stop, Level::Info);
        record.made = Some(state.made + 1);
        record.written = Some(state.made + 1 - state.dropped);
        record.dropped = Some(state.dropped);
        state.append_own(&record);
        state.phase = Phase::Stopping(deadline);
    }

    /// A chunk was written: counts it and tells of a loss, now that there is room.
    pub(crate) fn written(&self, chunk: Chunk) {
        let mut state = self.lock();
        state.written(chunk);
        if state.phase == Phase::Open {
            self.tell_loss(&mut state);
        }
        drop(state);
        self.progress.notify_all();
    }

    /// The sink is gone for good: everything queued, and everything to come, is dropped and counted, but
    /// for so many records of the chunk in the writer's hands.
    pub(crate) fn sink_closed(&self, written: u64) {
        let mut state = self.lock();
        state.discard(written);
        state.phase = Phase::Ended;
        drop(state);
        self.progress.notify_all();
    }

    /// The deadline came with a chunk in the writer's hands of which the sink took so many records.
    pub(crate) fn abandon(&self, written: u64) {
        let mut state = self.lock();
        state.written += written;
        state.queued -= written;
        state.phase = Phase::Ended;
        drop(state);
        self.progress.notify_all();
    }

    /// The writer has left.
    pub(crate) fn ended(&self) {
        self.lock().phase = Phase::Ended;
        self.progress.notify_all();
    }

    /// Whether the deadline of a shutdown has come.
    pub(crate) fn past_deadline(&self) -> bool {
        match self.lock().phase {
            Phase::Open => false,
            Phase::Closing(deadline) | Phase::Stopping(deadline) => deadline <= clock::monotonic(),
            Phase::Ended => true,
        }
    }

    /// Waits between two tries to write, but not beyond the deadline of a shutdown.
    pub(crate) fn back_off(&self, wait: Duration) {
        let until = clock::monotonic() + wait;
        let mut state = self.lock();
        loop {
            let until = match state.phase {
                Phase::Open => until,
                Phase::Closing(deadline) | Phase::Stopping(deadline) => until.min(deadline),
                Phase::Ended => return,
            };
            let left = until.saturating_duration_since(clock::monotonic());
            if left.is_zero() {
                return;
            }
            state = self.work.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until everything queued so far is written; `false` if the deadline came first, or the sink
    /// was gone. What was dropped for want of room was never queued.
    pub(crate) fn flush(&self, deadline: Instant) -> bool {
        let mut state = self.lock();
        let goal = state.written + state.queued;
        loop {
            if state.discarded > 0 {
                return false;
            }
            if state.written >= goal {
                return true;
            }
            let left = deadline.saturating_duration_since(clock::monotonic());
            if left.is_zero() || state.phase == Phase::Ended {
                return false;
            }
            state.flush = true;
            self.work.notify_one();
            state = self.progress.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Closes the log: no more records are taken, and the writer has until the deadline.
    pub(crate) fn close(&self, deadline: Instant) {
        let mut state = self.lock();
        if state.phase == Phase::Open {
            state.phase = Phase::Closing(deadline);
        }
        drop(state);
        self.work.notify_one();
    }

    /// Waits for the writer to leave, until the deadline, and reports.
    pub(crate) fn wait_ended(&self, deadline: Instant) -> Report {
        let mut state = self.lock();
        loop {
            let left = deadline.saturating_duration_since(clock::monotonic());
            if state.phase == Phase::Ended || left.is_zero() {
                return state.report();
            }
            state = self.progress.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The totals as they are now.
    pub(crate) fn report(&self) -> Report {
        self.lock().report()
    }
}

#[cfg(test)]
mod tests;
