//! Files that are renamed, truncated, deleted, replaced or full while a log writes to them: every
//! record is in exactly one of them, in whole lines.

use crate::lines::{read, records};
use crate::scale::scale;
use crate::support::{PATIENCE, infallible, request};
use crate::writer::{directory, requests};
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_access_log::{AccessLog, Rotation, Sink};

fn open(path: &Path) -> AccessLog {
    AccessLog::new("photos").sink(Sink::file(path).unwrap()).build().unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Waits for something that the writer does by itself.
fn wait_until(mut done: impl FnMut() -> bool) {
    let mut tries = 0;
    while !done() {
        std::thread::park_timeout(std::time::Duration::from_millis(2));
        tries += 1;
        assert!(tries < 10_000, "waited in vain");
    }
}

/// The numbers of the records in some files, in the files' order; fails at a line that is no record.
fn numbers(paths: &[PathBuf]) -> Vec<u64> {
    let text = |path| fs::read_to_string(path).unwrap();
    paths.iter().flat_map(|path| records(&text(path))).map(|(_, seq)| seq).collect()
}

/// Runs something while several threads write records; says how many they made.
fn under_load(log: &AccessLog, run: impl FnOnce()) -> u64 {
    let stop = AtomicBool::new(false);
    let produce = || {
        let service = log.layer().layer(service_fn(infallible));
        block_on(async {
            let mut made = 0;
            while !stop.load(Ordering::Relaxed) {
                service.clone().oneshot(request("GET", "/empty")).await.unwrap();
                made += 1;
                if made % 50 == 0 {
                    // The queue may not fill: what is dropped is in no file.
                    assert!(log.flush(PATIENCE).await);
                }
            }
            made
        })
    };
    std::thread::scope(|scope| {
        let producers: Vec<_> = (0..3).map(|_| scope.spawn(produce)).collect();
        // If it fails the producers still stop, so that the test ends.
        let ran = crate::support::caught(run);
        stop.store(true, Ordering::Relaxed);
        ran.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        producers.into_iter().map(|producer| producer.join().unwrap()).sum()
    })
}

/// What logrotate does with `create`: rename, then create, then perhaps ask for a new file.
#[test]
fn rename_and_create_lose_nothing() {
    let dir = directory("rename");
    let path = dir.join("access.log");
    let log = open(&path);
    let mut files: Vec<_> = (0..10 * scale()).map(|round| dir.join(format!("access.log.{round}"))).collect();
    let made = under_load(&log, || {
        for (round, old) in files.iter().enumerate() {
            wait_until(|| fs::metadata(&path).is_ok_and(|metadata| metadata.len() > 20_000));
            fs::rename(&path, old).unwrap();
            if round % 2 == 0 {
                // The writer may have made it a moment ago; who creates it does not truncate it.
                match fs::File::create_new(&path) {
                    Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                    made => drop(made.unwrap()),
                }
            }
            if round % 3 == 0 {
                log.reopen();
            }
        }
    });
    let report = log.shutdown_blocking(PATIENCE);
    assert_eq!((report.made, report.written, report.dropped), (made + 1, made + 1, 0));
    files.push(path);
    assert_eq!(numbers(&files), (1..=report.made).collect::<Vec<_>>(), "in order, over all files");
}

/// A file that is truncated in place starts anew at its beginning, without a hole of zeros, with whole
/// lines. What copytruncate itself may lose is what comes between its copy and its truncation.
#[test]
fn copytruncate_leaves_no_hole() {
    let path = directory("truncate").join("access.log");
    let log = open(&path);
    let mut copies = Vec::new();
    under_load(&log, || {
        for _ in 0..10 * scale() {
            wait_until(|| fs::metadata(&path).is_ok_and(|metadata| metadata.len() > 20_000));
            copies.push(fs::read_to_string(&path).unwrap());
            fs::File::options().write(true).open(&path).unwrap().set_len(0).unwrap();
        }
    });
    let report = log.shutdown_blocking(PATIENCE);
    assert_eq!((report.dropped, report.unflushed), (0, 0));
    copies.push(fs::read_to_string(&path).unwrap());
    let mut seen = BTreeMap::new();
    for copy in &copies {
        assert!(!copy.contains('\0'), "a hole");
        let whole = &copy[..copy.rfind('\n').map_or(0, |end| end + 1)];
        for (_, seq) in records(whole) {
            *seen.entry(seq).or_insert(0) += 1;
        }
    }
    assert!(seen.values().all(|times| *times == 1), "no record twice");
    assert_eq!(seen.keys().last(), Some(&report.made));
}

#[test]
fn a_deleted_file_is_made_again() {
    let path = directory("deleted").join("access.log");
    let log = open(&path);
    block_on(requests(&log, 2));
    assert!(log.flush_blocking(PATIENCE));
    fs::remove_file(&path).unwrap();
    // With nothing to write, on request.
    log.reopen();
    wait_until(|| path.exists());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777 & !0o640, 0);
    fs::remove_file(&path).unwrap();
    // By a flush.
    block_on(requests(&log, 1));
    assert!(log.flush_blocking(PATIENCE));
    assert_eq!(numbers(std::slice::from_ref(&path)), [3]);
    fs::remove_file(&path).unwrap();
    // By itself, within a second or two of writing.
    wait_until(|| {
        block_on(requests(&log, 1));
        path.exists()
    });
    assert_eq!(log.statistics().errors, 0);
}

/// What cannot be opened anew is no reason to lose records: the old file takes them, and the next
/// try may go well.
#[test]
fn a_path_that_cannot_be_opened_keeps_the_old_file() {
    let dir = directory("no-reopen");
    let (path, old) = (dir.join("access.log"), dir.join("old.log"));
    let log = open(&path);
    fs::rename(&path, &old).unwrap();
    std::os::unix::fs::symlink(&old, &path).unwrap();
    block_on(requests(&log, 3));
    assert!(log.flush_blocking(PATIENCE));
    assert_eq!(numbers(std::slice::from_ref(&old)), [1, 2, 3]);
    assert_eq!(log.statistics().errors, 1);
    fs::remove_file(&path).unwrap();
    block_on(requests(&log, 1));
    assert!(log.flush_blocking(PATIENCE));
    assert_eq!(numbers(&[path]), [4]);
}

/// Rotation by size under load: no file beyond its size, none beyond those that are kept, the newest
/// records in them, without a hole.
#[test]
fn a_full_file_is_rotated() {
    const BYTES_MAX: u64 = 10_000;
    let dir = directory("own-rotation");
    let path = dir.join("access.log");
    fs::write(&path, "{\"torn").unwrap();
    let sink = Sink::file(&path).unwrap().rotate(Rotation::new(BYTES_MAX, 3));
    let log = AccessLog::new("photos").sink(sink).build().unwrap();
    let made = under_load(&log, || wait_until(|| log.statistics().bytes_written > 20 * BYTES_MAX));
    let report = log.shutdown_blocking(PATIENCE);
    assert_eq!((report.made, report.written), (made + 1, made + 1));
    let mut names: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let files: Vec<_> = ["access.log.3", "access.log.2", "access.log.1", "access.log"]
        .iter()
        .map(|name| dir.join(name))
        .collect();
    assert_eq!(names, files.iter().rev().cloned().collect::<Vec<_>>());
    for file in &files {
        let len = fs::metadata(file).unwrap().len();
        assert!((1..=BYTES_MAX).contains(&len), "{len}");
    }
    let kept = numbers(&files);
    assert_eq!(kept, (report.made + 1 - kept.len() as u64..=report.made).collect::<Vec<_>>());
}

/// A gap in the numbers takes the next file, and a line longer than a file gets one of its own.
#[test]
fn rotation_keeps_what_it_may() {
    let dir = directory("rotation-gap");
    let path = dir.join("access.log");
    fs::write(dir.join("access.log.1"), "one\n").unwrap();
    fs::write(dir.join("access.log.3"), "three\n").unwrap();
    let log = AccessLog::new("photos")
        .sink(Sink::file(&path).unwrap().rotate(Rotation::new(1, 4)))
        .build()
        .unwrap();
    block_on(requests(&log, 2));
    assert!(log.flush_blocking(PATIENCE));
    let text = |number: u32| fs::read_to_string(dir.join(format!("access.log.{number}"))).unwrap();
    assert_eq!((text(2).as_str(), text(3).as_str()), ("one\n", "three\n"));
    assert_eq!(numbers(&[dir.join("access.log.1"), path.clone()]), [1, 2]);
    drop(log);

    let log = AccessLog::new("photos")
        .sink(Sink::file(&path).unwrap().rotate(Rotation::new(1, 0)))
        .build()
        .unwrap();
    block_on(requests(&log, 2));
    assert!(log.flush_blocking(PATIENCE));
    assert_eq!(numbers(&[path]), [2], "none is kept");
}

#[test]
fn what_others_could_replace_is_refused() {
    let dir = directory("modes");
    let mode = |mode| fs::set_permissions(&dir, fs::Permissions::from_mode(mode)).unwrap();
    let path = dir.join("access.log");
    let says = |reason: &str| {
        let error = Sink::file(&path).unwrap_err().to_string();
        assert_eq!(error, format!("access log {}: {reason}", path.display()));
    };
    mode(0o777);
    says("anybody may write to its directory, which has no sticky bit");
    assert!(!path.exists(), "and nothing was created");
    for fine in [0o1777, 0o775, 0o755] {
        mode(fine);
        drop(Sink::file(&path).unwrap());
    }
    fs::hard_link(&path, dir.join("other.log")).unwrap();
    says("has more than one name (hard links); a log has one");
}

/// A FIFO without a reader holds records up; it kills nobody, and a reader gets them all.
#[cfg(target_os = "linux")]
#[test]
fn a_fifo_waits_for_its_reader() {
    use std::io::Read as _;
    let path = directory("fifo").join("access.fifo");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let log = open(&path);
    // More than a pipe holds.
    block_on(requests(&log, 300));
    assert!(!log.flush_blocking(std::time::Duration::from_millis(50)), "the pipe is full");
    let report = std::thread::scope(|scope| {
        let reader = fs::File::open(&path).unwrap();
        let text = scope.spawn(move || {
            let mut text = String::new();
            std::io::BufReader::new(reader).read_to_string(&mut text).unwrap();
            text
        });
        let report = log.shutdown_blocking(PATIENCE);
        assert_eq!(records(&text.join().unwrap()).len(), 301);
        report
    });
    assert_eq!((report.written, report.dropped), (301, 0));
}

/// A file at its limit (`RLIMIT_FSIZE`: a short write, then EFBIG) keeps records waiting. When it is put
/// away they go on in the next one, and when it is emptied, in itself: the line that was cut begins anew.
#[cfg(target_os = "linux")]
#[test]
fn a_file_at_its_limit_is_put_away_or_emptied() {
    use crate::examples::{Running, address, ask, example, wait_for};
    const LIMIT: u64 = 64 * 1024;
    for is_emptied in [false, true] {
        let dir = directory(if is_emptied { "limit-emptied" } else { "limit" });
        let (path, old) = (dir.join("hello.log"), dir.join("old.log"));
        let mut hello = std::process::Command::new("bash");
        hello.args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\""]).arg(example("hello"));
        hello.env("LISTEN", "127.0.0.1:0").env("LOG", &path);
        let mut server = Running(hello.spawn().unwrap());
        let addr = address(&path, None);
        let len = || fs::metadata(&path).map_or(0, |metadata| metadata.len());
        while len() < LIMIT {
            let before = len();
            (0..10).for_each(|_| drop(ask(addr, "GET", "/ok", "filling")));
            wait_for("the file to grow", || (len() > before).then_some(()));
        }
        (0..10).for_each(|_| drop(ask(addr, "GET", "/ok", "waiting")));
        assert_eq!(len(), LIMIT);
        if is_emptied {
            fs::copy(&path, &old).unwrap();
            fs::File::options().write(true).open(&path).unwrap().set_len(0).unwrap();
        } else {
            fs::rename(&path, &old).unwrap();
        }
        wait_for("the rest", || {
            read(&path)
                .0
                .iter()
                .any(|(record, _)| record.request_id.as_deref() == Some("waiting"))
                .then_some(())
        });
        server.interrupt();
        let ((before, torn_before), (after, torn_after)) = (read(&old), read(&path));
        assert_eq!((torn_before, torn_after), (0, 0), "whole lines, but for the last of the full file");
        let seen: Vec<_> = before.iter().chain(&after).map(|(_, seq)| *seq).collect();
        assert_eq!(seen, (1..=seen.len() as u64).collect::<Vec<_>>(), "emptied: {is_emptied}");
        let stop = &after.last().unwrap().0;
        assert_eq!((stop.made, stop.dropped), (Some(seen.len() as u64), Some(0)));
    }
}
