//! The ending matrix over TCP: what hyper really does with bodies, resets and closed connections.

use crate::scale::scale;
use crate::support::{PATIENCE, access_records, answer, captured};
use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tower::{Layer as _, service_fn};
use tower_access_log::{AccessLog, Kind, Outcome, PeerAddr};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    Http1,
    Http2,
}

#[derive(Clone, Copy, Debug)]
enum Client {
    Reads,
    LeavesBeforeHead,
    LeavesInBody,
}

type Row = (&'static str, &'static str, Client, Outcome, Option<u16>, Option<u64>);

/// A panicking connection task, an upgrade and a body error look different to the client in each
/// version; the record is the same.
const ROWS: &[Row] = &[
    ("/ok", "GET", Client::Reads, Outcome::Ok, Some(200), Some(5)),
    ("/empty", "GET", Client::Reads, Outcome::Ok, Some(200), Some(0)),
    // A HEAD answered with a body is the service's own error in HTTP/2: hyper leaves that to it.
    ("/empty", "HEAD", Client::Reads, Outcome::Ok, Some(200), Some(0)),
    ("/204", "GET", Client::Reads, Outcome::Ok, Some(204), Some(0)),
    ("/304", "GET", Client::Reads, Outcome::Ok, Some(304), Some(0)),
    ("/stream", "GET", Client::Reads, Outcome::Ok, Some(200), Some(11)),
    ("/silent-end", "GET", Client::Reads, Outcome::Ok, Some(200), Some(6)),
    ("/exact", "GET", Client::Reads, Outcome::Ok, Some(200), Some(5)),
    ("/trailers", "GET", Client::Reads, Outcome::Ok, Some(200), Some(3)),
    ("/error", "GET", Client::Reads, Outcome::Error, None, Some(0)),
    ("/panic", "GET", Client::Reads, Outcome::Panic, None, Some(0)),
    ("/panic-body", "GET", Client::Reads, Outcome::Panic, Some(200), Some(3)),
    ("/body-error", "GET", Client::Reads, Outcome::BodyError, Some(200), Some(3)),
    ("/slow", "GET", Client::LeavesBeforeHead, Outcome::Cancelled, None, Some(0)),
    ("/slow-body", "GET", Client::LeavesInBody, Outcome::Aborted, Some(200), Some(3)),
];

/// A server, until it is dropped.
struct Server {
    addr: SocketAddr,
    task: tokio::task::JoinHandle<()>,
    /// Hears of every request that reached the layer.
    arrived: mpsc::UnboundedReceiver<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(log: &AccessLog, version: Version) -> Server {
    let (arrivals, arrived) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let service = log.layer().layer(service_fn(answer::<Incoming>));
    let task = tokio::spawn(async move {
        while let Ok((stream, peer)) = listener.accept().await {
            let (mut service, arrivals) = (service.clone(), arrivals.clone());
            let with_peer = service_fn(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(PeerAddr(peer));
                let response = tower::Service::call(&mut service, request);
                // Nobody need listen.
                let _unheard = arrivals.send(());
                response
            });
            let io = TokioIo::new(stream);
            let service = TowerToHyperService::new(with_peer);
            tokio::spawn(async move {
                // How a connection ends is the client's business here.
                let _ended = match version {
                    Version::Http1 => {
                        let http1 = hyper::server::conn::http1::Builder::new();
                        http1.serve_connection(io, service).with_upgrades().await
                    }
                    Version::Http2 => {
                        let mut http2 = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                        http2.enable_connect_protocol().serve_connection(io, service).await
                    }
                };
            });
        }
    });
    Server { addr, task, arrived }
}

/// Sends one request on a connection of its own and does what the client of the row does.
async fn drive(server: &mut Server, version: Version, method: &str, path: &'static str, client: Client) {
    let addr = server.addr;
    let io = TokioIo::new(TcpStream::connect(addr).await.unwrap());
    let uri = format!("http://{addr}{path}");
    let builder = Request::builder().method(method).header("host", addr.to_string());
    let request = |uri: &str| builder.uri(uri).body(Body::empty()).unwrap();
    let (response, connection) = match version {
        Version::Http1 => {
            let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
            let task = tokio::spawn(async move { drop(connection.with_upgrades().await) });
            (tokio::spawn(async move { sender.send_request(request(path)).await }), task)
        }
        Version::Http2 => {
            let (mut sender, connection) =
                hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
            let task = tokio::spawn(async move { drop(connection.await) });
            (tokio::spawn(async move { sender.send_request(request(&uri)).await }), task)
        }
    };
    if let Client::LeavesBeforeHead = client {
        server.arrived.recv().await.expect("the request arrives");
        response.abort();
        connection.abort();
        return;
    }
    let Ok(Ok(response)) = response.await else { return };
    let mut body = response.into_body();
    match client {
        Client::LeavesInBody => {
            let _one = body.frame().await;
            connection.abort();
        }
        _ => while let Some(Ok(_)) = body.frame().await {},
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_ending_over_both_versions_leaves_one_record() {
    let versions = [Version::Http1, Version::Http2];
    for version in versions.into_iter().cycle().take(versions.len() * scale() as usize) {
        for (path, method, client, outcome, status, bytes) in ROWS.iter().copied() {
            let context = format!("{version:?} {method} {path}");
            let (log, capture) = captured();
            let mut server = serve(&log, version).await;
            let addr = server.addr;
            let driven = drive(&mut server, version, method, path, client);
            tokio::time::timeout(PATIENCE, driven).await.expect(&context);
            let seen = capture.clone();
            let found = tokio::task::spawn_blocking(move || {
                seen.wait_for(1, PATIENCE, |record| record.kind == Kind::Access)
            });
            assert_eq!(found.await.unwrap().len(), 1, "{context}");
            drop(server);
            let records = access_records(log, &capture);
            assert_eq!(records.len(), 1, "{context}: {records:?}");
            let record = &records[0];
            assert_eq!((record.outcome, record.status), (Some(outcome), status), "{context}");
            assert_eq!(record.bytes_out, bytes, "{context}");
            assert_eq!(record.peer_ip, Some(addr.ip()), "{context}");
            assert_eq!(record.authority.as_deref(), Some(addr.to_string().as_str()), "{context}");
            let expected = if version == Version::Http1 { ("1.1", None) } else { ("2", Some("http")) };
            assert_eq!(record.http_version.as_deref(), Some(expected.0), "{context}");
            assert_eq!(record.scheme.as_deref(), expected.1, "{context}");
        }
    }
}

/// After a 101 the connection belongs to somebody else; the record is written at the head.
#[tokio::test]
async fn an_upgrade_is_one_record_at_the_head() {
    let (log, capture) = captured();
    let server = serve(&log, Version::Http1).await;
    let io = TokioIo::new(TcpStream::connect(server.addr).await.unwrap());
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
    let connection = tokio::spawn(connection.with_upgrades());
    let request = Request::get("/upgrade")
        .header("host", "x")
        .header("connection", "upgrade")
        .header("upgrade", "echo")
        .body(Body::empty())
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
    drop(server);
    connection.abort();
    let records = access_records(log, &capture);
    assert_eq!(records.len(), 1);
    assert_eq!((records[0].outcome, records[0].status), (Some(Outcome::Upgraded), Some(101)));
}

/// Many requests at once on one connection, some of which end badly: as many records as requests
/// that arrived. (The server may refuse streams of a client that had many reset, and a panic would
/// take the whole connection along.)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn as_many_records_as_requests() {
    for _ in 0..scale() {
        many_requests_at_once().await;
    }
}

async fn many_requests_at_once() {
    let (log, capture) = captured();
    let mut server = serve(&log, Version::Http2).await;
    let addr = server.addr;
    let io = TokioIo::new(TcpStream::connect(addr).await.unwrap());
    let (sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    let connection = tokio::spawn(connection);
    let mut requests = tokio::task::JoinSet::new();
    let paths = ["/ok", "/stream", "/error", "/panic", "/body-error", "/slow", "/404"];
    for index in 0..300 {
        let mut sender = sender.clone();
        requests.spawn(async move {
            let request = Request::get(format!("http://{addr}{}", paths[index % paths.len()]));
            let response = sender.send_request(request.body(Body::empty()).unwrap());
            // Slow ones are given up as soon as everything else had its turn.
            let Ok(Ok(response)) = tokio::time::timeout(Duration::from_millis(500), response).await else {
                return;
            };
            let _ended = response.into_body().collect().await;
        });
    }
    requests.join_all().await;
    drop(sender);
    connection.abort();
    server.task.abort();
    let mut arrived = 0;
    while server.arrived.recv().await.is_some() {
        arrived += 1;
    }
    let seen = capture.clone();
    let found = tokio::task::spawn_blocking(move || {
        seen.wait_for(arrived, PATIENCE, |record| record.kind == Kind::Access)
    });
    assert_eq!(found.await.unwrap().len(), arrived);
    let records = access_records(log, &capture);
    assert_eq!(records.len(), arrived);
    assert!(arrived > 100, "{arrived}");
    for outcome in [Outcome::Ok, Outcome::Error, Outcome::BodyError, Outcome::Cancelled] {
        assert!(records.iter().any(|record| record.outcome == Some(outcome)), "{outcome}");
    }
}

/// What the request line says of scheme, authority and version, and `Host` where it does not; an
/// absolute target, which is how proxies are asked, wins over `Host` (RFC 9112 §3.2.2).
#[tokio::test]
async fn scheme_authority_and_version_of_http_1() {
    type Row = (&'static str, Option<&'static str>, Option<&'static str>, &'static str);
    let rows: [Row; 5] = [
        ("GET /empty HTTP/1.1\r\nhost: photos:81\r\n", Some("photos:81"), None, "1.1"),
        ("GET http://photos/empty HTTP/1.1\r\nhost: other\r\n", Some("photos"), Some("http"), "1.1"),
        ("GET https://u:p@photos:82/empty HTTP/1.1\r\nhost: x\r\n", Some("photos:82"), Some("https"), "1.1"),
        ("GET /empty HTTP/1.0\r\n", None, None, "1.0"),
        ("GET /empty HTTP/1.1\r\nhost:\r\n", None, None, "1.1"),
    ];
    for (head, authority, scheme, http_version) in rows {
        let (log, capture) = captured();
        let server = serve(&log, Version::Http1).await;
        let mut stream = TcpStream::connect(server.addr).await.unwrap();
        stream.write_all(format!("{head}connection: close\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        let read = stream.read_to_string(&mut answer);
        tokio::time::timeout(PATIENCE, read).await.expect(head).unwrap();
        assert!(answer.contains(" 200 OK"), "{head}: {answer}");
        drop(server);
        let record = access_records(log, &capture).remove(0);
        assert_eq!(record.authority.as_deref(), authority, "{head}");
        assert_eq!(record.scheme.as_deref(), scheme, "{head}");
        assert_eq!(record.http_version.as_deref(), Some(http_version), "{head}");
        assert_eq!(record.path.as_deref(), Some("/empty"), "{head}");
    }
}

/// In HTTP/2 both are pseudo-headers, whatever the connection is.
#[tokio::test]
async fn scheme_authority_and_version_of_http_2() {
    for (uri, host, authority, scheme) in [
        ("https://photos.example/empty?page=2", None, "photos.example", "https"),
        ("http://photos.example:81/empty?page=2", Some("other"), "photos.example:81", "http"),
    ] {
        let (log, capture) = captured();
        let server = serve(&log, Version::Http2).await;
        let io = TokioIo::new(TcpStream::connect(server.addr).await.unwrap());
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
        let connection = tokio::spawn(connection);
        let mut request = Request::get(uri).body(Body::empty()).unwrap();
        if let Some(host) = host {
            request.headers_mut().insert("host", host.parse().unwrap());
        }
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        drop(response);
        connection.abort();
        drop(server);
        let record = access_records(log, &capture).remove(0);
        assert_eq!(record.authority.as_deref(), Some(authority));
        assert_eq!(record.scheme.as_deref(), Some(scheme));
        assert_eq!(record.http_version.as_deref(), Some("2"));
        assert_eq!((record.path.as_deref(), record.query.as_deref()), (Some("/empty"), Some("page=2")));
    }
}
