//! The queue between request threads and the writer: whole lines in reused chunks, bounded in
//! bytes. Under its lock a line gets its number, so line order is number order, and every record
//! is counted: made = written + dropped + queued, always.

mod room;
mod state;
mod work;

use crate::clock;
use crate::writer::counts::{Report, Statistics};
use crate::writer::policy::WhenFull;
use crate::writer::sync::{Condvar, Mutex, MutexGuard};
use access_record::form::Form;
use access_record::{Kind, Level, LossReason, Record};
use state::{CLOSE_BYTES_MAX, OWN_BYTES_MAX, Phase, Rest, State};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

pub(crate) use room::Room;
pub(crate) use state::Chunk;

/// The writer is woken early when so much waits, or when a small queue is an eighth full.
const WAKE_BYTES_MAX: usize = 512 * 1024;
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
    /// What the operator knows its sink by.
    name: String,
    state: Mutex<State>,
    /// The writer waits here for work.
    work: Condvar,
    /// Whoever flushes or shuts down waits here for progress.
    progress: Condvar,
    /// Whoever has a record and no room for it waits here.
    room: Condvar,
    when_full: WhenFull,
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
            name: String::new(),
            state: Mutex::new(State::new(bytes_max)),
            work: Condvar::new(),
            progress: Condvar::new(),
            room: Condvar::new(),
            when_full: WhenFull::DropNewest,
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

    /// The same for a sink of this name.
    pub(crate) fn named(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The same with another policy.
    pub(crate) fn when_full(self, when_full: WhenFull) -> Self {
        Self { when_full, ..self }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock; if something did, the counts are still the best there are.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a line that [`Form::open`] began, numbers and ends it. Without room the record is dropped
    /// and counted, at once or after the wait that the policy allows.
    pub(crate) fn push(&self, line: &[u8], class: Class) {
        let mut state = self.lock();
        if !self.has_room(&state, line.len(), class) && state.phase == Phase::Open {
            let full;
            (state, full) = self.wait_for_room(state, line.len(), class);
            if let Some(reason) = full {
                state.drop_one(reason);
                return;
            }
        }
        self.append(state, line);
    }

    /// The same for a record for which room was set aside.
    pub(crate) fn push_into(&self, room: Room, line: &[u8]) {
        let mut state = self.lock();
        let bytes = room.into_bytes();
        state.reserved_bytes -= bytes;
        let fits = line.len() + CLOSE_BYTES_MAX <= bytes || self.has_room(&state, line.len(), Class::Request);
        if !fits && state.phase == Phase::Open {
            state.drop_one(LossReason::QueueFull);
            return;
        }
        self.append(state, line);
    }

    fn append(&self, mut state: MutexGuard<'_, State>, line: &[u8]) {
        if state.phase != Phase::Open {
            // Closed: there is no line left to tell it in, and numbers are not used up.
            state.drop_late();
            return;
        }
        self.tell_loss(&mut state);
        state.append(line);
        let wake = match state.writer.rest {
            Rest::Awake => false,
            Rest::UntilDue => state.waiting_bytes >= self.wake_bytes(),
            Rest::UntilWoken => true,
        };
        if wake {
            // Waking costs more than all the rest: nobody does it a second time.
            state.writer.rest = Rest::Awake;
        }
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
        WAKE_BYTES_MAX.min(self.bytes_max / 8)
    }

    /// Puts a pending loss into the log if there is room for it: below the mark of events, so that it
    /// is not told again and again, in the room of requests, while events are still being dropped. One at
    /// a time, as there is room set aside for one; at the end all of them.
    fn tell_loss(&self, state: &mut State) {
        let is_open = state.phase == Phase::Open;
        while !is_open || state.bytes() + 2 * OWN_BYTES_MAX <= self.event_bytes_max() {
            let Some((reason, loss)) = state.take_loss() else { return };
            let mut record = (self.stamp)(Kind::Loss, Level::Warn);
            record.lost = Some(loss.lost);
            record.seq_first = Some(loss.seq_first);
            record.seq_last = Some(loss.seq_last);
            record.reason = Some(reason);
            state.append_own(&record);
            if is_open {
                return;
            }
        }
    }

    /// Asks the writer to look whether its file is still the one at its path, whatever it has to write.
    pub(crate) fn reopen(&self) {
        self.lock().look = true;
        self.work.notify_one();
    }

    /// Waits until everything queued so far is written, or was refused as too long; `false` if the deadline
    /// came first, or the sink was gone. What was dropped for want of room was never queued.
    pub(crate) fn flush(&self, deadline: Instant) -> bool {
        let mut state = self.lock();
        let goal = state.settled() + state.queued;
        loop {
            if state.discarded > 0 {
                return false;
            }
            if state.settled() >= goal {
                return true;
            }
            let left = deadline.saturating_duration_since(clock::monotonic());
            if left.is_zero() || state.phase == Phase::Ended {
                return false;
            }
            state.flush = true;
            self.work.notify_one();
            state = self.await_progress(state, left);
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
        self.room.notify_all();
    }

    /// Waits for the writer to leave, until the deadline, and reports.
    pub(crate) fn wait_ended(&self, deadline: Instant) -> Report {
        let mut state = self.lock();
        loop {
            let left = deadline.saturating_duration_since(clock::monotonic());
            if state.phase == Phase::Ended || left.is_zero() {
                return state.report();
            }
            state = self.await_progress(state, left);
        }
    }

    fn await_progress<'q>(
        &self,
        mut state: MutexGuard<'q, State>,
        at_most: Duration,
    ) -> MutexGuard<'q, State> {
        state.waiters += 1;
        state = self.progress.wait_timeout(state, at_most).unwrap_or_else(PoisonError::into_inner).0;
        state.waiters -= 1;
        state
    }

    /// The totals as they are now.
    pub(crate) fn report(&self) -> Report {
        self.lock().report()
    }

    /// The statistics as they are now, but for the requests in flight, which no queue knows.
    pub(crate) fn statistics(&self) -> Statistics {
        self.lock().statistics()
    }
}

#[cfg(all(test, access_log_loom))]
mod interleavings;
#[cfg(all(test, not(access_log_loom)))]
mod tests;
