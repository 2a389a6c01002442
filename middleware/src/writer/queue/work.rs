//! The writer's side of the queue: it takes chunks, says what became of them, rests until there is more, and at
//! the end of a log puts the stop record into it.

use super::Queue;
use super::state::{Chunk, Phase, Rest, State, Taken};
use crate::clock;
use crate::writer::sync::MutexGuard;
use access_record::{Kind, Level};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

impl Queue {
    /// The next chunk to write, waiting for one, but not beyond a moment at which the writer has something
    /// else to do, nor when somebody asks for that: then it is empty. `None` when the log is shut down
    /// and all is written.
    pub(crate) fn next_chunk(&self, wake_at: Option<Instant>) -> Option<Chunk> {
        let mut state = self.lock();
        loop {
            let now = clock::monotonic();
            let due = state.waiting_since.map(|since| since + self.flush_after);
            let closing = matches!(state.phase, Phase::Closing(_) | Phase::Stopping(_));
            // What is full is taken too, once there is a reason to write at all.
            state.writer.is_draining |= state.waiting_bytes >= self.wake_bytes()
                || state.flush
                || state.look
                || closing
                || due.is_some_and(|due| due <= now);
            if state.writer.is_draining
                && let Some(chunk) = state.take()
            {
                return Some(chunk);
            }
            state.writer.is_draining = false;
            match state.phase {
                Phase::Closing(deadline) => {
                    self.stop(&mut state, deadline);
                    continue;
                }
                Phase::Stopping(_) | Phase::Ended => return None,
                Phase::Open => {}
            }
            if state.look || wake_at.is_some_and(|at| at <= now) {
                return Some(Chunk { look: std::mem::take(&mut state.look), ..Chunk::default() });
            }
            state.flush = false;
            state = self.rest(state, due, wake_at, now);
        }
    }

    /// Waits for work. In a busy log nobody has to wake the writer for the first record of many: it looks
    /// by itself as often as it must, until once there was nothing.
    fn rest<'q>(
        &self,
        mut state: MutexGuard<'q, State>,
        due: Option<Instant>,
        wake_at: Option<Instant>,
        now: Instant,
    ) -> MutexGuard<'q, State> {
        let look_again = due.or_else(|| state.writer.was_busy.then(|| now + self.flush_after));
        state.writer.was_busy = due.is_some();
        state.writer.rest = if look_again.is_some() { Rest::UntilDue } else { Rest::UntilWoken };
        state = match look_again.into_iter().chain(wake_at).min() {
            Some(until) => {
                let wait = until.saturating_duration_since(now);
                self.work.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0
            }
            None => self.work.wait(state).unwrap_or_else(PoisonError::into_inner),
        };
        state.writer.rest = Rest::Awake;
        state
    }

    /// The log's last record, with the totals as they are once it is written.
    fn stop(&self, state: &mut State, deadline: Instant) {
        self.tell_loss(state);
        let mut record = (self.stamp)(Kind::Stop, Level::Info);
        record.made = Some(state.made + 1);
        let dropped = state.dropped.total();
        record.written = Some(state.made + 1 - dropped);
        record.dropped = Some(dropped);
        state.append_own(&record);
        state.phase = Phase::Stopping(deadline);
    }

    /// The sink takes no records as long as these, of the chunk in the writer's hands: they are dropped,
    /// counted and told. The chunk has so many records less.
    pub(crate) fn refused(&self, numbers: &[u64]) {
        if !numbers.is_empty() {
            self.lock().drop_queued(numbers);
        }
    }

    /// A chunk was written: counts it and tells of a loss, now that there is room.
    pub(crate) fn written(&self, chunk: Chunk) {
        let mut state = self.lock();
        state.written(chunk);
        if state.phase == Phase::Open {
            self.tell_loss(&mut state);
        }
        self.tell_progress(state);
    }

    /// The sink is gone for good: everything queued, and everything to come, is dropped and counted, but
    /// for so many records of the chunk in the writer's hands.
    pub(crate) fn sink_closed(&self, taken: Taken) {
        let mut state = self.lock();
        state.discard(taken);
        state.sink_gone = true;
        state.phase = Phase::Ended;
        self.tell_progress(state);
    }

    /// The deadline came with a chunk in the writer's hands of which the sink took so many records.
    pub(crate) fn abandon(&self, taken: Taken) {
        let mut state = self.lock();
        state.take_part(taken);
        state.phase = Phase::Ended;
        self.tell_progress(state);
    }

    /// The writer has left.
    pub(crate) fn ended(&self) {
        let mut state = self.lock();
        state.phase = Phase::Ended;
        self.tell_progress(state);
    }

    /// So many tries failed.
    pub(crate) fn failed(&self, errors: u64) {
        if errors > 0 {
            self.lock().errors += errors;
        }
    }

    /// Wakes everybody who waits for the writer.
    fn tell_progress(&self, state: MutexGuard<'_, State>) {
        let (blocked, waiters) = (state.blocked > 0, state.waiters > 0);
        drop(state);
        if waiters {
            self.progress.notify_all();
        }
        if blocked {
            self.room.notify_all();
        }
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
}
