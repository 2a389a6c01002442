//! The future of a response: holds the guard until there is a head, then gives it to the body.

use crate::body::ResponseBody;
use crate::context::Slot;
use crate::ids::X_REQUEST_ID;
use crate::pending::Guard;
use access_record::Outcome;
use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use std::fmt::{self, Display};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// The future of a response that goes through the layer.
    #[project = Projected]
    pub struct ResponseFuture<F> {
        // `None` only while it is dropped.
        #[pin]
        inner: Option<F>,
        guard: Guard,
        slot: Slot,
    }

    impl<F> PinnedDrop for ResponseFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            // The inner future goes first and within its request, so that what it notes is still written.
            let mut this = this.project();
            let _entered = this.slot.enter();
            this.inner.set(None);
        }
    }
}

impl<F> ResponseFuture<F> {
    /// Runs a service's `call` for a request and wraps its future. A panic in it is written, and goes on.
    pub(crate) fn call(mut guard: Guard, mut slot: Slot, call: impl FnOnce() -> F) -> Self {
        let called = {
            let _entered = slot.enter();
            catch_unwind(AssertUnwindSafe(call))
        };
        match called {
            Ok(inner) => Self { inner: Some(inner), guard, slot },
            Err(payload) => {
                guard.panicked(&*payload);
                resume_unwind(payload)
            }
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
    E: Display,
{
    type Output = Result<Response<ResponseBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Projected { inner, guard, slot } = self.project();
        let Some(inner) = inner.as_pin_mut() else {
            return Poll::Pending;
        };
        let polled = {
            let _entered = slot.enter();
            catch_unwind(AssertUnwindSafe(|| inner.poll(cx)))
        };
        let polled = polled.unwrap_or_else(|payload| {
            guard.panicked(&*payload);
            resume_unwind(payload)
        });
        Poll::Ready(match ready!(polled) {
            Ok(response) => {
                let (mut parts, body) = response.into_parts();
                guard.head(parts.status, &parts.headers);
                if let Some(request_id) = guard.response_id() {
                    parts.headers.insert(X_REQUEST_ID, request_id);
                }
                let guard = std::mem::replace(guard, Guard::passing());
                Ok(Response::from_parts(parts, ResponseBody::new(body, guard, std::mem::take(slot))))
            }
            Err(error) => {
                guard.fail(Outcome::Error, &error);
                Err(error)
            }
        })
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
