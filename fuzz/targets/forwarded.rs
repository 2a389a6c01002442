//! Any bytes as the forwarding headers of a request: one record, and what a stranger sends never becomes
//! the client's address.

#![no_main]

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use http_body_util::Empty;
use libfuzzer_sys::fuzz_target;
use std::convert::Infallible;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};
use tower::{Layer, Service, service_fn};
use tower_access_log::{AccessLog, Capture, ForwardedHeader, PeerAddr};

/// A log for each header, kept open.
static LOGS: LazyLock<[(AccessLog, Capture); 2]> = LazyLock::new(|| {
    [ForwardedHeader::Forwarded, ForwardedHeader::XForwardedFor].map(|header| {
        let capture = Capture::default();
        let log = AccessLog::new("fuzz").trusted_proxies(["10.0.0.0/8"]).forwarded_by(header);
        (log.sink(capture.sink()).build().expect("these settings are right"), capture)
    })
});

const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
const STRANGER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

fuzz_target!(|lines: Vec<Vec<u8>>| {
    for (log, capture) in &*LOGS {
        for peer in [PROXY, STRANGER] {
            let before = log.statistics().made;
            let mut request = Request::new(());
            request.extensions_mut().insert(PeerAddr(SocketAddr::from((peer, 80))));
            for line in &lines {
                if let Ok(value) = HeaderValue::from_bytes(line) {
                    request.headers_mut().append("forwarded", value.clone());
                    request.headers_mut().append("x-forwarded-for", value.clone());
                    request.headers_mut().append("x-forwarded-proto", value);
                }
            }
            let mut service = log.layer().layer(service_fn(async |_: Request<()>| {
                Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
            }));
            let answer = pin!(service.call(request)).poll(&mut Context::from_waker(Waker::noop()));
            assert!(matches!(answer, Poll::Ready(Ok(_))));
            drop(answer);
            assert_eq!(log.statistics().made, before + 1, "one record");
            if peer == STRANGER {
                let records = capture.records();
                assert_eq!(records.last().expect("it was written").client_ip, Some(STRANGER));
            }
        }
    }
});
