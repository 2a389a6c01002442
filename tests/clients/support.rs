//! Logs to look into.

use crate::schema;
use std::time::Duration;
use tower_access_log::{AccessLog, Capture, Kind, Record};

/// How long a test waits for something that takes a moment.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A log that keeps its records in memory.
pub(crate) fn captured(service: &str) -> (AccessLog, Capture) {
    let capture = Capture::default();
    (AccessLog::new(service).sink(capture.sink()).build().unwrap(), capture)
}

/// Waits for as many records of a kind, shuts the log down, and returns them if there are no more.
pub(crate) async fn records(
    log: AccessLog,
    capture: &Capture,
    kind: Kind,
    count: usize,
) -> Vec<Record<'static>> {
    let seen = capture.clone();
    let waiting = move || seen.wait_for(count, PATIENCE, |record| record.kind == kind);
    assert_eq!(tokio::task::spawn_blocking(waiting).await.unwrap().len(), count);
    let report = log.shutdown(PATIENCE).await;
    assert_eq!((report.dropped, report.unflushed), (0, 0));
    schema::assert_lines(&capture.text());
    let found: Vec<_> = capture.records().into_iter().filter(|record| record.kind == kind).collect();
    assert_eq!(found.len(), count, "{found:?}");
    found
}
