//! Times as log formats write them: `[14/Dec/2009:04:08:21 +0000]`, strftime, Unix times. Strict and
//! checked against the calendar. Several directives may share one time, so each fills in parts.

use crate::json;

const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// `14/Dec/2009:04:08:21 +0000`
const CLF: &[Piece] = &[
    Piece::Day,
    Piece::Byte(b'/'),
    Piece::MonthName,
    Piece::Byte(b'/'),
    Piece::Year,
    Piece::Byte(b':'),
    Piece::Hour,
    Piece::Byte(b':'),
    Piece::Minute,
    Piece::Byte(b':'),
    Piece::Second,
    Piece::Byte(b' '),
    Piece::Offset,
];

/// `2009-12-14T04:08:21+00:00`
const ISO: &[Piece] = &[
    Piece::Year,
    Piece::Byte(b'-'),
    Piece::Month,
    Piece::Byte(b'-'),
    Piece::Day,
    Piece::Byte(b'T'),
    Piece::Hour,
    Piece::Byte(b':'),
    Piece::Minute,
    Piece::Byte(b':'),
    Piece::Second,
    Piece::Offset,
];

/// How a time, or a part of one, is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout(Vec<Piece>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Byte(u8),
    Day,
    DayPadded,
    Month,
    MonthName,
    Year,
    Hour,
    Minute,
    Second,
    Offset,
    /// Digits of a second's fraction, so many.
    Fraction(usize),
    /// A Unix time, perhaps with decimals, in units of 10^-n s.
    Epoch(u32),
}

impl Layout {
    /// nginx's `$time_local`.
    pub(super) fn clf() -> Self {
        Self(CLF.to_vec())
    }

    /// The same in brackets, as Apache's `%t`.
    pub(super) fn bracketed() -> Self {
        Self([&[Piece::Byte(b'[')], CLF, &[Piece::Byte(b']')]].concat())
    }

    /// nginx's `$time_iso8601`.
    pub(super) fn iso() -> Self {
        Self(ISO.to_vec())
    }

    /// Seconds with decimals: nginx's `$msec`.
    pub(super) fn epoch_decimal() -> Self {
        Self(vec![Piece::Epoch(0)])
    }

    /// What stands in the braces of `%{…}t`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let piece = match text {
            "sec" => Piece::Epoch(0),
            "msec" => Piece::Epoch(3),
            "usec" => Piece::Epoch(6),
            "msec_frac" => Piece::Fraction(3),
            "usec_frac" => Piece::Fraction(6),
            _ => return strftime(text).map(Self),
        };
        Ok(Self(vec![piece]))
    }

    /// Whether the time it reads needs no assumed zone.
    pub(super) fn has_zone(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Offset | Piece::Epoch(_)))
    }

    /// The byte that every time of this layout begins with, if there is one.
    pub(super) fn first_byte(&self) -> Option<u8> {
        match self.0.first() {
            Some(Piece::Byte(byte)) => Some(*byte),
            _ => None,
        }
    }

    /// Appends a point in time, in UTC. Where a Unix time is in whole seconds, `decimals` adds three
    /// digits, as nginx does.
    pub(super) fn write(&self, ts: crate::Timestamp, decimals: bool, out: &mut Vec<u8>) {
        let civil = ts.format();
        let micros = ts.micros();
        for piece in &self.0 {
            match piece {
                Piece::Byte(byte) => out.push(*byte),
                Piece::Year => out.extend_from_slice(&civil[0..4]),
                Piece::Month => out.extend_from_slice(&civil[5..7]),
                Piece::MonthName => {
                    let month = usize::from((civil[5] - b'0') * 10 + (civil[6] - b'0'));
                    out.extend_from_slice(MONTHS[(month - 1) % MONTHS.len()]);
                }
                Piece::Day => out.extend_from_slice(&civil[8..10]),
                Piece::DayPadded => {
                    out.extend_from_slice(&[if civil[8] == b'0' { b' ' } else { civil[8] }, civil[9]]);
                }
                Piece::Hour => out.extend_from_slice(&civil[11..13]),
                Piece::Minute => out.extend_from_slice(&civil[14..16]),
                Piece::Second => out.extend_from_slice(&civil[17..19]),
                Piece::Fraction(digits) => out.extend_from_slice(&civil[20..20 + (*digits).min(6)]),
                Piece::Offset if self.0 == ISO => out.extend_from_slice(b"+00:00"),
                Piece::Offset => out.extend_from_slice(b"+0000"),
                Piece::Epoch(digits) => {
                    json::push_i64(out, micros.div_euclid(10_i64.pow(6 - (*digits).min(6))));
                    if decimals && *digits == 0 {
                        out.push(b'.');
                        out.extend_from_slice(&civil[20..23]);
                    }
                }
            }
        }
    }

    /// Reads a time from the front of the bytes into `parts`; returns what follows it.
    pub(super) fn read<'a>(&self, mut bytes: &'a [u8], parts: &mut Parts) -> Option<&'a [u8]> {
        for piece in &self.0 {
            bytes = parts.read(*piece, bytes)?;
        }
        Some(bytes)
    }
}

fn strftime(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            let mut buffer = [0; 4];
            pieces.extend(c.encode_utf8(&mut buffer).bytes().map(Piece::Byte));
            continue;
        }
        match chars.next() {
            Some('d') => pieces.push(Piece::Day),
            Some('e') => pieces.push(Piece::DayPadded),
            Some('m') => pieces.push(Piece::Month),
            Some('b' | 'h') => pieces.push(Piece::MonthName),
            Some('Y') => pieces.push(Piece::Year),
            Some('H') => pieces.push(Piece::Hour),
            Some('M') => pieces.push(Piece::Minute),
            Some('S') => pieces.push(Piece::Second),
            Some('z') => pieces.push(Piece::Offset),
            Some('s') => pieces.push(Piece::Epoch(0)),
            Some('T') => pieces.extend(strftime("%H:%M:%S")?),
            Some('R') => pieces.extend(strftime("%H:%M")?),
            Some('F') => pieces.extend(strftime("%Y-%m-%d")?),
            Some('%') => pieces.push(Piece::Byte(b'%')),
            other => {
                let other = other.map_or_else(String::new, |c| c.escape_debug().to_string());
                return Err(format!(
                    "`%{other}` is no part of a time here; known are %Y %m %b %d %e %F %H %M %S %T %R %z %s, \
                     or all of it as sec, msec, usec, msec_frac or usec_frac"
                ));
            }
        }
    }
    Ok(pieces)
}

/// The parts make no time, such as the 31st of February.
#[derive(Debug)]
pub(super) struct NoSuchTime;

/// The parts of a time read so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parts {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    hour: Option<i64>,
    minute: i64,
    second: i64,
    micros: i64,
    offset_s: i64,
    epoch_us: Option<i64>,
}

impl Parts {
    /// Microseconds since 1970; `None` if too little was read to tell.
    pub(super) fn micros_since_epoch(&self) -> Result<Option<i64>, NoSuchTime> {
        if let Some(epoch_us) = self.epoch_us {
            return epoch_us.checked_add(self.micros).map(Some).ok_or(NoSuchTime);
        }
        let (Some(year), Some(month), Some(day)) = (self.year, self.month, self.day) else {
            return Ok(None);
        };
        if day > days_in_month(year, month) {
            return Err(NoSuchTime);
        }
        let Some(hour) = self.hour else {
            return Ok(None);
        };
        let seconds =
            days_since_epoch(year, month, day) * 86_400 + hour * 3600 + self.minute * 60 + self.second
                - self.offset_s;
        Ok(Some(seconds * 1_000_000 + self.micros))
    }

    fn read<'a>(&mut self, piece: Piece, bytes: &'a [u8]) -> Option<&'a [u8]> {
        match piece {
            Piece::Byte(byte) => return bytes.strip_prefix(&[byte]),
            Piece::Epoch(digits) => return self.read_epoch(digits, bytes),
            Piece::Offset => return self.read_offset(bytes),
            Piece::MonthName => {
                let (name, rest) = bytes.split_at_checked(3)?;
                let index = MONTHS.iter().position(|month| month.as_slice() == name)?;
                self.month = Some(i64::try_from(index).ok()? + 1);
                return Some(rest);
            }
            _ => {}
        }
        let (width, range) = match piece {
            Piece::Year => (4, 0..=9999),
            Piece::Day | Piece::DayPadded => (2, 1..=31),
            Piece::Month => (2, 1..=12),
            Piece::Hour => (2, 0..=23),
            Piece::Minute => (2, 0..=59),
            // 60 is the leap second; it is counted as the first of the next minute.
            Piece::Second => (2, 0..=60),
            Piece::Fraction(digits) => (digits, 0..=999_999),
            _ => return None,
        };
        let (written, rest) = bytes.split_at_checked(width)?;
        let number = match (piece, written) {
            (Piece::DayPadded, [b' ', digit]) => number(&[*digit])?,
            _ => number(written)?,
        };
        if !range.contains(&number) {
            return None;
        }
        match piece {
            Piece::Year => self.year = Some(number),
            Piece::Month => self.month = Some(number),
            Piece::Day | Piece::DayPadded => self.day = Some(number),
            Piece::Hour => self.hour = Some(number),
            Piece::Minute => self.minute = number,
            Piece::Second => self.second = number,
            Piece::Fraction(3) => self.micros = number * 1000,
            _ => self.micros = number,
        }
        Some(rest)
    }

    fn read_offset<'a>(&mut self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let (sign, rest) = match bytes {
            [b'Z', rest @ ..] => {
                self.offset_s = 0;
                return Some(rest);
            }
            [b'+', rest @ ..] => (1, rest),
            [b'-', rest @ ..] => (-1, rest),
            _ => return None,
        };
        let (hours, rest) = rest.split_at_checked(2)?;
        let rest = rest.strip_prefix(b":").unwrap_or(rest);
        let (minutes, rest) = rest.split_at_checked(2)?;
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        if hours > 23 || minutes > 59 {
            return None;
        }
        self.offset_s = sign * (hours * 3600 + minutes * 60);
        Some(rest)
    }

    fn read_epoch<'a>(&mut self, unit_digits: u32, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let (micros, rest) = scaled_decimal(bytes, 6 - unit_digits)?;
        self.epoch_us = Some(i64::try_from(micros).ok()?);
        Some(rest)
    }
}

/// Reads `digits[.digits]` from the front and gives it times 10^`shift`, cut (not rounded) to a whole
/// number, with what follows. `None` if there is no digit or the number is too big.
pub(super) fn scaled_decimal(bytes: &[u8], shift: u32) -> Option<(u64, &[u8])> {
    let (whole, rest) = digits(bytes);
    if whole.is_empty() {
        return None;
    }
    let (fraction, rest) = match rest.strip_prefix(b".").map(digits) {
        Some((fraction, rest)) if !fraction.is_empty() => (fraction, rest),
        _ => (&[][..], rest),
    };
    let shift = usize::try_from(shift).ok()?;
    let padded = fraction.iter().copied().chain(std::iter::repeat(b'0'));
    let mut value: u64 = 0;
    for digit in whole.iter().copied().chain(padded.take(shift)) {
        value = value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
    }
    Some((value, rest))
}

/// Splits off the decimal digits at the front.
pub(super) fn digits(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| !byte.is_ascii_digit());
    bytes.split_at(end.unwrap_or(bytes.len()))
}

fn number(written: &[u8]) -> Option<i64> {
    written
        .iter()
        .try_fold(0_i64, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar, counted in years that begin in March so
/// that the leap day is the last one.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Microseconds since 1970 of a time as common logs write it, with or without its brackets. `None` if
/// it is anything else, or no day of the calendar.
///
/// ```
/// use access_record::logformat::clf_time_us;
/// assert_eq!(clf_time_us(b"14/Dec/2009:04:08:21 +0000"), Some(1_260_763_701_000_000));
/// assert_eq!(clf_time_us(b"31/Feb/2009:04:08:21 +0000"), None);
/// ```
pub fn clf_time_us(text: &[u8]) -> Option<i64> {
    let inner = text.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]")).unwrap_or(text);
    let mut parts = Parts::default();
    let mut rest = inner;
    for piece in CLF {
        rest = parts.read(*piece, rest)?;
    }
    if !rest.is_empty() {
        return None;
    }
    parts.micros_since_epoch().ok()?
}
