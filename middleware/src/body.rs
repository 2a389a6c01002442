//! The response body: counts what goes through and takes the guard out at the end.

use crate::context::Slot;
use crate::pending::Guard;
use access_record::Outcome;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::fmt::{self, Display};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// The body of a response that went through the layer.
    #[project = Projected]
    pub struct ResponseBody<B> {
        // `None` only while it is dropped.
        #[pin]
        inner: Option<B>,
        guard: Guard,
        slot: Slot,
    }

    impl<B> PinnedDrop for ResponseBody<B> {
        fn drop(this: Pin<&mut Self>) {
            // The inner body goes first and within its request, so that what it notes is still written.
            let mut this = this.project();
            let _entered = this.slot.enter();
            this.inner.set(None);
        }
    }
}

impl<B: Body> ResponseBody<B> {
    pub(crate) fn new(inner: B, mut guard: Guard, slot: Slot) -> Self {
        guard.begin_body(&inner);
        Self { inner: Some(inner), guard, slot }
    }
}

impl<B> Body for ResponseBody<B>
where
    B: Body,
    B::Error: Display,
{
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let Projected { inner, guard, slot } = self.project();
        let Some(mut inner) = inner.as_pin_mut() else {
            return Poll::Ready(None);
        };
        let polled = {
            let _entered = slot.enter();
            catch_unwind(AssertUnwindSafe(|| inner.as_mut().poll_frame(cx)))
        };
        let polled = polled.unwrap_or_else(|payload| {
            guard.panicked(&*payload);
            resume_unwind(payload)
        });
        let frame = ready!(polled);
        match &frame {
            None => guard.end(Outcome::Ok),
            Some(Err(error)) => guard.fail(Outcome::BodyError, error),
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    guard.count_bytes(bytes_in(data));
                }
                if let Some(trailers) = frame.trailers_ref() {
                    guard.trailers(trailers);
                }
                // Nobody may ask again: whoever sees the end here is the last to see it.
                if inner.is_end_stream() {
                    guard.end(Outcome::Ok);
                }
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl<B: Default> Default for ResponseBody<B> {
    /// A body of no request, as some layers need one to answer in a service's place.
    fn default() -> Self {
        Self { inner: Some(B::default()), guard: Guard::passing(), slot: Slot::default() }
    }
}

impl<B> fmt::Debug for ResponseBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody").finish_non_exhaustive()
    }
}

fn bytes_in(data: &impl bytes::Buf) -> usize {
    data.remaining()
}
