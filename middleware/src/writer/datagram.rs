//! A Unix datagram socket: one record, one datagram, in the words of whoever reads there.

use super::counts::Refused;
use super::journald;
use super::socket::{WRITE_WAIT_MAX, at, check_socket};
use super::syslog::{self, Facility};
use access_record::Record;
use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

/// What the reader expects a datagram to be.
enum Dialect {
    Syslog(Facility),
    Journald,
}

/// A socket and the path of who reads there. It is not connected, but looks the path up for each
/// datagram, so that a reader that was restarted is found without further ado.
pub(crate) struct Datagrams {
    socket: UnixDatagram,
    path: PathBuf,
    name: String,
    dialect: Dialect,
    packet: Vec<u8>,
    refused: Refused,
}

impl Datagrams {
    pub(crate) fn syslog(path: &Path) -> io::Result<Self> {
        Self::open(path, Dialect::Syslog(Facility::User))
    }

    pub(crate) fn journald(path: &Path) -> io::Result<Self> {
        Self::open(path, Dialect::Journald)
    }

    fn open(path: &Path, dialect: Dialect) -> io::Result<Self> {
        let socket = socket(path).map_err(|error| at(path, &error))?;
        Ok(Self {
            socket,
            path: path.to_owned(),
            name: path.display().to_string(),
            dialect,
            packet: Vec::new(),
            refused: Refused::default(),
        })
    }

    /// Files messages under another facility; `false` where there are none.
    pub(crate) fn file_under(&mut self, facility: Facility) -> bool {
        let Dialect::Syslog(now) = &mut self.dialect else {
            return false;
        };
        *now = facility;
        true
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Sends the first of these lines, whole or not at all.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
        let taken = bytes.len().min(end + 1);
        let line = String::from_utf8_lossy(&bytes[..end]);
        let read = Record::parse(&line).ok();
        let record = read.as_ref().map(|(record, _)| record);
        self.packet.clear();
        match self.dialect {
            Dialect::Syslog(facility) => syslog::write(&mut self.packet, facility, record, &line),
            Dialect::Journald => journald::write(&mut self.packet, record, &line),
        }
        match self.socket.send_to(&self.packet, &self.path) {
            Ok(_) => Ok(taken),
            Err(error) if error.raw_os_error() == Some(libc::EMSGSIZE) => {
                let number = read.as_ref().and_then(|(_, seq)| *seq);
                self.refused.numbers.push(number.unwrap_or_default());
                self.refused.bytes += taken;
                Ok(taken)
            }
            // A pipe that breaks is gone for good; whoever reads here may come back.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                Err(io::ErrorKind::ConnectionReset.into())
            }
            Err(error) => Err(error),
        }
    }

    /// What was too long since the last time.
    pub(crate) fn take_refused(&mut self) -> Refused {
        std::mem::take(&mut self.refused)
    }
}

/// A socket that could reach this path, or could if somebody read there.
fn socket(path: &Path) -> io::Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    socket.set_write_timeout(Some(WRITE_WAIT_MAX))?;
    match UnixDatagram::unbound()?.connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => check_socket(path)?,
        reached => reached?,
    }
    Ok(socket)
}
