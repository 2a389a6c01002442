//! How much of its files a command reads: all, by file or by time, their ends, or what is still to be written.

use crate::engine::{self, Plan, Report, Sink};
use crate::follow::{self, Already, Stop};
use crate::merge::{self, Merge};
use std::io::{self, Write};

/// How much of files is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// All that is there.
    Whole,
    /// All that comes, until it ends or the process gets SIGINT or SIGTERM.
    Incoming,
    /// All that is there, of all files at once and in the order of time.
    Merged(Merge),
    /// Their ends.
    Last(Already),
    /// Something of what is there, and what is written then, until the process gets SIGINT or SIGTERM.
    Follow(Already),
}

impl Reading {
    /// Reads so. An error is one of the sink. Where signals cannot be caught they end the process as ever.
    pub fn run(self, plan: &Plan<'_>, sink: &mut dyn Sink, stderr: &mut dyn Write) -> io::Result<Report> {
        match self {
            Self::Whole => engine::run(plan, sink, stderr),
            Self::Incoming => {
                let stop = Stop::on_signals().unwrap_or_default();
                engine::run(&Plan { stop: Some(stop.flag()), ..*plan }, sink, stderr)
            }
            Self::Merged(merge) => merge::run(plan, merge, sink, stderr),
            Self::Last(already) => follow::last(plan, already, sink, stderr),
            Self::Follow(already) => {
                follow::run(plan, already, &Stop::on_signals().unwrap_or_default(), sink, stderr)
            }
        }
    }
}
