//! The bar of a hop: from when to when, which part of it was its own time, and which part of that lies on
//! the critical path. The three are told apart by their strokes; colour only repeats it.

use super::axis::Axis;
use super::line::Line;
use crate::render::units;
use crate::trace::Span;

/// While something below it ran.
const BELOW: char = '─';
/// While it did something itself.
const OWN: char = '━';
/// The same, on the critical path.
const CRITICAL: char = '═';
/// While nobody knows.
const UNKNOWN: char = '╌';

/// What the strokes mean.
const LEGEND: &str = "═ own time on the critical path   ━ own time   ─ time of what is below";
const LEGEND_SHORT: &str = "═ own, critical   ━ own   ─ below";

/// What the strokes mean, in so many columns.
pub(super) fn legend(columns: usize) -> String {
    if units::width(LEGEND) <= columns { LEGEND.to_owned() } else { units::cut(LEGEND_SHORT, columns) }
}

/// Where a hop began, and where one stands that began long before.
pub(super) const BEGIN: char = '├';
pub(super) const EARLIER: char = '‹';

/// Appends the bar of a hop from a column on, which has its first sign, behind the lines of the hops above it, as wide as the axis.
pub(super) fn push(
    span: &Span,
    (begin, first): (usize, char),
    guides: Vec<char>,
    axis: &Axis,
    line: &mut Line,
) {
    let mut cells = guides;
    cells.resize(axis.columns, ' ');
    let last = axis.columns - 1;
    let window_us = span.record.window_us();
    let end = window_us.map_or(last, |(_, end_us)| axis.column(end_us).clamp(begin + 1, last));
    cells[begin] = first;
    cells[end] = if window_us.is_some() { '┤' } else { '?' };
    cells[begin + 1..end].fill(if window_us.is_some() { BELOW } else { UNKNOWN });
    for (parts, stroke) in [(&span.own, OWN), (&span.critical, CRITICAL)] {
        for (from_us, until_us) in parts {
            let from = axis.column(*from_us).clamp(begin + 1, end);
            let until = axis.column(*until_us).clamp(from, end);
            cells[from..until].fill(stroke);
        }
    }
    for run in cells.chunk_by(|a, b| (*a == CRITICAL) == (*b == CRITICAL)) {
        let text: String = run.iter().collect();
        if run[0] == CRITICAL { line.push_strong(&text) } else { line.push(&text) }
    }
}
