//! Conditions in the words of a query, so that whoever reads of a reason can ask for its requests.

use super::tally::{Condition, Is};
use super::values::TEXT_BYTES_MAX;
use crate::escape;
use std::fmt::Write as _;

/// Bytes of a character at most. A text this much shorter than what is kept of one was surely not cut.
const CHAR_BYTES_MAX: usize = 4;

impl Condition {
    /// The condition as it is read. Nothing of it acts on a terminal.
    pub fn shown(&self) -> String {
        let field = field(&self.field);
        match &self.is {
            Is::Text(text) => format!("{field}={}", value(text)),
            Is::Between { from: Some(from), below: Some(below) } => {
                format!("{field}>={from} {field}<{below}")
            }
            Is::Between { from: Some(from), below: None } => format!("{field}>={from}"),
            Is::Between { from: None, below } => format!("{field}<{}", below.unwrap_or(f64::INFINITY)),
        }
    }

    /// The filter of records that meet the condition. A text that may have been cut is asked for by its beginning. `None` if
    /// no query has such a field.
    pub fn query(&self) -> Option<String> {
        if self.field.contains('`') || self.field != escape::text(&self.field) {
            return None;
        }
        match &self.is {
            Is::Text(text) if text.len() + CHAR_BYTES_MAX > TEXT_BYTES_MAX => {
                Some(format!("{}~{}", field(&self.field), beginning(text)))
            }
            _ => Some(self.shown()),
        }
    }
}

fn field(name: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_.@-".contains(c);
    let begins = |c: char| c.is_ascii_alphabetic() || "_@".contains(c);
    if name.starts_with(begins) && name.chars().all(is_word) {
        name.to_owned()
    } else {
        format!("`{}`", escape::text(name))
    }
}

/// The text as it stands behind an operator: quoted, unless it is surely a word.
fn value(text: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || "_-./:@+%;{}=?&#~".contains(c);
    let begins = |c: char| c.is_alphanumeric() || "_-./".contains(c);
    let is_pattern = text.len() > 2 && text.starts_with('/') && text.ends_with('/');
    if text.starts_with(begins) && text.chars().all(is_word) && !is_pattern && !text.contains("&&") {
        return text.to_owned();
    }
    let mut shown = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => shown.extend(['\\', c]),
            '\n' => shown.push_str("\\n"),
            '\t' => shown.push_str("\\t"),
            c => push(&mut shown, 'u', c),
        }
    }
    shown + "\""
}

/// What a text begins with, as a regular expression between quotes. There a backslash takes the meaning of the quote only.
fn beginning(text: &str) -> String {
    let mut shown = String::from("\"^");
    for c in text.chars() {
        match c {
            '"' => shown.push_str("\\\""),
            c if c.is_ascii_punctuation() => shown.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
            c => push(&mut shown, 'x', c),
        }
    }
    shown + "\""
}

/// The character, or the escape of one that would not be seen, or would act, in the letter of its language.
fn push(shown: &mut String, letter: char, c: char) {
    if escape::text(c.encode_utf8(&mut [0; 4])).starts_with('\\') && c != '\\' {
        let _infallible = write!(shown, "\\{letter}{{{:x}}}", u32::from(c));
    } else {
        shown.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Settings, parse};
    use crate::testing::row;
    use jiff::tz::TimeZone;
    use serde_json::json;

    fn condition(field: &str, is: Is) -> Condition {
        Condition { field: field.to_owned(), is }
    }

    fn takes(query: &str, line: &serde_json::Value) -> bool {
        let settings = Settings { zone: TimeZone::UTC, now_us: 0, ignore_case: false };
        let query = parse(query, &settings).unwrap_or_else(|error| panic!("{query}: {error}"));
        query.filter.matches(&row(&line.to_string()))
    }

    const TEXTS: [&str; 23] = [
        "on",
        "or",
        "not",
        "-",
        "-5",
        "007",
        "1e400",
        "/v2/query?a=b&c",
        "/",
        "/re/",
        "a&&b",
        "10.0.0.0/8",
        "a b",
        "a,b)|c",
        "*",
        "=~x",
        "\"quoted\" \\ 'single'",
        "\u{1b}[31m\u{202e}\0\t\n\u{7f}",
        "`(x) | head 3",
        "日本 👩‍👩‍👧",
        "</script>",
        "$(touch acted)",
        "\u{10ffff}",
    ];

    #[test]
    fn what_is_shown_is_a_query_for_just_that() {
        for field in ["shard", "flags.new search", "a-b.c@d", "5xx", "path", "user_id"] {
            for text in TEXTS {
                let one = condition(field, Is::Text(text.to_owned()));
                let query = one.query().unwrap();
                assert_eq!(query, one.shown());
                assert_eq!(query, escape::text(&query), "nothing acts");
                let line = |text: &str| match field.strip_prefix("flags.") {
                    Some(flag) => json!({"kind": "access", "flags": [format!("{flag}={text}")]}),
                    None => json!({"kind": "access", (field): text}),
                };
                assert!(takes(&query, &line(text)), "{query}");
                assert!(!takes(&query, &line("another")), "{query}");
            }
        }
    }

    #[test]
    fn a_text_that_may_be_cut_is_asked_for_by_its_beginning() {
        for text in ["x", "\"\\^$.*+?()[]{}| ", "\u{1b}\u{202e}\n#-&~", "日本"] {
            let whole = text.repeat(TEXT_BYTES_MAX);
            let kept = access_record::notes::cut(&whole, TEXT_BYTES_MAX);
            let query = condition("note", Is::Text(kept.to_owned())).query().unwrap();
            assert!(query.starts_with("note~\"^") && query == escape::text(&query), "{query}");
            assert!(takes(&query, &json!({"note": whole})), "{query}");
            assert!(!takes(&query, &json!({"note": format!("!{whole}")})), "{query}");
        }
    }

    #[test]
    fn ranges_are_half_open() {
        let between = |from, below| condition("kib", Is::Between { from, below }).query().unwrap();
        assert_eq!(between(Some(-0.5), Some(3e20)), "kib>=-0.5 kib<300000000000000000000");
        for (query, takes_it) in [
            (between(Some(2.0), None), [false, true, true]),
            (between(None, Some(2.0)), [true, false, false]),
            (between(Some(2.0), Some(3.0)), [false, true, false]),
        ] {
            assert_eq!([1, 2, 3].map(|kib| takes(&query, &json!({"kib": kib}))), takes_it, "{query}");
        }
    }

    #[test]
    fn some_fields_have_no_words() {
        for field in ["a`=1 or `b", "a\u{1b}b"] {
            let one = condition(field, Is::Text("x".to_owned()));
            assert_eq!(one.query(), None);
            assert_eq!(one.shown(), escape::text(&one.shown()));
        }
    }
}
