//! The one room in which lines of our JSON are read: each is held against the schema of the record, whatever
//! sink it came from.

use crate::schema;
use crate::support::{PATIENCE, request};
use crate::writer::{Order, Stuck, requests, stuck_with, text};
use axum::body::Body;
use http::{Request, Response};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_access_log::{Kind, Record, Sink};
use tracing::instrument::WithSubscriber as _;
use tracing_subscriber::layer::SubscriberExt as _;

/// A record and its number.
///
/// # Panics
/// If the line is no record by the schema.
pub(crate) fn numbered(line: &str) -> (Record<'static>, u64) {
    schema::assert_line(line);
    let (record, seq) = Record::parse(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    (record, seq.unwrap_or_else(|| panic!("a line of a log has a number: {line}")))
}

/// The records of a whole log.
pub(crate) fn records(text: &str) -> Vec<(Record<'static>, u64)> {
    text.lines().map(numbered).collect()
}

/// The complete lines of a log that may still be written, and how many of them are no records: torn ones.
pub(crate) fn read(log: &Path) -> (Vec<(Record<'static>, u64)>, usize) {
    let (lines, torn) = peek(log);
    for (line, ..) in &lines {
        schema::assert_line(line);
    }
    (lines.into_iter().map(|(_, record, seq)| (record, seq)).collect(), torn)
}

/// Whether a log that is being written has a record that is wanted. Only for waiting: the lines are not held
/// against the schema, which would be many times over.
pub(crate) fn last(log: &Path, wanted: impl Fn(&Record<'_>) -> bool) -> Option<Record<'static>> {
    peek(log).0.into_iter().rev().map(|(_, record, _)| record).find(wanted)
}

fn peek(log: &Path) -> (Vec<(String, Record<'static>, u64)>, usize) {
    let bytes = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let whole = &text[..text.rfind('\n').map_or(0, |end| end + 1)];
    let parse = |line: &str| {
        let (record, seq) = Record::parse(line).ok()?;
        Some((line.to_owned(), record, seq?))
    };
    let lines: Vec<_> = whole.lines().filter_map(parse).collect();
    let torn = whole.lines().count() - lines.len();
    (lines, torn)
}

/// A sink in memory whose every line has been held against the schema when it is gone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Capture(Arc<Checked>);

#[derive(Debug, Default)]
struct Checked {
    capture: tower_access_log::Capture,
    is_other_form: bool,
}

impl Drop for Checked {
    fn drop(&mut self) {
        if !self.is_other_form && !std::thread::panicking() {
            schema::assert_lines(&self.capture.text());
        }
    }
}

impl Capture {
    /// For lines that are not our JSON, of which the schema says nothing.
    pub(crate) fn of_another_form() -> Self {
        Self(Arc::new(Checked { capture: tower_access_log::Capture::default(), is_other_form: true }))
    }

    pub(crate) fn sink(&self) -> Sink {
        self.0.capture.sink()
    }

    pub(crate) fn text(&self) -> String {
        self.0.capture.text()
    }

    pub(crate) fn records(&self) -> Vec<Record<'static>> {
        self.0.capture.records()
    }

    pub(crate) fn wait_for(
        &self,
        count: usize,
        within: Duration,
        wanted: impl Fn(&Record<'_>) -> bool,
    ) -> Vec<Record<'static>> {
        self.0.capture.wait_for(count, within, wanted)
    }
}

/// A log with a line of every kind that there is, each valid by the schema.
#[tokio::test]
async fn every_kind_has_lines_by_the_schema() {
    let Stuck { log, orders, entered, taken } =
        stuck_with(|builder| builder.queue_bytes(64 * 1024).start_records(true));
    let subscriber = tracing_subscriber::registry().with(log.events());
    let client = log.calls().layer(service_fn(async |_call: Request<Body>| {
        Ok::<_, std::convert::Infallible>(Response::new(Body::empty()))
    }));
    let service = log.layer().layer(service_fn(move |_request: Request<Body>| {
        let client = client.clone();
        async move {
            tracing::warn!("cache miss");
            client.oneshot(request("GET", "http://search/q")).await
        }
    }));
    let served = service.oneshot(request("GET", "/ok")).with_subscriber(subscriber).await;
    drop(served.unwrap());
    entered.recv_timeout(PATIENCE).unwrap();
    requests(&log, 500).await;
    orders.send(Order::TakeAll).unwrap();
    let report = log.shutdown(PATIENCE).await;
    assert!(report.dropped > 0, "{report:?}");
    let records = records(&text(&taken));
    let kinds: BTreeSet<&str> = records.iter().map(|(record, _)| record.kind.as_str()).collect();
    assert_eq!(kinds, Kind::ALL.iter().map(|kind| kind.as_str()).collect());
}

/// What is read elsewhere is read through this room.
#[test]
fn no_other_room_reads_lines() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/middleware");
    for file in std::fs::read_dir(here).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name != "lines.rs" {
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(!text.contains("Record::parse"), "{name}: read lines by crate::lines");
            let imports =
                text.split("use tower_access_log::").skip(1).filter_map(|rest| rest.split(';').next());
            let has_capture = imports.into_iter().any(|names| names.contains("Capture"));
            let foreign = has_capture || text.contains("tower_access_log::Capture");
            assert!(!foreign, "{name}: use crate::lines::Capture");
        }
    }
}
