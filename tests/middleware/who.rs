//! Who asked, where, and by which ids: what is believed of that, and of whom.

use crate::lines::Capture;
use crate::support::{Script, Step, access_records, captured, infallible, request};
use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use http::Request;
use http::header::HeaderName;
use std::convert::Infallible;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_access_log::{AccessLog, Builder, ForwardedHeader, PeerAddr, Record, Scalar};

const TRACE: &str = "00-12345678901234567890123456789012-1234567890123456-01";

/// The record of one request from a peer, with these headers.
async fn record(
    set: impl FnOnce(Builder) -> Builder,
    peer: &str,
    target: &str,
    headers: &[(&'static str, &str)],
) -> Record<'static> {
    let capture = Capture::default();
    let log = set(AccessLog::new("photos").sink(capture.sink())).build().unwrap();
    let mut inbound = request("GET", target);
    inbound.extensions_mut().insert(PeerAddr(format!("{peer}:4711").parse().unwrap()));
    for (name, value) in headers {
        inbound.headers_mut().append(HeaderName::from_static(name), value.parse().unwrap());
    }
    log.layer().layer(service_fn(infallible)).oneshot(inbound).await.unwrap();
    access_records(log, &capture).remove(0)
}

fn behind_proxies(builder: Builder) -> Builder {
    builder.trusted_proxies(["10.0.0.0/8", "192.0.2.7"])
}

#[tokio::test]
async fn only_trusted_proxies_name_the_client() {
    type Row<'r> = (fn(Builder) -> Builder, &'r str, &'r str, Option<&'r str>);
    let forwarded: fn(Builder) -> Builder =
        |builder| behind_proxies(builder).forwarded_by(ForwardedHeader::Forwarded);
    let headers = [
        ("x-forwarded-for", "6.6.6.6"),
        ("x-forwarded-for", "1.1.1.1, 10.9.9.9"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "for=6.6.6.6;proto=ftp, for=\"[2001:db8::1]:80\";proto=http"),
    ];
    let rows: [Row<'_>; 5] = [
        (|builder| builder, "10.0.0.1", "10.0.0.1", None),
        (behind_proxies, "203.0.113.9", "203.0.113.9", None),
        (behind_proxies, "10.0.0.1", "1.1.1.1", Some("https")),
        (behind_proxies, "192.0.2.7", "1.1.1.1", Some("https")),
        (forwarded, "10.0.0.1", "2001:db8::1", Some("http")),
    ];
    for (set, peer, client, scheme) in rows {
        let record = record(set, peer, "/empty", &headers).await;
        assert_eq!(record.client_ip, client.parse().ok(), "{peer}");
        assert_eq!(record.peer_ip, peer.parse().ok(), "{peer}");
        assert_eq!(record.scheme.as_deref(), scheme, "{peer}");
    }
}

#[tokio::test]
async fn a_node_that_is_no_address_leaves_the_client_unknown() {
    let headers = [("x-forwarded-for", "1.1.1.1, unknown")];
    let record = record(behind_proxies, "10.0.0.1", "/empty", &headers).await;
    assert_eq!((record.client_ip, record.peer_ip), (None, "10.0.0.1".parse().ok()));
}

#[tokio::test]
async fn the_proxy_knows_the_scheme_better_than_the_request_line() {
    for (peer, scheme) in [("10.0.0.1", "https"), ("203.0.113.9", "http")] {
        let headers = [("x-forwarded-proto", "https"), ("host", "elsewhere")];
        let record = record(behind_proxies, peer, "http://photos:8080/empty", &headers).await;
        assert_eq!(record.scheme.as_deref(), Some(scheme), "{peer}");
        assert_eq!(record.authority.as_deref(), Some("photos:8080"), "the request line's, not Host's");
    }
}

#[tokio::test]
async fn ids_are_accepted_from_whom_they_may_come() {
    type Row<'r> = (fn(Builder) -> Builder, &'r str, bool, bool);
    let edge: fn(Builder) -> Builder = |builder| behind_proxies(builder).new_request_ids();
    let rows: [Row<'_>; 4] = [
        (|builder| builder, "203.0.113.9", true, true),
        (behind_proxies, "10.0.0.1", true, true),
        (behind_proxies, "203.0.113.9", false, true),
        (edge, "10.0.0.1", false, false),
    ];
    for (set, peer, keeps_request_id, keeps_trace) in rows {
        let record = record(set, peer, "/empty", &[("x-request-id", "req-1"), ("traceparent", TRACE)]).await;
        assert_eq!(record.request_id.as_deref() == Some("req-1"), keeps_request_id, "{peer}");
        let offered = record.notes.get("request_id_offered");
        assert_eq!(offered, (!keeps_request_id).then_some(Scalar::Text("req-1")), "{peer}");
        assert_eq!(record.trace_id.unwrap().to_string() == TRACE[3..35], keeps_trace, "{peer}");
        assert_eq!(record.parent_id.is_some(), keeps_trace, "{peer}");
    }
}

/// An id that does not keep the rule is not repeated in a note either.
#[tokio::test]
async fn a_bad_id_from_a_stranger_is_refused() {
    let record = record(behind_proxies, "203.0.113.9", "/empty", &[("x-request-id", "two words")]).await;
    assert_eq!(record.notes.get("request_id_offered"), None);
    assert_eq!(record.notes.get("request_id_refused"), Some(Scalar::Bool(true)));
}

/// A layer around the whole router knows the route, also of nested routers, also where no handler
/// takes notes; and none where nothing matched.
#[tokio::test]
async fn a_layer_outside_of_the_router_is_told_the_route() {
    let ok = || get(async || "ok");
    let rows = [
        ("/photos/allspaw", Some("/photos/{user}")),
        ("/api/albums/42", Some("/api/albums/{album}")),
        ("/api/deep/leaf/7", Some("/api/deep/leaf/{id}")),
        ("/service/own/8", Some("/service/own/{id}")),
        ("/nothing", None),
    ];
    for (path, route) in rows {
        let (log, capture) = captured();
        let deep = Router::new().route("/leaf/{id}", ok());
        let api = Router::new().route("/albums/{album}", ok()).nest("/deep", deep);
        let own = Router::new().route("/own/{id}", ok()).route_layer(log.route());
        let router: Router = Router::new().route("/photos/{user}", ok()).nest("/api", api);
        let router = router.nest_service("/service", own).route_layer(log.route());
        let response = log.layer().layer(router).oneshot(request("GET", path)).await.unwrap();
        drop(response);
        let record = access_records(log, &capture).remove(0);
        assert_eq!(record.route.as_deref(), route, "{path}");
        assert_eq!(record.path.as_deref(), Some(path));
    }
}

/// The route is for the log whose layer it is, and for no other that wraps the same request.
#[tokio::test]
async fn each_log_is_told_its_own_route() {
    let ((inner, inner_capture), (outer, outer_capture)) = (captured(), captured());
    let router: Router = Router::new().route("/a/{b}", get(async || "ok")).route_layer(outer.route());
    let service = outer.layer().layer(inner.layer().layer(router));
    drop(service.oneshot(request("GET", "/a/b")).await.unwrap());
    assert_eq!(access_records(outer, &outer_capture)[0].route.as_deref(), Some("/a/{b}"));
    assert_eq!(access_records(inner, &inner_capture)[0].route, None);
}

#[tokio::test]
async fn request_bytes_are_those_that_were_taken() {
    type Row = (fn() -> Body, &'static str, Option<u64>);
    let bodies: [Row; 5] = [
        (Body::empty, "/all", Some(0)),
        (|| Body::from("hello"), "/all", Some(5)),
        (
            || Body::new(Script::new([Step::Data("one"), Step::Data("three"), Step::Trailers])),
            "/all",
            Some(8),
        ),
        (|| Body::new(Script::new([Step::Data("one"), Step::Error])), "/all", Some(3)),
        (|| Body::from("hello"), "/none", Some(0)),
    ];
    for (body, path, bytes) in bodies {
        let (log, capture) = captured();
        let router: Router = Router::new()
            .route("/all", post(async |body: Body| drop(axum::body::to_bytes(body, usize::MAX).await)))
            .route("/none", post(async || "unread"))
            // Twice is as good as once.
            .layer(log.request_bytes())
            .layer(log.request_bytes())
            .layer(log.layer());
        let inbound = Request::post(path).body(body()).unwrap();
        drop(router.oneshot(inbound).await.unwrap());
        assert_eq!(access_records(log, &capture)[0].bytes_in, bytes, "{path}");
    }
}

/// Without the layer above it, and in a service of one's own, it passes the body through.
#[tokio::test]
async fn request_bytes_alone_change_nothing() {
    let (log, capture) = captured();
    let echo = service_fn(async |request: Request<tower_access_log::RequestBody<Body>>| {
        Ok::<_, Infallible>(http::Response::new(Body::new(request.into_body())))
    });
    let echo = log.request_bytes().layer(echo);
    let inbound = || Request::post("/").body(Body::from("hello")).unwrap();
    let response = echo.clone().oneshot(inbound()).await.unwrap();
    assert_eq!(axum::body::to_bytes(response.into_body(), 9).await.unwrap(), "hello");
    let response = log.layer().layer(echo).oneshot(inbound()).await.unwrap();
    assert_eq!(axum::body::to_bytes(Body::new(response.into_body()), 9).await.unwrap(), "hello");
    let records = access_records(log, &capture);
    assert_eq!(records.len(), 1);
    assert_eq!((records[0].bytes_in, records[0].bytes_out), (Some(5), Some(5)));
}

/// Under `nest` the handler sees a shorter target; the record has the whole one, whatever form it had.
#[tokio::test]
async fn the_original_target_under_nest() {
    let (log, capture) = captured();
    let api = Router::new().route("/albums/{album}", get(async || "ok")).layer(log.layer());
    let router: Router = Router::new().nest("/api", api);
    let inbound = request("GET", "https://photos.example:81/api/albums/42?page=2");
    drop(router.oneshot(inbound).await.unwrap());
    let record = access_records(log, &capture).remove(0);
    assert_eq!((record.path.as_deref(), record.query.as_deref()), (Some("/api/albums/42"), Some("page=2")));
    assert_eq!(record.authority.as_deref(), Some("photos.example:81"));
    assert_eq!(record.scheme.as_deref(), Some("https"));
    assert_eq!(record.route.as_deref(), Some("/api/albums/{album}"));
}
