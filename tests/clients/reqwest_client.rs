//! reqwest, whose requests are its own type: an adapter of a few lines puts it below the layer for calls.

use crate::support::{captured, records};
use axum::Router;
use axum::routing::post;
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpSocket};
use tower::{Service, ServiceBuilder, ServiceExt as _, service_fn};
use tower_access_log::{AccessLog, Kind, Outcome};

/// The adapter of `docs/outbound.md`.
fn with_calls(
    log: &AccessLog,
    client: reqwest::Client,
) -> impl Service<http::Request<reqwest::Body>, Response = reqwest::Response, Error = reqwest::Error> + Clone
{
    ServiceBuilder::new()
        .map_response(|response: http::Response<_>| response.map(reqwest::Body::wrap).into())
        .layer(log.calls())
        .map_response(http::Response::<reqwest::Body>::from)
        .service(service_fn(move |request: http::Request<reqwest::Body>| {
            let client = client.clone();
            async move { client.execute(request.try_into()?).await }
        }))
}

async fn serve(log: &AccessLog) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let router = Router::new().route("/query", post(async |words: String| words.repeat(2)));
    tokio::spawn(axum::serve(listener, router.layer(log.layer())).into_future());
    addr
}

#[tokio::test]
async fn a_call_by_reqwest_joins_two_services() {
    let ((photos, photos_capture), (search, search_capture)) = (captured("photos"), captured("search"));
    let addr = serve(&search).await;
    let client = with_calls(&photos, reqwest::Client::builder().user_agent("photos/1").build().unwrap());
    let query = http::Request::post(format!("http://{addr}/query?q=s3cret")).body("words".into()).unwrap();
    let response = client.oneshot(query).await.unwrap();
    assert_eq!(response.status(), http::StatusCode::OK);
    assert_eq!(response.text().await.unwrap(), "wordswords");

    let call = records(photos, &photos_capture, Kind::Call, 1).await.remove(0);
    let answered = records(search, &search_capture, Kind::Access, 1).await.remove(0);
    assert_eq!((call.outcome, call.status, call.bytes_in), (Some(Outcome::Ok), Some(200), Some(10)));
    assert_eq!((call.path.as_deref(), call.query.as_deref()), (Some("/query"), Some("q=***")));
    assert_eq!((answered.trace_id, answered.parent_id), (call.trace_id, call.span_id));
    assert_eq!(answered.request_id, call.request_id);
    assert_eq!(answered.user_agent.as_deref(), Some("photos/1"));
}

#[tokio::test]
async fn a_call_by_reqwest_that_fails_says_why() {
    let (log, capture) = captured("photos");
    // Bound and not listening: connections are refused.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let uri = format!("http://{}/query?q=s3cret", socket.local_addr().unwrap());
    let client = with_calls(&log, reqwest::Client::new());
    let error = client.oneshot(http::Request::post(uri).body("words".into()).unwrap()).await.unwrap_err();
    assert!(error.is_connect(), "the caller has reqwest's own error: {error}");
    let call = records(log, &capture, Kind::Call, 1).await.remove(0);
    assert_eq!((call.outcome, call.status), (Some(Outcome::Error), None));
    let said = call.error.unwrap();
    assert!(said.contains("error sending request") && !said.contains("s3cret"), "{said}");
}
