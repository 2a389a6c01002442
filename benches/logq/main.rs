//! How fast the `logq` command answers, beside `rg -c` with the id of one request as its literal.
//!
//!     cargo bench -p logq --bench logq [-- --smoke | --quick] [-- --bytes-mib N] [-- --rounds N] [-- --peers]
//!
//! With `--peers` other programs that are installed answer the same questions, and there is a table for the README.
//! The files are made by the generator and stay in the target folder for the next run. Everything is
//! read once before the clock runs, so what is measured is the disk cache's speed, not the disk's.
//! Commands take turns, so that a busy minute of the machine hits all alike; what counts is the median
//! of each. rg runs with and without `--no-mmap`, and the better of both is the measure. For packed
//! files it is the unpacking alone, in this process and by the very decoder that logq has.

mod cases;
mod data;
mod peers;
mod runs;
mod table;

#[path = "../generate/files.rs"]
mod files;
#[expect(dead_code, reason = "not every form and option is measured")]
#[path = "../generate/records/mod.rs"]
mod records;

use runs::Runs;
use std::io::{self, Write as _};
use std::process::{Command, ExitCode};

/// Peers are asked in no more rounds: some take a hundred times as long.
const PEER_ROUNDS_MAX: u64 = 3;

fn main() -> ExitCode {
    match bench() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _nobody_left = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn bench() -> io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    let is_smoke = has("--smoke") || has("--test");
    let mib = number_after(&args, "--bytes-mib").unwrap_or(if is_smoke { 16 } else { 1024 });
    let rounds = match (is_smoke, has("--quick")) {
        (true, _) => 3,
        (false, true) => 5,
        (false, false) => 11,
    };
    let rounds = number_after(&args, "--rounds").unwrap_or(rounds).max(1);
    let data = data::data(mib)?;
    let cases = cases::cases(&data);
    let peers = if has("--peers") { peers::installed(&data) } else { Vec::new() };
    let mut runs = Runs::new(cases.len(), peers.len(), Command::new("rg").arg("--version").output().is_ok());
    for round in 0..rounds {
        runs.round(&data, &cases)?;
        if round < PEER_ROUNDS_MAX {
            runs.peers(&peers)?;
        }
    }
    table::text(&cases, &mut runs, mib, rounds)?;
    if peers.is_empty() { Ok(()) } else { table::markdown(&cases, &peers, &mut runs, mib) }
}

fn number_after(args: &[String], flag: &str) -> Option<u64> {
    let at = args.iter().position(|arg| arg == flag)?;
    args.get(at + 1)?.parse().ok()
}
