//! JSON lines that have another line in one of their texts: those of Docker's json-file driver and of journald.
//! The line in them is read as any other, and what is around it is added.

use super::{Fields, add, has_time};
use crate::json;
use crate::value::Value;
use memchr::memmem;
use std::borrow::Cow;

/// What Docker begins every line with.
const DOCKER: &[u8] = b"{\"log\":\"";

/// Whether a line may be such a line. Cheap, and true of all that are.
pub(super) fn may_be(line: &[u8]) -> bool {
    starts_as_docker(line) || starts_as_journald(line)
}

/// Whether a line begins as one of Docker's.
pub(super) fn starts_as_docker(line: &[u8]) -> bool {
    line.starts_with(DOCKER)
}

/// Whether a line begins as such a line, and the one in it may be no JSON.
pub(super) fn may_be_text(line: &[u8]) -> bool {
    match line.strip_prefix(DOCKER) {
        Some(text) => text.first() != Some(&b'{'),
        None => starts_as_journald(line),
    }
}

/// The stream of one of Docker's lines, or the process of one of journald's, and the line in its text.
pub(super) fn text(line: &[u8]) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    let fields = if may_be(line) { json::object(line)? } else { return None };
    let (by, of) = if is_docker(&fields) { ("stream", "log") } else { ("_PID", "MESSAGE") };
    let (mut writer, mut text) = (None, None);
    for (name, value) in fields {
        match value {
            Value::Text(value) if name == by => writer = Some(value),
            Value::Text(value) if name == of => text = Some(ended(value)),
            _ => {}
        }
    }
    Some((writer?, text?))
}

/// Journald's names have capital letters, and a low line before what nobody else may write.
fn starts_as_journald(line: &[u8]) -> bool {
    let Some(members) = line.strip_prefix(b"{") else { return false };
    let members = if members.first() == Some(&b'"') { members } else { members.trim_ascii_start() };
    let is_capital = |byte: &u8| byte.is_ascii_uppercase() || *byte == b'_';
    matches!(members, [b'"', first, second, ..] if is_capital(first) && is_capital(second))
}

/// Whether one of these lines may be: each has one of these keys, unless it is spelled with an escape.
pub(super) fn any_may_be(lines: &[u8]) -> bool {
    memmem::find(lines, DOCKER).is_some() || memmem::find(lines, b"\"MESSAGE\"").is_some()
}

/// The fields of the line in the text, and those around it; of a line without another line in it its own.
pub(super) fn opened(fields: Fields<'_>, read: impl Fn(&str) -> Option<Fields<'static>>) -> Fields<'_> {
    if is_docker(&fields) { docker(fields, read) } else { journald(fields, read) }
}

fn is_docker(fields: &Fields<'_>) -> bool {
    let text = |name| match fields.iter().find(|(known, _)| known == name) {
        Some((_, Value::Text(text))) => Some(text.as_ref()),
        _ => None,
    };
    matches!(text("stream"), Some("stdout" | "stderr"))
        && text("log").is_some()
        && fields.iter().all(|(name, _)| matches!(name.as_ref(), "log" | "stream" | "time" | "attrs"))
}

/// `{"log":"…\n","stream":"stdout","time":"2026-11-21T04:08:21.173663Z"}`. A text without a line end is a part.
fn docker(fields: Fields<'_>, read: impl Fn(&str) -> Option<Fields<'static>>) -> Fields<'_> {
    let (mut inner, mut around) = (Fields::new(), Fields::new());
    for (name, value) in fields {
        match (name.as_ref(), value) {
            ("log", Value::Text(text)) => {
                let is_part = !text.ends_with('\n');
                inner = read(without_end(&text))
                    .unwrap_or_else(|| vec![("message".into(), Value::Text(ended(text)))]);
                if is_part {
                    around.push(("logtag".into(), Value::Text("P".into())));
                }
            }
            ("time", value) if has_time(&inner) => drop(value),
            ("time", value) => around.push(("ts".into(), value)),
            (_, value) => around.push((name, value)),
        }
    }
    add(&mut inner, around);
    inner
}

/// `{"__REALTIME_TIMESTAMP":"…","MESSAGE":"…"}`, where the message is a record.
fn journald(fields: Fields<'_>, read: impl Fn(&str) -> Option<Fields<'static>>) -> Fields<'_> {
    let inner = fields.iter().find_map(|(name, value)| match value {
        Value::Text(text) if name == "MESSAGE" => read(text),
        _ => None,
    });
    let Some(mut inner) = inner else { return fields };
    add(&mut inner, fields.into_iter().filter(|(name, _)| name != "MESSAGE").collect());
    inner
}

fn ended(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(without_end(text)),
        Cow::Owned(text) => Cow::Owned(without_end(&text).to_owned()),
    }
}

fn without_end(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::super::Formats;
    use crate::row::Origin;

    fn shown(line: &str) -> String {
        let formats = Formats::looking();
        let row = formats.read(line.as_bytes(), Origin { file: "", line: 0 });
        let pairs = row.fields.iter().map(|(name, value)| format!("{name}={}", value.text()));
        pairs.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn lines_in_texts_are_read() {
        let time = r#""time":"2026-11-21T04:08:21.5Z"}"#;
        let rows = [
            (
                format!(r#"{{"log":"{{\"status\":500,\"notes\":{{\"a\":[1]}}}}\n","stream":"stdout",{time}"#),
                r#"status=500 notes={"a":[1]} stream=stdout ts=2026-11-21T04:08:21.5Z"#,
            ),
            (
                format!(
                    r#"{{"log":"ts=2026-11-21T04:08:20Z status=200 stream=x\r\n","stream":"stderr",{time}"#
                ),
                "ts=2026-11-21T04:08:20Z status=200 stream=x",
            ),
            (
                format!(r#"{{"log":"a text\n","stream":"stdout","attrs":{{"tag":"b"}},{time}"#),
                r#"message=a text stream=stdout attrs={"tag":"b"} ts=2026-11-21T04:08:21.5Z"#,
            ),
            (
                format!(r#"{{"log":"a pa","stream":"stdout",{time}"#),
                "message=a pa logtag=P stream=stdout ts=2026-11-21T04:08:21.5Z",
            ),
            (
                r#"{"log":"a=1","stream":"stdout","level":"info"}"#.to_owned(),
                "log=a=1 stream=stdout level=info",
            ),
            (r#"{"log":"a=1\n","stream":"x"}"#.to_owned(), "log=a=1\n stream=x"),
            (
                r#"{ "__CURSOR":"x","MESSAGE":"{\"status\":500}","_PID":"7"}"#.to_owned(),
                "status=500 __CURSOR=x _PID=7",
            ),
            (r#"{"MESSAGE":"a text","_PID":"7"}"#.to_owned(), "MESSAGE=a text _PID=7"),
            (r#"{"Message":"a=1","MESSAGE":"a=1"}"#.to_owned(), "Message=a=1 MESSAGE=a=1"),
        ];
        for (line, expected) in rows {
            assert_eq!(shown(&line), expected, "{line}");
        }
    }
}
