//! Requests as a server makes them: six header values and the target, all parts of one shared buffer,
//! and the peer's address.

#![expect(clippy::unwrap_used, reason = "a bench that cannot run has nothing to say")]

use bytes::Bytes;
use http::header::{ACCEPT, HOST, HeaderName, REFERER, USER_AGENT};
use http::{HeaderMap, HeaderValue, Request, Uri};
use http_body_util::Full;
use std::net::SocketAddr;
use tower_access_log::PeerAddr;

pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Makes requests, all alike.
pub(crate) struct Requests {
    uri: Uri,
    headers: Vec<(HeaderName, HeaderValue)>,
    peer: PeerAddr,
}

impl Requests {
    pub(crate) fn new() -> Self {
        let rows = [
            (HOST, "photos.example"),
            (USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"),
            (ACCEPT, "application/json"),
            (REFERER, "https://photos.example/explore"),
            (X_REQUEST_ID, "01hx8zq4k2v9r7tn5m3wbcd6ef"),
            (TRACEPARENT, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ];
        let target = "/photos/allspaw?page=2&sort=new";
        let text: String = rows.iter().map(|(_, value)| *value).chain([target]).collect();
        let mut rest = Bytes::from(text);
        let headers = rows.map(|(name, value)| {
            let part = rest.split_to(value.len());
            (name, HeaderValue::from_maybe_shared(part).unwrap())
        });
        Self {
            uri: Uri::from_maybe_shared(rest).unwrap(),
            headers: headers.into(),
            peer: PeerAddr(SocketAddr::from(([203, 0, 113, 9], 4711))),
        }
    }

    pub(crate) fn next(&self) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::default());
        *request.uri_mut() = self.uri.clone();
        let mut headers = HeaderMap::with_capacity(self.headers.len());
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        *request.headers_mut() = headers;
        request.extensions_mut().insert(self.peer);
        request
    }
}
