//! What can be said of an instance at the end: which of its records are here, which are not, and how sure that is.

use super::instance::{Instance, Stop};
use super::losses::Loss;
use super::numbers::Numbers;

/// Gaps that are named; of more only their number is told.
const GAPS_MAX: usize = 8;

/// An instance and its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub instance: String,
    /// The service that it is a run of.
    pub service: Option<String>,
    /// The file in which the first of its records was met.
    pub file: String,
    /// The first and the last number that are here; nothing if there are only torn lines.
    pub range: Option<(u64, u64)>,
    /// Different records that are here.
    pub given: u64,
    /// Records that are here once more.
    pub repeated: u64,
    /// Numbers between those that are here for which no loss accounts.
    pub missing: u64,
    /// The first of these gaps.
    pub gaps: Vec<(u64, u64)>,
    /// How many gaps there are.
    pub gaps_count: u64,
    /// Records that the writer says it dropped, and that are not here.
    pub lost: u64,
    /// How many records it says it dropped, by reason.
    pub lost_by: Vec<(&'static str, u64)>,
    /// Whether its records are here from the first one on.
    pub head: Head,
    /// Whether they are here to the last one.
    pub tail: Tail,
    /// What the closing record says of all records: made, written, dropped.
    pub totals: Option<[Option<u64>; 3]>,
    /// Whether the closing record counts other records than the numbers do.
    pub contradicted: bool,
    /// Broken records.
    pub torn: u64,
    /// Records whose numbers are too scattered to be kept, so that `missing` is too high.
    pub untracked: u64,
}

/// The beginning of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// It is here.
    Given,
    /// So many records before the first are not.
    NotGiven(u64),
}

/// The end of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// Its last record is the closing one.
    Stopped,
    /// There is no closing record: it still runs, or was killed, or the end is not here.
    Unknown,
    /// So many numbers stand behind the closing record, where nothing can be.
    Beyond(u64),
}

/// What does not make a log incomplete, since whoever asks knows of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is allowed by itself")]
pub struct Allowed {
    /// A beginning that is not here, such as that of a log whose oldest files are gone.
    pub head: bool,
    /// No closing record, as in a log that is still written.
    pub tail: bool,
    /// Losses that the writer itself told.
    pub losses: bool,
    /// Broken lines.
    pub torn: bool,
}

impl Account {
    pub(super) fn of(instance: &Instance) -> Self {
        let numbers = &instance.numbers;
        let range = numbers.first().zip(numbers.last());
        let mut missing = Missing::of(instance);
        let stop = instance.stop;
        let contradicted = stop.is_some_and(|stop| missing.settle(stop, numbers.given, numbers.untracked));
        Self {
            instance: instance.id.to_string(),
            service: instance.service.as_deref().map(str::to_owned),
            file: instance.file.to_string(),
            range,
            given: numbers.given,
            repeated: numbers.repeated,
            missing: missing.inner,
            gaps: missing.gaps,
            gaps_count: missing.gaps_count,
            lost: missing.lost,
            lost_by: instance.losses.by_reason(),
            head: if missing.head == 0 { Head::Given } else { Head::NotGiven(missing.head) },
            tail: match (stop, range) {
                (Some(stop), Some((_, last))) if last > stop.seq => Tail::Beyond(last - stop.seq),
                (Some(_), _) => Tail::Stopped,
                (None, _) => Tail::Unknown,
            },
            totals: stop.map(|stop| [stop.made, stop.written, stop.dropped]),
            contradicted,
            torn: instance.torn,
            untracked: numbers.untracked,
        }
    }

    /// Whether every record of the instance is here, but for what is allowed.
    pub fn is_complete(&self, allowed: Allowed) -> bool {
        self.missing == 0
            && self.untracked == 0
            && !self.contradicted
            && (self.lost == 0 || allowed.losses)
            && (self.torn == 0 || allowed.torn)
            && (self.head == Head::Given || allowed.head)
            && match self.tail {
                Tail::Stopped => true,
                Tail::Unknown => allowed.tail,
                Tail::Beyond(_) => false,
            }
    }
}

/// Numbers that are not there.
#[derive(Debug, Default)]
struct Missing {
    /// Before the first that is there, and behind it.
    head: u64,
    inner: u64,
    lost: u64,
    gaps: Vec<(u64, u64)>,
    gaps_count: u64,
}

impl Missing {
    fn of(instance: &Instance) -> Self {
        let first = instance.numbers.first().unwrap_or(0);
        let losses: Vec<Loss> = instance.losses.ranges().collect();
        let mut in_loss = vec![0_u64; losses.len()];
        each_piece(&instance.numbers, &losses, |(from, to), loss| {
            if let Some(at) = loss {
                in_loss[at] += to - from + 1;
            }
        });
        let mut missing = Self::default();
        // What is missing in the range of a loss is lost as far as the loss goes.
        let mut unexplained: Vec<u64> = Vec::with_capacity(losses.len());
        for (loss, count) in losses.iter().zip(&in_loss) {
            missing.lost += loss.lost.min(*count);
            unexplained.push(count.saturating_sub(loss.lost));
        }
        each_piece(&instance.numbers, &losses, |(from, to), loss| {
            let len = to - from + 1;
            let count = loss.map_or(len, |at| {
                let count = unexplained[at].min(len);
                unexplained[at] -= count;
                count
            });
            if count == 0 {
                return;
            }
            if from < first {
                missing.head += count;
                return;
            }
            missing.inner += count;
            missing.gap(from, to);
        });
        missing
    }

    fn gap(&mut self, from: u64, to: u64) {
        if let Some((_, last)) = self.gaps.last_mut().filter(|(_, last)| last.checked_add(1) == Some(from)) {
            *last = to;
            return;
        }
        self.gaps_count += 1;
        if self.gaps.len() < GAPS_MAX {
            self.gaps.push((from, to));
        }
    }

    /// The closing record knows how many were written. What it says was dropped is lost, also if no loss tells of
    /// it; whether it counts other records than there can be is said.
    fn settle(&mut self, stop: Stop, given: u64, untracked: u64) -> bool {
        let Some(written) = stop.written.filter(|_| untracked == 0) else {
            return false;
        };
        let missing = self.head + self.inner;
        let untold = (given + missing).saturating_sub(written).min(missing);
        if stop.dropped.is_some_and(|dropped| dropped >= self.lost + untold) {
            self.lost += untold;
            let of_inner = untold.min(self.inner);
            self.inner -= of_inner;
            self.head -= untold - of_inner;
            if self.inner == 0 {
                self.gaps.clear();
                self.gaps_count = 0;
            }
        }
        written != given + self.head + self.inner
    }
}

/// Every missing range, cut where losses begin and end, with the loss that it is in.
fn each_piece(numbers: &Numbers, losses: &[Loss], mut take: impl FnMut((u64, u64), Option<usize>)) {
    let mut next = 0;
    for (first, last) in numbers.gaps() {
        let mut from = first;
        while losses.get(next).is_some_and(|loss| loss.last < first) {
            next += 1;
        }
        for (at, loss) in losses.iter().enumerate().skip(next).take_while(|(_, loss)| loss.first <= last) {
            if from < loss.first {
                take((from, loss.first - 1), None);
            }
            let to = loss.last.min(last);
            take((from.max(loss.first), to), Some(at));
            from = to.saturating_add(1);
        }
        if from <= last {
            take((from, last), None);
        }
    }
}
