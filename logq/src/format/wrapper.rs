//! Who wrapped a line, so that lines of one writer are told from those of others that stand between them.

use super::{enclosed, wrapped};
use crate::value::Value;
use std::borrow::Cow;

/// A stream of Kubernetes' container runtimes or of Docker, a container of docker compose, or a process of journald's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrapper<'a> {
    writer: Writer,
    name: Cow<'a, str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writer {
    Cri,
    Docker,
    Compose,
    Journald,
}

impl Wrapper<'_> {
    pub(super) fn into_owned(self) -> Wrapper<'static> {
        Wrapper { writer: self.writer, name: Cow::Owned(self.name.into_owned()) }
    }
}

/// Who wrapped a line, and the line in it.
pub(super) fn of(line: &[u8]) -> Option<(Wrapper<'_>, Cow<'_, [u8]>)> {
    if line.first() == Some(&b'{') {
        let writer = if enclosed::starts_as_docker(line) { Writer::Docker } else { Writer::Journald };
        let (name, text) = enclosed::text(line)?;
        let inner = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        };
        return Some((Wrapper { writer, name }, inner));
    }
    let wrapped = wrapped::read(line)?;
    let (field, Value::Text(name)) = wrapped.fields.into_iter().next()? else { return None };
    let writer = if field == "stream" { Writer::Cri } else { Writer::Compose };
    Some((Wrapper { writer, name }, Cow::Borrowed(wrapped.line)))
}

/// Whether the first bytes of a line tell that it is JSON, and no text that was wrapped in it.
pub fn is_json_at_a_glance(line: &[u8]) -> bool {
    line.first() == Some(&b'{') && !enclosed::may_be_text(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_one_writer_are_wrapped_alike() {
        let time = "2026-11-21T04:08:21.5Z";
        let docker =
            |text: &str, stream: &str| format!(r#"{{"log":"{text}","stream":"{stream}","time":"{time}"}}"#);
        let rows = [
            (format!("{time} stdout F \tat a"), "Cri stdout \tat a"),
            (format!("{time} stderr P "), "Cri stderr "),
            (docker("\\tat \\\"a\\\"\\r\\n", "stderr"), "Docker stderr \tat \"a\""),
            (docker("}\\n", "stdout"), "Docker stdout }"),
            (docker("a", "stdout").replace(",\"time\"", "],\"time\""), ""),
            (docker("a", "stdin"), ""),
            (" ".to_owned() + &docker("a", "stdout"), ""),
            ("web-1  | a | b".to_owned(), "Compose web-1 a | b"),
            (format!("db  | {time} "), "Compose db "),
            ("a text".to_owned(), ""),
            (r#"{"_PID":"7","MESSAGE":"\tat a"}"#.to_owned(), "Journald 7 \tat a"),
            (r#"{"MESSAGE":"\tat a"}"#.to_owned(), ""),
            (r#"{"_PID":"7","MESSAGE":[9,97]}"#.to_owned(), ""),
            (r#"{"_pid":"7","_PID":"7","MESSAGE":"a"}"#.to_owned(), ""),
        ];
        for (line, expected) in rows {
            let told = of(line.as_bytes()).map_or(String::new(), |(Wrapper { writer, name }, inner)| {
                format!("{writer:?} {name} {}", String::from_utf8_lossy(&inner))
            });
            assert_eq!(told, expected, "{line}");
        }
    }

    #[test]
    fn what_is_json_is_seen_at_a_glance() {
        for (line, is_json) in [
            ("{\"log\":\"{\\\"a\\\":1}\\n\"", true),
            ("{\"log\":\"a\\n\"", false),
            ("{\"log\":\"", false),
            ("{\"a\":1}", true),
            ("{\"MESSAGE\":\"{\\\"a\\\":1}\"", false),
            ("{", true),
            (" {", false),
            ("", false),
        ] {
            assert_eq!(is_json_at_a_glance(line.as_bytes()), is_json, "{line}");
        }
    }
}
