//! Standard input as a file that can be read twice: copied to where temporary files are, readable by its owner alone.
//! Where the system can open what it has no name for any more (Linux, by `/proc`), its name is gone at once, so that
//! nothing is left behind however logq ends; elsewhere it is removed when it is no longer needed.

use crate::engine::Report;
use crate::input;
use crate::trace::Record;
use crate::{complaint, escape};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The longest standard input that is kept.
const SPOOL_BYTES_MAX: u64 = 4 << 30;
/// Names that are tried, should others of the same name be there.
const NAMES_MAX: u32 = 1000;

/// Paths, of which standard input has become a file.
#[derive(Debug)]
pub(super) struct Spool {
    paths: Vec<PathBuf>,
    /// What it is read as.
    name: Option<PathBuf>,
    /// It lives as long as this is open, if it has no name.
    open: Option<File>,
}

impl Spool {
    /// The paths as files that can be read twice. If one cannot, `stderr` is told.
    pub(super) fn of(paths: &[PathBuf], stderr: &mut dyn Write) -> Option<Self> {
        let spool = match Self::read(paths) {
            Ok(spool) => spool,
            Err(error) => {
                complaint!(stderr, "trace reads its input twice: {}", escape::text(&error.to_string()));
                return None;
            }
        };
        if let Some(name) = not_twice(spool.paths()) {
            let name = escape::text(&name);
            complaint!(stderr, "trace reads its input twice, and `{name}` can be read once: give it files");
            return None;
        }
        Some(spool)
    }

    /// Reads all of standard input, if it is one of the paths.
    fn read(paths: &[PathBuf]) -> io::Result<Self> {
        let is_stdin = |path: &PathBuf| path.as_os_str() == "-";
        let mut spool = Self { paths: paths.to_vec(), name: None, open: None };
        if !paths.iter().any(is_stdin) {
            return Ok(spool);
        }
        let directory = std::env::temp_dir();
        let (path, mut file) = created(&directory).map_err(|error| {
            let directory = directory.display();
            io::Error::new(
                error.kind(),
                format!("no temporary file can be made in {directory} (TMPDIR names another): {error}"),
            )
        })?;
        let path = match nameless(&file) {
            Some(nameless) if fs::remove_file(&path).is_ok() => nameless,
            _ => path,
        };
        spool.name = Some(path.clone());
        let copied = io::copy(&mut io::stdin().lock().take(SPOOL_BYTES_MAX + 1), &mut file)?;
        if copied > SPOOL_BYTES_MAX {
            let gibibytes = SPOOL_BYTES_MAX >> 30;
            return Err(io::Error::other(format!(
                "standard input has more than {gibibytes} GiB; give it files"
            )));
        }
        spool.open = Some(file);
        for stdin in spool.paths.iter_mut().filter(|path| is_stdin(path)) {
            stdin.clone_from(&path);
        }
        Ok(spool)
    }

    /// What was complained of under its name is of standard input.
    pub(super) fn rename(&self, report: &mut Report) {
        for tally in [&mut report.bad, &mut report.oversized] {
            if let Some((name, _)) = tally.first.as_mut().filter(|(name, _)| self.is_stdin(name)) {
                "-".clone_into(name);
            }
        }
    }

    /// And so are the records.
    pub(super) fn rename_in(&self, records: &mut [Box<Record>]) {
        let stdin: Arc<str> = "-".into();
        for record in records.iter_mut().filter(|record| self.is_stdin(&record.file)) {
            record.file = Arc::clone(&stdin);
        }
    }

    fn is_stdin(&self, name: &str) -> bool {
        self.name.as_ref().is_some_and(|path| path.to_string_lossy() == name)
    }

    /// The paths to read.
    pub(super) fn paths(&self) -> &[PathBuf] {
        &self.paths
    }
}

/// The first input that cannot be read a second time.
pub(super) fn not_twice(paths: &[PathBuf]) -> Option<String> {
    let once = input::expand(paths).filter_map(Result::ok).find(|source| !source.is_repeatable());
    once.map(|source| source.name())
}

impl Drop for Spool {
    fn drop(&mut self) {
        if let Some(path) = self.name.as_ref().filter(|path| !path.starts_with(OPEN_FILES)) {
            // If it cannot be removed, there is nobody who could do more.
            let _left_behind = fs::remove_file(path);
        }
    }
}

/// Where a process finds what it has open.
const OPEN_FILES: &str = "/proc/self/fd";

/// The path of an open file that has no name, if it can be opened anew by it.
#[cfg(target_os = "linux")]
fn nameless(file: &File) -> Option<PathBuf> {
    use std::os::fd::AsRawFd as _;
    let path = Path::new(OPEN_FILES).join(file.as_raw_fd().to_string());
    File::open(&path).is_ok().then_some(path)
}

#[cfg(not(target_os = "linux"))]
fn nameless(_file: &File) -> Option<PathBuf> {
    None
}

/// A new file that nobody else can have put there.
fn created(directory: &Path) -> io::Result<(PathBuf, File)> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut error = io::Error::other("no name for a temporary file is free");
    for number in 0..NAMES_MAX {
        let path = directory.join(format!("logq-{}-{number}.log", std::process::id()));
        match options.open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(refused) if refused.kind() == io::ErrorKind::AlreadyExists => error = refused,
            Err(refused) => return Err(refused),
        }
    }
    Err(error)
}
