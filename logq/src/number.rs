//! Numbers as the decimals that are written: compared exactly, whatever their size, so that no bit of an
//! i64, u64 or f64 is lost and 500 = 500.0 = 5e2.

use std::cmp::Ordering;
use std::iter;

/// A number, normalised: ± 0.d₁d₂d₃… × 10^`scale` with neither leading nor trailing zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    digits: Box<[u8]>,
    scale: i64,
    /// The same number, if it is whole, not negative, and fits.
    whole: Option<u64>,
}

/// A written number taken apart, nothing copied.
#[derive(Clone, Copy)]
struct Written<'a> {
    negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    exponent: i64,
}

impl Decimal {
    /// Reads `-?digits[.digits][e±digits]`: JSON's numbers, leading zeros allowed.
    pub fn parse(text: &str) -> Option<Self> {
        Written::parse(text).map(Written::normalised)
    }

    /// This number times 10^`shift`.
    #[must_use]
    pub fn scaled(mut self, shift: i64) -> Self {
        if !self.is_zero() {
            self.scale = self.scale.saturating_add(shift);
        }
        self.whole = as_whole(self.negative, &self.digits, self.scale);
        self
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// How the number written in `text`, times 10^`shift`, stands to this one. `None` if it is no number.
    pub fn order_of(&self, text: &str, shift: i64) -> Option<Ordering> {
        if let (Some(whole), Some(written)) = (self.whole, small(text, shift)) {
            return Some(written.cmp(&whole));
        }
        let written = Written::parse(text)?;
        let negative = written.negative;
        let (scale, digits) = written.significant();
        let scale = scale.map(|scale| scale.saturating_add(shift));
        let order = match (scale, self.digits.is_empty()) {
            (None, true) => return Some(Ordering::Equal),
            (None, false) => return Some(sign_order(self.negative).reverse()),
            (Some(_), true) => return Some(sign_order(negative)),
            (Some(_), false) if negative != self.negative => return Some(sign_order(negative)),
            (Some(scale), false) => {
                scale.cmp(&self.scale).then_with(|| digits_order(digits, self.digits.iter().copied()))
            }
        };
        Some(if negative { order.reverse() } else { order })
    }
}

impl From<i128> for Decimal {
    fn from(number: i128) -> Self {
        let text = number.to_string();
        let written = Written {
            negative: number < 0,
            whole: text.trim_start_matches('-').as_bytes(),
            fraction: &[],
            exponent: 0,
        };
        written.normalised()
    }
}

/// The number with these digits, if it is whole, not negative, and fits.
fn as_whole(negative: bool, digits: &[u8], scale: i64) -> Option<u64> {
    let places = usize::try_from(scale).ok().filter(|places| *places <= 19 && digits.len() <= *places)?;
    let padded = digits.iter().copied().chain(iter::repeat(b'0')).take(places);
    let whole = || {
        padded
            .clone()
            .try_fold(0_u64, |number, digit| number.checked_mul(10)?.checked_add(u64::from(digit - b'0')))
    };
    if negative { None } else { whole() }
}

/// The number written in a short text of nothing but digits, times 10^`shift`.
fn small(text: &str, shift: i64) -> Option<u64> {
    const DIGITS_MAX: usize = 10;
    if text.is_empty() || text.len() > DIGITS_MAX {
        return None;
    }
    // No product overflows: ten digits and nine zeros are below 2^64.
    let factor = 10_u64.pow(u32::try_from(shift).ok().filter(|shift| *shift <= 9)?);
    let digit = |number: u64, byte: u8| byte.is_ascii_digit().then(|| number * 10 + u64::from(byte - b'0'));
    text.bytes().try_fold(0, digit).map(|number| number * factor)
}

/// Whether the text is a number.
pub fn is_number(text: &str) -> bool {
    Written::parse(text).is_some()
}

/// The number written in `text` times 10^`shift`, cut (not rounded) to a whole one. `None` if it is no
/// number or does not fit.
pub fn whole(text: &str, shift: i64) -> Option<i64> {
    if let Some(number) = small(text, shift) {
        return i64::try_from(number).ok();
    }
    let decimal = Written::parse(text)?.normalised();
    let places = decimal.scale.saturating_add(shift);
    if decimal.digits.is_empty() || places <= 0 {
        return Some(0);
    }
    let places = usize::try_from(places).ok().filter(|places| *places <= 19)?;
    let padded = decimal.digits.iter().copied().chain(iter::repeat(b'0'));
    let sign = if decimal.negative { -1 } else { 1 };
    padded
        .take(places)
        .try_fold(0_i64, |number, digit| number.checked_mul(10)?.checked_add(sign * i64::from(digit - b'0')))
}

impl<'a> Written<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (negative, bytes) = match bytes.strip_prefix(b"-") {
            Some(bytes) => (true, bytes),
            None => (false, bytes),
        };
        let (whole, rest) = digits(bytes);
        if whole.is_empty() {
            return None;
        }
        let (fraction, rest) = match rest.strip_prefix(b".") {
            Some(rest) => {
                let (fraction, rest) = digits(rest);
                (Some(fraction).filter(|fraction| !fraction.is_empty())?, rest)
            }
            None => (&[][..], rest),
        };
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', rest @ ..] => exponent(rest)?,
            _ => return None,
        };
        Some(Self { negative, whole, fraction, exponent })
    }

    /// The power of ten above the first digit that is not zero (none if all are), and the digits from it.
    fn significant(self) -> (Option<i64>, impl Iterator<Item = u8>) {
        let digits = move || self.whole.iter().chain(self.fraction).copied();
        let zeros = digits().take_while(|digit| *digit == b'0').count();
        let length = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let scale = (zeros < self.whole.len() + self.fraction.len())
            .then(|| (length(self.whole.len()) - length(zeros)).saturating_add(self.exponent));
        (scale, digits().skip(zeros))
    }

    fn normalised(self) -> Decimal {
        let (scale, digits) = self.significant();
        let mut digits: Vec<u8> = digits.collect();
        digits.truncate(digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1));
        let (negative, scale) = (self.negative && scale.is_some(), scale.unwrap_or(0));
        let whole = as_whole(negative, &digits, scale);
        Decimal { negative, digits: digits.into_boxed_slice(), scale, whole }
    }
}

fn exponent(written: &[u8]) -> Option<i64> {
    // Far beyond any number, far below an overflow of the sums made with it.
    const MOST: i64 = 1_000_000_000_000;
    let (sign, written) = match written {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        _ => (1, written),
    };
    let (written, rest) = digits(written);
    if written.is_empty() || !rest.is_empty() {
        return None;
    }
    let exponent =
        written.iter().fold(0, |exponent: i64, digit| (exponent * 10 + i64::from(digit - b'0')).min(MOST));
    Some(sign * exponent)
}

fn digits(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| !byte.is_ascii_digit());
    bytes.split_at(end.unwrap_or(bytes.len()))
}

/// How a number of this sign stands to zero.
fn sign_order(negative: bool) -> Ordering {
    if negative { Ordering::Less } else { Ordering::Greater }
}

fn digits_order(left: impl Iterator<Item = u8>, right: impl Iterator<Item = u8>) -> Ordering {
    let (mut left, mut right) = (left.fuse(), right.fuse());
    loop {
        match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (left, right) => match left.unwrap_or(b'0').cmp(&right.unwrap_or(b'0')) {
                Ordering::Equal => {}
                order => return order,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_bit_is_lost() {
        let order = |left: &str, right: &str| Decimal::parse(right).unwrap().order_of(left, 0).unwrap();
        for (left, right, expected) in [
            ("500", "500.0", Ordering::Equal),
            ("5e2", "500", Ordering::Equal),
            ("0", "-0.0e9", Ordering::Equal),
            ("0042", "42", Ordering::Equal),
            ("9007199254740993", "9007199254740992", Ordering::Greater),
            ("18446744073709551616", "18446744073709551615", Ordering::Greater),
            ("0.1", "0.10000000000000001", Ordering::Less),
            ("-2", "1", Ordering::Less),
            ("-2", "-3", Ordering::Greater),
            ("0", "-3", Ordering::Greater),
            ("1e400", "1e399", Ordering::Greater),
            ("1e-400", "0", Ordering::Greater),
            ("1e99999999999999999999", "1", Ordering::Greater),
            ("10", "9", Ordering::Greater),
        ] {
            assert_eq!(order(left, right), expected, "{left} {right}");
            assert_eq!(order(right, left), expected.reverse(), "{right} {left}");
        }
    }

    #[test]
    fn what_is_no_number() {
        for text in ["", "-", "+1", ".5", "1.", "1e", "0x10", "1 ", "1_0", "NaN", "inf", "1e+"] {
            assert!(!is_number(text), "{text}");
        }
    }

    #[test]
    fn whole_numbers_are_cut() {
        for (text, shift, expected) in [
            ("0.123", 6, Some(123_000)),
            ("0.1234567", 6, Some(123_456)),
            ("1500", -3, Some(1)),
            ("-1500", -3, Some(-1)),
            ("9223372036854775807", 0, Some(i64::MAX)),
            ("-9223372036854775808", 0, Some(i64::MIN)),
            ("9223372036854775808", 0, None),
            ("1e30", 0, None),
            ("1e-30", 0, Some(0)),
        ] {
            assert_eq!(whole(text, shift), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn integers_order_as_integers(left: i64, right: i64) {
            let decimal = Decimal::from(i128::from(right));
            prop_assert_eq!(decimal.order_of(&left.to_string(), 0), Some(left.cmp(&right)));
            prop_assert_eq!(whole(&left.to_string(), 0), Some(left));
        }
    }
}
