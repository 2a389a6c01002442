//! The server: one route that says hello, and the layer of its mode around it.

use axum::{Router, routing::get};
use rustix::time::{ClockId, clock_gettime};
use std::fs::File;
use std::io::{self, BufRead as _, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;
use tokio::net::TcpListener;
use tower_access_log::{AccessLog, Sink};
use tower_http::LatencyUnit;
use tower_http::trace::{DefaultMakeSpan, DefaultOnResponse, TraceLayer};
use tracing::Level;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Bare,
    Ours,
    Peer,
}

impl Mode {
    pub(crate) const ALL: [Self; 3] = [Self::Bare, Self::Ours, Self::Peer];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Ours => "ours",
            Self::Peer => "peer",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Bare => "axum hello-world",
            Self::Ours => "access log into a file",
            Self::Peer => "TraceLayer + JSON into a file",
        }
    }
}

/// How long the log may take to write what is queued.
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves until standard input ends.
pub(crate) fn serve(mode: &str, path: &Path) -> io::Result<()> {
    let mode = Mode::ALL.into_iter().find(|known| known.name() == mode);
    let mode = mode.ok_or_else(|| io::Error::other("no such mode"))?;
    let file = File::create(path)?;
    let app = Router::new().route("/", get(async || "Hello, World!"));
    let mut log = None;
    let app = match mode {
        Mode::Bare => app,
        Mode::Ours => {
            let built = AccessLog::new("hello").sink(Sink::file(path)?).build().map_err(io::Error::other)?;
            let app = app.layer(built.layer());
            log = Some(built);
            app
        }
        Mode::Peer => {
            tracing_subscriber::registry()
                .with(tracing_subscriber::filter::LevelFilter::INFO)
                .with(
                    tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(Mutex::new(file)),
                )
                .init();
            app.layer(
                TraceLayer::new_for_http()
                    .make_span_with(DefaultMakeSpan::new().level(Level::INFO))
                    .on_response(
                        DefaultOnResponse::new().level(Level::INFO).latency_unit(LatencyUnit::Micros),
                    ),
            )
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    writeln!(io::stdout(), "{}", listener.local_addr()?)?;
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    runtime.spawn(async { axum::serve(listener, app).await });

    for line in io::stdin().lock().lines() {
        line?;
        if log.as_ref().is_some_and(|log| !log.flush_blocking(PATIENCE)) {
            return Err(io::Error::other("the log did not keep up"));
        }
        writeln!(io::stdout(), "{}", cpu_ns())?;
    }
    drop(runtime);
    match log.map(|log| log.shutdown_blocking(PATIENCE)) {
        // Dropping records would be a cheap way to be fast.
        Some(report) if report.dropped + report.unflushed > 0 => Err(io::Error::other(format!("{report:?}"))),
        _ => Ok(()),
    }
}

/// CPU time of all threads of this process so far.
fn cpu_ns() -> u64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    u64::try_from(time.tv_sec * 1_000_000_000 + time.tv_nsec).unwrap_or(0)
}
