//! The `logq` command from outside: the real binary on real files.

/// Small text files, each a command line and what must come of it.
mod cases;
/// Charts of a log with deploys: the page about them, and pictures in a browser.
mod charts;
/// Real services, their files, and the command.
mod end_to_end;
/// Files that are written while they are read.
mod following;
/// Lines that nobody should write.
mod hostile;
/// Files that are put through stages in parts.
mod in_parts;
/// The logs of those services.
mod incident;
/// Packed, hostile and endless inputs.
mod inputs;
/// Texts that have broken things elsewhere.
mod naughty;
/// Output without what differs from run to run.
mod normal;
/// The command on a real terminal: tables that grow, and pagers.
#[cfg(target_os = "linux")]
mod on_terminal;
/// What the page for whoever runs a service shows.
mod operate;
/// Random queries against a naive evaluator.
mod oracle;
/// The HTML page of a trace in a browser.
mod page;
/// Pipes that close, disks that are full, inputs that are no files.
mod pipes;
/// What a terminal shows of records, at several widths, with and without colour.
mod pretty;
/// What the README shows.
mod readme;
/// Requests that a query finds.
mod requests;
/// What is written is what is read.
mod round_trip;
/// How big the tests are.
#[path = "../scale.rs"]
mod scale;
/// Lines against the schema of the record.
#[path = "../schema.rs"]
mod schema;
/// Logs and test vectors that nobody here wrote.
mod strangers;
/// One line of every system.
mod systems;
/// What is shown on a terminal, run in-process.
mod terminal;
/// Files for viewers of traces, held against their format.
mod trace_events;
/// A request that is drawn while it happens, also on a pseudo-terminal.
mod watching;
/// What the schema refuses.
mod what_is_no_record;
/// Causes that are planted, and found.
mod why;

use std::path::PathBuf;

/// A new empty directory of this name, below the build's own.
fn fresh_dir(name: &str) -> PathBuf {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("logq-{name}-{}", std::process::id()));
    if dir.exists() {
        std::fs::remove_dir_all(&dir).expect("an old directory can be removed");
    }
    std::fs::create_dir_all(&dir).expect("a directory can be made");
    dir
}
