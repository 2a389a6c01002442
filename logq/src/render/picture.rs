//! A request as a picture: a line for each hop, with a bar from when to when, and what was said between
//! them. The figures are exact; a bar begins where its time says, but always to the right of the bar it
//! belongs below, so that the tree can be read.

mod axis;
mod gaps;
mod heading;
mod label;
mod line;

use super::theme::Theme;
use super::units;
use crate::escape;
use crate::level;
use crate::trace::{Item, Record, Trace};
use axis::Axis;
use label::Labels;
use line::Line;
use std::io::{self, Write};

/// Columns that bars have at least, however narrow the terminal.
const BAR_COLUMNS_MIN: usize = 20;
/// Columns that an event has at least, however deep it stands; of a narrow terminal half.
const EVENT_COLUMNS_MIN: usize = 40;
/// The usual levels stand in one column.
const LEVEL_COLUMNS: usize = 5;
/// How far a bar begins behind that of its parent, at most.
const STEP_MAX: usize = 3;

/// Draws a trace in so many columns.
pub fn picture(trace: &Trace, id: &str, columns: usize, theme: Theme, out: &mut dyn Write) -> io::Result<()> {
    for line in heading::lines(trace, id, columns) {
        writeln!(out, "{line}")?;
    }
    let labels = Labels::of(trace, columns.saturating_sub(BAR_COLUMNS_MIN));
    let bar_columns = columns.saturating_sub(labels.columns()).max(BAR_COLUMNS_MIN);
    let axis = Axis::new(trace.start_us, trace.end_us, bar_columns);
    writeln!(out, "{}", theme.dim(&units::cut(&axis.ticks(), columns)))?;
    let depth_max = trace.walk().map(|(_, depth)| depth).max().unwrap_or(0);
    let picture = Picture {
        trace,
        labels,
        axis,
        step: (bar_columns / (2 * depth_max.max(1))).clamp(1, STEP_MAX),
        columns,
        theme,
    };
    picture.draw(out)?;
    for line in gaps::told(trace) {
        writeln!(out, "{}", theme.level("warn", &line))?;
    }
    Ok(())
}

struct Picture<'a> {
    trace: &'a Trace,
    labels: Labels,
    axis: Axis,
    step: usize,
    columns: usize,
    theme: Theme,
}

impl Picture<'_> {
    fn draw(&self, out: &mut dyn Write) -> io::Result<()> {
        // Where the bars begin of the hops above the current line.
        let mut above: Vec<usize> = Vec::new();
        for (item, depth) in self.trace.walk() {
            above.truncate(depth);
            let line = match item {
                Item::Span(span) => {
                    let begin = self.begin(span, above.last().copied());
                    let line = self.hop(span, begin, &above);
                    above.push(begin);
                    line
                }
                Item::Event(event) => self.event(&self.trace.events[event], &above),
            };
            writeln!(out, "{}", line.shown(self.columns, self.theme))?;
        }
        Ok(())
    }

    fn begin(&self, span: usize, parent: Option<usize>) -> usize {
        let start_us = self.trace.spans[span].record.start_us().unwrap_or(self.trace.start_us);
        let least = parent.map_or(0, |parent| parent + self.step);
        self.axis.column(start_us).max(least).min(self.axis.columns - 2)
    }

    fn hop(&self, span: usize, begin: usize, above: &[usize]) -> Line {
        let record = &self.trace.spans[span].record;
        let mut cells = guides(above);
        cells.resize(self.axis.columns, ' ');
        let is_over = record.duration_us.is_some() && record.ts_us.is_some();
        let end = match record.ts_us {
            Some(end_us) if is_over => self.axis.column(end_us).clamp(begin + 1, self.axis.columns - 1),
            _ => self.axis.columns - 1,
        };
        cells[begin] = '├';
        cells[begin + 1..end].fill(if is_over { '─' } else { '╌' });
        cells[end] = if is_over { '┤' } else { '?' };
        let mut line = Line::new();
        line.push(&cells.iter().collect::<String>());
        self.labels.push(record, &mut line);
        line
    }

    fn event(&self, event: &Record, above: &[usize]) -> Line {
        let mut cells = guides(above);
        let indent = above.last().map_or(0, |begin| begin + STEP_MAX);
        cells.resize(indent.min(self.columns - EVENT_COLUMNS_MIN.min(self.columns / 2)), ' ');
        let mut line = Line::new();
        line.push(&cells.iter().collect::<String>());
        line.push("·");
        if let Some(ts_us) = event.ts_us {
            let after = ts_us.saturating_sub(self.trace.start_us);
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
        let notes = event.notes.iter();
        let notes = notes.map(|(name, value)| format!("{}={}", escape::text(name), escape::text(value)));
        for text in texts.chain(notes) {
            line.push(&format!("{gap}{text}"));
            gap = "  ";
        }
        line
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
