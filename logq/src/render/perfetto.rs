//! A trace as a file of the Trace Event Format (JSON), which Perfetto, `chrome://tracing` and others open:
//! a process for each service on each host, on whose tracks requests and calls are slices, events are
//! instants, and arrows go from service to service.
//!
//! Source: "Trace Event Format", Google. Times are microseconds after the beginning of the trace.

mod lanes;

use super::build::Build;
use super::trace_json;
use crate::trace::{Item, Record, Role, Trace};
use lanes::{Lane, Lanes};
use std::io::{self, Write};

/// Writes the file's one object and a line end.
pub fn perfetto(trace: &Trace, id: &str, out: &mut dyn Write) -> io::Result<()> {
    let lanes = Lanes::of(trace);
    let mut json = Build::new(out);
    json.open('{');
    json.text_of("displayTimeUnit", Some("ms"));
    json.key("otherData");
    json.open('{');
    json.text_of("id", Some(id));
    json.plain_of("start_us", Some(trace.start_us));
    json.close('}')?;
    json.key("traceEvents");
    json.open('[');
    for (pid, name) in (1..).zip(&lanes.names) {
        called("process_name", Lane { pid, tid: 0 }, name, &mut json)?;
    }
    for lane in &lanes.all {
        called("thread_name", *lane, &format!("requests {}", lane.tid), &mut json)?;
    }
    for (_, mark) in marks(trace, &lanes) {
        match mark {
            Mark::Slice(span, lane) => slice(trace, span, lane, &mut json)?,
            Mark::Instant(event, lane) => instant(trace, &trace.events[event], lane, &mut json)?,
            Mark::ArrowEnd { ph, at_us, lane, to } => {
                begin(ph, "calls", offset_us(trace, Some(at_us)), lane, &mut json);
                json.plain_of("id", Some(to + 1));
                json.text_of("bp", (ph == "f").then_some("e"));
                json.close('}')?;
            }
        }
    }
    json.close(']')?;
    json.close('}')?;
    json.end()?;
    out.write_all(b"\n")
}

/// Something on a track.
#[derive(Clone, Copy)]
enum Mark {
    Slice(usize, Lane),
    Instant(usize, Lane),
    /// An arrow to this hop begins (`s`) or ends (`f`).
    ArrowEnd {
        ph: &'static str,
        at_us: i64,
        lane: Lane,
        to: usize,
    },
}

/// Everything in order of time, as viewers want it: of slices that begin together the outer one first, and arrows
/// behind the slices that they touch.
fn marks(trace: &Trace, lanes: &Lanes) -> Vec<((i64, u8, i64), Mark)> {
    let mut marks = Vec::with_capacity(trace.spans.len() + trace.events.len());
    for (item, _) in trace.walk() {
        match item {
            Item::Span(span) => {
                let Some(lane) = lanes.spans[span] else { continue };
                let (start_us, end_us) = lanes::window(trace, span);
                marks.push(((start_us, 0, end_us.saturating_neg()), Mark::Slice(span, lane)));
                for end @ (ph, at_us, lane) in arrow(trace, lanes, span).into_iter().flatten() {
                    let rank = if end.0 == "s" { 2 } else { 3 };
                    marks.push(((at_us, rank, 0), Mark::ArrowEnd { ph, at_us, lane, to: span }));
                }
            }
            Item::Event(event) => {
                let lane = trace.owners[event].and_then(|owner| lanes.spans[owner]);
                let at_us = trace.events[event].ts_us.unwrap_or(trace.start_us);
                marks.push(((at_us, 1, 0), Mark::Instant(event, lane.unwrap_or(lanes.outside))));
            }
        }
    }
    marks.sort_by_key(|(key, _)| *key);
    marks
}

/// The ends of the arrow to a hop from the one above it, where that is in another process. It leaves the slice there
/// when the hop begins, or where the slice ends before; what began before its caller has none.
fn arrow(trace: &Trace, lanes: &Lanes, span: usize) -> Option<[(&'static str, i64, Lane); 2]> {
    let parent = trace.spans[span].parent?;
    let (from, to) = (lanes.spans[parent]?, lanes.spans[span]?);
    let (parent_us, at_us) = (lanes::window(trace, parent), lanes::window(trace, span).0);
    let is_one = from.pid != to.pid && parent_us.0 <= at_us;
    is_one.then_some([("s", at_us.min(parent_us.1), from), ("f", at_us, to)])
}

/// The name of a process or of a track.
fn called(what: &str, lane: Lane, name: &str, json: &mut Build<'_>) -> io::Result<()> {
    json.open('{');
    json.text_of("ph", Some("M"));
    json.text_of("name", Some(what));
    json.plain_of("pid", Some(lane.pid));
    json.plain_of("tid", (lane.tid > 0).then_some(lane.tid));
    json.key("args");
    json.open('{');
    json.text_of("name", Some(name));
    json.close('}')?;
    json.close('}')
}

/// What every event has. `ph` is its phase.
fn begin(ph: &str, name: &str, at_us: i64, lane: Lane, json: &mut Build<'_>) {
    json.open('{');
    json.text_of("ph", Some(ph));
    json.text_of("name", Some(name));
    json.text_of("cat", Some("request"));
    json.plain_of("ts", Some(at_us));
    json.plain_of("pid", Some(lane.pid));
    json.plain_of("tid", Some(lane.tid));
}

fn slice(trace: &Trace, span: usize, lane: Lane, json: &mut Build<'_>) -> io::Result<()> {
    let (hop, record) = (&trace.spans[span], &trace.spans[span].record);
    begin("X", &name(record), offset_us(trace, record.start_us()), lane, json);
    let (start_us, end_us) = lanes::window(trace, span);
    json.plain_of("dur", Some(end_us.saturating_sub(start_us)));
    // Names that both viewers know.
    let colour = match record.severity() {
        "error" => Some("terrible"),
        "warn" => Some("bad"),
        _ => None,
    };
    json.text_of("cname", colour);
    json.key("args");
    json.open('{');
    json.plain_of("own_us", hop.own_us());
    json.plain_of("is_critical", hop.is_critical.then_some(true));
    json.plain_of("is_guess", hop.is_guess.then_some(true));
    trace_json::record(record, json)?;
    json.close('}')?;
    json.close('}')
}

fn instant(trace: &Trace, event: &Record, lane: Lane, json: &mut Build<'_>) -> io::Result<()> {
    let name = event.message.as_deref().unwrap_or("event");
    begin("i", name, offset_us(trace, event.ts_us), lane, json);
    json.text_of("s", Some("t"));
    json.key("args");
    json.open('{');
    trace_json::record(event, json)?;
    json.close('}')?;
    json.close('}')
}

fn offset_us(trace: &Trace, us: Option<i64>) -> i64 {
    us.unwrap_or(trace.start_us).saturating_sub(trace.start_us)
}

/// `GET /photos/{user} → 500`, or how it ended.
fn name(record: &Record) -> String {
    let place = match record.role {
        Role::Call => record.authority.as_deref().into_iter().chain(record.path.as_deref()).collect(),
        _ => record.route.as_deref().or(record.path.as_deref()).unwrap_or_default().to_owned(),
    };
    let arrow = if record.role == Role::Call { "→ " } else { "" };
    let method = record.method.as_deref().unwrap_or_default();
    let ended = record.status.as_deref().or(record.outcome.as_deref());
    let ended = ended.map_or_else(String::new, |ended| format!(" → {ended}"));
    let name = format!("{arrow}{method} {place}{ended}").trim().to_owned();
    if name.is_empty() { "request".to_owned() } else { name }
}

#[cfg(test)]
mod tests;
