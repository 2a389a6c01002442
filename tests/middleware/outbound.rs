//! Calls by a real client to a real server, and calls that are tried again: one record for each attempt.

use crate::lines::Capture;
use crate::support::{BoxError, PATIENCE, captured, infallible, request};
use axum::Router;
use axum::body::Body;
use futures_util::future::BoxFuture;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use std::convert::Infallible;
use std::error::Error;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tower::retry::Policy;
use tower::{Layer as _, Service, ServiceBuilder, ServiceExt as _, service_fn};
use tower_access_log::{AccessLog, Kind, Level, Outcome, Record};

/// Tries once more what failed, or was answered with 503, after doing something about it.
#[derive(Clone)]
struct OnceMore {
    before: Arc<dyn Fn() + Send + Sync>,
    left: usize,
}

impl OnceMore {
    fn new(before: impl Fn() + Send + Sync + 'static) -> Self {
        Self { before: Arc::new(before), left: 1 }
    }
}

impl<B, E> Policy<Request<Body>, Response<B>, E> for OnceMore {
    type Future = std::future::Ready<()>;

    fn retry(&mut self, _: &mut Request<Body>, result: &mut Result<Response<B>, E>) -> Option<Self::Future> {
        let failed = !matches!(result, Ok(response) if response.status() != StatusCode::SERVICE_UNAVAILABLE);
        if !failed || self.left == 0 {
            return None;
        }
        self.left -= 1;
        (self.before)();
        Some(std::future::ready(()))
    }

    fn clone_request(&mut self, request: &Request<Body>) -> Option<Request<Body>> {
        let mut copy = Request::new(Body::empty());
        (*copy.method_mut(), *copy.uri_mut()) = (request.method().clone(), request.uri().clone());
        *copy.headers_mut() = request.headers().clone();
        Some(copy)
    }
}

/// An error with what caused it: hyper's own text ends at "client error (Connect)".
fn with_sources(error: impl Error) -> BoxError {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        write!(text, ": {cause}").unwrap();
        source = cause.source();
    }
    text.into()
}

/// Runs a client within a request; the records of the log, the request's last.
async fn within<C, F>(log: AccessLog, capture: &Capture, client: C, outbound: F) -> Vec<Record<'static>>
where
    C: Service<Request<Body>, Response: Send, Error: Send, Future: Send> + Clone + Send + Sync + 'static,
    F: Fn(C) -> BoxFuture<'static, ()>,
{
    let service = log.layer().layer(service_fn(|_request: Request<Body>| {
        let calling = outbound(client.clone());
        async move {
            calling.await;
            Ok::<_, Infallible>(Response::new(Body::empty()))
        }
    }));
    tokio::time::timeout(PATIENCE, service.oneshot(request("GET", "/"))).await.unwrap().unwrap();
    log.shutdown(PATIENCE).await;
    capture.records().into_iter().filter(|record| record.kind != Kind::Stop).collect()
}

fn serve(listener: TcpListener, router: Router) -> tokio::task::JoinHandle<std::io::Result<()>> {
    tokio::spawn(axum::serve(listener, router).into_future())
}

/// hyper's client to a server with a log of its own: the call names its request as parent, and the other
/// side names the call.
#[tokio::test]
async fn a_call_by_hyper_joins_two_services() {
    let ((photos, photos_capture), (search, search_capture)) = (captured(), captured());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let router = Router::new().route("/query", axum::routing::post(async |words: String| words.repeat(2)));
    let server = serve(listener, router.layer(search.layer()));

    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let client = ServiceBuilder::new().layer(photos.calls()).service(client);
    let records = within(photos, &photos_capture, client, |client| {
        Box::pin(async move {
            let query = Request::post(format!("http://{addr}/query?q=s3cret")).body(Body::from("words"));
            let response = client.oneshot(query.unwrap()).await.unwrap();
            assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "wordswords");
        })
    })
    .await;
    server.abort();
    search.shutdown(PATIENCE).await;

    let [call, access] = records.as_slice() else { panic!("{records:?}") };
    let answered = search_capture.records().remove(0);
    assert_eq!((call.kind, access.kind, answered.kind), (Kind::Call, Kind::Access, Kind::Access));
    assert_eq!((call.outcome, call.status, call.bytes_in), (Some(Outcome::Ok), Some(200), Some(10)));
    assert_eq!(call.authority.as_deref(), Some(addr.to_string().as_str()));
    assert_eq!((call.path.as_deref(), call.query.as_deref()), (Some("/query"), Some("q=***")));
    assert_eq!((call.parent_id, answered.parent_id), (access.span_id, call.span_id));
    assert_eq!((call.trace_id, answered.trace_id), (access.trace_id, access.trace_id));
    assert_eq!((&call.request_id, &answered.request_id), (&access.request_id, &access.request_id));
    assert_eq!(answered.bytes_out, Some(10));
}

/// A server that is not there yet: the first attempt is refused, the second is answered, and both are seen.
#[tokio::test]
async fn each_attempt_is_a_call_of_its_own() {
    let (log, capture) = captured();
    // Bound and not listening: nobody else gets the port, and connections are refused.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let addr = socket.local_addr().unwrap();
    let socket = std::sync::Mutex::new(Some(socket));
    let start = move || {
        let listener = socket.lock().unwrap().take().unwrap().listen(8).unwrap();
        serve(listener, Router::new().fallback_service(service_fn(infallible)));
    };
    let client = ServiceBuilder::new()
        .retry(OnceMore::new(start))
        .layer(log.calls())
        .map_err(with_sources)
        .service(Client::builder(TokioExecutor::new()).build_http::<Body>());
    let records = within(log, &capture, client, |client| {
        Box::pin(async move {
            let uri = format!("http://{addr}/stream");
            let response = client.oneshot(request("GET", &uri)).await.unwrap();
            assert_eq!(response.into_body().collect().await.unwrap().to_bytes().len(), 11);
        })
    })
    .await;

    let [refused, answered, access] = records.as_slice() else { panic!("{records:?}") };
    assert_eq!((refused.outcome, refused.status), (Some(Outcome::Error), None));
    assert_eq!((refused.level, refused.bytes_in), (Level::Error, None));
    assert!(refused.error.as_deref().unwrap().contains("refused"), "{:?}", refused.error);
    assert_eq!((answered.outcome, answered.status), (Some(Outcome::Ok), Some(200)));
    assert_eq!((answered.error.as_deref(), answered.bytes_in), (None, Some(11)));
    assert_ne!(refused.span_id, answered.span_id);
    for attempt in [refused, answered] {
        assert_eq!((attempt.kind, attempt.path.as_deref()), (Kind::Call, Some("/stream")));
        assert_eq!((attempt.trace_id, attempt.parent_id), (access.trace_id, access.span_id));
        assert_eq!(attempt.request_id, access.request_id);
    }
    assert_eq!(access.outcome, Some(Outcome::Ok));
}

/// Where the timeout stands says how the first attempt ends: below the layer it is an error that says what
/// it is, above it the attempt was given up.
#[tokio::test(start_paused = true)]
async fn an_attempt_that_takes_too_long() {
    for (is_below, outcome, error) in
        [(true, Outcome::Error, Some("request timed out")), (false, Outcome::Cancelled, None)]
    {
        let (log, capture) = captured();
        let attempts = AtomicUsize::new(0);
        let server = Arc::new(move |request: Request<Body>| {
            let is_first = attempts.fetch_add(1, Ordering::Relaxed) == 0;
            async move {
                if is_first {
                    std::future::pending::<()>().await;
                }
                infallible(request).await
            }
        });
        let server = service_fn(move |request| server(request));
        let timeout = || tower::timeout::TimeoutLayer::new(Duration::from_secs(3));
        let retry = OnceMore::new(|| {});
        let outbound = || request("GET", "http://search/empty");
        if is_below {
            let client = ServiceBuilder::new().retry(retry).layer(log.calls()).layer(timeout());
            client.service(server).oneshot(outbound()).await.unwrap();
        } else {
            let client = ServiceBuilder::new().retry(retry).layer(timeout()).layer(log.calls());
            client.service(server).oneshot(outbound()).await.unwrap();
        }
        log.shutdown(PATIENCE).await;
        let records = capture.records();
        assert_eq!((records[0].outcome, records[0].error.as_deref()), (Some(outcome), error));
        assert_eq!((records[1].outcome, records[1].status), (Some(Outcome::Ok), Some(200)));
        assert_eq!(records[2].kind, Kind::Stop, "{records:?}");
    }
}

/// A response that is thrown away to try again: nobody read it to its end, unless there was nothing to read.
#[tokio::test]
async fn a_response_that_is_thrown_away() {
    for (says, outcome) in [("", Outcome::Ok), ("busy", Outcome::Aborted)] {
        let (log, capture) = captured();
        let server = service_fn(move |_request: Request<Body>| async move {
            let busy = Response::builder().status(StatusCode::SERVICE_UNAVAILABLE);
            Ok::<_, Infallible>(busy.body(Body::from(says)).unwrap())
        });
        let client = ServiceBuilder::new().retry(OnceMore::new(|| {})).layer(log.calls()).service(server);
        let response = client.oneshot(request("GET", "http://search/")).await.unwrap();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), says);
        log.shutdown(PATIENCE).await;
        let records = capture.records();
        let outcomes: Vec<_> = records.iter().filter_map(|record| record.outcome).collect();
        assert_eq!(outcomes, [outcome, Outcome::Ok], "{says:?}");
        assert!(records[..2].iter().all(|record| record.status == Some(503) && record.level == Level::Error));
        assert_ne!(records[0].trace_id, records[1].trace_id, "outside of a request nothing joins them");
    }
}

/// A client that cannot be called is not called: there is no attempt to write down.
#[tokio::test]
async fn a_client_that_is_not_ready_makes_no_call() {
    #[derive(Clone)]
    struct Closed;
    impl Service<Request<Body>> for Closed {
        type Response = Response<Body>;
        type Error = BoxError;
        type Future = std::future::Ready<Result<Response<Body>, BoxError>>;

        fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
            Poll::Ready(Err("closed".into()))
        }

        fn call(&mut self, _request: Request<Body>) -> Self::Future {
            unreachable!("it is not ready")
        }
    }
    let (log, capture) = captured();
    let error = log.calls().layer(Closed).oneshot(request("GET", "http://search/")).await.err().unwrap();
    assert_eq!(error.to_string(), "closed");
    log.shutdown(PATIENCE).await;
    assert!(capture.records().iter().all(|record| record.kind == Kind::Stop));
}
