//! The fields of a row by what they mean: found in one walk over the row, since every line to read needs nearly all of
//! them, and asking for each by its name would walk once for each.

use super::place::{KIND, NOTES, SENTENCE};
use crate::field::{Found, Name};
use crate::row::Row;
use crate::value::Value;
use access_record::Kind;
use access_record::field::{FIELDS, Unit};
use std::collections::HashMap;

/// What is known of keys, and asked once.
#[derive(Debug)]
pub(super) struct Keys {
    /// The field that a key means, and how many other names of it go before this one.
    known: HashMap<&'static str, (usize, usize)>,
    /// The names of fields of which the value may stand inside another one.
    names: Vec<(usize, Name)>,
}

/// A field of the contract in a row.
#[derive(Clone, Copy, Debug)]
struct Part<'r> {
    /// The key that the row has it under.
    key: &'r str,
    value: &'r Value<'r>,
    unit: Unit,
    /// Names that go before that key.
    rank: usize,
    /// The index among the row's fields.
    at: usize,
}

/// The fields of a row.
#[derive(Debug)]
pub(super) struct Parts<'r> {
    of_contract: [Option<Part<'r>>; FIELDS.len()],
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
            of_contract: [const { None }; FIELDS.len()],
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
                Some((field, rank)) => parts.add(field, rank, (at, key, value)),
            }
        }
        if is_nested {
            // An earlier name of a field that stands inside another value goes before a later one at the top.
            let found = keys.names.iter().filter_map(|(field, name)| Some((*field, name.find(row)?)));
            parts.inside.extend(found);
        }
        parts
    }

    /// Adds a row's field with this index, whose key is a name of the field of the contract.
    fn add(&mut self, field: usize, rank: usize, (at, key, value): (usize, &'r str, &'r Value<'r>)) {
        let unit = rank.checked_sub(1).map_or(Unit::Same, |at| FIELDS[field].aliases[at].unit);
        let part = Part { key, value, unit, rank, at };
        match &mut self.of_contract[field] {
            Some(known) if known.rank <= rank => self.rest.push(at),
            place => {
                if let Some(beaten) = place.replace(part) {
                    self.rest.push(beaten.at);
                    self.rest.sort_unstable();
                }
            }
        }
    }

    /// The value of a field.
    pub(super) fn found(&self, field: usize) -> Option<Found<'_>> {
        if let Some((_, found)) = self.inside.iter().find(|(inside, _)| *inside == field) {
            return Some(found.clone());
        }
        self.of_contract[field].as_ref().map(Part::found)
    }

    /// The same as text, numbers and nested values as they stand in the line; none where it is empty.
    pub(super) fn text(&self, field: usize) -> Option<&str> {
        let inside = self.inside.iter().find(|(inside, _)| *inside == field);
        let value = match inside {
            Some((_, found)) => &found.value,
            None => self.of_contract[field].as_ref()?.value,
        };
        Some(value.text()).filter(|text| !text.is_empty())
    }

    /// Fields of the contract that the row has a key of its own for, in the order of the table.
    pub(super) fn at_top(&self) -> impl Iterator<Item = (usize, &'r str, Found<'r>)> {
        let parts = self.of_contract.iter().enumerate();
        parts.filter_map(|(field, part)| part.as_ref().map(|part| (field, part.key, part.found())))
    }
}

impl<'r> Part<'r> {
    fn found(&self) -> Found<'r> {
        Found { value: self.value.borrowed(), unit: self.unit }
    }
}
