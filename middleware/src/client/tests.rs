//! The walk from the socket to the client, as tables.

use super::{ForwardedHeader, Proxies, node_address};
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};

/// Trusts `10.0.0.0/8` and `2001:db8::/32`; asks for the client behind the peer, as text.
fn client(header: ForwardedHeader, peer: &str, lines: &[(&str, &[u8])]) -> (String, Option<&'static str>) {
    let trusted = ["10.0.0.0/8", "2001:db8::/32"].map(str::to_owned);
    let proxies = Proxies::parse(trusted.into(), header).unwrap();
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_bytes(value).unwrap());
    }
    let client = proxies.client(peer.parse().ok(), &headers);
    (client.ip.map_or_else(|| "unknown".to_owned(), |ip| ip.to_string()), client.scheme)
}

#[test]
fn x_forwarded_for_is_walked_from_right_to_left() {
    type Row<'r> = (&'r str, &'r [&'r [u8]], &'r str);
    let rows: &[Row<'_>] = &[
        ("10.0.0.1", &[], "10.0.0.1"),
        ("10.0.0.1", &[b"1.1.1.1"], "1.1.1.1"),
        ("192.0.2.1", &[b"1.1.1.1"], "192.0.2.1"),
        ("10.0.0.1", &[b"6.6.6.6, 1.1.1.1, 10.9.9.9"], "1.1.1.1"),
        ("10.0.0.1", &[b"6.6.6.6", b"1.1.1.1,10.9.9.9"], "1.1.1.1"),
        ("10.0.0.1", &[b"1.1.1.1", b"10.9.9.9", b"10.8.8.8"], "1.1.1.1"),
        ("10.0.0.1", &[b"10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", &[b"1.1.1.1:4711"], "1.1.1.1"),
        ("10.0.0.1", &[b"[2001:db9::1]:80, [2001:db8::1]"], "2001:db9::1"),
        ("2001:db8::7", &[b"::ffff:1.1.1.1"], "1.1.1.1"),
        ("10.0.0.1", &[b"1.1.1.1, unknown"], "unknown"),
        ("10.0.0.1", &[b"1.1.1.1, garbage, 10.0.0.2"], "unknown"),
        ("10.0.0.1", &[b"1.1.1.1, \xff"], "unknown"),
        ("10.0.0.1", &[b"\xff, 1.1.1.1"], "1.1.1.1"),
        ("10.0.0.1", &[b"1.1.1.1,, ,"], "1.1.1.1"),
        ("none", &[b"1.1.1.1"], "unknown"),
    ];
    for (peer, values, expected) in rows {
        let lines: Vec<_> = values.iter().map(|value| ("x-forwarded-for", *value)).collect();
        let (ip, _) = client(ForwardedHeader::XForwardedFor, peer, &lines);
        assert_eq!(ip, *expected, "{peer} {values:?}");
        if !values.is_empty() {
            let (ip, _) = client(ForwardedHeader::Forwarded, peer, &lines);
            assert_eq!(ip, peer.replace("none", "unknown"), "the other header is not read");
        }
    }
}

#[test]
fn forwarded_is_walked_from_right_to_left() {
    type Row<'r> = (&'r str, &'r [&'r [u8]], &'r str, Option<&'r str>);
    let rows: &[Row<'_>] = &[
        ("10.0.0.1", &[], "10.0.0.1", None),
        ("10.0.0.1", &[b"for=1.1.1.1;proto=https"], "1.1.1.1", Some("https")),
        ("192.0.2.1", &[b"for=1.1.1.1;proto=https"], "192.0.2.1", None),
        (
            "10.0.0.1",
            &[b"for=6.6.6.6", b"for=1.1.1.1;proto=HTTPS, for=10.2.2.2;proto=http"],
            "1.1.1.1",
            Some("https"),
        ),
        ("10.0.0.1", &[b"for=\"[2001:db9::1]:_port\";proto=ftp"], "2001:db9::1", None),
        ("10.0.0.1", &[b"for=1.1.1.1, for=_hidden;proto=https"], "unknown", Some("https")),
        ("10.0.0.1", &[b"for=1.1.1.1, by=10.0.0.1"], "unknown", None),
        ("10.0.0.1", &[b"for=6.6.6.6;by=\", for=1.1.1.1"], "1.1.1.1", None),
        ("10.0.0.1", &[b"for=6.6.6.6, for=\""], "unknown", None),
        ("10.0.0.1", &[b"for=6.6.6.6;x=\"", b"for=10.0.0.2"], "unknown", None),
        ("10.0.0.1", &[b"for=1.1.1.1, , for=10.0.0.2"], "1.1.1.1", None),
        ("10.0.0.1", &[b"\xff, for=1.1.1.1"], "1.1.1.1", None),
    ];
    for (peer, values, ip, scheme) in rows {
        let lines: Vec<_> = values.iter().map(|value| ("forwarded", *value)).collect();
        let found = client(ForwardedHeader::Forwarded, peer, &lines);
        assert_eq!(found, ((*ip).to_owned(), *scheme), "{peer} {values:?}");
    }
}

#[test]
fn the_scheme_is_what_the_last_trusted_proxy_says() {
    type Row<'r> = (&'r str, &'r [u8], &'r [u8], Option<&'r str>);
    let rows: &[Row<'_>] = &[
        ("10.0.0.1", b"1.1.1.1", b"https", Some("https")),
        ("10.0.0.1", b"1.1.1.1", b"HTTP", Some("http")),
        ("10.0.0.1", b"1.1.1.1", b"javascript", None),
        ("192.0.2.1", b"1.1.1.1", b"https", None),
        // As many of both: they belong together, and what the client put before them counts for nothing.
        ("10.0.0.1", b"6.6.6.6, 1.1.1.1", b"https, http", Some("http")),
        ("10.0.0.1", b"1.1.1.1, 10.0.0.2", b"https, http", Some("https")),
        // One that was replaced on the way, and one that a client put before it.
        ("10.0.0.1", b"1.1.1.1, 10.0.0.2", b"https", Some("https")),
        ("10.0.0.1", b"1.1.1.1", b"https, http", Some("http")),
    ];
    for (peer, nodes, protos, expected) in rows {
        let lines = [("x-forwarded-for", *nodes), ("x-forwarded-proto", *protos)];
        let (_, scheme) = client(ForwardedHeader::XForwardedFor, peer, &lines);
        assert_eq!(scheme, *expected, "{peer} {lines:?}");
    }
}

#[test]
fn nodes_have_addresses() {
    for (node, expected) in [
        ("192.0.2.1", Some("192.0.2.1")),
        ("192.0.2.1:80", Some("192.0.2.1")),
        ("192.0.2.1:_http", Some("192.0.2.1")),
        ("2001:db8::1", Some("2001:db8::1")),
        ("[2001:db8::1]", Some("2001:db8::1")),
        ("[2001:db8::1]:65535", Some("2001:db8::1")),
        ("[::ffff:192.0.2.1]:1", Some("192.0.2.1")),
        ("[192.0.2.1]", None),
        ("[2001:db8::1", None),
        ("[2001:db8::1]80", None),
        ("[2001:db8::1]:", None),
        ("192.0.2.1:", None),
        ("192.0.2.1:123456", None),
        ("192.0.2.1:_", None),
        ("192.0.2.1 ", None),
        ("unknown", None),
        ("_hidden", None),
        ("", None),
    ] {
        assert_eq!(node_address(node).map(|ip| ip.to_string()).as_deref(), expected, "{node}");
    }
}
