//! Whether a JSON line may have a field at all, under any of its names, at the top or below.

use crate::field::Name;
use aho_corasick::{AhoCorasick, packed};
use memchr::arch::all::packedpair::HeuristicFrequencyRank;
use memchr::memmem::{Finder, FinderBuilder};
use memchr::{memchr_iter, memchr2};

/// Finds what a line must have to have a field: the end of one of its keys, or an escape in which a key
/// could hide.
#[derive(Clone, Debug)]
pub struct Keys {
    ends: Ends,
    /// Whether keys may be spelled with escapes.
    escapes: bool,
}

#[derive(Clone, Debug)]
enum Ends {
    One(Box<Finder<'static>>),
    Packed(packed::Searcher),
    Any(AhoCorasick),
}

impl Keys {
    /// Those of a field in JSON; `None` for names that need no key, or whose keys have several spellings.
    pub fn of(name: &Name) -> Option<Self> {
        Self::ending(name, '"', true)
    }

    /// Those of a field in logfmt, whose names have no escapes.
    pub fn in_logfmt(name: &Name) -> Option<Self> {
        Self::ending(name, '=', false)
    }

    fn ending(name: &Name, end: char, escapes: bool) -> Option<Self> {
        let keys = name.key_ends();
        if keys.is_empty() || !keys.iter().all(|key| is_plain(key)) {
            return None;
        }
        let ends: Vec<String> = keys.iter().map(|key| format!("{key}{end}")).collect();
        let ends = match (&*ends, packed::Searcher::new(&ends)) {
            ([end], _) => Ends::One(Box::new(finder(end))),
            (_, Some(searcher)) => Ends::Packed(searcher),
            (_, None) => Ends::Any(AhoCorasick::new(&ends).ok()?),
        };
        Some(Self { ends, escapes })
    }

    /// As [`may_be_in`](Self::may_be_in) of one line, which if it is valid is JSON: an escape hides a key only
    /// in a text that is one.
    pub fn may_be_in_json(&self, line: &[u8]) -> bool {
        self.has_end(line) || has_escaped_key(line)
    }

    /// Whether one of these lines may have the field.
    pub fn may_be_in(&self, lines: &[u8]) -> bool {
        self.has_end(lines) || self.escapes && numbered_escapes(lines).next().is_some()
    }

    fn has_end(&self, lines: &[u8]) -> bool {
        match &self.ends {
            Ends::One(finder) => finder.find(lines).is_some(),
            Ends::Packed(searcher) => searcher.find(lines).is_some(),
            Ends::Any(automaton) => automaton.is_match(lines),
        }
    }
}

/// Finds a key.
pub(super) fn finder(key: &str) -> Finder<'static> {
    FinderBuilder::new().build_forward_with_ranker_owned(InRecords, key.as_bytes())
}

/// How often bytes stand in lines of JSON: of quotes, by which keys are told in other texts, they are full, and of the
/// digits of ids.
struct InRecords;

impl HeuristicFrequencyRank for InRecords {
    fn rank(&self, byte: u8) -> u8 {
        match byte {
            b'"' => 255,
            b':' | b',' => 250,
            b'0'..=b'9' => 220,
            b'a'..=b'f' => 210,
            b's' | b't' | b'i' | b'n' | b'o' | b'r' => 150,
            b'_' | b'h' | b'l' | b'm' | b'p' | b'u' => 120,
            b'g'..=b'z' => 80,
            _ => 50,
        }
    }
}

/// Whether a key has an escape that spells a character by its number: no other one spells one of a plain key.
fn has_escaped_key(line: &[u8]) -> bool {
    let mut from = 0;
    while let Some(at) = numbered_escapes(&line[from..]).next().map(|at| from + at) {
        match value_end(line, at) {
            Some(end) => from = end,
            None => return true,
        }
    }
    false
}

fn numbered_escapes(lines: &[u8]) -> impl Iterator<Item = usize> {
    memchr_iter(b'\\', lines).filter(|at| lines.get(at + 1) == Some(&b'u'))
}

/// Where the text ends, its quote included, in which an escape stands; `None` if it is a key.
pub(super) fn value_end(line: &[u8], escape: usize) -> Option<usize> {
    let end = text_end(line, escape)? + 1;
    value_start(&line[end..]).is_none().then_some(end)
}

/// Where the quote stands that ends the text in which a place lies.
pub(super) fn text_end(line: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += memchr2(b'"', b'\\', line.get(at..)?)?;
        if line[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

/// Where the value begins behind a key: behind the colon and what blanks there are.
pub(super) fn value_start(behind: &[u8]) -> Option<usize> {
    if let [b':', value, ..] = behind
        && !is_blank(*value)
    {
        return Some(1);
    }
    let blanks = |bytes: &[u8]| bytes.iter().take_while(|byte| is_blank(**byte)).count();
    let colon = blanks(behind);
    (behind.get(colon) == Some(&b':')).then(|| colon + 1 + blanks(&behind[colon + 1..]))
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Whether a key has no spelling but its own, and those with `\u`, and can be no more than a key: not what stands between
/// two texts.
pub(super) fn is_plain(key: &str) -> bool {
    !matches!(key.trim_ascii_start().bytes().next(), None | Some(b':' | b',' | b']' | b'}'))
        && key.bytes().all(|byte| matches!(byte, b' '..=b'~') && !b"\"\\/".contains(&byte))
}
