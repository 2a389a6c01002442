//! Scales: round figures up the side, and the places of times along the bottom.

use super::text::APART;
use crate::column::Column;
use crate::field::Ty;
use crate::render::cells;
use crate::value::Value;
use access_record::field::Type;
use jiff::Timestamp;
use jiff::tz::TimeZone;

const SECOND_US: i64 = 1_000_000;
const DAY_US: i64 = 86_400 * SECOND_US;
const WEEK_US: i64 = 7 * DAY_US;

/// Lengths of time at whose multiples people expect a label, in seconds.
const ROUND_S: [i64; 22] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
    604_800, 1_209_600, 2_419_200,
];

/// Figures from the bottom of a panel to its top.
#[derive(Debug)]
pub(super) struct Up {
    low: f64,
    high: f64,
    step: f64,
}

impl Up {
    /// A scale on which all of these have a place, with about so many steps between round figures. It begins at
    /// nothing, so that heights can be compared.
    pub(super) fn new(column: &Column, figures: impl Iterator<Item = f64>, steps: f64) -> Self {
        let is_whole = |figure: f64| figure.fract() == 0.0;
        let mut all = (0.0_f64, 0.0_f64, true);
        for figure in figures.filter(|figure| figure.is_finite()) {
            all = (all.0.min(figure), all.1.max(figure), all.2 && is_whole(figure));
        }
        let (least, most, all_whole) = all;
        let span = if most > least { most - least } else { 1.0 };
        let is_size = column.ty == Ty::Contract(Type::SizeBytes);
        let mut step = rounded(span / steps, is_size);
        if all_whole {
            step = step.max(1.0);
        }
        // Sums of what is huge have no room between two neighbours.
        let (low, high) = ((least / step).floor() * step, (most / step).ceil() * step);
        Self { low, high: if high > low { high } else { low + step }, step }
    }

    /// The round figures, from the bottom to the top.
    pub(super) fn figures(&self) -> Vec<f64> {
        let mut figures = Vec::new();
        let mut figure = self.low;
        while figure <= self.high + self.step / 2.0 && figures.len() < 20 {
            // What is meant to be nothing is.
            figures.push(if figure.abs() < self.step / 1e6 { 0.0 } else { figure });
            figure += self.step;
        }
        figures
    }

    /// Which part of the height a figure stands at.
    pub(super) fn part(&self, figure: f64) -> f64 {
        ((figure - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }
}

/// 1, 2 or 5 times a power of ten, or for sizes a power of two, that is no less.
fn rounded(figure: f64, is_size: bool) -> f64 {
    if is_size {
        return 2_f64.powf(figure.log2().ceil());
    }
    let ten = 10_f64.powf(figure.log10().floor());
    [1.0, 2.0, 5.0]
        .into_iter()
        .map(|step| step * ten)
        .find(|step| *step >= figure * 0.999)
        .unwrap_or(10.0 * ten)
}

/// A figure of a column with its unit, as short as it can be.
pub(super) fn label(column: &Column, figure: f64) -> String {
    // Nothing is nothing in every unit, and the next figures may have another one.
    if figure == 0.0 {
        return "0".to_owned();
    }
    let text = if figure.abs() < 1e21 { format!("{figure}") } else { format!("{figure:e}") };
    let shown = cells::shown(column, &Value::Number(text.into()), &TimeZone::UTC);
    let (number, unit) = shown.split_once(' ').unwrap_or((&shown, ""));
    let short = if number.contains('.') && !number.contains('e') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    };
    if unit.is_empty() { short.to_owned() } else { format!("{short} {unit}") }
}

/// Times from the left end of a panel to its right.
#[derive(Debug)]
pub(super) struct Along<'s> {
    starts: &'s [i64],
    width_us: i64,
    left: f64,
    wide: f64,
}

impl<'s> Along<'s> {
    pub(super) fn new(starts: &'s [i64], width_us: i64, left: f64, wide: f64) -> Self {
        Self { starts, width_us, left, wide }
    }

    /// Where a time lies.
    #[expect(clippy::cast_precision_loss, reason = "less than a pixel")]
    pub(super) fn at(&self, time_us: i64) -> f64 {
        let (first, end) =
            (self.starts.first().copied().unwrap_or(0), self.end(self.starts.len().max(1) - 1));
        let whole = (end.saturating_sub(first)).max(1) as f64;
        self.left + (time_us.saturating_sub(first) as f64 / whole).clamp(0.0, 1.0) * self.wide
    }

    /// From where to where a span goes.
    pub(super) fn span(&self, number: usize) -> (f64, f64) {
        (self.at(self.starts[number]), self.at(self.end(number)))
    }

    /// When a span ends: where the next one begins, unless one between them is missing.
    fn end(&self, number: usize) -> i64 {
        let Some(start) = self.starts.get(number) else { return 1 };
        let usual = start.saturating_add(self.width_us);
        let next = self.starts.get(number + 1).copied();
        next.filter(|next| *next < usual.saturating_add(self.width_us / 2)).unwrap_or(usual)
    }

    /// Spans that have room for a label of so many units, at round times.
    pub(super) fn labelled(&self, label: f64, zone: &TimeZone) -> Vec<usize> {
        let local = |start: &i64| {
            let offset = Timestamp::from_microsecond(*start).map_or(0, |time| zone.to_offset(time).seconds());
            start.saturating_add(i64::from(offset) * SECOND_US)
        };
        let chosen = |every_us: i64| -> Vec<usize> {
            // Weeks begin on Monday, and 1970 did on a Thursday.
            let origin_us = if every_us % WEEK_US == 0 { 4 * DAY_US } else { 0 };
            let is_round =
                |start: &i64| local(start).saturating_sub(origin_us).rem_euclid(every_us) < self.width_us;
            let spans = self.starts.iter().enumerate();
            spans.filter(|(_, start)| is_round(start)).map(|(at, _)| at).collect()
        };
        let fits = |spans: &Vec<usize>| {
            let places: Vec<f64> = spans.iter().map(|at| self.span(*at).0).collect();
            places.windows(2).all(|pair| pair[1] - pair[0] >= label)
        };
        let round = ROUND_S.into_iter().map(|seconds| seconds * SECOND_US);
        let round = round.filter(|every_us| every_us % self.width_us == 0);
        let of_width = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000, 100_000];
        let every = round.chain(of_width.map(|count| count * self.width_us));
        let spans = every.map(chosen).find(fits).unwrap_or_default();
        // Where no round time lies in the picture the first span has a label.
        let spans = if spans.is_empty() { vec![0] } else { spans };
        // The last one would leave the picture if it began too near to its end.
        let end = self.left + self.wide;
        spans.into_iter().filter(|at| *at == 0 || self.span(*at).0 + label <= end + APART).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What figures are of, some of them, and what is written up the side.
    type Row = (Type, &'static [f64], &'static [&'static str]);

    #[test]
    fn figures_are_round() {
        let column = |ty| Column::new("x", Ty::Contract(ty));
        let rows: &[Row] = &[
            (Type::Integer, &[0.0], &["0", "1"]),
            (Type::Integer, &[1.0], &["0", "1"]),
            (Type::Integer, &[7.0, 3.0], &["0", "2", "4", "6", "8"]),
            (Type::Integer, &[1200.0], &["0", "500", "1000", "1500"]),
            (Type::Integer, &[0.37], &["0", "0.1", "0.2", "0.3", "0.4"]),
            (Type::Integer, &[-5.0, 10.0], &["-5", "0", "5", "10"]),
            (Type::DurationMicros, &[312_400.0], &["0", "100 ms", "200 ms", "300 ms", "400 ms"]),
            (Type::DurationMicros, &[4_000_000.0], &["0", "1 s", "2 s", "3 s", "4 s"]),
            (Type::SizeBytes, &[3_000_000.0], &["0", "1 MiB", "2 MiB", "3 MiB"]),
            (Type::SizeBytes, &[600.0], &["0", "256 B", "512 B", "768 B"]),
            (Type::Integer, &[f64::INFINITY, f64::NAN], &["0", "1"]),
        ];
        for (ty, figures, expected) in rows {
            let column = column(*ty);
            let up = Up::new(&column, figures.iter().copied(), 4.0);
            let shown: Vec<String> = up.figures().into_iter().map(|figure| label(&column, figure)).collect();
            assert_eq!(shown, *expected, "{figures:?}");
            let places = figures.iter().map(|figure| up.part(*figure));
            assert!(
                places.into_iter().all(|part| part.is_nan() || (0.0..=1.0).contains(&part)),
                "{figures:?}"
            );
        }
    }

    #[test]
    fn times_are_round_where_they_are_written() {
        let minutes = |from: i64, to: i64| (from..to).map(|minute| minute * 60_000_000).collect::<Vec<_>>();
        let rows = [(minutes(3, 63), 100.0, 10), (minutes(0, 10), 40.0, 1), (minutes(0, 1440), 60.0, 120)];
        for (starts, room, every) in rows {
            let along = Along::new(&starts, 60_000_000, 0.0, 960.0);
            let labelled = along.labelled(room, &TimeZone::UTC);
            let times: Vec<i64> = labelled.iter().map(|at| starts[*at] / 60_000_000).collect();
            assert!(times.iter().all(|minute| minute % every == 0), "{times:?}");
            assert!(times.windows(2).all(|pair| pair[1] - pair[0] == every), "{times:?}");
        }
    }
}
