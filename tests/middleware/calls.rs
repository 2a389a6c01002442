//! Ids from service to service, and a record for each outbound call.

use crate::lines::Capture;
use crate::support::{PATIENCE, access_records, answer, captured, infallible, request};
use axum::body::Body;
use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt as _;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_access_log::{AccessLog, Kind, Outcome, Record};

const TRACE: &str = "00-12345678901234567890123456789012-1234567890123456-01";

/// A request that makes a call; returns the records and the headers the called side saw.
async fn call(inbound: Request<Body>, outbound: fn() -> Request<Body>) -> (Vec<Record<'static>>, HeaderMap) {
    let (log, capture) = captured();
    let seen = Arc::new(Mutex::new(HeaderMap::new()));
    let told = seen.clone();
    let client = log.calls().layer(service_fn(move |request: Request<Body>| {
        *told.lock().unwrap() = request.headers().clone();
        answer(request)
    }));
    let service = log.layer().layer(service_fn(move |_request: Request<Body>| {
        let client = client.clone();
        async move {
            if let Ok(response) = client.oneshot(outbound()).await {
                let _ended = response.into_body().collect().await;
            }
            Ok::<_, Infallible>(Response::new(Body::empty()))
        }
    }));
    service.oneshot(inbound).await.unwrap();
    log.shutdown(PATIENCE).await;
    let headers = seen.lock().unwrap().clone();
    (capture.records(), headers)
}

fn find<'r>(records: &'r [Record<'static>], kind: Kind) -> &'r Record<'static> {
    let mut found = records.iter().filter(|record| record.kind == kind);
    let record = found.next().unwrap();
    assert!(found.next().is_none(), "more than one {kind}");
    record
}

#[tokio::test]
async fn a_call_carries_the_ids_on() {
    let mut inbound = request("GET", "/");
    inbound.headers_mut().insert("traceparent", TRACE.parse().unwrap());
    inbound.headers_mut().insert("x-request-id", "req-1".parse().unwrap());
    let outbound = || request("POST", "http://user:s3cret@search:8080/stream?q=s3cret");
    let (records, headers) = call(inbound, outbound).await;
    let (access, call) = (find(&records, Kind::Access), find(&records, Kind::Call));

    assert_eq!(access.request_id.as_deref(), Some("req-1"));
    assert_eq!(access.trace_id.unwrap().to_string(), &TRACE[3..35]);
    assert_eq!(access.parent_id.unwrap().to_string(), &TRACE[36..52]);
    assert_eq!(call.request_id.as_deref(), Some("req-1"));
    assert_eq!(call.trace_id, access.trace_id);
    assert_eq!(call.parent_id, access.span_id);
    assert_ne!(call.span_id, access.span_id);
    assert_eq!(headers["x-request-id"], "req-1");
    let sent = format!("00-{}-{}-01", access.trace_id.unwrap(), call.span_id.unwrap());
    assert_eq!(headers["traceparent"], sent.as_str());

    assert_eq!(call.method.as_deref(), Some("POST"));
    assert_eq!(call.scheme.as_deref(), Some("http"));
    assert_eq!(call.authority.as_deref(), Some("search:8080"));
    assert_eq!((call.path.as_deref(), call.query.as_deref()), (Some("/stream"), Some("q=***")));
    assert_eq!((call.outcome, call.status, call.bytes_in), (Some(Outcome::Ok), Some(200), Some(11)));
    assert_eq!(call.bytes_out, None);
    assert!(call.duration_us <= access.duration_us);
}

#[tokio::test]
async fn a_failed_call_says_why() {
    let (records, _) = call(request("GET", "/"), || request("GET", "http://search/error")).await;
    let call = find(&records, Kind::Call);
    assert_eq!((call.outcome, call.status), (Some(Outcome::Error), None));
    assert_eq!(call.error.as_deref(), Some("no such upstream"));
    assert_eq!(find(&records, Kind::Access).outcome, Some(Outcome::Ok));
}

/// A trace context that the caller set itself wins; the record names what was sent.
#[tokio::test]
async fn ids_that_are_already_there_stay() {
    let (records, headers) = call(request("GET", "/"), || {
        let mut outbound = request("GET", "http://search/ok");
        outbound.headers_mut().insert("traceparent", TRACE.parse().unwrap());
        outbound.headers_mut().insert("x-request-id", "theirs".parse().unwrap());
        outbound
    })
    .await;
    assert_eq!(headers["traceparent"], TRACE);
    assert_eq!(headers["x-request-id"], "theirs");
    let call = find(&records, Kind::Call);
    assert_eq!(call.trace_id.unwrap().to_string(), &TRACE[3..35]);
    assert_eq!(call.span_id.unwrap().to_string(), &TRACE[36..52]);
}

#[tokio::test]
async fn a_call_outside_of_a_request_starts_a_trace() {
    let (log, capture) = captured();
    let client = log.calls().layer(service_fn(infallible));
    let response = client.oneshot(request("GET", "http://search/slow-body")).await.unwrap();
    drop(response);
    assert!(access_records(log, &capture).is_empty());
    let records = capture.records();
    let call = find(&records, Kind::Call);
    assert_eq!((call.outcome, call.parent_id), (Some(Outcome::Aborted), None));
    assert!(call.trace_id.is_some() && call.span_id.is_some());
}

#[tokio::test]
async fn the_response_carries_the_request_id() {
    let (log, capture) = captured();
    for (sent, kept) in [(Some("req-1"), true), (Some("two words"), false), (None, false)] {
        let mut inbound = request("GET", "/ok");
        if let Some(sent) = sent {
            inbound.headers_mut().insert("x-request-id", sent.parse().unwrap());
        }
        let response = log.layer().layer(service_fn(infallible)).oneshot(inbound).await.unwrap();
        let returned = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert_eq!(Some(returned.as_str()) == sent, kept);
        response.into_body().collect().await.unwrap();
        let record = capture.records().pop().unwrap();
        assert_eq!(record.request_id.as_deref(), Some(returned.as_str()));
        let refused = record.notes.get("request_id_refused").is_some();
        assert_eq!(refused, sent.is_some() && !kept);
    }
    drop(log);
}

/// A proxy that passes all headers on did not choose the trace context among them: the call is a hop
/// of its own, and the picture has no loop.
#[tokio::test]
async fn a_trace_context_that_is_merely_passed_on_is_replaced() {
    let mut inbound = request("GET", "/");
    inbound.headers_mut().insert("traceparent", TRACE.parse().unwrap());
    let (records, headers) = call(inbound, || {
        let mut outbound = request("GET", "http://search/ok");
        outbound.headers_mut().insert("traceparent", TRACE.parse().unwrap());
        outbound
    })
    .await;
    let (access, call) = (find(&records, Kind::Access), find(&records, Kind::Call));
    assert_eq!(call.parent_id, access.span_id);
    assert_eq!(call.trace_id, access.trace_id);
    assert_ne!(call.span_id, access.parent_id);
    assert!(headers["traceparent"].to_str().unwrap().contains(&call.span_id.unwrap().to_string()));
}

/// The state of a trace goes on with the trace, and only with it.
#[tokio::test]
async fn tracestate_goes_on_with_its_trace() {
    let passing = || {
        let mut outbound = request("GET", "http://search/ok");
        outbound.headers_mut().insert("tracestate", "passed=on".parse().unwrap());
        outbound
    };
    for (traceparent, sent) in [(Some(TRACE), Some("foo=1,bar=2")), (Some("00-bad"), None), (None, None)] {
        let mut inbound = request("GET", "/");
        for state in ["foo=1", "bar=2"] {
            inbound.headers_mut().append("tracestate", state.parse().unwrap());
        }
        if let Some(traceparent) = traceparent {
            inbound.headers_mut().insert("traceparent", traceparent.parse().unwrap());
        }
        let (_, headers) = call(inbound, passing).await;
        let states: Vec<_> = headers.get_all("tracestate").iter().collect();
        assert_eq!(states, sent.as_slice(), "{traceparent:?}");
    }
}

/// A trace context that the caller chose has the state that the caller chose.
#[tokio::test]
async fn a_chosen_trace_keeps_its_own_state() {
    let (_, headers) = call(request("GET", "/"), || {
        let mut outbound = request("GET", "http://search/ok");
        outbound.headers_mut().insert("traceparent", TRACE.parse().unwrap());
        outbound.headers_mut().insert("tracestate", "mine=1".parse().unwrap());
        outbound
    })
    .await;
    assert_eq!(headers["tracestate"], "mine=1");
}

/// Behind the edge nothing of a stranger's ids goes on, even if a proxy passes all headers on.
#[tokio::test]
async fn ids_that_were_replaced_do_not_go_on() {
    let capture = Capture::default();
    let log = AccessLog::new("edge").sink(capture.sink()).new_request_ids().build().unwrap();
    let seen = Arc::new(Mutex::new(HeaderMap::new()));
    let told = seen.clone();
    let client = log.calls().layer(service_fn(move |request: Request<Body>| {
        *told.lock().unwrap() = request.headers().clone();
        answer(request)
    }));
    let service = log.layer().layer(service_fn(move |mut request: Request<Body>| {
        *request.uri_mut() = "http://search/empty".parse().unwrap();
        client.clone().oneshot(request)
    }));
    let mut inbound = request("GET", "/");
    for (name, value) in [("traceparent", TRACE), ("tracestate", "foo=1"), ("x-request-id", "theirs")] {
        inbound.headers_mut().insert(name, value.parse().unwrap());
    }
    drop(service.oneshot(inbound).await.unwrap());
    log.shutdown(PATIENCE).await;
    let records = capture.records();
    let (access, call) = (find(&records, Kind::Access), find(&records, Kind::Call));
    let headers = seen.lock().unwrap().clone();
    assert_eq!(headers["x-request-id"].to_str().ok(), access.request_id.as_deref());
    assert_ne!(access.request_id.as_deref(), Some("theirs"));
    assert!(headers["traceparent"].to_str().unwrap().contains(&access.trace_id.unwrap().to_string()));
    assert_eq!(headers.get("tracestate"), None);
    assert_eq!((call.trace_id, call.parent_id), (access.trace_id, access.span_id));
}
