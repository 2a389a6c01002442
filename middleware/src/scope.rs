//! Working for a request: finding its notes from inside, and taking them along into tasks and threads.

use crate::context::{self, Slot};
use crate::notes::Notes;
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

impl Notes {
    /// The notes of the request that the calling code works for; inert outside of one. In a spawned
    /// task use a clone, or [`Notes::scope`].
    pub fn current() -> Self {
        context::current()
    }

    /// Runs a future for this request: notes and events inside belong to it. For spawned tasks.
    ///
    /// ```
    /// # async fn send_mail() {}
    /// # fn handler(notes: tower_access_log::Notes) {
    /// let task = notes.scope(async {
    ///     tower_access_log::note::add("mails", 1);
    ///     send_mail().await;
    /// });
    /// // tokio::spawn(task)
    /// # drop(task);
    /// # }
    /// ```
    pub fn scope<F: Future>(&self, future: F) -> Scope<F> {
        Scope { future, slot: Slot::new(self.clone()) }
    }

    /// Runs a closure for this request. For `spawn_blocking` and threads.
    pub fn in_scope<T>(&self, run: impl FnOnce() -> T) -> T {
        let mut slot = Slot::new(self.clone());
        let _entered = slot.enter();
        run()
    }
}

pin_project! {
    /// A future that runs for a request; made by [`Notes::scope`].
    pub struct Scope<F> {
        #[pin]
        future: F,
        slot: Slot,
    }
}

impl<F: Future> Future for Scope<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = this.slot.enter();
        this.future.poll(cx)
    }
}

impl<F> fmt::Debug for Scope<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").finish_non_exhaustive()
    }
}
