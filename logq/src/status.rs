//! How a run ended, as a shell sees it: like `grep`.

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
}

impl Status {
    /// The number a shell sees.
    pub const fn code(self) -> u8 {
        match self {
            Self::Found => 0,
            Self::Nothing => 1,
            Self::Error => 2,
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
