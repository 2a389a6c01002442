//! Lines that say what the lines below them have in their columns: `#Fields:` of W3C extended logs, as IIS, `CloudFront`
//! and others write them. Whoever cuts inputs into blocks finds them, and whoever reads lines asks for the last above.

use memchr::{memchr, memmem};
use std::sync::Arc;

/// What such a line begins with.
pub const FIELDS: &[u8] = b"#Fields:";

/// Bytes of the longest line that names columns; those of logs have hundreds.
const LINE_BYTES_MAX: usize = 16 << 10;

/// The names of the columns below a line.
#[derive(Debug, PartialEq)]
pub struct Heading {
    /// In their order.
    pub columns: Vec<Box<str>>,
}

impl Heading {
    /// What it takes of the memory, about.
    pub fn bytes(&self) -> usize {
        let columns: usize = self.columns.iter().map(|name| name.len() + 4 * size_of::<usize>()).sum();
        columns + 16 * size_of::<usize>()
    }
}

/// The headings of an input, or of a part of it, with the places where their lines begin.
pub type Headings = Arc<Vec<(u64, Arc<Heading>)>>;

impl Heading {
    /// The heading that a line is. One that is longer than any log's is none.
    pub fn of(line: &[u8]) -> Option<Self> {
        if line.len() > LINE_BYTES_MAX {
            return None;
        }
        let names = std::str::from_utf8(line.strip_prefix(FIELDS)?).ok()?;
        Some(Self { columns: names.split_ascii_whitespace().map(Into::into).collect() })
    }
}

/// Whether a line tells of the log, and is none of it: `#Date: 2026-11-21 04:08:21`.
pub fn is_directive(line: &[u8]) -> bool {
    line.strip_prefix(b"#").is_some_and(|rest| {
        let name = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
        name > 0 && rest.get(name) == Some(&b':')
    })
}

/// Whether a line without a shape is no broken record either: it is empty, or tells of the log.
pub fn says_nothing(line: &[u8]) -> bool {
    line.trim_ascii().is_empty() || is_directive(line)
}

/// Whether an input that begins so may have headings.
pub fn may_come(start: &[u8]) -> bool {
    start.first() == Some(&b'#')
}

/// The headings among whole lines, the first of which begins at a place.
pub fn among(lines: &[u8], offset: u64) -> impl Iterator<Item = (u64, Arc<Heading>)> {
    memmem::find_iter(lines, FIELDS).filter(|at| *at == 0 || lines[*at - 1] == b'\n').filter_map(move |at| {
        let rest = &lines[at..];
        let line = &rest[..memchr(b'\n', rest).unwrap_or(rest.len())];
        Some((offset + at as u64, Arc::new(Heading::of(line)?)))
    })
}

/// The last heading above a place.
pub fn above(headings: &Headings, place: u64) -> Option<&Heading> {
    let count = headings.partition_point(|(at, _)| *at <= place);
    count.checked_sub(1).map(|last| headings[last].1.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_heading_above_counts() {
        let lines = b"#Version: 1.0\n#Fields: date  time\r\na #Fields: x\n#Fields: c-ip\n1\n";
        let headings: Headings = Arc::new(among(lines, 100).collect());
        let columns = |place| above(&headings, place).map(|heading| heading.columns.join(" "));
        assert_eq!(columns(100), None);
        assert_eq!(columns(114).as_deref(), Some("date time"));
        assert_eq!(columns(136).as_deref(), Some("date time"));
        assert_eq!(columns(500).as_deref(), Some("c-ip"));
    }

    #[test]
    fn directives_tell_of_the_log() {
        for (line, is) in [
            ("#Date: x", true),
            ("#GMT-Offset: -0800", true),
            ("# note: x", false),
            ("#", false),
            ("a", false),
        ] {
            assert_eq!(is_directive(line.as_bytes()), is, "{line}");
        }
    }
}
