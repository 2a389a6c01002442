//! What changed, and when, for charts: releases that a service was not seen with before, and the lines of a log of
//! deploys. Both become a [`Mark`]. Pure: rows and lines in, marks out.

mod deploys;
mod file;

pub use deploys::{Deploys, RELEASES_MAX};
pub use file::{File, MARKS_MAX, read};

/// A moment at which something changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// When, in microseconds since 1970.
    pub time_us: i64,
    /// The service, or who changed something. Empty where nobody says.
    pub who: String,
    /// The release, or what was changed.
    pub what: String,
}
