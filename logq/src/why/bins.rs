//! Numbers in ranges: the numbers of a field are cut at their quantiles, and every run of neighbouring parts is a range
//! that may be a reason. With few numbers each is a value of its own, and no range says more.

use super::sample::Sample;
use super::tally::{Condition, Is, Tally};
use std::collections::{BTreeMap, HashMap};

/// Fewer different numbers need no ranges.
const NUMBERS_MIN: usize = 12;
/// Where numbers are cut, in hundredths: finer at the ends, where reasons are.
const CUTS: [u64; 11] = [5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95];

/// A field with enough numbers.
struct Cut {
    field: u16,
    /// The least number of each part but the first.
    cuts: Vec<f64>,
    /// Requests by the parts that they have numbers in: there are few such sets.
    sets: HashMap<u32, Tally>,
}

/// What takes a field, how a range of it is called, and who has a number in it.
type Each<'e> = dyn FnMut(u16, &dyn Fn() -> Condition, Tally) + 'e;

/// Every range of every field of numbers, with who has it. `tallies` are of the values, by place.
pub(super) fn ranges(sample: &Sample, tallies: &[Tally], each: &mut Each<'_>) {
    let mut all = cuts(sample, tallies);
    let parts = parts(sample, tallies, &all);
    for (id, request) in sample.told() {
        let mut of_request: Vec<(usize, u32)> = Vec::new();
        for place in &request.values {
            let part = parts.get(usize::try_from(*place).unwrap_or(usize::MAX));
            let Some(Some((at, part))) = part else { continue };
            match of_request.iter_mut().find(|(known, _)| known == at) {
                Some((_, set)) => *set |= 1 << part,
                None => of_request.push((*at, 1 << part)),
            }
        }
        for (at, set) in of_request {
            all[at].sets.entry(set).or_default().add(*id, request);
        }
    }
    for cut in &all {
        for ((from, to), tally) in cut.runs() {
            let at = |part: usize| cut.cuts.get(part).copied();
            let is = || Is::Between { from: from.checked_sub(1).and_then(at), below: at(to) };
            let condition = || Condition { field: sample.fields.name(cut.field).to_owned(), is: is() };
            each(cut.field, &condition, tally);
        }
    }
}

fn cuts(sample: &Sample, tallies: &[Tally]) -> Vec<Cut> {
    let mut fields: BTreeMap<u16, Vec<(f64, u64)>> = BTreeMap::new();
    for (place, tally) in (0..).zip(tallies).filter(|(_, tally)| tally.count() > 0) {
        if let Some(number) = sample.values.number(place) {
            fields.entry(sample.values.field(place)).or_default().push((number, tally.count()));
        }
    }
    fields.retain(|_, numbers| numbers.len() >= NUMBERS_MIN);
    let cut = |(field, numbers)| Cut { field, cuts: cuts_of(numbers), sets: HashMap::new() };
    fields.into_iter().map(cut).collect()
}

/// Of each value the field, by its place among those that are cut, and the part that it lies in.
fn parts(sample: &Sample, tallies: &[Tally], all: &[Cut]) -> Vec<Option<(usize, usize)>> {
    let part = |place: u32| {
        let at = all.binary_search_by_key(&sample.values.field(place), |cut| cut.field).ok()?;
        let number = sample.values.number(place)?;
        Some((at, all[at].cuts.partition_point(|cut| *cut <= number)))
    };
    (0..).zip(tallies).map(|(place, _)| part(place)).collect()
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

impl Cut {
    /// Who has a number in each run of parts but that of all, the first and last part of which are given.
    fn runs(&self) -> Vec<((usize, usize), Tally)> {
        let last = self.cuts.len();
        let all = (0..=last).flat_map(|from| (from..=last).map(move |to| (from, to)));
        all.filter(|run| *run != (0, last))
            .map(|(from, to)| {
                let run = (from..=to).fold(0_u32, |run, part| run | 1 << part);
                let mut tally = Tally::default();
                for (_, of_set) in self.sets.iter().filter(|(set, _)| **set & run != 0) {
                    tally.append(of_set);
                }
                ((from, to), tally)
            })
            .collect()
    }
}
