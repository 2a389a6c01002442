//! Ids from service to service, and a record for each outbound call.

use crate::support::{PATIENCE, access_records, answer, captured, infallible, request};
use axum::body::Body;
use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt as _;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_access_log::{Kind, Outcome, Record};

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
