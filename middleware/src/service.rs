//! The service that the layer makes: one record for each request that reaches it.

use crate::body::ResponseBody;
use crate::context::Slot;
use crate::facts::Facts;
use crate::future::ResponseFuture;
use crate::ids::{Ids, Inbound, Offer, new_request_id};
use crate::known_headers::KnownHeaders;
use crate::notes::Notes;
use crate::pending::Guard;
use crate::request;
use crate::shared::Shared;
use crate::texts::Text;
use access_record::Kind;
use access_record::notes::Scalar;
use http::{Request, Response};
use http_body::Body;
use std::fmt::Display;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower_service::Service;

/// The note that tells of a request id that did not keep the rule and was replaced.
const REQUEST_ID_REFUSED: &str = "request_id_refused";
/// The note that keeps a request id that was not believed and was replaced.
const REQUEST_ID_OFFERED: &str = "request_id_offered";

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
                notes.request().and_then(|refused| refused.facts().take_request_id()),
            );
        };
        let guard = Guard::new(Kind::Access, notes.clone(), request.method());
        guard.keep(room);
        if self.log.start_records {
            guard.write_start();
        }
        request.extensions_mut().insert(notes.clone());
        ResponseFuture::call(guard, Slot::new(notes), || self.inner.call(request))
    }
}

impl<S> AccessLogService<S> {
    /// The notes of a request that this log has not seen yet. Another log may have: then it is the same
    /// hop, with the same ids.
    fn notes<B>(&self, request: &Request<B>, outer: Notes) -> Notes {
        let headers = KnownHeaders::read(request.headers());
        let peer_ip = request::peer_ip(request.extensions());
        let read = |facts: &mut Facts| request::incoming(request, &headers, peer_ip, &self.log, facts);
        if let Some(same) = outer.request() {
            let (ids, inbound, request_id) = (same.ids, same.inbound.clone(), outer.request_id());
            return Notes::new(&self.log, ids, inbound, outer, |facts| {
                facts.texts.set(Text::RequestId, &request_id.unwrap_or_default());
                read(facts);
            });
        }
        let believe = self.log.believe(peer_ip);
        let (ids, offer) = (Ids::accept(&headers, believe), Offer::read(&headers, believe));
        let inbound = Inbound::read(request.headers(), &headers, &ids, offer).map(Arc::new);
        Notes::new(&self.log, ids, inbound, outer, |facts| {
            if let Offer::Accepted(offered) = offer {
                facts.texts.set(Text::RequestId, offered);
                facts.request_id_header = headers.request_id.value().cloned();
            } else {
                let drawn = new_request_id();
                facts.texts.set(Text::RequestId, std::str::from_utf8(&drawn).unwrap_or_default());
            }
            read(facts);
            let note = match offer {
                Offer::Missing | Offer::Accepted(_) => return,
                Offer::Refused => (REQUEST_ID_REFUSED, Scalar::Bool(true)),
                Offer::Replaced(offered) => (REQUEST_ID_OFFERED, Scalar::Text(offered)),
            };
            let kept = facts.notes.set(note.0, note.1, &self.log.limits);
            facts.count(kept);
        })
    }
}
