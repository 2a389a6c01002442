//! Every file of `../shared/corpora` and `../shared/suites`, which are not part of the project: whatever
//! stands in them, the command ends in time, with a status of its own, and prints what it promises.

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
    let shared = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let mut files = Vec::new();
    for folder in ["corpora", "suites"] {
        let folder = shared.join(folder);
        if folder.is_dir() {
            list(&folder, &mut files);
        } else {
            // Not by `println!`, which the test runner keeps to itself.
            let skipped = format!(
                "skipped: {} is not there, so nothing of it is tested\n",
                folder.display()
            );
            std::io::stderr()
                .write_all(skipped.as_bytes())
                .expect("stderr can be written");
        }
    }
    files.sort();
    let dir = crate::fresh_dir("strangers");
    let (stdout, stderr) = (dir.join("stdout"), dir.join("stderr"));
    for file in &files {
        for args in [
            &["*"][..],
            &["-c", "level=error"],
            &["-o", "json", "*"],
            &["fields"],
            &["trace", "no-such-id"],
        ] {
            let status = run(args, file, &stdout, &stderr);
            let said = String::from_utf8_lossy(&fs::read(&stderr).expect("stderr was written")).into_owned();
            let place = format!(
                "logq {args:?} {}: status {status:?}, stderr: {said}",
                file.display()
            );
            assert!(
                matches!(status, Some(0..=2)) && !said.contains("panicked"),
                "{place}"
            );
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
    let suite = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/suites/JSONTestSuite");
    let mut files = Vec::new();
    if suite.is_dir() {
        list(&suite, &mut files);
    }
    for file in files {
        let name = file
            .file_name()
            .expect("a file has a name")
            .to_string_lossy()
            .into_owned();
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
    printed
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .all(|line| {
            line.trim_ascii_start().starts_with(b"{")
                && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
        })
}
