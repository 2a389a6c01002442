//! The one place where the queue's locks come from: the standard library's, or, in the test that tries
//! every interleaving of the hand-over (`--cfg access_log_loom`), loom's.

#[cfg(not(all(test, access_log_loom)))]
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard};

#[cfg(all(test, access_log_loom))]
pub(crate) use loom::sync::{Condvar, Mutex, MutexGuard};
