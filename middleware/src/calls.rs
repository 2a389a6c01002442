//! The client side: a `call` record for each outbound request, and the ids sent along.

use crate::body::ResponseBody;
use crate::context::Slot;
use crate::facts::Facts;
use crate::future::ResponseFuture;
use crate::ids::{Ids, TRACEPARENT, X_REQUEST_ID, new_request_id, traceparent};
use crate::notes::{Notes, Request as Incoming};
use crate::pending::Guard;
use crate::request;
use crate::texts::Text;
use crate::tracestate::TRACESTATE;
use crate::wrap::wrap;
use access_record::{Kind, Traceparent};
use http::header::HeaderValue;
use http::{HeaderMap, Request, Response};
use http_body::Body;
use std::fmt::Display;
use std::task::{Context, Poll};
use tower_service::Service;

wrap! {
    #[doc = include_str!("docs/outbound.md")]
    pub struct CallsLayer;

    /// A client within the layer.
    pub struct CallService;
}

impl<S, ReqB, ResB> Service<Request<ReqB>> for CallService<S>
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
        let current = Notes::current();
        let within = current.request();
        let mut ids = Ids::call(within.map(|request| &request.ids));
        let request_id = current.request_id().unwrap_or_else(drawn_request_id);
        send(&mut ids, &request_id, within, request.headers_mut());
        let read = |facts: &mut Facts| {
            facts.texts.set(Text::RequestId, &request_id);
            request::outbound(&request, &self.log, facts);
        };
        let notes = Notes::new(&self.log, ids, None, current, read);
        let guard = Guard::new(Kind::Call, notes, request.method());
        ResponseFuture::call(guard, Slot::default(), || self.inner.call(request))
    }
}

/// The request id of a call of no request.
fn drawn_request_id() -> String {
    new_request_id().map(char::from).iter().collect()
}

/// Puts the ids into the headers. A trace context that the caller put there wins: then it is the one
/// that the other side will name as its parent. One that came in with the request and was merely
/// passed on, as proxies do, is nobody's choice: it names the hop before this one. So is a request id
/// that came in and was replaced.
fn send(ids: &mut Ids, request_id: &str, within: Option<&Incoming>, headers: &mut HeaderMap) {
    let inbound = within.and_then(|request| request.inbound.as_deref());
    let passed_on = |present: &Traceparent| {
        within.is_some_and(|Incoming { ids, .. }| {
            (ids.trace_id, ids.parent_id) == (present.trace_id, Some(present.parent_id))
        }) || inbound.is_some_and(|inbound| inbound.traceparent == Some(*present))
    };
    if let Some(present) = traceparent(headers).filter(|present| !passed_on(present)) {
        if present.trace_id != ids.trace_id {
            ids.parent_id = None;
        }
        ids.trace_id = present.trace_id;
        ids.span_id = present.parent_id;
    } else {
        if let Ok(value) = HeaderValue::from_str(&ids.traceparent().to_string()) {
            headers.insert(TRACEPARENT, value);
        }
        // The state belongs to its trace: what else is there was merely passed on.
        match inbound.and_then(|inbound| inbound.tracestate.clone()) {
            Some(value) => headers.insert(TRACESTATE, value),
            None => headers.remove(TRACESTATE),
        };
    }
    let replaced = inbound.and_then(|inbound| inbound.request_id.as_ref());
    let chosen = headers.get(X_REQUEST_ID).filter(|present| Some(*present) != replaced);
    if chosen.is_none()
        && let Ok(request_id) = HeaderValue::from_str(request_id)
    {
        headers.insert(X_REQUEST_ID, request_id);
    }
}
