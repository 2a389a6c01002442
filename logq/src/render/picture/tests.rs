//! Pictures of small traces, whole.

use super::*;
use crate::facts::Facts;
use crate::testing::row;
use crate::trace::Record;

fn drawn(lines: &[&str], columns: usize, colour: bool) -> String {
    let facts = Facts::new();
    let records = lines.iter().map(|line| Record::of(&row(line), &facts));
    let mut out = Vec::new();
    let trace = Trace::new(records, &[]);
    let look = Look { columns, theme: Theme { colour }, verbose: false, unfold: false };
    picture(&trace, "4bf92f3577b34da6a3ce929d0e0e4736", (look, &TimeZone::UTC), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

const LINES: [&str; 4] = [
    r#"{"kind":"access","ts":"2026-11-21T04:00:00.312400Z","service":"gateway","span_id":"a1","method":"GET","path":"/photos/allspaw","route":"/photos/{user}","status":500,"outcome":"ok","duration_us":312400,"user_id":"5555","api_key":"k1:mzxw6ytboi2345","api_method":"flickr.photos.search","release":"2026.11.21-1"}"#,
    r#"{"kind":"access","ts":"2026-11-21T04:00:00.310Z","level":"error","service":"photos","span_id":"b1","parent_id":"a1","method":"GET","route":"/photos/{user}","status":500,"outcome":"ok","duration_us":290100}"#,
    r#"{"kind":"event","ts":"2026-11-21T04:00:00.032Z","level":"warn","message":"cache miss","span_id":"b1","notes":{"key":"u:5555"}}"#,
    r#"{"kind":"call","ts":"2026-11-21T04:00:00.300Z","service":"photos","span_id":"c1","parent_id":"b1","method":"POST","authority":"search:80","path":"/query","outcome":"cancelled","duration_us":250000}"#,
];

fn without_colour(text: &str) -> String {
    let codes = ["\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[0m"];
    codes.iter().fold(text.to_owned(), |text, code| text.replace(code, ""))
}

#[test]
fn a_request_is_a_picture() {
    let expected = "\
4bf92f35…  GET /photos/allspaw → 500 in 312.4 ms   user 5555   key k1:mzxw6ytb…
          flickr.photos.search   release 2026.11.21-1   began 2026-11-21 04:00:00.000Z
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
fn nothing_that_was_said_is_cut_where_all_is_asked_for() {
    let words = "日本語 shard  of a=b photos ".repeat(15);
    let endless = "/x".repeat(200);
    let lines = LINES.map(|line| line.replace("cache miss", &words).replace("u:5555", &endless));
    let facts = Facts::new();
    let trace = Trace::new(lines.iter().map(|line| Record::of(&row(line), &facts)), &[]);
    for (columns, colour) in
        [20, 40, 80, 81, 82, 83].into_iter().flat_map(|columns| [(columns, false), (columns, true)])
    {
        let look = Look { columns, theme: Theme { colour }, verbose: true, unfold: false };
        let mut out = Vec::new();
        picture(&trace, "r1", (look, &TimeZone::UTC), &mut out).unwrap();
        let drawn = without_colour(&String::from_utf8(out).unwrap());
        let said: String = drawn.chars().filter(|c| !c.is_whitespace() && *c != '│').collect();
        let expected = format!("{words}key={endless}").replace(' ', "");
        assert!(said.contains(&expected), "{columns}: {drawn}");
        let event =
            drawn.lines().skip_while(|line| !line.contains('·')).take_while(|line| !line.contains('├'));
        assert!(event.map(units::width).all(|width| width <= columns), "{columns}: {drawn}");
    }
}

#[test]
fn what_is_told_below_the_picture_goes_on_in_further_lines() {
    let early = r#"{"kind":"access","ts":"2023-11-21T04:00:01Z","service":"photos","host":"h","span_id":"e1","parent_id":"a1","method":"GET","path":"/photos/allspaw","status":200,"duration_us":300}"#;
    let above = LINES[0].replace(r#""span_id""#, r#""host":"h","span_id""#);
    for (columns, colour) in [(40, false), (40, true), (1, true)] {
        let drawn = without_colour(&drawn(&[&above, early], columns, colour));
        let words: Vec<&str> = drawn.split_whitespace().collect();
        let expected = "photos GET /photos/allspaw began 1096.0 d before gateway GET /photos/{user}, below which it hangs";
        // On one column nothing can be read, but nothing breaks.
        assert!(columns == 1 || words.join(" ").ends_with(expected), "{drawn}");
        assert!(columns == 1 || drawn.lines().all(|line| units::width(line) <= columns), "{drawn}");
    }
}

#[test]
fn what_came_of_it_is_never_cut_off() {
    let long = LINES[0].replace("/photos/allspaw", &"/photos".repeat(100));
    let picture = drawn(&[&long], 60, false);
    let heading = picture.lines().next().unwrap();
    assert_eq!(heading, "4bf92f35…  GET /photos/photos/photos/phot… → 500 in 312.4 ms");
}

/// A trace with a clock that is ahead, a guess, a fan-out, events, notes and an error.
const RICH: [&str; 8] = [
    r#"{"kind":"access","ts":"2026-11-21T04:00:00.900Z","level":"error","service":"gateway","host":"gw1","span_id":"a1","method":"GET","path":"/photos/allspaw","route":"/photos/{user}","status":504,"outcome":"ok","duration_us":900000,"user_id":"5555","flags":["new_search=on"],"notes":{"album":42}}"#,
    r#"{"kind":"call","ts":"2026-11-21T04:00:00.880Z","service":"gateway","host":"gw1","span_id":"c1","parent_id":"a1","method":"GET","authority":"photos:80","path":"/p","status":500,"outcome":"ok","duration_us":850000}"#,
    r#"{"kind":"access","ts":"2026-11-21T04:00:01.255Z","level":"error","service":"photos","host":"www394","span_id":"b1","parent_id":"c1","method":"GET","route":"/photos/{user}","status":500,"outcome":"ok","duration_us":840000,"error":"search did not answer"}"#,
    r#"{"kind":"event","ts":"2026-11-21T04:00:01.080Z","level":"error","service":"photos","host":"www394","span_id":"b1","message":"giving up on search","notes":{"patience_ms":300}}"#,
    r#"{"kind":"call","ts":"2026-11-21T04:00:01.080Z","service":"photos","host":"www394","span_id":"e1","parent_id":"b1","method":"POST","authority":"search:80","path":"/query","outcome":"cancelled","duration_us":300000}"#,
    r#"{"kind":"access","ts":"2026-11-21T04:00:00.690Z","service":"cache","host":"gw1","method":"GET","path":"/c","status":404,"outcome":"ok","duration_us":90000}"#,
    r#"{"kind":"start","ts":"2026-11-21T04:00:00.450Z","service":"search","host":"gw1","span_id":"f1","parent_id":"e1","method":"POST","path":"/query"}"#,
    r#"{"kind":"event","ts":"2026-11-21T04:00:00.460Z","level":"warn","service":"search","host":"gw1","span_id":"f1","message":"shard is being moved"}"#,
];

/// `pictures/80.txt` and others; with `UPDATE_CASES=1` they are written down as they are now.
#[test]
fn pictures_are_those_that_were_looked_at() {
    let call = |n: usize| {
        let ms = 100 + 10 * n;
        format!(
            r#"{{"kind":"call","ts":"2026-11-21T04:00:00.{:03}Z","service":"photos","host":"www394","parent_id":"b1","method":"POST","authority":"shards:80","path":"/q/{n}","status":200,"duration_us":{}}}"#,
            380 + ms,
            9_000 + n * 1000
        )
    };
    let calls: Vec<String> = (0..20).map(call).collect();
    let lines: Vec<&str> = RICH.into_iter().chain(calls.iter().map(String::as_str)).collect();
    let facts = Facts::new();
    let records: Vec<Record> = lines.iter().map(|line| Record::of(&row(line), &facts)).collect();
    let trace = Trace::new(records, &[]);
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/render/picture/pictures");
    for (name, columns, colour, verbose) in [
        ("40", 40, false, false),
        ("80", 80, false, true),
        ("80-colour", 80, true, false),
        ("200", 200, false, false),
    ] {
        let look = Look { columns, theme: Theme { colour }, verbose, unfold: false };
        let mut out = Vec::new();
        picture(&trace, "4bf92f3577b34da6a3ce929d0e0e4736", (look, &TimeZone::UTC), &mut out).unwrap();
        let drawn = String::from_utf8(out).unwrap().replace('\x1b', "⟦1b⟧");
        let path = folder.join(format!("{name}.txt"));
        if std::env::var_os("UPDATE_CASES").is_some() {
            std::fs::write(&path, &drawn).unwrap();
        }
        assert_eq!(drawn, std::fs::read_to_string(&path).unwrap(), "{name}\n{drawn}");
    }
}

#[test]
fn a_narrow_terminal_has_the_tree_and_the_figures() {
    let expected = "\
4bf92f35…  GET /photo… → 500 in 312.4 ms
          user 5555   key k1:mzxw6ytb…
          flickr.photos.search
          release 2026.11.21-1
          began 2026-11-21 04:00:00.000Z
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
        without_colour(text).lines().map(|line| line.trim_end().to_owned() + "\n").collect::<String>()
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
