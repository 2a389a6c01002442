//! gRPC by tonic: its server below the layer, its channel below the layer for calls, over TCP.

use crate::support::{PATIENCE, captured, records};
use futures_util::stream::{self, BoxStream, StreamExt as _};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tonic::transport::server::{TcpConnectInfo, TcpIncoming};
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Code, Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tower::ServiceBuilder;
use tower_access_log::{AccessLog, CallService, Capture, Kind, Level, Outcome, PeerAddr, Record, note};

/// The standard health service, answering as the name in the request says: a status, or `slow`.
struct Scripted {
    arrivals: mpsc::UnboundedSender<()>,
}

fn serving() -> HealthCheckResponse {
    HealthCheckResponse { status: ServingStatus::Serving.into() }
}

fn status(asked: &str) -> Result<(), Status> {
    match asked.parse().map(Code::from_i32) {
        Ok(Code::Ok) => Ok(()),
        Ok(code) => Err(Status::new(code, "as asked")),
        Err(_) => Err(Status::invalid_argument("no number")),
    }
}

#[tonic::async_trait]
impl Health for Scripted {
    type WatchStream = BoxStream<'static, Result<HealthCheckResponse, Status>>;

    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        note::add("checks", 1);
        self.arrivals.send(()).unwrap();
        let asked = request.into_inner().service;
        if asked == "slow" {
            std::future::pending::<()>().await;
        }
        status(&asked).map(|()| Response::new(serving()))
    }

    /// Two messages, and then the end.
    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let asked = request.into_inner().service;
        let messages = stream::iter([Ok(serving()), Ok(serving())]);
        Ok(Response::new(if asked == "slow" {
            messages.chain(stream::pending()).boxed()
        } else {
            messages.chain(stream::iter(status(&asked).err().map(Err))).boxed()
        }))
    }
}

/// Tells the layer what tonic knows of the socket.
fn with_peer<B>(mut request: http::Request<B>) -> http::Request<B> {
    let info = request.extensions().get::<TcpConnectInfo>();
    if let Some(peer) = info.and_then(TcpConnectInfo::remote_addr) {
        request.extensions_mut().insert(PeerAddr(peer));
    }
    request
}

/// A server and a client, each with a log.
struct Pair {
    server: (AccessLog, Capture),
    client: (AccessLog, Capture),
    health: HealthClient<CallService<Channel>>,
    arrived: mpsc::UnboundedReceiver<()>,
    addr: SocketAddr,
}

impl Pair {
    async fn start() -> Self {
        let (server, client) = (captured("search"), captured("photos"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (arrivals, arrived) = mpsc::unbounded_channel();
        let layers = ServiceBuilder::new().map_request(with_peer).layer(server.0.layer());
        let router = Server::builder().layer(layers).add_service(HealthServer::new(Scripted { arrivals }));
        tokio::spawn(router.serve_with_incoming(TcpIncoming::from(listener)));
        let channel = Endpoint::from_shared(format!("http://{addr}")).unwrap().connect_lazy();
        let health = HealthClient::new(ServiceBuilder::new().layer(client.0.calls()).service(channel));
        Self { server, client, health, arrived, addr }
    }

    /// The records of as many calls, each with the record of the server that names it as its parent.
    async fn ended(self, count: usize) -> Vec<(Record<'static>, Record<'static>)> {
        let Self { server, client, health, addr, .. } = self;
        let accesses = records(server.0, &server.1, Kind::Access, count).await;
        let calls = records(client.0, &client.1, Kind::Call, count).await;
        drop(health);
        let paired = calls.into_iter().map(|call| {
            let mut named = accesses.iter().filter(|access| access.parent_id == call.span_id);
            let access = named.next().expect("the server names the call").clone();
            assert!(named.next().is_none(), "one request for each call");
            assert_eq!((access.trace_id, &access.request_id), (call.trace_id, &call.request_id));
            assert_eq!(access.peer_ip, Some(addr.ip()));
            (call, access)
        });
        paired.collect()
    }
}

fn ask(service: &str) -> HealthCheckRequest {
    HealthCheckRequest { service: service.to_owned() }
}

fn is_error(code: i32) -> bool {
    matches!(code, 2 | 4 | 12..=15)
}

fn assert_both(pair: &(Record<'static>, Record<'static>), outcome: Outcome, code: Option<i32>, method: &str) {
    for record in [&pair.0, &pair.1] {
        assert_eq!((record.outcome, record.grpc_status), (Some(outcome), code), "{record:?}");
        assert_eq!(record.api_method.as_deref(), Some(method));
        assert_eq!(record.path.as_deref(), Some(format!("/{method}").as_str()));
        assert_eq!((record.method.as_deref(), record.http_version.as_deref()), (Some("POST"), Some("2")));
    }
}

const CHECK: &str = "grpc.health.v1.Health/Check";
const WATCH: &str = "grpc.health.v1.Health/Watch";
/// A message of two bytes behind its prefix of five.
const MESSAGE_BYTES: u64 = 7;

#[tokio::test]
async fn a_unary_call_has_its_status_in_the_trailers() {
    let mut pair = Pair::start().await;
    let answer = pair.health.check(ask("0")).await.unwrap();
    assert_eq!(answer.into_inner(), serving());
    let pairs = pair.ended(1).await;
    assert_both(&pairs[0], Outcome::Ok, Some(0), CHECK);
    let (call, access) = &pairs[0];
    assert_eq!((call.level, access.level), (Level::Info, Level::Info));
    assert_eq!((call.bytes_in, access.bytes_out), (Some(MESSAGE_BYTES), Some(MESSAGE_BYTES)));
    assert!(access.notes.get("checks").is_some(), "the context reaches tonic's handlers");
}

/// An error before the first message is a response that has only a head, with status 200 in HTTP's eyes.
#[tokio::test]
async fn an_error_has_its_status_in_the_head_and_its_level() {
    let mut pair = Pair::start().await;
    let codes = 1..=16;
    for code in codes.clone() {
        let refused = pair.health.check(ask(&code.to_string())).await.unwrap_err();
        assert_eq!(refused.code(), Code::from_i32(code));
    }
    let pairs = pair.ended(codes.clone().count()).await;
    for (both, code) in pairs.iter().zip(codes) {
        assert_both(both, Outcome::Ok, Some(code), CHECK);
        let level = if is_error(code) { Level::Error } else { Level::Info };
        for record in [&both.0, &both.1] {
            assert_eq!((record.status, record.level), (Some(200), level), "{code}");
        }
        assert_eq!(both.1.bytes_out, Some(0));
    }
}

/// A stream says at its very end how it went.
#[tokio::test]
async fn a_stream_has_its_status_in_the_trailers() {
    for code in [0, 5, 15] {
        let mut pair = Pair::start().await;
        let mut messages = pair.health.watch(ask(&code.to_string())).await.unwrap().into_inner();
        for _ in 0..2 {
            assert_eq!(messages.message().await.unwrap(), Some(serving()));
        }
        let end = messages.message().await;
        assert_eq!(end.map_or_else(|status| status.code(), |_| Code::Ok), Code::from_i32(code));
        drop(messages);
        let pairs = pair.ended(1).await;
        assert_both(&pairs[0], Outcome::Ok, Some(code), WATCH);
        let level = if is_error(code) { Level::Error } else { Level::Info };
        assert_eq!((pairs[0].0.level, pairs[0].1.level), (level, level), "{code}");
        assert_eq!(pairs[0].1.bytes_out, Some(2 * MESSAGE_BYTES));
    }
}

/// A client that gives a call up, before its answer and in the middle of a stream.
#[tokio::test]
async fn a_call_that_is_given_up() {
    let mut pair = Pair::start().await;
    let mut health = pair.health.clone();
    let call = tokio::spawn(async move { health.check(ask("slow")).await });
    tokio::time::timeout(PATIENCE, pair.arrived.recv()).await.unwrap().unwrap();
    call.abort();
    let pairs = pair.ended(1).await;
    assert_both(&pairs[0], Outcome::Cancelled, None, CHECK);
    assert_eq!((pairs[0].0.status, pairs[0].1.status), (None, None));

    let mut pair = Pair::start().await;
    let mut messages = pair.health.watch(ask("slow")).await.unwrap().into_inner();
    assert_eq!(messages.message().await.unwrap(), Some(serving()));
    drop(messages);
    let pairs = pair.ended(1).await;
    assert_both(&pairs[0], Outcome::Aborted, None, WATCH);
    assert_eq!((pairs[0].0.status, pairs[0].1.status), (Some(200), Some(200)));
}

/// tonic's server keeps the client's deadline outside of the layer: the layer sees the request given up, and
/// the client gets an answer that the layer never saw. tonic's client would keep the deadline by itself, so
/// that this one speaks HTTP/2 by hand.
#[tokio::test]
async fn a_deadline_that_has_passed() {
    let Pair { server, addr, .. } = Pair::start().await;
    let io = TokioIo::new(TcpStream::connect(addr).await.unwrap());
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    let message = b"\0\0\0\0\x06\x0a\x04slow";
    let call = http::Request::post(format!("http://{addr}/{CHECK}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        // A millisecond.
        .header("grpc-timeout", "1m")
        .body(axum::body::Body::from(&message[..]))
        .unwrap();
    let answer = tokio::time::timeout(PATIENCE, sender.send_request(call)).await.unwrap().unwrap();
    assert_ne!(answer.headers()["grpc-status"], "0");
    let access = records(server.0, &server.1, Kind::Access, 1).await.remove(0);
    assert_eq!((access.outcome, access.status), (Some(Outcome::Cancelled), None));
    assert_eq!((access.grpc_status, access.level), (None, Level::Warn));
    assert_eq!(access.api_method.as_deref(), Some(CHECK));
}

/// A server that is not there: the call says so, and nobody else can.
#[tokio::test]
async fn a_call_that_reaches_nobody() {
    let (log, capture) = captured("photos");
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let addr = socket.local_addr().unwrap();
    let channel = Endpoint::from_shared(format!("http://{addr}")).unwrap().connect_lazy();
    let mut health = HealthClient::new(ServiceBuilder::new().layer(log.calls()).service(channel));
    assert_eq!(health.check(ask("0")).await.unwrap_err().code(), Code::Unavailable);
    let call = records(log, &capture, Kind::Call, 1).await.remove(0);
    assert_eq!((call.outcome, call.grpc_status, call.level), (Some(Outcome::Error), None, Level::Error));
    assert_eq!(call.error.as_deref(), Some("transport error"));
    assert_eq!(call.api_method.as_deref(), Some(CHECK));
}
