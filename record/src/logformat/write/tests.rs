use super::*;
use crate::notes::{Kept, NoteLimits, NoteSet};
use crate::{Kind, Level};
use std::borrow::Cow;

fn record() -> Record<'static> {
    // 2009-12-14T04:08:21.250Z, and 0.173663 s before that.
    let mut record = Record::new(Timestamp::from_micros(1_260_763_701_250_000), Kind::Access, Level::Info);
    let text = |text: &'static str| Some(Cow::Borrowed(text));
    record.host = text("www394");
    record.client_ip = Some([203, 0, 113, 9].into());
    record.user_id = text("5555");
    record.method = text("GET");
    record.path = text("/photos");
    record.query = text("q=***");
    record.http_version = text("1.1");
    record.status = Some(200);
    record.bytes_out = Some(18_233);
    record.duration_us = Some(173_663);
    record.user_agent = text("M \"x\"");
    record.api_method = text("flickr.photos.search");
    let mut notes = NoteSet::default();
    let limits = NoteLimits::default();
    assert_eq!(notes.set("album", Scalar::U64(42), &limits), Kept::Whole);
    assert_eq!(notes.set("place", Scalar::Text("a b"), &limits), Kept::Whole);
    record.notes = Cow::Owned(notes);
    record
}

fn line(format: &str, record: &Record<'_>) -> String {
    let mut out = Vec::new();
    LogFormat::parse(format).unwrap().write(record, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn directives() {
    let rows = [
        (
            "flickr",
            r#"www394 203.0.113.9 5555 173663 [14/Dec/2009:04:08:21 +0000] "GET /photos?q=*** HTTP/1.1" - 200 18233 "-" "M \"x\"" - flickr.photos.search"#,
        ),
        (
            "combined",
            r#"203.0.113.9 - 5555 [14/Dec/2009:04:08:21 +0000] "GET /photos?q=*** HTTP/1.1" 200 18233 "-" "M \"x\"""#,
        ),
        ("%T %{ms}T %{us}T $request_time", "0 173 173663 0.173"),
        ("%{sec}t %{msec}t %{usec}t", "1260763701 1260763701076 1260763701076337"),
        ("%{end:usec}t $msec $time_iso8601", "1260763701250000 1260763701.250 2009-12-14T04:08:21+00:00"),
        ("%{%d %b %Y %e %T}t.%{msec_frac}t", "14 Dec 2009 14 04:08:21.076"),
        ("%U|%q|%U%q|%m|%H", "/photos|?q=***|/photos?q=***|GET|HTTP/1.1"),
        ("$request_uri $args $server_protocol", "/photos?q=*** q=*** HTTP/1.1"),
        (r#"%{album}n %{place}n "%{place}n""#, r#"42 a\x20b "a b""#),
        ("%{level}n %{kind}n %{nothing}n %p %l %{Cookie}i", "info access - - - -"),
        ("%400,501{User-Agent}i %!200,304U %200>s", "- - 200"),
        ("100%% %s", "100% 200"),
    ];
    for (format, expected) in rows {
        assert_eq!(line(format, &record()), format!("{expected}\n"), "{format}");
    }
}

#[test]
fn what_is_absent_zero_or_hostile() {
    let none = Record::new(Timestamp::from_micros(0), Kind::Access, Level::Info);
    assert_eq!(line("combined", &none), "- - - [01/Jan/1970:00:00:00 +0000] \"-\" - - \"-\" \"-\"\n");
    let mut record = record();
    record.bytes_out = Some(0);
    record.http_version = Some("2".into());
    record.outcome = Some(Outcome::Aborted);
    record.query = None;
    assert_eq!(line("%b %B %X %r|", &record), "- 0 X GET /photos HTTP/2.0|\n");
    for (text, bare, quoted) in [
        ("a b", r"a\x20b", "a b"),
        ("-", r"\x2d", r"\x2d"),
        ("", "-", "-"),
        ("\"\\", r#"\"\\"#, r#"\"\\"#),
        ("\u{8}\u{b}\u{c}\n\r\t\0\u{1b}\u{7f}", r"\b\v\x0c\n\r\t\x00\x1b\x7f", r"\b\v\x0c\n\r\t\x00\x1b\x7f"),
        ("é\u{9b}", r"\xc3\xa9\xc2\x9b", r"\xc3\xa9\xc2\x9b"),
        ("5555 x [14/Dec", r"5555\x20x\x20[14/Dec", "5555 x [14/Dec"),
    ] {
        record.user_id = Some(text.into());
        assert_eq!(line(r#"%u "%u" "#, &record), format!("{bare} \"{quoted}\" \n"), "{text:?}");
    }
    record.path = Some("/a b?c".into());
    assert_eq!(line("\"%r\"", &record), "\"GET /a%20b%3fc HTTP/2.0\"\n");
}

#[test]
fn a_long_line_is_cut_in_its_texts() {
    let mut record = record();
    record.path = Some(format!("/{}", "é".repeat(5000)).into());
    let format = LogFormat::parse("combined").unwrap();
    for bytes_max in [300, 500, 4096] {
        let mut out = Vec::new();
        format.write_up_to(&record, &mut out, bytes_max);
        assert!(out.len() <= bytes_max, "{} bytes at {bytes_max}", out.len());
        let fields = format.read(&out[..out.len() - 1]).unwrap();
        assert!(fields.iter().any(|(name, _)| *name == "http_version"), "{fields:?}");
    }
}
