//! Lines that something put its own words before: Kubernetes' container runtimes (CRI) and docker compose.
//! What they wrap is read as any other line, and what they say is added.

use crate::value::Value;
use std::borrow::Cow;

/// What a wrapper says, and the line in it.
#[derive(Debug, PartialEq)]
pub(super) struct Wrapped<'a> {
    /// When the line was written, if the wrapper says so.
    pub(super) time: Option<&'a str>,
    /// What else it says.
    pub(super) fields: Vec<(Cow<'a, str>, Value<'a>)>,
    /// The line in it.
    pub(super) line: &'a [u8],
    /// Whether it is sure that it is a wrapper, so that any text may be in it.
    pub(super) is_sure: bool,
}

/// The longest name of a service in front of a line of docker compose, in bytes, blanks behind it included.
const NAME_BYTES_MAX: usize = 80;

/// What docker compose writes first where it writes to a terminal: clear this line.
const CLEARS_LINE: &[u8] = b"\x1b[2K";

/// Whether a line may be a wrapped one. Cheap, and true of all that are.
pub(super) fn may_be(line: &[u8]) -> bool {
    (line.get(4) == Some(&b'-') && line.get(10) == Some(&b'T'))
        || memchr::memchr(b'|', &line[..line.len().min(NAME_BYTES_MAX + CLEARS_LINE.len() + 2)]).is_some()
}

/// The line in a wrapped one.
pub(super) fn read(line: &[u8]) -> Option<Wrapped<'_>> {
    if may_be(line) { cri(line).or_else(|| compose(line)) } else { None }
}

/// `2026-11-21T04:08:21.173663Z stdout F …`; `P` in the place of `F` is a part of a line.
fn cri(line: &[u8]) -> Option<Wrapped<'_>> {
    let (time, rest) = word(line)?;
    let (stream, rest) = word(rest)?;
    let (tag, line) = word(rest).unwrap_or((rest, b""));
    let is_part = match tag {
        b"F" => false,
        b"P" => true,
        _ => return None,
    };
    let stream =
        Some(std::str::from_utf8(stream).ok()?).filter(|text| matches!(*text, "stdout" | "stderr"))?;
    let mut fields = vec![("stream".into(), Value::Text(stream.into()))];
    if is_part {
        fields.push(("logtag".into(), Value::Text("P".into())));
    }
    Some(Wrapped { time: Some(time_of(time)?), fields, line, is_sure: true })
}

/// `photos-1  | …`, with the time behind the bar where compose was asked for it.
fn compose(line: &[u8]) -> Option<Wrapped<'_>> {
    let line = line.strip_prefix(CLEARS_LINE).unwrap_or(line);
    let bar = memchr::memchr(b'|', &line[..line.len().min(NAME_BYTES_MAX)])?;
    let name = std::str::from_utf8(&line[..bar]).ok()?.strip_suffix(' ')?.trim_end_matches(' ');
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if name.is_empty() || !name.bytes().all(is_name) {
        return None;
    }
    let rest = line[bar + 1..].strip_prefix(b" ")?;
    // Newer versions number the containers of a service: `photos-1`.
    let number = name.rsplit(['-', '_']).next().unwrap_or_default();
    let is_sure = number.len() < name.len() && number.bytes().all(|byte| byte.is_ascii_digit());
    let (time, line) = match word(rest).and_then(|(time, line)| Some((time_of(time)?, line))) {
        Some((time, line)) => (Some(time), line),
        None => (None, rest),
    };
    let fields = vec![("container".into(), Value::Text(name.into()))];
    Some(Wrapped { time, fields, line, is_sure: is_sure || time.is_some() })
}

/// The word at the front, and what is behind the space after it.
fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(b' ', text)?;
    Some((&text[..end], &text[end + 1..]))
}

/// A time as these wrappers write it: RFC 3339.
fn time_of(text: &[u8]) -> Option<&str> {
    let is_time = text.get(4) == Some(&b'-') && text.get(10) == Some(&b'T');
    let text = std::str::from_utf8(text).ok().filter(|_| is_time)?;
    text.parse::<jiff::Timestamp>().ok().map(|_| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappers_are_known_by_what_they_write() {
        let time = "2019-05-07T18:57:50.904275087+00:00";
        let rows = [
            (format!("{time} stdout F {{\"a\":1}}"), Some(r#"time stream="stdout" sure {"a":1}"#)),
            (format!("{time} stderr P half a "), Some(r#"time stream="stderr" logtag="P" sure half a "#)),
            (format!("{time} stdout F"), Some(r#"time stream="stdout" sure "#)),
            (format!("{time} stdout X a"), None),
            (format!("{time} stdin F a"), None),
            ("2019-05-07T18:57 stdout F a".to_owned(), None),
            ("web-1  | a | b".to_owned(), Some(r#"container="web-1" sure a | b"#)),
            (format!("\x1b[2Kweb  | {time} a"), Some(r#"time container="web" sure a"#)),
            ("web | a".to_owned(), Some(r#"container="web" a"#)),
            ("web| a".to_owned(), None),
            ("two words | a".to_owned(), None),
            (" | a".to_owned(), None),
            (format!("{} | a", "x".repeat(200)), None),
            (String::new(), None),
        ];
        for (line, expected) in rows {
            let shown = read(line.as_bytes()).map(|wrapped| {
                let time = if wrapped.time.is_some() { "time " } else { "" };
                let field = |(name, value): &(Cow<'_, str>, Value<'_>)| match value {
                    Value::Text(text) => format!("{name}=\"{text}\" "),
                    other => format!("{name}={} ", other.text()),
                };
                let fields: Vec<String> = wrapped.fields.iter().map(field).collect();
                let sure = if wrapped.is_sure { "sure " } else { "" };
                format!("{time}{}{sure}{}", fields.concat(), String::from_utf8_lossy(wrapped.line))
            });
            assert_eq!(shown.as_deref(), expected, "{line}");
        }
    }
}
