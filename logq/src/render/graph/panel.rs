//! One figure over time: stacked bars where those of the series add up, else a line for each.

use super::markup::{Markup, joined};
use super::scale::{Along, Up, label};
use super::text::{LINE, columns, width};
use crate::column::Column;
use crate::render::labels::Labels;
use crate::render::letters::Letters;
use crate::render::timeline::{Series, Timeline};
use crate::render::units;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;

/// Series that have a colour of their own.
const SERIES_MAX: usize = 8;
/// Spans that say their figures where somebody points at them.
const POINTED_MAX: usize = 600;
/// Units of a sample of colour with what is behind it, and between a title and the next.
const SWATCH: f64 = 24.0;
const BETWEEN: f64 = 14.0;
/// Columns of a title in the legend.
const TITLE_COLUMNS_MAX: usize = 60;
/// Round figures up the side, about.
const STEPS: f64 = 4.0;

/// A figure and its series.
#[derive(Debug)]
pub(super) struct Panel<'t> {
    column: &'t Column,
    shown: Vec<&'t Series>,
    /// Series that are not drawn by themselves, and what they are together in each span if that is a figure.
    left_out: usize,
    rest: Vec<f64>,
    starts: &'t [i64],
    is_stacked: bool,
}

/// Where a panel is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'p> {
    /// The left end of bars, and their top and height.
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) high: f64,
    /// The right end.
    pub(super) right: f64,
    pub(super) labels: &'p Labels,
    pub(super) letters: &'p Letters<'p>,
}

impl<'t> Panel<'t> {
    /// A figure of these groups by their numbers, the same in each panel so that a group keeps its colour.
    pub(super) fn new(timeline: &'t Timeline, figure: usize, starts: &'t [i64], groups: &[usize]) -> Self {
        let of_figure: Vec<&Series> =
            timeline.series.iter().filter(|series| series.figure == figure).collect();
        let shown: Vec<&Series> = groups.iter().filter_map(|at| of_figure.get(*at).copied()).collect();
        let left_out = of_figure.len() - shown.len();
        let adds = timeline.shape.adds.get(figure - timeline.shape.keys - 1).copied().unwrap_or(false);
        let mut figures = of_figure.iter().flat_map(|series| series.points.values());
        let is_stacked = adds && figures.all(|(figure, _)| *figure >= 0.0);
        let rest = if is_stacked && left_out > 0 {
            let others = of_figure.iter().enumerate().filter(|(at, _)| !groups.contains(at));
            sums(others.map(|(_, series)| *series), starts)
        } else {
            Vec::new()
        };
        Self { column: &timeline.columns[figure], shown, left_out, rest, starts, is_stacked }
    }

    /// The numbers of the groups that are drawn by themselves: those with the largest sums of the first figure.
    pub(super) fn groups(timeline: &Timeline) -> Vec<usize> {
        timeline.largest_groups(SERIES_MAX).0
    }

    /// What is above it; of a panel in which nothing is drawn, why.
    pub(super) fn title(&self) -> Cow<'_, str> {
        let name = &self.column.name;
        if self.is_empty() { format!("{name} (no record has a figure)").into() } else { name.into() }
    }

    /// What a reader who sees no picture is told of it.
    pub(super) fn described(&self) -> String {
        let what = if self.is_stacked { "stacked bars" } else { "lines" };
        let series = joined(self.shown.iter().map(|series| series.group.clone()));
        format!("{what} of {}: {series}", self.column.name)
    }

    /// The scale up its side.
    pub(super) fn up(&self) -> Up {
        let all = |(at, start): (usize, &i64)| sum(&self.shown, *start) + self.rest.get(at).unwrap_or(&0.0);
        if self.is_stacked {
            return Up::new(self.column, self.starts.iter().enumerate().map(all), STEPS);
        }
        let figures = self.shown.iter().flat_map(|series| series.points.values()).map(|(figure, _)| *figure);
        Up::new(self.column, figures, STEPS)
    }

    /// Columns of the widest figure up its side.
    pub(super) fn margin(&self) -> usize {
        let figures = self.up().figures();
        figures.into_iter().map(|figure| units::width(&label(self.column, figure))).max().unwrap_or(0)
    }

    /// Draws the bars or lines, and the scales.
    pub(super) fn draw(&self, out: &mut Markup, place: Place<'_>, along: &Along<'_>) {
        let up = self.up();
        let y = |figure: f64| place.top + place.high * (1.0 - up.part(figure));
        for figure in up.figures() {
            let at = y(figure);
            out.path("grid", &format!("M{:.1} {at:.1}H{:.1}", place.left, place.right));
            out.text((place.left - 6.0, at + 4.0), "end", &label(self.column, figure));
        }
        if self.is_stacked {
            self.bars(out, y, along);
        } else {
            self.lines(out, y, along);
        }
        out.path("axis", &format!("M{:.1} {:.1}H{:.1}", place.left, y(0.0), place.right));
        if self.starts.len() <= POINTED_MAX {
            for (at, start) in self.starts.iter().enumerate() {
                let (from, to) = along.span(at);
                let says = self.says(at, *start, place.labels);
                out.area("span", (from, place.top), (to - from, place.high), &says);
            }
        }
    }

    /// Whether there is nothing to be drawn.
    fn is_empty(&self) -> bool {
        self.rest.iter().all(|rest| *rest == 0.0) && self.shown.iter().all(|series| series.points.is_empty())
    }

    fn bars(&self, out: &mut Markup, y: impl Fn(f64) -> f64, along: &Along<'_>) {
        let mut below = vec![0.0; self.starts.len()];
        let figures = |series: &&Series| self.starts.iter().map(|start| sum(&[*series], *start)).collect();
        let own = self.shown.iter().map(figures);
        let rest = (!self.rest.is_empty()).then(|| self.rest.clone());
        for (number, figures) in own.chain(rest).enumerate() {
            let mut path = String::new();
            for (at, figure) in figures.into_iter().enumerate() {
                if figure <= 0.0 {
                    continue;
                }
                let (from, to) = along.span(at);
                let gap = ((to - from) * 0.12).min(2.0);
                let (bottom, top) = (y(below[at]), y(below[at] + figure));
                below[at] += figure;
                let (wide, high) = (to - from - gap, bottom - top);
                let _infallible = write!(path, "M{from:.2} {top:.2}h{wide:.2}v{high:.2}h-{wide:.2}z");
            }
            out.path(&format!("bar c{number}"), &path);
        }
    }

    fn lines(&self, out: &mut Markup, y: impl Fn(f64) -> f64, along: &Along<'_>) {
        for (number, series) in self.shown.iter().enumerate() {
            let mut path = String::new();
            let mut is_open = false;
            for (at, start) in self.starts.iter().enumerate() {
                let Some((figure, _)) = series.points.get(start) else {
                    is_open = false;
                    continue;
                };
                let (from, to) = along.span(at);
                let (x, y) = (f64::midpoint(from, to), y(*figure));
                // A point without neighbours is a line of no length, whose round ends are seen.
                let _infallible =
                    if is_open { write!(path, "L{x:.2} {y:.2}") } else { write!(path, "M{x:.2} {y:.2}h0") };
                is_open = true;
            }
            out.path(&format!("line c{number}"), &path);
        }
    }

    /// The figures of a span.
    fn says(&self, at: usize, start: i64, labels: &Labels) -> String {
        let point = |series: &&Series| {
            let (_, shown) = series.points.get(&start)?;
            Some(format!("{} {shown}", series.group))
        };
        let rest = self.rest.get(at).map(|rest| format!("others {}", label(self.column, *rest)));
        let points = self.shown.iter().filter_map(point).chain(rest);
        format!("{}: {}", labels.label(start).trim_end(), joined(points))
    }

    /// What colour is which series, in lines of at most so many units from the left end on; says how high it is.
    pub(super) fn legend(&self, out: &mut Markup, (left, top): (f64, f64), wide: f64) -> f64 {
        if self.shown.len() == 1 && self.left_out == 0 {
            return 0.0;
        }
        let rest = (!self.rest.is_empty()).then(|| format!("{} others", self.left_out));
        let titles = self.shown.iter().map(|series| series.group.clone()).chain(rest);
        let (mut x, mut y) = (left, top + LINE);
        for (number, title) in titles.enumerate() {
            let room = TITLE_COLUMNS_MAX.min(columns(wide - SWATCH - BETWEEN));
            let title = units::cut(&title, room);
            let own = SWATCH + width(&title) + BETWEEN;
            if x > left && x + own > left + wide {
                (x, y) = (left, y + LINE);
            }
            let (kind, path) = if self.is_stacked {
                ("bar", format!("M{x:.1} {:.1}h16v10h-16z", y - 9.0))
            } else {
                ("line", format!("M{x:.1} {:.1}h16", y - 4.0))
            };
            out.path(&format!("{kind} c{number}"), &path);
            out.text((x + SWATCH, y), "text", &title);
            x += own;
        }
        if self.rest.is_empty() && self.left_out > 0 {
            y += LINE;
            let note = format!("{} smaller series are not drawn", self.left_out);
            out.text((left, y), "dim", &note);
        }
        y - top + 4.0
    }
}

/// What series have in a span together; nothing where there is no figure.
fn sum(series: &[&Series], start_us: i64) -> f64 {
    series.iter().filter_map(|series| series.points.get(&start_us)).map(|(figure, _)| figure).sum()
}

/// What series have in each span together. It goes from point to point, since of many series most have few.
fn sums<'s>(series: impl Iterator<Item = &'s Series>, starts: &[i64]) -> Vec<f64> {
    let mut sums: HashMap<i64, f64> = HashMap::new();
    for (start_us, (figure, _)) in series.flat_map(|series| &series.points) {
        *sums.entry(*start_us).or_default() += figure;
    }
    starts.iter().map(|start_us| sums.get(start_us).copied().unwrap_or(0.0)).collect()
}
