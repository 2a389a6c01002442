//! The memory of requests that are over, which a thread keeps for those to come: all that a request
//! needs of its own is then a few bytes in its extensions.

use crate::notes::Request;
use std::cell::RefCell;
use std::sync::Arc;

/// So many a thread keeps; requests that overlap need more than one.
const COUNT_MAX: usize = 64;
/// What is kept of a request that was larger than most: nothing.
const BYTES_MAX: usize = 8 * 1024;

thread_local! {
    static SPARES: RefCell<Vec<Arc<Request>>> = const { RefCell::new(Vec::new()) };
}

/// The memory of a request that is over; nobody else has it.
pub(crate) fn take() -> Option<Arc<Request>> {
    // A thread that is ending has none.
    SPARES.try_with(|spares| spares.try_borrow_mut().ok()?.pop()).ok().flatten()
}

/// Keeps the memory of a request, if its last holder gives it.
pub(crate) fn give(mut request: Arc<Request>) {
    let fits = Arc::get_mut(&mut request).is_some_and(|request| request.clear() <= BYTES_MAX);
    if fits {
        let _ending = SPARES.try_with(|spares| {
            if let Ok(mut spares) = spares.try_borrow_mut()
                && spares.len() < COUNT_MAX
            {
                spares.push(request);
            }
        });
    }
}
