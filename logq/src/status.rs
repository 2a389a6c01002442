//! How a run ended, as a shell sees it: like `grep`, and of `check` as a monitor does.

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
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status.code())
    }
}
