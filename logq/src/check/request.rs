//! What a row is to a monitor: a request or not, failed or not, and how many it stands for.

use crate::facts;
use crate::field::Name;
use crate::level;
use crate::row::Row;
use access_record::Kind;

/// The names that are asked for, made once.
#[derive(Debug)]
pub struct Requests {
    kind: Name,
    level: Name,
    status: Name,
    duration_us: Name,
    sample_rate: Name,
    lost: Name,
}

/// A row that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// How many it stands for.
    pub weight: u64,
    /// Whether it failed: its level is error or worse, or without a level its status is 500 or more.
    pub is_error: bool,
}

/// The rank of the level of an error.
const ERROR_RANK: u8 = 5;

impl Requests {
    /// The names.
    pub fn new() -> Self {
        Self {
            kind: Name::new("kind"),
            level: Name::new("level"),
            status: Name::new("status"),
            duration_us: Name::new("duration_us"),
            sample_rate: Name::new("sample_rate"),
            lost: Name::new("lost"),
        }
    }

    /// The fields that are looked at.
    pub fn fields(&self) -> Vec<Name> {
        let Self { kind, level, status, duration_us, sample_rate, lost } = self;
        [kind, level, status, duration_us, sample_rate, lost].map(Clone::clone).to_vec()
    }

    /// How many records a row says were lost, if it does.
    pub fn lost(&self, row: &Row<'_>) -> Option<u64> {
        let kind = facts::text(&self.kind, row)?;
        (kind == Kind::Loss.as_str()).then(|| whole(&self.lost, row).unwrap_or(1))
    }

    /// The request that a row is: an `access` record, or one of somebody else's log that tells of an end.
    pub fn of(&self, row: &Row<'_>) -> Option<Request> {
        let is_request = match facts::text(&self.kind, row).as_deref().and_then(Kind::parse) {
            Some(kind) => kind == Kind::Access,
            None => self.status.find(row).is_some() || self.duration_us.find(row).is_some(),
        };
        is_request.then(|| self.of_any(row))
    }

    /// The same of any row.
    pub fn of_any(&self, row: &Row<'_>) -> Request {
        let rank = facts::text(&self.level, row).and_then(|level| level::rank(&level));
        let is_error = rank.map_or_else(
            || whole(&self.status, row).is_some_and(|status| status >= 500),
            |rank| rank >= ERROR_RANK,
        );
        let weight = whole(&self.sample_rate, row).filter(|rate| *rate > 0).unwrap_or(1);
        Request { weight, is_error }
    }
}

impl Default for Requests {
    fn default() -> Self {
        Self::new()
    }
}

fn whole(name: &Name, row: &Row<'_>) -> Option<u64> {
    name.find(row)?.value.scalar()?.parse().ok()
}
