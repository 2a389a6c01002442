//! Counting the body of a request: a layer of its own, as it has to change the body's type.

use crate::notes::Notes;
use crate::wrap::wrap;
use bytes::Buf as _;
use http::Request;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use tower_service::Service;

wrap! {
    /// Counts the bytes of request bodies; made by
    /// [`AccessLog::request_bytes`](crate::AccessLog::request_bytes).
    pub struct RequestBytesLayer;

    /// A service whose requests are counted.
    pub struct RequestBytesService;
}

impl<S, B> Service<Request<B>> for RequestBytesService<S>
where
    S: Service<Request<RequestBody<B>>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> S::Future {
        let notes = request.extensions().get::<Notes>().and_then(|notes| notes.of_log(&self.log));
        let notes = notes.filter(|notes| notes.begin_request_bytes()).cloned().unwrap_or_default();
        self.inner.call(request.map(|inner| RequestBody { inner, notes }))
    }
}

impl Notes {
    /// From now on the body is counted; `false` if it is already, by another layer like this one.
    fn begin_request_bytes(&self) -> bool {
        self.request().is_some_and(|request| {
            let bytes_in = &mut request.facts().bytes_in;
            let is_first = bytes_in.is_none();
            bytes_in.get_or_insert(0);
            is_first
        })
    }

    fn count_request_bytes(&self, bytes: usize) {
        if let Some(request) = self.request() {
            let bytes_in = &mut request.facts().bytes_in;
            *bytes_in = bytes_in.map(|so_far| so_far.saturating_add(bytes as u64));
        }
    }
}

pin_project! {
    /// The body of a request that is counted.
    pub struct RequestBody<B> {
        #[pin]
        inner: B,
        // Inert where no layer of the log is above, or another one counts.
        notes: Notes,
    }
}

impl<B: Body> Body for RequestBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let polled = this.inner.poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
        {
            this.notes.count_request_bytes(data.remaining());
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl<B: Default> Default for RequestBody<B> {
    /// A body of no request, which nobody counts.
    fn default() -> Self {
        Self { inner: B::default(), notes: Notes::default() }
    }
}

impl<B> fmt::Debug for RequestBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBody").finish_non_exhaustive()
    }
}
