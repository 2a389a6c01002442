//! What Unix sockets of both types have in common.

use std::io;
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;
use std::time::Duration;

/// A write waits no longer for a slow peer before the writer looks whether it should still go on.
pub(super) const WRITE_WAIT_MAX: Duration = Duration::from_millis(100);

/// Connecting to a file that is no socket is refused like one at which nobody is.
pub(super) fn check_socket(path: &Path) -> io::Result<()> {
    if std::fs::metadata(path)?.file_type().is_socket() {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "is not a socket"))
}

/// An error that says at which socket it happened, and what may help.
pub(super) fn at(path: &Path, error: &io::Error) -> io::Error {
    let help = match error.raw_os_error() {
        Some(libc::EPROTOTYPE) => "; it is a socket of the other type: stream or datagram",
        Some(libc::ENOENT) => "; is its daemon running?",
        _ => "",
    };
    io::Error::new(error.kind(), format!("access log {}: {error}{help}", path.display()))
}
