//! `logq trace -f`: a request that is drawn while it happens, in a pipe at its end, and on a pseudo-terminal over and
//! over in the same place.

use crate::following::{DEADLINE, append};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::{self, File, OpenOptions};
use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

const START: &str = r#"{"kind":"start","ts":"2026-11-21T04:00:00.000Z","service":"gateway","request_id":"r1","trace_id":"t1","span_id":"a1","method":"GET","path":"/photos","route":"/photos"}"#;
const EVENT: &str = r#"{"kind":"event","ts":"2026-11-21T04:00:00.010Z","level":"warn","service":"gateway","request_id":"r1","trace_id":"t1","span_id":"a1","message":"cache miss"}"#;
/// It has only the trace id.
const BELOW: &str = r#"{"kind":"access","ts":"2026-11-21T04:00:00.080Z","service":"search","trace_id":"t1","span_id":"b1","parent_id":"a1","method":"POST","route":"/query","status":200,"duration_us":50000}"#;
const END: &str = r#"{"kind":"access","ts":"2026-11-21T04:00:00.100Z","service":"gateway","request_id":"r1","trace_id":"t1","span_id":"a1","method":"GET","path":"/photos","route":"/photos","status":200,"duration_us":100000}"#;
const OTHER: &str = r#"{"kind":"access","ts":"2026-11-21T04:00:00.100Z","service":"gateway","request_id":"r2","trace_id":"t2","span_id":"a2","method":"GET","route":"/other","status":200,"duration_us":100000}"#;

fn log(path: &Path, lines: &[&str]) {
    for line in lines {
        append(path, &format!("{line}\n"));
    }
}

fn watching(dir: &Path, stdout: Stdio) -> Child {
    watching_of(&["r1", "gateway.log", "search.log"], dir, (stdout, Stdio::null()))
}

fn watching_of(words: &[&str], dir: &Path, (stdout, stderr): (Stdio, Stdio)) -> Child {
    Command::new(env!("CARGO_BIN_EXE_logq"))
        .args(["trace", "-f"])
        .args(words)
        .current_dir(dir)
        .env("XDG_CONFIG_HOME", dir)
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(stderr)
        .spawn()
        .expect("the command runs")
}

fn interrupt(child: &Child) {
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("kill is there").success());
}

#[test]
#[cfg(unix)]
fn in_a_pipe_it_is_drawn_when_it_is_over() {
    let dir = crate::fresh_dir("watching-pipe");
    let (gateway, search) = (dir.join("gateway.log"), dir.join("search.log"));
    // What has only the trace id stands before what leads from the request id to it.
    log(&search, &[BELOW]);
    log(&gateway, &[OTHER, START, EVENT]);
    let child = watching(&dir, Stdio::piped());
    log(&gateway, &[END]);
    let output = child.wait_with_output().expect("it ends by itself");
    let picture = String::from_utf8(output.stdout).expect("a picture is text");
    assert_eq!(output.status.code(), Some(0), "{picture}");
    assert!(
        picture.starts_with("r1  GET /photos → 200 in 100.0 ms   began 2026-11-21 04:00:00.000Z\n"),
        "{picture}"
    );
    for text in ["search   POST /query", "cache miss"] {
        assert_eq!(picture.matches(text).count(), 1, "{text}: {picture}");
    }
    assert!(!picture.contains('\u{1b}') && !picture.contains("/other"), "{picture}");
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

#[test]
#[cfg(unix)]
fn ctrl_c_draws_what_there_is() {
    let dir = crate::fresh_dir("watching-ctrl-c");
    log(&dir.join("gateway.log"), &[START, EVENT]);
    log(&dir.join("search.log"), &[OTHER]);
    let mut terminal = Terminal::new(80, 24);
    let mut child = watching(&dir, terminal.end());
    terminal.until("cache miss");
    interrupt(&child);
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    let shown = terminal.rest();
    assert_eq!(shown.matches("cache miss").count(), 1, "{shown}");
    assert!(shown.contains("no end"), "{shown}");
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

#[test]
#[cfg(unix)]
fn on_a_terminal_each_picture_takes_the_place_of_the_last() {
    let dir = crate::fresh_dir("watching-terminal");
    let (gateway, search) = (dir.join("gateway.log"), dir.join("search.log"));
    log(&search, &[OTHER]);
    let mut terminal = Terminal::new(80, 24);
    let mut child = watching(&dir, terminal.end());
    terminal.until("waiting for records of `r1`");
    log(&gateway, &[START]);
    terminal.until("no end");
    log(&gateway, &[EVENT]);
    terminal.until("cache miss");
    log(&search, &[BELOW]);
    terminal.until("POST /query");
    log(&gateway, &[END]);
    terminal.until("→ 200 in 100.0 ms");
    assert_eq!(child.wait().expect("it ends by itself").code(), Some(0));
    let shown = terminal.rest();
    // Whatever was drawn on the way, this is all that stands there now.
    assert_eq!(shown.matches("GET /photos").count(), 2, "heading and hop: {shown}");
    assert!(!shown.contains("waiting") && !shown.contains("no end"), "{shown}");
    for text in ["POST /query", "cache miss", "→ 200 in 100.0 ms"] {
        assert_eq!(shown.matches(text).count(), 1, "{text}: {shown}");
    }
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

#[test]
#[cfg(unix)]
fn complaints_stay_on_the_terminal() {
    let dir = crate::fresh_dir("watching-complaints");
    log(&dir.join("gateway.log"), &[OTHER]);
    let mut terminal = Terminal::new(80, 24);
    let ends = (terminal.shared_end(), terminal.end());
    let mut child = watching_of(&["r1", "gateway.log", "gone.log"], &dir, ends);
    terminal.until("gone.log: is not there yet");
    interrupt(&child);
    assert_eq!(child.wait().expect("it ends").code(), Some(2));
    let shown = terminal.rest();
    let told = "logq: gone.log: is not there yet; waiting for it\nlogq: gone.log: was never there\n\
                logq: no record has the request id or trace id `r1`\n";
    assert_eq!(shown, told);
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

#[test]
#[cfg(unix)]
fn what_a_further_reading_complains_of_is_told() {
    let dir = crate::fresh_dir("watching-further");
    log(&dir.join("gateway.log"), &[BELOW, START]);
    let mut terminal = Terminal::new(80, 24);
    let ends = (terminal.shared_end(), terminal.end());
    let mut child = watching_of(&["r1", "gateway.log", "gone.log"], &dir, ends);
    // It has only the id to which the first reading led.
    terminal.until("POST /query");
    interrupt(&child);
    assert_eq!(child.wait().expect("it ends").code(), Some(2));
    let shown = terminal.rest();
    for told in ["is not there yet", "was never there", "POST /query"] {
        assert_eq!(shown.matches(told).count(), 1, "{told}: {shown}");
    }
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

/// A pseudo-terminal, and what is shown on it.
struct Terminal {
    /// The end of the program, until it has it.
    end: Option<File>,
    came: Receiver<Vec<u8>>,
    written: Vec<u8>,
}

impl Terminal {
    fn new(columns: u16, lines: u16) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("there are pseudo-terminals");
        grantpt(&ours).and_then(|()| unlockpt(&ours)).expect("it can be used");
        let size = Winsize { ws_row: lines, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&ours, size).expect("it has a size");
        let name = ptsname(&ours, Vec::new()).expect("it has a name");
        let name = name.to_str().expect("it is a path");
        let end = OpenOptions::new().read(true).write(true).open(name).expect("it can be opened");
        let (sender, came) = channel();
        let mut ours = File::from(ours);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // An error is that nobody has the other end any more.
            while let Ok(count @ 1..) = ours.read(&mut bytes) {
                let _nobody_looks = sender.send(bytes[..count].to_vec());
            }
        });
        Self { end: Some(end), came, written: Vec::new() }
    }

    fn shared_end(&self) -> Stdio {
        self.end.as_ref().and_then(|end| end.try_clone().ok()).expect("it can be shared").into()
    }

    fn end(&mut self) -> Stdio {
        self.end.take().expect("it is given once").into()
    }

    /// Waits until this is shown.
    fn until(&mut self, text: &str) {
        while !self.shown().contains(text) {
            let bytes = self.came.recv_timeout(DEADLINE);
            self.written.extend(bytes.unwrap_or_else(|_| panic!("{text} does not come: {}", self.shown())));
        }
    }

    /// What is shown when nobody writes any more.
    fn rest(mut self) -> String {
        while let Ok(bytes) = self.came.recv_timeout(DEADLINE) {
            self.written.extend(bytes);
        }
        self.shown()
    }

    /// The lines on the terminal: of controls it knows those that are used, going up to the beginning of a line and
    /// taking away what is below.
    fn shown(&self) -> String {
        let text = String::from_utf8_lossy(&self.written).replace('\r', "");
        let mut lines: Vec<String> = vec![String::new()];
        let mut rest = text.as_str();
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            match c {
                '\n' => lines.push(String::new()),
                '\x1b' => {
                    let Some((up, behind)) =
                        rest.strip_prefix('[').and_then(|rest| rest.split_once("A\x1b[J"))
                    else {
                        // The rest of it has not come yet.
                        break;
                    };
                    let up: usize = up.parse().expect("so many lines");
                    lines.truncate(lines.len() - 1 - up);
                    lines.push(String::new());
                    rest = behind;
                }
                _ => lines.last_mut().expect("there is always one").push(c),
            }
        }
        lines.join("\n")
    }
}
