//! Opening a log file so that nobody can lead us astray and no torn line stays.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

/// Opens for appending; creates with mode 0640. Refuses symbolic links, files with more than one
/// name, anything but a regular file or a FIFO, and directories in which anybody may put another file
/// in its place. A file whose last line has no end gets it, so that the torn line of a killed process
/// is one bad line and not glued to the next.
pub(super) fn open(path: &Path) -> io::Result<(File, Metadata)> {
    let refuse = |reason: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
    if anybody_may_replace(path)? {
        return refuse("anybody may write to its directory, which has no sticky bit");
    }
    // O_RDWR and O_NONBLOCK: a FIFO without reader neither fails nor hangs; regular files ignore it.
    let mut file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o640)
        .custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC | libc::O_NONBLOCK)
        .open(path)
        .map_err(explained)?;
    let metadata = file.metadata()?;
    let kind = metadata.file_type();
    if kind.is_fifo() {
        return Ok((file, metadata));
    }
    if !kind.is_file() {
        return refuse("not a regular file or FIFO");
    }
    // None at all: it was deleted since. More: somebody else may mean something else by it.
    if metadata.nlink() > 1 {
        return refuse("has more than one name (hard links); a log has one");
    }
    if let Some(last) = metadata.len().checked_sub(1) {
        let mut byte = [0];
        file.read_exact_at(&mut byte, last)?;
        if byte != *b"\n" {
            file.write_all(b"\n")?;
        }
    }
    Ok((file, metadata))
}

/// Whether anybody at all may rename and create files beside this one.
fn anybody_may_replace(path: &Path) -> io::Result<bool> {
    const ANYBODY_WRITES: u32 = 0o002;
    const STICKY: u32 = 0o1000;
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let mode = std::fs::metadata(directory)?.mode();
    Ok(mode & ANYBODY_WRITES != 0 && mode & STICKY == 0)
}

fn explained(error: io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(libc::ELOOP) => {
            io::Error::new(error.kind(), "is a symbolic link; a log is opened by its own name only")
        }
        _ => error,
    }
}

/// An error that says which file it is about.
pub(super) fn in_file(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("access log {}: {error}", path.display()))
}
