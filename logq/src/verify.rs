//! Whether a log is whole: every instance of a writer numbers its records from 1 on, so the numbers that are here
//! say which are not. Rows in, an [`Account`] of each instance out; nothing here knows of files or views.
//!
//! Memory is bounded: numbers are kept as runs, losses as ranges, and whatever would be too many is counted.

mod account;
mod entry;
mod instance;
mod losses;
mod numbers;
#[cfg(test)]
mod tests;

pub use account::{Account, Allowed, Head, Tail};
pub use entry::Entries;
pub use instance::{INSTANCES_MAX, RUNS_MAX};
pub(crate) use numbers::Numbers;

use crate::handed::Handed;
use crate::row::Row;
use entry::{Entry, Says};
use instance::Instance;
use std::collections::HashMap;

/// The records of a log, by the instances that wrote them.
#[derive(Debug, Default)]
pub struct Ledger {
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

impl Ledger {
    /// A ledger without records.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a line of a file in.
    pub fn push(&mut self, file: &str, row: &Row<'_>, entries: &Entries) {
        self.take(file, entries.of(row));
    }

    /// Takes in what [`Entries::put`] has put together of lines of a file.
    pub fn push_all(&mut self, file: &str, bytes: &[u8]) {
        Handed::each(bytes, |handed| Entry::read(handed).map(|entry| self.take(file, entry)));
    }

    /// The account of each instance, in the order in which they were met.
    pub fn accounts(&self) -> impl Iterator<Item = Account> + '_ {
        self.instances.iter().map(Account::of)
    }

    fn take(&mut self, file: &str, entry: Entry<'_>) {
        match entry {
            Entry::Blank => {}
            Entry::Other => self.beside.other += 1,
            Entry::Unnumbered => self.beside.unnumbered += 1,
            Entry::Torn(id) => match id.and_then(|id| self.instance(id)) {
                Some(at) => self.instances[at].torn += 1,
                None => self.beside.torn += 1,
            },
            Entry::Record { instance, seq, service, says } => {
                let Some(at) = self.instance(&instance) else {
                    self.beside.left_out += 1;
                    return;
                };
                let has_room = self.runs < RUNS_MAX;
                let instance = &mut self.instances[at];
                instance.met(file, service.as_deref());
                let runs = instance.numbers.runs();
                let is_new = instance.numbers.insert(seq, has_room);
                self.runs = self.runs + instance.numbers.runs() - runs;
                match says {
                    Says::Lost(loss, reason) if is_new => instance.losses.push(loss, reason.as_deref()),
                    Says::Stopped(stop) if is_new => instance.stop = Some(stop),
                    _ => {}
                }
            }
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
}
