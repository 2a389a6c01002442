//! What a query is understood under: the zone, the present, and whether case counts.

use jiff::tz::TimeZone;

/// The circumstances of a query. They are given, never looked up: the same query with the same settings
/// means the same.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The one zone of input, display, `today` and buckets.
    pub zone: TimeZone,
    /// The present, in microseconds since 1970.
    pub now_us: i64,
    /// Whether upper and lower case are the same in every comparison of text (`-i`).
    pub ignore_case: bool,
}
