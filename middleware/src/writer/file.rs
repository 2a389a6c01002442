//! A log file as the writer has it: follows its path when somebody renames, deletes or replaces it,
//! rotates itself if asked to, and syncs if asked to. All of this happens between lines.

mod open;

use super::say::say;
use crate::clock;
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The path is looked at no more often, unless somebody asks; and what failed is tried again after it.
const LOOK_EACH: Duration = Duration::from_secs(1);

/// Rotation by size, for those without logrotate: `access.log` becomes `access.log.1`, that becomes
/// `access.log.2`, and so on.
///
/// Files are renamed between two lines; no record is split or lost. One process alone may rotate a
/// file: where several write to one, leave it to logrotate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    bytes_max: u64,
    files_kept: u32,
}

impl Rotation {
    /// A file takes at most so many bytes, but one line at least. So many older files are kept beside
    /// it; the oldest is deleted. With none kept, a full file is deleted.
    pub fn new(bytes_max: u64, files_kept: u32) -> Self {
        Self { bytes_max, files_kept }
    }
}

/// What may be asked of a file.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FileSettings {
    pub(crate) rotation: Option<Rotation>,
    pub(crate) fsync_each: Option<Duration>,
}

/// An open log file.
pub(crate) struct LogFile {
    path: PathBuf,
    name: String,
    file: File,
    /// Device and inode, by which it is known to be the one at the path.
    id: (u64, u64),
    pub(crate) is_fifo: bool,
    len: u64,
    /// A line was begun and not ended.
    in_line: bool,
    looked: Instant,
    /// There was nothing at the path when it was looked at.
    missing: bool,
    /// Rotating failed; not again before this.
    rotate_after: Option<Instant>,
    unsynced_since: Option<Instant>,
    pub(crate) settings: FileSettings,
    troubles: Troubles,
}

/// What failed beside writing.
#[derive(Default)]
struct Troubles {
    /// Not counted yet.
    errors: u64,
    /// The operator knows.
    said: bool,
}

impl LogFile {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let (file, metadata) = open::open(path).map_err(|error| open::in_file(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            name: path.display().to_string(),
            id: id(&metadata),
            is_fifo: metadata.file_type().is_fifo(),
            len: file.metadata()?.len(),
            file,
            in_line: false,
            looked: clock::monotonic(),
            missing: false,
            rotate_after: None,
            unsynced_since: None,
            settings: FileSettings::default(),
            troubles: Troubles::default(),
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Writes some of these lines, as far as the file may grow.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let part = match self.settings.rotation {
            Some(rotation) => self.rotate_before(rotation, bytes),
            None => bytes,
        };
        let taken = self.file.write(part)?;
        self.len += taken as u64;
        if let Some(last) = part[..taken].last() {
            self.in_line = *last != b'\n';
            self.unsynced_since.get_or_insert_with(clock::monotonic);
        }
        Ok(taken)
    }

    /// Rotates if the next line has no room in the file; gives back what has.
    fn rotate_before<'b>(&mut self, rotation: Rotation, bytes: &'b [u8]) -> &'b [u8] {
        let line_end =
            |from: usize| bytes[from..].iter().position(|byte| *byte == b'\n').map(|at| from + at + 1);
        let first = line_end(0).unwrap_or(bytes.len());
        if self.in_line {
            return &bytes[..first];
        }
        if self.len > 0 && self.len + first as u64 > rotation.bytes_max {
            self.rotate(rotation.files_kept);
        }
        let room = usize::try_from(rotation.bytes_max.saturating_sub(self.len)).unwrap_or(usize::MAX);
        if room >= bytes.len() {
            return bytes;
        }
        let whole = bytes[..room].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        &bytes[..whole.max(first)]
    }

    /// Makes room for a new file at the path. Where that fails, the file grows beyond its size.
    fn rotate(&mut self, files_kept: u32) {
        let now = clock::monotonic();
        if self.rotate_after.is_some_and(|after| now < after) {
            return;
        }
        self.rotate_after = Some(now + LOOK_EACH);
        // Somebody else may have renamed it just now; then there is nothing to rotate.
        let is_ours = fs::symlink_metadata(&self.path).is_ok_and(|metadata| id(&metadata) == self.id);
        let rotated = if is_ours { shift(&self.path, files_kept) } else { Ok(()) };
        match rotated.and_then(|()| self.reopen()) {
            Ok(()) => self.rotate_after = None,
            Err(error) => self.trouble("could not be rotated, and grows on", &error),
        }
    }

    /// Between two chunks: follows the path, if it was not looked at for a while or somebody asks.
    pub(crate) fn between_chunks(&mut self, asked: bool) {
        let is_time = clock::monotonic().saturating_duration_since(self.looked) >= LOOK_EACH;
        if !self.in_line && (asked || is_time) {
            self.follow(asked);
        }
    }

    /// Before a write that failed is tried again: whether the file is another one now, or an empty one,
    /// in which the line at hand begins anew.
    pub(crate) fn follow_after_error(&mut self) -> bool {
        self.follow(false)
    }

    /// Opens what is at the path if it is not what is open; creates it if nothing is there at a second
    /// look, as whoever renames a file usually creates the next one. Says whether a line has to begin.
    fn follow(&mut self, asked: bool) -> bool {
        self.looked = clock::monotonic();
        match fs::symlink_metadata(&self.path) {
            Ok(metadata) if id(&metadata) == self.id => {
                self.missing = false;
                let was_truncated = metadata.len() < self.len && !self.is_fifo;
                self.len = metadata.len();
                return was_truncated && std::mem::take(&mut self.in_line);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && !asked && !self.missing => {
                self.missing = true;
                return false;
            }
            _ => {}
        }
        let reopened = self.reopen();
        if let Err(error) = &reopened {
            self.trouble("could not be opened anew; records go on to the file that is open", error);
        }
        reopened.is_ok()
    }

    fn reopen(&mut self) -> io::Result<()> {
        let (file, metadata) = open::open(&self.path)?;
        if self.settings.fsync_each.is_some() {
            self.sync();
        }
        self.len = file.metadata()?.len();
        self.id = id(&metadata);
        self.is_fifo = metadata.file_type().is_fifo();
        self.file = file;
        (self.in_line, self.missing, self.troubles.said) = (false, false, false);
        Ok(())
    }

    /// Everything at hand was written: syncs if it is time to.
    pub(crate) fn flush(&mut self) {
        if self.sync_due().is_some_and(|due| due <= clock::monotonic()) {
            self.sync();
        }
    }

    /// When what was written is to be synced.
    pub(crate) fn sync_due(&self) -> Option<Instant> {
        self.unsynced_since?.checked_add(self.settings.fsync_each?)
    }

    /// Nothing more will be written.
    pub(crate) fn finish(&mut self) {
        if self.settings.fsync_each.is_some() {
            self.sync();
        }
    }

    fn sync(&mut self) {
        if self.unsynced_since.take().is_some()
            && !self.is_fifo
            && let Err(error) = self.file.sync_data()
        {
            self.trouble("could not be synced", &error);
        }
    }

    /// Counts a failure, and says so once.
    fn trouble(&mut self, what: &str, error: &io::Error) {
        self.troubles.errors += 1;
        if !std::mem::replace(&mut self.troubles.said, true) {
            say(&format!("access log {}: {what}: {error}\n", self.name));
        }
    }

    /// Failures since the last time.
    pub(crate) fn take_errors(&mut self) -> u64 {
        std::mem::take(&mut self.troubles.errors)
    }
}

fn id(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

/// Renames `path` to `path.1`, that to `path.2`, and so on up to the first free number or the last
/// that is kept.
fn shift(path: &Path, files_kept: u32) -> io::Result<()> {
    let numbered = |number: u32| {
        let mut name = OsString::from(path);
        name.push(format!(".{number}"));
        PathBuf::from(name)
    };
    if files_kept == 0 {
        return fs::remove_file(path);
    }
    let is_taken = |number: &u32| fs::symlink_metadata(numbered(*number)).is_ok();
    let taken = (1..files_kept).take_while(is_taken).count();
    for number in (1..files_kept).take(taken).rev().collect::<Vec<_>>() {
        fs::rename(numbered(number), numbered(number + 1))?;
    }
    fs::rename(path, numbered(1))
}

#[cfg(test)]
mod tests;
