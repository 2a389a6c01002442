//! `docs/operate.md` and `docs/formats.md` are executed: their files are written, each `$ logq …` is run where they are, and what comes of it
//! must be what the page shows: standard output, then standard error, then the exit status where it is not 0.

use crate::incident::{LOGS, incident};
use crate::readme::{commands, consoles, words};
use flate2::{Compression, write::GzEncoder};
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

#[test]
fn the_page_shows_what_is_printed() {
    shows_what_is_printed("operate", include_str!("../../docs/operate.md"), 2, 8);
}

#[test]
fn the_page_of_formats_shows_what_is_printed() {
    shows_what_is_printed("formats", include_str!("../../docs/formats.md"), 8, 13);
}

/// A page with so many files, and so many commands at least.
fn shows_what_is_printed(name: &str, page: &str, files: usize, commands_min: usize) {
    let dir = crate::fresh_dir(name);
    let inputs: Vec<(&str, &str)> = inputs(page).collect();
    for (name, text) in &inputs {
        fs::write(dir.join(name), text).expect("a file can be written");
    }
    assert_eq!(inputs.len(), files, "the files of the page");
    let commands: Vec<(String, String)> = consoles(page).flat_map(commands).collect();
    assert!(commands.len() >= commands_min, "only {} commands", commands.len());
    for (command, shown) in &commands {
        let printed = run(&words(command), &dir);
        assert_eq!(shown, &printed, "`{command}` prints now:\n{printed}");
    }
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

/// Every block of lines whose name stands before it.
fn inputs(page: &str) -> impl Iterator<Item = (&str, &str)> {
    page.match_indices("`:\n\n```").filter_map(|(at, mark)| {
        let name = page[..at].rsplit('`').next()?;
        let (_, block) = page[at + mark.len()..].split_once('\n')?;
        Some((name, block.split_once("```")?.0))
    })
}

fn run(words: &[String], dir: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_logq"))
        .args(&words[1..])
        .current_dir(dir)
        .stdin(Stdio::null())
        .output()
        .expect("the command runs");
    let mut printed = String::from_utf8([output.stdout, output.stderr].concat()).expect("it prints text");
    match output.status.code() {
        Some(0) => {}
        code => printed.extend(["exit status ", &code.unwrap_or(-1).to_string(), "\n"]),
    }
    printed
}

#[test]
fn real_services_leave_whole_logs() {
    let incident = incident();
    let logs = incident.directory.join(LOGS);
    let printed = run(&["logq", "verify", "-o", "json", "."].map(str::to_owned), &logs);
    let whole = printed.lines().filter(|line| line.contains("\"complete\":true")).count();
    assert_eq!((whole, printed.lines().count()), (3, 3), "{printed}");
    let photos = fs::read_to_string(logs.join("photos.log")).expect("a log is text");
    let dir = crate::fresh_dir("verify-cut");
    let lines: Vec<&str> = photos.lines().collect();
    let gap = [&lines[..10], &lines[12..]].concat().join("\n");
    fs::write(dir.join("gap.log"), gap).expect("a file can be written");
    let printed = run(&["logq", "verify", "gap.log"].map(str::to_owned), &dir);
    assert!(printed.contains("missing 11-12\n") && printed.ends_with("exit status 1\n"), "{printed}");
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

/// What `logq metrics` counts after each of these steps of a log's life.
#[test]
fn counters_go_through_rotation() {
    let dir = crate::fresh_dir("metrics-rotation");
    fs::create_dir(dir.join("logs")).expect("a directory can be made");
    let lines = |range: std::ops::RangeInclusive<u64>| -> String {
        let line = |seq| {
            format!(
                "{{\"kind\":\"access\",\"instance\":\"00000000000000aa\",\"service\":\"a\",\"seq\":{seq}}}\n"
            )
        };
        range.map(line).collect()
    };
    let put = |name: &str, text: &str| {
        let file = fs::OpenOptions::new().create(true).append(true).open(dir.join("logs").join(name));
        file.expect("a file can be opened").write_all(text.as_bytes()).expect("a file can be written");
    };
    let count = || {
        let args = "logq metrics -o gmetric --state state --file page logs".split(' ').map(str::to_owned);
        let printed = run(&args.collect::<Vec<_>>(), &dir);
        // A line that is only half there is told, and counts once it is whole.
        assert!(printed.is_empty() || printed.starts_with("logq: 1 bad of "), "{printed}");
        let page = fs::read_to_string(dir.join("page")).expect("a page is text");
        let requests = page.lines().find_map(|line| line.strip_prefix("access_log_a_requests="));
        requests.expect("requests are counted").to_owned()
    };
    put("a.log", &lines(1..=5));
    assert_eq!(count(), "5");
    assert_eq!(count(), "5", "nothing new");
    let torn = lines(6..=6);
    put("a.log", &torn[..40]);
    assert_eq!(count(), "5", "half a line");
    put("a.log", &torn[40..]);
    fs::rename(dir.join("logs/a.log"), dir.join("logs/a.log.1")).expect("a file can be renamed");
    put("a.log", &lines(7..=9));
    assert_eq!(count(), "9", "rotated");
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(lines(1..=6).as_bytes()).expect("memory can be written");
    let packed = packed.finish().expect("memory can be written");
    fs::write(dir.join("logs/a.log.1.gz"), packed).expect("a file can be written");
    assert_eq!(count(), "9", "packed, and not yet removed");
    fs::remove_file(dir.join("logs/a.log.1")).expect("a file can be removed");
    fs::remove_file(dir.join("logs/a.log.1.gz")).expect("a file can be removed");
    put("a.log", &lines(10..=10));
    assert_eq!(count(), "10", "the oldest are gone");
    let mut left: Vec<_> = fs::read_dir(&dir)
        .expect("it can be read")
        .map(|entry| entry.expect("so can an entry").file_name())
        .collect();
    left.sort();
    assert_eq!(left, [".state.lock", "logs", "page", "state"], "nothing else lies about");
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

/// Of a file that is sorted by time only the window and the slack around it are read: that says what all of it says.
#[test]
fn a_window_of_a_sorted_log_is_the_same_as_of_one_that_is_read_whole() {
    let dir = crate::fresh_dir("operate-seek");
    let line = |number: u64| {
        let (hour, minute, second) = (number / 3600, number / 60 % 60, number % 60);
        let (level, release) = (if number.is_multiple_of(7) { "error" } else { "info" }, number / 1500);
        format!(
            "{{\"ts\":\"2026-11-21T{hour:02}:{minute:02}:{second:02}.000000Z\",\"kind\":\"access\",\"level\":\"{level}\",\
             \"release\":\"r{release}\",\"host\":\"h{}\",\"request_id\":\"q{number}\",\"route\":\"/a\",\
             \"status\":200,\"duration_us\":{},\"notes\":{{\"pad\":\"{}\"}}}}\n",
            number % 7 % 2,
            number * 7919 % 1_000_003,
            "x".repeat(150)
        )
    };
    let log: String = (0..9000).map(line).collect();
    assert!(log.len() > 2 << 20, "so short a file is not sought in");
    fs::write(dir.join("a.log"), log).expect("a file can be written");
    for (command, said) in [
        ("logq check --crit error_rate>50% a.log", "error_rate is 14."),
        ("logq check --crit p99(duration)>990ms --query host=h1 a.log", "CRITICAL"),
        ("logq why level=error --without host a.log", "values tried"),
        ("logq why level=error a.log", "host=h0"),
        ("logq compare --by release a.log", "B: release=r"),
        ("logq compare host=h0 host=h1 a.log", "errors"),
    ] {
        for window in ["--since 2026-11-21T01:30", "--since 2026-11-21T01:10 --until 2026-11-21T01:40"] {
            let words = |more: &str| -> Vec<String> {
                [command, window, more].join(" ").split_whitespace().map(str::to_owned).collect()
            };
            let sought = run(&words("--slack 1m"), &dir);
            assert_eq!(sought, run(&words("--no-seek"), &dir), "{command} {window}");
            assert!(sought.contains(said), "{command} {window}: {sought}");
        }
    }
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}
