//! Events carry the ids of the request they happened in, wherever it is they happen.

use crate::lines::Capture;
use crate::support::{PATIENCE, captured, request};
use axum::body::Body;
use http::{Request, Response};
use std::convert::Infallible;
use std::fmt;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_access_log::{AccessLog, EventsLayer, Kind, Level, Record, Scalar, note};
use tracing::instrument::WithSubscriber as _;
use tracing::{Instrument as _, debug, error, info, info_span, trace, warn};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;

/// Runs a request whose handler is `work`, with the log's events as the subscriber.
pub(crate) async fn records_of<F>(log: AccessLog, capture: &Capture, work: fn() -> F) -> Vec<Record<'static>>
where
    F: Future<Output = ()> + Send + 'static,
{
    records_with(log, capture, AccessLog::events, work).await
}

/// The same with other settings of the events.
pub(crate) async fn records_with<F>(
    log: AccessLog,
    capture: &Capture,
    layer: fn(&AccessLog) -> EventsLayer,
    work: fn() -> F,
) -> Vec<Record<'static>>
where
    F: Future<Output = ()> + Send + 'static,
{
    let subscriber = tracing_subscriber::registry().with(layer(&log));
    let service = log.layer().layer(service_fn(move |_request: Request<Body>| async move {
        work().await;
        Ok::<_, Infallible>(Response::new(Body::empty()))
    }));
    service.oneshot(request("GET", "/")).with_subscriber(subscriber).await.unwrap();
    assert_eq!(log.shutdown(PATIENCE).await.unflushed, 0);
    capture.records()
}

pub(crate) fn events<'r>(records: &'r [Record<'static>]) -> Vec<&'r Record<'static>> {
    records.iter().filter(|record| record.kind == Kind::Event).collect()
}

#[tokio::test]
async fn an_event_has_the_ids_and_its_typed_fields() {
    let (log, capture) = captured();
    let records = records_of(log, &capture, || async {
        note::user_id(5555);
        note::api_key("an API key");
        note::api_method("flickr.photos.search");
        warn!(key = "album:42", hit = false, age_ms = 250, ratio = 0.5, http.method = %"GET", "cache {}", "miss");
    })
    .await;
    let access = records.iter().find(|record| record.kind == Kind::Access).unwrap();
    let events = events(&records);
    assert_eq!(events.len(), 1);
    let event = events[0];
    assert_eq!(event.level, Level::Warn);
    assert_eq!(event.message.as_deref(), Some("cache miss"));
    assert!(event.target.as_deref().unwrap().ends_with("events"));
    assert_eq!(event.request_id, access.request_id);
    assert_eq!((event.trace_id, event.span_id), (access.trace_id, access.span_id));
    assert!(event.trace_id.is_some() && event.span_id.is_some());
    assert_eq!(event.user_id.as_deref(), Some("5555"));
    assert_eq!(event.api_key, access.api_key);
    assert_eq!(event.api_method.as_deref(), Some("flickr.photos.search"));
    let expected = [
        ("key", Scalar::Text("album:42")),
        ("hit", Scalar::Bool(false)),
        ("age_ms", Scalar::U64(250)),
        ("ratio", Scalar::F64(0.5)),
        ("http_method", Scalar::Text("GET")),
    ];
    assert_eq!(event.notes.iter().collect::<Vec<_>>(), expected);
}

/// A task of its own keeps the ids through the span it is instrumented with, and only then.
#[tokio::test]
async fn an_instrumented_task_keeps_the_ids() {
    let (log, capture) = captured();
    let records = records_of(log, &capture, || async {
        let span = info_span!("mail");
        let task = async { info!("instrumented") }.instrument(span).with_current_subscriber();
        tokio::spawn(task).await.unwrap();
        tokio::spawn(async { info!("bare") }.with_current_subscriber()).await.unwrap();
    })
    .await;
    let events = events(&records);
    let access = records.iter().find(|record| record.kind == Kind::Access).unwrap();
    assert_eq!(events[0].message.as_deref(), Some("instrumented"));
    assert_eq!(events[0].request_id, access.request_id);
    assert_eq!(events[1].message.as_deref(), Some("bare"));
    assert_eq!(events[1].request_id, None);
}

#[tokio::test]
async fn an_event_outside_of_a_request_is_written_without_ids() {
    let (log, capture) = captured();
    let subscriber = tracing_subscriber::registry().with(log.events());
    tracing::subscriber::with_default(subscriber, || error!("started badly"));
    log.shutdown(PATIENCE).await;
    let records = capture.records();
    assert_eq!(records[0].message.as_deref(), Some("started badly"));
    assert_eq!((records[0].level, records[0].trace_id), (Level::Error, None));
}

#[tokio::test]
async fn levels_and_targets_decide() {
    let messages = |configure: fn(&AccessLog) -> EventsLayer| {
        let (log, capture) = captured();
        let subscriber = tracing_subscriber::registry().with(configure(&log));
        tracing::subscriber::with_default(subscriber, || {
            trace!("trace");
            debug!("debug");
            info!("info");
            info!(target: "h2::codec", "h2");
            warn!("warn");
        });
        log.shutdown_blocking(PATIENCE);
        let records = capture.records();
        records.iter().filter_map(|record| record.message.clone()).collect::<Vec<_>>()
    };
    assert_eq!(messages(AccessLog::events), ["info", "h2", "warn"]);
    assert_eq!(messages(|log| log.events().level(LevelFilter::DEBUG)), ["debug", "info", "h2", "warn"]);
    assert_eq!(messages(|log| log.events().level(LevelFilter::WARN)), ["warn"]);
    let targets = |log: &AccessLog| {
        let targets = Targets::new().with_default(LevelFilter::TRACE).with_target("h2", LevelFilter::OFF);
        log.events().targets(targets)
    };
    assert_eq!(messages(targets), ["trace", "debug", "info", "warn"]);
}

/// No key can stand twice, whatever the fields are called, and no field can break the line.
#[tokio::test]
async fn fields_cannot_break_the_line() {
    let (log, capture) = captured();
    let records = records_of(log, &capture, || async {
        let forged = "x\"},\"user_id\":\"admin\n{\u{1b}[2J\u{202e}";
        warn!(status = 200, kind = "access", Status = 1, %forged, "{forged}");
        warn!(same = 1, same = 2, "twice");
    })
    .await;
    let events = events(&records);
    assert_eq!(events[0].user_id, None);
    assert_eq!(events[0].notes.get("status"), Some(Scalar::U64(1)), "the last of names that become the same");
    assert_eq!(events[1].notes.iter().collect::<Vec<_>>(), [("same", Scalar::U64(2))]);
    let text = capture.text();
    assert_eq!(text.lines().count(), records.len());
    assert!(!text.contains(['\u{1b}', '\u{202e}']));
}

/// A value whose formatter logs, and one whose formatter fails, cost nothing but themselves.
#[tokio::test]
async fn formatters_may_log_and_fail() {
    struct Logs;
    impl fmt::Debug for Logs {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            info!("from inside");
            f.write_str("logged")
        }
    }
    struct Fails;
    impl fmt::Display for Fails {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("part")?;
            Err(fmt::Error)
        }
    }
    let (log, capture) = captured();
    let records = records_of(log, &capture, || async {
        warn!(value = ?Logs, "outer");
        warn!(value = %Fails, "failing");
    })
    .await;
    let events = events(&records);
    let messages: Vec<_> = events.iter().filter_map(|event| event.message.as_deref()).collect();
    // `tracing` itself keeps a scoped subscriber from being entered again, so the inner event is not seen.
    assert_eq!(messages, ["outer", "failing"]);
    assert_eq!(events[0].notes.get("value"), Some(Scalar::Text("logged")));
    assert_eq!(events[1].notes.get("value"), Some(Scalar::Text("part")));
}
