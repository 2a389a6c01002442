//! The rows of a chart as they come: spans of time, and for each group and figure a series of points. What both pictures
//! of it, in characters and in SVG, are drawn from.

use super::cells;
use super::labels::Labels;
use super::letters::Letters;
use crate::column::Column;
use crate::escape;
use crate::marks::Mark;
use crate::row::Row;
use crate::time;
use crate::value::Value;
use jiff::tz::TimeZone;
use std::collections::{BTreeSet, HashMap};

/// What stands where a series has no figure.
pub(super) const MISSING: &str = "-";

/// A table over time: its first column is a span, the next ones are keys, and the rest are figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverTime {
    /// How many columns make a series.
    pub keys: usize,
    /// The length of the spans, in microseconds.
    pub width_us: i64,
    /// Of each figure whether those of several series add up to that of all, as counts do and percentiles do not.
    pub adds: Vec<bool>,
    /// What was asked, for people who see only the picture.
    pub title: String,
}

/// Rows so far.
#[derive(Debug)]
pub(super) struct Timeline {
    pub(super) shape: OverTime,
    pub(super) columns: Vec<Column>,
    pub(super) zone: TimeZone,
    pub(super) marks: Vec<Mark>,
    starts: BTreeSet<i64>,
    pub(super) series: Vec<Series>,
    known: HashMap<(String, usize), usize>,
}

/// One figure of one group over time.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) title: String,
    /// The same without the name of the figure, where there are groups.
    pub(super) group: String,
    /// The column of the figure.
    pub(super) figure: usize,
    /// The figure in each span, and how it is shown.
    pub(super) points: HashMap<i64, (f64, String)>,
}

impl Timeline {
    pub(super) fn new(columns: &[Column], shape: &OverTime, zone: &TimeZone) -> Self {
        Self {
            shape: shape.clone(),
            columns: columns.to_vec(),
            zone: zone.clone(),
            marks: Vec::new(),
            starts: BTreeSet::new(),
            series: Vec::new(),
            known: HashMap::new(),
        }
    }

    pub(super) fn row(&mut self, row: &Row<'_>) {
        let keys = self.shape.keys;
        let value = |column: &Column| cells::value(column, row);
        let start = self.columns.first().and_then(value).map(Value::text);
        let Some(start_us) = start.and_then(|start| time::of_text(start, &TimeZone::UTC)) else { return };
        self.starts.insert(start_us);
        let shown = self.columns[1..=keys].iter().map(|column| {
            let value = value(column);
            value.map_or(MISSING.to_owned(), |value| cells::shown(column, value, &self.zone))
        });
        let group = shown.collect::<Vec<_>>().join(" ");
        for at in keys + 1..self.columns.len() {
            let column = &self.columns[at];
            let index = *self.known.entry((group.clone(), at)).or_insert_with(|| {
                let title = title(&group, column, self.columns.len() - keys - 1);
                let group = if group.is_empty() { title.clone() } else { group.clone() };
                self.series.push(Series { title, group, figure: at, points: HashMap::new() });
                self.series.len() - 1
            });
            if let Some(value) = value(column) {
                let figure = value.text().parse::<f64>().unwrap_or(0.0);
                let shown = cells::shown(column, value, &self.zone);
                self.series[index].points.insert(start_us, (figure, shown));
            }
        }
    }

    /// The starts of all spans, in order.
    pub(super) fn starts(&self) -> Vec<i64> {
        self.starts.iter().copied().collect()
    }

    pub(super) fn labels(&self, starts: &[i64]) -> Labels {
        Labels::new(starts, self.shape.width_us, &self.zone)
    }

    /// The marks that lie in the spans, with their letters.
    pub(super) fn letters(&self, starts: &[i64]) -> Letters<'_> {
        Letters::new(&self.marks, starts, self.shape.width_us)
    }

    /// So many of these series with the largest sums, in the order in which they came, and how many are left.
    pub(super) fn largest<'s>(
        series: impl Iterator<Item = &'s Series>,
        most: usize,
    ) -> (Vec<&'s Series>, usize) {
        let series: Vec<&Series> = series.collect();
        let sum = |at: &usize| series[*at].points.values().map(|(figure, _)| figure).sum::<f64>();
        let mut order: Vec<usize> = (0..series.len()).collect();
        order.sort_by(|left, right| sum(right).total_cmp(&sum(left)));
        order.truncate(most);
        order.sort_unstable();
        let chosen: Vec<&Series> = order.iter().map(|at| series[*at]).collect();
        let left_out = series.len() - chosen.len();
        (chosen, left_out)
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
