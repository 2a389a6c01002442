//! The world around the command: a reader that leaves, a disk that is full, inputs that are no files.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

fn logq() -> Command {
    Command::new(env!("CARGO_BIN_EXE_logq"))
}

fn write_log(path: &Path, lines: usize) {
    let lines: Vec<String> = (0..lines).map(|n| format!("{{\"n\":{n},\"status\":200}}\n")).collect();
    fs::write(path, lines.concat()).expect("a file can be written");
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let dir = crate::fresh_dir("closed-pipe");
    write_log(&dir.join("app.log"), 50_000);
    assert_eq!(left_after_a_line(&["*", "app.log"], &dir), (Some(0), String::new()));
    for args in [&["*", "gone.log", "app.log"][..], &["* | sort n", "gone.log", "app.log"]] {
        let (status, stderr) = left_after_a_line(args, &dir);
        assert_eq!(status, Some(2), "an input that cannot be read is one: {args:?} {stderr}");
        assert!(stderr.starts_with("logq: gone.log: "), "{stderr}");
    }
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

/// The status, and what was told on standard error, where nobody reads on behind the first line.
fn left_after_a_line(args: &[&str], dir: &Path) -> (Option<i32>, String) {
    let mut child = logq()
        .args(args)
        .current_dir(dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs");
    let mut stdout = child.stdout.take().expect("stdout is a pipe");
    let mut first = [0; 22];
    stdout.read_exact(&mut first).expect("there is a first line");
    assert_eq!(&first, b"{\"n\":0,\"status\":200}\n{");
    drop(stdout);
    let output = child.wait_with_output().expect("the command ends");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_one() {
    let dir = crate::fresh_dir("full-disk");
    write_log(&dir.join("app.log"), 10);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    let output =
        logq().args(["*", "app.log"]).current_dir(&dir).stdout(full).output().expect("the command runs");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.starts_with("logq: cannot write: "), "{stderr}");
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

#[test]
#[cfg(unix)]
fn a_pipe_given_by_name_is_read_as_a_stream() {
    let mut child = logq()
        .args(["-c", "status=200", "/dev/stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command runs");
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    stdin.write_all(b"{\"status\":200}\n{\"status\":404}\n").expect("the command reads");
    drop(stdin);
    let output = child.wait_with_output().expect("the command ends");
    assert_eq!(output.stdout, b"1\n");
}

#[test]
#[cfg(unix)]
fn a_directory_is_walked_without_loops_and_counts_nothing_twice() {
    use std::os::unix::fs::symlink;
    let dir = crate::fresh_dir("links");
    fs::create_dir_all(dir.join("logs/sub")).expect("a directory can be made");
    write_log(&dir.join("logs/app.log.1"), 2);
    write_log(&dir.join("logs/sub/other.log"), 3);
    write_log(&dir.join("outside.log"), 5);
    symlink("app.log.1", dir.join("logs/current")).expect("a link can be made");
    symlink("..", dir.join("logs/sub/up")).expect("a link can be made");
    symlink("../outside.log", dir.join("logs/linked.log")).expect("a link can be made");
    symlink("nowhere", dir.join("logs/dangling")).expect("a link can be made");
    let output =
        logq().args(["-c", "--by-file", "*", "logs"]).current_dir(&dir).output().expect("the command runs");
    let counts = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(counts, "logs/app.log.1:2\nlogs/linked.log:5\nlogs/sub/other.log:3\n");
    assert_eq!(output.status.code(), Some(0));
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}
