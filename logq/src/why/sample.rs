//! The requests that are kept: all of them while there is room, and then those whose hash is small enough, half as many
//! each time. Which ones these are hangs on the requests alone, not on the order of their records, nor on who read them.

use super::fields::Fields;
use super::request::{Key, hash, mix};
use crate::facts::{self, Facts};
use crate::field::Name;
use crate::query::Filter;
use crate::row::{Row, Shape};
use crate::value::Value;
use access_record::notes::cut;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

/// Values of one request; what goes round under one id for days has more.
const REQUEST_VALUES_MAX: usize = 256;
/// Values of all of them, for each request there is room for.
const VALUES_EACH: usize = 64;
/// Then one in so many that nobody has so many requests.
const HALVINGS_MAX: u32 = 63;
/// Bytes of a value that are kept to be shown. Values are told apart by all of theirs.
const TEXT_BYTES_MAX: usize = 160;

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
    pub(super) values: Map<Known>,
    /// Values of all requests.
    held: usize,
}

/// A map by what is a hash already.
pub(super) type Map<V> = HashMap<u64, V, BuildHasherDefault<AsIs>>;

/// A request, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Request {
    /// Whether the query takes one of its records.
    pub(super) is_inside: bool,
    /// Whether one of its records is of the request itself and not only of something in it.
    pub(super) is_told: bool,
    /// For how many it stands.
    pub(super) weight: u32,
    pub(super) values: Vec<u64>,
}

/// A value of a field.
#[derive(Debug)]
pub(super) struct Known {
    /// The hash of its name.
    pub(super) field: u64,
    pub(super) text: String,
    /// If it was written as a number.
    pub(super) number: Option<f64>,
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
            values: Map::default(),
            held: 0,
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

    /// How many requests are kept.
    pub fn requests(&self) -> usize {
        self.requests.len()
    }

    /// Whether a line is surely of no request that is kept.
    pub fn refuses(&self, line: &[u8]) -> bool {
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
            let before = request.values.len();
            let (values, known) = (&mut request.values, &mut self.values);
            self.fields.each(row, &mut |field, value| value_of(field, value, values, known));
            self.held += request.values.len() - before;
        }
        self.make_room();
    }

    /// Adds what somebody else has kept of other records.
    pub fn merge(&mut self, other: Self) {
        self.fields.merge(other.fields);
        self.values.extend(other.values);
        self.halvings = self.halvings.max(other.halvings);
        for (id, request) in other.requests {
            let mine = self.requests.entry(id).or_default();
            mine.is_inside |= request.is_inside;
            mine.is_told |= request.is_told;
            mine.weight = mine.weight.max(request.weight);
            for value in request.values {
                if mine.values.len() < REQUEST_VALUES_MAX && !mine.values.contains(&value) {
                    mine.values.push(value);
                    self.held += 1;
                }
            }
        }
        self.drop_beyond();
        self.make_room();
    }

    fn most(&self) -> u64 {
        u64::MAX >> self.halvings
    }

    fn make_room(&mut self) {
        while self.halvings < HALVINGS_MAX
            && (self.requests.len() > self.requests_max || self.held > self.requests_max * VALUES_EACH)
        {
            self.halvings += 1;
            self.drop_beyond();
        }
    }

    fn drop_beyond(&mut self) {
        let most = self.most();
        self.key.keep(most);
        self.requests.retain(|id, _| *id <= most);
        self.held = self.requests.values().map(|request| request.values.len()).sum();
        let used: HashSet<u64> =
            self.requests.values().flat_map(|request| &request.values).copied().collect();
        self.values.retain(|id, _| used.contains(id));
    }
}

/// Whether a record of this kind is of the request itself, and not only of something in it. An empty kind is none.
pub(super) fn tells(kind: &str) -> bool {
    kind.is_empty() || kind == "access"
}

fn value_of(field: u64, value: &Value<'_>, values: &mut Vec<u64>, known: &mut Map<Known>) {
    let Some(text) = value.scalar().filter(|text| !text.is_empty()) else {
        return;
    };
    let id = mix(field) ^ hash(text.as_bytes());
    if values.len() >= REQUEST_VALUES_MAX || values.contains(&id) {
        return;
    }
    values.push(id);
    known.entry(id).or_insert_with(|| Known {
        field,
        text: cut(text, TEXT_BYTES_MAX).to_owned(),
        number: match value {
            Value::Number(number) => number.parse().ok().filter(|number: &f64| number.is_finite()),
            _ => None,
        },
    });
}

/// Hashes are not hashed again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash(bytes);
    }

    fn write_u64(&mut self, hash: u64) {
        // Of those that are kept the upper bits are all zero, and the map wants both ends.
        self.0 = hash.rotate_left(32);
    }
}
