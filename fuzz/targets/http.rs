//! Any bytes through hyper's HTTP/1 server: exactly one record for each request that reaches the service.

#![no_main]

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use libfuzzer_sys::fuzz_target;
use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tower::{Layer as _, service_fn};
use tower_access_log::{AccessLog, Sink, note};

thread_local! {
    static LOG: AccessLog =
        AccessLog::new("fuzz").sink(Sink::writer(std::io::sink())).build().expect("these settings are right");
    static RUNTIME: tokio::runtime::Runtime =
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime needs no driver here");
}

fuzz_target!(|data: &[u8]| {
    LOG.with(|log| RUNTIME.with(|runtime| runtime.block_on(one_connection(log, data))));
});

async fn one_connection(log: &AccessLog, data: &[u8]) {
    let before = log.statistics();
    assert_eq!(before.in_flight, 0);
    let reached = Rc::new(Cell::new(0));
    let counted = reached.clone();
    let service = log.layer().layer(service_fn(move |request: Request<Incoming>| {
        counted.set(counted.get() + 1);
        async move {
            note::user_id(request.uri().path());
            let body = request.into_body().collect().await.map(|body| body.to_bytes().len());
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(format!("{body:?}")))))
        }
    }));
    let (mut client, server) = tokio::io::duplex(64 * 1024);
    let served = async {
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(server), TowerToHyperService::new(service));
        // Bad requests are the connection's errors, not ours.
        let _bad_request = connection.await;
    };
    let asked = async {
        let _closed_early = client.write_all(data).await;
        let _closed_early = client.shutdown().await;
        let mut answers = Vec::new();
        let _closed_early = client.read_to_end(&mut answers).await;
    };
    tokio::join!(served, asked);
    let after = log.statistics();
    assert_eq!(after.in_flight, 0);
    assert_eq!(after.made - before.made, reached.get(), "one record for each request that was reached");
}
