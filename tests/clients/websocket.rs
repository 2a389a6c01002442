//! axum's own `WebSocket`: the guard stands beside it, in HTTP/1 and HTTP/2.

use crate::support::{PATIENCE, captured, records};
use axum::Router;
use axum::body::Body;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::any;
use futures_util::{SinkExt as _, StreamExt as _};
use http::{Method, Request};
use hyper::ext::Protocol;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::net::SocketAddr;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use tower_access_log::{Capture, Kind, Notes, Outcome, Scalar};

async fn chat(notes: Notes, upgrade: WebSocketUpgrade) -> Response {
    let guard = notes.upgrade_guard();
    upgrade.on_upgrade(async move |mut socket: WebSocket| {
        while let Some(Ok(message)) = socket.recv().await {
            notes.add("messages", 1);
            notes.add("message_bytes", message.into_data().len());
        }
        drop(guard);
    })
}

async fn over_http_1(addr: SocketAddr) -> WebSocketStream<TcpStream> {
    let stream = TcpStream::connect(addr).await.unwrap();
    tokio_tungstenite::client_async(format!("ws://{addr}/chat"), stream).await.unwrap().0
}

async fn over_http_2(addr: SocketAddr) -> WebSocketStream<impl AsyncRead + AsyncWrite + Unpin> {
    let io = TokioIo::new(TcpStream::connect(addr).await.unwrap());
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    // The server's settings say that it takes this; until they are there the client may not ask.
    let asking = async {
        loop {
            let head = Request::builder().method(Method::CONNECT).uri(format!("http://{addr}/chat"));
            let head = head.header("sec-websocket-version", "13");
            let head = head.extension(Protocol::from_static("websocket")).body(Body::empty()).unwrap();
            if let Ok(response) = sender.send_request(head).await {
                return response;
            }
            tokio::task::yield_now().await;
        }
    };
    let response = tokio::time::timeout(PATIENCE, asking).await.unwrap();
    let upgraded = hyper::upgrade::on(response).await.unwrap();
    WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, None).await
}

async fn converse<IO: AsyncRead + AsyncWrite + Unpin>(mut socket: WebSocketStream<IO>, capture: &Capture) {
    for _ in 0..2 {
        socket.send(Message::text("hello")).await.unwrap();
    }
    socket.send(Message::Ping("?".into())).await.unwrap();
    assert!(socket.next().await.unwrap().unwrap().is_pong(), "the server has read what came before");
    assert!(capture.records().is_empty(), "the conversation goes on");
    socket.close(None).await.unwrap();
    while socket.next().await.is_some() {}
}

#[tokio::test]
async fn a_conversation_by_axum_is_one_record() {
    for (is_http_2, status) in [(false, 101), (true, 200)] {
        let (log, capture) = captured("chat");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let router = Router::new().route("/chat", any(chat)).layer(log.layer());
        tokio::spawn(axum::serve(listener, router).into_future());
        if is_http_2 {
            converse(over_http_2(addr).await, &capture).await;
        } else {
            converse(over_http_1(addr).await, &capture).await;
        }
        let record = records(log, &capture, Kind::Access, 1).await.remove(0);
        assert_eq!((record.outcome, record.status), (Some(Outcome::Upgraded), Some(status)));
        // Two texts, a ping and the close.
        assert_eq!(record.notes.get("messages"), Some(Scalar::U64(4)));
        assert_eq!(record.notes.get("message_bytes"), Some(Scalar::U64(11)));
        assert!(record.duration_us >= record.head_us);
    }
}
