//! Opening a log file so that nobody can lead us astray and no torn line stays.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;

/// Opens for appending; creates with mode 0640. Refuses symbolic links and anything but a regular
/// file or a FIFO. A file whose last line has no end gets it, so that the torn line of a killed
/// process is one bad line and not glued to the next.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    // O_NONBLOCK: a FIFO without reader must not hang the open; regular files ignore it.
    let mut file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o640)
        .custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC | libc::O_NONBLOCK)
        .open(path)
        .map_err(|error| in_file(path, &error))?;
    let metadata = file.metadata()?;
    let kind = metadata.file_type();
    if kind.is_fifo() {
        return Ok(file);
    }
    if !kind.is_file() {
        let error = io::Error::new(io::ErrorKind::InvalidInput, "not a regular file or FIFO");
        return Err(in_file(path, &error));
    }
    if let Some(last) = metadata.len().checked_sub(1) {
        let mut byte = [0];
        file.read_exact_at(&mut byte, last).map_err(|error| in_file(path, &error))?;
        if byte != *b"\n" {
            file.write_all(b"\n").map_err(|error| in_file(path, &error))?;
        }
    }
    Ok(file)
}

fn in_file(path: &Path, error: &io::Error) -> io::Error {
    let reason = match error.raw_os_error() {
        Some(libc::ELOOP) => "is a symbolic link; a log is opened by its own name only".to_owned(),
        _ => error.to_string(),
    };
    io::Error::new(error.kind(), format!("access log {}: {reason}", path.display()))
}
