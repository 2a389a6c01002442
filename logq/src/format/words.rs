//! What the formats that are words behind words share: their words, and fields out of them.

use super::Fields;
use crate::value::Value;
use access_record::Timestamp;
use memchr::memmem;
use std::borrow::Cow;

/// Whether a line could be taken for one of the usual formats, in which ` [time] "request" status` stands once.
pub(super) fn is_like_usual(text: &str) -> bool {
    text.contains("] \"")
}

/// What syslog puts before a line, and the line: `Nov 21 04:08:21 www394 nginx: …`, also with the number of a priority before it
/// or the time as RFC 3339 has it. Without it the first words would be taken for those of a common line.
pub(super) fn behind_syslog(line: &[u8]) -> Option<(&str, &[u8])> {
    // Most lines begin with an address, and need no more than this look.
    let may_be = line.first().is_some_and(|byte| *byte == b'<' || byte.is_ascii_uppercase())
        || (line.get(4) == Some(&b'-') && line.get(10) == Some(&b'T'));
    let start = if may_be { &line[..line.len().min(SYSLOG_BYTES_MAX)] } else { b"" };
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

/// The longest words of syslog before a line, in bytes.
const SYSLOG_BYTES_MAX: usize = 256;

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

pub(super) fn push<'a>(fields: &mut Fields<'a>, name: &'static str, text: &'a str) {
    if text != "-" && !text.is_empty() {
        fields.push((name.into(), Value::Text(Cow::Borrowed(text))));
    }
}

/// `None` if it is no number, and no `-` for none.
pub(super) fn push_number<'a>(fields: &mut Fields<'a>, name: &'static str, text: &'a str) -> Option<()> {
    if text == "-" {
        return Some(());
    }
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| fields.push((name.into(), Value::Number(Cow::Borrowed(text)))))
}

/// Method, address and version; where it is no request, all of it as `request`.
pub(super) fn push_request<'a>(fields: &mut Fields<'a>, request: &'a str) {
    let parts =
        request.split_once(' ').and_then(|(method, rest)| Some((method, rest.rsplit_once(" HTTP/")?)));
    let Some((method, (target, version))) = parts else {
        return push(fields, "request", request);
    };
    push(fields, "method", method);
    push_target(fields, target);
    push(fields, "http_version", version);
}

/// Scheme, authority, path and query of an address.
pub(super) fn push_target<'a>(fields: &mut Fields<'a>, target: &'a str) {
    let target = match target.split_once("://") {
        Some((scheme, rest)) if !scheme.contains('/') => {
            let at = rest.find(['/', '?']).unwrap_or(rest.len());
            push(fields, "scheme", scheme);
            push(fields, "authority", &rest[..at]);
            &rest[at..]
        }
        _ => target,
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    push(fields, "path", path);
    push(fields, "query", query);
}

/// An address without its port; none if there is no port.
pub(super) fn host(text: &str) -> Option<&str> {
    let (host, port) = text.rsplit_once(':')?;
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    is_port.then(|| host.trim_start_matches('[').trim_end_matches(']'))
}

/// Words between single spaces, those with spaces in them in quotes.
pub(super) struct Words<'a>(pub(super) &'a str);

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.0.is_empty() {
            return None;
        }
        let (word, rest) = match self.0.strip_prefix('"') {
            Some(quoted) => quoted.split_once("\" ").or_else(|| Some((quoted.strip_suffix('"')?, "")))?,
            None => self.0.split_once(' ').unwrap_or((self.0, "")),
        };
        self.0 = rest;
        Some(word)
    }
}

/// Fields as one text, for tests.
#[cfg(test)]
pub(super) fn shown(fields: &Fields<'_>) -> String {
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", value.text())).collect();
    pairs.join(" ")
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
            ("", None),
        ] {
            let found = behind_syslog(line.as_bytes());
            let expected = expected.map(|(host, line)| (host, line.as_bytes()));
            assert_eq!(found, expected, "{line}");
        }
    }
}
