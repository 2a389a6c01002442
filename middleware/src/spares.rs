//! The memory of requests that are over, which a thread keeps for those to come: all that a request
//! needs of its own is then a few bytes in its extensions.

use std::cell::RefCell;
use std::thread::LocalKey;

/// So many a thread keeps; requests that overlap need more than one.
const COUNT_MAX: usize = 64;

/// What a thread keeps.
pub(crate) struct Spares<T: 'static>(RefCell<Vec<T>>);

impl<T> Spares<T> {
    pub(crate) const fn new() -> Self {
        Self(RefCell::new(Vec::new()))
    }

    /// The memory of a request that is over; nobody else has it.
    pub(crate) fn take(kept: &'static LocalKey<Self>) -> Option<T> {
        // A thread that is ending has none.
        kept.try_with(|spares| spares.0.try_borrow_mut().ok()?.pop()).ok().flatten()
    }

    /// Keeps the memory of a request, if there is room.
    pub(crate) fn give(kept: &'static LocalKey<Self>, spare: T) {
        let _ending = kept.try_with(|spares| {
            if let Ok(mut spares) = spares.0.try_borrow_mut()
                && spares.len() < COUNT_MAX
            {
                spares.push(spare);
            }
        });
    }
}
