//! What is shown on a terminal. Tests have none, so the library is run with surroundings that say so.

use crate::scale::cases;
use logq::{Status, Surroundings};
use proptest::prelude::*;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

fn on_terminal() -> Surroundings {
    Surroundings {
        stdin_is_terminal: true,
        stdout_is_terminal: true,
        columns: Some(80),
        no_color: true,
        ..Surroundings::captured()
    }
}

fn run(around: &Surroundings, args: &[&str], path: &Path) -> (Status, String, String) {
    let mut words: Vec<OsString> =
        std::iter::once("logq").chain(args.iter().copied()).map(OsString::from).collect();
    if path.as_os_str() != "" {
        words.push(path.into());
    }
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let status = logq::run(words, around, &mut stdout, &mut stderr);
    let text = |bytes| String::from_utf8(bytes).expect("on a terminal everything is text");
    (status, text(stdout), text(stderr))
}

const HOSTILE: &[u8] = b"{\"ts\":\"2026-11-21T04:08:21Z\",\"level\":\"error\",\"message\":\"\\u001b[2J\xe2\x80\xae\xc2\x9b\"}\n\x1b[2J \xff\n";

#[test]
fn nothing_acts_on_a_terminal() {
    let dir = crate::fresh_dir("hostile");
    let file = dir.join("a\u{1b}[2J\u{202e}.log");
    fs::write(&file, HOSTILE).expect("a file can be written");
    for args in [
        &["*"][..],
        &["-H", "*"],
        &["-o", "raw", "*"],
        &["-o", "json", "*"],
        &["-o", "logfmt", "*"],
        &["-o", "csv", "--fields", "message,_raw,_file", "*"],
        &["-o", "table", "--fields", "message,_raw,_file", "*"],
        &["-o", "raw", "--fields", "message,_raw,_file", "*"],
        &["-o", "json", "--fields", "message,_raw,_file", "*"],
        &["* | stats count() as `\u{1b}\u{9b}` by message, _file"],
        &["* | timechart 1m count() as `\u{1b}` by message"],
        &["* | stats count() by `\u{1b}` | where \u{9b}"],
        &["* | \u{1b}"],
        &["--explain", "\u{1b} `\u{9b}`=1 | keep `\u{1b}`"],
        &["--fields", "\u{1b}", "*"],
        &["--mem", "\u{1b}", "*"],
        &["fields"],
        &["\u{1b}=1"],
        &["-c", "--by-file", "*"],
        &["*", "\u{1b}\u{9b}-is-not-there"],
        &["--tz", "\u{1b}", "*"],
        &["--\u{1b}[2J"],
        &["--log-format", "%\u{1b}", "*"],
        &["--since", "\u{1b}\u{9b}", "*"],
        &["trace", "\u{1b}"],
        &["trace", "r1", "--to", "\u{1b}[2J/\u{9b}"],
    ] {
        let (_, stdout, stderr) = run(&on_terminal(), args, &file);
        for text in [&stdout, &stderr] {
            let acts = |c: char| c != '\n' && access_record::json::is_unsafe_to_show(c);
            assert!(!text.contains(acts), "{args:?}: {text:?}");
        }
        assert!(!(stdout + &stderr).is_empty(), "{args:?}");
    }
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn no_log_acts_on_a_terminal(log in any::<Vec<u8>>(), texts in proptest::collection::vec(any::<String>(), 0..6)) {
        let dir = crate::fresh_dir("any-log");
        let file = dir.join("app.log");
        let mut bytes = log;
        for text in &texts {
            bytes.extend_from_slice(b"\n{\"request_id\":\"r1\",\"message\":");
            bytes.extend_from_slice(serde_json::to_string(text).expect("a text is JSON").as_bytes());
            bytes.push(b'}');
        }
        fs::write(&file, &bytes).expect("a file can be written");
        for args in [&["*"][..], &["-o", "json", "*"], &["fields"], &["trace", "r1"], &["trace", "-v", "r1"], &["trace", "--json", "r1"], &["trace", "--perfetto", "r1"], &["trace", "--html", "r1"]] {
            let (_, stdout, stderr) = run(&on_terminal(), args, &file);
            for text in [&stdout, &stderr] {
                let acts = |c: char| c != '\n' && access_record::json::is_unsafe_to_show(c);
                prop_assert!(!text.contains(acts), "{:?}: {:?}", args, text);
            }
        }
        fs::remove_dir_all(&dir).expect("the directory can be removed");
    }
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn marks_change_nothing_but_colour(
        texts in proptest::collection::vec("[ab\u{1b}\\\\\"é日\u{202e}\u{301} =]{0,12}", 1..5),
        raw in proptest::collection::vec(any::<u8>(), 0..12),
        query in 0..QUERIES.len(),
        columns in 1..90_usize,
    ) {
        let dir = crate::fresh_dir("marks");
        let file = dir.join("app.log");
        let mut bytes = raw;
        for text in &texts {
            let text = serde_json::to_string(text).expect("a text is JSON");
            bytes.extend(format!("\n{{\"level\":\"warn\",\"path\":{text},\"user_id\":\"a\",\"flags\":[{text}],\"o\":[{text}],\"notes\":{{\"b\":{text}}}}}").bytes());
        }
        fs::write(&file, &bytes).expect("a file can be written");
        let plain = Surroundings { columns: Some(columns), ..on_terminal() };
        let (_, shown, _) = run(&plain, &["-i", "-e", QUERIES[query]], &file);
        let (_, coloured, _) = run(&Surroundings { no_color: false, ..plain.clone() }, &["-i", "-e", QUERIES[query]], &file);
        let mut seen = coloured;
        for colour in ["\x1b[0m", "\x1b[1;4m", "\x1b[2m", "\x1b[31m", "\x1b[33m"] {
            seen = seen.replace(colour, "");
        }
        // A text that begins with a blank may leave it, marked, at the end of a line.
        let lines = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
        prop_assert_eq!(lines(&seen), lines(&shown));
        // Breaking lines moves blanks and no more.
        let (_, whole, _) = run(&Surroundings { columns: None, ..plain }, &["-i", "-e", QUERIES[query]], &file);
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        prop_assert_eq!(words(&shown), words(&whole));
        fs::remove_dir_all(&dir).expect("the directory can be removed");
    }
}

/// Questions whose answers are marked in different ways.
const QUERIES: [&str; 8] = [
    "*",
    "a",
    "path~\"[a-é]+\" or user_id=a",
    "flags~\".\" b~\"=\"",
    "_raw~\"x|u|1b\" or o~\"\\\\\\\\\"",
    "level=WARN not b=a",
    "\"\\\\\" or x",
    "path=*a* or b=*=*",
];

#[test]
fn a_record_is_a_line_to_read() {
    let dir = crate::fresh_dir("to-read");
    let file = dir.join("app.log");
    fs::write(&file, HOSTILE).expect("a file can be written");
    let (status, stdout, stderr) = run(&on_terminal(), &["--tz", "+01:00", "*"], &file);
    assert_eq!(stdout, "2026-11-21 05:08:21.000+01:00 ERROR \\x1b[2J\\u{202e}\\u{9b}\n\\x1b[2J \\xff\n");
    assert_eq!(status, Status::Found);
    assert!(stderr.contains("1 bad of 2 examined"), "{stderr}");
    let colours = Surroundings { no_color: false, ..on_terminal() };
    let piped = Surroundings { stdout_is_terminal: false, ..colours.clone() };
    let forced = Surroundings { force_color: true, ..piped.clone() };
    for (around, args, coloured) in [
        (&colours, &["*"][..], true),
        (&colours, &["--color", "never", "*"], false),
        (&on_terminal(), &["*"], false),
        (&on_terminal(), &["--color", "always", "*"], true),
        (&piped, &["-o", "pretty", "*"], false),
        (&piped, &["-o", "pretty", "--color", "always", "*"], true),
        (&forced, &["-o", "pretty", "*"], true),
        (&forced, &["-o", "pretty", "--color", "never", "*"], false),
        (&Surroundings { no_color: true, ..forced.clone() }, &["-o", "pretty", "*"], false),
    ] {
        let (_, stdout, _) = run(around, args, &file);
        assert_eq!(stdout.contains("\x1b[31mERROR\x1b[0m"), coloured, "{args:?}: {stdout:?}");
    }
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

#[test]
fn a_terminal_is_never_waited_for() {
    let nothing = "logq: nothing to read: name a file or directory, or pipe a log in";
    let rows: [(&[&str], &str); 4] = [
        (&["gone.log"], " (`gone.log` is the query, since no file is called so)"),
        (&["-e", "status=500"], ""),
        (&["fields"], ""),
        (&[], ""),
    ];
    for (args, hint) in rows {
        let (status, stdout, stderr) = run(&on_terminal(), args, Path::new(""));
        assert_eq!((status, stdout.as_str()), (Status::Error, ""), "{args:?}");
        assert_eq!(stderr, format!("{nothing}{hint}\n"), "{args:?}");
    }
}
