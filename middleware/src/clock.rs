//! The only room that reads clocks: the wall clock stamps records, the monotonic one measures.

use access_record::Timestamp;
use std::time::{Duration, Instant, SystemTime};

/// Now, by the wall clock. Beyond the years 0 to 9999 it is the nearest end.
#[expect(clippy::disallowed_methods, reason = "this is the clock module")]
pub(crate) fn wall() -> Timestamp {
    let now = SystemTime::now();
    let micros = match now.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_micros()).map_or(i64::MIN, |micros| -micros),
    };
    Timestamp::from_micros(micros)
}

/// Now, by the monotonic clock.
#[expect(clippy::disallowed_methods, reason = "this is the clock module")]
pub(crate) fn monotonic() -> Instant {
    Instant::now()
}

/// When so much time has passed; more than a year is a year, which no clock overflows on.
pub(crate) fn deadline(within: Duration) -> Instant {
    monotonic() + within.min(Duration::from_hours(365 * 24))
}

/// Whole microseconds since a point of the monotonic clock.
pub(crate) fn micros_since(start: Instant) -> u64 {
    micros(monotonic().saturating_duration_since(start))
}

/// A duration in whole microseconds.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
