//! Real files that are written, renamed, truncated and made between two looks: no clock, no waiting.

mod in_parts;

use super::logs::Logs;
use super::*;
use crate::engine::{Continuing, Wants};
use crate::format::Formats;
use crate::query::{self, Query};
use crate::row::Row;
use crate::settings::Settings;
use jiff::tz::TimeZone;
use std::cell::{Cell, RefCell};
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

/// A directory that is gone after the test.
struct Dir(PathBuf);

impl Dir {
    fn new() -> Self {
        thread_local!(static COUNT: Cell<u32> = const { Cell::new(0) });
        let count = COUNT.replace(COUNT.get() + 1);
        let thread = std::thread::current().id();
        let path =
            std::env::temp_dir().join(format!("logq-follow-{}-{thread:?}-{count}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.0);
    }
}

fn append(path: &Path, text: &str) {
    OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

/// Lines, behind the last part of their file's name.
struct Lines<'c>(&'c RefCell<Vec<String>>);

impl Lines<'_> {
    fn push(&self, row: &Row<'_>, behind_name: char) {
        let file = row.origin.file.rsplit('/').next().unwrap();
        self.0.borrow_mut().push(format!("{file}{behind_name}{}", String::from_utf8_lossy(row.raw)));
    }
}

impl Sink for Lines<'_> {
    fn wants(&self) -> Wants {
        Wants::Lines
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        self.push(row, ':');
        Ok(())
    }

    fn near(&mut self, row: &Row<'_>) -> io::Result<()> {
        self.push(row, '-');
        Ok(())
    }
}

fn parsed(query: &str) -> Query {
    query::parse(query, &Settings { zone: TimeZone::UTC, now_us: 0, ignore_case: false }).unwrap()
}

/// What happens before a look, and the lines that it must show.
type Step<'s> = (&'s dyn Fn(&Dir), &'s [&'s str]);

const NONE: Already = Already::Last { rows: 0, within_bytes: u64::MAX };

/// Follows these names of a new directory; gives what was told, without the directory's name.
fn follow(names: &[&str], query: &str, already: Already, steps: &[Step<'_>]) -> (String, Report) {
    let dir = Dir::new();
    let paths: Vec<PathBuf> = names.iter().map(|name| dir.at(name)).collect();
    let (formats, query) = (Formats::looking(), parsed(query));
    let plan = Plan { query: Some(&query), continuing: Continuing::Shown, ..Plan::new(&paths, &formats) };
    let lines = RefCell::new(Vec::new());
    let mut stderr = Vec::new();
    let report = engine::parts(&plan, &mut Lines(&lines), &mut stderr, |parts| {
        let mut logs = Logs::new(&paths, already);
        for (number, (happens, expected)) in steps.iter().enumerate() {
            happens(&dir);
            logs.poll(parts)?;
            assert_eq!(lines.take(), *expected, "step {number}");
        }
        logs.end(parts);
        Ok(())
    });
    let told = String::from_utf8(stderr).unwrap().replace(&format!("{}/", dir.0.display()), "");
    (told, report.unwrap())
}

#[test]
fn lines_come_whole_and_once() {
    let (told, report) = follow(
        &["a"],
        "*",
        Already::All,
        &[
            (&|dir| append(&dir.at("a"), "one\ntw"), &["a:one"]),
            (&|_| {}, &[]),
            (&|dir| append(&dir.at("a"), "o"), &[]),
            (&|dir| append(&dir.at("a"), "\r\nthree\n\nfo"), &["a:two", "a:three", "a:"]),
            (&|dir| append(&dir.at("a"), "ur\n"), &["a:four"]),
        ],
    );
    assert_eq!((told.as_str(), report.matched, report.unreadable), ("", 5, false));
}

#[test]
fn a_renamed_file_is_read_to_its_end_before_the_new_one() {
    let (told, _) = follow(
        &["a"],
        "*",
        Already::All,
        &[
            (&|dir| append(&dir.at("a"), "one\n"), &["a:one"]),
            (
                &|dir| {
                    append(&dir.at("a"), "two\nthr");
                    fs::rename(dir.at("a"), dir.at("a.1")).unwrap();
                    append(&dir.at("a"), "new one\n");
                },
                &["a:two", "a:new one"],
            ),
            // Its writer notices late.
            (
                &|dir| {
                    append(&dir.at("a.1"), "ee\n");
                    append(&dir.at("a"), "new two\n");
                },
                &["a:three", "a:new two"],
            ),
            (&|dir| fs::rename(dir.at("a"), dir.at("a.2")).unwrap(), &[]),
            (&|dir| append(&dir.at("a.2"), "new three\n"), &["a:new three"]),
            (&|dir| append(&dir.at("a"), "newest\n"), &["a:newest"]),
        ],
    );
    assert_eq!(told, "");
}

#[test]
fn a_torn_line_of_a_file_that_was_left_is_not_lost() {
    let nothing: Step<'_> = (&|_| {}, &[]);
    let mut steps: Vec<Step<'_>> = vec![
        (&|dir| append(&dir.at("a"), "one\ntorn"), &["a:one"]),
        (&|dir| fs::remove_file(dir.at("a")).unwrap(), &[]),
    ];
    // The look at which it is gone is the first in vain.
    steps.extend(std::iter::repeat_n(nothing, 48));
    steps.push((&|dir| append(&dir.at("a"), "new\n"), &["a:torn", "a:new"]));
    assert_eq!(follow(&["a"], "*", Already::All, &steps).0, "");
}

#[test]
fn a_truncated_file_is_read_from_its_start() {
    let told = "logq: a: was truncated; it is read from its start\n";
    let write = |text: &'static str| move |dir: &Dir| fs::write(dir.at("a"), text).unwrap();
    let (one, shorter, longer, same) =
        (write("one\ntwo\n"), write("new\n"), write("other\nand more\n"), write("third\nand less\n"));
    let (said, _) = follow(
        &["a"],
        "*",
        Already::All,
        &[
            (&one, &["a:one", "a:two"]),
            (&shorter, &["a:new"]),
            (&longer, &["a:other", "a:and more"]),
            (&same, &["a:third", "a:and less"]),
            (&|dir| append(&dir.at("a"), "on\n"), &["a:on"]),
            (&|dir| fs::write(dir.at("a"), "").unwrap(), &[]),
        ],
    );
    assert_eq!(said, told.repeat(4));
}

#[test]
fn a_file_may_come_late_and_go() {
    let (told, report) = follow(
        &["a", "b", "never"],
        "*",
        NONE,
        &[
            (&|dir| append(&dir.at("a"), "old\n"), &[]),
            (&|dir| append(&dir.at("b"), "late\n"), &["b:late"]),
            (&|dir| fs::remove_file(dir.at("b")).unwrap(), &[]),
            (
                &|dir| {
                    append(&dir.at("b"), "again\n");
                    append(&dir.at("a"), "new\n");
                },
                &["a:new", "b:again"],
            ),
        ],
    );
    assert_eq!(
        told,
        "logq: b: is not there yet; waiting for it\nlogq: never: is not there yet; waiting for it\n\
         logq: never: was never there\n"
    );
    assert!(report.unreadable);
}

#[test]
fn a_directory_stands_for_the_files_that_are_written_in_it() {
    let (told, _) = follow(
        &[""],
        "*",
        NONE,
        &[
            (
                &|dir| {
                    append(&dir.at("a.log"), "old\n");
                    append(&dir.at("a.log.1"), "older\n");
                },
                &[],
            ),
            (&|dir| append(&dir.at("b.log"), "b\n"), &["b.log:b"]),
            (
                &|dir| {
                    append(&dir.at("a.log.1"), "nobody follows\n");
                    fs::rename(dir.at("b.log"), dir.at("b.old.log")).unwrap();
                    append(&dir.at("b.old.log"), "renamed\n");
                },
                &["b.old.log:renamed"],
            ),
            (
                &|dir| {
                    fs::rename(dir.at("a.log"), dir.at("a.log.2")).unwrap();
                    append(&dir.at("a.log.2"), "last\n");
                    append(&dir.at("a.log"), "first\n");
                },
                &["a.log:last", "a.log:first"],
            ),
        ],
    );
    assert_eq!(told, "");
}

#[test]
fn a_pattern_stands_for_the_files_that_match_it_also_for_late_ones() {
    let (told, report) = follow(
        &["*.log"],
        "*",
        Already::All,
        &[
            (&|_| {}, &[]),
            (&|dir| append(&dir.at("a.log"), "one\n"), &["a.log:one"]),
            (&|dir| append(&dir.at("b.txt"), "other\n"), &[]),
            (&|dir| append(&dir.at("b.log"), "two\n"), &["b.log:two"]),
            (&|dir| append(&dir.at("a.log"), "three\n"), &["a.log:three"]),
            (
                &|dir| {
                    fs::rename(dir.at("a.log"), dir.at("a.log.1")).unwrap();
                    append(&dir.at("a.log"), "four\n");
                },
                &["a.log:four"],
            ),
        ],
    );
    assert_eq!((told.as_str(), report.matched), ("logq: *.log: nothing matches yet; waiting for it\n", 4));
    assert!(!report.unreadable);
}

#[test]
#[cfg(unix)]
fn a_file_with_two_names_is_read_once() {
    let (told, _) = follow(
        &["a", "b"],
        "*",
        Already::All,
        &[
            (
                &|dir| {
                    append(&dir.at("a"), "one\n");
                    fs::hard_link(dir.at("a"), dir.at("b")).unwrap();
                },
                &["a:one"],
            ),
            (&|dir| append(&dir.at("b"), "two\n"), &["a:two"]),
            (&|dir| fs::remove_file(dir.at("a")).unwrap(), &[]),
            (&|dir| append(&dir.at("b"), "three\n"), &["b:three"]),
        ],
    );
    assert_eq!(told, "");
}

#[test]
fn filters_and_heads_hold_while_following() {
    let log = "{\"n\":1,\"status\":500}\n{\"n\":2,\"status\":200}\n";
    let (_, report) = follow(
        &["a"],
        "status>=500 | head 2",
        Already::All,
        &[
            (&|dir| append(&dir.at("a"), log), &["a:{\"n\":1,\"status\":500}"]),
            (&|dir| append(&dir.at("a"), &log.repeat(3)), &["a:{\"n\":1,\"status\":500}"]),
            (&|dir| append(&dir.at("a"), log), &[]),
        ],
    );
    assert_eq!(report.matched, 2);
}

#[test]
#[cfg(unix)]
fn what_cannot_be_followed_is_told_once() {
    let (told, report) = follow(
        &["packed.gz", "device"],
        "*",
        NONE,
        &[
            (
                &|dir| {
                    fs::write(dir.at("packed.gz"), b"\x1f\x8b\x08\0\0\0\0\0\0\0").unwrap();
                    std::os::unix::fs::symlink("/dev/null", dir.at("device")).unwrap();
                },
                &[],
            ),
            (&|_| {}, &[]),
        ],
    );
    assert_eq!(
        told,
        "logq: packed.gz: is packed; it can only be read from its start, without -f and -n\n\
         logq: device: is no regular file; it is read as it comes without -f and -n\n"
    );
    assert!(report.unreadable);
}

/// The last rows of a file of 1000 lines, of which every tenth has the status 500, in blocks of so many bytes.
fn last_rows(query: &str, already: Already, block_bytes: usize) -> Vec<u32> {
    let dir = Dir::new();
    let line =
        |n: u32| format!("{{\"n\":{n},\"status\":{}}}\n", if n.is_multiple_of(10) { 500 } else { 200 });
    let log: String = (0..1000).map(line).collect();
    // The last line has no end: whoever does not follow sees it.
    fs::write(dir.at("a"), log.trim_end()).unwrap();
    let (paths, formats, query) = ([dir.at("a")], Formats::looking(), parsed(query));
    let mut plan = Plan { query: Some(&query), ..Plan::new(&paths, &formats) };
    plan.sizes.block_bytes = block_bytes;
    let lines = RefCell::new(Vec::new());
    last(&plan, already, &mut Lines(&lines), &mut Vec::new()).unwrap();
    let number = |line: &String| line.split([':', ',']).nth(2).unwrap().parse().unwrap();
    lines.borrow().iter().map(number).collect()
}

#[test]
fn the_last_rows_are_those_of_a_whole_reading() {
    for block_bytes in [64, 100, 1000, 256 << 10] {
        for rows in [0, 1, 7, 99, 100, 101, 2000] {
            for (query, all) in [("*", (0..1000).collect()), ("status=500", (0..1000).step_by(10).collect())]
            {
                let all: Vec<u32> = all;
                let wanted = usize::try_from(rows).unwrap();
                let expected = &all[all.len().saturating_sub(wanted)..];
                let found = last_rows(query, Already::Last { rows, within_bytes: u64::MAX }, block_bytes);
                assert_eq!(found, expected, "{query}, {rows} rows, blocks of {block_bytes}");
            }
        }
    }
}

#[test]
fn rare_rows_are_not_looked_for_further_than_asked() {
    let found = last_rows("n<500", Already::Last { rows: 1, within_bytes: 1000 }, 100);
    assert_eq!(found, [] as [u32; 0]);
    assert_eq!(last_rows("n<500", Already::Last { rows: 1, within_bytes: u64::MAX }, 100), [499]);
}

#[test]
fn following_ends_when_it_is_wished() {
    let dir = Dir::new();
    append(&dir.at("a"), "one\n");
    let (paths, formats) = ([dir.at("a")], Formats::looking());
    let stop = Stop::default();
    stop.wish();
    let lines = RefCell::new(Vec::new());
    let plan = Plan::new(&paths, &formats);
    run(&plan, Already::All, &stop, &mut Lines(&lines), &mut Vec::new()).unwrap();
    assert_eq!(lines.take(), ["a:one"]);
}
