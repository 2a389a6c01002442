//! The heading of a picture: which request it was, how it ended, and who asked for what with which key.

use super::{label, units};
use crate::escape;
use crate::trace::{Record, Trace};
use jiff::tz::TimeZone;

/// How far the lines behind the first one are indented: as wide as the id is.
const INDENT: usize = 10;
/// Columns of what was asked for, at least, and of the status or outcome, at most.
const ASKED_COLUMNS_MIN: usize = 8;
const ENDED_COLUMNS_MAX: usize = 20;

/// `4bf92f35…  GET /photos/allspaw → 500 in 312 ms      user 5555   key k1:mzxw6ytb…`, on as many lines as
/// the columns need, each part cut to what one line can hold.
pub(super) fn lines(trace: &Trace, id: &str, zone: &TimeZone, columns: usize) -> Vec<String> {
    let first = |get: fn(&Record) -> Option<&String>| {
        let hops = trace.first_span(|record| get(record).is_some());
        hops.and_then(get).map(|text| escape::text(text).into_owned())
    };
    let id = short(&escape::text(id));
    let asked = summary(trace, columns.saturating_sub(units::width(&id) + 2));
    let named = [
        ("user ", first(|record| record.user_id.as_ref())),
        ("key ", first(|record| record.api_key.as_ref()).map(|key| units::short_key(&key))),
        ("", first(|record| record.api_method.as_ref())),
        ("release ", first(|record| record.release.as_ref())),
        ("began ", (trace.start_us != 0).then(|| units::time(trace.start_us, zone))),
    ];
    let mut lines = vec![format!("{id}  {asked}").trim_end().to_owned()];
    for (what, text) in named {
        let Some(text) = text else { continue };
        let part = units::cut(&format!("{what}{text}"), columns.saturating_sub(INDENT));
        match lines.last_mut() {
            Some(line) if units::width(line) + 3 + units::width(&part) <= columns => {
                line.push_str("   ");
                line.push_str(&part);
            }
            _ => lines.push(format!("{}{part}", " ".repeat(INDENT))),
        }
    }
    lines
}

/// What was asked for and what came of it, in so many columns if that can be: the latter is kept.
fn summary(trace: &Trace, columns: usize) -> String {
    let Some(root) = trace.first_span(|_| true) else {
        return String::new();
    };
    let status = root.status.as_ref().map(|status| escape::text(status).into_owned());
    let status = units::cut(&status.unwrap_or_else(|| label::ending(root)), ENDED_COLUMNS_MAX);
    let status = if status.is_empty() { status } else { format!(" → {status}") };
    let duration = root.duration_us.map_or_else(String::new, |us| format!(" in {}", units::duration(us)));
    let ended = status + &duration;
    let asked = [&root.method, &root.path];
    let asked: Vec<_> = asked.into_iter().flatten().map(|text| escape::text(text)).collect();
    let left = columns.saturating_sub(units::width(&ended)).max(ASKED_COLUMNS_MIN);
    format!("{}{ended}", units::cut(&asked.join(" "), left)).trim_start().to_owned()
}

/// The beginning of an id is enough to know it by.
fn short(id: &str) -> String {
    let mut chars = id.chars();
    let head: String = chars.by_ref().take(8).collect();
    if chars.count() > 4 { format!("{head}…") } else { id.to_owned() }
}
