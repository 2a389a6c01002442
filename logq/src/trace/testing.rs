//! Traces out of lines, and what is in them as one line of text.

use super::{Item, Loss, Record, Role, Trace};
use crate::facts::Facts;
use crate::testing::row;
use std::fmt::Write as _;

/// The trace of lines, among which there may be losses.
pub(super) fn trace<L: AsRef<str>>(lines: &[L]) -> Trace {
    let facts = Facts::new();
    let losses: Vec<Loss> = lines.iter().filter_map(|line| Loss::of(&row(line.as_ref()), &facts)).collect();
    let records = lines.iter().map(|line| row(line.as_ref())).filter(|row| Loss::of(row, &facts).is_none());
    Trace::new(records.map(|row| Record::of(&row, &facts)), &losses)
}

/// The line of a hop: its kind, service and host (`photos@b`), ids (`b1<a1`, either may be absent), from when
/// to when in milliseconds, and further fields.
pub(super) fn hop(kind: &str, who: &str, ids: &str, (from_ms, until_ms): (i64, i64), more: &str) -> String {
    let (service, host) = who.split_once('@').unwrap_or((who, ""));
    let (span, parent) = ids.split_once('<').unwrap_or((ids, ""));
    let ts_us = 1_795_000_000_000_000 + until_ms * 1000;
    let ts = jiff::Timestamp::from_microsecond(ts_us).unwrap();
    let mut line = format!(r#"{{"kind":"{kind}","ts":"{ts}","request_id":"r1""#);
    for (name, value) in [("service", service), ("host", host), ("span_id", span), ("parent_id", parent)] {
        if !value.is_empty() {
            let _infallible = write!(line, r#","{name}":"{value}""#);
        }
    }
    if kind != "event" && kind != "start" {
        let _infallible = write!(line, r#","duration_us":{}"#, (until_ms - from_ms) * 1000);
    }
    line + more + "}"
}

/// One word for each item, a dot for each level above it.
pub(super) fn outline(trace: &Trace) -> String {
    let mut outline = String::new();
    for (item, depth) in trace.walk() {
        let (mark, record) = match item {
            Item::Span(span) => (
                if trace.spans[span].record.role == Role::Call { ">" } else { "" },
                &trace.spans[span].record,
            ),
            Item::Event(event) => ("!", &trace.events[event]),
        };
        let name = record.service.as_deref().or(record.message.as_deref()).unwrap_or("?");
        let _infallible = write!(outline, "{}{mark}{name} ", ".".repeat(depth));
    }
    outline.trim_end().to_owned()
}
