//! The ending matrix in process: each ending × each order of layers = exactly one record, with the
//! outcome of the table in the docs.

use crate::support::{BoxError, access_records, answer, captured, caught, infallible, request};
use axum::Router;
use axum::body::Body;
use http::{Method, Request, Response, StatusCode};
use http_body::Body as HttpBody;
use http_body_util::BodyExt as _;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tower::{Layer, Service, ServiceExt as _, service_fn};
use tower_access_log::{AccessLog, Outcome, Record};
use tower_http::catch_panic::CatchPanicLayer;

/// Where the layer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// Around a plain service.
    Plain,
    /// `Router::layer`.
    InRouter,
    /// Around a router.
    AroundRouter,
    /// Both: the inner one lets the request pass.
    Both,
}

const ORDERS: [Order; 4] = [Order::Plain, Order::InRouter, Order::AroundRouter, Order::Both];

/// What the client does.
#[derive(Clone, Copy, Debug)]
enum Client {
    /// Reads to the end.
    Reads,
    /// Polls once and goes away.
    LeavesBeforeHead,
    /// Goes away with the head.
    LeavesAfterHead,
    /// Reads one frame and goes away.
    LeavesInBody,
}

/// Path, method, client; expected outcome, status and bytes.
type Row = (&'static str, &'static str, Client, Outcome, Option<u16>, u64);

const ROWS: &[Row] = &[
    ("/ok", "GET", Client::Reads, Outcome::Ok, Some(200), 5),
    ("/empty", "GET", Client::Reads, Outcome::Ok, Some(200), 0),
    ("/empty", "GET", Client::LeavesAfterHead, Outcome::Ok, Some(200), 0),
    ("/head", "HEAD", Client::Reads, Outcome::Ok, Some(200), 0),
    ("/head", "HEAD", Client::LeavesAfterHead, Outcome::Ok, Some(200), 0),
    ("/204", "GET", Client::LeavesAfterHead, Outcome::Ok, Some(204), 0),
    ("/304", "GET", Client::LeavesAfterHead, Outcome::Ok, Some(304), 0),
    ("/404", "GET", Client::LeavesAfterHead, Outcome::Ok, Some(404), 0),
    ("/stream", "GET", Client::Reads, Outcome::Ok, Some(200), 11),
    ("/silent-end", "GET", Client::Reads, Outcome::Ok, Some(200), 6),
    ("/exact", "GET", Client::LeavesInBody, Outcome::Ok, Some(200), 5),
    ("/trailers", "GET", Client::Reads, Outcome::Ok, Some(200), 3),
    ("/panic", "GET", Client::Reads, Outcome::Panic, None, 0),
    ("/panic-body", "GET", Client::Reads, Outcome::Panic, Some(200), 3),
    ("/body-error", "GET", Client::Reads, Outcome::BodyError, Some(200), 3),
    ("/slow", "GET", Client::LeavesBeforeHead, Outcome::Cancelled, None, 0),
    ("/ok", "GET", Client::LeavesAfterHead, Outcome::Aborted, Some(200), 0),
    ("/stream", "GET", Client::LeavesInBody, Outcome::Aborted, Some(200), 3),
    ("/slow-body", "GET", Client::LeavesInBody, Outcome::Aborted, Some(200), 3),
    ("/upgrade", "GET", Client::LeavesAfterHead, Outcome::Upgraded, Some(101), 0),
    ("/connect", "CONNECT", Client::LeavesAfterHead, Outcome::Upgraded, Some(200), 0),
];

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}

fn router() -> Router {
    Router::new().fallback_service(service_fn(infallible))
}

/// Sends the row's request and lets the client do what it does.
async fn drive<S, B>(service: S, row: Row)
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Error: std::fmt::Debug,
    B: HttpBody,
{
    let (path, method, client, ..) = row;
    let response = service.oneshot(request(method, path));
    if let Client::LeavesBeforeHead = client {
        let polled = pin!(response).as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready();
        assert!(!polled, "{path} has a head already");
        return;
    }
    let mut body = pin!(response.await.expect("a response").into_body());
    match client {
        Client::Reads => while let Some(Ok(_)) = body.frame().await {},
        Client::LeavesInBody => {
            let _one = body.frame().await.expect("a frame");
        }
        Client::LeavesAfterHead | Client::LeavesBeforeHead => {}
    }
}

fn one_record(log: AccessLog, capture: &crate::lines::Capture, row: Row, context: &str) -> Record<'static> {
    let mut records = access_records(log, capture);
    assert_eq!(records.len(), 1, "{context} {row:?}: {records:?}");
    let record = records.remove(0);
    let (path, method, _, outcome, status, bytes) = row;
    assert_eq!(record.outcome, Some(outcome), "{context} {row:?}");
    assert_eq!(record.status, status, "{context} {row:?}");
    assert_eq!(record.bytes_out, Some(bytes), "{context} {row:?}");
    assert_eq!(record.path.as_deref(), Some(path), "{context}");
    assert_eq!(record.method.as_deref(), Some(method), "{context}");
    assert_eq!(record.head_us.is_some(), status.is_some(), "{context} {row:?}");
    assert!(record.duration_us >= record.head_us, "{context} {row:?}");
    record
}

#[test]
fn every_ending_in_every_order_leaves_one_record() {
    for order in ORDERS {
        for row in ROWS {
            let (log, capture) = captured();
            let layer = log.layer();
            // A panic comes out of `drive` as it came out of the handler.
            let _panicked = caught(|| {
                block_on(async {
                    match order {
                        Order::Plain => drive(layer.layer(service_fn(answer::<Body>)), *row).await,
                        Order::InRouter => drive(router().layer(layer), *row).await,
                        Order::AroundRouter => drive(layer.layer(router()), *row).await,
                        Order::Both => drive(layer.layer(router().layer(layer.clone())), *row).await,
                    }
                });
            });
            let record = one_record(log, &capture, *row, &format!("{order:?}"));
            match record.outcome {
                Some(Outcome::Panic) => assert!(record.error.as_deref().unwrap().starts_with("in the ")),
                Some(Outcome::BodyError) => assert_eq!(record.error.as_deref(), Some("disk gone")),
                _ => assert_eq!(record.error, None),
            }
        }
    }
}

#[test]
fn an_error_of_the_service_has_no_status() {
    let (log, capture) = captured();
    let service = log.layer().layer(service_fn(answer::<Body>));
    let error: BoxError = block_on(service.oneshot(request("GET", "/error"))).err().unwrap();
    assert_eq!(error.to_string(), "no such upstream");
    let row = ("/error", "GET", Client::Reads, Outcome::Error, None, 0);
    let record = one_record(log, &capture, row, "plain");
    assert_eq!(record.error.as_deref(), Some("no such upstream"));
    assert_eq!(record.level, tower_access_log::Level::Error);
}

#[test]
fn grpc_status_comes_from_the_trailers() {
    let (log, capture) = captured();
    let row = ("/trailers", "GET", Client::Reads, Outcome::Ok, Some(200), 3);
    block_on(drive(log.layer().layer(service_fn(answer::<Body>)), row));
    assert_eq!(one_record(log, &capture, row, "plain").grpc_status, Some(0));
}

/// A panic that is caught inside of the layer is a response like any other; outside of it the layer
/// saw the panic.
#[test]
fn catching_panics_inside_and_outside() {
    let row = ("/panic", "GET", Client::Reads, Outcome::Ok, Some(500), 23);
    let (log, capture) = captured();
    let inside = CatchPanicLayer::new().layer(service_fn(infallible));
    let _quiet = caught(|| block_on(drive(log.layer().layer(inside), row)));
    let record =
        one_record(log, &capture, ("/panic", "GET", Client::Reads, Outcome::Ok, Some(500), 16), "inside");
    assert_eq!(record.level, tower_access_log::Level::Error);

    let (log, capture) = captured();
    let inner = log.layer().layer(service_fn(infallible));
    let _quiet = caught(|| block_on(drive(CatchPanicLayer::new().layer(inner), row)));
    one_record(log, &capture, ("/panic", "GET", Client::Reads, Outcome::Panic, None, 0), "outside");
}

/// An outer timeout drops the future; an inner one is an answer.
#[test]
fn timing_out_outside_and_inside() {
    use tower_http::timeout::TimeoutLayer;
    let timeout = || TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_secs(3));
    let row = ("/slow", "GET", Client::Reads, Outcome::Cancelled, None, 0);

    let (log, capture) = captured();
    let inner = log.layer().layer(service_fn(infallible));
    let response = block_on(timeout().layer(inner).oneshot(request("GET", "/slow"))).unwrap();
    assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
    one_record(log, &capture, row, "outside");

    let (log, capture) = captured();
    block_on(drive(log.layer().layer(timeout().layer(service_fn(infallible))), row));
    one_record(log, &capture, ("/slow", "GET", Client::Reads, Outcome::Ok, Some(408), 0), "inside");
}

#[test]
fn an_aborted_task_and_a_runtime_that_ends_are_cancelled() {
    let row = ("/slow", "GET", Client::Reads, Outcome::Cancelled, None, 0);
    for abort in [true, false] {
        let (log, capture) = captured();
        let service = log.layer().layer(service_fn(infallible));
        block_on(async {
            let task = tokio::spawn(service.oneshot(request("GET", "/slow")));
            tokio::task::yield_now().await;
            if abort {
                task.abort();
                assert!(task.await.unwrap_err().is_cancelled());
            }
        });
        one_record(log, &capture, row, if abort { "aborted" } else { "runtime shut down" });
    }
}

/// An unrelated panic that drops a request on its way out does not make it a panic of the request.
#[test]
fn an_unrelated_unwinding_is_not_a_panic_of_the_request() {
    let (log, capture) = captured();
    let service = log.layer().layer(service_fn(infallible));
    let _panicked = caught(|| {
        let mut response = Box::pin(service.oneshot(request("GET", "/slow")));
        assert!(response.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        panic!("elsewhere");
    });
    one_record(log, &capture, ("/slow", "GET", Client::Reads, Outcome::Cancelled, None, 0), "unwinding");
}

/// A future that is dropped without ever being polled reached the layer all the same.
#[test]
fn a_future_that_was_never_polled_is_cancelled() {
    let (log, capture) = captured();
    let mut service = log.layer().layer(service_fn(infallible));
    drop(service.call(request("GET", "/slow")));
    one_record(log, &capture, ("/slow", "GET", Client::Reads, Outcome::Cancelled, None, 0), "unpolled");
}

#[test]
fn the_body_after_its_end_stays_at_its_end() {
    let (log, capture) = captured();
    let service = log.layer().layer(service_fn(infallible));
    block_on(async {
        let response = service.oneshot(request("GET", "/silent-end")).await.unwrap();
        assert_eq!(response.headers()["x-request-id"].len(), 32);
        let mut body = pin!(response.into_body());
        while body.frame().await.is_some() {}
        let again = body.as_mut().poll_frame(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(again, Poll::Ready(None)));
    });
    let row = ("/silent-end", "GET", Client::Reads, Outcome::Ok, Some(200), 6);
    one_record(log, &capture, row, "polled again");
}

/// The layer leaves the request's type alone, so what is written for a certain body still compiles.
#[test]
fn the_request_keeps_its_type() {
    let (log, _capture) = captured();
    let service = service_fn(|request: Request<String>| async move {
        assert_eq!(request.method(), Method::POST);
        Ok::<_, BoxError>(Response::new(request.into_body()))
    });
    let request = Request::post("/").body("typed".to_owned()).unwrap();
    let response = block_on(log.layer().layer(service).oneshot(request)).unwrap();
    assert_eq!(block_on(response.into_body().collect()).unwrap().to_bytes(), "typed");
}

/// Two logs around each other, each inside and outside: one record in each, of the same hop.
#[test]
fn nested_logs_have_one_record_each() {
    let ((a, a_capture), (b, b_capture)) = (captured(), captured());
    let service = b.layer().layer(service_fn(answer::<Body>));
    let service = a.layer().layer(service);
    let service = b.layer().layer(service);
    let service = a.layer().layer(service);
    block_on(drive(service, ("/stream", "GET", Client::Reads, Outcome::Ok, Some(200), 11)));
    let (a, b) = (access_records(a, &a_capture), access_records(b, &b_capture));
    assert_eq!((a.len(), b.len()), (1, 1));
    assert_eq!(a[0].request_id, b[0].request_id);
    assert_eq!((a[0].trace_id, a[0].span_id), (b[0].trace_id, b[0].span_id));
    assert_eq!((a[0].outcome, b[0].outcome), (Some(Outcome::Ok), Some(Outcome::Ok)));
}

/// A body may panic in anything that is asked of it.
#[test]
fn a_panic_in_what_a_body_says_of_itself_is_a_panic() {
    struct Panics {
        in_size_hint: bool,
    }
    impl HttpBody for Panics {
        type Data = bytes::Bytes;
        type Error = BoxError;
        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _cx: &mut Context<'_>,
        ) -> Poll<Option<Result<http_body::Frame<bytes::Bytes>, BoxError>>> {
            Poll::Ready(None)
        }
        fn is_end_stream(&self) -> bool {
            panic!("in is_end_stream")
        }
        fn size_hint(&self) -> http_body::SizeHint {
            assert!(!self.in_size_hint, "in size_hint");
            http_body::SizeHint::default()
        }
    }
    for in_size_hint in [true, false] {
        let (log, capture) = captured();
        let service = log.layer().layer(service_fn(move |_request: Request<Body>| async move {
            Ok::<_, BoxError>(Response::new(Panics { in_size_hint }))
        }));
        let _panicked = caught(|| drop(block_on(service.oneshot(request("GET", "/ok")))));
        let row = ("/ok", "GET", Client::Reads, Outcome::Panic, Some(200), 0);
        one_record(log, &capture, row, "body");
    }
}

/// An error that cannot say what it is costs its text, not the record.
#[test]
fn an_error_whose_formatter_fails_keeps_what_it_wrote() {
    struct Fails;
    impl std::fmt::Display for Fails {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("half")?;
            Err(std::fmt::Error)
        }
    }
    let (log, capture) = captured();
    let service = service_fn(|_request: Request<Body>| async { Err::<Response<Body>, _>(Fails) });
    assert!(block_on(log.layer().layer(service).oneshot(request("GET", "/error"))).is_err());
    let row = ("/error", "GET", Client::Reads, Outcome::Error, None, 0);
    assert_eq!(one_record(log, &capture, row, "failing").error.as_deref(), Some("half"));
}

/// Whoever sends as much as they can of everything still leaves how their request ended, in a file
/// and in the shorter lines of standard output.
#[test]
fn the_largest_request_keeps_its_ending() {
    for line_bytes_max in [4096, 24 * 1024] {
        let capture = crate::lines::Capture::default();
        let name = "n".repeat(128);
        let log = AccessLog::new(name.as_str()).host(name.as_str()).release(name).sink(capture.sink());
        let log = log.line_bytes_max(line_bytes_max).build().unwrap();
        let service = log.layer().layer(service_fn(|request: Request<Body>| async move {
            let notes = request.extensions().get::<tower_access_log::Notes>().unwrap();
            notes.user_id("\u{1b}".repeat(5000));
            notes.api_method("\u{1b}".repeat(5000));
            notes.error("\u{1b}".repeat(5000));
            answer(Request::builder().uri("/404").body(Body::empty()).unwrap()).await
        }));
        block_on(service.oneshot(largest_request())).unwrap();
        let record = access_records(log, &capture).remove(0);
        assert_eq!((record.status, record.outcome), (Some(404), Some(Outcome::Ok)));
        assert!(record.duration_us.is_some() && record.truncated > Some(4), "{record:?}");
        let line_bytes = capture.text().lines().next().unwrap().len();
        assert!(line_bytes < line_bytes_max, "{line_bytes}");
    }
}

fn largest_request() -> Request<Body> {
    let text = "x\"".repeat(20_000);
    let name = "n".repeat(15_000);
    let mut largest = request(&name, &format!("/{name}?{name}=1&{name}"));
    let headers = largest.headers_mut();
    headers.insert("user-agent", text.parse().unwrap());
    headers.insert("referer", text.parse().unwrap());
    headers.insert("host", name.parse().unwrap());
    headers.insert("x-request-id", "i".repeat(128).parse().unwrap());
    largest.extensions_mut().insert(tower_access_log::PeerAddr("[2001:db8::1]:65535".parse().unwrap()));
    largest
}
