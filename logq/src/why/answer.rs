//! From the kept requests to what sets those inside apart: for every value the share of requests with it, inside and
//! outside; an exact test of each, corrected for how many were tried; and an order by how large the difference is at
//! least.

use super::bins;
use super::judge::{Judge, More};
use super::parts::Parts;
use super::sample::Sample;
use super::tally::{Condition, Is, Tally};
use std::collections::HashMap;

/// Requests that must have a value for it to be tried.
pub const SUPPORT_MIN: u64 = 5;
/// The probability that chance alone makes anything look like a reason.
pub const FALSE_MAX: f64 = 0.01;
/// Which of several names for the same requests is the reason, most probably: what somebody changed.
const LIKELY: [&str; 8] =
    ["flags.", "release", "host", "service", "route", "api_method", "user_id", "api_key"];

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Kept requests that the query takes.
    pub inside: u64,
    /// The other kept ones.
    pub outside: u64,
    /// One request in so many was kept.
    pub one_in: u64,
    /// Values and ranges that were tried, those of the same requests as one.
    pub tried: usize,
    /// Whether there are so few requests inside, or outside, that not even what all of those inside have and none of
    /// the others would be beyond chance.
    pub is_too_few: bool,
    /// What sets the requests inside apart, the largest difference first.
    pub findings: Vec<Finding>,
}

/// What more of the requests inside have than of those outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Conditions which the very same requests meet, the likeliest reason first.
    pub conditions: Vec<Condition>,
    /// Kept requests inside that meet them.
    pub inside: u64,
    /// The same outside.
    pub outside: u64,
    /// The share of requests inside that meet them, sampled ones weighted by how many they stand for.
    pub inside_share: f64,
    /// The same outside.
    pub outside_share: f64,
    /// The lower 99 % bound of the difference of the shares, after correction.
    pub difference_min: f64,
    /// The probability that chance alone makes such a difference, before correction.
    pub by_chance: f64,
    /// The [`key`](super::key) of one of the requests inside that meet them, the same whatever order they came in.
    pub example: u64,
}

/// A group of conditions that the same requests meet.
struct Group {
    conditions: Vec<Condition>,
    tally: Tally,
    /// The field, if all of its conditions are ranges.
    range_of: Option<u16>,
}

/// What sets apart the requests inside.
pub fn answer(sample: &Sample) -> Answer {
    let mut all = Tally::default();
    for (id, request) in sample.told() {
        all.add(*id, request);
    }
    let tallies = tallies(sample);
    let groups = groups(sample, &all, &tallies);
    let [outside, inside] = all.counts;
    let judge = Judge::new(all, FALSE_MAX, groups.len());
    let tried = groups.len();
    let is_too_few = judge.by_chance((inside, inside), (0, outside)) > judge.chance_max;
    let mut findings: Vec<(Option<u16>, Finding)> =
        groups.into_iter().filter_map(|group| Some((group.range_of, finding(group, &judge)?))).collect();
    findings.sort_by(|(_, left), (_, right)| {
        let bound = right.difference_min.total_cmp(&left.difference_min);
        let name = |finding: &Finding| (finding.conditions[0].field.clone(), rank(&finding.conditions[0]));
        bound.then(left.by_chance.total_cmp(&right.by_chance)).then_with(|| name(left).cmp(&name(right)))
    });
    // Ranges of one field overlap; the best says what there is to say.
    let mut seen = Vec::new();
    findings.retain(|(range_of, _)| {
        range_of.is_none_or(|field| {
            !seen.contains(&field) && {
                seen.push(field);
                true
            }
        })
    });
    let mut parts = Parts::new(&judge, sample, &tallies);
    let findings = findings.into_iter().map(|(_, finding)| finding);
    let findings = findings.filter(|finding| parts.are_more(&finding.conditions)).collect();
    Answer { inside, outside, one_in: 1 << sample.halvings.min(63), tried, is_too_few, findings }
}

/// Who has each of the values, by place.
fn tallies(sample: &Sample) -> Vec<Tally> {
    let mut tallies = vec![Tally::default(); sample.values.len()];
    for (id, request) in sample.told() {
        for place in &request.values {
            if let Some(tally) = tallies.get_mut(usize::try_from(*place).unwrap_or(usize::MAX)) {
                tally.add(*id, request);
            }
        }
    }
    tallies
}

/// All that is tried: what enough requests have, and not all of them.
fn groups(sample: &Sample, all: &Tally, tallies: &[Tally]) -> Vec<Group> {
    let requests: u64 = all.counts.iter().sum();
    let mut groups: HashMap<(u64, u64), Group> = HashMap::new();
    let mut put = |range_of: Option<u16>, condition: &dyn Fn() -> Condition, tally: Tally| {
        if (SUPPORT_MIN..requests).contains(&tally.count()) {
            let count = tally.count();
            let group =
                groups.entry((tally.who, count)).or_insert(Group { conditions: Vec::new(), tally, range_of });
            group.conditions.push(condition());
            group.range_of = group.range_of.filter(|field| range_of == Some(*field));
        }
    };
    for (place, tally) in (0..).zip(tallies) {
        let field = || sample.fields.name(sample.values.field(place)).to_owned();
        let text = || sample.values.text(place).to_owned();
        put(None, &|| Condition { field: field(), is: Is::Text(text()) }, *tally);
    }
    bins::ranges(sample, tallies, &mut |field, condition, tally| put(Some(field), condition, tally));
    groups.into_values().collect()
}

/// What a group says, if it does.
fn finding(mut group: Group, judge: &Judge) -> Option<Finding> {
    let More { difference_min, by_chance } = judge.more(&group.tally, &judge.all)?;
    let [outside, inside] = group.tally.counts;
    group.conditions.sort_by_key(rank);
    Some(Finding {
        conditions: group.conditions,
        inside,
        outside,
        inside_share: group.tally.share(&judge.all, 1).0,
        outside_share: group.tally.share(&judge.all, 0).0,
        difference_min,
        by_chance,
        example: group.tally.example,
    })
}

/// The likeliest reason first: what somebody changes, then the shorter text, ranges last.
fn rank(condition: &Condition) -> (bool, usize, usize, String) {
    let is_it = |likely: &&str| {
        condition.field == *likely || (likely.ends_with('.') && condition.field.starts_with(*likely))
    };
    let at = LIKELY.iter().position(is_it).unwrap_or(LIKELY.len());
    let (is_range, text) = match &condition.is {
        Is::Text(text) => (false, text.clone()),
        Is::Between { from, below } => (true, format!("{from:?} {below:?}")),
    };
    (is_range, at, condition.field.len(), condition.field.clone() + &text)
}
