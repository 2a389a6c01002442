//! Who asked, where, and by which ids: what is believed of that, and of whom.

use crate::support::{access_records, infallible, request};
use http::header::HeaderName;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_access_log::{AccessLog, Builder, Capture, ForwardedHeader, PeerAddr, Record, Scalar};

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
