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
        let by_file = said(&["-c", "--by-file", query], &log);
        assert_eq!(by_file.trim().rsplit(':').next(), Some(count.to_string().as_str()), "by file: {query}");
        assert_eq!(lines(&said(&[query], &log)), count, "printed: {query}");
        let strict = said(&["-c", "--strict", query], &log);
        let printed = lines(&said(&["--strict", query], &log));
        assert_eq!(strict.trim(), printed.to_string(), "printed, all decoded: {query}");
        let staged = said(&["-o", "raw", "--strict", &format!("{query} | stats count()")], &log);
        assert_eq!(staged.trim().rsplit('\n').next(), Some(strict.trim()), "stages, all decoded: {query}");
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

/// What is found in lines that begin and end as objects and are none: whether they have a status of 500, and whether a
/// reader who does not decode them sees that they are bad.
const BROKEN: &[(&[u8], bool, bool)] = &[
    (b"{\"status\":500,\"a\":\"\xff\"}", true, false),
    (b"{\"a\":\"\0\",\"status\":500}", true, false),
    (br#"{"status":500,"a":"\ud800"}"#, true, false),
    (br#"{"status":500,"a":"\x41"}"#, true, false),
    (br#"{"status":500,}"#, true, false),
    (br#"{"status":500}}"#, true, false),
    (br#"{"status":500} {"status":200}"#, true, false),
    (br#"{"status":500,"a":nul}"#, true, false),
    (br#"{"user_id":"7","sta{"ts":"x","status":500,"a":{"b":1}}"#, true, false),
    (br#"{"status":0500}"#, false, true),
    (br#"{"status":500 1}"#, true, false),
    (br#"{"status":"500}"#, false, true),
    (br#"{"status":"500"0"}"#, false, true),
    (br#"{"status":500x}"#, false, true),
    (br#"{"a":{"b":1,"status":500}"#, false, true),
    (br#"{"a\":{"status":500}"#, false, true),
    (br#"{"status" 500}"#, false, true),
    (br#"{"statusCode":500,}"#, false, true),
    (br"{'status':500}", false, false),
    (br"{status:500}", false, false),
];

#[test]
fn fields_beside_a_fault_are_found_the_same_by_everyone() {
    let dir = crate::fresh_dir("broken");
    let log = dir.join("a.log");
    for (line, has_status, is_seen) in BROKEN {
        let shown = line.escape_ascii();
        // Early in the file, and behind what is decoded of every file.
        for before in [0, 1500] {
            let usual = br#"{"status":200,"ts":"2026-11-21T04:08:22Z","route":"/photos"}"#;
            let content = [&[&usual[..], b"\n"].concat().repeat(before)[..], line, b"\n"].concat();
            fs::write(&log, content).expect("a file can be written");
            let found = usize::from(*has_status);
            for query in ["status=500", "status>=500 not has album", "status=500 or http_version=2"] {
                assert_eq!(said(&["-c", query], &log).trim(), found.to_string(), "{query}: {shown}");
                assert_eq!(lines(&said(&[query], &log)), found, "{query}: {shown}");
                let staged = said(&["-o", "raw", &format!("{query} | stats count() by status")], &log);
                assert_eq!(lines(&staged), found, "{query}: {shown}");
            }
            let among =
                said(&["-o", "raw", "* | stats count(), count(album) by status | where status=500"], &log);
            assert_eq!(lines(&among), found, "{shown}");
            for stages in ["dedup status", "where status=500 | sort status", "tail 5 | where status=500"] {
                let rows = said(&["-o", "raw", &format!("status=500 | {stages}")], &log);
                assert_eq!(lines(&rows), found, "{stages}: {shown}");
            }
            for option in ["-n3", "--merge"] {
                let shown_status = said(&["-o", "csv", "--fields", "status", option, "status=500"], &log);
                assert_eq!(shown_status.contains("500"), *has_status, "{option}: {shown}");
            }
            assert_eq!(said(&["-c", "--strict", "status=500"], &log).trim(), "0", "{shown}");
            let told = stderr(&["-o", "raw", "* | stats count() by status"], &log);
            assert_eq!(told.contains("1 bad of"), *is_seen, "{shown}: {told}");
            let told = stderr(&["-o", "raw", "--strict", "* | stats count() by status"], &log);
            assert!(told.contains("1 bad of"), "{shown}: {told}");
        }
    }
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
