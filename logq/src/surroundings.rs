//! What a run knows of the world around it, gathered once: which streams are terminals, how wide, and
//! what time it is. Nothing else in the crate looks, so that a run inside a test or an example behaves
//! the same everywhere.

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

/// The world around a run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each says something else of the world")]
pub struct Surroundings {
    /// Whether standard input is a terminal, so that reading it would wait for a person.
    pub stdin_is_terminal: bool,
    /// Whether the output is looked at, not piped.
    pub stdout_is_terminal: bool,
    /// Whether complaints are looked at, so that it can be shown there how far a long run is.
    pub stderr_is_terminal: bool,
    /// Columns of the terminal, where there is one.
    pub columns: Option<usize>,
    /// Its lines.
    pub lines: Option<usize>,
    /// Whether that terminal is the process's own, whose size may change.
    pub size_may_change: bool,
    /// Whether the environment asks for no colour (`NO_COLOR`, not empty).
    pub no_color: bool,
    /// Whether it asks for colour, terminal or not (`CLICOLOR_FORCE`, neither empty nor 0).
    pub force_color: bool,
    /// The command of the environment's pager (`LOGQ_PAGER`, else `PAGER`); empty for none.
    pub pager: Option<OsString>,
    /// The file of the user's own defaults, whether it is there or not.
    pub config: Option<PathBuf>,
    /// Now, in microseconds since 1970-01-01T00:00:00Z.
    pub now_us: i64,
}

impl Surroundings {
    /// Those of this process.
    pub fn of_process() -> Self {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let size = size();
        Self {
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
            columns: size.map(|(columns, _)| columns),
            lines: size.map(|(_, lines)| lines),
            size_may_change: size.is_some(),
            no_color: set("NO_COLOR").is_some(),
            force_color: set("CLICOLOR_FORCE").is_some_and(|value| value != "0"),
            pager: ["LOGQ_PAGER", "PAGER"].into_iter().find_map(std::env::var_os),
            config: config(),
            now_us: now_us(),
        }
    }

    /// Those of a run whose output is captured: no terminal anywhere, and plain text.
    pub fn captured() -> Self {
        Self {
            stdin_is_terminal: true,
            stdout_is_terminal: false,
            stderr_is_terminal: false,
            columns: None,
            lines: None,
            size_may_change: false,
            no_color: true,
            force_color: false,
            pager: None,
            config: None,
            now_us: now_us(),
        }
    }
}

/// Columns and lines of the process's terminal, if it has one.
pub(crate) fn size() -> Option<(usize, usize)> {
    let (width, height) = terminal_size::terminal_size()?;
    Some((usize::from(width.0), usize::from(height.0)))
}

/// Where the user's file is looked for. A relative directory counts as none, as its specification says.
fn config() -> Option<PathBuf> {
    let directory = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let directory = directory("XDG_CONFIG_HOME").or_else(|| Some(directory("HOME")?.join(".config")))?;
    Some(directory.join("logq/config.toml"))
}

#[expect(clippy::disallowed_methods, reason = "this is the clock module")]
fn now_us() -> i64 {
    let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
