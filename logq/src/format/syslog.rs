//! What syslog puts before a line: the words of old (RFC 3164), or the header of RFC 5424.

use access_record::Timestamp;
use memchr::{memchr, memmem};

/// The host that syslog puts before a line, and the line.
pub(super) fn behind(line: &[u8]) -> Option<(&str, &[u8])> {
    behind_header(line).or_else(|| behind_words(line))
}

/// RFC 5424: `<190>1 TIME HOST APP PROCID MSGID SD …`, where the structured data is `-` or `[id name="value"]…`.
fn behind_header(line: &[u8]) -> Option<(&str, &[u8])> {
    let (priority, rest) =
        line.strip_prefix(b"<")?.split_at_checked(memchr(b'>', &line[1..line.len().min(5)])?)?;
    let mut rest = rest.strip_prefix(b">1 ").filter(|_| priority.iter().all(u8::is_ascii_digit))?;
    let mut words = [&b""[..]; 5];
    for word in &mut words {
        (*word, rest) = rest.split_at_checked(memchr(b' ', rest)?)?;
        rest = &rest[1..];
    }
    let [time, host, ..] = words;
    let is_time = time == b"-" || Timestamp::parse(time).is_some();
    let line = behind_data(rest).filter(|_| is_time)?.strip_prefix(b" ")?;
    Some((std::str::from_utf8(host).ok()?, line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)))
}

/// What is behind the structured data.
fn behind_data(text: &[u8]) -> Option<&[u8]> {
    let mut rest = match text.strip_prefix(b"-") {
        Some(rest) => return Some(rest),
        None => text.strip_prefix(b"[")?,
    };
    let mut is_quoted = false;
    loop {
        let at = rest.iter().position(|byte| b"\"\\]".contains(byte))?;
        let (byte, behind) = (rest[at], &rest[at + 1..]);
        rest = match byte {
            b'\\' => behind.get(1..)?,
            b']' if !is_quoted => match behind.strip_prefix(b"[") {
                Some(next) => next,
                None => return Some(behind),
            },
            _ => {
                is_quoted ^= byte == b'"';
                behind
            }
        };
    }
}

/// `Nov 21 04:08:21 www394 nginx: …`, also with the number of a priority before it or the time as RFC 3339 has it. Without it
/// the first words would be taken for those of a common line.
fn behind_words(line: &[u8]) -> Option<(&str, &[u8])> {
    // Most lines begin with an address, and need no more than this look.
    let may_be = line.first().is_some_and(|byte| *byte == b'<' || byte.is_ascii_uppercase())
        || (line.get(4) == Some(&b'-') && line.get(10) == Some(&b'T'));
    let start = if may_be { &line[..line.len().min(WORDS_BYTES_MAX)] } else { b"" };
    let behind = memmem::find(start, b": ")? + 2;
    let head = std::str::from_utf8(&line[..behind]).ok()?;
    let head = head.strip_prefix('<').and_then(|rest| rest.split_once('>')).map_or(head, |(_, rest)| rest);
    let words: Vec<&str> = head.split_ascii_whitespace().collect();
    let (host, tag) = match &words[..] {
        [month, day, clock, host, tag] if is_day(month, day) && is_clock(clock) => (host, tag),
        [time, host, tag] if Timestamp::parse(time.as_bytes()).is_some() => (host, tag),
        _ => return None,
    };
    tag.ends_with(':').then_some((*host, &line[behind..]))
}

/// The longest such words, in bytes.
const WORDS_BYTES_MAX: usize = 256;

fn is_day(month: &str, day: &str) -> bool {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    MONTHS.contains(&month) && day.parse::<u8>().is_ok_and(|day| (1..=31).contains(&day))
}

fn is_clock(text: &str) -> bool {
    text.len() == 8
        && text
            .bytes()
            .zip(*b"dd:dd:dd")
            .all(|(byte, like)| byte == like || like == b'd' && byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_syslog_are_told_from_others() {
        for (line, expected) in [
            ("Nov 21 04:08:21 www394 nginx: a", Some(("www394", "a"))),
            ("<190>Nov  1 04:08:21 www394 nginx[17]: a b", Some(("www394", "a b"))),
            ("2026-11-21T04:08:21Z www394 nginx: ", Some(("www394", ""))),
            ("2026-11-21T04:08:21Z www394 nginx:", None),
            ("2026-11-21T04:08:21Z nginx: a", None),
            ("Nov 32 04:08:21 www394 nginx: a", None),
            ("Nov 21 04:08 www394 nginx: a", None),
            ("Nov 21 04:08:21 www394 says so: a", None),
            ("203.0.113.9 - kim [21/Nov/2026:04:08:20 +0000] \"GET /a: b", None),
            ("<190>1 2026-11-21T04:08:21Z www394 nginx 17 - - a b", Some(("www394", "a b"))),
            ("<0>1 - - - - - - \u{feff}a", Some(("-", "a"))),
            (r#"<190>1 - h nginx - - [a@1 b="\"] c"][d] a"#, Some(("h", "a"))),
            (r#"<190>1 - h nginx - - [a@1 b="\"] c] a"#, None),
            ("<190>1 - h nginx - - []", None),
            ("<190>1 - h nginx - - a", None),
            ("<190>1 yesterday h nginx - - - a", None),
            ("<190>2 - h nginx - - - a", None),
            ("<190x>1 - h nginx - - - a", None),
            ("<>1", None),
            ("<", None),
            ("", None),
        ] {
            let found = behind(line.as_bytes());
            let expected = expected.map(|(host, line)| (host, line.as_bytes()));
            assert_eq!(found, expected, "{line}");
        }
    }
}
