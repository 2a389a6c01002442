//! Identifiers of requests and hops: the request-id rule and the ids of W3C trace context.

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
                for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
                    *byte = hex_value(pair[0])? << 4 | hex_value(pair[1])?;
                }
                Self::from_bytes(bytes)
            }

            /// The hex digits.
            pub fn hex(self) -> [u8; $bytes * 2] {
                let mut out = [0; $bytes * 2];
                for (pair, byte) in out.chunks_exact_mut(2).zip(self.0) {
                    pair[0] = HEX[usize::from(byte >> 4)];
                    pair[1] = HEX[usize::from(byte & 0xf)];
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

const HEX: &[u8; 16] = b"0123456789abcdef";

/// W3C allows only lower-case digits.
const fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
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

/// A request id that keeps the rule `[A-Za-z0-9._:@+/=-]{1,128}`, stored in place.
///
/// ```
/// use access_record::RequestId;
/// assert_eq!(RequestId::parse(b"req-17:a/b=").unwrap().as_str(), "req-17:a/b=");
/// assert!(RequestId::parse(b"two words").is_none());
/// assert!(RequestId::parse(b"").is_none());
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RequestId {
    len: u8,
    bytes: [u8; REQUEST_ID_BYTES_MAX],
}

impl RequestId {
    /// The id, if the text keeps the rule.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let allowed = |byte: &u8| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b'.' | b'_' | b':' | b'@' | b'+' | b'/' | b'=' | b'-')
        };
        if text.is_empty() || !text.iter().all(allowed) {
            return None;
        }
        let mut bytes = [0; REQUEST_ID_BYTES_MAX];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        Some(Self { len: u8::try_from(text.len()).ok()?, bytes })
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        // Only ASCII passes `parse`, so the conversion cannot fail.
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
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
        assert!(SpanId::parse("00f067aa0ba902bx").is_none());
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
