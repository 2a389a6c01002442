//! Numbers in ranges: the numbers of a field are cut at their quantiles, and every run of neighbouring parts is a range
//! that may be a reason. With few numbers each is a value of its own, and no range says more.

use super::answer::{Condition, Is, Tally};
use super::sample::{Known, Map, Sample};
use std::collections::{BTreeMap, HashMap};

/// Fewer different numbers need no ranges.
const NUMBERS_MIN: usize = 12;
/// Where numbers are cut, in hundredths: finer at the ends, where reasons are.
const CUTS: [u64; 11] = [5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95];

/// Every range of every field of numbers, with who has it.
pub(super) fn ranges(sample: &Sample, each: &mut dyn FnMut(u64, Condition, Tally)) {
    for (field, cuts) in cuts(sample) {
        let name = sample.fields.name(field);
        for ((from, to), tally) in runs(sample, field, &cuts) {
            let at = |cut: usize| cuts.get(cut).copied();
            let is = Is::Between { from: from.checked_sub(1).and_then(at), below: at(to) };
            each(field, Condition { field: name.to_owned(), is }, tally);
        }
    }
}

/// The cuts of each field that has enough numbers: the least number of each part but the first.
fn cuts(sample: &Sample) -> BTreeMap<u64, Vec<f64>> {
    let mut how_often: Map<u64> = Map::default();
    for value in sample.told().flat_map(|(_, request)| &request.values) {
        if sample.values.get(value).is_some_and(|known| known.number.is_some()) {
            *how_often.entry(*value).or_default() += 1;
        }
    }
    let mut fields: BTreeMap<u64, Vec<(f64, u64)>> = BTreeMap::new();
    for (value, count) in how_often {
        if let Some(Known { field, number: Some(number), .. }) = sample.values.get(&value) {
            fields.entry(*field).or_default().push((*number, count));
        }
    }
    fields.retain(|_, numbers| numbers.len() >= NUMBERS_MIN);
    fields.into_iter().map(|(field, numbers)| (field, cuts_of(numbers))).collect()
}

fn cuts_of(mut numbers: Vec<(f64, u64)>) -> Vec<f64> {
    numbers.sort_by(|left, right| left.0.total_cmp(&right.0));
    let all: u64 = numbers.iter().map(|(_, count)| count).sum();
    let mut cuts: Vec<f64> = Vec::new();
    let mut before = 0;
    let mut wanted = CUTS.iter().map(|cut| all * cut / 100).peekable();
    for (number, count) in numbers {
        // A quantile inside of many equal numbers is cut behind them.
        let mut is_cut = false;
        while before > 0 && wanted.next_if(|wanted| *wanted <= before).is_some() {
            is_cut = true;
        }
        if is_cut {
            cuts.push(number);
        }
        before += count;
    }
    cuts
}

/// Who has a number in each run of parts but that of all, the first and last part of which are given.
fn runs(sample: &Sample, field: u64, cuts: &[f64]) -> Vec<((usize, usize), Tally)> {
    let part = |number: f64| cuts.partition_point(|cut| *cut <= number);
    // Requests by the parts they have numbers in: there are few such sets.
    let mut sets: HashMap<u32, Tally> = HashMap::new();
    for (id, request) in sample.told() {
        let known = request.values.iter().filter_map(|value| sample.values.get(value));
        let numbers = known.filter(|known| known.field == field).filter_map(|known| known.number);
        let set = numbers.fold(0_u32, |set, number| set | 1 << part(number));
        if set != 0 {
            sets.entry(set).or_default().add(*id, request);
        }
    }
    let last = cuts.len();
    let all = (0..=last).flat_map(|from| (from..=last).map(move |to| (from, to)));
    all.filter(|run| *run != (0, last))
        .map(|(from, to)| {
            let run = (from..=to).fold(0_u32, |run, part| run | 1 << part);
            let mut tally = Tally::default();
            for (_, of_set) in sets.iter().filter(|(set, _)| **set & run != 0) {
                tally.append(of_set);
            }
            ((from, to), tally)
        })
        .collect()
}
