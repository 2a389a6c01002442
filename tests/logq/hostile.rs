//! A file of lines that nobody should write: every one of them gets the same answer whether it is counted, printed or
//! put through stages, looked for or decoded, early in the file or late.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

/// Lines, with what they are: a record, or none.
const LINES: &[(&[u8], bool)] = &[
    (br#"{"status":200,"user_id":"5555","a":"abcd"}"#, true),
    (b"{\"status\":200,\"a\":\"crlf\"}\r", true),
    (b"{\"status\":200,\"a\":\"\xff\"}", false),
    (b"{\"status\":200,\"a\":\"\0\"}", false),
    (b"{\"status\":200}\0", false),
    (b"\0{\"status\":200}", false),
    (b"\xef\xbb\xbf{\"status\":200}", false),
    (b"{\0\"\0a\0\"\0:\0\"\0b\0\"\0}\0", false),
    (br#"{"status":18446744073709551616}"#, true),
    (br#"{"status":18446744073709551615}"#, true),
    (br#"{"status":1e400}"#, true),
    (br#"{"status":-1e400,"ts":1e400}"#, true),
    (br#"{"status":5e2}"#, true),
    (br#"{"status":0200}"#, false),
    (br#"{"status":+200}"#, false),
    (br#"{"status":200.}"#, false),
    (br#"{"status":NaN}"#, false),
    (br#"{"status":0x1F4}"#, false),
    (br#"{"status":200,"status":500}"#, true),
    (br#"{"st\u0061tus":500}"#, true),
    (br#"{"status":500,"a":"\ud800"}"#, false),
    (br#"{"status":500,"a":"\ud83d\ude00"}"#, true),
    (br#"{"status":500,"a":"\x41"}"#, false),
    (br#"{"status":500,}"#, false),
    (br#"{"status":500"#, false),
    (br#"{"status":500}}"#, false),
    (br#"{"status":500} {"status":500}"#, false),
    (br"{'status':500}", false),
    (br"{status:500}", false),
    (br#"{"status":500,"a":nul}"#, false),
    (br#"{"status":500}//"#, false),
    (br#"[{"status":500}]"#, false),
    (br#""status""#, false),
    (br#"{"status":{"status":500}}"#, true),
    (br#"{"status":[200,500]}"#, true),
    (br#"{"":500}"#, true),
    (b"{}", true),
    (b"\x0c{\"status\":500}", false),
    (b"", false),
    (b" \t ", false),
    (b"\r", false),
    (b"status=500 a=\"abcd", false),
    (b"status=500 a=abcd", true),
    (b"status=500 a=\xff", false),
    (b"\x1b[31mstatus=500\x1b[0m", false),
    (b"203.0.113.9 - 5555 [21/Nov/2026:04:08:22 +0000] \"GET /\\x00\\xff HTTP/1.1\" 500 5", true),
    (b"203.0.113.9 - - [99/Nov/2026:04:08:22 +0000] \"GET / HTTP/1.1\" 500 5", false),
    (b"2026-11-21T04:08:22Z stdout F {\"status\":500", true),
    (b"2026-11-21T04:08:22Z stdout P {\"status\":500}", true),
    (br#"{"log":"{\"status\":500}\n","stream":"stdout","time":"2026-11-21T04:08:22Z"}"#, true),
    (br#"{"log":"{\"status\":500\n","stream":"stdout","time":"2026-11-21T04:08:22Z"}"#, true),
    (br#"{"log":"{\"status\":500}\n","stream":"stdout","time":"2026-11-21T04:08:22Z""#, false),
    (br#"{"MESSAGE":"{\"status\":500}","_PID":"1"}"#, true),
    (b"#Fields: status", false),
    (b"500", false),
];

const QUERIES: &[&str] = &[
    "*",
    "has status",
    "not has status",
    "status=500",
    "status!=500",
    "status>=500",
    "status>18446744073709551615",
    "status<0",
    "status=200 or status=404",
    "user_id=5555",
    "abcd",
    "a~\"^ab\"",
    "not abcd",
    "ts>=2026-11-21",
    "message~status",
    "level=error",
];

/// Times that the lines stand in the file, which is then longer than what is decoded of every file.
const TIMES: usize = 60;

#[test]
fn hostile_lines_have_one_answer() {
    let dir = crate::fresh_dir("hostile");
    let log = dir.join("a.log");
    let body: Vec<u8> = LINES.iter().flat_map(|(line, _)| [line, &b"\n"[..]].concat()).collect();
    fs::write(&log, [&b"no record first\n"[..], &body.repeat(TIMES)].concat())
        .expect("a file can be written");
    for query in QUERIES {
        let counted = said(&["-c", query], &log);
        let count: usize = counted.trim().parse().expect("a number");
        for args in [&["-c", "--strict", query][..], &["-c", "--by-file", query]] {
            let counted = said(args, &log);
            let last = counted.trim().rsplit(':').next().expect("a word");
            assert_eq!(last, count.to_string(), "{args:?}");
        }
        assert_eq!(lines(&said(&[query], &log)), count, "printed: {query}");
        assert_eq!(lines(&said(&["--strict", query], &log)), count, "printed, all decoded: {query}");
        assert_eq!(lines(&said(&["-o", "json", query], &log)), count, "as JSON: {query}");
        let staged = said(&["-o", "raw", &format!("{query} | stats count()")], &log);
        assert_eq!(staged.trim().rsplit('\n').next(), Some(count.to_string().as_str()), "stages: {query}");
        let sorted = said(&["-o", "raw", &format!("{query} | sort status")], &log);
        assert_eq!(lines(&sorted), count, "sorted: {query}");
        // Every round of the lines answers alike.
        let first = usize::from(query.starts_with("not") || *query == "*");
        assert_eq!((count - first) % TIMES, 0, "{query}: {count}");
    }
    // What is told of bad lines is what stands above: all but those that say nothing.
    let bad = LINES.iter().filter(|(line, is_record)| !is_record && !says_nothing(line)).count() * TIMES + 1;
    let all = LINES.len() * TIMES + 1;
    let told = stderr(&["-c", "--strict", "has status"], &log);
    assert!(told.starts_with(&format!("logq: {bad} bad of {all} examined")), "{told}");
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

/// Each line alone.
#[test]
fn each_hostile_line_is_what_it_is() {
    let formats = logq::format::Formats::looking();
    for (line, is_record) in LINES {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let row = formats.read(line, logq::row::Origin { file: "a.log", line: 1 });
        assert_eq!(row.shape == logq::row::Shape::Record, *is_record, "{}", line.escape_ascii());
    }
}

fn says_nothing(line: &[u8]) -> bool {
    line.trim_ascii().is_empty() || line.starts_with(b"#Fields:")
}

fn lines(text: &str) -> usize {
    text.matches('\n').count()
}

fn said(args: &[&str], log: &Path) -> String {
    run(args, log).0
}

fn stderr(args: &[&str], log: &Path) -> String {
    run(args, log).1
}

fn run(args: &[&str], log: &Path) -> (String, String) {
    let mut words: Vec<OsString> = std::iter::once(&"logq").chain(args).map(OsString::from).collect();
    words.push(log.into());
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    logq::run(words, &logq::Surroundings::captured(), &mut stdout, &mut stderr);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&stdout), text(&stderr))
}
