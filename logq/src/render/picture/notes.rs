//! What is said between the bars: events at their place, what was folded, and with `-v` what each hop noted.

use super::line::Line;
use crate::escape;
use crate::level;
use crate::render::units;
use crate::trace::{Fold, Record, Span, Trace};
use std::fmt::Write as _;

/// The usual levels stand in one column.
const LEVEL_COLUMNS: usize = 5;

/// `· 12.3 ms  WARN  cache miss  key=u:5555`
pub(super) fn event(trace: &Trace, event: &Record, is_guess: bool, line: &mut Line) {
    line.push(if is_guess { "~" } else { "·" });
    if let Some(ts_us) = event.ts_us {
        let after = ts_us.saturating_sub(trace.start_us);
        line.push(&format!(" {}", units::duration(u64::try_from(after).unwrap_or(0))));
    }
    let mut gap = "  ";
    if let Some(level) = &event.level {
        let shown = level::shown(level);
        line.push(gap);
        line.push_level(level, &units::fit(&escape::text(&shown), LEVEL_COLUMNS));
        gap = " ";
    }
    let texts = [&event.message, &event.error].into_iter().flatten();
    let texts = texts.map(|text| escape::text(text).into_owned());
    for text in texts.chain(pairs(event)) {
        line.push(&format!("{gap}{text}"));
        gap = "  ";
    }
}

/// `⋯ 37 more like this, 12.0-40.0 ms`
pub(super) fn fold(fold: &Fold, line: &mut Line) {
    line.push_dim(&fold_text(fold));
}

/// The same as a text.
pub(in crate::render) fn fold_text(fold: &Fold) -> String {
    let mut text = format!("⋯ {} more like this", fold.items);
    if let (Some(least_us), Some(most_us)) = (fold.least_us, fold.most_us) {
        let what = if fold.is_events { ", at " } else { ", " };
        text.push_str(what);
        text.push_str(&units::pair(least_us, "-", most_us));
    }
    if fold.below > 0 {
        let _infallible = write!(text, ", with {} records below them", fold.below);
    }
    text
}

/// What a hop has to say with `-v`, if it has: its own time, error, flags and notes.
pub(super) fn of_hop(span: &Span) -> Option<String> {
    let record = &span.record;
    let own = span.own_us().filter(|_| !span.items.is_empty());
    let own = own.map(|us| format!("own time {}", units::duration(us)));
    let error = record.error.as_ref().map(|error| format!("error: {}", escape::text(error)));
    let flags = record.flags.iter().map(|flag| format!("flag {}", escape::text(flag)));
    let texts: Vec<String> = own.into_iter().chain(error).chain(flags).chain(pairs(record)).collect();
    (!texts.is_empty()).then(|| texts.join("  "))
}

fn pairs(record: &Record) -> impl Iterator<Item = String> + '_ {
    record.notes.iter().map(|(name, value)| format!("{}={}", escape::text(name), escape::text(value)))
}
