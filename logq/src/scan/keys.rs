//! Whether a JSON line may have a field at all, under any of its names, at the top or below.

use crate::field::Name;
use aho_corasick::{AhoCorasick, packed};
use memchr::memchr_iter;

/// Finds what a line must have to have a field: the end of one of its keys, or an escape in which a key
/// could hide.
#[derive(Clone, Debug)]
pub struct Keys {
    ends: Ends,
}

#[derive(Clone, Debug)]
enum Ends {
    Packed(packed::Searcher),
    Any(AhoCorasick),
}

impl Keys {
    /// Those of a field; `None` for names that need no key, or whose keys have several spellings.
    pub fn of(name: &Name) -> Option<Self> {
        let ends = name.key_ends();
        if ends.is_empty() || !ends.iter().all(|end| is_plain(end)) {
            return None;
        }
        let ends: Vec<String> = ends.iter().map(|end| format!("{end}\"")).collect();
        let ends = match packed::Searcher::new(&ends) {
            Some(searcher) => Ends::Packed(searcher),
            None => Ends::Any(AhoCorasick::new(&ends).ok()?),
        };
        Some(Self { ends })
    }

    /// Whether one of these lines may have the field.
    pub fn may_be_in(&self, lines: &[u8]) -> bool {
        let ends = match &self.ends {
            Ends::Packed(searcher) => searcher.find(lines).is_some(),
            Ends::Any(automaton) => automaton.is_match(lines),
        };
        ends || memchr_iter(b'\\', lines).any(|at| lines.get(at + 1) == Some(&b'u'))
    }
}

/// Whether a key has no spelling but its own, and those with `\u`.
pub(super) fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| matches!(byte, b' '..=b'~') && !b"\"\\/".contains(&byte))
}
