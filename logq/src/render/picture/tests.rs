//! Pictures of small traces, whole.

use super::*;
use crate::facts::Facts;
use crate::testing::row;
use crate::trace::Record;

fn drawn(lines: &[&str], columns: usize, colour: bool) -> String {
    let facts = Facts::new();
    let records = lines.iter().map(|line| Record::of(&row(line), &facts)).collect();
    let mut out = Vec::new();
    let trace = Trace::new(records, &[]);
    let look = Look { columns, theme: Theme { colour }, verbose: false, unfold: false };
    picture(&trace, "4bf92f3577b34da6a3ce929d0e0e4736", look, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

const LINES: [&str; 4] = [
    r#"{"kind":"access","ts":"2026-11-21T04:00:00.312400Z","service":"gateway","span_id":"a1","method":"GET","path":"/photos/allspaw","route":"/photos/{user}","status":500,"outcome":"ok","duration_us":312400,"user_id":"5555","api_key":"k1:mzxw6ytboi2345","api_method":"flickr.photos.search","release":"2026.11.21-1"}"#,
    r#"{"kind":"access","ts":"2026-11-21T04:00:00.310Z","level":"error","service":"photos","span_id":"b1","parent_id":"a1","method":"GET","route":"/photos/{user}","status":500,"outcome":"ok","duration_us":290100}"#,
    r#"{"kind":"event","ts":"2026-11-21T04:00:00.032Z","level":"warn","message":"cache miss","span_id":"b1","notes":{"key":"u:5555"}}"#,
    r#"{"kind":"call","ts":"2026-11-21T04:00:00.300Z","service":"photos","span_id":"c1","parent_id":"b1","method":"POST","authority":"search:80","path":"/query","outcome":"cancelled","duration_us":250000}"#,
];

#[test]
fn a_request_is_a_picture() {
    let expected = "\
4bf92f35…  GET /photos/allspaw → 500 in 312.4 ms   user 5555   key k1:mzxw6ytb…
          flickr.photos.search   release 2026.11.21-1
0 ms         100          200          300
├══──────────────────────────────────────┤ gateway  GET /photos/{user}      500  312.4 ms
│  ├═══────────────────────────────────══┤ photos   GET /photos/{user}      500  290.1 ms
│  │  · 32.0 ms  WARN  cache miss  key=u:5555
│  │   ├═══════════════════════════════┤   photos   → POST search:80/query       250.0 ms  cancelled
═ own time on the critical path   ━ own time   ─ time of what is below
";
    let picture = drawn(&LINES, 100, false);
    assert_eq!(picture, expected, "\n{picture}");
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let long = "/日本語".repeat(300);
    let endless = LINES.map(|line| {
        let line =
            line.replace("/photos", &long).replace("5555", &"5".repeat(1000)).replace("2026.11.21-1", &long);
        line.replace("flickr", &long).replace("cache miss", &long).replace("cancelled", &long)
    });
    let endless = endless.each_ref().map(String::as_str);
    for (columns, lines) in
        [(40, LINES), (60, endless), (80, LINES), (80, endless), (200, LINES), (200, endless)]
    {
        for line in drawn(&lines, columns, false).lines() {
            assert!(units::width(line) <= columns, "{columns}: {line}");
        }
    }
    // Nobody reads on so few, but nothing breaks.
    for columns in [0, 1, 10, 30, 39] {
        assert!(drawn(&LINES, columns, false).contains("312.4 ms"), "{columns}");
    }
}

#[test]
fn what_came_of_it_is_never_cut_off() {
    let long = LINES[0].replace("/photos/allspaw", &"/photos".repeat(100));
    let picture = drawn(&[&long], 60, false);
    let heading = picture.lines().next().unwrap();
    assert_eq!(heading, "4bf92f35…  GET /photos/photos/photos/phot… → 500 in 312.4 ms");
}

#[test]
fn a_narrow_terminal_has_the_tree_and_the_figures() {
    let expected = "\
4bf92f35…  GET /photo… → 500 in 312.4 ms
          user 5555   key k1:mzxw6ytb…
          flickr.photos.search
          release 2026.11.21-1
0 ms
├──────┤ gateway  GET /…  500  312.4 ms
│ ├────┤ photos   GET /…  500  290.1 ms
│ │  · 32.0 ms  WARN  cache miss  key=u…
│ │ ├══┤ photos   → POS…       250.0 ms…
═ own, critical   ━ own   ─ below
";
    let picture = drawn(&LINES, 40, false);
    assert_eq!(picture, expected, "\n{picture}");
}

#[test]
fn colour_only_repeats_what_is_said_without() {
    let without = |text: &str| {
        let codes = ["\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[0m"];
        let plain = codes.iter().fold(text.to_owned(), |text, code| text.replace(code, ""));
        plain.lines().map(|line| line.trim_end().to_owned() + "\n").collect::<String>()
    };
    for columns in [40, 80, 200] {
        let coloured = drawn(&LINES, columns, true);
        assert_eq!(without(&coloured), drawn(&LINES, columns, false));
        assert!(coloured.contains("\x1b[31m500"), "an error is red though no level says so: {coloured:?}");
        assert!(coloured.contains("\x1b[33mcancelled\x1b[0m") || columns == 40, "{coloured:?}");
        assert!(coloured.contains("\x1b[1m═"), "{coloured:?}");
    }
}

#[test]
fn nothing_in_a_record_acts_on_the_terminal() {
    let hostile = r#"{"kind":"access","ts":"2026-11-21T04:00:00Z","service":"\u001b[2J","span_id":"a\u001b","parent_id":"\u009b","method":"\u202e","path":"\n","status":"\u001b","outcome":"\u0007","duration_us":10,"user_id":"\u001b","level":"\u001b"}"#;
    let event = r#"{"kind":"event","message":"\u001b]0;\u0007","notes":{"\u001b":"\u001b"},"level":"\u001b","span_id":"a\u001b"}"#;
    let picture = drawn(&[hostile, event], 100, true);
    let codes = ["\x1b[1m", "\x1b[2m", "\x1b[33m", "\x1b[0m"];
    let acting = codes.iter().fold(picture, |picture, code| picture.replace(code, ""));
    assert!(acting.chars().all(|c| c == '\n' || !access_record::json::is_unsafe_to_show(c)), "{acting:?}");
}
