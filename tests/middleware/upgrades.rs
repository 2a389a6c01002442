//! Requests that leave HTTP, those that are written down when they begin, and those of gRPC.

use crate::lines::Capture;
use crate::support::{PATIENCE, access_records, answer, captured, infallible, request};
use axum::body::Body;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_access_log::{AccessLog, Kind, Notes, Outcome, Scalar, UpgradeGuard, note};

fn notes(request: &Request<Body>) -> Notes {
    request.extensions().get::<Notes>().unwrap().clone()
}

fn access(capture: &Capture) -> usize {
    capture.records().iter().filter(|record| record.kind == Kind::Access).count()
}

/// The record waits for the guard, and has what was noted until then.
#[tokio::test]
async fn a_guard_keeps_the_record_open() {
    let (log, capture) = captured();
    let held: Arc<Mutex<Option<(UpgradeGuard, Notes)>>> = Arc::default();
    let handed = held.clone();
    let service = log.layer().layer(service_fn(move |request: Request<Body>| {
        let notes = notes(&request);
        *handed.lock().unwrap() = Some((notes.upgrade_guard(), notes));
        answer(request)
    }));
    let response = service.oneshot(request("GET", "/upgrade")).await.unwrap();
    assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
    drop(response);
    assert_eq!(access(&capture), 0, "the connection is still open");
    let (guard, notes) = held.lock().unwrap().take().unwrap();
    drop(notes.upgrade_guard());
    assert_eq!(access(&capture), 0, "a second guard changes nothing");
    notes.set("messages", 3);
    drop(guard);
    let records = access_records(log, &capture);
    assert_eq!(records.len(), 1);
    assert_eq!((records[0].outcome, records[0].status), (Some(Outcome::Upgraded), Some(101)));
    assert_eq!(records[0].notes.get("messages"), Some(Scalar::U64(3)));
    assert!(records[0].duration_us >= records[0].head_us);
}

/// A guard that is gone before the head, or a response that is no upgrade: all is as without it.
#[tokio::test]
async fn a_guard_that_is_not_needed_does_nothing() {
    for (path, keeps, outcome) in
        [("/upgrade", false, Outcome::Upgraded), ("/404", true, Outcome::Ok), ("/404", false, Outcome::Ok)]
    {
        let (log, capture) = captured();
        let kept: Arc<Mutex<Option<UpgradeGuard>>> = Arc::default();
        let keep = kept.clone();
        let service = log.layer().layer(service_fn(move |request: Request<Body>| {
            let guard = notes(&request).upgrade_guard();
            if keeps {
                *keep.lock().unwrap() = Some(guard);
            }
            answer(request)
        }));
        service.oneshot(request("GET", path)).await.unwrap();
        assert_eq!(access(&capture), 1, "{path}");
        drop(kept.lock().unwrap().take());
        let records = access_records(log, &capture);
        assert_eq!(records.len(), 1, "{path}");
        assert_eq!(records[0].outcome, Some(outcome), "{path}");
    }
}

/// A protocol spoken on a real connection after a 101: one record when it has ended.
#[tokio::test]
async fn an_echo_over_an_upgraded_connection_is_one_record() {
    let (log, capture) = captured();
    let service = log.layer().layer(service_fn(async |mut request: Request<Incoming>| {
        let notes = request.extensions().get::<Notes>().unwrap().clone();
        let guard = notes.upgrade_guard();
        let upgraded = hyper::upgrade::on(&mut request);
        let echo = notes.clone().scope(async move {
            let mut io = TokioIo::new(upgraded.await.unwrap());
            let mut word = [0; 5];
            while io.read_exact(&mut word).await.is_ok() {
                note::add("words", 1);
                io.write_all(&word).await.unwrap();
            }
            drop(guard);
        });
        tokio::spawn(echo);
        let head = Response::builder().status(101).header("connection", "upgrade").header("upgrade", "echo");
        Ok::<_, Infallible>(head.body(Body::empty()).unwrap())
    }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let http1 = hyper::server::conn::http1::Builder::new();
        let service = TowerToHyperService::new(service);
        http1.serve_connection(TokioIo::new(stream), service).with_upgrades().await.unwrap();
    });
    let mut client = TcpStream::connect(addr).await.unwrap();
    client
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(client.read_u8().await.unwrap());
    }
    for _ in 0..2 {
        client.write_all(b"hello").await.unwrap();
        client.read_exact(&mut [0; 5]).await.unwrap();
    }
    assert_eq!(access(&capture), 0, "the connection is still open");
    drop(client);
    let seen = capture.clone();
    let found =
        tokio::task::spawn_blocking(move || seen.wait_for(1, PATIENCE, |record| record.kind == Kind::Access));
    let record = found.await.unwrap().remove(0);
    assert_eq!((record.outcome, record.status), (Some(Outcome::Upgraded), Some(101)));
    assert_eq!(record.notes.get("words"), Some(Scalar::U64(2)));
    assert_eq!(access_records(log, &capture).len(), 1);
}

/// With start records a request that never ends has left a trace of itself.
#[tokio::test]
async fn a_request_in_flight_is_seen_by_its_start() {
    let capture = Capture::default();
    let log = AccessLog::new("photos").sink(capture.sink()).start_records(true).build().unwrap();
    let service = log.layer().layer(service_fn(infallible));
    service.clone().oneshot(request("GET", "/empty")).await.unwrap();
    let in_flight = tokio::spawn(service.oneshot(request("GET", "/slow?token=s3cret")));
    tokio::task::yield_now().await;
    let records = capture.records();
    in_flight.abort();
    let kinds: Vec<_> = records.iter().map(|record| record.kind).collect();
    assert_eq!(kinds, [Kind::Start, Kind::Access, Kind::Start]);
    let (start, end) = (&records[0], &records[1]);
    assert_eq!((start.trace_id, start.span_id), (end.trace_id, end.span_id));
    assert_eq!(start.request_id, end.request_id);
    assert_eq!((start.status, start.outcome, start.duration_us, start.bytes_out), (None, None, None, None));
    assert_eq!((records[2].path.as_deref(), records[2].query.as_deref()), (Some("/slow"), Some("token=***")));
    assert!(start.ts <= end.ts);
}

/// A gRPC request is called what its path calls it, unless the handler knows better.
#[tokio::test]
async fn a_grpc_method_comes_from_the_path() {
    let (log, capture) = captured();
    let service = log.layer().layer(service_fn(|request: Request<Body>| async move {
        if request.uri().query() == Some("named") {
            note::api_method("photos.get");
        }
        Ok::<_, Infallible>(Response::new(Body::empty()))
    }));
    let rows = [
        ("/photos.v1.Photos/Get", "application/grpc", Some("photos.v1.Photos/Get")),
        ("/photos.v1.Photos/Get", "application/grpc+proto", Some("photos.v1.Photos/Get")),
        ("/photos.v1.Photos/Get?named", "application/grpc", Some("photos.get")),
        ("/photos.v1.Photos/Get", "application/json", None),
    ];
    for (path, content_type, _) in rows {
        let mut call = request("POST", path);
        call.headers_mut().insert("content-type", content_type.parse().unwrap());
        service.clone().oneshot(call).await.unwrap();
    }
    let records = access_records(log, &capture);
    for (record, (path, content_type, expected)) in records.iter().zip(rows) {
        assert_eq!(record.api_method.as_deref(), expected, "{path} {content_type}");
    }
}

/// A connection that accepts a few bytes at a time, and slices at once: what was accepted counts, and
/// what comes when the record is written does not.
#[tokio::test]
async fn a_connection_counts_what_it_accepts() {
    let (log, capture) = captured();
    let held: Arc<Mutex<Option<(UpgradeGuard, Notes)>>> = Arc::default();
    let handed = held.clone();
    let service = log.layer().layer(service_fn(move |request: Request<Body>| {
        let notes = notes(&request);
        *handed.lock().unwrap() = Some((notes.upgrade_guard(), notes));
        answer(request)
    }));
    drop(service.oneshot(request("GET", "/upgrade")).await.unwrap());
    let (guard, notes) = held.lock().unwrap().take().unwrap();

    let (near, mut far) = tokio::io::duplex(4);
    let mut near = guard.track(near);
    assert!(tokio::io::AsyncWrite::is_write_vectored(&near));
    assert_eq!(near.write(b"123456").await.unwrap(), 4);
    far.read_exact(&mut [0; 4]).await.unwrap();
    let slices = [std::io::IoSlice::new(b"1"), std::io::IoSlice::new(b"23456")];
    assert_eq!(near.write_vectored(&slices).await.unwrap(), 4);
    far.write_all(b"abc").await.unwrap();
    let mut read = [0; 8];
    assert_eq!(near.read(&mut read).await.unwrap(), 3);
    near.shutdown().await.unwrap();
    assert_eq!(access(&capture), 0, "the connection holds the guard");
    drop(near);
    assert_eq!(access(&capture), 1);

    let (late, mut other) = tokio::io::duplex(4);
    let mut late = notes.track(late);
    late.write_all(b"late").await.unwrap();
    other.read_exact(&mut [0; 4]).await.unwrap();
    let mut inert = Notes::default().upgrade_guard().track(other);
    inert.write_all(b"pass").await.unwrap();
    late.read_exact(&mut [0; 4]).await.unwrap();
    let record = access_records(log, &capture).remove(0);
    assert_eq!((record.bytes_in, record.bytes_out), (Some(3), Some(8)));
}
