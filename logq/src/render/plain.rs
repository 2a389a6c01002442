//! One row as one line for people: when, how loud, who, what, how it went, and then the rest.

use super::theme::Theme;
use super::units;
use crate::escape;
use crate::facts::{self, Facts};
use crate::json;
use crate::row::{Row, Shape};
use crate::value::Value;
use access_record::field::field;
use jiff::tz::TimeZone;
use std::fmt::Write as _;

/// The fields that have their own place in the line; whatever else a row has follows as `key=value`.
const PLACED: &[&str] = &[
    "ts",
    "level",
    "service",
    "method",
    "path",
    "status",
    "duration_us",
    "outcome",
    "user_id",
    "message",
    "error",
];

/// Fields that say how the log was made, not what happened.
const LEFT_OUT: &[&str] = &["v", "instance", "seq"];

/// The view for people.
#[derive(Debug)]
pub struct Plain {
    facts: Facts,
    zone: TimeZone,
    theme: Theme,
}

impl Plain {
    /// Shows times in this zone.
    pub fn new(zone: TimeZone, theme: Theme) -> Self {
        Self { facts: Facts::new(), zone, theme }
    }

    /// The line, without its end. Nothing in it acts on a terminal, but for colours that were asked for.
    pub fn line(&self, row: &Row<'_>) -> String {
        if row.shape == Shape::Unknown {
            return escape::bytes(row.raw).into_owned();
        }
        let mut words = Words(String::new());
        self.head(row, &mut words);
        self.request(row, &mut words);
        self.tail(row, &mut words);
        words.0
    }

    fn head(&self, row: &Row<'_>, words: &mut Words) {
        if let Some(micros) = self.facts.time_us(row) {
            words.push(&self.theme.dim(&units::time(micros, &self.zone)));
        }
        if let Some(level) = facts::text(&self.facts.level, row) {
            let shown = level.to_ascii_uppercase();
            let shown = escape::text(&shown);
            words.push(&self.theme.level(&level, &units::fit(&shown, width_of_level(&shown))));
        }
        if let Some(service) = facts::text(&self.facts.service, row) {
            words.push(&escape::text(&service));
        }
    }

    fn request(&self, row: &Row<'_>, words: &mut Words) {
        for name in [&self.facts.method, &self.facts.path] {
            if let Some(text) = facts::text(name, row) {
                words.push(&escape::text(&text));
            }
        }
        let status = facts::text(&self.facts.status, row);
        let duration = self.facts.duration_us(row);
        if status.is_some() || duration.is_some() {
            words.push("→");
        }
        if let Some(status) = status {
            words.push(&escape::text(&status));
        }
        if let Some(micros) = duration {
            words.push(&units::duration(micros));
        }
        if let Some(outcome) = facts::text(&self.facts.outcome, row)
            && outcome != "ok"
        {
            words.push(&escape::text(&outcome));
        }
    }

    fn tail(&self, row: &Row<'_>, words: &mut Words) {
        if let Some(user) = facts::text(&self.facts.user_id, row) {
            words.push(&format!("user={}", value_text(&user)));
        }
        if let Some(message) = facts::text(&self.facts.message, row) {
            words.push(&escape::text(&message));
        }
        if let Some(error) = facts::text(&self.facts.error, row) {
            words.push(&format!("error={}", value_text(&error)));
        }
        let placed: Vec<&str> = PLACED.iter().filter_map(|name| key_of(row, name)).collect();
        for (key, value) in &row.fields {
            if placed.contains(&key.as_ref()) || LEFT_OUT.contains(&key.as_ref()) {
                continue;
            }
            match value {
                Value::Nested(text) if key == "notes" => {
                    for (key, value) in json::members(text).unwrap_or_default() {
                        words.pair(&key, &value);
                    }
                }
                _ => words.pair(key, value),
            }
        }
    }
}

/// The key under which a row has a field of the contract: the first present one, in the table's order.
/// A nested one has no key of its own, and is shown again with what it stands in.
fn key_of<'r>(row: &'r Row<'_>, name: &str) -> Option<&'r str> {
    let field = field(name)?;
    std::iter::once(field.name)
        .chain(field.aliases.iter().map(|alias| alias.name))
        .find_map(|name| row.fields.iter().find(|(key, _)| key == name))
        .map(|(key, _)| key.as_ref())
}

/// The usual levels stand in one column.
fn width_of_level(shown: &str) -> usize {
    units::width(shown).max(5)
}

struct Words(String);

impl Words {
    fn push(&mut self, word: &str) {
        if !self.0.is_empty() {
            self.0.push(' ');
        }
        self.0.push_str(word);
    }

    fn pair(&mut self, key: &str, value: &Value<'_>) {
        let value = match value {
            Value::Text(text) => value_text(text),
            other => escape::text(other.text()).into_owned(),
        };
        self.push(&format!("{}={value}", escape::text(key)));
    }
}

/// Quoted where it would not read as one word.
fn value_text(text: &str) -> String {
    let shown = escape::text(text);
    let is_word = !shown.is_empty() && !shown.contains([' ', '"', '=']);
    if is_word {
        return shown.into_owned();
    }
    let mut quoted = String::with_capacity(shown.len() + 2);
    let _infallible = write!(quoted, "\"{}\"", shown.replace('"', "\\\""));
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Origin;

    fn shown(line: &str, colour: bool) -> String {
        let row = Row {
            raw: line.as_bytes(),
            fields: json::object(line.as_bytes()).unwrap_or_default(),
            shape: if line.starts_with('{') { Shape::Record } else { Shape::Unknown },
            origin: Origin { file: "-", line: 1 },
        };
        Plain::new(TimeZone::UTC, Theme { colour }).line(&row)
    }

    #[test]
    fn a_row_is_a_line_to_read() {
        let rows = [
            (
                r#"{"v":1,"ts":"2026-11-21T04:08:21.173663Z","kind":"access","level":"error","service":"photos","user_id":"5555","method":"GET","path":"/photos/allspaw","status":500,"outcome":"aborted","duration_us":312400,"notes":{"album":42,"who":"a b"},"seq":7}"#,
                "2026-11-21 04:08:21.173Z ERROR photos GET /photos/allspaw → 500 312.4 ms aborted user=5555 kind=access album=42 who=\"a b\"",
            ),
            (
                r#"{"ts":"2026-11-21T04:08:21Z","level":"info","message":"cache \u001b[2J miss\nx","k":"","n":null,"b":true,"o":{"a":"\u202e"}}"#,
                r#"2026-11-21 04:08:21.000Z INFO  cache \x1b[2J miss\nx k="" n=null b=true o={"a":"\u202e"}"#,
            ),
            (r#"{"a\u001b":"x=1","q":"say \"hi\""}"#, r#"a\x1b="x=1" q="say \"hi\"""#),
            ("no shape \u{9b}2J", "no shape \\u{9b}2J"),
            ("{}", ""),
        ];
        for (line, expected) in rows {
            assert_eq!(shown(line, false), expected, "{line}");
        }
    }

    #[test]
    fn colour_is_only_put_on_what_is_safe() {
        assert_eq!(
            shown(r#"{"level":"warn","message":"\u001b[31mred"}"#, true),
            "\x1b[33mWARN \x1b[0m \\x1b[31mred"
        );
        assert_eq!(shown(r#"{"level":"weird\u001b"}"#, true), "WEIRD\\x1b");
    }
}
