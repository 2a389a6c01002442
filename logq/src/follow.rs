//! Files read from their end, and while they are written: through renaming, truncation, a new file in the
//! old one's place, and files that are not there yet. Files are looked at again and again, at an interval:
//! that works on every file system. Only whole lines are given out.

mod logs;
mod stop;
mod tail;
#[cfg(test)]
mod tests;

pub use stop::Stop;

use crate::engine::{self, Plan, Report, Sink};
use crate::input;
use logs::Logs;
use std::io::{self, Write};
use std::time::Duration;
use tail::{Tail, Torn};

/// How often followed files are looked at.
pub const INTERVAL: Duration = Duration::from_millis(200);

/// What is read of what a file has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Already {
    /// All of it.
    All,
    /// So many of the last rows that are found in it; they are looked for from its end.
    Last {
        /// How many.
        rows: u64,
        /// No further from the end than about so many bytes.
        within_bytes: u64,
    },
}

/// Reads the end of each file. An error is one of the sink.
pub fn last(
    plan: &Plan<'_>,
    already: Already,
    sink: &mut dyn Sink,
    stderr: &mut dyn Write,
) -> io::Result<Report> {
    engine::parts(plan, sink, stderr, |parts| {
        for found in input::expand(plan.paths) {
            if parts.is_done() {
                break;
            }
            let (name, error) = match found {
                Ok(source) => match Tail::of_source(&source) {
                    Ok(mut tail) => {
                        tail.start(parts, &source.name(), already, Torn::Counts);
                        tail.finish(parts, &source.name())?;
                        continue;
                    }
                    Err(error) => (source.name(), error),
                },
                Err(problem) => problem,
            };
            parts.unreadable(&name, &error);
        }
        Ok(())
    })
}

/// Reads what the files have already, and then what is written, until it is stopped or every stage has
/// enough. An error is one of the sink.
pub fn run(
    plan: &Plan<'_>,
    already: Already,
    stop: &Stop,
    sink: &mut dyn Sink,
    stderr: &mut dyn Write,
) -> io::Result<Report> {
    run_while(plan, already, stop, &|| true, sink, stderr)
}

/// The same while it goes on, which is asked after each look at the files.
pub fn run_while(
    plan: &Plan<'_>,
    already: Already,
    stop: &Stop,
    goes_on: &dyn Fn() -> bool,
    sink: &mut dyn Sink,
    stderr: &mut dyn Write,
) -> io::Result<Report> {
    let plan = Plan { stop: Some(stop.flag()), ..*plan };
    engine::parts(&plan, sink, stderr, |parts| {
        let mut logs = Logs::new(plan.paths, already);
        loop {
            logs.poll(parts)?;
            parts.pause()?;
            if !goes_on() {
                return Ok(());
            }
            if parts.is_done() || stop.comes_within(INTERVAL) {
                logs.end(parts);
                return Ok(());
            }
        }
    })
}
