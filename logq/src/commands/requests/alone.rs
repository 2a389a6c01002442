//! Which trace a record belongs to that has a request id and no trace id: one of those of which other records have both.
//! Request ids are chosen again, so that these may be several; it is then the one that ran at its time, or was nearest.

use super::known::Known;
use crate::trace::Record;
use std::collections::{BTreeSet, HashMap};

/// Request ids that are remembered of a trace. Of more it is the first in their own order, so that the order of files
/// changes nothing.
const REQUEST_IDS_MAX: usize = 64;

/// By request ids, the traces that have them and the numbers of these.
type Candidates<'a> = HashMap<&'a str, Vec<(&'a str, usize)>>;

/// Traces, their request ids, and their times.
#[derive(Debug, Default)]
pub(super) struct Alone {
    /// By trace id.
    beside: HashMap<String, BTreeSet<String>>,
    /// When requests ran, by their numbers, in microseconds since 1970.
    ran_us: HashMap<usize, (i64, i64)>,
}

impl Alone {
    /// A record has both ids.
    pub(super) fn meet(&mut self, trace_id: &str, request_id: &str) {
        if let Some(beside) = self.beside.get_mut(trace_id) {
            if !beside.contains(request_id) {
                beside.insert(request_id.to_owned());
                if beside.len() > REQUEST_IDS_MAX {
                    beside.pop_last();
                }
            }
        } else {
            self.beside.insert(trace_id.to_owned(), BTreeSet::from([request_id.to_owned()]));
        }
    }

    /// This trace is not wanted any more.
    pub(super) fn forget(&mut self, trace_id: &str) {
        self.beside.remove(trace_id);
    }

    /// Only these traces are wanted.
    pub(super) fn retain(&mut self, is_wanted: impl Fn(&str) -> bool) {
        self.beside.retain(|trace_id, _| is_wanted(trace_id));
    }

    /// All request ids.
    pub(super) fn request_ids(&self) -> impl Iterator<Item = &str> {
        self.beside.values().flatten().map(String::as_str)
    }

    /// A request ran while a record of its trace did.
    pub(super) fn hold(&mut self, request: usize, record: &Record) {
        if let Some((began_us, ended_us)) = span_us(record) {
            let ran_us = self.ran_us.entry(request).or_insert((began_us, ended_us));
            *ran_us = (ran_us.0.min(began_us), ran_us.1.max(ended_us));
        }
    }

    /// The requests that a record without a trace may be of.
    pub(super) fn candidates(&self, known: &Known) -> Candidates<'_> {
        let mut candidates = Candidates::new();
        for (trace_id, beside) in &self.beside {
            let Some(request) = known.get(trace_id) else { continue };
            for request_id in beside {
                candidates.entry(request_id).or_default().push((trace_id, request));
            }
        }
        candidates
    }

    /// The request of a record that has no trace: of those with its request id the one that ran at its time, or was
    /// nearest; of several such the one that began and ended most like it.
    pub(super) fn request_of(&self, record: &Record, candidates: &Candidates<'_>) -> Option<usize> {
        let candidates = candidates.get(record.request_id.as_deref()?)?.iter();
        let ranked = candidates.map(|(id, request)| (self.distance_us(*request, record), id, *request));
        ranked.min().map(|(.., request)| request)
    }

    /// The time between a request and a record, then by how much they begin and end apart.
    fn distance_us(&self, request: usize, record: &Record) -> (u64, u64) {
        let (Some((from_us, to_us)), Some((began_us, ended_us))) =
            (self.ran_us.get(&request), span_us(record))
        else {
            return (u64::MAX, u64::MAX);
        };
        let after_us = began_us.saturating_sub(*to_us).max(from_us.saturating_sub(ended_us)).max(0);
        let apart_us = from_us.abs_diff(began_us).saturating_add(to_us.abs_diff(ended_us));
        (after_us.unsigned_abs(), apart_us)
    }
}

/// When a record's request began and ended; an event is over at once.
fn span_us(record: &Record) -> Option<(i64, i64)> {
    Some((record.start_us()?, record.ts_us?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use crate::testing::row;

    #[test]
    fn a_record_is_of_the_trace_that_ran_at_its_time_or_nearest() {
        // Two that lie apart, and one within the second of them.
        let ran = [("t2", 0, 1), ("t1", 20, 30), ("t3", 24, 26)];
        let rows =
            [(0, 1, "t2"), (3, 4, "t2"), (15, 16, "t1"), (20, 31, "t1"), (25, 25, "t3"), (24, 26, "t3")];
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let (mut alone, mut known) = (Alone::default(), Known::default());
            for (at, (trace_id, began, ended)) in order.map(|at| ran[at]).into_iter().enumerate() {
                known.put(trace_id.to_owned());
                alone.meet(trace_id, "r1");
                alone.hold(at, &record(began, ended));
            }
            let candidates = alone.candidates(&known);
            for (began, ended, expected) in rows {
                let request = alone.request_of(&record(began, ended), &candidates);
                assert_eq!(request, known.get(expected), "{began} to {ended} in {order:?}");
            }
            let timeless = Record::of(&row(r#"{"request_id":"r1"}"#), &Facts::new());
            assert_eq!(alone.request_of(&timeless, &candidates), known.get("t1"), "{order:?}");
            let other = Record::of(&row(r#"{"request_id":"r2"}"#), &Facts::new());
            assert_eq!(alone.request_of(&other, &candidates), None);
        }
    }

    #[test]
    fn of_many_request_ids_the_same_are_remembered_in_any_order() {
        let ids: Vec<String> = (0..2 * REQUEST_IDS_MAX).map(|n| format!("r{n:04}")).collect();
        let (mut there, mut back) = (Alone::default(), Alone::default());
        for (id, last) in ids.iter().zip(ids.iter().rev()) {
            there.meet("t1", id);
            back.meet("t1", last);
        }
        assert_eq!(there.beside, back.beside);
        assert_eq!(there.request_ids().count(), REQUEST_IDS_MAX);
    }

    /// From one second to another.
    fn record(began: u32, ended: u32) -> Record {
        let duration_us = (ended - began) * 1_000_000;
        let line = format!(
            r#"{{"ts":"2026-11-21T04:00:{ended:02}Z","request_id":"r1","duration_us":{duration_us},"status":200}}"#
        );
        Record::of(&row(&line), &Facts::new())
    }
}
