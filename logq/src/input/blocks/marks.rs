//! Places of a file from which looking at its lines can be taken up again, with what stands above them. Some are spread
//! over all that was looked at, the wider apart the more that is; the others are where somebody stopped and will go on,
//! so that reading in order costs no second look, however long the file is and however many read it.

use crate::heading::Above;
use std::collections::VecDeque;
use std::sync::Arc;

/// How far the places that are spread are apart in a short file.
const APART_BYTES: u64 = 64 << 10;

/// Places that are spread, at most.
const SPREAD_MAX: usize = 4096;

/// What their headings may take of the memory. Only odd ones come near it.
const SPREAD_BYTES_MAX: usize = 4 << 20;

/// Places where somebody stopped: more than threads read a file.
const STOPS_MAX: usize = 16;

/// A place, and what all lines say that start before it.
type Mark = (u64, Above);

#[derive(Debug)]
pub(super) struct Marks {
    /// In their order.
    spread: Vec<Mark>,
    spread_bytes: usize,
    apart_bytes: u64,
    /// The newest last.
    stops: VecDeque<Mark>,
}

impl Default for Marks {
    fn default() -> Self {
        Self { spread: Vec::new(), spread_bytes: 0, apart_bytes: APART_BYTES, stops: VecDeque::new() }
    }
}

impl Marks {
    /// The last place up to this one; the start of the file if there is none.
    pub(super) fn nearest(&self, place: u64) -> Mark {
        let count = self.spread.partition_point(|(at, _)| *at <= place);
        let stops = self.stops.iter().filter(|(at, _)| *at <= place);
        stops.chain(self.spread[..count].last()).max_by_key(|(at, _)| *at).cloned().unwrap_or_default()
    }

    /// Somebody looks on from here.
    pub(super) fn pass(&mut self, place: u64, above: &Above) {
        let last = self.spread.last();
        if place < last.map_or(0, |(at, _)| *at) + self.apart_bytes {
            return;
        }
        self.spread_bytes += bytes_behind(last.map(|(_, above)| above), above);
        self.spread.push((place, above.clone()));
        while self.spread.len() > SPREAD_MAX || self.spread_bytes > SPREAD_BYTES_MAX {
            self.thin_out();
        }
    }

    /// Somebody who went on from one place stops at another, and will go on there.
    pub(super) fn stop(&mut self, from: u64, to: u64, above: &Above) {
        self.stops.retain(|(at, _)| *at != from && *at != to);
        self.stops.push_back((to, above.clone()));
        if self.stops.len() > STOPS_MAX {
            self.stops.pop_front();
        }
    }

    fn thin_out(&mut self) {
        self.apart_bytes *= 2;
        let mut next = self.apart_bytes;
        self.spread.retain(|(at, _)| {
            let is_apart = *at >= next;
            next = if is_apart { at + self.apart_bytes } else { next };
            is_apart
        });
        let mut before = None;
        self.spread_bytes =
            self.spread.iter().map(|(_, above)| bytes_behind(before.replace(above), above)).sum();
    }
}

/// What a heading takes of the memory behind a place where another one counted, or the same.
fn bytes_behind(before: Option<&Above>, above: &Above) -> usize {
    let is_same =
        |heading| before.and_then(Above::heading).is_some_and(|before| Arc::ptr_eq(before, heading));
    above.heading().filter(|heading| !is_same(heading)).map_or(0, |heading| heading.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_spread_over_all_of_a_file_however_long_it_is() {
        let (usual, widest) = ("#Fields: a b\n".to_owned(), format!("#Fields: {}\n", "a ".repeat(8000)));
        for (columns, is_said_anew, count, near) in [(usual, false, 10_000, 1000), (widest, true, 100, 5)] {
            let (mut marks, mut above) = (Marks::default(), Above::default());
            for number in 1..=count {
                above = if is_said_anew { Above::default() } else { above };
                above.pass(columns.as_bytes(), 0, |_, _| {});
                marks.pass(number * APART_BYTES, &above);
            }
            assert!(marks.spread.len() <= SPREAD_MAX && marks.spread_bytes <= SPREAD_BYTES_MAX);
            for place in (0..count).map(|number| number * APART_BYTES + 1) {
                let (at, _) = marks.nearest(place);
                let is_near = at <= place && place - at <= count * APART_BYTES / near;
                assert!(is_near, "{at} is not near {place}");
            }
        }
    }

    #[test]
    fn who_stopped_goes_on_there_until_too_many_others_did() {
        let (mut marks, above) = (Marks::default(), Above::default());
        for step in 0..100 {
            for reader in 1..=STOPS_MAX as u64 {
                let from = reader * 1000 + step;
                assert!(step == 0 || marks.nearest(from).0 == from, "{reader} at {step}");
                marks.stop(from, from + 1, &above);
            }
        }
        marks.stop(1, 2, &above);
        assert_eq!([2, 1100, 2100].map(|place| marks.nearest(place).0), [2, 2, 2100]);
    }
}
