//! The tree of a request: who called whom, by `span_id` and `parent_id`, in order of time. Whatever the
//! ids say (loops, the same id twice, parents that nobody logged), every record is in it once.

mod links;
#[cfg(test)]
mod tests;

use super::model::{Gap, Item, Span, Trace};
use super::record::{Loss, Record, Role};
use super::{guess, path, skew};
use links::Links;
use std::collections::HashSet;

/// Losses this long after the last record may still be of it: they are written as soon as there is room.
const LOSS_SLACK_US: i64 = 1_000_000;
/// How much earlier than what it hangs below a hop must have begun for that to be told. Less may be times that are cut to
/// seconds, or clocks.
const EARLY_US: i64 = 1_000_000;

impl Trace {
    /// The tree of these records, and what is missing of it.
    pub fn new(records: impl IntoIterator<Item = impl Into<Box<Record>>>, losses: &[Loss]) -> Self {
        let (mut hops, mut events) = sorted_out(records.into_iter().map(Into::into));
        let mut links = Links::between(&hops, &events);
        let skews = skew::correct(&mut hops, &mut events, &links.span_parents);
        let guesses = guess::fill(&hops, &events, &mut links.span_parents, &mut links.event_owners);
        links.flatten();
        let is_sampled = |record: &Record| record.sample_rate.as_deref().is_some_and(|rate| rate != "1");
        let mut trace = Self {
            start_us: 0,
            end_us: 0,
            roots: Vec::new(),
            is_sampled: hops.iter().chain(&events).any(|record| is_sampled(record)),
            spans: hops.into_iter().zip(guesses.hops).map(|(hop, guess)| Span::of(hop, guess)).collect(),
            events,
            owners: links.event_owners,
            guessed_events: guesses.events,
            gaps: links.gaps,
            skews,
        };
        trace.hang(&links.span_parents);
        trace.merge_calls();
        trace.name_parents();
        trace.measure();
        path::measure_own(&mut trace);
        path::mark_critical(&mut trace);
        trace.add_early();
        trace.add_guesses();
        trace.add_losses(losses);
        trace
    }

    /// Hangs every item below its parent and sorts siblings by time; what has no time comes last.
    fn hang(&mut self, span_parents: &[Option<usize>]) {
        let mut items: Vec<(Option<usize>, Item)> = Vec::new();
        items.extend(span_parents.iter().enumerate().map(|(at, parent)| (*parent, Item::Span(at))));
        items.extend(self.owners.iter().enumerate().map(|(at, owner)| (*owner, Item::Event(at))));
        items.sort_by_key(|(_, item)| self.time_of(*item).map_or((true, 0), |us| (false, us)));
        for (parent, item) in items {
            match parent {
                Some(parent) => self.spans[parent].items.push(item),
                None => self.roots.push(item),
            }
        }
    }

    fn time_of(&self, item: Item) -> Option<i64> {
        match item {
            Item::Span(span) => self.spans[span].record.start_us(),
            Item::Event(event) => self.events[event].ts_us,
        }
    }

    /// A call and its only callee that tell the same are one hop: the callee's. Where they differ, that is
    /// what somebody looks for, and both are shown.
    fn merge_calls(&mut self) {
        let agreed = |trace: &Self, call: usize| {
            let [Item::Span(callee)] = trace.spans[call].items[..] else {
                return None;
            };
            agree(&trace.spans[call].record, &trace.spans[callee].record).then_some(Item::Span(callee))
        };
        let replaced: Vec<Option<Item>> = (0..self.spans.len()).map(|span| agreed(self, span)).collect();
        let replace = |item: &mut Item| {
            if let Item::Span(span) = *item
                && let Some(callee) = replaced[span]
            {
                *item = callee;
            }
        };
        self.roots.iter_mut().for_each(replace);
        for span in &mut self.spans {
            span.items.iter_mut().for_each(replace);
        }
        for (call, callee) in replaced.iter().enumerate() {
            if let Some(Item::Span(callee)) = *callee {
                self.spans[callee].call = Some(call);
            }
        }
    }

    /// Of all that is drawn; a call that is drawn as its callee has none.
    fn name_parents(&mut self) {
        let drawn: Vec<Item> = self.walk().map(|(item, _)| item).collect();
        for item in drawn {
            let Item::Span(parent) = item else { continue };
            for at in 0..self.spans[parent].items.len() {
                if let Item::Span(child) = self.spans[parent].items[at] {
                    self.spans[child].parent = Some(parent);
                }
            }
        }
    }

    fn measure(&mut self) {
        let spans = self.spans.iter().map(|span| &span.record);
        let times = || spans.clone().chain(&self.events);
        let start = times().filter_map(|record| record.start_us()).min();
        let end = times().filter_map(|record| record.ts_us).max();
        self.start_us = start.unwrap_or(0);
        self.end_us = end.unwrap_or(0).max(self.start_us);
    }

    fn add_early(&mut self) {
        let early = self.spans.iter().enumerate().filter_map(|(span, hop)| {
            let above_us = self.spans[hop.parent?].record.start_us()?;
            let by_us = above_us.saturating_sub(hop.record.start_us()?);
            (by_us > EARLY_US).then_some(Gap::Early { span, by_us: by_us.unsigned_abs() })
        });
        self.gaps.extend(early);
    }

    fn add_guesses(&mut self) {
        let hops = self.spans.iter().map(|span| span.is_guess);
        let items = hops.chain(self.guessed_events.iter().copied()).filter(|is_guess| *is_guess).count();
        if items > 0 {
            self.gaps.push(Gap::Guessed { items });
        }
    }

    fn add_losses(&mut self, losses: &[Loss]) {
        let until_us = self.end_us.saturating_add(LOSS_SLACK_US);
        let met = losses.iter().filter(|loss| (self.start_us..=until_us).contains(&loss.ts_us));
        self.gaps.extend(met.map(|loss| Gap::Lost {
            lost: loss.lost.clone(),
            service: loss.service.clone(),
            reason: loss.reason.clone(),
        }));
    }
}

/// Hops and events, without copies of a record (a rotated file and its copy), and without the beginnings
/// of requests whose end is there.
#[expect(clippy::vec_box, reason = "records of hundreds of bytes move several times")]
fn sorted_out(records: impl Iterator<Item = Box<Record>>) -> (Vec<Box<Record>>, Vec<Box<Record>>) {
    let all: Vec<Box<Record>> = records.collect();
    let is_left_out = left_out(&all);
    let kept =
        all.into_iter().zip(is_left_out).filter_map(|(record, is_left_out)| (!is_left_out).then_some(record));
    kept.partition(|record| record.role != Role::Event)
}

/// Which of them are copies or such beginnings.
fn left_out(records: &[Box<Record>]) -> Vec<bool> {
    let mut known = HashSet::new();
    let identities = records.iter().map(|record| record.identity.as_ref());
    let mut left_out: Vec<bool> =
        identities.map(|identity| identity.is_some_and(|identity| !known.insert(identity))).collect();
    let is_start = |record: &Record| record.role == Role::Start;
    if records.iter().any(|record| is_start(record)) {
        let ends = records.iter().filter(|record| record.role == Role::Access);
        let ended: HashSet<&str> = ends.filter_map(|record| record.span_id.as_deref()).collect();
        for (record, left_out) in records.iter().zip(&mut left_out).filter(|(record, _)| is_start(record)) {
            *left_out |= record.span_id.as_deref().is_some_and(|id| ended.contains(id));
        }
    }
    left_out
}

/// Whether a call and its callee tell the same: status, outcome, and about the same time.
fn agree(call: &Record, callee: &Record) -> bool {
    let is_pair = call.role == Role::Call && callee.role == Role::Access;
    let about_as_long = match (call.duration_us, callee.duration_us) {
        (Some(outside), Some(inside)) => outside.abs_diff(inside) <= (outside / 10).max(10_000),
        _ => true,
    };
    is_pair && about_as_long && call.status == callee.status && call.outcome == callee.outcome
}
