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
use std::collections::HashSet;
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
        process(pid, name, &mut json)?;
    }
    let mut flows: HashSet<usize> = HashSet::new();
    for (item, _) in trace.walk() {
        match item {
            Item::Span(span) => {
                let Some(lane) = lanes.spans[span] else { continue };
                slice(trace, span, lane, &mut json)?;
                if let Some(parent) = trace.spans[span].parent
                    && let Some(from) = lanes.spans[parent]
                    && from.pid != lane.pid
                    && flows.insert(span)
                {
                    arrow(trace, (parent, from), (span, lane), &mut json)?;
                }
            }
            Item::Event(event) => {
                let lane = trace.owners[event].and_then(|owner| lanes.spans[owner]).unwrap_or(Lane::OUTSIDE);
                instant(trace, &trace.events[event], lane, &mut json)?;
            }
        }
    }
    json.close(']')?;
    json.close('}')?;
    json.end()?;
    out.write_all(b"\n")
}

fn process(pid: usize, name: &str, json: &mut Build<'_>) -> io::Result<()> {
    json.open('{');
    json.text_of("ph", Some("M"));
    json.text_of("name", Some("process_name"));
    json.plain_of("pid", Some(pid));
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
    let end_us = record.window_us().map_or(trace.end_us, |(_, end_us)| end_us);
    let start_us = record.start_us().unwrap_or(trace.start_us);
    json.plain_of("dur", Some(end_us.saturating_sub(start_us).max(0)));
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

/// From a hop to one below it in another process, at the latter's beginning.
fn arrow(trace: &Trace, from: (usize, Lane), to: (usize, Lane), json: &mut Build<'_>) -> io::Result<()> {
    let at_us = offset_us(trace, trace.spans[to.0].record.start_us());
    for (ph, lane) in [("s", from.1), ("f", to.1)] {
        begin(ph, "calls", at_us, lane, json);
        json.plain_of("id", Some(to.0 + 1));
        json.text_of("bp", (ph == "f").then_some("e"));
        json.close('}')?;
    }
    Ok(())
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
