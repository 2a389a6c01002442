//! Figures as people read them: durations with a unit that fits, times in a zone, texts cut to columns.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Columns of a key's hash that are shown.
const KEY_COLUMNS: usize = 8;

/// A duration: `173 µs`, `12.3 ms`, `1.25 s`, `90.5 s`.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub fn duration(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..999_950 => format!("{:.1} ms", micros as f64 / 1e3),
        999_950..9_995_000 => format!("{:.2} s", micros as f64 / 1e6),
        _ => format!("{:.1} s", micros as f64 / 1e6),
    }
}

/// Two durations with something between them, the unit once where both have the same: `380.0 ± 5.0 ms`.
pub fn pair(first_us: u64, between: &str, second_us: u64) -> String {
    let (first, second) = (duration(first_us), duration(second_us));
    let unit = |text: &str| text.split_once(' ').map(|(_, unit)| unit.to_owned());
    let first = if unit(&first) == unit(&second) {
        first.split_once(' ').map_or(first.clone(), |(figure, _)| figure.to_owned())
    } else {
        first
    };
    format!("{first}{between}{second}")
}

/// A point in time, to the millisecond, with its offset: `2026-11-21 04:08:21.173Z`.
pub fn time(micros: i64, zone: &TimeZone) -> String {
    let Ok(point) = Timestamp::from_microsecond(micros) else {
        return format!("{micros} µs");
    };
    let there = point.to_zoned(zone.clone());
    let local = there.strftime("%Y-%m-%d %H:%M:%S%.3f");
    if there.offset().is_zero() { format!("{local}Z") } else { format!("{local}{}", there.strftime("%:z")) }
}

/// Columns of a text on a terminal.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text in at most so many columns; where something was cut, `…` says so.
pub fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut shown = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > columns {
            break;
        }
        shown.push(c);
    }
    if columns > 0 {
        shown.push('…');
    }
    shown
}

/// The text with blanks behind it up to so many columns, cut where it has more.
pub fn fit(text: &str, columns: usize) -> String {
    let mut shown = cut(text, columns);
    let missing = columns.saturating_sub(width(&shown));
    shown.extend(std::iter::repeat_n(' ', missing));
    shown
}

/// The fingerprint of a key, as far as it takes to tell it from others: `k1:mzxw6ytb…`. A query finds it by
/// `api_key=k1:mzxw6ytb*`.
pub fn short_key(fingerprint: &str) -> String {
    match fingerprint.split_once(':') {
        Some((keyed_by, hash)) => format!("{keyed_by}:{}", cut(hash, KEY_COLUMNS + 1)),
        None => fingerprint.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_carry_their_unit() {
        let rows = [
            (0, "0 µs"),
            (999, "999 µs"),
            (1_000, "1.0 ms"),
            (12_345, "12.3 ms"),
            (312_400, "312.4 ms"),
            (999_949, "999.9 ms"),
            (999_950, "1.00 s"),
            (1_250_000, "1.25 s"),
            (9_994_999, "9.99 s"),
            (90_500_000, "90.5 s"),
            (u64::MAX, "18446744073709.6 s"),
        ];
        for (micros, shown) in rows {
            assert_eq!(duration(micros), shown, "{micros}");
        }
    }

    #[test]
    fn times_carry_their_offset() {
        let plus_one = TimeZone::fixed(jiff::tz::offset(1));
        assert_eq!(time(1_260_763_701_173_663, &TimeZone::UTC), "2009-12-14 04:08:21.173Z");
        assert_eq!(time(1_260_763_701_173_663, &plus_one), "2009-12-14 05:08:21.173+01:00");
        assert_eq!(time(i64::MAX, &TimeZone::UTC), "9223372036854775807 µs");
    }

    #[test]
    fn texts_fit_columns_not_bytes() {
        let rows = [
            ("abc", 5, "abc  "),
            ("abcdef", 5, "abcd…"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日… "),
            ("abc", 0, ""),
            ("é", 1, "é"),
        ];
        for (text, columns, shown) in rows {
            assert_eq!(fit(text, columns), shown, "{text} {columns}");
        }
    }

    #[test]
    fn keys_are_known_by_their_beginning() {
        let rows = [
            ("k1:mzxw6ytboi2345abcdef", "k1:mzxw6ytb…"),
            ("key-2026:mzxw6ytboi2345abcdef", "key-2026:mzxw6ytb…"),
            ("k1:short", "k1:short"),
            ("somebody-elses-key", "somebody-elses-key"),
            ("", ""),
        ];
        for (fingerprint, shown) in rows {
            assert_eq!(short_key(fingerprint), shown);
        }
    }
}
