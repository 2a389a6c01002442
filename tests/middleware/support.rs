//! A service that does what the path of the request says, and logs to look into.

use crate::lines::Capture;
use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tower_access_log::{AccessLog, Keys, Kind, Record};

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How long a test waits for something that takes a moment.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A log that keeps its records in memory.
pub(crate) fn captured() -> (AccessLog, Capture) {
    let capture = Capture::default();
    let log = AccessLog::new("photos")
        .release("2026.11.21-1")
        .host("www394")
        .fingerprint_keys(keys())
        .query_params(["page"])
        .sink(capture.sink())
        .build()
        .unwrap();
    (log, capture)
}

pub(crate) fn keys() -> Keys {
    Keys::parse(&format!("k1:{}", "07".repeat(32))).unwrap()
}

/// The access records of everything a log wrote, after it was shut down.
pub(crate) fn access_records(log: AccessLog, capture: &Capture) -> Vec<Record<'static>> {
    let report = log.shutdown_blocking(PATIENCE);
    assert_eq!((report.dropped, report.unflushed), (0, 0));
    assert_eq!(report.made, report.written);
    capture.records().into_iter().filter(|record| record.kind == Kind::Access).collect()
}

/// What a scripted body does next.
#[derive(Clone)]
pub(crate) enum Step {
    Data(&'static str),
    Trailers,
    Error,
    Panic,
    /// Never ready.
    Hang,
}

/// A body that does what it is told, and is at its end when nothing is left.
pub(crate) struct Script {
    steps: VecDeque<Step>,
    bytes_exact: Option<u64>,
    /// Whether it says that it is at its end before anybody asks for a frame more.
    says_end: bool,
}

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: steps.into_iter().collect(), bytes_exact: None, says_end: true }
    }
}

impl HttpBody for Script {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Some(step) = self.steps.pop_front() else {
            return Poll::Ready(None);
        };
        match step {
            Step::Data(text) => Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(text.as_bytes()))))),
            Step::Trailers => {
                let mut trailers = HeaderMap::new();
                trailers.insert("grpc-status", "0".parse().unwrap());
                Poll::Ready(Some(Ok(Frame::trailers(trailers))))
            }
            Step::Error => Poll::Ready(Some(Err("disk gone".into()))),
            Step::Panic => panic!("in the body"),
            Step::Hang => {
                self.steps.push_front(Step::Hang);
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.says_end && self.steps.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.bytes_exact.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// Answers as the path says.
pub(crate) async fn answer<B>(request: Request<B>) -> Result<Response<Body>, BoxError> {
    use Step::{Data, Error, Hang, Panic, Trailers};
    let status = |status: StatusCode| Response::builder().status(status);
    let script = |steps: &[Step]| Body::new(Script::new(steps.iter().cloned()));
    let ok = |body: Body| Ok(Response::new(body));
    match request.uri().path() {
        "/ok" | "/head" => ok(Body::from("hello")),
        "/empty" | "/connect" => ok(Body::empty()),
        "/204" => Ok(status(StatusCode::NO_CONTENT).body(Body::empty())?),
        "/304" => Ok(status(StatusCode::NOT_MODIFIED).body(Body::empty())?),
        "/404" => Ok(status(StatusCode::NOT_FOUND).body(Body::empty())?),
        "/stream" => ok(script(&[Data("one"), Data("two"), Data("three")])),
        "/silent-end" => {
            let steps = [Data("one"), Data("two")];
            ok(Body::new(Script { says_end: false, ..Script::new(steps) }))
        }
        "/exact" => {
            let steps = [Data("12345")];
            ok(Body::new(Script { bytes_exact: Some(5), says_end: false, ..Script::new(steps) }))
        }
        "/trailers" => ok(script(&[Data("one"), Trailers])),
        "/error" => Err("no such upstream".into()),
        "/panic" => panic!("in the handler"),
        "/panic-body" => ok(script(&[Data("one"), Panic])),
        "/body-error" => ok(script(&[Data("one"), Error])),
        "/slow" => std::future::pending().await,
        "/slow-body" => ok(script(&[Data("one"), Hang])),
        "/upgrade" => Ok(status(StatusCode::SWITCHING_PROTOCOLS)
            .header("connection", "upgrade")
            .header("upgrade", "echo")
            .body(Body::empty())?),
        other => panic!("no script for {other}"),
    }
}

/// The same for routers, whose services cannot fail: an error becomes a 502.
pub(crate) async fn infallible(request: Request<Body>) -> Result<Response<Body>, std::convert::Infallible> {
    Ok(answer(request).await.unwrap_or_else(|error| {
        let body = Body::from(error.to_string());
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::BAD_GATEWAY;
        response
    }))
}

pub(crate) fn request(method: &str, path: &str) -> Request<Body> {
    Request::builder().method(method).uri(path).body(Body::empty()).unwrap()
}

/// Runs what may panic, and goes on.
pub(crate) fn caught<T>(run: impl FnOnce() -> T) -> std::thread::Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(run))
}
