//! What events say beside their message: errors with their causes, and the fields of spans.

use crate::events::{events, records_of, records_with};
use crate::lines::Capture;
use crate::support::{PATIENCE, captured, keys};
use std::error::Error;
use std::fmt;
use tower_access_log::{AccessLog, EventsLayer, Kind, NoteLimits, Notes, Scalar, note};
use tracing::{field, info, info_span, warn};
use tracing_subscriber::layer::SubscriberExt as _;

/// An error with a cause.
#[derive(Debug)]
struct Failed(&'static str, Option<Box<Failed>>);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Failed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|cause| cause as _)
    }
}

fn failed() -> Failed {
    let refused = Failed("https://u:s3cret@db/photos?key=s3cret: refused", None);
    let query = Failed("no rows", Some(Box::new(refused)));
    Failed("cannot show album 42", Some(Box::new(query)))
}

const CHAIN: &str = "cannot show album 42: no rows: https://db/photos?key=***: refused";

#[tokio::test]
async fn an_error_is_written_with_its_causes() {
    let (log, capture) = captured();
    let records = records_of(log, &capture, || async {
        let failed = failed();
        let error = &failed as &(dyn Error + 'static);
        warn!(error, "as the error of the event");
        warn!(reason = error, "as a note");
        warn!(error = %failed, "as a text");
        warn!(error = 111, "as a number");
    })
    .await;
    let events = events(&records);
    let errors: Vec<_> = events.iter().map(|event| event.error.as_deref()).collect();
    assert_eq!(errors, [Some(CHAIN), None, Some("cannot show album 42"), Some("111")]);
    assert_eq!(events[1].notes.get("reason"), Some(Scalar::Text(CHAIN)));
    assert!(events.iter().all(|event| event.notes.get("error").is_none()), "an error is no note as well");
}

/// A chain is bounded like every text, and what that cuts is counted.
#[tokio::test]
async fn a_long_error_is_cut() {
    let (log, capture) = captured();
    let records = records_of(log, &capture, || async {
        let effect = |cause| Failed("a cause of many, which goes on and on", cause);
        let failed = (0..100)
            .fold(effect(None), |cause, _| Failed("short", Some(Box::new(effect(Some(Box::new(cause)))))));
        warn!(error = &failed as &(dyn Error + 'static));
        warn!(error = "\n".repeat(600));
    })
    .await;
    let events = events(&records);
    let short = events[0].error.as_deref().unwrap();
    assert!(short.starts_with("short: a cause of many, which goes on and on: short: a cause"));
    assert_eq!(short.matches("cause").count(), 8, "of 16 causes, and not of 200");
    assert_eq!((events[0].message.as_deref(), events[0].truncated), (None, None));
    assert_eq!(events[1].error.as_deref().unwrap().len(), 512, "1 KiB as it is written");
    assert_eq!(events[1].truncated, Some(1));
}

#[tokio::test]
async fn a_noted_error_has_its_causes_too() {
    Notes::default().error("inert notes take anything");
    let (log, capture) = captured();
    let records = records_of(log, &capture, || async {
        note::error("a text");
        note::error(String::from("a text of one's own"));
        note::error(std::io::Error::other("an error"));
        let boxed: Box<dyn Error + Send + Sync> = failed().into();
        note::error(&*boxed);
        let failed = failed();
        note::error(&failed);
        drop(failed);
    })
    .await;
    let access = records.iter().find(|record| record.kind == Kind::Access).unwrap();
    assert_eq!(access.error.as_deref(), Some(CHAIN));
}

async fn in_spans() {
    let outer = info_span!("outer", shard = 3, who = "outer", hit = true, late = field::Empty);
    let _entered = outer.enter();
    let inner = info_span!("inner", who = "inner", ratio = 0.5, http.method = %"GET", error = "of the span");
    outer.record("late", 6);
    outer.record("late", 7);
    inner.in_scope(|| {
        warn!(hit = false, "inside");
        warn!(error = "of the event");
    });
    info!("outside of the inner one");
}

#[tokio::test]
async fn fields_of_spans_are_written_if_asked() {
    let (log, capture) = captured();
    let records = records_with(log, &capture, |log| log.events().span_fields(), in_spans).await;
    let events = events(&records);
    let expected = [
        ("hit", Scalar::Bool(false)),
        ("who", Scalar::Text("inner")),
        ("ratio", Scalar::F64(0.5)),
        ("http_method", Scalar::Text("GET")),
        ("shard", Scalar::U64(3)),
        ("late", Scalar::U64(7)),
    ];
    assert_eq!(events[0].notes.iter().collect::<Vec<_>>(), expected);
    assert_eq!(events[0].error.as_deref(), Some("of the span"));
    assert_eq!(events[1].error.as_deref(), Some("of the event"));
    assert_eq!(events[2].notes.get("who"), Some(Scalar::Text("outer")));
    assert_eq!((events[2].notes.get("ratio"), events[2].error.as_deref()), (None, None));

    let (log, capture) = captured();
    let records = records_of(log, &capture, in_spans).await;
    let notes: Vec<_> = records[0].notes.iter().collect();
    assert_eq!((notes, records[0].error.as_deref()), (vec![("hit", Scalar::Bool(false))], None));
}

#[tokio::test]
async fn fields_of_spans_have_the_limits_of_notes() {
    let capture = Capture::default();
    let limits = NoteLimits { count_max: 2, value_bytes_max: 4, total_bytes_max: 100 };
    let log = AccessLog::new("photos").note_limits(limits).sink(capture.sink()).build().unwrap();
    let work = || async { info_span!("span", a = "12345", b = 1, c = 1).in_scope(|| warn!(x = 1, "event")) };
    let records = records_with(log, &capture, |log| log.events().span_fields(), work).await;
    let event = events(&records)[0];
    assert_eq!(event.notes.iter().collect::<Vec<_>>(), [("x", Scalar::U64(1)), ("a", Scalar::Text("1234"))]);
    assert_eq!((event.truncated, event.notes_dropped), (Some(1), Some(2)), "a was cut, b and c dropped");
}

/// Two logs may have different ideas of what must not be written.
#[test]
fn each_log_keeps_its_own_fields_of_a_span() {
    let (one, one_capture) = captured();
    let two_capture = Capture::default();
    let two = AccessLog::new("photos").fingerprint_keys(keys()).sink(two_capture.sink()).build().unwrap();
    let subscriber = |one: EventsLayer, two: EventsLayer| tracing_subscriber::registry().with(one).with(two);
    let both = subscriber(one.events().span_fields(), two.events().span_fields());
    tracing::subscriber::with_default(both, || {
        info_span!("span", url = "https://photos/a?page=2&token=3").in_scope(|| warn!("event"));
    });
    one.shutdown_blocking(PATIENCE);
    two.shutdown_blocking(PATIENCE);
    let url = |capture: &Capture| capture.records()[0].notes.get("url").map(|url| format!("{url:?}"));
    assert_eq!(url(&one_capture).unwrap(), r#"Text("https://photos/a?page=2&token=***")"#);
    assert_eq!(url(&two_capture).unwrap(), r#"Text("https://photos/a?page=***&token=***")"#);
}
