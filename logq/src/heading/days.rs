//! The days of lines that say no more than the time: the day that a directive above them says, and those that follow where
//! the clock begins anew.

use jiff::civil::Date;

const DAY_S: i64 = 86_400;

/// By how much a line may be older than the newest one above it: it was written when its request was over, or in the hour
/// that local clocks are put back by.
const LATE_S: i64 = 3600;

/// The same for the first lines below a directive, which was written with them.
const LATE_BELOW_DIRECTIVE_S: i64 = 60;

/// The newest time so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Days {
    day: Date,
    /// Seconds since it began; none where only the day is known.
    second: Option<i64>,
    late_s: i64,
}

impl Days {
    /// Those below a directive with this text behind its name: `2026-11-21 04:08:21`, `21-Nov-2026 04:08:21`, or without
    /// the time.
    pub(super) fn from_directive(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        let day = words.next()?;
        let day = day.parse().ok().or_else(|| Date::strptime("%d-%b-%Y", day).ok())?;
        Some(Self { day, second: words.next().and_then(second), late_s: LATE_BELOW_DIRECTIVE_S })
    }

    /// The day of the newest line.
    pub(super) fn day(&self) -> Date {
        self.day
    }

    /// The day of a line with this time.
    pub(super) fn of(&mut self, time: &str) -> Option<Date> {
        let second = second(time)?;
        let newest = self.second.unwrap_or(second);
        let step = (second - newest + self.late_s).rem_euclid(DAY_S) - self.late_s;
        self.late_s = LATE_S;
        let day = match (newest + step).div_euclid(DAY_S) {
            0 => self.day,
            1 => self.day.tomorrow().ok()?,
            _ => return self.day.yesterday().ok(),
        };
        if step >= 0 {
            (self.day, self.second) = (day, Some(second));
        }
        Some(day)
    }
}

/// The second of the day of `04:08` or `04:08:21.5`.
fn second(time: &str) -> Option<i64> {
    let two_digits = |text: &str| {
        let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<i64>().ok()).flatten()
    };
    let (hours, rest) = time.split_once(':')?;
    let (minutes, seconds) = rest.split_once(':').unwrap_or((rest, "00"));
    let seconds = seconds.split_once('.').map_or(seconds, |(whole, _)| whole);
    let (hours, minutes, seconds) = (two_digits(hours)?, two_digits(minutes)?, two_digits(seconds)?);
    // A leap second is the last of its day.
    (hours < 24 && minutes < 60 && seconds <= 60)
        .then(|| (hours * 3600 + minutes * 60 + seconds).min(DAY_S - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_follow_where_the_clock_begins_anew() {
        let rows = [
            // The example of the standard.
            ("12-Jan-1996 00:00:00", "00:34:23 12:21:16 12:45:52 12:57:34", "12 12 12 12"),
            ("2026-01-12 23:59:58", "23:59:59 00:00:00 00:00:01", "12 13 13"),
            // Written late, and then on.
            ("2026-01-12", "23:59:59 00:00:01 23:59:58 00:00:00 00:00:02", "12 13 12 13 13"),
            ("2026-01-12", "02:59 02:00 02:30 03:00", "12 12 12 12"),
            // A night without requests.
            ("2026-01-12", "17:30 08:00 17:00 08:30", "12 13 13 14"),
            // Nothing for most of the day, below a directive that was written at its start.
            ("2026-01-12 00:00:00", "23:30 23:31", "12 12"),
            ("2026-01-12 00:00:05", "23:59:59 00:00:05.25", "11 12"),
            ("2026-01-12 23:59:50", "23:59:60 x 24:00 1:00 00:00", "12 - - - 13"),
        ];
        for (directive, times, expected) in rows {
            let mut days = Days::from_directive(directive).expect("a day");
            let found: Vec<String> = times
                .split(' ')
                .map(|time| days.of(time).map_or("-".to_owned(), |day| day.day().to_string()))
                .collect();
            assert_eq!(found.join(" "), expected, "{directive}: {times}");
        }
        assert_eq!(Days::from_directive("yesterday"), None);
        assert_eq!(Days::from_directive(""), None);
    }
}
