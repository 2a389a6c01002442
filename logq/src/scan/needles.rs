//! Where in a block a line can be that a filter takes: at one of the texts that it must contain, or at an
//! escape that can spell any text.

use super::literals;
use crate::query::Filter;
use aho_corasick::{AhoCorasick, packed};
use memchr::memchr;
use memchr::memmem::Finder;

/// What every line contains that a filter takes.
#[derive(Debug)]
pub struct Needles {
    texts: Texts,
}

#[derive(Debug)]
enum Texts {
    One(Box<Finder<'static>>),
    Few(packed::Searcher),
    Many(AhoCorasick),
}

impl Needles {
    /// Those of a filter, if it has any.
    pub fn of(filter: &Filter) -> Option<Self> {
        Self::any_of(literals::required(filter.root())?)
    }

    /// Lines with any of these texts.
    pub fn any_of(texts: Vec<Vec<u8>>) -> Option<Self> {
        let texts = match <[Vec<u8>; 1]>::try_from(texts) {
            Ok([text]) => Texts::One(Box::new(Finder::new(&text).into_owned())),
            Err(texts) => match packed::Searcher::new(&texts) {
                Some(searcher) => Texts::Few(searcher),
                None => Texts::Many(AhoCorasick::new(texts).ok()?),
            },
        };
        Some(Self { texts })
    }

    /// The places of a block that are to be looked at, from its start on.
    pub fn candidates<'n, 'b>(&'n self, block: &'b [u8]) -> Candidates<'n, 'b> {
        Candidates { needles: self, block, text: Next::Unknown, escape: Next::Unknown }
    }

    /// Whether a line is to be looked at.
    pub fn may_be_in(&self, line: &[u8]) -> bool {
        self.find(line).is_some() || escape(line).is_some()
    }

    fn find(&self, bytes: &[u8]) -> Option<usize> {
        match &self.texts {
            Texts::One(finder) => finder.find(bytes),
            Texts::Few(searcher) => searcher.find(bytes).map(|found| found.start()),
            Texts::Many(automaton) => automaton.find(bytes).map(|found| found.start()),
        }
    }
}

/// Places where lines are to be looked at.
#[derive(Debug)]
pub struct Candidates<'n, 'b> {
    needles: &'n Needles,
    block: &'b [u8],
    text: Next,
    escape: Next,
}

/// The next place of something.
#[derive(Clone, Copy, Debug)]
enum Next {
    Unknown,
    At(usize),
    Nowhere,
}

impl Next {
    fn from(self, from: usize, find: impl FnOnce() -> Option<usize>) -> Self {
        match self {
            Self::Nowhere => Self::Nowhere,
            Self::At(at) if at >= from => self,
            Self::At(_) | Self::Unknown => find().map_or(Self::Nowhere, |at| Self::At(from + at)),
        }
    }
}

impl Candidates<'_, '_> {
    /// The next place at or behind this one.
    pub fn next_from(&mut self, from: usize) -> Option<usize> {
        let rest = self.block.get(from..)?;
        self.text = self.text.from(from, || self.needles.find(rest));
        self.escape = self.escape.from(from, || escape(rest));
        match (self.text, self.escape) {
            (Next::At(text), Next::At(escape)) => Some(text.min(escape)),
            (Next::At(at), _) | (_, Next::At(at)) => Some(at),
            _ => None,
        }
    }
}

/// The next `\u00` or `\x`: JSON's, logfmt's and the log formats' way to spell any ASCII character.
fn escape(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr(b'\\', &bytes[from..])?;
        match &bytes[at + 1..] {
            [b'x', ..] | [b'u', b'0', b'0', ..] => return Some(at),
            _ => from = at + 1,
        }
    }
}
