//! The ids of a request: accepted from the caller where they keep the rules, else drawn.

use crate::known_headers::KnownHeaders;
use crate::tracestate::tracestate;
use access_record::{InstanceId, RequestId, SpanId, TraceId, Traceparent};
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use std::cell::RefCell;

/// The header that carries the request id, in both directions.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The header of W3C trace context.
pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The ids of one hop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ids {
    pub(crate) trace_id: TraceId,
    /// This hop's own.
    pub(crate) span_id: SpanId,
    pub(crate) parent_id: Option<SpanId>,
    pub(crate) flags: u8,
}

/// Bit 0 of the trace flags: somebody records this trace, and we do.
const SAMPLED: u8 = 1;

/// Which ids of a request are believed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Belief {
    pub(crate) request_id: bool,
    pub(crate) trace: bool,
}

/// What becomes of the request id that a request comes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offer<'h> {
    /// There is none.
    Missing,
    /// It is the request's own now.
    Accepted(&'h str),
    /// It does not keep the rule.
    Refused,
    /// It keeps the rule and is not believed.
    Replaced(&'h str),
}

impl<'h> Offer<'h> {
    pub(crate) fn read(headers: &KnownHeaders<'h>, believe: Belief) -> Self {
        match headers.request_id.value().and_then(|value| RequestId::check(value.as_bytes())) {
            Some(offered) if believe.request_id => Self::Accepted(offered),
            Some(offered) => Self::Replaced(offered),
            None if headers.request_id.first().is_some() => Self::Refused,
            None => Self::Missing,
        }
    }
}

/// What a request came with that its own calls must know of; most came with nothing of the kind.
/// Never shown: it is what a stranger sent.
pub(crate) struct Inbound {
    /// The state of the trace that is continued.
    pub(crate) tracestate: Option<HeaderValue>,
    /// The trace context that is not continued.
    pub(crate) traceparent: Option<Traceparent>,
    /// The request id that was replaced.
    pub(crate) request_id: Option<HeaderValue>,
}

impl Inbound {
    pub(crate) fn read(
        map: &HeaderMap,
        headers: &KnownHeaders<'_>,
        ids: &Ids,
        offer: Offer<'_>,
    ) -> Option<Self> {
        let continued = ids.parent_id.is_some();
        let inbound = Self {
            tracestate: if continued && headers.has_tracestate { tracestate(map) } else { None },
            traceparent: if continued { None } else { headers.traceparent.value().and_then(parse) },
            request_id: match offer {
                Offer::Missing | Offer::Accepted(_) => None,
                Offer::Refused | Offer::Replaced(_) => headers.request_id.first().cloned(),
            },
        };
        let has_any =
            inbound.tracestate.is_some() || inbound.traceparent.is_some() || inbound.request_id.is_some();
        has_any.then_some(inbound)
    }
}

impl Ids {
    /// The ids of an incoming request.
    pub(crate) fn accept(headers: &KnownHeaders<'_>, believe: Belief) -> Self {
        let caller = headers.traceparent.value().and_then(parse).filter(|_| believe.trace);
        Self {
            trace_id: caller.map_or_else(new_trace_id, |caller| caller.trace_id),
            span_id: new_span_id(),
            parent_id: caller.map(|caller| caller.parent_id),
            flags: caller.map_or(SAMPLED, |caller| caller.flags),
        }
    }

    /// The ids of an outbound call: within the request that makes it, or of a trace of its own.
    pub(crate) fn call(within: Option<&Ids>) -> Self {
        Self {
            trace_id: within.map_or_else(new_trace_id, |ids| ids.trace_id),
            span_id: new_span_id(),
            parent_id: within.map(|ids| ids.span_id),
            flags: within.map_or(SAMPLED, |ids| ids.flags),
        }
    }

    /// What the next service is told.
    pub(crate) fn traceparent(&self) -> Traceparent {
        Traceparent { trace_id: self.trace_id, parent_id: self.span_id, flags: self.flags }
    }
}

/// The trace context of a request, if it has a valid one.
pub(crate) fn traceparent(headers: &HeaderMap) -> Option<Traceparent> {
    let mut values = headers.get_all(TRACEPARENT).iter();
    parse(values.next().filter(|_| values.next().is_none())?)
}

fn parse(value: &HeaderValue) -> Option<Traceparent> {
    Traceparent::parse(value.to_str().ok()?.trim_matches([' ', '\t']))
}

/// A new request id: as text, 32 hex digits.
pub(crate) fn new_request_id() -> [u8; TraceId::LEN] {
    new_trace_id().hex()
}

fn new_trace_id() -> TraceId {
    // All zero means "no id"; then draw again.
    TraceId::from_bytes(rand::rng().random()).unwrap_or_else(new_trace_id)
}

thread_local! {
    /// A span's id has to differ from others, not to be a secret: a fast generator will do, one for each
    /// thread, sown from the good one.
    static SPANS: RefCell<SmallRng> = RefCell::new(SmallRng::from_rng(&mut rand::rng()));
}

fn new_span_id() -> SpanId {
    // A thread that is ending has only the good one left.
    let drawn = SPANS.try_with(|spans| spans.try_borrow_mut().ok().map(|mut spans| spans.random()));
    let drawn = drawn.ok().flatten().unwrap_or_else(|| rand::rng().random());
    SpanId::from_bytes(drawn).unwrap_or_else(new_span_id)
}

pub(crate) fn new_instance_id() -> InstanceId {
    InstanceId::from_bytes(rand::rng().random()).unwrap_or_else(new_instance_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Belief = Belief { request_id: true, trace: true };
    const NONE: Belief = Belief { request_id: false, trace: false };

    fn headers(pairs: &[(HeaderName, &[u8])]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name, HeaderValue::from_bytes(value).unwrap());
        }
        headers
    }

    fn accept(headers: &HeaderMap, believe: Belief) -> (Ids, Offer<'_>) {
        let known = KnownHeaders::read(headers);
        (Ids::accept(&known, believe), Offer::read(&known, believe))
    }

    #[test]
    fn a_request_id_is_accepted_or_replaced() {
        type Row<'r> = (&'r [&'r [u8]], Option<&'r str>, bool);
        let rows: [Row<'_>; 6] = [
            (&[], None, false),
            (&[b"req-1"], Some("req-1"), false),
            (&[b"two words"], None, true),
            (&[b""], None, true),
            (&[b"\xff"], None, true),
            (&[b"a", b"b"], None, true),
        ];
        for (values, accepted, refused) in rows {
            let pairs: Vec<_> = values.iter().map(|value| (X_REQUEST_ID, *value)).collect();
            let headers = headers(&pairs);
            let (_, offer) = accept(&headers, ALL);
            let expected = match accepted {
                Some(id) => Offer::Accepted(id),
                None if refused => Offer::Refused,
                None => Offer::Missing,
            };
            assert_eq!(offer, expected, "{values:?}");
        }
    }

    #[test]
    fn what_is_not_believed_is_replaced() {
        let value: &[u8] = b"00-12345678901234567890123456789012-1234567890123456-00";
        let sent = headers(&[(X_REQUEST_ID, b"req-1"), (TRACEPARENT, value)]);
        let (ids, offer) = accept(&sent, NONE);
        assert_eq!(offer, Offer::Replaced("req-1"));
        assert_eq!((ids.parent_id, ids.flags), (None, SAMPLED));
        assert_eq!(accept(&headers(&[(X_REQUEST_ID, b"two words")]), NONE).1, Offer::Refused);
        assert_eq!(accept(&headers(&[]), NONE).1, Offer::Missing);
    }

    #[test]
    fn a_trace_goes_on_or_starts_anew() {
        let value: &[u8] = b"\t00-12345678901234567890123456789012-1234567890123456-00 ";
        let map = headers(&[(TRACEPARENT, value)]);
        let (ids, _) = accept(&map, ALL);
        assert_eq!(ids.trace_id.to_string(), "12345678901234567890123456789012");
        assert_eq!(ids.parent_id.unwrap().to_string(), "1234567890123456");
        assert_ne!(Some(ids.span_id), ids.parent_id);
        assert_eq!(ids.flags, 0);

        let map = headers(&[(TRACEPARENT, value), (TRACEPARENT, value)]);
        let (ids, _) = accept(&map, ALL);
        assert_ne!(ids.trace_id.to_string(), "12345678901234567890123456789012");
        assert_eq!((ids.parent_id, ids.flags), (None, SAMPLED));
    }

    #[test]
    fn a_call_belongs_to_its_request() {
        let map = HeaderMap::new();
        let (request, _) = accept(&map, ALL);
        let call = Ids::call(Some(&request));
        assert_eq!(call.parent_id, Some(request.span_id));
        assert_eq!(call.traceparent().parent_id, call.span_id);
        assert_eq!(call.trace_id, request.trace_id);
        assert_eq!(Ids::call(None).parent_id, None);
    }
}
