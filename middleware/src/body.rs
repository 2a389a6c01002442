//! The response body: counts what goes through and takes the guard out at the end.

use crate::context::Slot;
use crate::pending::Guard;
use crate::within::Within;
use access_record::Outcome;
use bytes::Buf as _;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::fmt::{self, Display};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// The body of a response that went through the layer.
    #[project = Projected]
    pub struct ResponseBody<B> {
        // First, so that it is dropped first: what it notes on its way out is still written.
        #[pin]
        inner: Within<B>,
        guard: Guard,
    }
}

impl<B: Body> ResponseBody<B> {
    pub(crate) fn new(inner: B, mut guard: Guard, mut slot: Slot) -> Self {
        let said = {
            let _entered = slot.enter();
            catch_unwind(AssertUnwindSafe(|| (inner.size_hint().exact(), inner.is_end_stream())))
        };
        match said {
            Ok((bytes_exact, is_end)) => guard.begin_body(bytes_exact, is_end),
            Err(payload) => guard.panicked_on(payload),
        }
        Self { inner: Within::new(inner, slot), guard }
    }
}

impl<B> ResponseBody<B> {
    /// The body of a response in a service's place.
    pub(crate) fn empty() -> Self {
        Self { inner: Within::empty(), guard: Guard::passing() }
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
        let Projected { inner, guard } = self.project();
        let polled = inner.run(|mut inner| {
            let polled = inner.as_mut().poll_frame(cx);
            // Nobody may ask again: whoever sees the end here is the last to see it.
            let is_end = matches!(polled, Poll::Ready(Some(Ok(_)))) && inner.is_end_stream();
            (polled, is_end)
        });
        let (polled, is_end) = match polled {
            Some(Ok(polled)) => polled,
            Some(Err(payload)) => guard.panicked_on(payload),
            None => return Poll::Ready(None),
        };
        let frame = ready!(polled);
        match &frame {
            None => guard.end(Outcome::Ok),
            Some(Err(error)) => guard.fail(Outcome::BodyError, error),
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    guard.count_bytes(data.remaining());
                }
                if let Some(trailers) = frame.trailers_ref() {
                    guard.trailers(trailers);
                }
                if is_end {
                    guard.end(Outcome::Ok);
                }
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.inner().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.inner().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl<B: Default> Default for ResponseBody<B> {
    /// A body of no request, as some layers need one to answer in a service's place.
    fn default() -> Self {
        Self { inner: Within::new(B::default(), Slot::default()), guard: Guard::passing() }
    }
}

impl<B> fmt::Debug for ResponseBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody").finish_non_exhaustive()
    }
}
