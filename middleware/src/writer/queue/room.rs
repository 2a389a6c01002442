//! Room in the queue: who has it, who sets it aside, and who waits for it.

use super::state::{CLOSE_BYTES_MAX, OWN_BYTES_MAX, Phase, State};
use super::{Class, Queue};
use crate::clock;
use crate::writer::policy::WhenFull;
use crate::writer::sync::MutexGuard;
use access_record::LossReason;
use std::fmt;
use std::sync::{Arc, PoisonError};

/// Room in the queue for one record, given back when it is dropped.
pub(crate) struct Room {
    queue: Arc<Queue>,
    bytes: usize,
}

impl Room {
    pub(super) fn new(queue: Arc<Queue>, bytes: usize) -> Self {
        Self { queue, bytes }
    }

    /// Gives the room to whoever has the queue's lock.
    pub(super) fn into_bytes(mut self) -> usize {
        std::mem::take(&mut self.bytes)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.queue.give_back(self.bytes);
        }
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Room").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// There was no room to set aside.
#[derive(Debug)]
pub(crate) struct Refused;

impl Queue {
    /// Sets room for a record of so many bytes, its end included, aside if the policy wants it.
    pub(crate) fn reserve(self: &Arc<Self>, bytes: usize) -> Result<Option<Room>, Refused> {
        if self.when_full != WhenFull::Fail {
            return Ok(None);
        }
        let mut state = self.lock();
        if state.phase != Phase::Open || !self.has_room(&state, bytes, Class::Request) {
            state.refused += 1;
            return Err(Refused);
        }
        let bytes = bytes + CLOSE_BYTES_MAX;
        state.reserved_bytes += bytes;
        Ok(Some(Room::new(self.clone(), bytes)))
    }

    /// Room that was set aside is not needed.
    pub(crate) fn give_back(&self, bytes: usize) {
        self.lock().reserved_bytes -= bytes;
    }

    /// Whether a line has room, beside what is set aside and the records that tell of a loss and of the end.
    pub(super) fn has_room(&self, state: &State, line_bytes: usize, class: Class) -> bool {
        let bytes_max = match class {
            Class::Request => self.bytes_max,
            Class::Event => self.event_bytes_max(),
        };
        let need = line_bytes + CLOSE_BYTES_MAX + 2 * OWN_BYTES_MAX;
        state.bytes() + need <= bytes_max
    }

    /// Waits for room as long as the policy allows; says why there is none in the end.
    pub(super) fn wait_for_room<'q>(
        &'q self,
        mut state: MutexGuard<'q, State>,
        line_bytes: usize,
        class: Class,
    ) -> (MutexGuard<'q, State>, Option<LossReason>) {
        let WhenFull::Block { at_most } = self.when_full else {
            return (state, Some(LossReason::QueueFull));
        };
        // The writer cannot wait for itself, an unwinding thread should not, and what is too long for an
        // empty queue would wait in vain.
        let never = !self.has_room(&State::default(), line_bytes, class);
        if never || std::thread::panicking() || crate::context::is_writer_thread() {
            return (state, Some(LossReason::QueueFull));
        }
        let until = clock::deadline(at_most);
        state.blocked += 1;
        let full = loop {
            if state.phase != Phase::Open || self.has_room(&state, line_bytes, class) {
                break None;
            }
            let left = until.saturating_duration_since(clock::monotonic());
            if left.is_zero() {
                break Some(LossReason::TimedOut);
            }
            // What is queued may be too little to be written without being asked for.
            state.flush = true;
            self.work.notify_one();
            state = self.room.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        };
        state.blocked -= 1;
        (state, full)
    }
}
