//! The future of a response: holds the guard until there is a head, then gives it to the body.

use crate::body::ResponseBody;
use crate::context::Slot;
use crate::ids::X_REQUEST_ID;
use crate::pending::Guard;
use crate::within::Within;
use access_record::Outcome;
use http::header::HeaderValue;
use http::{Response, StatusCode};
use http_body::Body;
use pin_project_lite::pin_project;
use std::fmt::{self, Display};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// The future of a response that goes through the layer.
    #[project = Projected]
    pub struct ResponseFuture<F> {
        // First, so that it is dropped first: what it notes on its way out is still written.
        #[pin]
        inner: Within<F>,
        guard: Guard,
        refused: Option<Refusal>,
    }
}

/// The answer to a request for whose record there is no room.
struct Refusal {
    request_id: Option<HeaderValue>,
}

impl Refusal {
    fn response<B>(self) -> Response<ResponseBody<B>> {
        let mut response = Response::new(ResponseBody::empty());
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        if let Some(request_id) = self.request_id {
            response.headers_mut().insert(X_REQUEST_ID, request_id);
        }
        response
    }
}

impl<F> ResponseFuture<F> {
    /// Answers 503 in the place of a service that must not run.
    pub(crate) fn refused(request_id: Option<HeaderValue>) -> Self {
        Self { inner: Within::empty(), guard: Guard::passing(), refused: Some(Refusal { request_id }) }
    }

    /// Runs a service's `call` for a request and wraps its future.
    pub(crate) fn call(mut guard: Guard, mut slot: Slot, call: impl FnOnce() -> F) -> Self {
        let called = {
            let _entered = slot.enter();
            catch_unwind(AssertUnwindSafe(call))
        };
        match called {
            Ok(inner) => Self { inner: Within::new(inner, slot), guard, refused: None },
            Err(payload) => guard.panicked_on(payload),
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
        let Projected { mut inner, guard, refused } = self.project();
        if let Some(refusal) = refused.take() {
            return Poll::Ready(Ok(refusal.response()));
        }
        let polled = match inner.as_mut().run(|inner| inner.poll(cx)) {
            Some(Ok(polled)) => polled,
            Some(Err(payload)) => guard.panicked_on(payload),
            None => return Poll::Pending,
        };
        let answered = ready!(polled);
        inner.as_mut().end();
        Poll::Ready(match answered {
            Ok(response) => {
                let (mut parts, body) = response.into_parts();
                guard.head(parts.status, &parts.headers);
                if let Some(request_id) = guard.response_id() {
                    parts.headers.insert(X_REQUEST_ID, request_id);
                }
                let guard = std::mem::replace(guard, Guard::passing());
                Ok(Response::from_parts(parts, ResponseBody::new(body, guard, inner.take_slot())))
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
