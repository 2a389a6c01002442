//! The `traceparent` header, strictly by W3C Trace Context (Level 1 and 2).

use crate::ids::{SpanId, TraceId};
use std::fmt;

/// A valid `traceparent`: which trace a request belongs to and which hop called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traceparent {
    /// The trace.
    pub trace_id: TraceId,
    /// The caller's span; to the callee its parent.
    pub parent_id: SpanId,
    /// Trace flags; bit 0 says the caller sampled, bit 1 that the trace id is random.
    pub flags: u8,
}

impl Traceparent {
    /// Reads the value of the only `traceparent` header of a request, without surrounding spaces or
    /// tabs. A version above 00 may have more after the flags, behind a dash; version ff, upper-case
    /// digits and all-zero ids are refused.
    ///
    /// ```
    /// use access_record::Traceparent;
    /// let value = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    /// assert_eq!(Traceparent::parse(value).unwrap().to_string(), value);
    /// assert!(Traceparent::parse("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01").is_none());
    /// ```
    pub fn parse(value: &str) -> Option<Self> {
        if !value.is_ascii() {
            return None;
        }
        let (known, rest) = value.split_at_checked(55)?;
        let version = hex_byte(&known[..2])?;
        let dashes = [2, 35, 52].iter().all(|at| known.as_bytes()[*at] == b'-');
        let end = match version {
            0 => rest.is_empty(),
            0xff => false,
            _ => rest.is_empty() || rest.starts_with('-'),
        };
        if !dashes || !end {
            return None;
        }
        Some(Self {
            trace_id: TraceId::parse(&known[3..35])?,
            parent_id: SpanId::parse(&known[36..52])?,
            flags: hex_byte(&known[53..55])?,
        })
    }
}

impl fmt::Display for Traceparent {
    /// The header's value, always in version 00, with the flags that version defines.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.trace_id, self.parent_id, self.flags & 0b11)
    }
}

fn hex_byte(text: &str) -> Option<u8> {
    let lower = text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    if lower { u8::from_str_radix(text, 16).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const IDS: &str = "12345678901234567890123456789012-1234567890123456";

    #[test]
    fn accepted_and_refused() {
        let rows: &[(&str, bool)] = &[
            ("00-{}-01", true),
            ("00-{}-00", true),
            ("00-{}-ff", true),
            ("cc-{}-01", true),
            ("cc-{}-01-what-the-future-will-be-like", true),
            ("cc-{}-01.what-the-future-will-not-be-like", false),
            ("00-{}-01.", false),
            ("00-{}-01-what-the-future-will-be-like", false),
            ("ff-{}-01", false),
            (".0-{}-01", false),
            ("0.-{}-01", false),
            ("000-{}-01", false),
            ("0-{}-01", false),
            ("00-{}-.0", false),
            ("00-{}-1", false),
            ("00-{}-001", false),
            ("00-{}-0A", false),
            ("00-{}", false),
            ("", false),
            ("00-00000000000000000000000000000000-1234567890123456-01", false),
            ("00-12345678901234567890123456789012-0000000000000000-01", false),
            ("00-1234567890123456789012345678901.-1234567890123456-01", false),
            ("00-12345678901234567890123456789012-123456789012345.-01", false),
            ("00-ABCDEF78901234567890123456789012-1234567890123456-01", false),
            ("00-12345678901234567890123456789012_1234567890123456-01", false),
        ];
        for (value, accepted) in rows {
            let value = value.replace("{}", IDS);
            assert_eq!(Traceparent::parse(&value).is_some(), *accepted, "{value}");
        }
    }

    #[test]
    fn only_defined_flags_are_sent_on() {
        let parsed = Traceparent::parse(&format!("00-{IDS}-ff")).unwrap();
        assert_eq!(parsed.flags, 0xff);
        assert_eq!(parsed.to_string(), format!("00-{IDS}-03"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(value in "\\PC{0,60}|[0-9a-f-]{50,60}") {
            if let Some(parsed) = Traceparent::parse(&value) {
                let sent = parsed.to_string();
                let read = Traceparent::parse(&sent).unwrap();
                prop_assert_eq!((read.trace_id, read.parent_id), (parsed.trace_id, parsed.parent_id));
            }
        }
    }
}
