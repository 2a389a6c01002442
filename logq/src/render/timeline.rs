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
use std::fmt::Write as _;

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
    /// The first series of each group, and of the first group that is shown as each text.
    groups: HashMap<String, usize>,
    shown: HashMap<String, usize>,
}

/// One figure of one group over time.
#[derive(Debug, Default)]
pub(super) struct Series {
    pub(super) title: String,
    /// The same without the name of the figure, where there are groups.
    pub(super) group: String,
    /// The values of the group as they are, where what is shown of them would be another group's too.
    exact: String,
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
            groups: HashMap::new(),
            shown: HashMap::new(),
        }
    }

    pub(super) fn row(&mut self, row: &Row<'_>) {
        let keys = self.shape.keys;
        let value = |column: &Column| cells::value(column, row);
        let start = self.columns.first().and_then(value).map(Value::text);
        let Some(start_us) = start.and_then(|start| time::of_text(start, &TimeZone::UTC)) else { return };
        self.starts.insert(start_us);
        let group: Vec<_> = self.columns[1..=keys].iter().map(value).collect();
        let identity = identity(&group);
        let first = self.groups.get(&identity).copied().unwrap_or_else(|| {
            let first = self.add(&group);
            self.groups.insert(identity, first);
            first
        });
        for (index, column) in (first..).zip(&self.columns[keys + 1..]) {
            if let Some(value) = value(column) {
                let figure = value.text().parse::<f64>().unwrap_or(0.0);
                let shown = cells::shown(column, value, &self.zone);
                self.series[index].points.insert(start_us, (figure, shown));
            }
        }
    }

    /// Adds the series of a group, one for each figure; says which is the first of them.
    fn add(&mut self, group: &[Option<&Value<'_>>]) -> usize {
        let keys = &self.columns[1..=self.shape.keys];
        let joined = |text: &dyn Fn(&Column, &Value<'_>) -> String| {
            let texts = keys.iter().zip(group);
            let texts =
                texts.map(|(column, value)| value.map_or(MISSING.to_owned(), |value| text(column, value)));
            texts.collect::<Vec<_>>().join(" ")
        };
        let shown = joined(&|column, value| cells::shown(column, value, &self.zone));
        let exact = joined(&cells::exact);
        let first = self.series.len();
        let figures = self.shape.keys + 1..self.columns.len();
        self.series.extend(figures.map(|figure| Series {
            figure,
            exact: exact.clone(),
            ..Series::default()
        }));
        match self.shown.get(&shown).copied() {
            None => {
                self.name(first, &shown);
                self.shown.insert(shown, first);
            }
            // What looks alike is told apart by what it is.
            Some(like) => {
                for at in [like, first] {
                    let exact = self.series[at].exact.clone();
                    self.name(at, &exact);
                }
            }
        }
        first
    }

    /// Names the series of a group.
    fn name(&mut self, first: usize, group: &str) {
        let figures = &self.columns[self.shape.keys + 1..];
        for (series, column) in self.series[first..].iter_mut().zip(figures) {
            series.title = title(group, column, figures.len());
            series.group = if group.is_empty() { series.title.clone() } else { group.to_owned() };
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
        let sum = |series: &&Series| series.points.values().map(|(figure, _)| figure).sum::<f64>();
        let sums: Vec<f64> = series.iter().map(sum).collect();
        let mut order: Vec<usize> = (0..series.len()).collect();
        order.sort_by(|left, right| sums[*right].total_cmp(&sums[*left]));
        order.truncate(most);
        order.sort_unstable();
        let chosen: Vec<&Series> = order.iter().map(|at| series[*at]).collect();
        let left_out = series.len() - chosen.len();
        (chosen, left_out)
    }

    /// The numbers of so many groups with the largest sums of the first figure, in the order in which they came, and how
    /// many are left.
    pub(super) fn largest_groups(&self, most: usize) -> (Vec<usize>, usize) {
        let first = || self.series.iter().step_by(self.figures());
        let (chosen, left_out) = Self::largest(first(), most);
        let mut chosen = chosen.into_iter().peekable();
        let mut is_chosen = |series: &Series| chosen.next_if(|one| std::ptr::eq(*one, series)).is_some();
        let groups = first().enumerate().filter_map(|(at, series)| is_chosen(series).then_some(at));
        (groups.collect(), left_out)
    }

    /// How many figures each group has: so many series stand beside each other.
    pub(super) fn figures(&self) -> usize {
        (self.columns.len() - self.shape.keys - 1).max(1)
    }
}

/// What tells groups apart: their values as texts, each with its length, since a value may hold any text.
fn identity(group: &[Option<&Value<'_>>]) -> String {
    let mut identity = String::new();
    for text in group.iter().map(|value| value.map(Value::text)) {
        let _infallible = match text {
            Some(text) => write!(identity, "{}:{text}", text.len()),
            None => write!(identity, "-"),
        };
    }
    identity
}

fn title(group: &str, column: &Column, figures: usize) -> String {
    let name = escape::text(&column.name);
    match (group.is_empty(), figures) {
        (true, _) => name.into_owned(),
        (false, 1) => group.to_owned(),
        (false, _) => format!("{group} {name}"),
    }
}
