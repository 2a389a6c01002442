//! Times of lines one after the other. Most are of the same minute as the one before, of which only the seconds are to
//! be read.

use super::of_text;
use access_record::Timestamp;
use jiff::tz::TimeZone;

/// `2026-11-21T04:08:`
const HEAD: usize = 17;

/// The minute of the last time, as it was written.
#[derive(Clone, Debug)]
pub struct Minute {
    head: [u8; HEAD],
    start_us: i64,
}

impl Default for Minute {
    /// No text has it.
    fn default() -> Self {
        Self { head: [0xff; HEAD], start_us: 0 }
    }
}

impl Minute {
    /// As [`of_text`].
    pub fn of_text(&mut self, text: &str, assume: &TimeZone) -> Option<i64> {
        let Ok(written) = <&[u8; Timestamp::LEN]>::try_from(text.as_bytes()) else {
            return of_text(text, assume);
        };
        let Some(in_minute_us) = in_minute_us(written) else {
            return of_text(text, assume);
        };
        if written[..HEAD] != self.head {
            let time_us = of_text(text, assume)?;
            self.head.copy_from_slice(&written[..HEAD]);
            self.start_us = time_us - in_minute_us;
        }
        Some(self.start_us + in_minute_us)
    }
}

/// Microseconds since the minute began, of a time as records write it. Leap seconds are none of these.
fn in_minute_us(written: &[u8; Timestamp::LEN]) -> Option<i64> {
    let [.., s1, s0, b'.', d5, d4, d3, d2, d1, d0, b'Z'] = written else { return None };
    let digits = [s1, s0, d5, d4, d3, d2, d1, d0];
    let sum = digits
        .into_iter()
        .try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))?;
    (*s1 < b'6').then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_time_is_what_it_is_alone(
            texts in prop::collection::vec("(2026-11-21T04:0[89]:|2026-13-21T04:08:|2026-11-21t04:08:)[0-6][0-9]\\.[0-9x]{6}[Zz0]", 1..9),
        ) {
            let mut minute = Minute::default();
            for text in texts {
                prop_assert_eq!(minute.of_text(&text, &TimeZone::UTC), of_text(&text, &TimeZone::UTC), "{}", text);
            }
        }
    }

    #[test]
    fn times_of_one_minute() {
        let mut minute = Minute::default();
        let of = |text| of_text(text, &TimeZone::UTC);
        let nothing = format!("{}07.000000Z", "\0".repeat(HEAD));
        assert_eq!(minute.of_text(&nothing, &TimeZone::UTC), None);
        for text in [
            "2026-11-21T04:08:21.000001Z",
            "2026-11-21T04:08:59.999999Z",
            "2026-11-21T04:08:60.000000Z",
            "x",
            "1763712000",
        ] {
            assert_eq!(minute.of_text(text, &TimeZone::UTC), of(text), "{text}");
        }
    }
}
