//! From rows to counters. What is counted of a row is picked out where the row is read, in any of several threads; whether
//! it counts hangs on the records before it, so it is counted by one, in the order of the rows.

use super::Options;
use crate::check::Requests;
use crate::engine::{Draw, Sink};
use crate::facts;
use crate::field::Name;
use crate::handed::{Broken, Handed, put_maybe, put_number, put_text};
use crate::metrics::{SERIES_MAX, State};
use crate::row::Row;
use std::collections::HashMap;
use std::io;

/// What is asked of rows.
#[derive(Debug)]
pub(super) struct Counting<'o> {
    options: &'o Options,
    requests: Requests,
    instance: Name,
    seq: Name,
    bytes_out: Name,
    duration_us: Name,
    by: Vec<Name>,
}

impl<'o> Counting<'o> {
    pub(super) fn new(options: &'o Options) -> Self {
        Self {
            options,
            requests: Requests::new(),
            instance: Name::new("instance"),
            seq: Name::new("seq"),
            bytes_out: Name::new("bytes_out"),
            duration_us: Name::new("duration_us"),
            by: options.by.iter().map(Name::new).collect(),
        }
    }

    /// Which record it is, if it says so.
    fn identity<'r>(&self, row: &'r Row<'_>) -> Option<(std::borrow::Cow<'r, str>, u64)> {
        let instance = facts::text(&self.instance, row)?;
        Some((instance, whole(&self.seq, row).filter(|seq| *seq > 0)?))
    }
}

/// With a state, all records are put down, so that their numbers stay one run; without one only what counts.
impl Draw for Counting<'_> {
    fn draw(&self, row: &Row<'_>, bytes: &mut Vec<u8>) {
        let lost = self.requests.lost(row);
        let request = self.requests.of(row);
        let counts = lost.is_some() || request.is_some();
        if self.options.state.is_some() {
            put_maybe(bytes, self.identity(row), |bytes, (instance, seq)| {
                put_text(bytes, &instance);
                put_number(bytes, seq);
            });
            bytes.push(u8::from(counts));
        } else if !counts {
            return;
        }
        put_maybe(bytes, lost, put_number);
        let is_asked = || self.options.query.as_ref().is_none_or(|query| query.filter.matches(row));
        put_maybe(bytes, request.filter(|_| is_asked()), |bytes, request| {
            put_number(bytes, request.weight);
            bytes.push(u8::from(request.is_error));
            put_maybe(bytes, whole(&self.bytes_out, row), put_number);
            let micros = self.duration_us.duration_us(row).and_then(|micros| u64::try_from(micros).ok());
            put_maybe(bytes, micros, put_number);
            for name in &self.by {
                put_text(bytes, &facts::text(name, row).unwrap_or_default());
            }
        });
    }
}

/// Counts.
pub(super) struct Counter<'c> {
    counting: &'c Counting<'c>,
    pub(super) state: State,
    /// The series of labels, as they stand among the bytes, so that they are not made anew for each request.
    series: HashMap<Box<[u8]>, Vec<String>>,
    bytes: Vec<u8>,
}

impl<'c> Counter<'c> {
    pub(super) fn new(counting: &'c Counting<'c>, state: State) -> Self {
        Self { counting, state, series: HashMap::new(), bytes: Vec::new() }
    }

    /// Takes in what was put down of a row.
    fn take(&mut self, handed: &mut Handed<'_>) -> Result<(), Broken> {
        let mut is_new = Some(true);
        if self.counting.options.state.is_some() {
            let identity = handed.maybe(|handed| Ok((handed.text()?, handed.number()?)))?;
            is_new = identity.map(|(instance, seq)| self.state.admit(instance, seq));
            let counts = handed.byte()? != 0;
            self.state.unnumbered += u64::from(is_new.is_none() && counts);
        }
        let is_new = is_new == Some(true);
        let lost = handed.maybe(Handed::number)?.unwrap_or(0);
        if is_new {
            self.state.lost = self.state.lost.saturating_add(lost);
        }
        handed.maybe(|handed| self.request(handed, is_new))?;
        Ok(())
    }

    fn request(&mut self, handed: &mut Handed<'_>, is_new: bool) -> Result<(), Broken> {
        let (weight, is_error) = (handed.number()?, handed.byte()? != 0);
        let bytes_out = handed.maybe(Handed::number)?.unwrap_or(0);
        let micros = handed.maybe(Handed::number)?;
        let from = handed.rest();
        let labels: Vec<&str> = self.counting.by.iter().map(|_| handed.text()).collect::<Result<_, _>>()?;
        if !is_new {
            return Ok(());
        }
        let key = &from[..from.len() - handed.rest().len()];
        if self.series.len() >= SERIES_MAX && !self.series.contains_key(key) {
            self.series.clear();
        }
        if !self.series.contains_key(key) {
            self.series.insert(key.into(), self.state.labels(&labels));
        }
        let Some(series) = self.series.get(key).and_then(|labels| self.state.series.get_mut(labels)) else {
            return Ok(());
        };
        let add = |to: &mut u64, more: u64| *to = to.saturating_add(more);
        add(&mut series.requests, weight);
        add(&mut series.errors, if is_error { weight } else { 0 });
        add(&mut series.bytes_out, bytes_out.saturating_mul(weight));
        if let Some(micros) = micros {
            series.duration(micros, weight);
        }
        Ok(())
    }
}

impl Sink for Counter<'_> {
    /// The query is asked of the same rows: one that looks for text wants all of them.
    fn fields(&self) -> Option<Vec<Name>> {
        let Counting { options, requests, instance, seq, bytes_out, duration_us, by } = self.counting;
        if options.query.as_ref().is_some_and(|query| query.filter.asks_for_text()) {
            return None;
        }
        let asked = options.query.iter().flat_map(|query| query.filter.fields());
        let names = [instance, seq, bytes_out, duration_us].into_iter().chain(by).chain(asked).cloned();
        Some(requests.fields().into_iter().chain(names).collect())
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        self.counting.draw(row, &mut bytes);
        self.drawn("", &bytes)?;
        self.bytes = bytes;
        Ok(())
    }

    fn drawn(&mut self, _file: &str, bytes: &[u8]) -> io::Result<()> {
        Handed::each(bytes, |handed| self.take(handed));
        Ok(())
    }
}

fn whole(name: &Name, row: &Row<'_>) -> Option<u64> {
    name.find(row)?.value.scalar()?.parse().ok()
}
