//! Identifiers of requests and hops: the request-id rule and the ids of W3C trace context.

use arrayvec::ArrayString;
use std::fmt;

/// Makes a fixed-size id that is written as lower-case hex digits.
macro_rules! hex_id {
    ($(#[$meta:meta])* $name:ident, $bytes:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// Hex digits of the written form.
            pub const LEN: usize = $bytes * 2;

            /// From its bytes; `None` if all are zero, which means "no id".
            pub fn from_bytes(bytes: [u8; $bytes]) -> Option<Self> {
                bytes.iter().any(|byte| *byte != 0).then_some(Self(bytes))
            }

            /// Its bytes.
            pub const fn bytes(self) -> [u8; $bytes] {
                self.0
            }

            /// Reads exactly as many lower-case hex digits as the id has; all zero is refused.
            pub fn parse(text: &str) -> Option<Self> {
                let mut bytes = [0; $bytes];
                if text.len() != Self::LEN {
                    return None;
                }
                for (bytes, digits) in bytes.as_chunks_mut().0.iter_mut().zip(text.as_bytes().as_chunks().0) {
                    *bytes = eight_digits(*digits)?;
                }
                Self::from_bytes(bytes)
            }

            /// The hex digits.
            pub fn hex(self) -> [u8; $bytes * 2] {
                let mut out = [0; $bytes * 2];
                for (pair, byte) in out.as_chunks_mut().0.iter_mut().zip(self.0) {
                    *pair = HEX_PAIRS[usize::from(byte)];
                }
                out
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.hex().iter().try_for_each(|digit| fmt::Write::write_char(f, char::from(*digit)))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

/// The two digits of every byte.
const HEX_PAIRS: [[u8; 2]; 256] = {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < pairs.len() {
        pairs[byte] = [HEX[byte >> 4], HEX[byte & 0xf]];
        byte += 1;
    }
    pairs
};

/// Reads eight hex digits at once. W3C allows only lower-case ones: what has no value below 16, or does not
/// come out again as it went in, was none.
fn eight_digits(digits: [u8; 8]) -> Option<[u8; 4]> {
    const ONES: u64 = u64::MAX / 255;
    let digits = u64::from_be_bytes(digits);
    // Of the bytes that matter, only letters have bit 6.
    let values = (digits & (ONES * 0x0f)).wrapping_add((digits >> 6 & ONES) * 9);
    let is_letter = (values.wrapping_add(ONES * 6) >> 4) & ONES;
    let written = values.wrapping_add(ONES * u64::from(b'0')).wrapping_add(is_letter * 0x27);
    let pairs = (values >> 4 | values) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs >> 8 | pairs) & 0x0000_ffff_0000_ffff;
    let [_, _, a, b, _, _, c, d] = fours.to_be_bytes();
    let are_digits = written == digits && values & (ONES * 0xf0) == 0;
    are_digits.then_some([a, b, c, d])
}

hex_id! {
    /// The id of a whole trace: the same in every service a request passes. W3C Trace Context §3.2.2.3.
    TraceId, 16
}

hex_id! {
    /// The id of one hop of a trace. W3C Trace Context §3.2.2.4, where it is called parent-id.
    SpanId, 8
}

hex_id! {
    /// Drawn when a sink is opened; together with `seq` it names a record.
    InstanceId, 8
}

/// The longest request id, in bytes.
pub const REQUEST_ID_BYTES_MAX: usize = 128;

/// The bytes that a request id may have.
const IN_REQUEST_ID: [bool; 256] = {
    let mut allowed = [false; 256];
    let mut byte = 0u8;
    while byte < 0x80 {
        allowed[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(byte, b'.' | b'_' | b':' | b'@' | b'+' | b'/' | b'=' | b'-');
        byte += 1;
    }
    allowed
};

/// A request id that keeps the rule `[A-Za-z0-9._:@+/=-]{1,128}`, stored in place.
///
/// ```
/// use access_record::RequestId;
/// assert_eq!(RequestId::parse(b"req-17:a/b=").unwrap().as_str(), "req-17:a/b=");
/// assert!(RequestId::parse(b"two words").is_none());
/// assert!(RequestId::parse(b"").is_none());
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RequestId(ArrayString<REQUEST_ID_BYTES_MAX>);

impl RequestId {
    /// The text, if it keeps the rule.
    pub fn check(text: &[u8]) -> Option<&str> {
        let allowed = text.iter().fold(true, |all, byte| all & IN_REQUEST_ID[usize::from(*byte)]);
        let fits = (1..=REQUEST_ID_BYTES_MAX).contains(&text.len());
        if allowed && fits { std::str::from_utf8(text).ok() } else { None }
    }

    /// The id, if the text keeps the rule.
    pub fn parse(text: &[u8]) -> Option<Self> {
        ArrayString::from(Self::check(text)?).ok().map(Self)
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_ids() {
        let text = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(TraceId::parse(text).unwrap().to_string(), text);
        for bad in ["", "4bf9", "4BF92F3577B34DA6A3CE929D0E0E4736", "00000000000000000000000000000000"] {
            assert!(TraceId::parse(bad).is_none(), "{bad}");
        }
        for byte in 0..=0xffu8 {
            let mut text = *b"00f067aa0ba902b7";
            for at in 0..text.len() {
                let kept = std::mem::replace(&mut text[at], byte);
                let read = std::str::from_utf8(&text).ok().and_then(SpanId::parse);
                let is_digit = byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
                assert_eq!(read.map(SpanId::hex), is_digit.then_some(text), "{byte} at {at}");
                text[at] = kept;
            }
        }
        assert_eq!(SpanId::parse("00f067aa0ba902b7").unwrap().bytes()[1], 0xf0);
        assert_eq!(format!("{:?}", InstanceId::from_bytes([1; 8]).unwrap()), "0101010101010101");
    }

    #[test]
    fn request_ids() {
        let longest = "x".repeat(128);
        for good in ["a", "A-Za.z_0:9@+/=", longest.as_str()] {
            assert_eq!(RequestId::parse(good.as_bytes()).unwrap().as_str(), good);
        }
        let too_long = "x".repeat(129);
        for bad in ["", " ", "a b", "a\n", "a\"", "é", "a,b", "{x}", too_long.as_str()] {
            assert!(RequestId::parse(bad.as_bytes()).is_none(), "{bad:?}");
        }
        assert!(RequestId::parse(b"\xff").is_none());
    }
}
