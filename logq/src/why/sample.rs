//! The requests that are kept: all of them while there is room, and then those whose hash is small enough, half as many
//! each time. Which ones these are hangs on the requests alone, not on the order of their records, nor on who read them.

use super::fields::Fields;
use super::request::{Key, Map};
use super::values::{VALUE_BYTES_MAX, Values, hash_of};
use crate::facts::{self, Facts};
use crate::field::Name;
use crate::query::Filter;
use crate::row::{Row, Shape};
use crate::value::Value;
use std::sync::Arc;

/// Values of one request; what goes round under one id for days has more. Those of the smallest hashes are kept, so that
/// the order of its records says nothing of which these are.
const REQUEST_VALUES_MAX: usize = 256;
/// Bytes that a request takes beside its values, about, and each of its values.
const REQUEST_BYTES: usize = 64;
const PLACE_BYTES: usize = 4;
/// Bytes that all of them may take with all they have, for each request there is room for; and at most, whatever there
/// is room for.
const BYTES_EACH: usize = 512;
const BYTES_MAX: usize = 1 << 30;
/// Then one in so many that nobody has so many requests.
const HALVINGS_MAX: u32 = 63;

/// Requests and what they have.
#[derive(Debug)]
pub struct Sample {
    facts: Arc<Facts>,
    rate: Name,
    key: Key,
    pub(super) fields: Fields,
    requests_max: usize,
    /// How often the requests were halved.
    pub(super) halvings: u32,
    pub(super) requests: Map<Request>,
    pub(super) values: Values,
    /// Values of all requests.
    held: usize,
    /// Requests that have as many values as there is room for. Each counts as if its values were all its own and as long
    /// as can be: so it never takes less for a record more, and when the requests are halved hangs on no order.
    full: usize,
    /// Those of the request that is being added to.
    scratch: Vec<u32>,
}

/// A request, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Request {
    /// Whether the query takes one of its records.
    pub(super) is_inside: bool,
    /// Whether one of its records is of the request itself and not only of something in it.
    pub(super) is_told: bool,
    /// For how many it stands.
    pub(super) weight: u32,
    /// The places of its values, in a piece of memory of just their length.
    pub(super) values: Box<[u32]>,
}

impl Sample {
    /// No request yet, of fields that may be a reason, and room for so many.
    pub fn new(fields: Fields, requests_max: usize) -> Self {
        let facts = Arc::new(Facts::new());
        Self {
            key: Key::new(Arc::clone(&facts)),
            rate: Name::new("sample_rate"),
            facts,
            fields,
            requests_max,
            halvings: 0,
            requests: Map::default(),
            values: Values::default(),
            held: 0,
            full: 0,
            scratch: Vec::new(),
        }
    }

    /// Keeps from now on only so many requests as there is room for if there are so many in all: none is taken in first
    /// to be dropped later.
    pub fn expect(&mut self, requests: u64) {
        let room = u64::try_from(self.requests_max).unwrap_or(u64::MAX);
        while self.halvings < HALVINGS_MAX && requests >> self.halvings > room {
            self.halvings += 1;
        }
        self.drop_beyond();
    }

    /// How many are rather to be expected, if so many were and that left half of the room empty or more. It is half of what
    /// there seem to be, so as not to be too many again.
    pub fn expected_too_many(&self, requests: u64) -> Option<u64> {
        let mut expecting = Self::new(self.fields.clone(), self.requests_max);
        expecting.expect(requests);
        let has_guessed = self.halvings > 0 && self.halvings == expecting.halvings;
        let is_empty = self.requests.len() <= self.requests_max / 2 && self.bytes() <= self.bytes_max() / 2;
        (has_guessed && is_empty).then_some((self.requests.len() as u64) << self.halvings.min(32) >> 1)
    }

    /// How many requests are kept.
    pub fn requests(&self) -> usize {
        self.requests.len()
    }

    /// Requests with a record of their own; of the others only something in them is known.
    pub(super) fn told(&self) -> impl Iterator<Item = (&u64, &Request)> {
        self.requests.iter().filter(|(_, request)| request.is_told)
    }

    /// Whether a line is surely of no request that is kept.
    pub fn refuses(&mut self, line: &[u8]) -> bool {
        self.key.refuses(line)
    }

    /// Adds a record. Lines of no known shape are of no request.
    pub fn add(&mut self, row: &Row<'_>, filter: &Filter) {
        if row.shape == Shape::Unknown {
            return;
        }
        let id = self.key.of(row);
        if id > self.most() {
            return;
        }
        let kind = facts::text(&self.facts.kind, row);
        let is_told = kind.is_none_or(|kind| tells(&kind));
        let rate = self.rate.resolve(row).and_then(|rate| rate.scalar()?.parse().ok()).unwrap_or(1);
        let request = self.requests.entry(id).or_default();
        request.is_inside = request.is_inside || filter.matches(row);
        if is_told {
            request.is_told = true;
            request.weight = request.weight.max(rate);
            self.scratch.clear();
            self.scratch.extend_from_slice(&request.values);
            if take_in(row, &mut self.fields, &mut self.values, &mut self.scratch) {
                self.put(id);
            }
        }
        self.make_room();
    }

    /// Gives a request the values that were gathered for it.
    fn put(&mut self, id: u64) {
        let Some(request) = self.requests.get_mut(&id) else { return };
        let (before, has) = (request.values.len(), &self.scratch);
        self.held += has.len() - before;
        if has.len() < REQUEST_VALUES_MAX {
            has[before..].iter().for_each(|place| self.values.take_up(*place));
        } else if before < REQUEST_VALUES_MAX {
            request.values.iter().for_each(|place| self.values.give_up(*place));
            self.full += 1;
        }
        request.values = has.as_slice().into();
        // What a full request no longer has may be nobody's, and there is no end of it.
        let most = self.values.used() + (self.full + 1) * REQUEST_VALUES_MAX;
        if self.full > 0 && self.values.len() > 2 * most {
            self.drop_beyond();
        }
    }

    /// With what somebody else has kept of other records.
    #[must_use]
    pub fn merged(mut self, other: Self) -> Self {
        self.merge(other);
        self
    }

    /// Adds what somebody else has kept of other records.
    pub fn merge(&mut self, other: Self) {
        let fields = self.fields.merge(&other.fields);
        let places = self.values.append(&other.values, &fields);
        let is_more_kept = self.halvings != other.halvings;
        self.halvings = self.halvings.max(other.halvings);
        for (id, mut request) in other.requests {
            for place in &mut request.values {
                *place = places.get(usize::try_from(*place).unwrap_or(usize::MAX)).copied().unwrap_or(*place);
            }
            let mine = self.requests.entry(id).or_default();
            mine.is_inside |= request.is_inside;
            mine.is_told |= request.is_told;
            mine.weight = mine.weight.max(request.weight);
            if mine.values.is_empty() {
                mine.values = request.values;
            } else if request.values.iter().any(|place| !mine.values.contains(place)) {
                let further = request.values.iter().filter(|place| !mine.values.contains(place));
                let mut all: Vec<u32> = mine.values.iter().chain(further).copied().collect();
                all.sort_unstable_by_key(|place| self.values.hash(*place));
                all.truncate(REQUEST_VALUES_MAX);
                mine.values = all.into();
            }
        }
        if is_more_kept {
            self.drop_beyond();
        } else {
            self.count();
        }
        self.make_room();
    }

    fn most(&self) -> u64 {
        u64::MAX >> self.halvings
    }

    fn make_room(&mut self) {
        while self.halvings < HALVINGS_MAX
            && (self.requests.len() > self.requests_max || self.bytes() > self.bytes_max())
        {
            self.halvings += 1;
            self.drop_beyond();
        }
    }

    fn drop_beyond(&mut self) {
        let most = self.most();
        self.key.keep(most);
        self.requests.retain(|id, _| *id <= most);
        self.values.retain(self.requests.values_mut().flat_map(|request| &mut request.values));
        self.count();
    }

    /// Counts anew what there is.
    fn count(&mut self) {
        (self.held, self.full) = (0, 0);
        self.values.give_up_all();
        for request in self.requests.values() {
            self.held += request.values.len();
            if request.values.len() < REQUEST_VALUES_MAX {
                request.values.iter().for_each(|place| self.values.take_up(*place));
            } else {
                self.full += 1;
            }
        }
    }

    /// Bytes of what is kept, about: as many for the same records, in whatever order and by whomever they were added.
    pub fn bytes(&self) -> usize {
        let full = self.full * REQUEST_VALUES_MAX * VALUE_BYTES_MAX;
        self.requests.len() * REQUEST_BYTES + self.held * PLACE_BYTES + self.values.bytes() + full
    }

    /// Bytes that are reserved for what is kept.
    #[cfg(test)]
    pub(super) fn capacity_bytes(&self) -> usize {
        let requests = self.requests.capacity() * (size_of::<(u64, Request)>() + 1);
        requests + self.held * PLACE_BYTES + self.values.capacity_bytes()
    }

    /// The most bytes of what is kept.
    pub fn bytes_max(&self) -> usize {
        self.requests_max.saturating_mul(BYTES_EACH).min(BYTES_MAX)
    }
}

/// Adds the values of a row to those that a request has, by place, new ones behind. False if it has them all.
fn take_in(row: &Row<'_>, fields: &mut Fields, values: &mut Values, has: &mut Vec<u32>) -> bool {
    let mut is_changed = false;
    // The largest hash of a full request, and where it is.
    let mut largest = None;
    fields.each(row, &mut |field, value| {
        let Some(text) = value.scalar().filter(|text| !text.is_empty()) else { return };
        let is_number = matches!(value, Value::Number(_));
        if has.len() < REQUEST_VALUES_MAX {
            let place = values.place(field, text, is_number);
            if !has.contains(&place) {
                has.push(place);
                is_changed = true;
            }
            return;
        }
        let by_hash = || has.iter().zip(0..).map(|(place, at)| (values.hash(*place), at)).max();
        let Some((most, at)) = largest.or_else(by_hash) else { return };
        largest = Some((most, at));
        if hash_of(field, text) < most {
            let place = values.place(field, text, is_number);
            if !has.contains(&place) {
                has[at] = place;
                (is_changed, largest) = (true, None);
            }
        }
    });
    is_changed
}

/// Whether a record of this kind is of the request itself, and not only of something in it. An empty kind is none.
pub(super) fn tells(kind: &str) -> bool {
    kind.is_empty() || kind == "access"
}
