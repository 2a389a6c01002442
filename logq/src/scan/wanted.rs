//! The wanted fields of a JSON line, without those that nobody asks for: each by its key, or all in one pass over the
//! line by the grammar of JSON, so that what the pass takes the full decoder takes too, with the same values. Neither
//! refuses anything: a line that is not valid, or only unusual, is left to the decoder.

mod direct;
mod order;
mod pass;
mod quotes;
#[cfg(test)]
mod tests;
mod texts;

use crate::field::Name;
use crate::format;
use crate::row::Shape;
use crate::value::Value;
use direct::{Direct, Glance};
use pass::Pass;
use std::borrow::Cow;
use texts::Texts;

/// The keys that are looked for.
#[derive(Debug)]
pub struct Wanted {
    keys: Vec<Box<str>>,
    /// Whether all others are looked for as well.
    is_all: bool,
    /// How they are found without the rest of the line, if they may be.
    direct: Option<Direct>,
}

/// A member of an object.
type Field<'l> = (Cow<'l, str>, Value<'l>);

impl Wanted {
    /// All keys under which a line can have one of these fields.
    pub fn new(names: &[Name]) -> Self {
        let mut keys: Vec<Box<str>> = names.iter().flat_map(Name::top_keys).map(Into::into).collect();
        keys.sort_unstable();
        keys.dedup();
        // Places of keys are u16.
        if keys.len() > usize::from(u16::MAX) {
            Self::all()
        } else {
            Self { keys, is_all: false, direct: None }
        }
    }

    /// As [`new`](Self::new), of lines that begin and end as an object does. Of those that are not valid fields are found
    /// that stand beside the fault, and most of these lines nobody sees to be none.
    pub fn direct(names: &[Name]) -> Self {
        Self { direct: Some(Direct::new(names)), ..Self::new(names) }
    }

    /// Every key of lines that are valid, and of those that are not what [`direct`](Self::direct) finds.
    pub fn all_or_direct(names: &[Name]) -> Self {
        Self { direct: Some(Direct::new(names)), ..Self::all() }
    }

    /// Every key.
    pub fn all() -> Self {
        Self { keys: Vec::new(), is_all: true, direct: None }
    }

    /// What reads some of these lines.
    pub fn reader<'w>(&'w self, lines: &'w [u8]) -> Reader<'w> {
        let glance = self.direct.as_ref().map(|direct| Glance::new(direct, lines));
        Reader { wanted: self, texts: Texts::new(lines), glance, pass: None }
    }

    fn place(&self, key: &[u8]) -> Option<u16> {
        let place = self.keys.binary_search_by(|known| known.as_bytes().cmp(key)).ok()?;
        u16::try_from(place).ok()
    }
}

/// Reads one line after the other. What it has seen of some makes it faster, and changes nothing else.
#[derive(Debug)]
pub struct Reader<'w> {
    wanted: &'w Wanted,
    texts: Texts<'w>,
    glance: Option<Glance<'w>>,
    pass: Option<Pass<'w>>,
}

impl<'w> Reader<'w> {
    /// Puts the members of a JSON object with wanted keys into `fields`, the first of each key. None if
    /// the line must be decoded; what `fields` has then means nothing.
    pub fn read<'l>(&mut self, line: &'l [u8], fields: &mut Vec<Field<'l>>) -> Option<Shape>
    where
        'w: 'l,
    {
        fields.clear();
        if line.first() != Some(&b'{') || format::may_enclose(line) {
            return None;
        }
        self.texts.step();
        let texts = &self.texts;
        let mut glance = self.glance.as_mut().filter(|_| !self.wanted.is_all && ends_as_object(line));
        if let Some(glance) = glance.as_mut().filter(|glance| !glance.is_vain()) {
            if glance.read(line, texts, fields) {
                return Some(Shape::Told);
            }
            fields.clear();
        }
        let pass = self.pass.get_or_insert_with(|| Pass::new(self.wanted));
        if pass.read(line, texts, fields) {
            return Some(Shape::Record);
        }
        // What a glance finds does not hang on whether it comes first.
        fields.clear();
        glance.is_some_and(|glance| glance.read(line, texts, fields)).then_some(Shape::Told)
    }

    /// Puts into `fields` what can be found of a line that the decoder did not take. False if it is no broken object.
    pub fn rescue<'l>(&mut self, line: &'l [u8], fields: &mut Vec<Field<'l>>) -> bool
    where
        'w: 'l,
    {
        fields.clear();
        if line.first() != Some(&b'{') || format::may_enclose(line) || !ends_as_object(line) {
            return false;
        }
        let Some(glance) = &mut self.glance else { return false };
        glance.read(line, &self.texts, fields);
        true
    }
}

fn ends_as_object(line: &[u8]) -> bool {
    line.last() == Some(&b'}') || line.trim_ascii_end().last() == Some(&b'}')
}
