//! The `logq` command: arguments, run, exit status.

use std::io::{self, BufWriter};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut stdout = BufWriter::with_capacity(64 << 10, io::stdout().lock());
    let mut stderr = io::stderr().lock();
    let around = logq::Surroundings::of_process();
    logq::run(std::env::args_os(), &around, &mut stdout, &mut stderr).into()
}
