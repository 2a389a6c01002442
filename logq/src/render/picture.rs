//! A request as a picture: a line for each hop, with a bar from when to when, and what was said between
//! them. The figures are exact; a bar begins where its time says, but always to the right of the bar it
//! belongs below, so that the tree can be read.

mod axis;
mod bar;
mod gaps;
mod heading;
mod label;
mod line;
mod notes;

use super::theme::Theme;
use super::units;
use crate::trace::{Gap, Item, Row, Trace, What};
use axis::Axis;
pub(super) use gaps::{clock, sentence};
use jiff::tz::TimeZone;
use label::Labels;
use line::Line;
pub(super) use notes::fold_text;
use std::collections::HashSet;
use std::io::{self, Write};

/// Columns that bars have, if there are as many; of a narrow terminal a fifth, and never fewer than these.
const BAR_COLUMNS: usize = 20;
const BAR_COLUMNS_MIN: usize = 8;
/// Columns that an event has at least, however deep it stands; of a narrow terminal half.
const EVENT_COLUMNS_MIN: usize = 40;
/// How far a bar begins behind that of its parent, at most.
const STEP_MAX: usize = 3;

/// How a picture is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// How wide it may be.
    pub columns: usize,
    /// Colour or none.
    pub theme: Theme,
    /// Whether each hop's notes, flags and own time are shown.
    pub verbose: bool,
    /// Whether siblings that are alike are shown one by one.
    pub unfold: bool,
}

/// Draws a trace, whose beginning is said in this zone.
pub fn picture(
    trace: &Trace,
    id: &str,
    (look, zone): (Look, &TimeZone),
    out: &mut dyn Write,
) -> io::Result<()> {
    let Look { columns, theme, .. } = look;
    for line in heading::lines(trace, id, zone, columns) {
        writeln!(out, "{line}")?;
    }
    let mut rows = if look.unfold { trace.rows() } else { trace.rows_folded() };
    if look.unfold {
        rows.retain(|row| matches!(row.what, What::Item(_)));
    }
    let bar_columns_min = (columns / 5).clamp(BAR_COLUMNS_MIN, BAR_COLUMNS);
    let labels = Labels::of(trace, &rows, columns.saturating_sub(bar_columns_min));
    let bar_columns = columns.saturating_sub(labels.columns()).max(bar_columns_min);
    let axis = Axis::new(trace.start_us, trace.end_us, bar_columns);
    writeln!(out, "{}", theme.dim(&units::cut(&axis.ticks(), columns)))?;
    let depth_max = rows.iter().map(|row| row.depth).max().unwrap_or(0);
    let step = (bar_columns / (2 * depth_max.max(1))).clamp(1, STEP_MAX);
    let early = trace.gaps.iter().filter_map(|gap| match gap {
        Gap::Early { span, .. } => Some(*span),
        _ => None,
    });
    Picture { trace, labels, axis, step, look, early: early.collect() }.draw(&rows, out)?;
    if trace.spans.iter().any(|span| span.parent.is_some()) {
        writeln!(out, "{}", theme.dim(&bar::legend(columns)))?;
    }
    for line in gaps::told(trace) {
        let mut told = Line::new();
        told.push("");
        told.push_level("warn", &line);
        told.wrapped(columns, theme).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(())
}

struct Picture<'a> {
    trace: &'a Trace,
    labels: Labels,
    axis: Axis,
    step: usize,
    look: Look,
    /// Hops that began long before what they hang below, and are drawn below it all the same.
    early: HashSet<usize>,
}

impl Picture<'_> {
    fn draw(&self, rows: &[Row], out: &mut dyn Write) -> io::Result<()> {
        // Where the bars begin of the hops above the current line.
        let mut above: Vec<usize> = Vec::new();
        for row in rows {
            above.truncate(row.depth);
            let mut line = Line::new();
            match &row.what {
                What::Item(Item::Span(span)) => {
                    let begin = self.begin(*span, above.last().copied());
                    let first = if self.early.contains(span) { bar::EARLIER } else { bar::BEGIN };
                    let cells = guides(&above);
                    bar::push(&self.trace.spans[*span], (begin, first), cells, &self.axis, &mut line);
                    self.labels.push(&self.trace.spans[*span], &mut line);
                    above.push(begin);
                    self.write(&line, &row.what, out)?;
                    self.notes(*span, &above, out)?;
                    continue;
                }
                What::Item(Item::Event(event)) => {
                    self.indent(&above, &mut line);
                    let is_guess = self.trace.guessed_events[*event];
                    notes::event(self.trace, &self.trace.events[*event], is_guess, &mut line);
                }
                What::Fold(fold) => {
                    self.indent(&above, &mut line);
                    notes::fold(fold, &mut line);
                }
            }
            self.write(&line, &row.what, out)?;
        }
        Ok(())
    }

    /// Bars are cut to the terminal; with `-v` what was said goes on below itself.
    fn write(&self, line: &Line, what: &What, out: &mut dyn Write) -> io::Result<()> {
        let Look { columns, theme, verbose, .. } = self.look;
        if verbose && matches!(what, What::Item(Item::Event(_))) {
            return line.wrapped(columns, theme).iter().try_for_each(|line| writeln!(out, "{line}"));
        }
        writeln!(out, "{}", line.shown(columns, theme))
    }

    /// With `-v` what a hop noted stands below its bar.
    fn notes(&self, span: usize, above: &[usize], out: &mut dyn Write) -> io::Result<()> {
        if !self.look.verbose {
            return Ok(());
        }
        let Some(text) = notes::of_hop(&self.trace.spans[span]) else { return Ok(()) };
        let mut line = Line::new();
        self.indent(above, &mut line);
        line.push_dim(&text);
        let lines = line.wrapped(self.look.columns, self.look.theme);
        lines.iter().try_for_each(|line| writeln!(out, "{line}"))
    }

    fn begin(&self, span: usize, parent: Option<usize>) -> usize {
        let start_us = self.trace.spans[span].record.start_us().unwrap_or(self.trace.start_us);
        let least = parent.map_or(0, |parent| parent + self.step);
        self.axis.column(start_us).max(least).min(self.axis.columns - 2)
    }

    fn indent(&self, above: &[usize], line: &mut Line) {
        let columns = self.look.columns;
        let mut cells = guides(above);
        let indent = above.last().map_or(0, |begin| begin + STEP_MAX);
        cells.resize(indent.min(columns - EVENT_COLUMNS_MIN.min(columns / 2)), ' ');
        line.push(&cells.iter().collect::<String>());
    }
}

/// A line down from the beginning of each hop above. Beginnings only move right, and where the terminal
/// ends they stay: of however many hops, only the different ones are drawn.
fn guides(above: &[usize]) -> Vec<char> {
    let Some(last) = above.last() else {
        return Vec::new();
    };
    let mut cells = vec![' '; last + 1];
    cells[*last] = '│';
    for begin in above.iter().take_while(|begin| *begin < last) {
        cells[*begin] = '│';
    }
    cells
}

#[cfg(test)]
mod tests;
