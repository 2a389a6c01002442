//! Headers that were asked for by name, and paths without the secrets that routes have in them.

use crate::lines::Capture;
use crate::support::{BoxError, PATIENCE, captured, request};
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_access_log::{AccessLog, Builder, Kind, NoteLimits, Notes, Record, Scalar, note};

fn note_of<'r>(record: &'r Record<'_>, name: &str) -> Option<&'r str> {
    match record.notes.get(name)? {
        Scalar::Text(text) => Some(text),
        other => panic!("{name} is {other:?}"),
    }
}

async fn record_of(log: Builder, request: Request<Body>, response: Response<Body>) -> Record<'static> {
    let capture = Capture::default();
    let log = log.sink(capture.sink()).build().unwrap();
    let response = std::sync::Mutex::new(Some(response));
    let service = log.layer().layer(service_fn(async |_request: Request<Body>| {
        Ok::<_, BoxError>(response.lock().unwrap().take().unwrap())
    }));
    service.oneshot(request).await.unwrap().into_body().collect().await.unwrap();
    log.shutdown(PATIENCE).await;
    capture.records().swap_remove(0)
}

#[tokio::test]
async fn named_headers_are_notes() {
    let mut sent = request("GET", "/");
    let headers = sent.headers_mut();
    headers.append("x-tenant", "acme".parse().unwrap());
    headers.append("accept", "text/html".parse().unwrap());
    headers.append("Accept", "text/plain".parse().unwrap());
    headers.insert("x-back", "https://u:pw@photos/?token=abc".parse().unwrap());
    headers.insert("x-bytes", http::HeaderValue::from_bytes(b"a\xffb").unwrap());
    headers.insert("x-other", "unnamed".parse().unwrap());
    let mut secret = http::HeaderValue::from_static("hidden");
    secret.set_sensitive(true);
    headers.insert("x-secret", secret);
    let answer = Response::builder().header("x-cache", "miss").body(Body::empty()).unwrap();
    let log = AccessLog::new("photos")
        .headers(["X-Tenant", "accept", "x-back", "x-bytes", "x-secret", "x-absent"])
        .response_headers(["x-cache", "x-tenant"]);
    let record = record_of(log, sent, answer).await;
    let rows = [
        ("header_x_tenant", Some("acme")),
        ("header_accept", Some("text/html, text/plain")),
        ("header_x_back", Some("https://photos/?token=***")),
        ("header_x_bytes", Some("a\u{fffd}b")),
        ("header_x_secret", Some("***")),
        ("header_x_absent", None),
        ("header_x_other", None),
        ("response_header_x_cache", Some("miss")),
        ("response_header_x_tenant", None),
    ];
    for (name, expected) in rows {
        assert_eq!(note_of(&record, name), expected, "{name}");
    }
    assert_eq!(record.notes.iter().count(), 6);
}

#[tokio::test]
async fn headers_are_bounded_like_any_note() {
    let mut sent = request("GET", "/");
    sent.headers_mut().insert("x-long", "x".repeat(100).parse().unwrap());
    let limits = NoteLimits { value_bytes_max: 10, ..NoteLimits::default() };
    let log = AccessLog::new("photos").headers(["x-long"]).note_limits(limits);
    let record = record_of(log, sent, Response::new(Body::empty())).await;
    assert_eq!(note_of(&record, "header_x_long"), Some("xxxxxxxxxx"));
    assert_eq!(record.truncated, Some(1));
}

/// A router whose layer is within it, or around it.
fn router() -> Router {
    let fail = async |note: Notes| {
        note.error("no such token: PLANTED0123, at /api/reset/PLANTED0123");
        http::StatusCode::NOT_FOUND
    };
    let inner = Router::new()
        .route("/reset/{token}", get(fail))
        .route("/photos/{user}", get(async || "photos"))
        .route("/files/{*token}", get(async || "files"));
    Router::new().nest("/api", inner)
}

async fn paths(
    log: Builder,
    service: impl FnOnce(&AccessLog) -> Router,
    uris: &[&str],
) -> Vec<Record<'static>> {
    let capture = Capture::default();
    let log = log.redact_path(["token"]).sink(capture.sink()).build().unwrap();
    let service = service(&log);
    for uri in uris {
        let mut sent = request("GET", uri);
        sent.headers_mut().insert("referer", "https://photos/api/reset/PLANTED0123?x=1".parse().unwrap());
        sent.headers_mut().insert("content-type", "application/grpc".parse().unwrap());
        service.clone().oneshot(sent).await.unwrap().into_body().collect().await.unwrap();
    }
    log.shutdown(PATIENCE).await;
    let text = capture.text();
    assert!(!text.contains("PLANTED") && !text.contains("%50LANTED"), "{text}");
    let mut records = capture.records();
    records.pop();
    records
}

const URIS: [&str; 5] = [
    "/api/reset/PLANTED0123",
    "/api/reset/%50LANTED0123",
    "/api/photos/5555",
    "/api/files/PLANTED/0123",
    "/no/such/PLANTED0123",
];

#[tokio::test]
async fn a_path_loses_the_parameters_that_were_named() {
    // Within the router, and around it with what tells the route.
    let within = paths(AccessLog::new("photos"), |log| router().layer(log.layer()), &URIS).await;
    let around = |log: &AccessLog| {
        let routed = Router::new().merge(router()).route_layer(log.route());
        Router::new().fallback_service(log.layer().layer(routed))
    };
    let around = paths(AccessLog::new("photos"), around, &URIS).await;
    for records in [within, around] {
        let found: Vec<_> = records.iter().filter_map(|record| record.path.as_deref()).collect();
        let expected =
            ["/api/reset/***", "/api/reset/***", "/api/photos/5555", "/api/files/***", "/***/***/***"];
        assert_eq!(found, expected);
        assert_eq!(records[0].error.as_deref(), Some("no such token: ***, at /api/reset/***"));
        assert_eq!(records[0].referer.as_deref(), Some("https://photos/***"));
        assert_eq!(records[0].route.as_deref(), Some("/api/reset/{token}"));
    }
}

#[tokio::test]
async fn without_a_route_every_segment_goes() {
    let around = |log: &AccessLog| Router::new().fallback_service(log.layer().layer(router()));
    let records = paths(AccessLog::new("photos").start_records(true), around, &URIS[2..3]).await;
    let found: Vec<_> = records.iter().map(|record| (record.kind, record.path.as_deref())).collect();
    assert_eq!(found, [(Kind::Start, Some("/***/***/***")), (Kind::Access, Some("/***/***/***"))]);
}

async fn unreachable(call: Request<Body>) -> Result<Response<Body>, std::io::Error> {
    Err(std::io::Error::other(format!("cannot reach {}", call.uri())))
}

#[tokio::test]
async fn a_call_that_passes_the_secret_on_does_not_tell_it() {
    let capture = Capture::default();
    let log = AccessLog::new("photos").redact_path(["token"]).sink(capture.sink()).build().unwrap();
    let client = log.calls().layer(service_fn(unreachable));
    let handler = async move || {
        for path in ["/v2/reset/PLANTED0123", "/v2/photos"] {
            drop(client.clone().oneshot(request("GET", path)).await);
        }
        note::set("done", true);
    };
    let service = Router::new().route("/reset/{token}", get(handler)).layer(log.layer());
    service.oneshot(request("GET", "/reset/PLANTED0123")).await.unwrap();
    log.shutdown(PATIENCE).await;
    let records = capture.records();
    assert!(!capture.text().contains("PLANTED"), "{}", capture.text());
    assert_eq!(records[0].path.as_deref(), Some("/v2/reset/***"));
    assert_eq!(records[0].error.as_deref(), Some("cannot reach /v2/reset/***"));
    assert_eq!(records[1].path.as_deref(), Some("/v2/photos"));
}

#[tokio::test]
async fn without_the_setting_nothing_is_changed() {
    let (log, capture) = captured();
    let service = router().layer(log.layer());
    let mut sent = request("GET", URIS[1]);
    sent.headers_mut().insert("referer", "https://photos/a/b".parse().unwrap());
    service.oneshot(sent).await.unwrap();
    log.shutdown(PATIENCE).await;
    let record = &capture.records()[0];
    assert_eq!(record.path.as_deref(), Some(URIS[1]));
    assert_eq!(record.referer.as_deref(), Some("https://photos/a/b"));
}

/// A token that is longer than the log keeps of a text, such as a JWT, in the path, in an error and in a call.
#[tokio::test]
async fn a_long_secret_leaves_no_part_of_it() {
    // With the lines of a pipe and of a file; cut nowhere, in one of the texts, or in all of them.
    for (line_bytes, token_bytes) in
        [(4096, 300), (4096, 395), (4096, 600), (24 * 1024, 1500), (24 * 1024, 2100)]
    {
        let token = &"PLANTED0123".repeat(200)[..token_bytes];
        let capture = Capture::default();
        let log = AccessLog::new("photos").redact_path(["token"]).line_bytes_max(line_bytes);
        let log = log.sink(capture.sink()).build().unwrap();
        let client = log.calls().layer(service_fn(unreachable));
        let handler = async move |axum::extract::Path(token): axum::extract::Path<String>| {
            drop(client.clone().oneshot(request("GET", &format!("/upstream/v2/reset/{token}"))).await);
            note::error(format!("no such token: {token}").as_str());
        };
        let service = Router::new().route("/reset/{token}", get(handler)).layer(log.layer());
        service.oneshot(request("GET", &format!("/reset/{token}"))).await.unwrap();
        log.shutdown(PATIENCE).await;
        let (text, records) = (capture.text(), capture.records());
        assert!(!text.contains("PLANTED"), "{token_bytes} in {line_bytes}: {text}");
        assert_eq!(records[0].path.as_deref(), Some("/upstream/v2/reset/***"));
        assert_eq!(records[1].error.as_deref(), Some("no such token: ***"));
    }
}

/// A proxy without a router that takes off what stands before the path of the service behind it.
#[tokio::test]
async fn without_a_route_a_part_of_the_path_goes_nowhere_either() {
    let capture = Capture::default();
    let log = AccessLog::new("photos").redact_path(["token"]).sink(capture.sink()).build().unwrap();
    let client = log.calls().layer(service_fn(unreachable));
    let service = log.layer().layer(service_fn(|sent: Request<Body>| {
        let path = sent.uri().path().strip_prefix("/api").unwrap();
        client.clone().oneshot(request("GET", path))
    }));
    assert!(service.oneshot(request("GET", "/api/reset/PLANTED0123")).await.is_err());
    log.shutdown(PATIENCE).await;
    let (text, records) = (capture.text(), capture.records());
    assert!(!text.contains("PLANTED"), "{text}");
    assert_eq!((records[0].kind, records[1].kind), (Kind::Call, Kind::Access));
    for record in &records[..2] {
        assert_eq!(record.error.as_deref(), Some("cannot reach /***/***"));
    }
}
