//! `WebSocket` conversations with a real server and client, over HTTP/1 (RFC 6455) and HTTP/2 (RFC 8441):
//! one record each, when the conversation is over, with the bytes of its frames.

use crate::lines::Capture;
use crate::support::{PATIENCE, access_records, captured};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use futures_util::{SinkExt as _, StreamExt as _};
use http::{Method, Response, StatusCode};
use hyper::ext::Protocol;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::net::SocketAddr;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::Role;
use tower_access_log::{Kind, Notes, Outcome, Record, Scalar, note};

/// How the handler keeps its record open and counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Handler {
    /// The connection holds the guard.
    GuardTracks,
    /// The task holds the guard, and the connection counts.
    NotesTrack,
    /// Nothing counts.
    GuardOnly,
    /// The record is written at the head.
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    Http1,
    Http2,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Client {
    Closes,
    /// Goes away without a word.
    Vanishes,
}

/// A `hello` of a client: two bytes of header, four of mask and the text. The server does not mask.
const HELLO_IN: u64 = 2 + 4 + 5;
const HELLO_OUT: u64 = 2 + 5;
/// A close frame without a reason.
const CLOSE_IN: u64 = 2 + 4;
const CLOSE_OUT: u64 = 2;

/// Says everything back.
async fn echo(io: impl AsyncRead + AsyncWrite + Unpin) {
    let mut socket = WebSocketStream::from_raw_socket(io, Role::Server, None).await;
    while let Some(Ok(message)) = socket.next().await {
        if message.is_text() {
            note::add("messages", 1);
            socket.send(message).await.unwrap();
        }
    }
}

async fn chat(State(handler): State<Handler>, notes: Notes, mut request: Request) -> Response<Body> {
    let response = if request.method() == Method::CONNECT {
        assert_eq!(request.extensions().get::<Protocol>().unwrap().as_str(), "websocket");
        Response::new(Body::empty())
    } else {
        create_response_with_body(&request, Body::empty).unwrap()
    };
    let guard = (handler != Handler::Nothing).then(|| notes.upgrade_guard());
    let upgraded = hyper::upgrade::on(&mut request);
    let scoped = notes.clone();
    tokio::spawn(scoped.scope(async move {
        let io = TokioIo::new(upgraded.await.unwrap());
        match (handler, guard) {
            (Handler::GuardTracks, Some(guard)) => echo(guard.track(io)).await,
            (Handler::NotesTrack, guard) => {
                echo(notes.track(io)).await;
                drop(guard);
            }
            (_, guard) => {
                echo(io).await;
                drop(guard);
            }
        }
    }));
    response
}

/// Says `hello` twice, looks into the log, and ends the conversation.
async fn converse<IO: AsyncRead + AsyncWrite + Unpin>(
    mut socket: WebSocketStream<IO>,
    client: Client,
    capture: &Capture,
    records_open: usize,
) {
    for _ in 0..2 {
        socket.send(Message::text("hello")).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::text("hello"));
    }
    assert_eq!(access(capture).len(), records_open, "the conversation goes on");
    if client == Client::Closes {
        socket.close(None).await.unwrap();
        while socket.next().await.is_some() {}
    }
}

fn access(capture: &Capture) -> Vec<Record<'static>> {
    capture.records().into_iter().filter(|record| record.kind == Kind::Access).collect()
}

async fn over_http_1(addr: SocketAddr) -> WebSocketStream<TcpStream> {
    let stream = TcpStream::connect(addr).await.unwrap();
    let connected = tokio_tungstenite::client_async(format!("ws://{addr}/chat"), stream).await;
    let (socket, response) = connected.unwrap();
    assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
    socket
}

async fn over_http_2(addr: SocketAddr) -> WebSocketStream<impl AsyncRead + AsyncWrite + Unpin> {
    let io = TokioIo::new(TcpStream::connect(addr).await.unwrap());
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    // The server's settings say that it takes this; until they are there the client may not ask.
    let asked = || {
        let head = Request::builder().method(Method::CONNECT).uri(format!("http://{addr}/chat"));
        let head = head.header("sec-websocket-version", "13").extension(Protocol::from_static("websocket"));
        head.body(Body::empty()).unwrap()
    };
    let asking = async {
        loop {
            if let Ok(response) = sender.send_request(asked()).await {
                return response;
            }
            tokio::task::yield_now().await;
        }
    };
    let response = tokio::time::timeout(PATIENCE, asking).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let upgraded = hyper::upgrade::on(response).await.unwrap();
    WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, None).await
}

/// One conversation and its only record.
async fn conversation(version: Version, handler: Handler, client: Client) -> Record<'static> {
    let (log, capture) = captured();
    let router = Router::new().route("/chat", axum::routing::any(chat)).with_state(handler);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let server = tokio::spawn(axum::serve(listener, router.layer(log.layer())).into_future());
    let records_open = usize::from(handler == Handler::Nothing);
    let talking = async {
        match version {
            Version::Http1 => converse(over_http_1(addr).await, client, &capture, records_open).await,
            Version::Http2 => converse(over_http_2(addr).await, client, &capture, records_open).await,
        }
    };
    tokio::time::timeout(PATIENCE, talking).await.expect("the conversation ends");
    let seen = capture.clone();
    let found =
        tokio::task::spawn_blocking(move || seen.wait_for(1, PATIENCE, |record| record.kind == Kind::Access));
    assert_eq!(found.await.unwrap().len(), 1, "{version:?} {handler:?} {client:?}");
    server.abort();
    let mut records = access_records(log, &capture);
    assert_eq!(records.len(), 1, "{version:?} {handler:?} {client:?}");
    records.remove(0)
}

#[tokio::test]
async fn a_conversation_is_one_record_with_its_bytes() {
    use Handler::{GuardOnly, GuardTracks, NotesTrack, Nothing};
    for version in [Version::Http1, Version::Http2] {
        for client in [Client::Closes, Client::Vanishes] {
            for handler in [GuardTracks, NotesTrack, GuardOnly, Nothing] {
                let context = format!("{version:?} {handler:?} {client:?}");
                let record = conversation(version, handler, client).await;
                let (status, http_version) =
                    if version == Version::Http1 { (101, "1.1") } else { (200, "2") };
                assert_eq!((record.outcome, record.status), (Some(Outcome::Upgraded), Some(status)));
                assert_eq!(record.http_version.as_deref(), Some(http_version), "{context}");
                assert_eq!(record.route.as_deref(), Some("/chat"), "{context}");
                let (close_in, close_out) =
                    if client == Client::Closes { (CLOSE_IN, CLOSE_OUT) } else { (0, 0) };
                let bytes = match handler {
                    GuardTracks | NotesTrack => {
                        (Some(2 * HELLO_IN + close_in), Some(2 * HELLO_OUT + close_out))
                    }
                    GuardOnly | Nothing => (None, Some(0)),
                };
                assert_eq!((record.bytes_in, record.bytes_out), bytes, "{context}");
                let messages = (handler != Nothing).then_some(Scalar::U64(2));
                assert_eq!(record.notes.get("messages"), messages, "{context}");
                assert!(record.duration_us >= record.head_us, "{context}");
            }
        }
    }
}
