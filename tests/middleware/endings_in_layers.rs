//! The ending matrix once more, with `CatchPanic`, `Timeout`, `Compression` and axum's own answer to HEAD
//! around and below the layer, in every order: what the layer can see is in its one record.

use crate::support::{access_records, captured, caught, infallible};
use axum::Router;
use axum::body::Body;
use http::{Request, Response, StatusCode};
use http_body::Body as HttpBody;
use http_body_util::BodyExt as _;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;
use tower::{Layer as _, Service, ServiceExt as _, service_fn};
use tower_access_log::{AccessLog, Outcome, Record};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    Log,
    CatchPanic,
    Timeout,
    Compression,
}

/// What the client does.
#[derive(Clone, Copy, Debug)]
enum Client {
    Reads,
    LeavesBeforeHead,
    LeavesAfterHead,
    LeavesInBody,
}

use Client::{LeavesAfterHead, LeavesBeforeHead, LeavesInBody, Reads};

/// Path, method, client; outcome, status and bytes where no other layer has a say.
type Row = (&'static str, &'static str, Client, Outcome, Option<u16>, u64);

const ROWS: &[Row] = &[
    ("/ok", "GET", Reads, Outcome::Ok, Some(200), 5),
    ("/empty", "GET", LeavesAfterHead, Outcome::Ok, Some(200), 0),
    ("/head", "HEAD", Reads, Outcome::Ok, Some(200), 0),
    ("/head", "HEAD", LeavesAfterHead, Outcome::Ok, Some(200), 0),
    ("/stream", "HEAD", Reads, Outcome::Ok, Some(200), 0),
    ("/204", "GET", LeavesAfterHead, Outcome::Ok, Some(204), 0),
    ("/304", "GET", LeavesAfterHead, Outcome::Ok, Some(304), 0),
    ("/stream", "GET", Reads, Outcome::Ok, Some(200), 11),
    ("/silent-end", "GET", Reads, Outcome::Ok, Some(200), 6),
    ("/exact", "GET", LeavesInBody, Outcome::Ok, Some(200), 5),
    ("/trailers", "GET", Reads, Outcome::Ok, Some(200), 3),
    ("/panic", "GET", Reads, Outcome::Panic, None, 0),
    ("/panic-body", "GET", Reads, Outcome::Panic, Some(200), 3),
    ("/body-error", "GET", Reads, Outcome::BodyError, Some(200), 3),
    ("/slow", "GET", Reads, Outcome::Cancelled, None, 0),
    ("/slow", "GET", LeavesBeforeHead, Outcome::Cancelled, None, 0),
    ("/ok", "GET", LeavesAfterHead, Outcome::Aborted, Some(200), 0),
    ("/stream", "GET", LeavesAfterHead, Outcome::Aborted, Some(200), 0),
    ("/slow-body", "GET", LeavesInBody, Outcome::Aborted, Some(200), 3),
    ("/upgrade", "GET", LeavesAfterHead, Outcome::Upgraded, Some(101), 0),
    ("/connect", "CONNECT", LeavesAfterHead, Outcome::Upgraded, Some(200), 0),
];

/// Every order of four layers, from the inside out.
fn orders() -> Vec<[Layer; 4]> {
    let all = [Layer::Log, Layer::CatchPanic, Layer::Timeout, Layer::Compression];
    let places = (0..4).flat_map(|a| (0..4).flat_map(move |b| (0..4).map(move |c| (a, b, c))));
    let orders = places.filter(|(a, b, c)| a != b && b != c && a != c);
    orders.map(|(a, b, c)| [all[a], all[b], all[c], all[6 - a - b - c]]).collect()
}

/// A router with the layers. axum answers HEAD outside of all of them.
fn stack(order: &[Layer], log: &AccessLog) -> Router {
    let router = Router::new().fallback_service(service_fn(infallible));
    order.iter().fold(router, |router, layer| match layer {
        Layer::Log => router.layer(log.layer()),
        Layer::CatchPanic => router.layer(CatchPanicLayer::new()),
        Layer::Timeout => {
            router.layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_secs(3)))
        }
        Layer::Compression => router.layer(CompressionLayer::new()),
    })
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build().unwrap().block_on(future)
}

async fn drive<S, B>(service: S, (path, method, client, ..): Row)
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Error: std::fmt::Debug,
    B: HttpBody,
{
    let request = Request::builder().method(method).uri(path).header("accept-encoding", "gzip");
    let response = service.oneshot(request.body(Body::empty()).unwrap());
    if let LeavesBeforeHead = client {
        assert!(pin!(response).as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        return;
    }
    let mut body = pin!(response.await.unwrap().into_body());
    match client {
        Reads => while let Some(Ok(_)) = body.frame().await {},
        LeavesInBody => {
            let _one = body.frame().await.expect("a frame");
        }
        LeavesAfterHead | LeavesBeforeHead => {}
    }
}

fn one_record(log: AccessLog, capture: &crate::lines::Capture, context: &str) -> Record<'static> {
    let mut records = access_records(log, capture);
    assert_eq!(records.len(), 1, "{context}: {records:?}");
    records.remove(0)
}

/// What the record says, given what stands between the handler and the layer.
fn expected(row: Row, inside: &[Layer]) -> (Outcome, Option<u16>, Option<u64>) {
    let (path, method, client, outcome, status, bytes) = row;
    match (path, client) {
        ("/panic", _) if inside.contains(&Layer::CatchPanic) => {
            (Outcome::Ok, Some(500), Some("Service panicked".len() as u64))
        }
        ("/slow", Reads) if inside.contains(&Layer::Timeout) => (Outcome::Ok, Some(408), Some(0)),
        // Only bodies whose size is unknown are compressed here, to some other number of bytes.
        ("/stream" | "/silent-end" | "/trailers" | "/panic-body" | "/body-error" | "/slow-body", _)
            if inside.contains(&Layer::Compression) && method == "GET" =>
        {
            (outcome, status, None)
        }
        _ => (outcome, status, Some(bytes)),
    }
}

#[test]
fn every_ending_in_every_order_of_layers_leaves_one_record() {
    for order in orders() {
        let at = order.iter().position(|layer| *layer == Layer::Log).unwrap();
        for row in ROWS {
            for around in [false, true] {
                if around && at != 3 {
                    continue;
                }
                let context = format!("{order:?} around the router: {around}, {row:?}");
                let (log, capture) = captured();
                // A panic that nobody catches comes out as it came out of the handler.
                let _panicked = caught(|| {
                    block_on(async {
                        if around {
                            drive(log.layer().layer(stack(&order[..at], &log)), *row).await;
                        } else {
                            drive(stack(&order, &log), *row).await;
                        }
                    });
                });
                let record = one_record(log, &capture, &context);
                let (outcome, status, bytes) = expected(*row, &order[..at]);
                assert_eq!((record.outcome, record.status), (Some(outcome), status), "{context}");
                if bytes.is_some() {
                    assert_eq!(record.bytes_out, bytes, "{context}");
                }
            }
        }
    }
}

/// Bytes are those at this layer: what the handler made below the compression, what goes out above it.
#[test]
fn bytes_are_counted_where_the_layer_stands() {
    const TEXT_BYTES: usize = 10_000;
    for log_is_inside in [true, false] {
        let (log, capture) = captured();
        let handler = axum::routing::get(async || "x".repeat(TEXT_BYTES));
        let router = Router::new().route("/", handler);
        let router = if log_is_inside {
            router.layer(log.layer()).layer(CompressionLayer::new())
        } else {
            router.layer(CompressionLayer::new()).layer(log.layer())
        };
        let received = block_on(async {
            let request = Request::get("/").header("accept-encoding", "gzip").body(Body::empty()).unwrap();
            let response = router.oneshot(request).await.unwrap();
            assert_eq!(response.headers()["content-encoding"], "gzip");
            response.into_body().collect().await.unwrap().to_bytes().len()
        });
        assert!(received < TEXT_BYTES / 10, "{received}");
        let record = one_record(log, &capture, "compression");
        let bytes = if log_is_inside { TEXT_BYTES } else { received };
        assert_eq!((record.outcome, record.bytes_out), (Some(Outcome::Ok), Some(bytes as u64)));
    }
}

/// axum answers a HEAD with the handler for GET and empties the body: inside of that the layer sees a body
/// that nobody will ask for, outside of it none. Either way it is a good end.
#[test]
fn axum_answers_head_inside_and_outside() {
    for around in [false, true] {
        let (log, capture) = captured();
        let router = Router::new().route("/photos", axum::routing::get(async || "photos"));
        let head = Request::head("/photos").body(Body::empty()).unwrap();
        let (length, bytes) = block_on(async {
            let response = if around {
                log.layer().layer(router).oneshot(head).await.unwrap().map(Body::new)
            } else {
                router.layer(log.layer()).oneshot(head).await.unwrap()
            };
            let length = response.headers()["content-length"].clone();
            (length, response.into_body().collect().await.unwrap().to_bytes())
        });
        assert_eq!((length.to_str().unwrap(), bytes.len()), ("6", 0));
        let record = one_record(log, &capture, "HEAD");
        assert_eq!((record.outcome, record.status), (Some(Outcome::Ok), Some(200)), "{around}");
        assert_eq!((record.method.as_deref(), record.bytes_out), (Some("HEAD"), Some(0)));
    }
}
