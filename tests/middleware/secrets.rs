//! A planted key in every position a request has, and nowhere in what the log writes or shows.
//!
//! Left out on purpose: a path, a user agent and a valid request id are logged as they came; that is
//! what they are for.

use crate::lines::Capture;
use crate::scale::cases;
use crate::support::{PATIENCE, captured, request};
use axum::body::Body;
use http::{Request, Response};
use proptest::prelude::*;
use std::io;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_access_log::{AccessLog, ForwardedHeader, Keys, Notes, PeerAddr, note};
use tracing::instrument::WithSubscriber as _;
use tracing::warn;
use tracing_subscriber::layer::SubscriberExt as _;

const PLANTED: &str = "sk_live_PLANTED0123456789";

fn planted_request() -> Request<Body> {
    let mut planted =
        request("POST", &format!("http://u:{PLANTED}@photos/a?token={PLANTED}&{PLANTED}&page=2"));
    let headers = [
        ("authorization", format!("Bearer {PLANTED}")),
        ("proxy-authorization", format!("Basic {PLANTED}")),
        ("cookie", format!("session={PLANTED}")),
        ("x-api-key", PLANTED.to_owned()),
        ("x-forwarded-for", PLANTED.to_owned()),
        ("x-forwarded-proto", PLANTED.to_owned()),
        ("x-forwarded-host", PLANTED.to_owned()),
        ("x-real-ip", PLANTED.to_owned()),
        ("forwarded", format!("for={PLANTED};proto={PLANTED};host={PLANTED}")),
        ("referer", format!("https://u:{PLANTED}@photos/?token={PLANTED}#{PLANTED}")),
        ("host", format!("u:{PLANTED}@photos")),
        ("x-request-id", format!("not an id {PLANTED}")),
        ("traceparent", format!("00-{PLANTED}-01")),
        ("tracestate", format!("vendor={PLANTED}")),
    ];
    for (name, value) in headers {
        planted.headers_mut().insert(name, value.parse().unwrap());
    }
    *planted.body_mut() = Body::from(PLANTED);
    planted
}

/// An error as clients make them: with the address they called.
fn error() -> io::Error {
    io::Error::other(format!("cannot reach https://u:{PLANTED}@search/q?key={PLANTED}: refused"))
}

#[tokio::test]
async fn a_planted_key_is_nowhere() {
    let (log, capture) = captured();
    let subscriber = tracing_subscriber::registry().with(log.events());
    let client =
        log.calls().layer(service_fn(async |_call: Request<Body>| Err::<Response<Body>, _>(error())));
    let shown = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let show = shown.clone();
    let service = log.layer().layer(service_fn(move |request: Request<Body>| {
        let (client, show) = (client.clone(), show.clone());
        async move {
            let notes = request.extensions().get::<Notes>().unwrap().clone();
            notes.api_key(PLANTED);
            note::error(error());
            warn!(error = %error(), "calling {}", error());
            let mut outbound = planted_request();
            outbound.headers_mut().remove("traceparent");
            drop(client.oneshot(outbound).await);
            *show.lock().unwrap() = format!("{notes:?} {notes:#?}");
            Err::<Response<Body>, _>(error())
        }
    }));
    let ended = service.oneshot(planted_request()).with_subscriber(subscriber).await;
    assert!(ended.is_err());
    let debug = format!("{log:?} {:?} {:?} {:?} {capture:?}", log.layer(), log.events(), log.calls());
    assert_eq!(log.shutdown(PATIENCE).await.unflushed, 0);

    let text = capture.text();
    assert_eq!(capture.records().len(), 4, "access, call, event and stop: {text}");
    assert!(!text.contains("PLANTED"), "{text}");
    assert!(!debug.contains("PLANTED"), "{debug}");
    assert!(!shown.lock().unwrap().contains("PLANTED"));
    // What may be written is there, so the test looks at the right records.
    assert!(text.contains("token=***&***&page=2"), "{text}");
    assert!(text.contains("cannot reach https://search/q?key=***: refused"), "{text}");
    let fingerprint = crate::support::keys().active().fingerprint(PLANTED.as_bytes()).to_string();
    assert!(text.contains(&fingerprint), "{text}");
}

/// What trusted proxies pass on is read, and believed only as far as it is an address or a scheme.
#[tokio::test]
async fn what_proxies_say_is_written_as_an_address_or_not_at_all() {
    for header in [ForwardedHeader::XForwardedFor, ForwardedHeader::Forwarded] {
        let capture = Capture::default();
        let log = AccessLog::new("photos").sink(capture.sink()).trusted_proxies(["127.0.0.1"]);
        let log = log.forwarded_by(header).new_request_ids().build().unwrap();
        let service = log.layer().layer(service_fn(async |_request: Request<Body>| {
            Ok::<_, io::Error>(Response::new(Body::empty()))
        }));
        let mut planted = planted_request();
        planted.extensions_mut().insert(PeerAddr("127.0.0.1:1".parse().unwrap()));
        service.oneshot(planted).await.unwrap();
        log.shutdown(PATIENCE).await;
        let text = capture.text();
        assert!(!text.contains("PLANTED"), "{text}");
        let records = capture.records();
        assert_eq!((records[0].client_ip, records[0].peer_ip), (None, "127.0.0.1".parse().ok()));
        assert_eq!(records[0].scheme.as_deref(), Some("http"), "the request line's");
    }
}

#[test]
fn hashing_keys_show_neither_themselves_nor_what_was_wrong_with_them() {
    let secret = "ab".repeat(32);
    let keys = Keys::parse(&format!("k1:{secret}")).unwrap();
    assert!(!format!("{keys:?} {:?}", keys.active()).contains("abab"));
    let error = Keys::parse(&format!("k1:{secret}f")).unwrap_err();
    assert!(!format!("{error:?} {error}").contains("abab"));
}

#[cfg(unix)]
#[test]
fn a_file_of_hashing_keys_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = crate::writer::directory("keys");
    let path = dir.join("keys");
    std::fs::write(&path, format!("# first\nk1:{}\n", "ab".repeat(32))).unwrap();
    let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o640);
    let error = Keys::from_file(&path).unwrap_err().to_string();
    assert_eq!(
        error,
        format!("hashing keys in {}: others may read the file; run chmod 600 on it", path.display())
    );
    mode(0o600);
    assert_eq!(Keys::from_file(&path).unwrap().active().id(), "k1");
}

type Answer = Result<Response<Body>, io::Error>;

/// Whatever a handler, a body or a panic says of an address, at every place that takes a text.
#[tokio::test]
async fn a_planted_address_loses_its_secrets_in_every_text() {
    let address = || format!("https://u:{PLANTED}@search/q?key={PLANTED}#{PLANTED}");
    let endings: [fn(String) -> Answer; 4] = [
        |address| Err(io::Error::other(address)),
        |address| {
            let broken = futures_util::stream::iter([Err::<&str, _>(io::Error::other(address))]);
            Ok(Response::new(Body::from_stream(broken)))
        },
        |address| panic!("no answer from {address}"),
        |address| {
            note::error(address);
            Ok(Response::new(Body::empty()))
        },
    ];
    for ending in endings {
        let (log, capture) = captured();
        let subscriber = tracing_subscriber::registry().with(log.events());
        let service = log.layer().layer(service_fn(move |_request: Request<Body>| async move {
            let error = io::Error::other(address());
            warn!(field = address(), debug = ?address(), display = %address(), error = &error as &dyn std::error::Error, "to {}", address());
            ending(address())
        }));
        let run = async {
            let answered = service.oneshot(planted_request()).await;
            if let Ok(answer) = answered {
                drop(http_body_util::BodyExt::collect(answer.into_body()).await);
            }
        };
        let run = std::panic::AssertUnwindSafe(run.with_subscriber(subscriber));
        drop(futures_util::FutureExt::catch_unwind(run).await);
        log.shutdown(PATIENCE).await;
        let text = capture.text();
        assert!(!text.contains("PLANTED"), "{text}");
        let records = capture.records();
        assert_eq!(records.len(), 3, "event, access and stop: {text}");
        assert!(records[1].error.as_deref().unwrap().contains("https://search/q?key=***"), "{text}");
        assert!(records[0].error.as_deref().unwrap().contains("https://search/q?key=***"), "{text}");
        assert_eq!(records[0].notes.iter().count(), 3, "{text}");
    }
}

/// A word as URLs and errors have them around their secrets.
const AROUND: &str = "[!-~&&[^\"<>`#@]]{0,4}";

proptest! {
    #![proptest_config(cases(64))]

    /// A key in an address with anything around it, in every place where a request or a handler can put a text.
    #[test]
    fn a_key_in_any_address_is_nowhere(
        before in "[ a-zé(\"']{0,5}",
        scheme in "[a-z][a-z0-9+.-]{0,5}",
        (left, right) in (AROUND, AROUND),
        path in "(/[a-z@:]{0,4}){0,3}",
        after in "[ a-z)\"'.]{0,5}",
    ) {
        // Digits, a slash, a question mark and an equals sign are a port, a path, a query and a value; paths
        // are logged as they came, and names of values too.
        let is_path = left.split_once('/').is_some_and(|(port, _)| port.bytes().all(|byte| byte.is_ascii_digit()));
        let query = if left.contains('?') { Some(&*right) } else { right.split_once('?').map(|(_, query)| query) };
        prop_assume!(!(is_path && query.is_some_and(|query| query.contains('='))));
        let password = format!("{left}{PLANTED}{right}");
        let value: String = password.chars().filter(|c| !matches!(c, '&' | ';' | '=')).collect();
        let address = format!("{before}{scheme}://user:{password}@host{path}?token={value}&{value}{after}");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let text = runtime.block_on(everywhere(&address, &value));
        prop_assert!(!text.contains("PLANTED"), "{address} shows in {text}");
        prop_assert!(text.lines().count() == 5, "start, event, call, access and stop: {text}");
    }
}

/// What a log says of a request with an address in every text, and a value in its query.
async fn everywhere(address: &str, value: &str) -> String {
    let capture = Capture::default();
    let log = AccessLog::new("photos").fingerprint_keys(crate::support::keys()).headers(["x-tenant"]);
    let log = log.start_records(true).sink(capture.sink()).build().unwrap();
    let subscriber = tracing_subscriber::registry().with(log.events());
    let said = address.to_owned();
    let client = log.calls().layer(service_fn({
        let said = said.clone();
        move |_call: Request<Body>| {
            std::future::ready(Err::<Response<Body>, _>(io::Error::other(said.clone())))
        }
    }));
    let service = log.layer().layer(service_fn(move |_request: Request<Body>| {
        let (client, said) = (client.clone(), said.clone());
        async move {
            note::api_key(PLANTED);
            note::error(&*said);
            warn!(field = said, display = %said, "to {said}");
            client.oneshot(request("GET", "/")).await
        }
    }));
    let mut planted = request("GET", "/");
    for name in ["referer", "x-tenant", "forwarded", "x-request-id", "traceparent"] {
        if let Ok(value) = http::HeaderValue::from_bytes(address.as_bytes()) {
            planted.headers_mut().insert(name, value);
        }
    }
    if let Ok(uri) = format!("/?token={value}&{value}").parse() {
        *planted.uri_mut() = uri;
    }
    drop(service.oneshot(planted).with_subscriber(subscriber).await);
    log.shutdown(PATIENCE).await;
    capture.text()
}

/// The same request where more of it is asked for: headers by name, and a path without its token.
#[tokio::test]
async fn a_planted_key_is_nowhere_in_what_was_asked_for() {
    let capture = Capture::default();
    let log = AccessLog::new("photos")
        .headers(["referer", "x-forwarded-host", "x-tenant"])
        .response_headers(["location"])
        .redact_path(["token"])
        .start_records(true)
        .sink(capture.sink())
        .build()
        .unwrap();
    let handler = async || {
        let to = format!("https://photos/?token={PLANTED}#{PLANTED}");
        Response::builder().status(302).header("location", to).body(Body::empty()).unwrap()
    };
    let app = axum::Router::new().route("/reset/{token}", axum::routing::get(handler)).layer(log.layer());
    let mut planted = planted_request();
    *planted.method_mut() = http::Method::GET;
    *planted.uri_mut() = format!("/reset/{PLANTED}?token={PLANTED}").parse().unwrap();
    planted.headers_mut().insert("x-tenant", "acme".parse().unwrap());
    planted.headers_mut().remove("x-forwarded-host");
    app.oneshot(planted).await.unwrap();
    let debug = format!("{log:?} {:?} {:?}", log.layer(), log.handle());
    log.shutdown(PATIENCE).await;
    let text = capture.text();
    assert!(!text.contains("PLANTED") && !debug.contains("PLANTED"), "{text} {debug}");
    assert!(text.contains("\"header_x_tenant\":\"acme\""), "{text}");
    assert!(text.contains("\"response_header_location\":\"https://photos/?token=***\""), "{text}");
    assert!(text.contains("\"path\":\"/reset/***\",\"query\":\"token=***\""), "{text}");
}

/// None of the headers that carry credentials can be asked for, in any spelling.
#[test]
fn credentials_cannot_be_named() {
    for name in [
        "authorization",
        "Proxy-Authorization",
        "cookie",
        "Set-Cookie",
        "X-API-Key",
        "x-auth-token",
        "dpop",
        "x-amz-security-token",
    ] {
        for log in
            [AccessLog::new("photos").headers([name]), AccessLog::new("photos").response_headers([name])]
        {
            let error = log.sink(Capture::default().sink()).build().unwrap_err().to_string();
            assert!(error.contains("carries credentials"), "{name}: {error}");
        }
    }
}
