//! A Unix stream socket: lines, over a connection that is made again when the peer has gone.

use super::socket::{WRITE_WAIT_MAX, at, check_socket};
use std::io::{self, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

/// Somebody who listens at a path.
pub(crate) struct Stream {
    path: PathBuf,
    name: String,
    /// `None` while the peer is away.
    connection: Option<UnixStream>,
}

impl Stream {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let connection = match connect(path) {
            // Nobody listens right now.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                check_socket(path).map(|()| None)
            }
            connected => connected.map(Some),
        };
        let connection = connection.map_err(|error| at(path, &error))?;
        Ok(Self { path: path.to_owned(), name: path.display().to_string(), connection })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Writes as much as the connection takes. One that breaks is gone, and the error is one that may pass.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(stream) = &mut self.connection else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        match stream.write(bytes) {
            Err(error) if !matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
                self.connection = None;
                Err(io::ErrorKind::NotConnected.into())
            }
            answer => answer,
        }
    }

    /// Connects if there is no connection; says whether there is a new one, on which a line has to begin.
    pub(crate) fn connect_again(&mut self) -> bool {
        if self.connection.is_some() {
            return false;
        }
        self.connection = connect(&self.path).ok();
        self.connection.is_some()
    }
}

fn connect(path: &Path) -> io::Result<UnixStream> {
    let stream = UnixStream::connect(path)?;
    stream.set_write_timeout(Some(WRITE_WAIT_MAX))?;
    Ok(stream)
}
