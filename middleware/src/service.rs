//! The service that the layer makes: one record for each request that reaches it.

use crate::body::ResponseBody;
use crate::context::Slot;
use crate::future::ResponseFuture;
use crate::ids::Ids;
use crate::notes::Notes;
use crate::pending::Guard;
use crate::request;
use crate::shared::Shared;
use access_record::Kind;
use access_record::notes::Scalar;
use http::{Request, Response};
use http_body::Body;
use std::fmt::{self, Display};
use std::sync::Arc;
use std::task::{Context, Poll};
use tower_service::Service;

/// The note that tells of a request id that did not keep the rule and was replaced.
const REQUEST_ID_REFUSED: &str = "request_id_refused";

/// A service within the layer.
#[derive(Clone)]
pub struct AccessLogService<S> {
    pub(crate) inner: S,
    pub(crate) log: Arc<Shared>,
}

impl<S, ReqB, ResB> Service<Request<ReqB>> for AccessLogService<S>
where
    S: Service<Request<ReqB>, Response = Response<ResB>>,
    S::Error: Display,
    ResB: Body,
    ResB::Error: Display,
{
    type Response = Response<ResponseBody<ResB>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqB>) -> Self::Future {
        let outer = request.extensions().get::<Notes>().cloned().unwrap_or_default();
        if let Some(own) = outer.of_log(&self.log) {
            let slot = Slot::new(own.clone());
            return ResponseFuture::call(Guard::passing(), slot, || self.inner.call(request));
        }
        let notes = self.notes(&request, outer);
        let Ok(room) = self.log.queue.reserve(self.log.line_bytes_max) else {
            return ResponseFuture::refused(
                notes.request().and_then(|refused| refused.ids.request_id_header()),
            );
        };
        let mut guard =
            Guard::new(Kind::Access, notes.clone(), request.method(), request.uri(), request.version());
        guard.keep(room);
        request.extensions_mut().insert(notes.clone());
        ResponseFuture::call(guard, Slot::new(notes), || self.inner.call(request))
    }
}

impl<S> AccessLogService<S> {
    /// The notes of a request that this log has not seen yet. Another log may have: then it is the same
    /// hop, with the same ids.
    fn notes<B>(&self, request: &Request<B>, outer: Notes) -> Notes {
        let (ids, refused) = match outer.request() {
            Some(outer) => (outer.ids, false),
            None => Ids::accept(request.headers()),
        };
        let mut facts = request::incoming(request, &self.log);
        if refused {
            let kept = facts.notes.set(REQUEST_ID_REFUSED, Scalar::Bool(true), &self.log.limits);
            facts.count(kept);
        }
        Notes::new(self.log.clone(), ids, outer, facts)
    }
}

impl<S: fmt::Debug> fmt::Debug for AccessLogService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessLogService").field("inner", &self.inner).finish_non_exhaustive()
    }
}
