//! The wanted fields of a JSON line, each found by its key, and the rest of the line not looked at. What does not tell
//! a field surely is left to those who read all of the line.

use super::Field;
use super::texts::Texts;
use crate::field::Name;
use crate::scan::keys::{self, Keys};
use crate::scan::place::json::{Front, Place, Spot};
use crate::value::Value;
use std::borrow::Cow;
use std::sync::Arc;

/// With more fields it is faster to go over the line once.
const FIELDS_MAX: usize = 8;

/// Lines in a row without a field behind which all others are asked at once.
const MISSES: u8 = 4;

/// Lines that are tried before it is said that a log is not to be read like this.
const TRIES_MIN: u32 = 16;

/// The fields that are looked for.
#[derive(Debug)]
pub(super) struct Direct {
    fields: Vec<(Arc<str>, Place)>,
    /// Whether there are others, which no key tells.
    is_partial: bool,
}

impl Direct {
    pub(super) fn new(names: &[Name]) -> Self {
        let mut direct = Self { fields: Vec::new(), is_partial: false };
        for name in names.iter().filter(|name| !name.is_virtual()) {
            match (name.first_key().filter(|key| keys::is_plain(key)), Keys::of(name)) {
                (Some(key), Some(keys)) => {
                    if !direct.fields.iter().any(|(known, _)| known == key) {
                        direct.fields.push((Arc::clone(key), Place::new(key, keys)));
                    }
                }
                _ => direct.is_partial = true,
            }
        }
        direct
    }
}

/// What is known of the lines of a block.
#[derive(Debug)]
pub(super) struct Glance<'w> {
    direct: &'w Direct,
    /// The lines, all that are looked at.
    lines: &'w [u8],
    front: Front,
    absences: Vec<Absence>,
    tries: u32,
    fails: u32,
}

/// In how many lines one after the other a field was not, and whether that is known of all.
#[derive(Clone, Copy, Debug, Default)]
struct Absence {
    misses: u8,
    is_asked: bool,
    is_sure: bool,
}

impl<'w> Glance<'w> {
    pub(super) fn new(direct: &'w Direct, lines: &'w [u8]) -> Self {
        let absences = vec![Absence::default(); direct.fields.len()];
        Self { direct, lines, front: Front::default(), absences, tries: 0, fails: 0 }
    }

    /// Whether it is better to read lines whole: there is too much to look for, or most lines so far had to be read whole
    /// all the same.
    pub(super) fn is_vain(&self) -> bool {
        self.direct.is_partial
            || self.direct.fields.len() > FIELDS_MAX
            || self.tries >= TRIES_MIN && self.fails > self.tries / 2
    }

    /// Appends those fields of a line that are sure; says whether all are.
    pub(super) fn read<'l>(&mut self, line: &'l [u8], texts: &Texts<'w>, fields: &mut Vec<Field<'l>>) -> bool
    where
        'w: 'l,
    {
        self.front.clear();
        let mut is_sure = !self.direct.is_partial;
        for ((key, place), absence) in self.direct.fields.iter().zip(&mut self.absences) {
            if absence.is_sure {
                continue;
            }
            let mut put = |value| {
                absence.misses = 0;
                fields.push((Cow::Borrowed(&**key), value));
            };
            match place.look(line, &mut self.front, |bytes| texts.of(bytes)) {
                Spot::Text(text) => put(Value::Text(Cow::Borrowed(text))),
                Spot::Number(token) => put(Value::Number(Cow::Borrowed(token))),
                Spot::Bool(truth) => put(Value::Bool(truth)),
                Spot::Missing => {
                    absence.misses = absence.misses.saturating_add(1);
                    if absence.misses == MISSES && !absence.is_asked {
                        absence.is_asked = true;
                        absence.is_sure = !place.may_be_in(self.lines);
                    }
                }
                Spot::Unsure => is_sure = false,
            }
        }
        self.tries = self.tries.saturating_add(1);
        self.fails = self.fails.saturating_add(u32::from(!is_sure));
        is_sure
    }
}
