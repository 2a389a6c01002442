//! Time zones as people type them.

use crate::escape;
use jiff::tz::TimeZone;

/// The zone that `--tz` names, or the file of defaults.
pub(super) fn zone(text: &str) -> Result<TimeZone, String> {
    zone_of("--tz", text)
}

/// The zone that an option names.
pub(super) fn zone_of(option: &str, text: &str) -> Result<TimeZone, String> {
    match text {
        "UTC" | "utc" | "Z" => Ok(TimeZone::UTC),
        "local" => Ok(TimeZone::system()),
        _ => {
            let offset = || jiff::fmt::temporal::DateTimeParser::new().parse_time_zone(text);
            TimeZone::get(text).or_else(|_| offset()).map_err(|_| {
                format!(
                    "{option}: `{}` is no time zone known here; expected one like Europe/Berlin, +02:00, UTC or local",
                    escape::text(text)
                )
            })
        }
    }
}
