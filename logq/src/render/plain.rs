//! One row as one line for people: when, how loud, who, what and how it went, as a sentence; then what else
//! is worth looking at, as `name=value`; and last how many fields were folded, as `+N`.

mod place;

use super::theme::Theme;
use super::units;
use crate::facts::{self, Facts};
use crate::row::{Row, Shape};
use crate::value::Value;
use crate::{escape, json, level};
use jiff::tz::TimeZone;
use place::Place;
use std::fmt::Write as _;

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
        self.said(row, &mut words);
        self.pairs(row, &mut words);
        words.0
    }

    fn head(&self, row: &Row<'_>, words: &mut Words) {
        if let Some(micros) = self.facts.time_us(row) {
            words.push(&self.theme.dim(&units::time(micros, &self.zone)));
        }
        if let Some(level) = facts::text(&self.facts.level, row) {
            let shown = level::shown(&level);
            let shown = escape::text(&shown);
            words.push(&self.theme.level(&level, &units::fit(&shown, width_of_level(&shown))));
        }
        if let Some(service) = facts::text(&self.facts.service, row) {
            words.push(&escape::text(&service));
        }
        if let Some(kind) = place::kind_word(row, &self.facts) {
            words.push(kind);
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

    fn said(&self, row: &Row<'_>, words: &mut Words) {
        if let Some(user) = facts::text(&self.facts.user_id, row) {
            words.push(&format!("user={}", value_text(&user)));
        }
        if let Some(message) = facts::text(&self.facts.message, row) {
            words.push(&escape::text(&message));
        }
        if let Some(error) = facts::text(&self.facts.error, row) {
            words.push(&format!("error={}", value_text(&error)));
        }
    }

    fn pairs(&self, row: &Row<'_>, words: &mut Words) {
        let mut pairs = Vec::new();
        let mut folded = 0;
        for (key, value) in &row.fields {
            match place::of(row, &self.facts, key, value) {
                Place::Sentence => {}
                Place::Pair(order) => pairs.push((order, key, value)),
                Place::Folded => folded += 1,
            }
        }
        pairs.sort_by_key(|(order, ..)| *order);
        for (_, key, value) in pairs {
            words.field(key, value);
        }
        if folded > 0 {
            words.push(&self.theme.dim(&format!("+{folded}")));
        }
    }
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

    /// A field of a row; of notes and flags each one, by the name a query has for it.
    fn field(&mut self, key: &str, value: &Value<'_>) {
        match (key, value) {
            ("notes", Value::Nested(json)) if let Some(notes) = json::members(json) => {
                for (name, value) in &notes {
                    self.pair(name, value);
                }
            }
            ("flags", Value::Nested(json)) if let Some(flags) = json::texts(json) => {
                for flag in &flags {
                    self.flag(flag);
                }
            }
            ("api_key", Value::Text(key)) => self.pair("api_key", &Value::Text(units::short_key(key).into())),
            _ => self.pair(key, value),
        }
    }

    fn flag(&mut self, flag: &str) {
        match flag.split_once('=') {
            Some((name, variant)) => {
                self.push(&format!("flags.{}={}", escape::text(name), value_text(variant)));
            }
            None => self.push(&format!("flags={}", value_text(flag))),
        }
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
    fn a_record_of_ours_is_a_line_to_read() {
        let rows = [
            (
                r#"{"v":1,"ts":"2026-11-21T04:08:21.173663Z","kind":"access","level":"error","instance":"8b12408585c520e6","service":"photos","host":"www394","release":"2026.11.21-1","request_id":"req-0005","trace_id":"e083b5ccd022802105b02b3b243e3165","span_id":"b12b69dc8ef00d14","parent_id":"0caa986deb098105","client_ip":"203.0.113.9","peer_ip":"203.0.113.9","user_id":"5555","api_key":"k1:yerd2kkszhg7dln6snfa","api_method":"flickr.photos.search","method":"GET","scheme":"http","authority":"photos:80","path":"/photos/allspaw","query":"q=","http_version":"1.1","route":"/photos/{user}","status":500,"outcome":"aborted","bytes_out":0,"bytes_in":0,"head_us":312000,"duration_us":312400,"user_agent":"curl/8","referer":"http://a/","error":"no shard","flags":["new_search=on","x=\u001b"],"notes":{"album":42,"who":"a b"},"seq":7}"#,
                r#"2026-11-21 04:08:21.173Z ERROR photos GET /photos/allspaw → 500 312.4 ms aborted user=5555 error="no shard" client_ip=203.0.113.9 query="q=" api_method=flickr.photos.search api_key=k1:yerd2kks… request_id=req-0005 flags.new_search=on flags.x=\x1b album=42 who="a b" +19"#,
            ),
            (
                r#"{"v":1,"ts":"2026-11-21T04:08:21Z","kind":"call","level":"info","service":"gateway","request_id":"r1","method":"GET","authority":"photos:80","path":"/p","status":200,"outcome":"ok","duration_us":6703,"seq":8}"#,
                "2026-11-21 04:08:21.000Z INFO  gateway call GET /p → 200 6.7 ms authority=photos:80 request_id=r1 +2",
            ),
            (
                r#"{"v":1,"ts":"2026-11-21T04:08:21Z","kind":"event","level":"warn","service":"photos","request_id":"r1","message":"cache miss","target":"photos::cache","notes":{"key":"album:6"},"seq":9}"#,
                "2026-11-21 04:08:21.000Z WARN  photos cache miss request_id=r1 key=album:6 +4",
            ),
            (
                r#"{"v":1,"ts":"2026-11-21T04:08:21Z","kind":"loss","level":"error","service":"photos","lost":12,"seq_first":3,"seq_last":14,"reason":"queue_full","seq":15}"#,
                "2026-11-21 04:08:21.000Z ERROR photos loss lost=12 seq_first=3 seq_last=14 reason=queue_full +2",
            ),
            (
                r#"{"v":1,"ts":"2026-11-21T04:08:21Z","kind":"stop","level":"info","service":"photos","made":902,"written":902,"dropped":0,"seq":16}"#,
                "2026-11-21 04:08:21.000Z INFO  photos stop made=902 written=902 dropped=0 +2",
            ),
        ];
        for (line, expected) in rows {
            assert_eq!(shown(line, false), expected, "{line}");
        }
    }

    #[test]
    fn a_record_of_others_is_too() {
        let rows = [
            (
                r#"{"ts":"2026-11-21T04:08:21Z","level":"info","message":"cache \u001b[2J miss\nx","k":"","n":null,"b":true,"o":{"a":"\u202e"}}"#,
                r#"2026-11-21 04:08:21.000Z INFO  cache \x1b[2J miss\nx k="" n=null b=true o={"a":"\u202e"}"#,
            ),
            (
                r#"{"level":50,"time":1700000000000,"hostname":"h","req":{"method":"GET","url":"/a"},"res":{"statusCode":500},"responseTime":12.5,"msg":"done"}"#,
                r#"2023-11-14 22:13:20.000Z ERROR GET /a → 500 12.5 ms done req={"method":"GET","url":"/a"} res={"statusCode":500} +1"#,
            ),
            (
                r#"{"ts":"soon","duration":"long","flags":[1,"a"],"notes":"none","api_key":"mine","service":""}"#,
                r#"api_key=mine flags=[1,"a"] ts=soon service="" duration=long notes=none"#,
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
    fn what_was_folded_is_dim() {
        assert_eq!(shown(r#"{"x":1,"v":1,"seq":7}"#, true), "x=1 \x1b[2m+2\x1b[0m");
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
