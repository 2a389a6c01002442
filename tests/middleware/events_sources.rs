//! Events from other places than a handler: the `log` crate, spans that live on after their request, and
//! the thread of the writer.

use crate::events::{events, records_of, records_with};
use crate::support::{PATIENCE, captured, infallible, request};
use axum::body::Body;
use http::{Request, Response};
use std::convert::Infallible;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_access_log::{AccessLog, Kind, Level, Notes, Scalar, Sink};
use tracing::instrument::WithSubscriber as _;
use tracing::{Dispatch, Instrument as _, Span, info, info_span, warn, warn_span};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

/// Makes records of the `log` crate events, once for all tests.
fn trace_logs() {
    static TRACES: OnceLock<()> = OnceLock::new();
    TRACES.get_or_init(|| tracing_log::LogTracer::init().unwrap());
}

async fn old_library() {
    log::warn!(target: "r2d2::pool", "lost https://u:s3cret@db/photos?key=s3cret");
    log::info!(target: "r2d2::idle", "idle");
    log::debug!(target: "r2d2::pool", "checked");
    log::error!(target: &"long".repeat(100), "of a long name");
    warn!(target: "log", { log.file = "a.rs" }, "not of the `log` crate");
}

#[tokio::test]
async fn records_of_the_log_crate_arrive() {
    trace_logs();
    let (log, capture) = captured();
    let records = records_of(log, &capture, old_library).await;
    let access = records.iter().find(|record| record.kind == Kind::Access).unwrap();
    let events = events(&records);
    assert_eq!(events.len(), 4);
    assert_eq!(events[0].target.as_deref(), Some("r2d2::pool"));
    assert_eq!(events[0].message.as_deref(), Some("lost https://db/photos?key=***"));
    assert_eq!((events[0].level, &events[0].request_id), (Level::Warn, &access.request_id));
    assert!(access.request_id.is_some());
    assert!(events[..3].iter().all(|event| event.notes.is_empty()), "where they come from is no note");
    assert_eq!((events[2].target.as_deref().map(str::len), events[2].truncated), (Some(256), Some(1)));
    assert_eq!(events[3].notes.get("log_file"), Some(Scalar::Text("a.rs")));
}

#[tokio::test]
async fn records_of_the_log_crate_are_chosen_by_the_target_they_have() {
    trace_logs();
    let (log, capture) = captured();
    let layer = |log: &AccessLog| {
        let targets = Targets::new().with_target("r2d2", LevelFilter::DEBUG);
        log.events().targets(targets.with_target("r2d2::idle", LevelFilter::OFF))
    };
    let records = records_with(log, &capture, layer, old_library).await;
    let messages: Vec<_> = events(&records).iter().filter_map(|event| event.message.as_deref()).collect();
    assert_eq!(messages, ["lost https://db/photos?key=***", "checked"]);
}

/// A span that a task keeps does not hold the request's record up, and has its ids afterwards.
#[tokio::test]
async fn a_span_outlives_its_request() {
    let (log, capture) = captured();
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(log.events()));
    let kept = Arc::new(Mutex::new(Span::none()));
    let keep = kept.clone();
    let service = log.layer().layer(service_fn(move |_request: Request<Body>| {
        *keep.lock().unwrap() = info_span!("mail");
        std::future::ready(Ok::<_, Infallible>(Response::new(Body::empty())))
    }));
    service.oneshot(request("GET", "/")).with_subscriber(dispatch.clone()).await.unwrap();
    assert_eq!((log.report().made, log.statistics().in_flight), (1, 0));

    // A child that is made outside of the request finds it through its parent.
    let span = std::mem::replace(&mut *kept.lock().unwrap(), Span::none());
    let task = async move {
        let child = info_span!(parent: &span, "attempt");
        async { info!("sent") }.instrument(child).await;
        drop(span);
    };
    tokio::spawn(task.with_subscriber(dispatch)).await.unwrap();
    log.shutdown(PATIENCE).await;
    let records = capture.records();
    assert_eq!((records[0].kind, records[1].kind), (Kind::Access, Kind::Event));
    assert_eq!(records[1].message.as_deref(), Some("sent"));
    assert!(records[1].request_id.is_some());
    assert_eq!(records[1].request_id, records[0].request_id);
    assert_eq!((records[1].trace_id, records[1].span_id), (records[0].trace_id, records[0].span_id));
}

/// The request that runs now wins over a span of another one.
#[tokio::test]
async fn a_span_of_another_request_does_not_lend_its_ids() {
    let (log, capture) = captured();
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(log.events()));
    let first = Arc::new(Mutex::new(Span::none()));
    let span = first.clone();
    let service = log.layer().layer(service_fn(move |request: Request<Body>| {
        let mut span = span.lock().unwrap();
        let id = request.extensions().get::<Notes>().and_then(Notes::request_id).unwrap_or_default();
        if span.is_none() {
            *span = info_span!("shared connection");
        } else {
            span.in_scope(|| info!(id, "reused"));
        }
        std::future::ready(Ok::<_, Infallible>(Response::new(Body::empty())))
    }));
    for _ in 0..2 {
        service.clone().oneshot(request("GET", "/")).with_subscriber(dispatch.clone()).await.unwrap();
    }
    log.shutdown(PATIENCE).await;
    let records = capture.records();
    let event = events(&records)[0];
    assert_eq!(event.notes.get("id"), event.request_id.as_deref().map(Scalar::Text));
    assert_ne!(event.request_id, records[0].request_id);
}

/// Levels of the layer choose events and leave spans alone; filters take the spans away, too.
#[tokio::test]
async fn filters_take_the_ids_out_of_tasks() {
    async fn ids_in_a_task(subscriber: impl FnOnce(&AccessLog) -> Dispatch) -> [bool; 2] {
        let (log, capture) = captured();
        let service = log.layer().layer(service_fn(async |_request: Request<Body>| {
            let warn = || async { warn!("in a task") };
            for span in [info_span!("quiet"), warn_span!("loud")] {
                tokio::spawn(warn().instrument(span).with_current_subscriber()).await.unwrap();
            }
            Ok::<_, Infallible>(Response::new(Body::empty()))
        }));
        service.oneshot(request("GET", "/")).with_subscriber(subscriber(&log)).await.unwrap();
        log.shutdown(PATIENCE).await;
        let records = capture.records();
        let events = events(&records);
        [events[0].request_id.is_some(), events[1].request_id.is_some()]
    }
    let level =
        |log: &AccessLog| tracing_subscriber::registry().with(log.events().level(LevelFilter::WARN)).into();
    assert_eq!(ids_in_a_task(level).await, [true, true]);
    let own = |log: &AccessLog| {
        tracing_subscriber::registry().with(log.events().with_filter(LevelFilter::WARN)).into()
    };
    assert_eq!(ids_in_a_task(own).await, [false, true]);
    let whole =
        |log: &AccessLog| tracing_subscriber::registry().with(LevelFilter::WARN).with(log.events()).into();
    assert_eq!(ids_in_a_task(whole).await, [false, true]);
}

/// A sink that logs about its own writes, as clients of networks do.
struct Chatty {
    subscriber: Arc<OnceLock<Dispatch>>,
    raised: Arc<AtomicU64>,
    taken: Arc<Mutex<Vec<u8>>>,
}

impl Write for Chatty {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(subscriber) = self.subscriber.get() {
            tracing::dispatcher::with_default(subscriber, || {
                info_span!("sink", bytes = bytes.len()).in_scope(|| warn!("from the writer's thread"));
                self.raised.fetch_add(1, Ordering::Relaxed);
            });
        }
        self.taken.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn events_of_the_writer_thread_are_not_written() {
    let (subscriber, raised) = (Arc::new(OnceLock::new()), Arc::new(AtomicU64::new(0)));
    let taken = Arc::new(Mutex::new(Vec::new()));
    let sink = Chatty { subscriber: subscriber.clone(), raised: raised.clone(), taken: taken.clone() };
    let log = AccessLog::new("photos").sink(Sink::writer(sink)).build().unwrap();
    subscriber.set(Dispatch::new(tracing_subscriber::registry().with(log.events().span_fields()))).unwrap();
    for _ in 0..3 {
        log.layer().layer(service_fn(infallible)).oneshot(request("GET", "/empty")).await.unwrap();
        assert!(log.flush(PATIENCE).await);
    }
    let report = log.shutdown(PATIENCE).await;
    assert!(raised.load(Ordering::Relaxed) >= 3);
    assert_eq!(report.made, 4, "three requests and the end");
    let text = crate::writer::text(&taken);
    assert!(crate::lines::records(&text).iter().all(|(record, _)| record.kind != Kind::Event), "{text}");
}
