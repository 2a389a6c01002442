//! Every file of `../shared/corpora` and `../shared/suites`, which are not part of the project: whatever
//! stands in them, the command ends in time, with a status of its own, and prints what it promises.

use serde_json::Value;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Polls of a millisecond before a run counts as hanging. The largest file takes about a second.
const POLLS_MAX: u32 = 60_000;

#[test]
fn every_file_of_strangers_is_survived() {
    let files = [files_of("corpora"), files_of("suites")].concat();
    let dir = crate::fresh_dir("strangers");
    let (stdout, stderr) = (dir.join("stdout"), dir.join("stderr"));
    for file in &files {
        for args in
            [&["*"][..], &["-c", "level=error"], &["-o", "json", "*"], &["fields"], &["trace", "no-such-id"]]
        {
            let status = run(args, file, &stdout, &stderr);
            let said = String::from_utf8_lossy(&fs::read(&stderr).expect("stderr was written")).into_owned();
            let place = format!("logq {args:?} {}: status {status:?}, stderr: {said}", file.display());
            assert!(matches!(status, Some(0..=2)) && !said.contains("panicked"), "{place}");
            if args.contains(&"json") {
                let printed = fs::read(&stdout).expect("stdout was written");
                assert!(are_objects(&printed), "{place}");
            }
        }
    }
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

/// As values of one line each; top-level arrays and texts are no records.
#[test]
fn json_is_what_the_json_test_suite_says() {
    for file in files_of("suites/JSONTestSuite") {
        let name = file.file_name().expect("a file has a name").to_string_lossy().into_owned();
        let json = fs::read(&file).expect("a file can be read");
        if json.contains(&b'\n') {
            continue;
        }
        let line = [b"{\"x\":", &json[..], b"}"].concat();
        let is_object = logq::json::object(&line).is_some();
        match name.split('_').next() {
            Some("y") => assert!(is_object, "{name} must be read"),
            Some("n") => assert!(!is_object, "{name} must be bad"),
            _ => {}
        }
    }
}

/// The same as lines of one file: with `--strict` every bad one is counted.
#[test]
fn json_that_is_none_is_counted_as_bad() {
    let dir = crate::fresh_dir("json-suite");
    let log = dir.join("a.log");
    for (kind, is_bad) in [("n_", true), ("y_", false)] {
        let files = files_of("suites/JSONTestSuite").into_iter().filter(|file| {
            file.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(kind))
        });
        let values = files.map(|file| fs::read(file).expect("a file can be read"));
        let lines: Vec<Vec<u8>> = values
            .filter(|json| !json.contains(&b'\n') && json.len() < 10_000)
            .map(|json| [b"{\"x\":", &json[..], b"}\n"].concat())
            .collect();
        fs::write(&log, lines.concat()).expect("a file can be written");
        let told = stderr_of(&["--strict", "has nothere"], &log);
        let expected = format!("logq: {0} bad of {0} examined", lines.len());
        assert_eq!(told.starts_with(&expected), is_bad && !lines.is_empty(), "{kind}: {told}");
    }
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

/// Logs of which some lines have no shape that is known here, and how many of how many: texts of other programs, lines
/// that are broken on purpose, and formats that are not read. Of all other logs every line is a record.
const WITHOUT_SHAPE: &[(&str, &str)] = &[
    ("LICENSE", ""),
    ("LICENSE.txt", ""),
    ("README.md", ""),
    ("UTF-8-test.txt", ""),
    ("all.log", "4 bad of 20"),
    ("bogus.log", "1 bad of 2"),
    ("elastic_apache_logs.log", "1 bad of 10000"),
    ("logfile_ansi.1", "10 bad of 10"),
    ("logfile_bad_access_log.0", "1 bad of 3"),
    ("logfile_bro_http.log.0", "206 bad of 206"),
    ("logfile_dst.0", "10 bad of 10"),
    ("logfile_haproxy.0", "4 bad of 17"),
    ("logfile_invalid_json.json", "1 bad of 5"),
    ("logfile_json_invalid.json", "1 bad of 13"),
    ("logfile_mixed_json2.json", "4 bad of 18"),
    ("logfile_regexp_access_log.0", "2 bad of 2"),
    ("logfile_syslog_with_access_log.0", "5 bad of 5"),
    ("logfile_tai64n.0", "10 bad of 10"),
    ("logfile_uwsgi.0", "19 bad of 19"),
    ("logfile_with_zones.0", "3 bad of 3"),
    // Rails and Sinatra, in many ways.
    ("header_and_footer.log", "5 bad of 6"),
    ("multiple_files_1.log", "3 bad of 5"),
    ("multiple_files_2.log", "2 bad of 2"),
    ("rails_1x.log", "50 bad of 59"),
    ("rails_22.log", "12 bad of 12"),
    ("rails_22_cached.log", "10 bad of 10"),
    ("rails_3_partials.log", "11 bad of 13"),
    ("rails_unordered.log", "22 bad of 24"),
    ("sinatra.log", "99 bad of 99"),
    ("syslog_1x.log", "5 bad of 5"),
    ("test_file_format.log", "12 bad of 13"),
    ("test_language_combined.log", "9 bad of 14"),
    ("test_order.log", "10 bad of 16"),
];

#[test]
fn nearly_every_line_of_a_stranger_has_a_shape() {
    for log in files_of("corpora") {
        let name = log.file_name().expect("a file has a name").to_string_lossy().into_owned();
        if name.starts_with("decompression.") {
            continue;
        }
        let told = stderr_of(&["--strict", "has nothere"], &log);
        match WITHOUT_SHAPE.iter().find(|(known, _)| *known == name) {
            Some((_, share)) => assert!(told.contains(share), "{name}: {share}, not {told}"),
            None => assert!(!told.contains(" bad of "), "{name}: {told}"),
        }
    }
}

/// An independent reading of two of the logs counted statuses and hours.
#[test]
fn counts_are_those_of_the_oracles() {
    let corpora = files_of("corpora");
    for oracle in files_of("oracles") {
        let oracle: Value =
            serde_json::from_slice(&fs::read(oracle).expect("a file can be read")).expect("it is JSON");
        let name = oracle["file"].as_str().expect("it names its log").rsplit('/').next();
        let log = corpora.iter().find(|path| path.file_name().and_then(|name| name.to_str()) == name);
        let log = log.expect("the log is there");
        let expect = |args: &[&str], count: &Value| {
            let found = count_of(args, log);
            assert_eq!(found, count.to_string(), "logq -c {args:?} {}", log.display());
        };
        for (status, count) in oracle["status"].as_object().expect("statuses are counted") {
            expect(&[&format!("status={status}")], count);
        }
        for (hour, count) in oracle["per_hour_utc"].as_object().expect("hours are counted") {
            let (since, until) = (format!("{hour}:00Z"), format!("{hour}:59:59.999999Z"));
            expect(&["--since", &since, "--until", &until, "*"], count);
        }
        expect(&["not has status"], &oracle["unparsed"]);
    }
}

/// What `logq -c` prints, in-process.
fn count_of(args: &[&str], log: &Path) -> String {
    said_of(args, log).0.trim_end().to_owned()
}

/// What it says beside that.
fn stderr_of(args: &[&str], log: &Path) -> String {
    said_of(args, log).1
}

fn said_of(args: &[&str], log: &Path) -> (String, String) {
    let mut words: Vec<OsString> = ["logq", "-c"].iter().chain(args).map(OsString::from).collect();
    words.push(log.into());
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    logq::run(words, &logq::Surroundings::captured(), &mut stdout, &mut stderr);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&stdout), text(&stderr))
}

/// Every file below a folder of `../shared`; none, said aloud, if it is not there.
fn files_of(folder: &str) -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(folder);
    let mut files = Vec::new();
    if folder.is_dir() {
        list(&folder, &mut files);
    } else {
        // Not by `println!`, which the test runner keeps to itself.
        let skipped = format!("skipped: {} is not there, so nothing of it is tested\n", folder.display());
        std::io::stderr().write_all(skipped.as_bytes()).expect("stderr can be written");
    }
    files.sort();
    files
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a directory can be read") {
        let path = entry.expect("a directory can be read").path();
        if path.is_dir() {
            list(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn run(args: &[&str], file: &Path, stdout: &Path, stderr: &Path) -> Option<i32> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_logq"))
        .args(args)
        .arg(file)
        .stdin(Stdio::null())
        .stdout(File::create(stdout).expect("a file can be made"))
        .stderr(File::create(stderr).expect("a file can be made"))
        .spawn()
        .expect("the command runs");
    // Nobody ever sends: receiving is a wait that may end early.
    let (_sender, never) = mpsc::channel::<()>();
    for _ in 0..POLLS_MAX {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return status.code();
        }
        let _timeout = never.recv_timeout(Duration::from_millis(1));
    }
    child.kill().expect("a child can be ended");
    panic!("logq {args:?} {} hangs", file.display());
}

fn are_objects(printed: &[u8]) -> bool {
    printed.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).all(|line| {
        line.trim_ascii_start().starts_with(b"{")
            && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
    })
}
