//! Times, durations and sizes: what a user types, and what stands in lines. All exact, in integers.

mod minute;
#[cfg(test)]
mod tests;

pub use minute::Minute;

use crate::number;
use crate::settings::Settings;
use access_record::logformat::clf_time_us;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use std::fmt;

/// Why a text is no time, duration or size. The text says what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeError {
    text: String,
}

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for TimeError {}

/// Units of durations, in nanoseconds. A day is 24 hours, a week seven days.
const DURATION_UNITS: &[(&str, i128)] = &[
    ("ns", 1),
    ("us", 1000),
    ("µs", 1000),
    ("μs", 1000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("min", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
    ("w", 604_800_000_000_000),
];

/// Units of sizes, in bytes.
const SIZE_UNITS: &[(&str, i128)] = &[
    ("B", 1),
    ("kB", 1000),
    ("KB", 1000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// A point in time as a user types it, in microseconds since 1970: RFC 3339, `2026-11-21`,
/// `2026-11-21T04:08`, `04:08` (today), `today`, `yesterday`, `now`, a Unix time, or a duration before now
/// (`15m`, `2h30m`). Without an offset it is in the zone of the settings.
pub fn parse_point(text: &str, settings: &Settings) -> Result<i64, TimeError> {
    let text = text.trim();
    let point = match text.to_ascii_lowercase().as_str() {
        "now" => Some(settings.now_us),
        "today" => day_start(settings, 0),
        "yesterday" => day_start(settings, 1),
        _ => None,
    };
    point
        .or_else(|| of_text(text, &settings.zone).filter(|_| !is_small_number(text)))
        .or_else(|| today_at(text, settings))
        .or_else(|| ago(text, settings))
        .ok_or_else(|| TimeError {
            text: format!(
                "`{}` is no time; expected one like 2026-11-21T04:08:21Z, 2026-11-21, 04:08, today, yesterday, now, \
                 or 15m for fifteen minutes ago",
                text.escape_debug()
            ),
        })
}

/// A duration with its unit, such as `250ms`, `1.5s` or `2h30m`, in nanoseconds.
pub fn parse_duration(text: &str) -> Result<i64, TimeError> {
    amounts(text, DURATION_UNITS).and_then(|nanos| i64::try_from(nanos).ok()).ok_or_else(|| TimeError {
        text: format!(
            "`{}` is no duration; expected one like 250ms, 1.5s or 2h30m (units ns us ms s m h d w)",
            text.escape_debug()
        ),
    })
}

/// A size with its unit, such as `10KiB` or `5MB`, in bytes.
pub fn parse_size(text: &str) -> Result<u64, TimeError> {
    amounts(text, SIZE_UNITS).and_then(|bytes| u64::try_from(bytes).ok()).ok_or_else(|| TimeError {
        text: format!(
            "`{}` is no size; expected one like 10KiB or 5MB (units B kB MB GB TB KiB MiB GiB TiB)",
            text.escape_debug()
        ),
    })
}

/// A point in time as lines have it, in microseconds since 1970: RFC 3339, the form of common logs, or a Unix
/// time. Without an offset it is in the given zone.
pub fn of_text(text: &str, assume: &TimeZone) -> Option<i64> {
    if number::is_number(text) {
        return of_number(text);
    }
    with_zone(text).or_else(|| at_zone(civil(text)?, assume))
}

/// A time that says its zone.
fn with_zone(text: &str) -> Option<i64> {
    // The contract's times first: they go to the end of the year 9999, jiff's to the day before.
    if let Some(timestamp) = access_record::Timestamp::parse(text.as_bytes()) {
        return Some(timestamp.micros());
    }
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp.as_microsecond());
    }
    clf_time_us(text.as_bytes())
}

/// A time that does not say its zone, in this one, in microseconds since 1970: of one that the clocks pass twice the
/// first, of one that they skip the time as far after the gap.
pub fn of_clock(text: &str, zone: &TimeZone) -> Option<i64> {
    // jiff would take `20261121` too, and pass over an offset.
    if number::is_number(text) || with_zone(text).is_some() {
        return None;
    }
    at_zone(civil(text)?, zone)
}

fn civil(text: &str) -> Option<DateTime> {
    let civil: DateTime = text.parse().ok()?;
    if text.contains('Z') || text.contains('z') {
        return None;
    }
    Some(civil)
}

/// A Unix time, its unit told by its size: seconds below 10^11 (the year 5138), then ms, µs and ns.
pub fn of_number(token: &str) -> Option<i64> {
    let seconds = number::whole(token, 0)?;
    let shift = match seconds.unsigned_abs() {
        0..100_000_000_000 => 6,
        100_000_000_000..100_000_000_000_000 => 3,
        100_000_000_000_000..100_000_000_000_000_000 => 0,
        _ => -3,
    };
    number::whole(token, shift)
}

/// The sum of amounts written one after the other, each a decimal and a unit. `None` if anything else stands
/// there or the sum is no whole number of the smallest unit.
fn amounts(text: &str, units: &[(&str, i128)]) -> Option<i128> {
    let mut rest = text;
    let mut sum: i128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (amount, after) = rest.split_at(end);
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let (_, size) = units.iter().find(|(name, _)| *name == unit)?;
        sum = sum.checked_add(scaled(amount, *size)?)?;
        rest = after;
    }
    (!text.is_empty()).then_some(sum)
}

fn scaled(amount: &str, size: i128) -> Option<i128> {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    let digits = format!("{whole}{fraction}");
    if whole.is_empty() || digits.len() > 18 || amount.ends_with('.') {
        return None;
    }
    let product = digits.parse::<i128>().ok()?.checked_mul(size)?;
    let divisor = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
    (product % divisor == 0).then_some(product / divisor)
}

/// Nobody means the first years of Unix time by `15` or `20261121`.
fn is_small_number(text: &str) -> bool {
    number::is_number(text) && number::whole(text, 0).is_some_and(|seconds| seconds < 100_000_000)
}

fn now(settings: &Settings) -> Option<DateTime> {
    let now = Timestamp::from_microsecond(settings.now_us).ok()?;
    Some(settings.zone.to_datetime(now))
}

fn day_start(settings: &Settings, days_ago: i64) -> Option<i64> {
    let day: Date = now(settings)?.date().checked_sub(days_ago.days()).ok()?;
    at_zone(day.to_datetime(Time::midnight()), &settings.zone)
}

fn today_at(text: &str, settings: &Settings) -> Option<i64> {
    if text.as_bytes().get(2) != Some(&b':') || !text.is_ascii() {
        return None;
    }
    let time: Time = text.parse().ok()?;
    at_zone(now(settings)?.date().to_datetime(time), &settings.zone)
}

fn ago(text: &str, settings: &Settings) -> Option<i64> {
    let nanos = parse_duration(text).ok()?;
    settings.now_us.checked_sub(nanos / 1000)
}

/// Of a time that the clocks pass twice the first, of one that they skip the time as far after the gap.
fn at_zone(civil: DateTime, zone: &TimeZone) -> Option<i64> {
    let timestamp = zone.to_ambiguous_timestamp(civil).compatible().ok()?;
    Some(timestamp.as_microsecond())
}
