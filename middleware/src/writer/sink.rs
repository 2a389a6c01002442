//! Where records go.

use super::capture::Capture;
use super::datagram::Datagrams;
use super::file::{FileSettings, LogFile, Rotation};
use super::stream::Stream;
use super::syslog::{self, Facility};
use super::target::{PIPE_BUF, Target};
use access_record::form::Form;
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd as _;
use std::path::Path;
use std::time::Duration;

/// The longest line for a sink that is not shared.
const LINE_BYTES_MAX: usize = 24 * 1024;

/// Where systemd-journald takes records.
const JOURNALD: &str = "/run/systemd/journal/socket";

/// Where records go: a file, standard output or error, a Unix socket, the system's log, or anything that
/// can be written to.
pub struct Sink {
    pub(crate) target: Target,
    /// The longest line, in bytes.
    pub(crate) line_bytes_max: usize,
    pub(crate) capture: Option<Capture>,
    settings: FileSettings,
    facility: Option<Facility>,
}

impl Sink {
    /// A file, created with mode 0640 if it is not there, and appended to.
    ///
    /// If a killed process left a line without its end, the end is written first. Refused are: a
    /// symbolic link; a file with several names (hard links); anything but a regular file or a FIFO; a
    /// directory that anybody may write to, unless it has the sticky bit. The owner of the file is not
    /// looked at: in a sticky directory that is the kernel's job (`fs.protected_regular`).
    ///
    /// The writer looks at the path at most once a second, when it has something to write, and at a
    /// [flush](crate::AccessLog::flush): when the file was renamed, replaced or deleted, it goes on with
    /// the one at the path, and creates it with mode 0640 if there is none at a second look. Where that
    /// fails it goes on with the old file, says so once on standard error, and tries again.
    /// Truncating the file in place is fine as well.
    ///
    /// A FIFO needs no reader to be opened, and a reader may come and go: while it is full, the writer
    /// tries again, at least once a second, and records wait in the queue. A line in a FIFO has at most
    /// 4096 bytes, so that it stays whole where several processes write.
    pub fn file(path: impl AsRef<Path>) -> io::Result<Self> {
        let file = LogFile::open(path.as_ref())?;
        let is_fifo = file.is_fifo;
        let sink = Self::unshared(Target::File(Box::new(file)));
        Ok(if is_fifo { Self { line_bytes_max: PIPE_BUF, ..sink } } else { sink })
    }

    /// Rotates the file when it is full. Building the log fails for a sink that is no regular file.
    #[must_use]
    pub fn rotate(mut self, rotation: Rotation) -> Self {
        self.settings.rotation = Some(rotation);
        self
    }

    /// Syncs the file's data to its disk when something has waited for it so long, before it is closed
    /// or rotated, and at shutdown: a power failure then loses this and what was queued. The writer
    /// waits for the disk; requests do not. With an interval of zero a flush means synced. Building the log fails for a sink that is no regular file.
    #[must_use]
    pub fn fsync_each(mut self, interval: Duration) -> Self {
        self.settings.fsync_each = Some(interval);
        self
    }

    /// What a syslog record is filed under: [`Facility::User`] unless told otherwise. Building the log
    /// fails for a sink that is no [`syslog`](Self::syslog).
    #[must_use]
    pub fn facility(mut self, facility: Facility) -> Self {
        self.facility = Some(facility);
        self
    }

    /// Takes over what was set, or says why it is not for this sink.
    pub(crate) fn settle(&mut self, form: &Form) -> Result<(), &'static str> {
        let for_files = self.settings.rotation.is_some() || self.settings.fsync_each.is_some();
        match &mut self.target {
            Target::File(file) if !file.is_fifo => file.settings = self.settings,
            _ if for_files => return Err("rotate and fsync_each are for regular files; the sink is none"),
            _ => {}
        }
        let is_filed = match &mut self.target {
            Target::Datagrams(_) if *form != Form::Json => {
                return Err("syslog and journald take records, which only Form::Json can be read back into");
            }
            Target::Datagrams(datagrams) => {
                self.facility.is_none_or(|facility| datagrams.file_under(facility))
            }
            _ => self.facility.is_none(),
        };
        if is_filed { Ok(()) } else { Err("a facility is for syslog; the sink is none") }
    }

    /// Standard output. Each write is at most 4096 bytes of whole lines, so that a pipe that others
    /// write to as well stays whole; a longer record loses fields.
    pub fn stdout() -> io::Result<Self> {
        let file = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        Ok(Self::standard(file, "standard output"))
    }

    /// Standard error, in the same way. What the log has to say to the operator goes there too.
    pub fn stderr() -> io::Result<Self> {
        let file = File::from(io::stderr().as_fd().try_clone_to_owned()?);
        Ok(Self::standard(file, "standard error"))
    }

    fn standard(file: File, name: &'static str) -> Self {
        Self { line_bytes_max: PIPE_BUF, ..Self::unshared(Target::Standard(file, name)) }
    }

    /// A Unix stream socket that somebody listens at: one line for each record.
    ///
    /// When the peer goes away, records wait in the queue and the connection is tried again, after 10 ms
    /// at first and once a second in the end. A line of which only a part was sent is sent again, whole,
    /// on the new connection: a peer that kept the part has a torn line, and one that had already
    /// everything but the line end has the record twice (`instance` and `seq` tell).
    /// What the kernel had taken and the dead peer had not read is lost and counted as written, as
    /// nobody can know: readers see a gap in `seq`.
    ///
    /// Fails if there is no such socket; a socket at which nobody listens right now is tried again.
    /// Connecting waits while the peer has a full backlog.
    pub fn unix_stream(path: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self::unshared(Target::Stream(Stream::open(path.as_ref())?)))
    }

    /// A syslog daemon at a Unix datagram socket such as `/dev/log`: one message of RFC 5424 for each record.
    ///
    /// The severity comes from the record's level, the timestamp, HOSTNAME and APP-NAME are the record's,
    /// MSGID is its kind; the ids stand in the structured data `access@32473`, and the message is the line
    /// itself, so `logq` reads what was written down of it. 32473 is the number that RFC 5612 keeps for
    /// those who have none of their own.
    ///
    /// Lines have at most 7552 bytes unless [told otherwise](crate::Builder::line_bytes_max), so that a
    /// message has at most 8192, the usual limit of rsyslog; a longer record loses fields. What the
    /// kernel does not take whole all the same is dropped, counted as
    /// [`too_long`](crate::Dropped::too_long) and told by a `loss` record.
    ///
    /// A daemon that is slow, away or restarting loses nothing: records wait in the queue. Fails if there
    /// is no such socket. Works with [`Form::Json`](crate::Form::Json) only.
    ///
    /// The reader must expect RFC 5424. The `/dev/log` of systemd-journald expects the older form: there, use
    /// [`journald`](Self::journald).
    pub fn syslog(path: impl AsRef<Path>) -> io::Result<Self> {
        let datagrams = Datagrams::syslog(path.as_ref())?;
        let sink = Self::unshared(Target::Datagrams(Box::new(datagrams)));
        Ok(Self { line_bytes_max: syslog::LINE_BYTES_MAX, ..sink })
    }

    /// systemd's journal, by its native protocol: one entry for each record.
    ///
    /// `MESSAGE` is the line itself, so that `journalctl -o json | logq …` understands it. `PRIORITY` is the
    /// syslog severity of the level, `SYSLOG_IDENTIFIER` the service, and every field of the record, but for
    /// its message, flags and notes, is a field of the entry under its name in capitals:
    /// `journalctl USER_ID=5555 STATUS=500`.
    ///
    /// An entry that is too long for a datagram, which with the limits of the kernel (200 KiB) and of lines
    /// (24 KiB) as they are takes a much longer [line](crate::Builder::line_bytes_max), is dropped, counted
    /// as [`too_long`](crate::Dropped::too_long) and told by a `loss` record. A journal that is slow, away
    /// or restarting loses nothing: records wait in the queue. Fails if there is no journal. Works with
    /// [`Form::Json`](crate::Form::Json) only.
    pub fn journald() -> io::Result<Self> {
        Self::journald_at(JOURNALD)
    }

    /// The same at another socket, such as that of a journal namespace.
    pub fn journald_at(path: impl AsRef<Path>) -> io::Result<Self> {
        let datagrams = Datagrams::journald(path.as_ref())?;
        Ok(Self::unshared(Target::Datagrams(Box::new(datagrams))))
    }

    /// Anything that can be written to. It is called from the log's own thread.
    pub fn writer(writer: impl Write + Send + 'static) -> Self {
        Self::unshared(Target::Writer(Box::new(writer)))
    }

    fn unshared(target: Target) -> Self {
        Self {
            target,
            line_bytes_max: LINE_BYTES_MAX,
            capture: None,
            settings: FileSettings::default(),
            facility: None,
        }
    }
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sink").field(&self.target.name()).finish()
    }
}

impl Capture {
    /// A sink that writes here.
    pub fn sink(&self) -> Sink {
        Sink { capture: Some(self.clone()), ..Sink::writer(self.writer()) }
    }
}
