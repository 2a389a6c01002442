//! What is compared: one small service, alone and below each of the layers.
//! The service answers 200 with 44 bytes of JSON.

#![expect(clippy::unwrap_used, reason = "a bench that cannot run has nothing to say")]

use crate::requests::{Requests, X_REQUEST_ID};
use bytes::Bytes;
use http::header::{HOST, HeaderName, USER_AGENT};
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt as _, Full};
use std::convert::Infallible;
use std::fmt::Debug;
use std::fs::{self, File};
use std::hint::black_box;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};
use std::time::Duration;
use tower::{Layer, Service, ServiceExt as _, service_fn};
use tower_access_log::{AccessLog, Keys, Sampling, Sink, note};
use tower_http::LatencyUnit;
use tower_http::trace::{DefaultOnResponse, TraceLayer};
use tracing::{Level, Span, field, info_span, warn};
use tracing_subscriber::fmt::{MakeWriter, layer};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Bare,
    NoOp,
    OursDiscarded,
    OursFile,
    OursSampledOut,
    OursWarn,
    OursWarns,
    PeerDiscarded,
    PeerFile,
    PeerWarn,
    PeerWarns,
}

/// How many events a request has in the modes that have many: ten more than one.
pub(crate) const MANY: u32 = 11;

impl Mode {
    pub(crate) const ALL: [Self; 11] = [
        Self::Bare,
        Self::NoOp,
        Self::OursDiscarded,
        Self::OursFile,
        Self::OursSampledOut,
        Self::OursWarn,
        Self::OursWarns,
        Self::PeerDiscarded,
        Self::PeerFile,
        Self::PeerWarn,
        Self::PeerWarns,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::NoOp => "no-op",
            Self::OursDiscarded => "ours-discarded",
            Self::OursFile => "ours-file",
            Self::OursSampledOut => "ours-sampled-out",
            Self::OursWarn => "ours-warn",
            Self::OursWarns => "ours-warns",
            Self::PeerDiscarded => "peer-discarded",
            Self::PeerFile => "peer-file",
            Self::PeerWarn => "peer-warn",
            Self::PeerWarns => "peer-warns",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Bare => "service alone",
            Self::NoOp => "no-op layer that wraps the body",
            Self::OursDiscarded => "access log, 5 notes, discarded",
            Self::OursFile => "access log, 5 notes, file",
            Self::OursSampledOut => "access log, 5 notes, file, sampled out",
            Self::OursWarn => "access log, 5 notes, file, one warn!",
            Self::OursWarns => "access log, 5 notes, file, eleven warn!",
            Self::PeerDiscarded => "TraceLayer + JSON + 3 Span::record, discarded",
            Self::PeerFile => "TraceLayer + JSON + 3 Span::record, file",
            Self::PeerWarn => "TraceLayer + JSON + 3 Span::record, file, one warn!",
            Self::PeerWarns => "TraceLayer + JSON + 3 Span::record, file, eleven warn!",
        }
    }

    /// The mode that does the usual way what this one does our way.
    pub(crate) fn peer(self) -> Option<Self> {
        match self {
            Self::OursDiscarded => Some(Self::PeerDiscarded),
            Self::OursFile => Some(Self::PeerFile),
            Self::OursWarn => Some(Self::PeerWarn),
            Self::OursWarns => Some(Self::PeerWarns),
            _ => None,
        }
    }

    fn sampling(self) -> Sampling {
        let sampling = Sampling::new();
        if self == Self::OursSampledOut {
            // Every rule is asked, and none keeps it.
            sampling.keep_errors().keep_slower_than(Duration::from_hours(1)).keep_user("none").skip_rest()
        } else {
            sampling
        }
    }

    /// How many events each request has.
    fn events(self) -> u32 {
        match self {
            Self::OursWarn | Self::PeerWarn => 1,
            Self::OursWarns | Self::PeerWarns => MANY,
            _ => 0,
        }
    }
}

/// What a mode took.
#[derive(Clone, Copy)]
pub(crate) struct Ran {
    /// By how much the reading grew.
    pub(crate) total: u64,
    /// Bytes a request that it logged to its file.
    pub(crate) bytes: u64,
}

/// Runs one mode. `read` is read before and after the requests, when the log has written them.
pub(crate) fn run(mode: Mode, requests: u32, read: fn() -> u64) -> io::Result<Ran> {
    let file = File::create(path(mode))?;
    let block = BLOCK / (mode.events() + 1);
    let meter = Meter { requests, block, read };
    let total = match mode {
        Mode::Bare => meter.measure(&service_fn(quiet), || true),
        Mode::NoOp => meter
            .measure(&service_fn(quiet).map_response(|response: Response<_>| response.map(Wrapped)), || true),
        Mode::OursDiscarded => ours(&meter, Sink::writer(io::sink()), mode)?,
        Mode::OursFile | Mode::OursSampledOut | Mode::OursWarn | Mode::OursWarns => {
            ours(&meter, Sink::file(path(mode))?, mode)?
        }
        Mode::PeerDiscarded => peer(&meter, io::sink, mode),
        Mode::PeerFile | Mode::PeerWarn | Mode::PeerWarns => peer(&meter, Mutex::new(file), mode),
    };
    let bytes = fs::metadata(path(mode))?.len() / u64::from(requests + block);
    fs::remove_file(path(mode))?;
    Ok(Ran { total, bytes })
}

/// A file of its own, where the target folder is.
fn path(mode: Mode) -> PathBuf {
    let name = format!("layer-{}-{}.log", mode.name(), std::process::id());
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn ours(meter: &Meter, sink: Sink, mode: Mode) -> io::Result<u64> {
    let log = AccessLog::new("photos")
        .release("2026.11.21-1")
        .host("www394")
        .fingerprint_keys(Keys::parse(&format!("k1:{}", "07".repeat(32))).map_err(io::Error::other)?)
        .query_params(["page"])
        .sampling(mode.sampling())
        .sink(sink)
        .build()
        .map_err(io::Error::other)?;
    let flush = || log.flush_blocking(Duration::from_secs(10));
    let events = mode.events();
    let total = if events > 0 {
        tracing_subscriber::registry().with(log.events()).init();
        let handler = |request| {
            ours_notes();
            warn_times(events);
            quiet(request)
        };
        meter.measure(&log.layer().layer(service_fn(handler)), flush)
    } else {
        let handler = |request| {
            ours_notes();
            quiet(request)
        };
        meter.measure(&log.layer().layer(service_fn(handler)), flush)
    };
    let report = log.shutdown_blocking(Duration::from_secs(10));
    // Dropping records would be a cheap way to be fast.
    assert_eq!(report.dropped, 0, "{report:?}");
    Ok(total)
}

fn ours_notes() {
    note::user_id(5555);
    note::api_key("sk_live_51H8example");
    note::api_method("flickr.photos.search");
    note::set("album", 42);
    note::add("db_queries", 1);
}

fn peer<W>(meter: &Meter, writer: W, mode: Mode) -> u64
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let json = layer().json().flatten_event(true).with_current_span(true).with_span_list(false);
    tracing_subscriber::registry()
        .with(tracing_subscriber::filter::LevelFilter::INFO)
        .with(json.with_writer(writer))
        .init();
    let trace = TraceLayer::new_for_http()
        .make_span_with(request_span)
        .on_response(DefaultOnResponse::new().level(Level::INFO).latency_unit(LatencyUnit::Micros));
    let events = mode.events();
    if events > 0 {
        let handler = |request| {
            peer_notes();
            warn_times(events);
            quiet(request)
        };
        meter.measure(&trace.layer(service_fn(handler)), || true)
    } else {
        let handler = |request| {
            peer_notes();
            quiet(request)
        };
        meter.measure(&trace.layer(service_fn(handler)), || true)
    }
}

fn request_span<B>(request: &Request<B>) -> Span {
    let header = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    info_span!(
        "request",
        method = %request.method(),
        path = request.uri().path(),
        version = ?request.version(),
        host = header(HOST),
        user_agent = header(USER_AGENT),
        request_id = header(X_REQUEST_ID),
        user_id = field::Empty,
        api_key = field::Empty,
        api_method = field::Empty,
    )
}

fn peer_notes() {
    let span = Span::current();
    span.record("user_id", 5555);
    // The peer has no fingerprints; one that costs nothing stands for them.
    span.record("api_key", "k1:mzxw6ytboi4dq2lmnf2g");
    span.record("api_method", "flickr.photos.search");
}

fn warn_times(events: u32) {
    for _ in 0..events {
        warn!(key = "allspaw:2", waited_ms = 12, "cache miss");
    }
}

async fn quiet<B>(_request: Request<B>) -> Result<Response<Full<Bytes>>, Infallible> {
    const BODY: &[u8; 44] = br#"{"photos":[17,42],"page":2,"next":"/page/3"}"#;
    Ok(Response::new(Full::new(Bytes::from_static(BODY))))
}

/// Reads before and after.
struct Meter {
    requests: u32,
    /// How many of them are flushed at a time.
    block: u32,
    read: fn() -> u64,
}

/// So many lines are flushed at a time: they fit into the log's queue, so none is dropped
/// because this machine is busy elsewhere.
const BLOCK: u32 = 5_000;

impl Meter {
    fn measure<S, B>(&self, service: &S, flush: impl Fn() -> bool) -> u64
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone,
        S::Error: Debug,
        B: Body,
        B::Error: Debug,
    {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let requests = Requests::new();
        let mut left = self.requests;
        let mut before = None;
        while left > 0 {
            // The first block only warms up.
            let count = left.min(self.block);
            runtime.block_on(drive(service, &requests, count));
            assert!(flush(), "the log did not keep up");
            if before.is_some() {
                left -= count;
            }
            before = before.or_else(|| Some((self.read)()));
        }
        (self.read)() - before.unwrap_or(0)
    }
}

async fn drive<S, B>(service: &S, requests: &Requests, count: u32)
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone,
    S::Error: Debug,
    B: Body,
    B::Error: Debug,
{
    for _ in 0..count {
        let response = service.clone().oneshot(requests.next()).await.unwrap();
        let body = response.into_body().collect().await.unwrap();
        black_box(body.to_bytes());
    }
}

/// A body that does nothing but pass on.
struct Wrapped(Full<Bytes>);

impl Body for Wrapped {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.0).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}
