//! The figures of the conditions, out of one reading of the rows.

use super::condition::{Figure, Function, Unit};
use super::request::Request;
use crate::field::{Name, Ty};
use crate::handed::{Broken, Handed, put_maybe, put_number};
use crate::query::WHOLE;
use crate::row::Row;
use crate::stage::Quantile;
use access_record::field::Type;

/// Bytes of values that are kept for a percentile, 65 536 of them at least, before it is at most 1 % off.
const VALUES_BYTES_MAX: usize = 1 << 20;

/// Figures so far.
#[derive(Debug)]
pub struct Figures {
    wanted: Vec<(Figure, State)>,
    /// Rows that were taken in.
    pub rows: u64,
    /// Requests that they stand for.
    pub requests: u128,
    errors: u128,
    span_us: Option<(i64, i64)>,
}

/// A figure at the end.
#[derive(Clone, Debug)]
pub struct Value {
    /// What was figured.
    pub figure: Figure,
    /// The figure, in its unit; none if there is nothing to figure it out of.
    pub value: Option<f64>,
    /// Rows that have the field.
    pub rows: u64,
    /// Whether it may be 1 % off.
    pub is_rounded: bool,
}

#[derive(Debug)]
struct State {
    rows: u64,
    weight: u128,
    sum: f64,
    least: f64,
    largest: f64,
    values: Option<Quantile>,
}

impl Figures {
    /// Each of these figures once.
    pub fn new<'f>(figures: impl IntoIterator<Item = &'f Figure>) -> Self {
        let mut wanted: Vec<(Figure, State)> = Vec::new();
        for figure in figures {
            if wanted.iter().all(|(known, _)| known != figure) {
                wanted.push((figure.clone(), State::new(figure.function)));
            }
        }
        Self { wanted, rows: 0, requests: 0, errors: 0, span_us: None }
    }

    /// What rows are asked for these figures.
    pub fn asked(&self) -> Asked {
        let fields = self.wanted.iter().map(|(figure, _)| figure.field.clone()).collect();
        Asked { ts: Name::new("ts"), fields }
    }

    /// Takes a request in, as [`Asked::put`] has put it down.
    pub(crate) fn take(&mut self, handed: &mut Handed<'_>) -> Result<(), Broken> {
        let (weight, is_error) = (handed.number()?, handed.byte()? != 0);
        self.rows += 1;
        self.requests += u128::from(weight);
        self.errors += if is_error { u128::from(weight) } else { 0 };
        if let Some(time_us) = handed.maybe(Handed::number)?.map(u64::cast_signed) {
            let (first, last) = self.span_us.unwrap_or((time_us, time_us));
            self.span_us = Some((first.min(time_us), last.max(time_us)));
        }
        for (_, state) in &mut self.wanted {
            if let Some(value) = handed.maybe(Handed::number)?.map(f64::from_bits) {
                state.push(value, weight);
            }
        }
        Ok(())
    }

    /// The figures. The window is how long the asked time lasts; without one it is from the first request to the last.
    pub fn finish(&self, window_us: Option<i64>) -> Vec<Value> {
        let seconds = window_us
            .or_else(|| self.span_us.map(|(first, last)| last - first))
            .filter(|micros| *micros > 0)
            .map(|micros| float(u128::from(micros.unsigned_abs())) / 1e6);
        let value = |(figure, state): &(Figure, State)| {
            let requests = float(self.requests);
            let (value, rows) = match figure.function {
                Function::Count => (Some(requests), self.rows),
                Function::Rate => (seconds.map(|seconds| requests / seconds), self.rows),
                Function::ErrorRate => {
                    let percent = 100.0 * float(self.errors) / requests;
                    (Some(percent).filter(|percent| percent.is_finite()), self.rows)
                }
                function => (state.finish(function), state.rows),
            };
            let is_rounded = state.values.as_ref().is_some_and(|values| !values.is_exact());
            Value { figure: figure.clone(), value, rows, is_rounded }
        };
        self.wanted.iter().map(value).collect()
    }
}

/// What is asked of rows, by any of several threads; sums of what they say hang on the order of the rows, so one takes it.
#[derive(Debug)]
pub struct Asked {
    ts: Name,
    /// Of each figure.
    fields: Vec<Option<Name>>,
}

impl Asked {
    /// The fields that are looked at.
    pub fn fields(&self) -> Vec<Name> {
        std::iter::once(&self.ts).chain(self.fields.iter().flatten()).cloned().collect()
    }

    /// Puts a request down.
    pub fn put(&self, request: Request, row: &Row<'_>, bytes: &mut Vec<u8>) {
        put_number(bytes, request.weight);
        bytes.push(u8::from(request.is_error));
        put_maybe(bytes, self.ts.time_us(row).map(i64::cast_unsigned), put_number);
        for name in &self.fields {
            let value = name.as_ref().and_then(|name| value(name, row));
            put_maybe(bytes, value.map(f64::to_bits), put_number);
        }
    }
}

impl State {
    fn new(function: Function) -> Self {
        let values = matches!(function, Function::Percentile(_)).then(Quantile::new);
        Self { rows: 0, weight: 0, sum: 0.0, least: f64::INFINITY, largest: f64::NEG_INFINITY, values }
    }

    fn push(&mut self, value: f64, weight: u64) {
        self.rows += 1;
        self.weight += u128::from(weight);
        self.sum += value * float(u128::from(weight));
        self.least = self.least.min(value);
        self.largest = self.largest.max(value);
        if let Some(values) = &mut self.values {
            values.push(value, weight);
            if values.bytes() > VALUES_BYTES_MAX {
                values.shrink();
            }
        }
    }

    fn finish(&self, function: Function) -> Option<f64> {
        if self.rows == 0 {
            return None;
        }
        match function {
            Function::Sum => Some(self.sum),
            Function::Avg => Some(self.sum / float(self.weight)),
            Function::Min => Some(self.least),
            Function::Max => Some(self.largest),
            Function::Percentile(part) => self.values.as_ref().and_then(|values| values.at(part, WHOLE)),
            Function::Count | Function::Rate | Function::ErrorRate => None,
        }
    }
}

/// A field's value in the unit of figures of it.
fn value(name: &Name, row: &Row<'_>) -> Option<f64> {
    let value = if name.ty() == Ty::Contract(Type::DurationMicros) {
        name.duration_us(row)
            .map(|micros| if micros < 0 { 0.0 } else { float(u128::from(micros.unsigned_abs())) })
    } else {
        name.find(row)?.value.scalar()?.parse().ok()
    };
    value.filter(|value| value.is_finite())
}

impl Unit {
    /// A figure of this unit as people read it.
    pub fn shown(self, value: f64) -> String {
        match self {
            Self::Number => short(value),
            Self::Percent => format!("{}%", short(value)),
            Self::PerSecond if value >= 1.0 => format!("{}/s", short(value)),
            Self::PerSecond if value >= 1.0 / 60.0 => format!("{}/m", short(value * 60.0)),
            Self::PerSecond => format!("{}/h", short(value * 3600.0)),
            Self::Bytes => format!("{} B", short(value)),
            Self::Micros if value < 1e3 => format!("{} µs", short(value)),
            Self::Micros if value < 1e6 => format!("{} ms", short(value / 1e3)),
            Self::Micros => format!("{} s", short(value / 1e6)),
        }
    }
}

/// Three digits behind the point at most.
fn short(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[expect(clippy::cast_precision_loss, reason = "a figure has no more than 15 digits")]
fn float(number: u128) -> f64 {
    number as f64
}
