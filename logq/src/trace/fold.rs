//! Many hops or events that are alike, as the first few, the slowest, and a count of the others.

use super::model::{Item, Trace};
use super::record::{Record, Role};
use crate::level;
use std::collections::BTreeMap;

/// As many that are alike are all shown.
const ALIKE_SHOWN_MAX: usize = 6;
/// Of more, so many first ones, and of hops the slowest.
const FIRST_SHOWN: usize = 3;

/// A line of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it shows.
    pub what: What,
    /// The number of hops above it.
    pub depth: usize,
    /// The fold that hides it, and what is below it, while that is closed.
    pub fold: Option<usize>,
}

/// What a line of a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A hop or an event.
    Item(Item),
    /// Siblings that are alike.
    Fold(Fold),
}

/// Siblings that are alike and not shown one by one. They stand where the first of them would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// Which of the picture's folds it is, counted from 0.
    pub number: usize,
    /// How many they are.
    pub items: usize,
    /// How many hops and events are below them.
    pub below: usize,
    /// Whether they are events.
    pub is_events: bool,
    /// Of hops the least duration, of events the earliest time after the beginning, in microseconds;
    /// `None` where none is known.
    pub least_us: Option<u64>,
    /// Of hops the greatest duration, of events the latest time.
    pub most_us: Option<u64>,
}

impl Trace {
    /// The lines of a picture in drawing order, with those that folds may hide.
    pub fn rows(&self) -> Vec<Row> {
        let sums = Sums::of(self);
        let mut folds = 0;
        let mut rows = Vec::new();
        let mut stack = folded(self, &sums, &self.roots, 0, &mut folds);
        stack.reverse();
        while let Some(row) = stack.pop() {
            rows.push(row);
            if let What::Item(Item::Span(span)) = row.what {
                let below = folded(self, &sums, &self.spans[span].items, row.depth + 1, &mut folds);
                stack.extend(below.into_iter().rev());
            }
        }
        rows
    }

    /// The lines that are seen while every fold is closed.
    pub fn rows_folded(&self) -> Vec<Row> {
        let mut hidden_below = usize::MAX;
        let mut rows = self.rows();
        rows.retain(|row| {
            if row.depth <= hidden_below {
                hidden_below = if row.fold.is_some() { row.depth } else { usize::MAX };
            }
            hidden_below == usize::MAX
        });
        rows
    }
}

/// Of each hop how much is below it, and how bad the worst of that is.
struct Sums {
    below: Vec<usize>,
    worst: Vec<u8>,
}

impl Sums {
    fn of(trace: &Trace) -> Self {
        let hops = trace.spans.len();
        let mut sums = Self { below: vec![0; hops], worst: vec![0; hops] };
        let drawn: Vec<Item> = trace.walk().map(|(item, _)| item).collect();
        // Backwards, so that each hop comes behind all that is below it.
        for item in drawn.into_iter().rev() {
            let (own, parent) = match item {
                Item::Span(span) => {
                    let worst = rank(&trace.spans[span].record).max(sums.worst[span]);
                    sums.worst[span] = worst;
                    ((1 + sums.below[span], worst), trace.spans[span].parent)
                }
                Item::Event(event) => ((1, rank(&trace.events[event])), trace.owners[event]),
            };
            if let Some(parent) = parent {
                sums.below[parent] += own.0;
                sums.worst[parent] = sums.worst[parent].max(own.1);
            }
        }
        sums
    }
}

fn rank(record: &Record) -> u8 {
    // What is not bad is all the same.
    level::rank(record.severity()).filter(|rank| *rank > 3).unwrap_or(0)
}

fn folded(trace: &Trace, sums: &Sums, items: &[Item], depth: usize, folds: &mut usize) -> Vec<Row> {
    let shown = |item: &Item| Row { what: What::Item(*item), depth, fold: None };
    let mut rows: Vec<Row> = items.iter().map(shown).collect();
    if items.len() <= ALIKE_SHOWN_MAX {
        return rows;
    }
    let mut alike: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, item) in items.iter().enumerate() {
        alike.entry(likeness(trace, sums, *item)).or_default().push(at);
    }
    // The line of each fold, and before which of the items it stands.
    let mut lines: Vec<(usize, Row)> = Vec::new();
    for places in alike.into_values().filter(|places| places.len() > ALIKE_SHOWN_MAX) {
        let slowest = places.iter().max_by_key(|at| (duration(trace, items[**at]), std::cmp::Reverse(**at)));
        let slowest = slowest.filter(|at| matches!(items[**at], Item::Span(_))).copied();
        let hidden = places.iter().skip(FIRST_SHOWN).copied().filter(|at| Some(*at) != slowest);
        let hidden: Vec<usize> = hidden.collect();
        let fold = fold(trace, sums, *folds, hidden.iter().map(|at| items[*at]));
        lines.push((hidden[0], Row { what: What::Fold(fold), depth, fold: None }));
        for at in hidden {
            rows[at].fold = Some(*folds);
        }
        *folds += 1;
    }
    lines.sort_unstable_by_key(|(before, _)| std::cmp::Reverse(*before));
    let mut all = Vec::with_capacity(rows.len() + lines.len());
    for (at, row) in rows.into_iter().enumerate() {
        if lines.last().is_some_and(|(before, _)| *before == at) {
            all.extend(lines.pop().map(|(_, line)| line));
        }
        all.push(row);
    }
    all
}

fn fold(trace: &Trace, sums: &Sums, number: usize, items: impl Iterator<Item = Item>) -> Fold {
    let mut fold = Fold { number, items: 0, below: 0, is_events: false, least_us: None, most_us: None };
    for item in items {
        fold.items += 1;
        let figure_us = match item {
            Item::Span(span) => {
                fold.below += sums.below[span];
                trace.spans[span].record.duration_us
            }
            Item::Event(event) => {
                fold.is_events = true;
                let ts_us = trace.events[event].ts_us;
                ts_us.map(|us| u64::try_from(us.saturating_sub(trace.start_us)).unwrap_or(0))
            }
        };
        if let Some(us) = figure_us {
            fold.least_us = Some(fold.least_us.map_or(us, |least| least.min(us)));
            fold.most_us = Some(fold.most_us.map_or(us, |most| most.max(us)));
        }
    }
    fold
}

fn duration(trace: &Trace, item: Item) -> Option<u64> {
    match item {
        Item::Span(span) => trace.spans[span].record.duration_us,
        Item::Event(_) => None,
    }
}

/// What two siblings have in common when they are alike: who, what, how it ended, and how bad the worst below
/// them is; figures in paths and messages do not count.
fn likeness(trace: &Trace, sums: &Sums, item: Item) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    match item {
        Item::Span(span) => {
            let record = &trace.spans[span].record;
            let place = record.route.clone().unwrap_or_else(|| without_figures(&text(&record.path)));
            let role = match record.role {
                Role::Call => "call",
                Role::Start => "start",
                Role::Access | Role::Event => "access",
            };
            let authority = if record.role == Role::Call { text(&record.authority) } else { String::new() };
            let parts = [&record.service, &record.method, &record.status, &record.outcome].map(text);
            format!("{role}\0{}\0{authority}\0{place}\0{}", parts.join("\0"), sums.worst[span])
        }
        Item::Event(event) => {
            let record = &trace.events[event];
            let message = without_figures(&text(&record.message));
            format!("event\0{}\0{}\0{message}", text(&record.service), text(&record.level))
        }
    }
}

/// The words of a text, those with a digit in them all alike.
fn without_figures(text: &str) -> String {
    let is_border = |c: char| matches!(c, '/' | ' ' | '=' | ',' | ':' | '?' | '&');
    let word = |word: &str| {
        let inner = word.trim_end_matches(is_border);
        if inner.contains(|c: char| c.is_ascii_digit()) {
            format!("#{}", &word[inner.len()..])
        } else {
            word.to_owned()
        }
    };
    text.split_inclusive(is_border).map(word).collect()
}

#[cfg(test)]
mod tests;
