//! Which of the requests that a query finds are drawn: all, or the newest or oldest few of them, by the times of the
//! records that it finds.

use std::collections::{BTreeMap, HashMap};

/// Which requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// All, in the order in which they are found.
    All,
    /// So many whose newest record is the newest; the newest comes last.
    Newest(usize),
    /// So many whose oldest record is the oldest; the oldest comes first.
    Oldest(usize),
}

/// The requests that are picked so far. There are never more of them than are wanted.
#[derive(Debug)]
pub(super) struct Picked {
    count: usize,
    is_newest: bool,
    /// By how much they are wanted; the number tells records of the same time apart.
    ids: BTreeMap<Rank, String>,
    ranks: HashMap<String, Rank>,
    met: i64,
}

/// How much a request is wanted: by its time, if it has one, then by the place of its record.
type Rank = (Option<i64>, i64);

impl Picked {
    /// None yet; nothing where all are wanted.
    pub(super) fn new(pick: Pick) -> Option<Self> {
        let (count, is_newest) = match pick {
            Pick::All => return None,
            Pick::Newest(count) => (count, true),
            Pick::Oldest(count) => (count, false),
        };
        Some(Self { count, is_newest, ids: BTreeMap::new(), ranks: HashMap::new(), met: 0 })
    }

    /// A record of a request, and its time in microseconds since 1970.
    pub(super) fn meet(&mut self, id: &str, time_us: Option<i64>) {
        self.met += 1;
        let rank =
            if self.is_newest { (time_us, self.met) } else { (time_us.map(i64::saturating_neg), -self.met) };
        if let Some(known) = self.ranks.get_mut(id) {
            if *known >= rank {
                return;
            }
            self.ids.remove(known);
            *known = rank;
        } else {
            self.ranks.insert(id.to_owned(), rank);
        }
        self.ids.insert(rank, id.to_owned());
        if self.ids.len() > self.count
            && let Some((_, id)) = self.ids.pop_first()
        {
            self.ranks.remove(&id);
        }
    }

    /// Their ids, the oldest first.
    pub(super) fn ids(self) -> Vec<String> {
        let mut ids: Vec<String> = self.ids.into_values().collect();
        if !self.is_newest {
            ids.reverse();
        }
        ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_and_the_oldest_are_picked() {
        // As they stand in several files, one after the other.
        let records =
            [("a", 5), ("b", 9), ("a", 6), ("c", 1), ("d", 9), ("c", 7), ("e", 3), ("b", 2), ("f", -1)];
        let rows: [(Pick, &[&str]); 8] = [
            (Pick::Newest(1), &["d"]),
            (Pick::Newest(2), &["b", "d"]),
            (Pick::Newest(3), &["c", "b", "d"]),
            (Pick::Newest(9), &["f", "e", "a", "c", "b", "d"]),
            (Pick::Oldest(1), &["c"]),
            (Pick::Oldest(2), &["c", "b"]),
            (Pick::Oldest(4), &["c", "b", "e", "a"]),
            (Pick::Oldest(9), &["c", "b", "e", "a", "d", "f"]),
        ];
        for (pick, expected) in rows {
            let mut picked = Picked::new(pick).unwrap();
            for (id, time) in records {
                // The last has no time: it is never wanted more than others.
                picked.meet(id, (time >= 0).then_some(time));
            }
            assert_eq!(picked.ids(), expected, "{pick:?}");
        }
        assert!(Picked::new(Pick::All).is_none());
    }
}
