//! The figures of one group: taken in row by row, merged with those that another worker figured, and said at the end.

use super::cell::Cell;
use super::order::Rank;
use super::quantile::Quantile;
use crate::field::Name;
use crate::query::{Aggregate, Function, WHOLE};
use crate::row::Row;
use std::collections::HashSet;

/// What every figure of a row needs to know of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// How many records it stands for.
    pub(super) weight: u64,
    /// When it was made, where that is known.
    pub(super) time_us: Option<i64>,
}

/// A figure so far.
#[derive(Clone, Debug)]
pub(super) enum State {
    Count(u128),
    Distinct(HashSet<Box<str>>),
    Sum(Sum),
    Mean(Sum),
    /// The least, or the largest.
    Extreme(Option<(Rank, Cell)>),
    Percentile(Quantile),
    /// A percentile of the same values as the figure at this place.
    SameAs(usize),
    /// The earliest or the latest, with its time.
    Edge(Option<(Option<i64>, Cell)>),
}

/// A sum, exact while everything in it is whole.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    whole: i128,
    rest: f64,
    weight: u128,
    is_fractional: bool,
}

impl State {
    pub(super) fn new(function: Function, has_field: bool) -> Self {
        match function {
            Function::Count => Self::Count(0),
            Function::Rate if !has_field => Self::Count(0),
            Function::CountDistinct => Self::Distinct(HashSet::new()),
            Function::Sum | Function::Rate => Self::Sum(Sum::default()),
            Function::Avg => Self::Mean(Sum::default()),
            Function::Min | Function::Max => Self::Extreme(None),
            Function::Percentile(_) => Self::Percentile(Quantile::new()),
            Function::First | Function::Last => Self::Edge(None),
        }
    }

    /// Takes a row in; says how many bytes it keeps of it.
    pub(super) fn push(&mut self, aggregate: &Aggregate, row: &Row<'_>, seen: Seen) -> usize {
        let Some(name) = &aggregate.field else {
            if let Self::Count(count) = self {
                *count += u128::from(seen.weight);
            }
            return 0;
        };
        match self {
            Self::SameAs(_) => 0,
            Self::Count(count) => {
                *count += if name.find(row).is_some() { u128::from(seen.weight) } else { 0 };
                0
            }
            Self::Distinct(values) => {
                let Some(text) = Cell::key_text(name, row) else { return 0 };
                let bytes = text.len() + 3 * size_of::<Box<str>>();
                if !values.contains(&*text) && values.insert(text.into()) { bytes } else { 0 }
            }
            Self::Sum(sum) | Self::Mean(sum) => {
                if let Some(text) = Cell::text_of(name, row) {
                    sum.push(&text, seen.weight);
                }
                0
            }
            Self::Extreme(_) | Self::Edge(_) => {
                let before = self.cell_bytes();
                self.push_one(aggregate, name, row, seen);
                self.cell_bytes().saturating_sub(before)
            }
            Self::Percentile(quantile) => {
                let before = quantile.bytes();
                let value = Cell::text_of(name, row).and_then(|text| number(&text));
                if let Some(value) = value.filter(|value| value.is_finite()) {
                    quantile.push(value, seen.weight);
                }
                quantile.bytes().saturating_sub(before)
            }
        }
    }

    /// Takes the value of a row in, of which one is kept.
    fn push_one(&mut self, aggregate: &Aggregate, name: &Name, row: &Row<'_>, seen: Seen) {
        match self {
            Self::Extreme(best) => {
                if let Some(candidate) = ranked(name, row) {
                    extreme(best, candidate, aggregate.function);
                }
            }
            Self::Edge(edge) => {
                if let Some(cell) = Cell::of(name, row) {
                    earliest_or_latest(edge, (seen.time_us, cell), aggregate.function);
                }
            }
            _ => {}
        }
    }

    /// Bytes of the one value that is kept, where one is.
    pub(super) fn cell_bytes(&self) -> usize {
        match self {
            Self::Extreme(Some((rank, cell))) => rank.bytes() + cell.bytes(),
            Self::Edge(Some((_, cell))) => cell.bytes(),
            _ => 0,
        }
    }

    /// Takes in what another worker figured of rows that stand behind all of these.
    pub(super) fn merge(&mut self, aggregate: &Aggregate, other: Self) {
        match (self, other) {
            (Self::Count(count), Self::Count(more)) => *count += more,
            (Self::Distinct(values), Self::Distinct(more)) => values.extend(more),
            (Self::Sum(sum), Self::Sum(more)) | (Self::Mean(sum), Self::Mean(more)) => sum.merge(more),
            (Self::Extreme(best), Self::Extreme(Some(more))) => extreme(best, more, aggregate.function),
            (Self::Percentile(quantile), Self::Percentile(more)) => quantile.merge(more),
            (Self::Edge(edge), Self::Edge(Some(more))) => earliest_or_latest(edge, more, aggregate.function),
            // Nothing in it, or not of the same query.
            _ => {}
        }
    }

    /// The figure; `seconds` is how long the group lasts, for rates.
    pub(super) fn finish(&self, aggregate: &Aggregate, seconds: Option<f64>) -> Option<Cell> {
        if aggregate.function == Function::Rate {
            let sum = match self {
                Self::Count(count) => as_float(i128::try_from(*count).ok()?),
                Self::Sum(sum) => sum.float(),
                _ => return None,
            };
            return seconds.filter(|seconds| *seconds > 0.0).and_then(|seconds| float(sum / seconds));
        }
        match self {
            Self::Count(count) => Some(token(count)),
            Self::Distinct(values) => Some(token(&values.len())),
            Self::Sum(sum) => sum.total(),
            Self::Mean(sum) => sum.mean(),
            Self::Extreme(best) => best.as_ref().map(|(_, cell)| cell.clone()),
            Self::Percentile(quantile) => match aggregate.function {
                Function::Percentile(part) => quantile.at(part, WHOLE).and_then(float),
                _ => None,
            },
            Self::Edge(edge) => edge.as_ref().map(|(_, cell)| cell.clone()),
            // Whoever has all figures of the group asks that one.
            Self::SameAs(_) => None,
        }
    }
}

impl Sum {
    /// Takes a value in; what is no number is left out.
    fn push(&mut self, text: &str, weight: u64) {
        let whole = text.parse::<i128>().ok().and_then(|value| value.checked_mul(i128::from(weight)));
        let sum = whole.and_then(|value| self.whole.checked_add(value));
        if let Some(sum) = sum {
            self.whole = sum;
        } else {
            let Some(value) = text.parse::<f64>().ok().filter(|value| value.is_finite()) else { return };
            self.rest += value * as_float(i128::from(weight));
            self.is_fractional = true;
        }
        self.weight += u128::from(weight);
    }

    fn merge(&mut self, more: Self) {
        if let Some(sum) = self.whole.checked_add(more.whole) {
            self.whole = sum;
        } else {
            self.rest += as_float(more.whole);
            self.is_fractional = true;
        }
        self.rest += more.rest;
        self.weight += more.weight;
        self.is_fractional |= more.is_fractional;
    }

    fn float(&self) -> f64 {
        as_float(self.whole) + self.rest
    }

    fn total(&self) -> Option<Cell> {
        match (self.weight, self.is_fractional) {
            (0, _) => None,
            (_, false) => Some(token(&self.whole)),
            (_, true) => float(self.float()),
        }
    }

    fn mean(&self) -> Option<Cell> {
        let weight = i128::try_from(self.weight).ok().filter(|weight| *weight > 0)?;
        float(self.float() / as_float(weight))
    }
}

/// A number; most are whole and short.
fn number(text: &str) -> Option<f64> {
    let is_short = text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_short { text.parse::<u32>().ok().map(f64::from) } else { text.parse().ok() }
}

fn ranked(name: &Name, row: &Row<'_>) -> Option<(Rank, Cell)> {
    let cell = Cell::of(name, row)?;
    // Numeric text is a number here, as everywhere; other text has no place among numbers.
    let rank = match Rank::of_cell(name, &cell) {
        Rank::Text(text) => Rank::number(&text)?,
        rank => rank,
    };
    Some((rank, cell))
}

/// Of equal ones the first stays.
fn extreme(best: &mut Option<(Rank, Cell)>, candidate: (Rank, Cell), function: Function) {
    let is_better = best.as_ref().is_none_or(|(rank, _)| {
        let order = candidate.0.cmp(rank);
        if function == Function::Min { order.is_lt() } else { order.is_gt() }
    });
    if is_better {
        *best = Some(candidate);
    }
}

/// The earliest or the latest; of rows of one time the first read or the last. A row whose time nobody knows is
/// neither, unless no row has one.
fn earliest_or_latest(
    edge: &mut Option<(Option<i64>, Cell)>,
    candidate: (Option<i64>, Cell),
    function: Function,
) {
    let is_better = edge.as_ref().is_none_or(|(time_us, _)| match (candidate.0, *time_us) {
        (Some(_), None) => true,
        (None, Some(_)) => false,
        (ours, theirs) if function == Function::First => ours < theirs,
        (ours, theirs) => ours >= theirs,
    });
    if is_better {
        *edge = Some(candidate);
    }
}

/// A number as it is written: whole ones without a point. None of what is not finite.
pub(super) fn float(number: f64) -> Option<Cell> {
    number.is_finite().then(|| token(&number))
}

fn token(number: &impl ToString) -> Cell {
    Cell::Number(number.to_string().into())
}

#[expect(clippy::cast_precision_loss, reason = "figures that are not whole are rounded")]
fn as_float(number: i128) -> f64 {
    number as f64
}
