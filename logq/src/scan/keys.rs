//! Whether a JSON line may have a field at all, under any of its names, at the top or below.

use crate::field::Name;
use aho_corasick::{AhoCorasick, packed};
use memchr::memchr_iter;

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
        let ends = match packed::Searcher::new(&ends) {
            Some(searcher) => Ends::Packed(searcher),
            None => Ends::Any(AhoCorasick::new(&ends).ok()?),
        };
        Some(Self { ends, escapes })
    }

    /// Whether one of these lines may have the field.
    pub fn may_be_in(&self, lines: &[u8]) -> bool {
        let ends = match &self.ends {
            Ends::Packed(searcher) => searcher.find(lines).is_some(),
            Ends::Any(automaton) => automaton.is_match(lines),
        };
        ends || self.escapes && memchr_iter(b'\\', lines).any(|at| lines.get(at + 1) == Some(&b'u'))
    }
}

/// Whether a key has no spelling but its own, and those with `\u`.
pub(super) fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| matches!(byte, b' '..=b'~') && !b"\"\\/".contains(&byte))
}
