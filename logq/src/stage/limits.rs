//! Under what stages run, why they end, and what the reader of their table must know.

use super::quantile::SKETCH_ERROR;
use crate::marks::RELEASES_MAX;
use jiff::tz::TimeZone;
use std::fmt;
use std::io;

/// Whether more rows are of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// They may change what comes out.
    More,
    /// They cannot: reading on is in vain.
    Enough,
}

/// Under what stages run.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Memory that each stage may use for what it keeps, in bytes.
    pub mem_bytes: usize,
    /// The zone of days and weeks.
    pub zone: TimeZone,
}

/// Why a pipeline ended before its rows did.
#[derive(Debug)]
pub enum Stop {
    /// What came out could not be handed on.
    Output(io::Error),
    /// A stage would have needed more memory.
    Full(Full),
}

/// A stage would need more memory than it may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    /// The stage.
    pub stage: &'static str,
    /// What it may use, in bytes.
    pub mem_bytes: usize,
}

/// What the reader of a table must know beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// No record had this field.
    Unseen(String),
    /// Percentiles are not exact.
    Sketched,
    /// So many rows are in no group, as there was no room for further ones.
    LeftOut(&'static str, u64),
    /// A chart would have too many spans, so that those in which nothing happened are left out.
    Unfilled,
    /// So many rows have no readable time.
    WithoutTime(u64),
    /// There are too many releases to mark where each is new.
    ManyReleases,
}

impl Notice {
    pub(super) fn of(stage: &'static str, left_out: u64, without_time: u64) -> impl Iterator<Item = Self> {
        let left_out = (left_out > 0).then_some(Self::LeftOut(stage, left_out));
        let without_time = (without_time > 0).then_some(Self::WithoutTime(without_time));
        left_out.into_iter().chain(without_time)
    }

    /// Whether something is missing that was asked for.
    pub fn is_error(&self) -> bool {
        matches!(self, Self::LeftOut(..))
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let records = |rows: &u64| if *rows == 1 { "1 record".to_owned() } else { format!("{rows} records") };
        match self {
            Self::Unseen(name) => write!(f, "no record has a field `{name}`"),
            Self::Sketched => {
                write!(f, "too many values: percentiles may be {} % off", SKETCH_ERROR * 100.0)
            }
            Self::LeftOut(stage, rows) => write!(
                f,
                "`{stage}` has no room for more groups: {} of further ones are not in the table; \
                 ask for fewer groups or fewer records, or give it more by --mem",
                records(rows)
            ),
            Self::Unfilled => f.write_str(
                "too many spans of time: those in which nothing happened are not shown; longer spans would be fewer",
            ),
            Self::ManyReleases => {
                write!(f, "more than {RELEASES_MAX} releases: none of them is marked")
            }
            Self::WithoutTime(rows) => write!(f, "{} without a time not in the chart", records(rows)),
        }
    }
}

impl From<Full> for Stop {
    fn from(full: Full) -> Self {
        Self::Full(full)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stage, mem_bytes } = self;
        let help = match *stage {
            "sort" => "put `head N` behind it, or before it what leaves out records",
            "tail" => "ask for fewer rows",
            _ => "ask for fewer records or fields with fewer values",
        };
        write!(
            f,
            "`{stage}` needs more than {} MiB of memory: {help}, or give it more by --mem",
            mem_bytes >> 20
        )
    }
}

impl std::error::Error for Full {}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Output(error) => error.fmt(f),
            Self::Full(full) => full.fmt(f),
        }
    }
}

impl std::error::Error for Stop {}
