//! A future or a body that works for a request: the request is current whenever its code runs, also
//! while it is dropped.

use crate::context::Slot;
use pin_project_lite::pin_project;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;

pin_project! {
    /// See the module.
    pub(crate) struct Within<T> {
        // `None` once it has ended, and while it is dropped.
        #[pin]
        inner: Option<T>,
        slot: Slot,
    }

    impl<T> PinnedDrop for Within<T> {
        fn drop(this: Pin<&mut Self>) {
            this.end();
        }
    }
}

impl<T> Within<T> {
    pub(crate) fn new(inner: T, slot: Slot) -> Self {
        Self { inner: Some(inner), slot }
    }

    /// Nothing, of no request.
    pub(crate) fn empty() -> Self {
        Self { inner: None, slot: Slot::default() }
    }

    /// Runs code of the inner value within its request. A panic comes back as an error, for whoever has
    /// to write it down before it goes on.
    pub(crate) fn run<R>(
        self: Pin<&mut Self>,
        run: impl FnOnce(Pin<&mut T>) -> R,
    ) -> Option<Result<R, Box<dyn Any + Send>>> {
        let this = self.project();
        let inner = this.inner.as_pin_mut()?;
        let _entered = this.slot.enter();
        Some(catch_unwind(AssertUnwindSafe(|| run(inner))))
    }

    /// Drops the inner value within its request, so that what it notes on its way out is still written.
    pub(crate) fn end(self: Pin<&mut Self>) {
        let mut this = self.project();
        let _entered = this.slot.enter();
        this.inner.set(None);
    }

    pub(crate) fn inner(&self) -> Option<&T> {
        self.inner.as_ref()
    }

    /// The request, for what comes after the inner value.
    pub(crate) fn take_slot(self: Pin<&mut Self>) -> Slot {
        std::mem::take(self.project().slot)
    }
}
