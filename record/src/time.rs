//! Points in time as records write them: RFC 3339, UTC, six digits of a second.

use crate::json::DIGIT_PAIRS;
use std::fmt;

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// A point in time, in microseconds since 1970-01-01T00:00:00Z, within the years 0 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The date and time of day, for `MIN` and `MAX`: year 0 starts, and year 9999 ends, with them.
const MIN_MICROS: i64 = days_from_civil(0, 1, 1) * SECONDS_PER_DAY * MICROS_PER_SECOND;
const MAX_MICROS: i64 = days_from_civil(10_000, 1, 1) * SECONDS_PER_DAY * MICROS_PER_SECOND - 1;

impl Timestamp {
    /// The earliest that RFC 3339 can write.
    pub const MIN: Self = Self(MIN_MICROS);
    /// The latest that RFC 3339 can write.
    pub const MAX: Self = Self(MAX_MICROS);
    /// Bytes of the written form.
    pub const LEN: usize = 27;

    /// From microseconds since the Unix epoch; beyond the years 0 to 9999 the nearest end.
    pub const fn from_micros(micros: i64) -> Self {
        if micros < MIN_MICROS {
            Self::MIN
        } else if micros > MAX_MICROS {
            Self::MAX
        } else {
            Self(micros)
        }
    }

    /// Microseconds since the Unix epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// From calendar parts in UTC; `None` where the calendar has no such day or the clock no such time.
    /// Second 60 is a leap second and reads as the start of the next minute.
    pub fn from_civil(year: u32, month: u32, day: u32, time: (u32, u32, u32), micros: u32) -> Option<Self> {
        let (hour, minute, second) = time;
        let in_range = year <= 9999
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second <= 60
            && micros < 1_000_000;
        if !in_range {
            return None;
        }
        let days = days_from_civil(i64::from(year), month, day);
        let seconds = days * SECONDS_PER_DAY + i64::from(hour * 3600 + minute * 60 + second);
        Some(Self::from_micros(seconds * MICROS_PER_SECOND + i64::from(micros)))
    }

    /// Reads RFC 3339 (`2026-11-21T04:08:21.5+01:00`): any number of digits of a second, of which six
    /// count, any offset, `T`, `t` or one space between date and time. `None` for anything else.
    ///
    /// ```
    /// use access_record::Timestamp;
    /// let ts = Timestamp::parse(b"2009-12-14T04:08:21Z").unwrap();
    /// assert_eq!(ts.micros(), 1_260_763_701_000_000);
    /// assert_eq!(ts.to_string(), "2009-12-14T04:08:21.000000Z");
    /// assert!(Timestamp::parse(b"2009-02-29T00:00:00Z").is_none());
    /// ```
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (head, rest) = text.split_at_checked(19)?;
        let separators = head[4] == b'-'
            && head[7] == b'-'
            && matches!(head[10], b'T' | b't' | b' ')
            && head[13] == b':'
            && head[16] == b':';
        if !separators {
            return None;
        }
        let time = (digits(&head[11..13])?, digits(&head[14..16])?, digits(&head[17..19])?);
        let (micros, rest) = fraction(rest)?;
        let offset_minutes = offset(rest)?;
        let local =
            Self::from_civil(digits(&head[..4])?, digits(&head[5..7])?, digits(&head[8..10])?, time, micros)?;
        Some(Self::from_micros(local.0 - i64::from(offset_minutes) * 60 * MICROS_PER_SECOND))
    }

    /// The written form.
    pub fn format(self) -> [u8; Self::LEN] {
        let seconds = self.0.div_euclid(MICROS_PER_SECOND);
        let micros = self.0.rem_euclid(MICROS_PER_SECOND);
        let (year, month, day) = civil_from_days(seconds.div_euclid(SECONDS_PER_DAY));
        let in_day = seconds.rem_euclid(SECONDS_PER_DAY);
        // All parts are in their ranges, so none is beyond a hundred, or two of these for a year.
        let pair = |number: i64| DIGIT_PAIRS[usize::try_from(number % 100).unwrap_or(0)];
        let pairs = [
            (0, pair(year / 100)),
            (2, pair(year)),
            (5, pair(month)),
            (8, pair(day)),
            (11, pair(in_day / 3600)),
            (14, pair(in_day / 60 % 60)),
            (17, pair(in_day % 60)),
            (20, pair(micros / 10_000)),
            (22, pair(micros / 100)),
            (24, pair(micros)),
        ];
        let mut out = *b"0000-00-00T00:00:00.000000Z";
        for (at, pair) in pairs {
            out[at..at + 2].copy_from_slice(&pair);
        }
        out
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.format().iter().try_for_each(|byte| fmt::Write::write_char(f, char::from(*byte)))
    }
}

fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
}

/// The microseconds of an optional `.digits`, and what follows.
fn fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    let Some((b'.' | b',', after)) = text.split_first() else {
        return Some((0, text));
    };
    let len = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (fraction, rest) = after.split_at(len);
    let kept = &fraction[..len.min(6)];
    let scale = 10u32.pow(u32::try_from(6 - kept.len()).unwrap_or(0));
    if kept.is_empty() { None } else { Some((digits(kept)? * scale, rest)) }
}

/// The minutes of `Z`, `+hh:mm` or `-hh:mm`.
fn offset(text: &[u8]) -> Option<i32> {
    match text {
        b"Z" | b"z" => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let total = i32::try_from(hours * 60 + minutes).ok()?;
            Some(if *sign == b'-' { -total } else { total })
        }
        _ => None,
    }
}

fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a day in the proleptic Gregorian calendar. The year is counted from
/// March, so that the leap day is its last, and in eras of 400 years, which are all alike.
const fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month as i64 + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day as i64 - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The reverse of [`days_from_civil`].
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_points() {
        let rows: &[(&str, Option<i64>)] = &[
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1969-12-31T23:59:59.999999Z", Some(-1)),
            ("2009-12-14T04:08:21.173663Z", Some(1_260_763_701_173_663)),
            ("2009-12-14t04:08:21z", Some(1_260_763_701_000_000)),
            ("2009-12-14 04:08:21Z", Some(1_260_763_701_000_000)),
            ("2009-12-14T05:08:21+01:00", Some(1_260_763_701_000_000)),
            ("2009-12-13T20:38:21-07:30", Some(1_260_763_701_000_000)),
            ("2024-02-29T00:00:00Z", Some(1_709_164_800_000_000)),
            ("2016-12-31T23:59:60Z", Some(1_483_228_800_000_000)),
            ("2026-11-21T04:08:21.1234567899Z", Some(1_795_234_101_123_456)),
            ("2026-11-21T04:08:21.5Z", Some(1_795_234_101_500_000)),
            ("2023-02-29T00:00:00Z", None),
            ("2026-13-01T00:00:00Z", None),
            ("2026-11-31T00:00:00Z", None),
            ("2026-11-21T24:00:00Z", None),
            ("2026-11-21T04:08:21", None),
            ("2026-11-21T04:08:21.Z", None),
            ("2026-11-21T04:08:21+0100", None),
            ("2026-11-21T04:08:21+24:00", None),
            ("2026-11-21T04:08:21Zx", None),
            ("+026-11-21T04:08:21Z", None),
            ("", None),
        ];
        for (text, micros) in rows {
            assert_eq!(Timestamp::parse(text.as_bytes()).map(Timestamp::micros), *micros, "{text}");
        }
    }

    #[test]
    fn beyond_the_calendar_is_its_end() {
        assert_eq!(Timestamp::from_micros(i64::MIN).to_string(), "0000-01-01T00:00:00.000000Z");
        assert_eq!(Timestamp::from_micros(i64::MAX).to_string(), "9999-12-31T23:59:59.999999Z");
    }

    proptest! {
        #[test]
        fn written_and_read_back(micros in MIN_MICROS..=MAX_MICROS) {
            let ts = Timestamp::from_micros(micros);
            prop_assert_eq!(Timestamp::parse(&ts.format()), Some(ts));
        }

        #[test]
        fn any_bytes_are_read_or_refused(text in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Some(ts) = Timestamp::parse(&text) {
                prop_assert_eq!(Timestamp::parse(&ts.format()), Some(ts));
            }
        }
    }
}
