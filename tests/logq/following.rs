//! The command while its files are written: lines come through a pipe as soon as they are whole, and
//! Ctrl-C ends it like the end of the files.

use std::fs::{self, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// No machine is so slow.
pub(crate) const DEADLINE: Duration = Duration::from_mins(1);

/// The command at work, and its lines as they come.
struct Following {
    child: Child,
    lines: Receiver<String>,
}

impl Following {
    fn new(args: &[&str], dir: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_logq"))
            .args(args)
            .current_dir(dir)
            .env("XDG_CONFIG_HOME", dir)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the command runs");
        let stdout = BufReader::new(child.stdout.take().expect("stdout is a pipe"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines() {
                let _nobody_reads = sender.send(line.expect("lines are text"));
            }
        });
        Self { child, lines }
    }

    fn expect(&self, lines: &[&str]) {
        for line in lines {
            assert_eq!(self.lines.recv_timeout(DEADLINE).expect("a line comes"), *line);
        }
    }

    /// Its status, and that it says nothing more.
    fn interrupt(mut self) -> Option<i32> {
        let kill = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(kill.expect("kill is there").success());
        let status = self.child.wait().expect("the command ends");
        assert_eq!(self.lines.iter().collect::<Vec<_>>(), [] as [&str; 0]);
        status.code()
    }
}

pub(crate) fn append(path: &Path, text: &str) {
    let file = OpenOptions::new().append(true).create(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).expect("a file can be written");
}

#[test]
#[cfg(unix)]
fn lines_come_at_once_through_rotation_and_truncation() {
    let dir = crate::fresh_dir("following");
    let (a, b) = (dir.join("a.log"), dir.join("b.log"));
    append(&a, "zero\none x\n");
    let following = Following::new(&["-f", "-H", "-n1", "x", "a.log", "b.log"], &dir);
    following.expect(&["a.log:one x"]);
    append(&a, "not this\ntwo ");
    append(&b, "late x\n");
    following.expect(&["b.log:late x"]);
    append(&a, "x\n");
    following.expect(&["a.log:two x"]);
    fs::rename(&a, dir.join("a.log.1")).expect("a file can be renamed");
    append(&dir.join("a.log.1"), "three x\n");
    following.expect(&["a.log:three x"]);
    append(&a, "four x\n");
    following.expect(&["a.log:four x"]);
    fs::write(&b, "five x\n").expect("a file can be written");
    following.expect(&["b.log:five x"]);
    assert_eq!(following.interrupt(), Some(0));
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

#[test]
#[cfg(unix)]
fn a_head_that_has_enough_ends_it() {
    let dir = crate::fresh_dir("following-head");
    let seen = dir.join("seen.log");
    append(&dir.join("a.log"), "one\n");
    append(&seen, "mark\n");
    let following = Following::new(&["-f", "mark | head 1", "a.log", "seen.log"], &dir);
    following.expect(&["mark"]);
    let mut child = following.child;
    assert_eq!(child.wait().expect("a head ends it").code(), Some(0));
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

#[test]
#[cfg(unix)]
fn one_ctrl_c_ends_a_pipe_that_never_stops_behind_what_was_read() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_logq"))
        .args(["-f", "-o", "csv", "* | stats count()"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command runs");
    let mut pipe = child.stdin.take().expect("stdin is a pipe");
    let (sender, written) = channel();
    std::thread::spawn(move || {
        let lines = "{\"n\":1}\n".repeat(1 << 10);
        while pipe.write_all(lines.as_bytes()).is_ok() {
            let _nobody_counts = sender.send(1 << 10);
        }
    });
    let mut lines = 0;
    while lines < 128 << 10 {
        lines += written.recv_timeout(DEADLINE).expect("the command reads");
    }
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("kill is there").success());
    let output = child.wait_with_output().expect("the command ends");
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let counted: Option<u64> = stdout.lines().nth(1).and_then(|count| count.parse().ok());
    // So many of these lines a pipe holds that nobody has read.
    assert!(counted.is_some_and(|counted| counted >= lines - (64 << 10) / 8), "{stdout} of {lines}");
    assert_eq!(output.status.code(), Some(0));
}
