//! Which request an id belongs to. A request may be asked for by several ids; the records show which of them are of the
//! same one, and it then stands in the place of the first of them.

use std::collections::HashMap;

/// Ids that are known, and the requests they belong to by number.
#[derive(Default)]
pub(super) struct Known {
    index: HashMap<String, usize>,
    /// Which request another one turned out to be.
    same: Vec<usize>,
}

impl Known {
    /// One more request, asked for by this id.
    pub(super) fn put(&mut self, id: String) {
        let at = self.same.len();
        self.index.insert(id, at);
        self.same.push(at);
    }

    /// A further id of a request.
    pub(super) fn lead(&mut self, id: String, at: usize) {
        self.index.insert(id, at);
    }

    /// The request of an id.
    pub(super) fn get(&self, id: &str) -> Option<usize> {
        self.index.get(id).map(|at| self.root(*at))
    }

    /// The request that any number turned out to be.
    pub(super) fn root(&self, mut at: usize) -> usize {
        while self.same[at] != at {
            at = self.same[at];
        }
        at
    }

    /// These are one: says which of the numbers it has now, and which it has no more.
    pub(super) fn join(&mut self, one: usize, other: usize) -> (usize, usize) {
        let (first, second) = (one.min(other), one.max(other));
        self.same[second] = first;
        (first, second)
    }
}
