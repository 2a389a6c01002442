//! What is known of one instance while its records are read.

use super::losses::Losses;
use super::numbers::Numbers;
use access_record::notes::cut;

/// Instances that are told apart; one is a run of a service.
pub const INSTANCES_MAX: usize = 10_000;
/// Runs of consecutive numbers that are kept, of all instances together.
pub const RUNS_MAX: usize = 1_000_000;
/// Bytes of a name that are kept.
const NAME_BYTES_MAX: usize = 256;

/// An instance.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) id: Box<str>,
    pub(super) service: Option<Box<str>>,
    /// The file of its first record.
    pub(super) file: Box<str>,
    pub(super) numbers: Numbers,
    pub(super) losses: Losses,
    pub(super) stop: Option<Stop>,
    pub(super) torn: u64,
}

/// What a closing record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stop {
    pub(super) seq: u64,
    pub(super) made: Option<u64>,
    pub(super) written: Option<u64>,
    pub(super) dropped: Option<u64>,
}

impl Instance {
    pub(super) fn new(id: &str) -> Self {
        Self {
            id: id.into(),
            service: None,
            file: "".into(),
            numbers: Numbers::default(),
            losses: Losses::default(),
            stop: None,
            torn: 0,
        }
    }

    /// A record of it stands in this file.
    pub(super) fn met(&mut self, file: &str, service: Option<&str>) {
        if self.file.is_empty() {
            self.file = cut(file, NAME_BYTES_MAX).into();
        }
        if self.service.is_none() {
            self.service = service.map(|service| cut(service, NAME_BYTES_MAX).into());
        }
    }
}
