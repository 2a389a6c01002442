//! Numbers that lie in a range which says more. Most of them set requests apart only because the range does; some stand
//! out of it: beyond chance more requests inside have them than the range's other numbers.

use super::judge::Judge;
use super::sample::Sample;
use super::tally::{Condition, Is, Tally};

/// Tells which conditions say more than the ranges before them.
pub(super) struct Parts<'s> {
    judge: &'s Judge,
    sample: &'s Sample,
    /// Of the values, by place.
    tallies: &'s [Tally],
    ranges: Vec<Range<'s>>,
}

/// A range that was found, and who has each of its numbers, by text.
struct Range<'s> {
    field: String,
    numbers: Vec<(&'s str, Tally)>,
}

impl<'s> Parts<'s> {
    pub(super) fn new(judge: &'s Judge, sample: &'s Sample, tallies: &'s [Tally]) -> Self {
        Self { judge, sample, tallies, ranges: Vec::new() }
    }

    /// Whether these names of the same requests, the best of which come first, are more than a part of a range before them.
    pub(super) fn are_more(&mut self, conditions: &[Condition]) -> bool {
        let is_said = self.ranges.iter().any(|range| range.says(conditions, self.judge));
        for condition in conditions.iter().filter(|condition| matches!(condition.is, Is::Between { .. })) {
            let range = self.range(condition);
            self.ranges.push(range);
        }
        !is_said
    }

    /// Ranges end where there is a cut, which is only near to where a reason ends: numbers of which no more requests are
    /// inside than of all are none of it.
    fn range(&self, condition: &Condition) -> Range<'s> {
        let Sample { fields, values, .. } = self.sample;
        let numbers = (0..).zip(self.tallies).filter(|(place, tally)| {
            fields.name(values.field(*place)) == condition.field
                && values.number(*place).is_some_and(|number| condition.is.holds(number))
                && tally.is_more(&self.judge.all)
        });
        let numbers = numbers.map(|(place, tally)| (values.text(place), *tally)).collect();
        Range { field: condition.field.clone(), numbers }
    }
}

impl Range<'_> {
    /// Whether these are only one of its numbers, under whatever names of that field, and it does not stand out.
    fn says(&self, conditions: &[Condition], judge: &Judge) -> bool {
        let is_of_others = conditions.iter().any(|condition| condition.field != self.field);
        let is_it = |known: &str| {
            conditions.iter().any(|condition| matches!(&condition.is, Is::Text(text) if text == known))
        };
        let Some((text, number)) = self.numbers.iter().find(|(text, _)| is_it(text)) else { return false };
        if is_of_others || self.numbers.len() == 1 {
            return false;
        }
        let mut all = *number;
        for (_, other) in self.numbers.iter().filter(|(other, _)| other != text) {
            all.append(other);
        }
        judge.more(number, &all).is_none()
    }
}
