//! What a request is, what it has, what is left out, and what sampling does to it.

use super::*;
use crate::field::Name;
use crate::query::{Filter, Settings, parse};
use crate::testing::row;
use jiff::tz::TimeZone;

fn parsed(query: &str) -> Filter {
    parse(query, &Settings { zone: TimeZone::UTC, now_us: 0, ignore_case: false }).unwrap().filter
}

fn asked(query: &str, without: &[&str], lines: impl IntoIterator<Item = String>) -> Answer {
    let filter = parsed(query);
    let without: Vec<Name> = without.iter().map(|name| Name::new(*name)).collect();
    let mut sample = Sample::new(Fields::but(filter.fields().iter().chain(&without)), 10_000);
    for line in lines {
        sample.add(&row(&line), &filter);
    }
    answer(&sample)
}

/// What is found first, as conditions with `=` between.
fn first(answer: &Answer) -> String {
    let shown = |condition: &Condition| match &condition.is {
        Is::Text(text) => format!("{}={text}", condition.field),
        Is::Between { from, below } => format!("{} {from:?} {below:?}", condition.field),
    };
    answer
        .findings
        .first()
        .map_or(String::new(), |found| found.conditions.iter().map(shown).collect::<Vec<_>>().join(" "))
}

/// A request out of two services: the flag is known to one, the error to the other, and an event tells of it.
fn request(number: u32) -> Vec<String> {
    let is_bad = number.is_multiple_of(5);
    let (variant, level) = if is_bad { ("on", "error") } else { ("off", "info") };
    let id = format!(r#""request_id":"r{number}","trace_id":"{number:032x}""#);
    vec![
        format!(r#"{{"kind":"access","level":"info","service":"photos",{id},"flags":["search={variant}"]}}"#),
        format!(
            r#"{{"kind":"access","level":"{level}","service":"search",{id},"outcome":"x{is_bad}","notes":{{"shard":{},"render_us":{}}}}}"#,
            u32::from(is_bad) + 7,
            u32::from(is_bad)
        ),
        format!(
            r#"{{"kind":"event","level":"{level}",{id},"message":"m{is_bad}","notes":{{"told":{is_bad}}}}}"#
        ),
    ]
}

#[test]
fn records_of_a_request_belong_together_wherever_they_stand() {
    let mut lines: Vec<String> = (1..=200).flat_map(request).collect();
    let expected = "flags.search=on shard=8";
    let found = asked("level=error", &[], lines.clone());
    assert_eq!((found.inside, found.outside, first(&found).as_str()), (40, 160, expected));
    lines.sort();
    assert_eq!(asked("level=error", &[], lines.clone()), found);
    // By what an event says, too; what it has is no reason.
    let by_event = asked("message=mtrue", &[], lines.clone());
    assert_eq!((by_event.inside, first(&by_event).as_str()), (40, expected));
    // A flag of the query is none of its reasons, nor is what is named.
    assert_eq!(first(&asked("flags.search=on", &[], lines.clone())), "shard=8");
    assert_eq!(first(&asked("flags.search=on", &["shard"], lines)), "");
}

#[test]
fn too_few_requests_are_told_from_those_with_nothing_in_common() {
    for (requests, fails, is_too_few) in [(8, 2, true), (200, 1, true), (200, 199, true), (200, 40, false)] {
        let level = |number| if number < fails { "error" } else { "info" };
        let line = |number: u32| {
            let (id, n) = (format!("r{number}"), number % 7);
            format!(r#"{{"kind":"access","level":"{}","request_id":"{id}","n":"{n}"}}"#, level(number))
        };
        let found = asked("level=error", &[], (0..requests).map(line));
        assert_eq!((found.findings.len(), found.is_too_few), (0, is_too_few), "{fails} of {requests}");
    }
}

#[test]
fn a_request_is_told_by_its_ids_or_is_a_line() {
    let rows = [
        (r#"{"request_id":"a","n":1}"#, r#"{"request_id":"a","n":2}"#, 1),
        (r#"{"request_id":"a"}"#, r#"{"request_id":"b"}"#, 2),
        (r#"{"request_id":"-","trace_id":"t"}"#, r#"{"trace_id":"t"}"#, 1),
        (r#"{"trace_id":"0000"}"#, r#"{"trace_id":"0000","n":1}"#, 2),
        (r#"{"path":"/a"}"#, r#"{"path":"/b"}"#, 2),
        (r#"{"kind":"event","request_id":"a"}"#, r#"{"kind":"access","request_id":"b"}"#, 1),
        ("no record", r#"{"n":1}"#, 1),
    ];
    for (left, right, requests) in rows {
        let found = asked("level=error", &[], [left.to_owned(), right.to_owned()]);
        assert_eq!(found.outside, requests, "{left} {right}");
    }
}

#[test]
fn lines_that_are_refused_would_change_nothing() {
    let filter = parsed("level=error");
    let others = |number: u32| {
        [
            format!(r#"{{"kind":"access","request_id":"-","trace_id":"t{number}","level":"error"}}"#),
            format!(r#"{{"kind":"access","request_id":null,"trace_id":"u{number}","host":"h"}}"#),
            format!(r#"{{"kind":"access","request\u005fid":"v{number}","host":"h"}}"#),
            format!(r#"{{"notes":{{"request_id":"w"}},"path":"/{number}"}}"#),
            format!(r#"{{"http":{{"request":{{"id":"x{number}"}}}},"path":"/{number}"}}"#),
        ]
    };
    let mut lines: Vec<String> = (1..=200).flat_map(request).collect();
    lines.extend((0..50).flat_map(others));
    let new = || Sample::new(Fields::but(filter.fields()), 40);
    let (mut careful, mut fast, mut refused) = (new(), new(), 0);
    for (line, place) in lines.iter().zip(0..) {
        let mut row = row(line);
        row.origin.line = place;
        careful.add(&row, &filter);
        if fast.refuses(line.as_bytes()) {
            refused += 1;
        } else {
            fast.add(&row, &filter);
        }
    }
    assert!(refused > 200 && careful.requests() > 5, "{refused}");
    assert_eq!((careful.requests(), answer(&careful)), (fast.requests(), answer(&fast)));
    // Who expects as many starts with what the others end with.
    let mut told = new();
    told.expect(100_000);
    assert!(told.refuses(br#"{"request_id":"r1"}"#) || told.refuses(br#"{"request_id":"r2"}"#));
}

#[test]
fn numbers_are_found_as_ranges() {
    let line = |number: u32| {
        let level = if number > 900 { "error" } else { "info" };
        format!(
            r#"{{"level":"{level}","request_id":"r{number}","notes":{{"items":{number},"page":{}}}}}"#,
            number % 3
        )
    };
    let found = asked("level=error", &[], (1..=1000).map(line));
    assert_eq!(first(&found), "items Some(901.0) None");
    assert_eq!(found.findings.len(), 1, "{found:?}");
}

#[test]
fn what_a_range_says_is_not_said_again_by_each_of_its_numbers() {
    let line = |number: u32| {
        let level = if number % 30 >= 25 { "error" } else { "info" };
        let zone = if number % 30 == 29 { ",\"zone\":\"z\"" } else { "" };
        format!(
            r#"{{"level":"{level}","request_id":"r{number}","notes":{{"items":{},"on":{}{zone}}}}}"#,
            number % 30,
            number % 30 >= 28
        )
    };
    let found = asked("level=error", &[], (0..3000).map(line));
    let shown: Vec<String> = found.findings.iter().map(|found| found.conditions[0].shown()).collect();
    // One of them is the same requests as another field's, and stays.
    assert_eq!(shown, ["items>=24", "on=true", "zone=z"], "{found:?}");
}

#[test]
fn a_number_that_stands_out_of_its_range_is_shown() {
    let line = |number: u32| {
        let (shard, turn) = (number % 30, number / 30);
        let is_bad = shard == 25 || (shard >= 15 && turn % 2 == 0);
        let level = if is_bad { "error" } else { "info" };
        format!(r#"{{"level":"{level}","request_id":"r{number}","notes":{{"shard":{shard}}}}}"#)
    };
    let found = asked("level=error", &[], (0..6000).map(line));
    let shown: Vec<String> = found.findings.iter().map(|found| found.conditions[0].shown()).collect();
    // `shard=29` is the same requests as `shard>=29`, which is of the range as well.
    assert_eq!(shown, ["shard>=15", "shard=25"], "{found:?}");
    assert_eq!((found.findings[1].inside, found.findings[1].outside), (200, 0));
}

/// Errors are all kept, and so are the requests of one flag; of the rest one in ten. Nothing fails because of the flag.
#[test]
fn what_sampling_keeps_is_no_reason() {
    let line = |number: u32| {
        let (fails, flag) = (number.is_multiple_of(20), number % 7 == 3);
        let is_kept = fails || flag;
        let (level, variant) = (if fails { "error" } else { "info" }, if flag { "on" } else { "off" });
        let rate = if is_kept { 1 } else { 10 };
        let line = format!(
            r#"{{"level":"{level}","request_id":"r{number}","flags":["search={variant}"],"sample_rate":{rate}}}"#
        );
        (is_kept || number % 10 == 1).then_some(line)
    };
    let found = asked("level=error", &[], (1..=7000).filter_map(line));
    assert!(found.findings.is_empty() && found.inside == 350, "{found:?}");
}

#[test]
fn nothing_has_no_reason() {
    let found = asked("level=error", &[], []);
    assert_eq!((found.inside, found.outside, found.tried, found.findings.len()), (0, 0, 0, 0));
}

/// A record of a request with values that no other has.
fn wide(request: u32) -> String {
    let notes: Vec<String> =
        (0..30).map(|note| format!(r#""n{note}":"{request}-{note}-{}""#, "x".repeat(90))).collect();
    format!(r#"{{"request_id":"r{request}","notes":{{{}}}}}"#, notes.join(","))
}

#[test]
fn memory_hangs_on_the_room_and_not_on_the_log() {
    let filter = parsed("level=error");
    let mut sample = Sample::new(Fields::but(filter.fields()), 500);
    let mut most = 0;
    for request in 0..4000 {
        sample.add(&row(&wide(request)), &filter);
        assert!(sample.bytes() <= sample.bytes_max(), "{} of {}", sample.bytes(), sample.bytes_max());
        most = most.max(sample.capacity_bytes());
    }
    // What is reserved is at most about twice what is used, and for a moment that as well which it grows out of.
    assert!(most <= 3 * sample.bytes_max(), "{most} of {}", sample.bytes_max());
    assert!(sample.requests() > 20, "{}", sample.requests());
}

#[test]
fn whoever_reads_what_the_same_requests_are_kept_with_the_same_values() {
    let filter = parsed("level=error");
    let lines: Vec<String> = (0..60).map(wide).chain((100..1100).flat_map(request)).collect();
    let read_by = |readers: usize| {
        let new = |_| Sample::new(Fields::but(filter.fields()), 300);
        let mut samples: Vec<Sample> = (0..readers).map(new).collect();
        for (number, line) in lines.iter().enumerate() {
            samples[number * 7 % 11 % readers].add(&row(line), &filter);
        }
        let sample = samples.into_iter().reduce(Sample::merged).unwrap();
        (sample.requests(), sample.bytes(), answer(&sample))
    };
    let alone = read_by(1);
    assert!(alone.2.one_in > 1 && !alone.2.findings.is_empty(), "{alone:?}");
    for readers in [2, 3, 5, 8] {
        assert_eq!(read_by(readers), alone, "{readers}");
    }
}

/// A request that goes round for long: of its values only some are kept, whoever meets which of them first.
#[test]
fn of_too_many_values_the_same_are_kept_in_any_order() {
    let filter = parsed("level=error");
    let line = |number: u32| {
        let (request, step) = (number % 20, number / 20);
        let level = if request < 10 { "error" } else { "info" };
        let seen = if request < 10 { step } else { step + 150 };
        format!(
            r#"{{"level":"{level}","request_id":"r{request}","notes":{{"seen":"v{seen}{}"}}}}"#,
            "x".repeat(step as usize % 90)
        )
    };
    let mut lines: Vec<String> = (0..20 * 320).map(line).collect();
    let read_by = |lines: &[String], readers: usize, room: usize| {
        let new = |_| Sample::new(Fields::but(filter.fields()), room);
        let mut samples: Vec<Sample> = (0..readers).map(new).collect();
        for (number, line) in lines.iter().enumerate() {
            samples[number * 7 % 11 % readers].add(&row(line), &filter);
        }
        let mut sample = samples.into_iter().reduce(Sample::merged).unwrap();
        let bytes = sample.bytes();
        // Nothing is lost or left by counting anew.
        sample.expect(0);
        assert_eq!(sample.bytes(), bytes);
        (sample.requests(), bytes, answer(&sample))
    };
    let expected = [10_000, 700].map(|room| read_by(&lines, 1, room));
    for readers in [1, 2, 3] {
        lines.reverse();
        for (room, expected) in [10_000, 700].into_iter().zip(&expected) {
            assert_eq!(&read_by(&lines, readers, room), expected, "{readers} {room}");
        }
    }
    assert!(!expected[0].2.findings.is_empty() && expected[1].2.one_in > 1, "{expected:?}");
}

#[test]
fn values_are_told_apart_by_all_of_their_text() {
    let long = |end: &str| "v".repeat(200) + end;
    let line = |number: u32| {
        let (level, end) = if number.is_multiple_of(3) { ("error", "a") } else { ("info", "b") };
        let other = if number.is_multiple_of(3) { "1" } else { "\"1\"" };
        format!(
            r#"{{"level":"{level}","request_id":"r{number}","notes":{{"long":"{}","n":{other}}}}}"#,
            long(end)
        )
    };
    let found = asked("level=error", &[], (0..300).map(line));
    let [only] = &found.findings[..] else { panic!("{found:?}") };
    // A number and the same text are one value.
    assert_eq!(only.conditions[0].is, Is::Text("v".repeat(160)));
    assert_eq!((only.inside, only.outside), (100, 0));
}
