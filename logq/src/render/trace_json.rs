//! A trace as one JSON object, flat: hops and events in arrays, parents by their place in them, so that no
//! reader needs to recurse. Times are microseconds after the beginning of the trace.

use super::build::Build;
use super::picture;
use crate::trace::{Certainty, Gap, Record, Role, Skew, Span, Trace};
use jiff::Timestamp;
use std::io::{self, Write};

/// Writes the object of a trace and a line end.
pub fn trace_json(trace: &Trace, id: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut json = Build::new(out);
    json.open('{');
    members(trace, id, &mut json)?;
    json.close('}')?;
    json.end()?;
    out.write_all(b"\n")
}

/// The members of that object.
pub(super) fn members(trace: &Trace, id: &str, json: &mut Build<'_>) -> io::Result<()> {
    json.text_of("id", Some(id));
    let start = Timestamp::from_microsecond(trace.start_us).ok().map(|start| start.to_string());
    json.text_of("start", start.as_deref());
    json.plain_of("start_us", Some(trace.start_us));
    json.plain_of("duration_us", Some(trace.end_us.abs_diff(trace.start_us)));
    json.key("spans");
    json.open('[');
    for span in &trace.spans {
        json.open('{');
        hop(trace, span, json)?;
        json.close('}')?;
    }
    json.close(']')?;
    json.key("events");
    json.open('[');
    for (at, event) in trace.events.iter().enumerate() {
        json.open('{');
        json.plain_of("parent", trace.owners[at]);
        json.plain_of("offset_us", event.ts_us.map(|us| us.saturating_sub(trace.start_us)));
        json.plain_of("is_guess", trace.guessed_events[at].then_some(true));
        record(event, json)?;
        json.close('}')?;
    }
    json.close(']')?;
    json.key("skews");
    json.open('[');
    for skew in &trace.skews {
        json.open('{');
        clock(skew, json);
        json.close('}')?;
    }
    json.close(']')?;
    json.key("gaps");
    json.open('[');
    for gap in &trace.gaps {
        json.open('{');
        missing(trace, gap, json);
        json.close('}')?;
    }
    json.close(']')
}

/// Its kind, where it stands in the tree and in time; then its record.
fn hop(trace: &Trace, span: &Span, json: &mut Build<'_>) -> io::Result<()> {
    let hop = &span.record;
    let kind = match hop.role {
        Role::Call => "call",
        Role::Start => "start",
        Role::Access | Role::Event => "access",
    };
    json.text_of("kind", Some(kind));
    json.plain_of("parent", span.parent);
    json.plain_of("call", span.call);
    json.plain_of("offset_us", hop.start_us().map(|us| us.saturating_sub(trace.start_us)));
    json.plain_of("duration_us", hop.duration_us);
    json.plain_of("own_us", span.own_us());
    json.plain_of("is_critical", span.is_critical.then_some(true));
    json.plain_of("is_guess", span.is_guess.then_some(true));
    for (name, parts) in [("own", &span.own), ("critical", &span.critical)] {
        if parts.is_empty() {
            continue;
        }
        json.key(name);
        json.open('[');
        for (from_us, until_us) in parts {
            json.open('[');
            json.plain(from_us.saturating_sub(trace.start_us));
            json.plain(until_us.saturating_sub(trace.start_us));
            json.close(']')?;
        }
        json.close(']')?;
    }
    record(hop, json)
}

/// What a record says, under the contract's names; absent is unknown.
pub(super) fn record(record: &Record, json: &mut Build<'_>) -> io::Result<()> {
    let texts = [
        ("level", &record.level),
        ("service", &record.service),
        ("host", &record.host),
        ("release", &record.release),
        ("request_id", &record.request_id),
        ("trace_id", &record.trace_id),
        ("span_id", &record.span_id),
        ("parent_id", &record.parent_id),
        ("user_id", &record.user_id),
        ("api_key", &record.api_key),
        ("api_method", &record.api_method),
        ("method", &record.method),
        ("authority", &record.authority),
        ("path", &record.path),
        ("route", &record.route),
        ("outcome", &record.outcome),
        ("message", &record.message),
        ("error", &record.error),
    ];
    for (name, text) in texts {
        json.text_of(name, text.as_deref());
    }
    for (name, text) in [("status", &record.status), ("sample_rate", &record.sample_rate)] {
        match text.as_deref().map(str::parse::<u32>) {
            Some(Ok(number)) => json.plain_of(name, Some(number)),
            _ => json.text_of(name, text.as_deref()),
        }
    }
    if !record.flags.is_empty() {
        json.key("flags");
        json.open('[');
        record.flags.iter().for_each(|flag| json.text(flag));
        json.close(']')?;
    }
    if !record.notes.is_empty() {
        json.key("notes");
        json.open('{');
        record.notes.iter().for_each(|(name, value)| json.text_of(name, Some(value)));
        json.close('}')?;
    }
    json.plain_of("clock_ahead_us", (record.shift_us != 0).then_some(record.shift_us));
    json.text_of("file", Some(&record.file));
    json.plain_of("line", (record.line > 0).then_some(record.line));
    Ok(())
}

fn clock(skew: &Skew, json: &mut Build<'_>) {
    json.text_of("clock", Some(&skew.clock));
    json.text_of("than", Some(&skew.than));
    json.plain_of("ahead_us", Some(skew.ahead_us));
    match skew.certainty {
        Certainty::Within(within_us) => json.plain_of("within_us", Some(within_us)),
        Certainty::AtLeast => json.plain_of("is_at_least", Some(true)),
        Certainty::Contradiction => json.plain_of("is_contradiction", Some(true)),
    }
    json.text_of("text", Some(&picture::clock(skew)));
}

fn missing(trace: &Trace, gap: &Gap, json: &mut Build<'_>) {
    let (kind, span) = match gap {
        Gap::Parent { span, .. } => ("parent", Some(*span)),
        Gap::End { span } => ("end", Some(*span)),
        Gap::Loop { span } => ("loop", Some(*span)),
        Gap::Early { span, .. } => ("early", Some(*span)),
        Gap::Owner { .. } => ("owner", None),
        Gap::Deep { .. } => ("deep", None),
        Gap::Guessed { .. } => ("guessed", None),
        Gap::Lost { .. } => ("lost", None),
    };
    json.text_of("kind", Some(kind));
    json.plain_of("span", span);
    json.text_of("text", Some(&picture::sentence(trace, gap)));
}

#[cfg(test)]
mod tests;
