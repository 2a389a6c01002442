//! The command on a terminal of its own: a pair of pseudo-terminal ends, of which it has one and the test the other.

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// No machine is so slow.
const DEADLINE: Duration = Duration::from_mins(1);
const COLUMNS: u16 = 60;
const LINES: u16 = 8;

/// The command at work, and what its terminal was told.
struct Terminal {
    child: Child,
    told: Receiver<Vec<u8>>,
    seen: String,
    ours: File,
}

impl Terminal {
    fn new(args: &[&str], variables: &[(&str, &str)], dir: &Path) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("there are terminals");
        grantpt(&ours).and_then(|()| unlockpt(&ours)).expect("it is ours");
        let ours = File::from(ours);
        resize(&ours, COLUMNS, LINES);
        let name = ptsname(&ours, Vec::new()).expect("it has a name").into_string().expect("in ASCII");
        let theirs = OpenOptions::new().read(true).write(true).open(name).expect("it can be opened");
        let end = || theirs.try_clone().expect("it can be shared");
        let child = Command::new(env!("CARGO_BIN_EXE_logq"))
            .args(args)
            .current_dir(dir)
            .env("XDG_CONFIG_HOME", dir.join("config"))
            .env("NO_COLOR", "1")
            .env_remove("LOGQ_PAGER")
            .env_remove("PAGER")
            .envs(variables.iter().copied())
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .expect("the command runs");
        let (sender, told) = channel();
        let mut reads = ours.try_clone().expect("it can be shared");
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // When nobody has the other end any more, that is an error here.
            while let Ok(count @ 1..) = reads.read(&mut bytes) {
                let _nobody_looks = sender.send(bytes[..count].to_vec());
            }
        });
        Self { child, told, seen: String::new(), ours }
    }

    /// Waits until this was told, and forgets all up to its end.
    fn expect(&mut self, text: &str) {
        loop {
            if let Some(at) = self.seen.find(text) {
                self.seen.drain(..at + text.len());
                return;
            }
            let Ok(bytes) = self.told.recv_timeout(DEADLINE) else {
                panic!("never told {text:?}, but {:?}", self.seen)
            };
            self.seen.push_str(&String::from_utf8_lossy(&bytes));
        }
    }

    fn interrupt(&self) {
        let kill = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(kill.expect("kill is there").success());
    }

    /// Its status, and what it told at last.
    fn end(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().expect("the command ends");
        for bytes in self.told {
            self.seen.push_str(&String::from_utf8_lossy(&bytes));
        }
        (status, self.seen.replace("\r\n", "\n"))
    }
}

fn resize(terminal: &File, columns: u16, lines: u16) {
    let size = Winsize { ws_row: lines, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(terminal, size).expect("it takes any size");
}

fn append(path: &Path, text: &str) {
    let file = OpenOptions::new().append(true).create(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).expect("a file can be written");
}

#[test]
fn a_table_grows_while_files_are_followed() {
    let dir = crate::fresh_dir("growing");
    let log = dir.join("app.log");
    append(&log, "{\"status\":200}\n");
    let mut terminal = Terminal::new(&["-f", "* | stats count() by status", "app.log"], &[], &dir);
    terminal.expect("status  count\r\n   200      1\r\n");
    append(&log, "{\"status\":200}\n{\"status\":500}\n");
    terminal.expect("\x1b[2A\r\x1b[Jstatus  count\r\n   200      2\r\n   500      1\r\n");
    let many: Vec<String> = (400..410).map(|status| format!("{{\"status\":{status}}}\n")).collect();
    append(&log, &many.concat());
    terminal.expect("\x1b[3A\r\x1b[Jstatus  count\r\n   200      2\r\n   400      1\r\n");
    terminal.expect("… 7 more lines; Ctrl-C prints them all\r\n");
    terminal.interrupt();
    let (status, last) = terminal.end();
    assert_eq!(status.code(), Some(0));
    assert!(last.starts_with("\x1b[7A\r\x1b[Jstatus  count\n   200      2\n"), "{last:?}");
    assert!(last.ends_with("   409      1\n   500      1\n"), "{last:?}");
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

#[test]
fn complaints_stand_above_a_table_that_grows() {
    let dir = crate::fresh_dir("growing-complaints");
    let log = dir.join("app.log");
    append(&log, "{\"status\":200}\n{\"status\":500}\n");
    let mut terminal =
        Terminal::new(&["-f", "* | stats count() by status", "app.log", "gone.log"], &[], &dir);
    terminal.expect("logq: gone.log: is not there yet; waiting for it\r\n");
    terminal.expect("status  count\r\n   200      1\r\n   500      1\r\n");
    fs::write(&log, "bad\n").expect("a file can be truncated");
    terminal.expect(
        "\x1b[3A\r\x1b[Jlogq: app.log: was truncated; it is read from its start\r\nstatus  count\r\n",
    );
    append(&log, "{\"status\":200}\n");
    terminal.expect("   200      2\r\n   500      1\r\n");
    terminal.interrupt();
    let (status, last) = terminal.end();
    assert_eq!(status.code(), Some(2));
    let table = "status  count\n   200      2\n   500      1\n     -      1\n";
    let expected = format!(
        "     -      1\n\x1b[4A\r\x1b[Jlogq: gone.log: was never there\n{table}\
         \x1b[4A\r\x1b[Jlogq: 1 bad of 4 examined, the first in app.log\n{table}"
    );
    assert_eq!(last, expected);
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

#[test]
fn a_chart_grows_too() {
    let dir = crate::fresh_dir("growing-chart");
    let log = dir.join("app.log");
    append(&log, "{\"ts\":\"2026-11-21T04:08:21Z\"}\n");
    let mut terminal = Terminal::new(&["-f", "* | timechart 1m", "app.log"], &[], &dir);
    terminal.expect("count\r\n");
    terminal.expect(" 1 █");
    append(&log, "{\"ts\":\"2026-11-21T04:09:21Z\"}\n{\"ts\":\"2026-11-21T04:09:22Z\"}\n");
    terminal.expect("A\r\x1b[J");
    terminal.expect(" 2 █");
    terminal.interrupt();
    let (status, last) = terminal.end();
    assert_eq!(status.code(), Some(0));
    assert!(last.contains("\x1b[J") && last.contains(" 2 █"), "{last:?}");
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

#[test]
fn rows_of_fields_come_while_files_are_followed() {
    let dir = crate::fresh_dir("growing-rows");
    let log = dir.join("app.log");
    append(&log, "{\"status\":200,\"n\":1}\n");
    let mut terminal = Terminal::new(&["-f", "--fields", "status,n", "*", "app.log"], &[], &dir);
    terminal.expect("status  n\r\n   200  1\r\n");
    append(&log, "{\"status\":500,\"n\":2}\n");
    terminal.expect("   500  2\r\n");
    terminal.interrupt();
    assert_eq!(terminal.end().0.code(), Some(0));
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

#[test]
fn a_pager_gets_what_a_terminal_would() {
    let dir = crate::fresh_dir("pager");
    append(&dir.join("app.log"), "{\"level\":\"warn\",\"n\":1}\n{\"n\":2}\n");
    append(&dir.join("bad.log"), "no shape\n");
    fs::create_dir_all(dir.join("config/logq")).expect("a directory can be made");
    let sed = [("PAGER", "sed s/^/p:/")];
    let own = [("PAGER", "false"), ("LOGQ_PAGER", "sed s/^/q:/")];
    let told_last = "no shape\nlogq: 1 bad of 1 examined, the first at bad.log:1\n";
    let refused = "logq: the pager `exit 127` cannot be run; LOGQ_PAGER or PAGER names it\n";
    for (args, variables, expected, code) in [
        (&["--pager", "n=1", "app.log"][..], &sed[..], "p:WARN  n=1\n", 0),
        (&["--pager", "n=1", "app.log"], &own, "q:WARN  n=1\n", 0),
        (
            &["--pager", "--color=always", "has n", "app.log"],
            &sed,
            "p:\x1b[33mWARN\x1b[0m  \x1b[2mn=\x1b[0m1\np:\x1b[2mn=\x1b[0m2\n",
            0,
        ),
        (&["--pager", "n=3", "app.log"], &sed, "", 1),
        (&["--pager", "n=1", "app.log"], &[("PAGER", "")], "WARN  n=1\n", 0),
        (&["n=1", "app.log"], &sed, "WARN  n=1\n", 0),
        (&["--pager", "*", "bad.log"], &[("PAGER", "cat")], told_last, 0),
        (&["--pager", "n=1", "app.log"], &[("PAGER", "exit 127")], refused, 2),
    ] {
        let (status, told) = Terminal::new(args, variables, &dir).end();
        assert_eq!((told.as_str(), status.code()), (expected, Some(code)), "{args:?} {variables:?}");
    }
    let (status, told) = Terminal::new(&["--pager", "-f", "n=1", "app.log"], &sed, &dir).end();
    assert!(status.code() == Some(2) && told.contains("'--pager' cannot be used with '--follow'"), "{told}");
    append(&dir.join("config/logq/config.toml"), "pager = true\n");
    for (args, expected) in
        [(&["n=2", "app.log"][..], "p:n=2\n"), (&["--no-pager", "n=2", "app.log"], "n=2\n")]
    {
        let (_, told) = Terminal::new(args, &[("PAGER", "sed s/^/p:/")], &dir).end();
        assert_eq!(told, expected, "{args:?}");
    }
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

#[test]
fn a_reader_who_leaves_a_pager_is_no_error_nor_is_ctrl_c() {
    let dir = crate::fresh_dir("pager-left");
    let lines: Vec<String> = (0..50_000).map(|n| format!("{{\"n\":{n}}}\n")).collect();
    append(&dir.join("app.log"), &lines.concat());
    let (status, told) = Terminal::new(&["--pager", "*", "app.log"], &[("PAGER", "head -1")], &dir).end();
    assert_eq!((status.code(), told.as_str()), (Some(0), "n=0\n"));
    let args = ["--pager", "*", "gone.log", "app.log"];
    let (status, told) = Terminal::new(&args, &[("PAGER", "head -1")], &dir).end();
    assert_eq!(status.code(), Some(2), "what could not be read is no matter of who reads on");
    assert!(told.starts_with("n=0\nlogq: gone.log: "), "{told:?}");
    // It reads only when it is told to, so that the command is still at work when it is interrupted.
    let pager = "echo ready; until test -e go; do :; done; tail -c +1 | wc -c; echo end";
    let mut terminal = Terminal::new(&["--pager", "*", "app.log"], &[("PAGER", pager)], &dir);
    terminal.expect("ready\r\n");
    terminal.interrupt();
    append(&dir.join("go"), "");
    terminal.expect("end\r\n");
    assert_eq!(terminal.end().0.code(), Some(0));
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

#[test]
fn a_table_that_grows_has_the_room_that_there_is_now() {
    let dir = crate::fresh_dir("growing-resized");
    let log = dir.join("app.log");
    let many: Vec<String> = (400..410).map(|status| format!("{{\"status\":{status}}}\n")).collect();
    append(&log, &many.concat());
    let mut terminal = Terminal::new(&["-f", "* | stats count() by status", "app.log"], &[], &dir);
    terminal.expect("… 5 more lines; Ctrl-C prints them all\r\n");
    resize(&terminal.ours, 12, 30);
    append(&log, "{\"status\":409,\"message\":\"x\"}\n");
    terminal.expect("status  cou…\r\n   400     …\r\n");
    terminal.expect("   409     …\r\n");
    resize(&terminal.ours, 80, 5);
    append(&log, "{\"status\":409}\n");
    terminal.expect("status  count\r\n   400      1\r\n");
    terminal.expect("… 8 more lines; Ctrl-C prints them all\r\n");
    terminal.interrupt();
    assert_eq!(terminal.end().0.code(), Some(0));
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

#[test]
fn one_ctrl_c_ends_a_pager_before_a_pipe_that_nobody_writes() {
    let dir = crate::fresh_dir("pager-silent");
    let pipe = dir.join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).arg(dir.join("other")).status();
    assert!(made.expect("mkfifo is there").success());
    let args = ["--pager", "*", "pipe"];
    // Nobody has opened it.
    for args in [&args[..], &["--pager", "--merge", "*", "pipe", "other"]] {
        let mut terminal = Terminal::new(args, &[("PAGER", "echo ready; cat")], &dir);
        terminal.expect("ready\r\n");
        terminal.interrupt();
        assert_eq!(terminal.end().0.code(), Some(1), "{args:?}");
    }
    // Somebody writes no more, but may.
    let mut terminal = Terminal::new(&args, &[("PAGER", "cat")], &dir);
    let mut writer = OpenOptions::new().write(true).open(&pipe).expect("it can be opened");
    writer.write_all(b"{\"n\":1}\n").expect("it can be written");
    terminal.expect("n=1\r\n");
    terminal.interrupt();
    assert_eq!(terminal.end().0.code(), Some(0));
    drop(writer);
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}
