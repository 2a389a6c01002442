//! A small service with an access log: one record per request, however it ends.
//!
//!     LISTEN=127.0.0.1:3000 LOG=hello.log cargo run --example hello
//!
//! Then try the endings from outside: `curl localhost:3000/ok`, `/stream`, `/slow` (and give up),
//! `/panic`, `/body-error`; with `-I`, with `--http2-prior-knowledge`. Each leaves one line in the log.

use axum::{Router, body::Body, routing::get};
use futures_util::{StreamExt as _, stream};
use std::{env, io, net::SocketAddr, time::Duration};
use tokio::{net::TcpListener, time};
use tower_access_log::{AccessLog, Notes, Sink};
use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listen = env::var("LISTEN").unwrap_or("127.0.0.1:3000".to_owned());
    let path = env::var("LOG").unwrap_or("hello.log".to_owned());

    let log = AccessLog::new("hello").release(env!("CARGO_PKG_VERSION")).sink(Sink::file(path)?).build()?;
    tracing_subscriber::registry().with(log.events()).init();
    let app = Router::new()
        .route("/ok", get(ok))
        .route("/stream", get(stream))
        .route("/slow", get(slow))
        .route("/panic", get(panic))
        .route("/body-error", get(body_error))
        .layer(log.layer());

    let listener = TcpListener::bind(listen).await?;
    tracing::info!(address = %listener.local_addr()?, "listening");
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).with_graceful_shutdown(interrupted()).await?;
    log.shutdown(Duration::from_secs(5)).await;
    Ok(())
}

async fn ok(notes: Notes) -> &'static str {
    notes.user_id(5555);
    tracing::warn!(key = "greeting", "cache miss");
    "hello\n"
}

/// Twenty lines in two seconds.
async fn stream() -> Body {
    let ticks = stream::unfold(time::interval(Duration::from_millis(100)), async |mut interval| {
        interval.tick().await;
        Some((Ok::<_, io::Error>("tick\n"), interval))
    });
    Body::from_stream(ticks.take(20))
}

async fn slow() -> &'static str {
    tracing::info!("this takes ten seconds");
    time::sleep(Duration::from_secs(10)).await;
    "at last\n"
}

async fn panic() {
    panic!("a handler's mistake");
}

async fn body_error() -> Body {
    Body::from_stream(stream::iter([Ok("half\n"), Err(io::Error::other("disk gone"))]))
}

async fn interrupted() {
    // Without signals the server runs until it is killed; the log then says so by having no stop record.
    let _no_signals = tokio::signal::ctrl_c().await;
}
