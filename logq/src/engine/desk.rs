//! Where threads hand over what they did to the one that takes it in order. Whoever waits is woken by what it waits for,
//! and also where a thread panics or nobody takes anything any more: nobody waits for ever.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// What lies on it, and who waits for what.
#[derive(Debug)]
pub(super) struct Desk<T> {
    state: Mutex<T>,
    /// Something is done, or a thread has ended.
    pub(super) done: Condvar,
    /// There is room for more, or no use for it.
    pub(super) room: Condvar,
}

/// What all that lies on a desk has.
pub(super) trait Work {
    /// A thread has ended.
    fn leave(&mut self);

    /// Nothing more is wanted.
    fn stop(&mut self);
}

impl<T: Work> Desk<T> {
    pub(super) fn new(state: T) -> Self {
        Self { state: Mutex::new(state), done: Condvar::new(), room: Condvar::new() }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, T> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells that nothing more is wanted.
    pub(super) fn stop(&self) {
        self.lock().stop();
        self.room.notify_all();
    }
}

/// Waits for something of a desk.
pub(super) fn wait<'d, T>(what: &Condvar, state: MutexGuard<'d, T>) -> MutexGuard<'d, T> {
    what.wait(state).unwrap_or_else(PoisonError::into_inner)
}

/// Tells, also when its thread panics, that it has ended.
pub(super) struct Leaves<'d, T: Work>(pub(super) &'d Desk<T>);

impl<T: Work> Drop for Leaves<'_, T> {
    fn drop(&mut self) {
        self.0.lock().leave();
        self.0.done.notify_one();
    }
}

/// Tells, however taking ends, that nothing more is wanted.
pub(super) struct Stops<'d, T: Work>(pub(super) &'d Desk<T>);

impl<T: Work> Drop for Stops<'_, T> {
    fn drop(&mut self) {
        self.0.stop();
    }
}
