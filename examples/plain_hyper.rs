//! The layer without axum: a hyper server that says itself whose socket it is.
//!
//!     LISTEN=127.0.0.1:3000 cargo run --example plain_hyper
//!
//! Records go to standard output, ready for `| logq 'status>=400'` or a log shipper.

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::{Request, Response, StatusCode};
use hyper_util::{rt::TokioIo, server::graceful::GracefulShutdown, service::TowerToHyperService};
use std::{convert::Infallible, env, time::Duration};
use tokio::net::TcpListener;
use tower::{Layer as _, service_fn};
use tower_access_log::{AccessLog, PeerAddr, Sink, note};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listen = env::var("LISTEN").unwrap_or("127.0.0.1:3000".to_owned());
    let log = AccessLog::new("plain").sink(Sink::stdout()?).build()?;
    let service = log.layer().layer(service_fn(greet));

    let listener = TcpListener::bind(listen).await?;
    let connections = GracefulShutdown::new();
    loop {
        let (stream, peer) = tokio::select! {
            // A client that is gone before it is accepted is no reason to stop serving the others.
            accepted = listener.accept() => match accepted { Ok(accepted) => accepted, Err(_) => continue },
            _ = tokio::signal::ctrl_c() => break,
        };
        let mut service = service.clone();
        let with_peer = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(PeerAddr(peer));
            tower::Service::call(&mut service, request)
        });
        let service = TowerToHyperService::new(with_peer);
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        // How it ended is in the log.
        tokio::spawn(connections.watch(connection));
    }
    // First the requests, then the log: what ends after the log is not in it.
    connections.shutdown().await;
    log.shutdown(Duration::from_secs(5)).await;
    Ok(())
}

async fn greet(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    note::set("path_bytes", request.uri().path().len());
    let known = request.uri().path() == "/";
    let mut response = Response::new(Full::from(if known { "hello\n" } else { "no such page\n" }));
    if !known {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    Ok(response)
}
