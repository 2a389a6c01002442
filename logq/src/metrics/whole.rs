//! Files that whoever reads them finds whole, the old one or the new one: written beside their place, then moved.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes a file whole or not at all. What stands in its place and is no regular file is left alone: an error.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|meta| !meta.is_file()) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "is no regular file, and would be replaced"));
    }
    // A link goes on leading to the file that it leads to.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let beside = beside(&path, &format!(".{}.tmp", std::process::id()))?;
    let written = write_new(&beside, bytes).and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        let _was_never_made = fs::remove_file(&beside);
    }
    written
}

/// Holds a state, so that two runs do not count from the same one at once. It ends with the value, or the process.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a state; an error if another run has it.
    pub fn of(state: &Path) -> io::Result<Self> {
        let path = beside(state, ".lock")?;
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(fs::TryLockError::WouldBlock) => {
                Err(io::Error::new(io::ErrorKind::ResourceBusy, "another logq is counting with it"))
            }
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().create_new(true).write(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A hidden file in the same directory, so that moving it is one step and nobody takes it for a file of its kind.
fn beside(path: &Path, end: &str) -> io::Result<PathBuf> {
    let name =
        path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "is no file's name"))?;
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(end);
    Ok(path.with_file_name(hidden))
}
