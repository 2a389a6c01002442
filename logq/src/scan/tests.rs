//! Each rule under which a look is enough. That no look ever loses a line is tested where the engine is.

use super::{Needles, Probe, literals};
use crate::query::{self, Query};
use crate::settings::Settings;
use jiff::tz::TimeZone;

fn parsed(query: &str, ignore_case: bool) -> Query {
    query::parse(query, &Settings { zone: TimeZone::UTC, now_us: 0, ignore_case }).unwrap()
}

fn required(query: &str, ignore_case: bool) -> Option<Vec<String>> {
    let texts = literals::required(parsed(query, ignore_case).filter.root())?;
    Some(texts.into_iter().map(|text| String::from_utf8(text).unwrap()).collect())
}

#[test]
fn texts_that_every_match_contains() {
    let rows: &[(&str, &[&str])] = &[
        // Text that has one spelling.
        ("user_id=5555", &["5555"]),
        ("user_id=\"a b\"", &["a b"]),
        ("route=\"/photos/{id}\"", &["photos"]),
        ("user_id=\"ab\\\"cde\"", &["cde"]),
        ("user_id=caféteria", &["teria"]),
        ("user_id=ab", &[]),
        ("user_id=é", &[]),
        // Numbers, levels, times, addresses and what formats rewrite have many.
        ("status=500", &[]),
        ("album=1234", &[]),
        ("album=\"1234\"", &[]),
        ("album=\"1234x\"", &["1234x"]),
        ("duration=250ms", &[]),
        ("level=error", &[]),
        ("ts=2026-11-21T04:08:22Z", &[]),
        ("ts~\"2026-11-21\"", &[]),
        ("client_ip=203.0.113.9", &[]),
        ("http_version=1.1x", &[]),
        ("_file=access.log", &[]),
        ("_raw~abcd", &[]),
        // What is no part of a match.
        ("user_id!=5555", &[]),
        ("user_id!~5555", &[]),
        ("not user_id=5555", &[]),
        ("user_id not in (5555)", &[]),
        ("has user_id", &[]),
        ("*", &[]),
        // One of several is enough of `and`; `or` needs one of each.
        ("user_id=5555 request_id=abcdef status=500", &["abcdef"]),
        ("user_id=5555 or request_id=abcdef", &["5555", "abcdef"]),
        ("user_id=5555 or status=500", &[]),
        ("user_id in (5555, 6666)", &["5555", "6666"]),
        ("user_id in (5555, x)", &[]),
        // Patterns.
        ("user_id=abc*defg", &["defg"]),
        ("route~\"^/pho(tos|nes)/.+allspaw\"", &["allspaw"]),
        ("route~\"abc|def\"", &["abc", "def"]),
        ("route~\"abc|d.f\"", &[]),
        ("route~\"(abc)?x\"", &[]),
        ("route~\"(abc)+x\"", &["abc"]),
        ("route~\"(?i)abc\"", &[]),
        // Full text is also found in times that log formats write otherwise.
        ("allspaw", &["allspaw"]),
        ("\"04:08:21\"", &[]),
    ];
    for (query, texts) in rows {
        let found = required(query, false).unwrap_or_default();
        assert_eq!(found, *texts, "{query}");
    }
    // Another case is another spelling.
    assert_eq!(required("user_id=abcd", true), None);
    assert_eq!(required("abcd", true), None);
}

#[test]
fn candidates_are_texts_and_escapes_that_could_spell_them() {
    let needles = Needles::of(&parsed("user_id=5555", false).filter).unwrap();
    let rows: &[(&str, &[usize])] = &[
        ("", &[]),
        ("x5555\n555", &[1]),
        ("5555 5555", &[0, 5]),
        (r"\u0035 \u0135 \\ \x35 \", &[0, 17]),
        (r"ab\u00", &[2]),
        (r"5555\u00", &[0, 4]),
    ];
    for (block, places) in rows {
        let mut candidates = needles.candidates(block.as_bytes());
        let mut found = Vec::new();
        while let Some(at) = candidates.next_from(found.last().map_or(0, |last| last + 1)) {
            found.push(at);
        }
        assert_eq!(found, *places, "{block}");
        assert_eq!(needles.may_be_in(block.as_bytes()), !places.is_empty(), "{block}");
    }
}

#[test]
fn lines_that_are_surely_not_taken() {
    let rows = [
        ("another value", r#"{"status":200}"#, true),
        ("the value", r#"{"status":500}"#, false),
        ("blanks", "{ \"a\" : 1 ,\t\"status\" : 200 }", true),
        ("no field", r#"{"a":1}"#, true),
        ("the first counts", r#"{"status":200,"status":500}"#, true),
        ("the first counts, whatever follows", r#"{"status":500,"status":200}"#, false),
        ("null is missing, another name may have it", r#"{"status":null,"statusCode":500}"#, false),
        ("another name", r#"{"statusCode":500}"#, false),
        ("another name, nested", r#"{"res":{"statusCode":500}}"#, false),
        ("a key in disguise", r#"{"st\u0061tus":500,"status":200}"#, false),
        ("a key in disguise behind", r#"{"status":200,"st\u0061tus":500}"#, true),
        ("an escape in a value", r#"{"a":"\u0061","status":200}"#, true),
        ("an escape in a value, no field", r#"{"a":"\u0061"}"#, true),
        ("a key in disguise alone", r#"{"st\u0061tus":200}"#, false),
        ("a value that is spelled with an escape", r#"{"status":"\u0035"}"#, false),
        ("the key as a value", r#"{"a":"status","status":200}"#, true),
        ("the key in a text", r#"{"a":"\"status\":500","status":200}"#, true),
        ("the key below, then at the top", r#"{"a":{"status":500},"status":200}"#, true),
        ("the key only below", r#"{"a":{"status":500}}"#, false),
        ("the key in an array", r#"{"a":["status",{"status":500}],"status":200}"#, true),
        ("a bracket in a text", r#"{"a":"/{user}","status":200}"#, true),
        ("a bracket in a text like a member", r#"{"m":"\":{","status":500,"x":"}","status":200}"#, false),
        ("a text like an open object", r#"{"m":":{","o":{"a":"}","status":500}}"#, false),
        (
            "a text like an open object, then the value",
            r#"{"m":":{","status":500,"x":"}","status":200}"#,
            false,
        ),
        ("a text like an open array", r#"{"m": ": [", "status":500}"#, false),
        ("nested and never closed", r#"{"a":{"b":1,"status":200"#, false),
        ("another spelling of the number", r#"{"status":5e2}"#, false),
        ("a number as text", r#"{"status":"200"}"#, true),
        ("not the first byte", r#" {"status":200}"#, false),
        ("logfmt", "a=1 status=200", true),
        ("logfmt, the value", "a=1 status=\"500\"", false),
        ("logfmt, in a text", "a=\"x status=500 y\" status=200", true),
        ("logfmt, behind an escape", "a=\"\\\" status=200\" status=500", false),
        ("logfmt, no field", "a=1", true),
        ("logfmt, another name", "a=1 statusCode=500", false),
        ("combined", r#"::1 - - [21/Nov/2026:04:08:22 +0000] "GET / HTTP/1.1" 200 5"#, true),
        ("combined, the value", r#"::1 - - [21/Nov/2026:04:08:22 +0000] "GET / HTTP/1.1" 500 5"#, false),
        ("combined, an escaped quote", r#"::1 - - [21/Nov/2026:04:08:22 +0000] "G \" 500" 200 5"#, true),
        ("combined, none", r#"::1 - - [21/Nov/2026:04:08:22 +0000] "GET / HTTP/1.1" - 5"#, true),
        ("two times", r#"::1 - [x [21/Nov/2026:04:08:22 +0000] "GET / HTTP/1.1" 200 5"#, false),
        ("text", "status 200", false),
        ("in a text of Docker's", r#"{"log":"{\"a\":1}\n","stream":"stdout","status":200}"#, false),
        ("in a text of journald's", r#"{"_PID":"1","MESSAGE":"{}","status":200}"#, false),
        ("in a text of journald's, behind a blank", r#"{ "MESSAGE":"status=500","status":200}"#, false),
        ("in a text of somebody else's", r#"{"Log":"status=500","status":200}"#, true),
    ];
    let query = parsed("status>=500", false);
    let probe = Probe::of(Some(&query.filter));
    for (name, line, refused) in rows {
        assert_eq!(probe.refuses(line.as_bytes()), refused, "{name}: {line}");
    }
}

#[test]
fn what_no_condition_forbids_is_not_refused() {
    let line = br#"{"status":200,"user_id":"7"}"#;
    let nine =
        "1 or status=2 or status=3 or status=4 or status=5 or status=6 or status=7 or status=8 or status=9";
    for query in [
        "*",
        "not status>=500",
        "status>=500 or user_id=7",
        "status>=500 or text",
        "status>=500 or not user_id=7",
        "user_id=8 or status=200 user_id=8",
        &format!("status={nine}"),
        "text",
    ] {
        let query = parsed(query, false);
        assert!(!Probe::of(Some(&query.filter)).refuses(line));
    }
    for query in [
        "status>=500 text",
        "status>=500 or user_id=8",
        "user_id=7 (status>=500 or status=404 or album=1)",
        "status=500 or (text status=404)",
        "user_id=7 status!=200",
        "status in (500, 404)",
        "has album",
        "not *  status=1",
    ] {
        let query = parsed(query, false);
        assert!(Probe::of(Some(&query.filter)).refuses(line));
    }
}
