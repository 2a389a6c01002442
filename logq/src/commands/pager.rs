//! Output through the user's pager: a command of the shell that reads what would have gone to the terminal.

use crate::{Status, complaint, escape};
use std::ffi::OsStr;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The pager of those who named none: it shows colours, and what fits on the terminal without waiting for a key.
pub const USUAL: &str = "less -FRX";

/// Bytes that are handed over together.
const BLOCK_BYTES: usize = 64 << 10;
/// What a shell says of a command that it may not run, or does not find.
const NOT_RUN: [i32; 2] = [126, 127];

/// Runs something whose output goes through a pager. A reader who leaves is no error; complaints are told when the
/// pager is gone, so that they do not stand in its picture. The first Ctrl-C sets what `run` is given: no more
/// is handed over then, but the pager may show what it has; a second one ends this as ever.
pub fn through(
    command: &OsStr,
    stderr: &mut dyn Write,
    run: impl FnOnce(&mut dyn Write, &mut dyn Write, &Arc<AtomicBool>) -> io::Result<Status>,
) -> io::Result<Status> {
    let name = command.to_string_lossy();
    let refused = |stderr: &mut dyn Write, why: &str| {
        complaint!(
            stderr,
            "the pager `{}` cannot be run{why}; LOGQ_PAGER or PAGER names it",
            escape::text(&name)
        );
        Ok(Status::Error)
    };
    let interrupted = on_interrupt()?;
    let mut child = match spawn(command) {
        Ok(child) => child,
        Err(error) => return refused(stderr, &format!(": {}", escape::text(&error.to_string()))),
    };
    let mut complaints = Vec::new();
    let ended = match child.stdin.take() {
        Some(stdin) => {
            let mut out =
                BufWriter::with_capacity(BLOCK_BYTES, Pipe { stdin, interrupted: Arc::clone(&interrupted) });
            let ended = run(&mut out, &mut complaints, &interrupted);
            Status::of_run(ended, &mut out)
        }
        None => Err(ErrorKind::BrokenPipe.into()),
    };
    let left = child.wait()?;
    let _nobody_left = stderr.write_all(&complaints);
    match ended {
        _ if left.code().is_some_and(|code| NOT_RUN.contains(&code)) => refused(stderr, ""),
        ended => ended,
    }
}

fn spawn(command: &OsStr) -> io::Result<Child> {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).stdin(Stdio::piped());
    // Who names less without options wants to see colours all the same.
    if std::env::var_os("LESS").is_none() {
        shell.env("LESS", "FRX");
    }
    shell.spawn()
}

/// Set by the first Ctrl-C; the second one ends the process, as the first one does elsewhere.
fn on_interrupt() -> io::Result<Arc<AtomicBool>> {
    use signal_hook::consts::SIGINT;
    let interrupted = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register_conditional_default(SIGINT, Arc::clone(&interrupted))?;
    signal_hook::flag::register(SIGINT, Arc::clone(&interrupted))?;
    Ok(interrupted)
}

/// What the pager reads, until somebody has enough.
struct Pipe<W> {
    stdin: W,
    interrupted: Arc<AtomicBool>,
}

impl<W: Write> Write for Pipe<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.interrupted.load(Ordering::Relaxed) {
            return Err(ErrorKind::BrokenPipe.into());
        }
        self.stdin.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stdin.flush()
    }
}
