//! Which request the code that runs right now works for.
//!
//! A thread-local slot that is filled around every call, poll and drop of a request's future and
//! body. Filling swaps, it does not clone: two pointer moves a poll.

use crate::notes::Notes;
use std::cell::{Cell, RefCell};

thread_local! {
    static CURRENT: RefCell<Option<Notes>> = const { RefCell::new(None) };
    static WRITES: Cell<bool> = const { Cell::new(false) };
}

/// A request's place in the slot: while entered, it holds what was current before.
#[derive(Default)]
pub(crate) struct Slot(Option<Notes>);

impl Slot {
    pub(crate) fn new(notes: Notes) -> Self {
        Self(Some(notes))
    }

    /// Makes the request current until the guard is dropped. An empty slot changes nothing.
    pub(crate) fn enter(&mut self) -> Entered<'_> {
        let swapped = self.0.is_some() && swap(&mut self.0);
        Entered { slot: swapped.then_some(&mut self.0) }
    }
}

/// Restores what was current before, also when the code inside panics.
pub(crate) struct Entered<'a> {
    slot: Option<&'a mut Option<Notes>>,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            swap(slot);
        }
    }
}

/// Swaps with the thread's slot. Does nothing, and says so, where the thread is ending and has none.
fn swap(slot: &mut Option<Notes>) -> bool {
    CURRENT
        .try_with(|current| {
            current.try_borrow_mut().is_ok_and(|mut current| {
                std::mem::swap(&mut *current, slot);
                true
            })
        })
        .unwrap_or(false)
}

/// The notes of the current request; inert ones outside of a request.
pub(crate) fn current() -> Notes {
    CURRENT
        .try_with(|current| current.try_borrow().ok().and_then(|current| current.clone()))
        .ok()
        .flatten()
        .unwrap_or_default()
}

/// Hands the notes of the current request to code of our own, without cloning them: code of a user's
/// could want to enter another request meanwhile.
pub(crate) fn with_current(use_notes: impl FnOnce(&Notes)) {
    let _ending = CURRENT.try_with(|current| {
        if let Ok(current) = current.try_borrow()
            && let Some(notes) = &*current
        {
            use_notes(notes);
        }
    });
}

/// Whether there is a current request.
pub(crate) fn has_current() -> bool {
    CURRENT.try_with(|current| current.try_borrow().is_ok_and(|current| current.is_some())).unwrap_or(false)
}

/// Looks at the notes of the current request in their place, which saves a clone. Nothing of the user's
/// may run inside: no other request could become current.
pub(crate) fn look_at_current<T>(look: impl Fn(&Notes) -> T) -> T {
    let inert = Notes::default();
    let looked = CURRENT.try_with(|current| {
        let current = current.try_borrow().ok()?;
        Some(look(current.as_ref().unwrap_or(&inert)))
    });
    looked.ok().flatten().unwrap_or_else(|| look(&inert))
}

/// Marks this thread as the writer's: what happens on it is never logged, or the log would feed itself.
pub(crate) fn this_thread_writes() {
    WRITES.set(true);
}

pub(crate) fn is_writer_thread() -> bool {
    WRITES.try_with(Cell::get).unwrap_or(false)
}
