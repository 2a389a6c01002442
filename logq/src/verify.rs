//! Whether a log is whole: every instance of a writer numbers its records from 1 on, so the numbers that are here
//! say which are not. Rows in, an [`Account`] of each instance out; nothing here knows of files or views.
//!
//! Memory is bounded: numbers are kept as runs, losses as ranges, and whatever would be too many is counted.

mod account;
mod instance;
mod losses;
mod numbers;
#[cfg(test)]
mod tests;

pub use account::{Account, Allowed, Head, Tail};
pub use instance::{INSTANCES_MAX, RUNS_MAX};
pub(crate) use numbers::Numbers;

use crate::facts;
use crate::field::Name;
use crate::row::{Row, Shape};
use access_record::Kind;
use instance::{Instance, Stop};
use losses::Loss;
use std::collections::HashMap;

/// The records of a log, by the instances that wrote them.
#[derive(Debug)]
pub struct Ledger {
    names: Names,
    /// In the order in which they were first met.
    instances: Vec<Instance>,
    by_id: HashMap<Box<str>, usize>,
    runs: usize,
    /// What stands beside the records of instances.
    pub beside: Beside,
}

/// Lines that no account has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// Broken records that do not say whose they are.
    pub torn: u64,
    /// Records without an instance or a number.
    pub unnumbered: u64,
    /// Lines that are no records.
    pub other: u64,
    /// Records of instances beyond [`INSTANCES_MAX`].
    pub left_out: u64,
}

#[derive(Debug)]
struct Names {
    kind: Name,
    instance: Name,
    service: Name,
    seq: Name,
    lost: Name,
    seq_first: Name,
    seq_last: Name,
    reason: Name,
    made: Name,
    written: Name,
    dropped: Name,
}

/// What stands before the id of an instance in a line of our own.
const INSTANCE_KEY: &[u8] = b"\"instance\":\"";
/// Hex digits of such an id.
const INSTANCE_DIGITS: usize = 16;
/// The longest id of an instance that is told from others.
const ID_BYTES_MAX: usize = 64;

impl Ledger {
    /// A ledger without records.
    pub fn new() -> Self {
        let name = |text: &str| Name::new(text);
        Self {
            names: Names {
                kind: name("kind"),
                instance: name("instance"),
                service: name("service"),
                seq: name("seq"),
                lost: name("lost"),
                seq_first: name("seq_first"),
                seq_last: name("seq_last"),
                reason: name("reason"),
                made: name("made"),
                written: name("written"),
                dropped: name("dropped"),
            },
            instances: Vec::new(),
            by_id: HashMap::new(),
            runs: 0,
            beside: Beside::default(),
        }
    }

    /// The fields that are looked at.
    pub fn fields(&self) -> Vec<Name> {
        let Names { kind, instance, service, seq, lost, seq_first, seq_last, reason, made, written, dropped } =
            &self.names;
        [kind, instance, service, seq, lost, seq_first, seq_last, reason, made, written, dropped]
            .map(Clone::clone)
            .to_vec()
    }

    /// Takes a line in.
    pub fn push(&mut self, row: &Row<'_>) {
        if row.shape == Shape::Unknown {
            return self.broken(row);
        }
        let id = facts::text(&self.names.instance, row).filter(|id| id.len() <= ID_BYTES_MAX);
        let seq = number(&self.names.seq, row).filter(|seq| *seq > 0);
        let (Some(id), Some(seq)) = (id, seq) else {
            self.beside.unnumbered += 1;
            return;
        };
        let Some(at) = self.instance(&id) else {
            self.beside.left_out += 1;
            return;
        };
        let has_room = self.runs < RUNS_MAX;
        let service = || facts::text(&self.names.service, row);
        let instance = &mut self.instances[at];
        instance.met(row.origin.file, service);
        let runs = instance.numbers.runs();
        let is_new = instance.numbers.insert(seq, has_room);
        self.runs = self.runs + instance.numbers.runs() - runs;
        if is_new {
            self.own_record(at, seq, row);
        }
    }

    /// The account of each instance, in the order in which they were met.
    pub fn accounts(&self) -> impl Iterator<Item = Account> + '_ {
        self.instances.iter().map(Instance::account)
    }

    /// What a record says of others.
    fn own_record(&mut self, at: usize, seq: u64, row: &Row<'_>) {
        let kind = facts::text(&self.names.kind, row);
        match kind.as_deref().and_then(Kind::parse) {
            Some(Kind::Loss) => {
                let (first, last) = (number(&self.names.seq_first, row), number(&self.names.seq_last, row));
                if let (Some(first), Some(last), Some(lost)) = (first, last, number(&self.names.lost, row)) {
                    let reason = facts::text(&self.names.reason, row);
                    self.instances[at].losses.push(Loss { first, last, lost }, reason.as_deref());
                }
            }
            Some(Kind::Stop) => {
                let total = |name| number(name, row);
                let (made, written) = (total(&self.names.made), total(&self.names.written));
                let stop = Stop { seq, made, written, dropped: total(&self.names.dropped) };
                self.instances[at].stop = Some(stop);
            }
            _ => {}
        }
    }

    fn instance(&mut self, id: &str) -> Option<usize> {
        if let Some(at) = self.by_id.get(id) {
            return Some(*at);
        }
        let at = self.instances.len();
        (at < INSTANCES_MAX).then(|| {
            self.instances.push(Instance::new(id));
            self.by_id.insert(id.into(), at);
            at
        })
    }

    /// A line of no known shape: what is left of a record says perhaps whose it was.
    fn broken(&mut self, row: &Row<'_>) {
        let line = row.raw.trim_ascii();
        if line.is_empty() {
            return;
        }
        if line[0] != b'{' {
            self.beside.other += 1;
            return;
        }
        let id = instance_in(line).map(str::to_owned);
        match id.and_then(|id| self.instance(&id)) {
            Some(at) => self.instances[at].torn += 1,
            None => self.beside.torn += 1,
        }
    }
}

impl Default for Ledger {
    fn default() -> Self {
        Self::new()
    }
}

fn number(name: &Name, row: &Row<'_>) -> Option<u64> {
    name.find(row)?.value.scalar()?.parse().ok()
}

/// The instance that a piece of a line names whole.
fn instance_in(line: &[u8]) -> Option<&str> {
    let at = memchr::memmem::find(line, INSTANCE_KEY)? + INSTANCE_KEY.len();
    let id = line.get(at..at + INSTANCE_DIGITS)?;
    let is_whole = id.iter().all(u8::is_ascii_hexdigit) && line.get(at + INSTANCE_DIGITS) == Some(&b'"');
    std::str::from_utf8(id).ok().filter(|_| is_whole)
}
