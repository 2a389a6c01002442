//! The fields of a row by what they mean: found in one walk over the row, since every line to read needs nearly all of
//! them, and asking for each by its name would walk once for each.

use super::place::{KIND, NOTES, SENTENCE};
use crate::field::{Found, Name};
use crate::row::Row;
use crate::value::Value;
use access_record::Kind;
use access_record::field::{FIELDS, Unit};
use std::borrow::Cow;
use std::collections::HashMap;

/// What is known of keys, and asked once.
#[derive(Debug)]
pub(super) struct Keys {
    /// The field that a key means, and how many other names of it go before this one.
    known: HashMap<&'static str, (usize, usize)>,
    /// The names of fields of which the value may stand inside another one.
    names: Vec<(usize, Name)>,
}

/// A field of the contract in a row. As small as it can be: for every line there is room for one of each field.
#[derive(Clone, Copy, Debug)]
struct Part {
    /// The index among the row's fields.
    at: u32,
    /// Names of the field that go before the key that the row has it under.
    rank: u32,
}

/// The fields of a row.
#[derive(Debug)]
pub(super) struct Parts<'r> {
    fields: &'r [(Cow<'r, str>, Value<'r>)],
    of_contract: [Part; FIELDS.len()],
    /// Which of them there are, a bit for each.
    held: u64,
    /// Those whose value stands inside another one, under a name that goes before the row's own.
    inside: Vec<(usize, Found<'r>)>,
    /// The indexes of notes and of what is not in the contract, other names of fields that the row has already among it.
    pub(super) rest: Vec<usize>,
    /// Fields of the contract that are null.
    pub(super) nulls: usize,
}

/// Indexes that most rows have room for.
const USUAL_REST: usize = 8;

impl Keys {
    pub(super) fn new() -> Self {
        let mut known = HashMap::new();
        for (at, field) in FIELDS.iter().enumerate() {
            known.insert(field.name, (at, 0));
            known.extend((1..).zip(field.aliases).map(|(rank, alias)| (alias.name, (at, rank))));
        }
        let names = SENTENCE.iter().map(|at| (*at, Name::new(FIELDS[*at].name)));
        Self { known, names: names.collect() }
    }

    /// What a key means. Records are written in the order of the table, so the next one is near behind the last.
    fn meaning(&self, key: &str, next: &mut usize) -> Option<(usize, usize)> {
        if let Some(ahead) = FIELDS[*next..].iter().position(|field| field.name == key) {
            let at = *next + ahead;
            *next = at + 1;
            return Some((at, 0));
        }
        self.known.get(key).copied()
    }
}

impl<'r> Parts<'r> {
    /// What the record is, if it says so.
    pub(super) fn kind(&self) -> Option<Kind> {
        Kind::parse(self.text(KIND)?)
    }

    pub(super) fn new(keys: &Keys, row: &'r Row<'_>) -> Self {
        let mut parts = Self {
            fields: &row.fields,
            of_contract: [Part { at: 0, rank: 0 }; FIELDS.len()],
            held: 0,
            inside: Vec::new(),
            rest: Vec::with_capacity(USUAL_REST),
            nulls: 0,
        };
        let mut next = 0;
        let mut is_nested = false;
        for (at, (key, value)) in row.fields.iter().enumerate() {
            let meaning = keys.meaning(key, &mut next);
            is_nested |= matches!(value, Value::Nested(_)) && !matches!(meaning, Some((_, 0)));
            match meaning {
                Some(_) if value.is_null() => parts.nulls += 1,
                None | Some((NOTES, _)) => parts.rest.push(at),
                Some((field, rank)) => parts.add(field, rank, at),
            }
        }
        if is_nested {
            // An earlier name of a field that stands inside another value goes before a later one at the top.
            let found = keys.names.iter().filter_map(|(field, name)| Some((*field, name.find(row)?)));
            parts.inside.extend(found);
            parts.keep_objects();
        }
        parts
    }

    /// An object out of which a value is said is shown too: it may have other members.
    fn keep_objects(&mut self) {
        for (field, _) in &self.inside {
            if let Some(Part { at, .. }) = self.part(*field)
                && matches!(self.fields[at as usize].1, Value::Nested(_))
            {
                self.held &= !(1 << field);
                self.rest.push(at as usize);
            }
        }
        self.rest.sort_unstable();
    }

    /// Adds a row's field with this index, whose key is a name of the field of the contract.
    fn add(&mut self, field: usize, rank: usize, at: usize) {
        let (Ok(rank), Ok(place)) = (u32::try_from(rank), u32::try_from(at)) else {
            return self.rest.push(at);
        };
        let part = Part { at: place, rank };
        match self.part(field) {
            Some(known) if known.rank <= rank => self.rest.push(at),
            known => {
                self.of_contract[field] = part;
                self.held |= 1 << field;
                if let Some(beaten) = known {
                    self.rest.push(beaten.at as usize);
                    self.rest.sort_unstable();
                }
            }
        }
    }

    fn part(&self, field: usize) -> Option<Part> {
        (self.held & 1 << field != 0).then(|| self.of_contract[field])
    }

    /// The value of a field.
    pub(super) fn found(&self, field: usize) -> Option<Found<'_>> {
        if let Some((_, found)) = self.inside.iter().find(|(inside, _)| *inside == field) {
            return Some(found.clone());
        }
        self.at_top(field).map(|(_, found)| found)
    }

    /// The same as text, numbers and nested values as they stand in the line; none where it is empty.
    pub(super) fn text(&self, field: usize) -> Option<&str> {
        let inside = self.inside.iter().find(|(inside, _)| *inside == field);
        let value = match inside {
            Some((_, found)) => &found.value,
            None => &self.fields[self.part(field)?.at as usize].1,
        };
        Some(value.text()).filter(|text| !text.is_empty())
    }

    /// The key that the row has a field of the contract under, if it has one of its own for it, and the value.
    pub(super) fn at_top(&self, field: usize) -> Option<(&'r str, Found<'r>)> {
        let Part { at, rank } = self.part(field)?;
        let (key, value) = &self.fields[at as usize];
        let alias = rank.checked_sub(1).map(|alias| &FIELDS[field].aliases[alias as usize]);
        let unit = alias.map_or(Unit::Same, |alias| alias.unit);
        Some((key, Found { value: value.borrowed(), unit }))
    }

    /// The fields of the contract that the row has such a key for, but for those with a bit in `said`, in the order of the
    /// table.
    pub(super) fn all_at_top(&self, said: u64) -> impl Iterator<Item = usize> + use<> {
        let mut left = self.held & !said;
        std::iter::from_fn(move || {
            let field = (left != 0).then(|| left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(field)
        })
    }
}
