//! Bars over time: a line for each span, a column of bars for each series, as many columns beside each other as fit
//! and the rest below. It says everything in characters and figures, so it needs neither colour nor a terminal.

mod labels;

use super::cells;
use super::units;
use crate::column::Column;
use crate::escape;
use crate::row::Row;
use crate::time;
use crate::value::Value;
use jiff::tz::TimeZone;
use labels::Labels;
use std::collections::{BTreeSet, HashMap};

/// The least room for bars, beside their figures.
const BAR_MIN: usize = 8;
/// The most, so that a wide screen's bars can still be compared.
const BAR_MAX: usize = 50;
/// Series that are drawn; more are no picture.
const SERIES_MAX: usize = 20;
/// Parts of a character, from one eighth to the whole.
const EIGHTHS: [&str; 8] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];
/// What stands where a series has no figure.
const MISSING: &str = "-";

/// A chart whose rows are still coming.
#[derive(Debug)]
pub(super) struct Chart {
    columns: Vec<Column>,
    keys: usize,
    width_us: i64,
    zone: TimeZone,
    wide: usize,
    starts: BTreeSet<i64>,
    series: Vec<Series>,
    known: HashMap<(String, usize), usize>,
}

/// One figure of one group over time.
#[derive(Debug)]
struct Series {
    title: String,
    /// The column of the figure.
    figure: usize,
    points: HashMap<i64, (f64, String)>,
}

impl Chart {
    pub(super) fn new(columns: &[Column], keys: usize, width_us: i64, zone: &TimeZone, wide: usize) -> Self {
        Self {
            columns: columns.to_vec(),
            keys,
            width_us,
            zone: zone.clone(),
            wide,
            starts: BTreeSet::new(),
            series: Vec::new(),
            known: HashMap::new(),
        }
    }

    pub(super) fn row(&mut self, row: &Row<'_>) {
        let value = |column: &Column| cells::value(column, row);
        let start = self.columns.first().and_then(value).map(Value::text);
        let Some(start_us) = start.and_then(|start| time::of_text(start, &TimeZone::UTC)) else { return };
        self.starts.insert(start_us);
        let keys = self.columns[1..=self.keys].iter().map(|column| {
            let value = value(column);
            value.map_or(MISSING.to_owned(), |value| cells::shown(column, value, &self.zone))
        });
        let group = keys.collect::<Vec<_>>().join(" ");
        for at in self.keys + 1..self.columns.len() {
            let column = &self.columns[at];
            let index = *self.known.entry((group.clone(), at)).or_insert_with(|| {
                let title = title(&group, column, self.columns.len() - self.keys - 1);
                self.series.push(Series { title, figure: at, points: HashMap::new() });
                self.series.len() - 1
            });
            if let Some(value) = value(column) {
                let figure = value.text().parse::<f64>().unwrap_or(0.0);
                let shown = cells::shown(column, value, &self.zone);
                self.series[index].points.insert(start_us, (figure, shown));
            }
        }
    }

    /// The whole picture.
    pub(super) fn drawn(&self) -> String {
        let starts: Vec<i64> = self.starts.iter().copied().collect();
        if starts.is_empty() {
            return String::new();
        }
        let labels = Labels::new(&starts, self.width_us, &self.zone);
        let (shown, left_out) = self.chosen();
        let mut panels = Vec::new();
        let mut rest = &shown[..];
        while !rest.is_empty() {
            let (here, below) = rest.split_at(self.fitting(rest, labels.width()));
            panels.push(here);
            rest = below;
        }
        // One length for all, so that bars above and below can be compared too.
        let bars = panels.iter().map(|panel| self.bar_width(panel, labels.width()));
        let bar = bars.min().unwrap_or(BAR_MIN);
        let mut text = labels.heading() + "\n";
        for (at, panel) in panels.iter().enumerate() {
            if at > 0 {
                text.push('\n');
            }
            self.panel(&mut text, panel, bar, (&starts, &labels));
        }
        if left_out > 0 {
            text.extend([format!("{left_out} smaller series are not drawn; -o table has all of them\n")]);
        }
        text
    }

    /// The series that are drawn, in the order in which they came, and how many are not.
    fn chosen(&self) -> (Vec<&Series>, usize) {
        let mut order: Vec<usize> = (0..self.series.len()).collect();
        let sum = |at: &usize| self.series[*at].points.values().map(|(figure, _)| figure).sum::<f64>();
        order.sort_by(|left, right| sum(right).total_cmp(&sum(left)));
        order.truncate(SERIES_MAX);
        order.sort_unstable();
        // One figure's series stand together, since their bars have one scale.
        order.sort_by_key(|at| self.series[*at].figure);
        (order.iter().map(|at| &self.series[*at]).collect(), self.series.len() - order.len())
    }

    /// How many of these series have room beside each other.
    fn fitting(&self, series: &[&Series], label: usize) -> usize {
        let fits = |count: &usize| {
            let figures: usize = series[..*count].iter().map(|series| Self::figure_width(series)).sum();
            label + figures + count * (2 + 1 + BAR_MIN) <= self.wide
        };
        (1..=series.len()).take_while(fits).last().unwrap_or(1)
    }

    fn figure_width(series: &Series) -> usize {
        let widths = series.points.values().map(|(_, shown)| units::width(shown));
        widths.max().unwrap_or(0).max(MISSING.len())
    }

    /// The top of the scale of all series of a figure.
    fn scale(&self, figure: usize) -> f64 {
        let series = self.series.iter().filter(|series| series.figure == figure);
        series.flat_map(|series| series.points.values()).map(|(figure, _)| *figure).fold(0.0, f64::max)
    }

    fn bar_width(&self, series: &[&Series], label: usize) -> usize {
        let figures: usize = series.iter().map(|series| Self::figure_width(series)).sum();
        let used = label + figures + 3 * series.len();
        (self.wide.saturating_sub(used) / series.len()).clamp(BAR_MIN, BAR_MAX)
    }

    fn panel(&self, text: &mut String, series: &[&Series], bar: usize, (starts, labels): (&[i64], &Labels)) {
        let figures: Vec<usize> = series.iter().map(|series| Self::figure_width(series)).collect();
        let scales: Vec<f64> = series.iter().map(|series| self.scale(series.figure)).collect();
        let mut line = " ".repeat(labels.width());
        for (series, figure) in series.iter().zip(&figures) {
            line.extend(["  ".to_owned(), units::fit(&series.title, figure + 1 + bar)]);
        }
        push_line(text, &line);
        for start in starts {
            let mut line = labels.label(*start);
            for ((series, figure), scale) in series.iter().zip(&figures).zip(&scales) {
                let (value, shown) = match series.points.get(start) {
                    Some((value, shown)) => (*value, shown.as_str()),
                    None => (0.0, MISSING),
                };
                let blanks = " ".repeat(figure - units::width(shown));
                line.extend(["  ", &blanks, shown, " ", &units::fit(&self::bar(value, *scale, bar), bar)]);
            }
            push_line(text, &line);
        }
    }
}

fn title(group: &str, column: &Column, figures: usize) -> String {
    let name = escape::text(&column.name);
    match (group.is_empty(), figures) {
        (true, _) => name.into_owned(),
        (false, 1) => group.to_owned(),
        (false, _) => format!("{group} {name}"),
    }
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line.trim_end_matches(' '));
    text.push('\n');
}

/// A bar of at most so many characters, to an eighth of one; what is more than nothing is seen.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "at most 400 eighths"
)]
fn bar(value: f64, scale: f64, columns: usize) -> String {
    if value <= 0.0 || scale <= 0.0 {
        return String::new();
    }
    let eighths = ((value / scale * (columns * 8) as f64).round() as usize).clamp(1, columns * 8);
    let mut bar = EIGHTHS[7].repeat(eighths / 8);
    if let Some(part) = (eighths % 8).checked_sub(1) {
        bar.push_str(EIGHTHS[part]);
    }
    bar
}

#[cfg(test)]
mod tests;
