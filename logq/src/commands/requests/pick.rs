//! Which of the requests that a query finds are drawn: all, or the newest or oldest few of them, by the times of the
//! records that it finds. A request may be found by several ids, of which the records of a further reading tell that
//! they are one.

use super::alone::Alone;
use super::known::Known;
use crate::commands::records;
use crate::engine::{self, Plan, Sink};
use crate::facts::{self, Facts};
use crate::field::Name;
use crate::row::Row;
use crate::trace::Ids;
use std::collections::{BTreeMap, HashMap};
use std::io;

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

/// Ids that are remembered at first for each request that is wanted: a request has one trace id, and may have a request
/// id from each service.
const IDS_EACH: usize = 64;
/// How many times as many are remembered where that was not enough.
const MORE: usize = 8;
/// What an id takes up, with all that is remembered of it.
const ID_BYTES: usize = 512;

/// The ids that are picked so far. There are never more of them than the requests that are wanted may have.
#[derive(Debug)]
pub(super) struct Picked {
    count: usize,
    is_newest: bool,
    /// By how much they are wanted; the number tells records of the same time apart.
    ids: BTreeMap<Rank, String>,
    ranks: HashMap<String, Rank>,
    /// Request ids that records of the traces have as well.
    alone: Alone,
    met: i64,
    ids_max: usize,
    /// Whether there were more.
    is_cut: bool,
    /// Whether one of them is a request id, which may belong to the request of another one.
    may_be_same: bool,
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
        Some(Self::empty(count, is_newest, count.saturating_mul(IDS_EACH)))
    }

    fn empty(count: usize, is_newest: bool, ids_max: usize) -> Self {
        Self {
            count,
            is_newest,
            ids: BTreeMap::new(),
            ranks: HashMap::new(),
            alone: Alone::default(),
            met: 0,
            ids_max,
            is_cut: false,
            may_be_same: false,
        }
    }

    /// None yet, of whom more are remembered than of these; nothing if that takes more memory than there is.
    pub(super) fn with_more(&self, mem_bytes: usize) -> Option<Self> {
        let ids_max = self.ids_max.saturating_mul(MORE);
        let is_bounded = ids_max.saturating_mul(ID_BYTES) <= mem_bytes;
        is_bounded.then(|| Self::empty(self.count, self.is_newest, ids_max))
    }

    /// A record of a request by its id, which is that of a trace or not, and its time in microseconds since 1970.
    pub(super) fn meet(&mut self, id: &str, is_trace: bool, time_us: Option<i64>) {
        self.met += 1;
        self.may_be_same |= !is_trace;
        let rank =
            if self.is_newest { (time_us, self.met) } else { (time_us.map(i64::saturating_neg), -self.met) };
        if let Some(known) = self.ranks.get_mut(id) {
            if *known >= rank {
                return;
            }
            self.ids.remove(known);
            *known = rank;
        } else {
            if self.ids.len() == self.ids_max {
                self.is_cut = true;
                let is_wanted_less = self.ids.first_key_value().is_none_or(|(least, _)| rank < *least);
                if is_wanted_less {
                    return;
                }
                if let Some((_, id)) = self.ids.pop_first() {
                    self.ranks.remove(&id);
                    self.alone.forget(&id);
                }
            }
            self.ranks.insert(id.to_owned(), rank);
        }
        self.ids.insert(rank, id.to_owned());
    }

    /// A record of this trace has this request id as well.
    pub(super) fn meet_beside(&mut self, trace_id: &str, request_id: &str) {
        if self.ranks.contains_key(trace_id) {
            self.alone.meet(trace_id, request_id);
        }
    }

    /// Request ids that records of the traces have as well.
    pub(super) fn take_alone(&mut self) -> Alone {
        std::mem::take(&mut self.alone)
    }

    /// The ids of the requests, the oldest first, and whether ids that were not remembered may be those of further ones.
    /// The inputs of the plan are read to see which ids are of one request, if that can change anything.
    pub(super) fn ids(self, plan: &Plan<'_>) -> io::Result<(Vec<String>, bool)> {
        let mut links = Links::default();
        // The most wanted first: that is the place of a request with several ids.
        self.ids.values().rev().for_each(|id| links.known.put(id.clone()));
        if self.may_be_same && self.ids.len() > self.count {
            let query = records::query(&Ids::of_all(self.ids.values().map(String::as_str)));
            let plan = Plan { query: Some(&query), ..*plan };
            engine::run(&plan, &mut links, &mut io::sink())?;
        }
        Ok(self.first(&links.known))
    }

    /// The ids of the most wanted requests, the oldest first and all of a request together.
    fn first(self, known: &Known) -> (Vec<String>, bool) {
        let mut requests: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for (at, id) in self.ids.into_values().rev().enumerate() {
            requests.entry(known.root(at)).or_default().push(id);
        }
        let is_short = self.is_cut && requests.len() < self.count;
        let wanted = requests.into_values().take(self.count);
        let ids = if self.is_newest {
            // The order in which they were put is that of drawing.
            let mut wanted: Vec<Vec<String>> = wanted.collect();
            wanted.reverse();
            wanted.concat()
        } else {
            wanted.flatten().collect()
        };
        (ids, is_short)
    }
}

/// Takes from all records which ids are of one request.
#[derive(Default)]
struct Links {
    facts: Facts,
    known: Known,
}

impl Sink for Links {
    fn fields(&self) -> Option<Vec<Name>> {
        Some(vec![self.facts.trace_id.clone(), self.facts.request_id.clone()])
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        let id = |name| facts::text(name, row).filter(|id| Ids::of(id).is_some());
        let (Some(trace_id), Some(request_id)) = (id(&self.facts.trace_id), id(&self.facts.request_id))
        else {
            return Ok(());
        };
        match (self.known.get(&trace_id), self.known.get(&request_id)) {
            (Some(trace), Some(request)) if trace != request => {
                self.known.join(trace, request);
            }
            (None, Some(request)) => self.known.lead(trace_id.into_owned(), request),
            _ => {}
        }
        Ok(())
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
            assert_eq!(picked(pick, &records).first(&apart(6)).0, expected, "{pick:?}");
        }
        assert!(Picked::new(Pick::All).is_none());
    }

    #[test]
    fn ids_of_one_request_are_picked_together() {
        let records = [("r1", 1), ("t1", 2), ("r2", 3), ("t2", 4), ("r3", 5), ("t3", 6)];
        let rows: [(Pick, &[&str]); 4] = [
            (Pick::Newest(1), &["t3", "r3"]),
            (Pick::Newest(2), &["t2", "r2", "t3", "r3"]),
            (Pick::Oldest(1), &["r1", "t1"]),
            (Pick::Oldest(2), &["r1", "t1", "r2", "t2"]),
        ];
        for (pick, expected) in rows {
            let mut known = apart(6);
            for (one, other) in [(0, 1), (2, 3), (4, 5)] {
                known.join(one, other);
            }
            assert_eq!(picked(pick, &records).first(&known).0, expected, "{pick:?}");
        }
    }

    #[test]
    fn what_is_remembered_hangs_on_what_is_wanted() {
        let mut picked = Picked::new(Pick::Newest(2)).unwrap();
        (0..1000).for_each(|time| picked.meet(&format!("r{time}"), false, Some(time)));
        assert_eq!((picked.ids.len(), picked.ranks.len()), (2 * IDS_EACH, 2 * IDS_EACH));
        assert_eq!(picked.first(&apart(2 * IDS_EACH)).0, ["r998", "r999"]);
    }

    #[test]
    fn too_few_requests_of_many_ids_have_more_remembered() {
        for pick in [Pick::Newest(2), Pick::Oldest(2)] {
            let mut picked = Picked::new(pick).unwrap();
            let times = 0..i64::try_from(2 * IDS_EACH).unwrap();
            times.clone().for_each(|time| picked.meet(&format!("r{time}"), false, Some(time)));
            let mut one = apart(2 * IDS_EACH);
            (1..2 * IDS_EACH).for_each(|other| {
                one.join(0, other);
            });
            // All were met, so that there is no second one.
            assert!(!picked.is_cut && picked.with_more(0).is_none());
            let more = picked.with_more(1 << 20).unwrap();
            assert_eq!(
                (more.ids_max, more.count, more.is_newest),
                (2 * IDS_EACH * MORE, 2, picked.is_newest)
            );
            let (ids, is_short) = picked.first(&one);
            assert_eq!((ids.len(), is_short), (2 * IDS_EACH, false));
            let mut picked = Picked::new(pick).unwrap();
            [5000, -1]
                .into_iter()
                .chain(times)
                .for_each(|time| picked.meet(&format!("r{time}"), false, Some(time)));
            assert!(picked.is_cut && picked.first(&one).1);
        }
    }

    fn picked(pick: Pick, records: &[(&str, i64)]) -> Picked {
        let mut picked = Picked::new(pick).unwrap();
        for (id, time) in records {
            // A negative one has no time: it is never wanted more than others.
            picked.meet(id, false, (*time >= 0).then_some(*time));
        }
        picked
    }

    /// So many requests of one id each.
    fn apart(count: usize) -> Known {
        let mut known = Known::default();
        (0..count).for_each(|at| known.put(at.to_string()));
        known
    }
}
