//! An open sink: takes the bytes of whole lines, each kind in its own way.

use super::counts::Refused;
use super::datagram::Datagrams;
use super::file::LogFile;
use super::stream::Stream;
use std::fs::File;
use std::io::{self, Write};
use std::time::Instant;

/// Bytes that a write to a pipe takes whole, so that writers who share it never mix (POSIX: at
/// least 512; Linux: 4096).
pub(crate) const PIPE_BUF: usize = 4096;

/// An open sink.
pub(crate) enum Target {
    File(Box<LogFile>),
    /// Standard output or standard error, and its name.
    Standard(File, &'static str),
    Stream(Stream),
    Datagrams(Box<Datagrams>),
    Writer(Box<dyn Write + Send>),
}

impl Target {
    /// What the operator knows it by.
    pub(crate) fn name(&self) -> &str {
        match self {
            Target::File(file) => file.name(),
            Target::Standard(_, name) => name,
            Target::Stream(stream) => stream.name(),
            Target::Datagrams(datagrams) => datagrams.name(),
            Target::Writer(_) => "the sink",
        }
    }

    /// Writes a part, at least one byte, of some whole lines; says how many bytes were taken.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Target::File(file) if file.is_fifo => file.write(whole_lines(bytes)),
            Target::File(file) => file.write(bytes),
            Target::Standard(file, _) => file.write(whole_lines(bytes)),
            Target::Stream(stream) => stream.write(bytes),
            Target::Datagrams(datagrams) => datagrams.write(bytes),
            Target::Writer(writer) => writer.write(bytes),
        }
    }

    /// Makes the sink pass on what it took.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        match self {
            // The kernel has it.
            Target::Standard(..) | Target::Stream(_) | Target::Datagrams(_) => Ok(()),
            Target::File(file) => {
                file.flush();
                Ok(())
            }
            Target::Writer(writer) => writer.flush(),
        }
    }

    /// When a flush has something to do even if nothing was written.
    pub(crate) fn flush_due(&self) -> Option<Instant> {
        self.file().and_then(LogFile::sync_due)
    }

    /// See [`LogFile::between_chunks`].
    pub(crate) fn between_chunks(&mut self, asked: bool) {
        if let Target::File(file) = self {
            file.between_chunks(asked);
        }
    }

    /// Before a write that failed is tried again: whether the sink is another one now, or an empty one,
    /// in which the line at hand begins anew.
    pub(crate) fn follow_after_error(&mut self) -> bool {
        match self {
            Target::File(file) => file.follow_after_error(),
            Target::Stream(stream) => stream.connect_again(),
            Target::Standard(..) | Target::Datagrams(_) | Target::Writer(_) => false,
        }
    }

    /// What was refused since the last time.
    pub(crate) fn take_refused(&mut self) -> Refused {
        if let Target::Datagrams(datagrams) = self { datagrams.take_refused() } else { Refused::default() }
    }

    /// Nothing more will be written.
    pub(crate) fn finish(&mut self) {
        if let Target::File(file) = self {
            file.finish();
        }
    }

    /// Failures, since the last time, that no write has told of.
    pub(crate) fn take_errors(&mut self) -> u64 {
        if let Target::File(file) = self { file.take_errors() } else { 0 }
    }

    fn file(&self) -> Option<&LogFile> {
        if let Target::File(file) = self { Some(file) } else { None }
    }
}

/// As many whole lines as a pipe takes at once. The rest of a line that was cut by a short write
/// counts as a line.
fn whole_lines(bytes: &[u8]) -> &[u8] {
    if bytes.len() <= PIPE_BUF {
        return bytes;
    }
    let end = bytes[..PIPE_BUF].iter().rposition(|byte| *byte == b'\n').map_or(PIPE_BUF, |at| at + 1);
    &bytes[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_pipe_gets_whole_lines() {
        let line = |len: usize| [vec![b'x'; len - 1], vec![b'\n']].concat();
        let rows = [
            (vec![line(100)], 100),
            (vec![line(4096)], 4096),
            (vec![line(4000), line(96)], 4096),
            (vec![line(4000), line(97)], 4000),
            (vec![line(10), line(5000)], 10),
            (vec![line(5000)], 4096),
        ];
        for (lines, taken) in rows {
            assert_eq!(whole_lines(&lines.concat()).len(), taken);
        }
    }
}
