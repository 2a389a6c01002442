//! Figures as people read them: durations with a unit that fits, times in a zone, texts cut to columns.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fmt::Write as _;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Columns of a key's hash that are shown.
const KEY_COLUMNS: usize = 8;

/// A duration: `173 µs`, `12.3 ms`, `1.25 s`, `90.5 s`, `12.5 min`, `3.0 h`, `4.5 d`.
pub fn duration(micros: u64) -> String {
    let mut text = String::new();
    push_duration(&mut text, micros);
    text
}

/// Appends a [`duration`].
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub fn push_duration(text: &mut String, micros: u64) {
    let _infallible = match micros {
        0..1_000 => write!(text, "{micros} µs"),
        1_000..999_950 => write!(text, "{:.1} ms", micros as f64 / 1e3),
        999_950..9_995_000 => write!(text, "{:.2} s", micros as f64 / 1e6),
        9_995_000..600_000_000 => write!(text, "{:.1} s", micros as f64 / 1e6),
        600_000_000..7_200_000_000 => write!(text, "{:.1} min", micros as f64 / 6e7),
        7_200_000_000..172_800_000_000 => write!(text, "{:.1} h", micros as f64 / 3.6e9),
        _ => write!(text, "{:.1} d", micros as f64 / 8.64e10),
    };
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

/// A length of time in the largest unit of which it is a whole number: `5m`, `90s`. In microseconds.
pub fn length(micros: i64) -> String {
    const UNITS: [(i64, &str); 6] = [
        (604_800_000_000, "w"),
        (86_400_000_000, "d"),
        (3_600_000_000, "h"),
        (60_000_000, "m"),
        (1_000_000, "s"),
        (1000, "ms"),
    ];
    let unit = UNITS.into_iter().find(|(unit, _)| micros % unit == 0);
    unit.map_or_else(|| format!("{micros}us"), |(unit, name)| format!("{}{name}", micros / unit))
}

/// A size: `173 B`, `12.3 KiB`, `1.5 GiB`.
pub fn size(bytes: f64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let (mut shown, mut unit) = (bytes, 0);
    while shown.abs() >= 1023.95 && unit + 1 < UNITS.len() {
        shown /= 1024.0;
        unit += 1;
    }
    let digits = usize::from(unit > 0 || shown.fract() != 0.0);
    format!("{shown:.digits$} {}", UNITS[unit])
}

/// A share of a whole: `9.8 %`.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A point in time, to the millisecond, with its offset: `2026-11-21 04:08:21.173Z`.
pub fn time(micros: i64, zone: &TimeZone) -> String {
    let mut text = String::new();
    push_time(&mut text, micros, zone);
    text
}

/// Appends a [`time`]. Every line to read has one, so only the offset is asked of the zone.
pub fn push_time(text: &mut String, micros: i64, zone: &TimeZone) {
    let point = Timestamp::from_microsecond(micros).ok();
    let local = point.and_then(|point| {
        let seconds = i64::from(zone.to_offset(point).seconds());
        let local_us = micros.checked_add(seconds * 1_000_000)?;
        let local = access_record::Timestamp::from_micros(local_us);
        (local.micros() == local_us).then(|| (local.format(), seconds / 60))
    });
    let Some((local, offset_minutes)) = local else {
        let _infallible = write!(text, "{micros} µs");
        return;
    };
    // `2026-11-21T04:08:21.173663Z`: the day, a blank, the time without the last three digits.
    for (part, behind) in [(&local[..10], " "), (&local[11..23], "")] {
        text.push_str(std::str::from_utf8(part).unwrap_or_default());
        text.push_str(behind);
    }
    if offset_minutes == 0 {
        text.push('Z');
        return;
    }
    let sign = if offset_minutes < 0 { '-' } else { '+' };
    let minutes = offset_minutes.abs();
    let _infallible = write!(text, "{sign}{:02}:{:02}", minutes / 60, minutes % 60);
}

/// Columns of a text on a terminal.
pub fn width(text: &str) -> usize {
    // Most texts are such; of these it is told by looking at many bytes at once.
    let is_plain = text.bytes().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'));
    if is_plain { text.len() } else { text.width() }
}

/// The text in at most so many columns; where something was cut, `…` says so.
pub fn cut(text: &str, columns: usize) -> String {
    // No character has more columns than bytes.
    if text.len() <= columns || width(text) <= columns {
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

/// As much of the text as has room in so many columns, but one character at least.
pub fn beginning(text: &str, columns: usize) -> &str {
    let mut used = 0;
    let mut ends = text.char_indices().map(|(at, c)| {
        used += c.width().unwrap_or(0);
        (at + c.len_utf8(), used)
    });
    let first = ends.next();
    let last = ends.take_while(|(_, used)| *used <= columns).last().or(first);
    &text[..last.map_or(0, |(end, _)| end)]
}

/// The text with blanks behind it up to so many columns, cut where it has more.
pub fn fit(text: &str, columns: usize) -> String {
    let mut shown = cut(text, columns);
    let missing = columns.saturating_sub(width(&shown));
    shown.extend(std::iter::repeat_n(' ', missing));
    shown
}

/// The text in lines of so many columns, cut between words where that can be.
pub fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_inclusive(' ') {
        if width(&line) + width(word.trim_end()) > columns && !line.is_empty() {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
        }
        for c in word.chars() {
            if c != ' ' && width(&line) + width(c.encode_utf8(&mut [0; 4])) > columns {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    lines.push(line.trim_end().to_owned());
    lines
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
            (599_900_000, "599.9 s"),
            (600_000_000, "10.0 min"),
            (7_200_000_000, "2.0 h"),
            (47 * 3_600_000_000, "47.0 h"),
            (172_800_000_000, "2.0 d"),
            (u64::MAX, "213503982.3 d"),
        ];
        for (micros, shown) in rows {
            assert_eq!(duration(micros), shown, "{micros}");
        }
    }

    #[test]
    fn sizes_carry_their_unit() {
        let rows = [
            (0.0, "0 B"),
            (1023.0, "1023 B"),
            (12.5, "12.5 B"),
            (1024.0, "1.0 KiB"),
            (1_048_575.0, "1.0 MiB"),
            (1.5e9, "1.4 GiB"),
            (1e16, "9094.9 TiB"),
            (-2048.0, "-2.0 KiB"),
        ];
        for (bytes, shown) in rows {
            assert_eq!(size(bytes), shown, "{bytes}");
        }
    }

    #[test]
    fn lengths_are_said_in_the_largest_unit() {
        let rows = [
            (604_800_000_000, "1w"),
            (3_600_000_000, "1h"),
            (90_000_000, "90s"),
            (1500, "1500us"),
            (250_000, "250ms"),
        ];
        for (micros, expected) in rows {
            assert_eq!(length(micros), expected);
        }
    }

    #[test]
    fn times_carry_their_offset() {
        let plus_one = TimeZone::fixed(jiff::tz::offset(1));
        assert_eq!(time(1_260_763_701_173_663, &TimeZone::UTC), "2009-12-14 04:08:21.173Z");
        assert_eq!(time(1_260_763_701_173_663, &plus_one), "2009-12-14 05:08:21.173+01:00");
        assert_eq!(time(i64::MAX, &TimeZone::UTC), "9223372036854775807 µs");
        let newfoundland = TimeZone::get("America/St_Johns").unwrap();
        assert_eq!(time(1_260_763_701_173_663, &newfoundland), "2009-12-14 00:38:21.173-03:30");
        let summer = TimeZone::get("Europe/Berlin").unwrap();
        assert_eq!(time(1_782_000_000_999_999, &summer), "2026-06-21 02:00:00.999+02:00");
        assert_eq!(time(-1, &TimeZone::UTC), "1969-12-31 23:59:59.999Z");
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
