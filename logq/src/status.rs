//! How a run ended, as a shell sees it: like `grep`, and of `check` as a monitor does.

use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

/// The exit status of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 0: something was found.
    Found,
    /// 1: nothing was found, and nothing went wrong.
    Nothing,
    /// 2: an error, also an unreadable input beside good ones.
    Error,
    /// 1: of `check`, a `--warn` holds.
    Warning,
    /// 2: of `check`, a `--crit` holds.
    Critical,
    /// 3: of `check`, it cannot be said.
    Unknown,
}

impl Status {
    /// The number a shell sees.
    pub const fn code(self) -> u8 {
        match self {
            Self::Found => 0,
            Self::Nothing | Self::Warning => 1,
            Self::Error | Self::Critical => 2,
            Self::Unknown => 3,
        }
    }

    /// Found or nothing, unless something went wrong.
    pub const fn of(found: bool, failed: bool) -> Self {
        match (failed, found) {
            (true, _) => Self::Error,
            (false, true) => Self::Found,
            (false, false) => Self::Nothing,
        }
    }

    /// Writes out what is left of a run, and says how it ended. A reader who leaves has seen enough: what was known by
    /// then counts, and the rest is not asked for.
    pub(crate) fn of_run(ended: io::Result<Self>, out: &mut dyn Write) -> io::Result<Self> {
        let has_left = |error: &io::Error| error.kind() == ErrorKind::BrokenPipe;
        match ended {
            Ok(status) => match out.flush() {
                Err(error) if !has_left(&error) => Err(error),
                _ => Ok(status),
            },
            Err(error) if has_left(&error) => {
                Ok(Self::of(true, matches!(error.get_ref(), Some(inner) if inner.is::<Incomplete>())))
            }
            Err(error) => Err(error),
        }
    }
}

/// What an error of writing carries where an input could not be read before.
#[derive(Debug)]
struct Incomplete;

impl fmt::Display for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody reads any more, and an input could not be read")
    }
}

impl std::error::Error for Incomplete {}

/// An error of writing, which says of a reader who left whether an input could not be read by then.
pub(crate) fn while_incomplete(error: io::Error, is_incomplete: bool) -> io::Error {
    let is_told = is_incomplete && error.kind() == ErrorKind::BrokenPipe;
    if is_told { io::Error::new(ErrorKind::BrokenPipe, Incomplete) } else { error }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status.code())
    }
}
