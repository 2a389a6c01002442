//! One open file, and how far it was read. The file is told from another in its place by its identity, and
//! from its own truncated self by its length and by the bytes before the place up to which it was read.

use super::Already;
use crate::engine::Parts;
use crate::input::{self, FileBlocks, Joining, Said, Source};
use memchr::memrchr;
use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

/// Bytes before the place of reading that must stay as they are.
const MARK_BYTES: u64 = 64;

/// What is looked at at once for a line end.
const LOOK_BYTES: u64 = 64 << 10;

/// What a file is, whatever its name.
pub(super) type Identity = (u64, u64);

/// An open file.
#[derive(Debug)]
pub(super) struct Tail {
    file: File,
    pub(super) identity: Identity,
    /// Up to here it was searched; a line starts here.
    read_to: u64,
    /// Up to here there is no line end that was not read.
    looked_to: u64,
    /// The bytes before `read_to`.
    mark: Vec<u8>,
    /// What its lines say of those below them.
    said: Said,
    /// What came of parts of lines; nothing is known of an empty file.
    parted: Option<Parted>,
}

/// Whether lines may be in parts.
#[derive(Debug)]
enum Parted {
    /// Nobody writes such into this file.
    Never,
    /// They are joined.
    Maybe(Joining),
}

/// A last line without an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Torn {
    /// It is a line when its end is written.
    Waits,
    /// It is a line: nobody waits for more.
    Counts,
}

/// What a look at a file showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Nothing new.
    Same,
    /// Whole lines, which were searched.
    Grown,
    /// Its start is not what it was: it was read from the start again.
    Truncated,
}

impl Tail {
    /// Opens a regular file whose lines can be read, at its start.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        // Opening a pipe waits for whoever writes it.
        if !std::fs::metadata(path)?.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "is no regular file; it is read as it comes without -f and -n",
            ));
        }
        let file = File::open(path)?;
        input::must_be_plain(&file)?;
        let identity = identity(&file.metadata()?);
        let mark = Vec::new();
        Ok(Self { file, identity, read_to: 0, looked_to: 0, mark, said: Said::default(), parted: None })
    }

    /// Opens a source that can be read from its end.
    pub(super) fn of_source(source: &Source) -> io::Result<Self> {
        match source {
            Source::File(path) => Self::open(path),
            Source::Stdin => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "standard input has no end to read from; it is read as it comes without -f and -n",
            )),
        }
    }

    /// Goes to where reading starts.
    pub(super) fn start(&mut self, parts: &mut Parts<'_, '_, '_>, name: &str, already: Already, torn: Torn) {
        let Already::Last { rows, within_bytes } = already else {
            return;
        };
        let Ok(len) = self.len() else { return };
        let end = match torn {
            Torn::Waits => self.end_of_lines(len).unwrap_or(0),
            Torn::Counts => len,
        };
        let Ok(blocks) = self.blocks(0, end, parts) else { return };
        self.read_to = match self.joining(&blocks) {
            None => parts.last(name, &blocks, rows, within_bytes),
            Some(joining) => {
                let (place, before) =
                    parts.last_joined(name, &blocks, (rows, within_bytes), (joining, torn == Torn::Counts));
                self.parted = Some(Parted::Maybe(before));
                place
            }
        };
        self.looked_to = self.read_to;
        self.mark = self.before(self.read_to);
    }

    /// Searches the whole lines that were written since.
    pub(super) fn poll(&mut self, parts: &mut Parts<'_, '_, '_>, name: &str) -> io::Result<Look> {
        let Ok(len) = self.len() else { return Ok(Look::Same) };
        let is_truncated = len < self.read_to || self.before(self.read_to) != self.mark;
        if is_truncated {
            (self.read_to, self.looked_to) = (0, 0);
            self.mark.clear();
            self.said = Said::default();
            self.parted = None;
        }
        let end = self.end_of_lines(len);
        self.looked_to = len;
        if let Some(end) = end {
            self.search(parts, name, end, false)?;
        }
        Ok(match (is_truncated, end) {
            (true, _) => Look::Truncated,
            (false, Some(_)) => Look::Grown,
            (false, None) => Look::Same,
        })
    }

    /// Searches all that is left, a line without an end among it.
    pub(super) fn finish(&mut self, parts: &mut Parts<'_, '_, '_>, name: &str) -> io::Result<()> {
        let len = self.len().unwrap_or(0);
        let has_begun = matches!(&self.parted, Some(Parted::Maybe(joining)) if joining.has_begun());
        if len > self.read_to || has_begun { self.search(parts, name, len, true) } else { Ok(()) }
    }

    fn search(
        &mut self,
        parts: &mut Parts<'_, '_, '_>,
        name: &str,
        end: u64,
        is_last: bool,
    ) -> io::Result<()> {
        match self.blocks(0, end, parts) {
            Ok(mut blocks) => {
                let from = self.read_to;
                let joining = self.joining(&blocks);
                blocks.narrow(from, end);
                match joining.map(|joining| joining.blocks(&blocks, is_last)) {
                    None => parts.search(name, blocks)?,
                    Some(Ok(joined)) => parts.search_joined(name, joined)?,
                    Some(Err(error)) => parts.unreadable(name, &error),
                }
            }
            Err(error) => parts.unreadable(name, &error),
        }
        self.read_to = end;
        self.mark = self.before(end);
        Ok(())
    }

    fn blocks(&self, from: u64, end: u64, parts: &Parts<'_, '_, '_>) -> io::Result<FileBlocks> {
        let blocks = FileBlocks::new(self.file.try_clone()?, end, parts.sizes());
        let mut blocks = blocks.with_headings_in(&self.said);
        blocks.narrow(from, end);
        Ok(blocks)
    }

    /// What joins lines, if any may be in parts.
    fn joining(&mut self, file: &FileBlocks) -> Option<&Joining> {
        if self.parted.is_none() && !file.is_empty() {
            self.parted = Some(Joining::of(file).map_or(Parted::Never, Parted::Maybe));
        }
        match &self.parted {
            Some(Parted::Maybe(joining)) => Some(joining),
            Some(Parted::Never) | None => None,
        }
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Where the last whole line ends that was not read; none if none does.
    fn end_of_lines(&self, len: u64) -> Option<u64> {
        let from = self.looked_to.max(self.read_to);
        let mut end = len;
        while end > from {
            let start = end.saturating_sub(LOOK_BYTES).max(from);
            if let Some(at) = memrchr(b'\n', &self.bytes(start, end)) {
                return Some(start + at as u64 + 1);
            }
            end = start;
        }
        None
    }

    /// The bytes before a place.
    fn before(&self, place: u64) -> Vec<u8> {
        self.bytes(place.saturating_sub(MARK_BYTES), place)
    }

    /// The bytes from one place to another, as far as they can be read.
    fn bytes(&self, from: u64, to: u64) -> Vec<u8> {
        let mut bytes = vec![0; usize::try_from(to - from).unwrap_or(0)];
        let filled = input::read_at_most(&self.file, &mut bytes, from);
        bytes.truncate(filled);
        bytes
    }
}

/// The identity of a file.
#[cfg(unix)]
pub(super) fn identity(meta: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    (meta.dev(), meta.ino())
}

/// The identity of a file, as far as it can be told: when it was made.
#[cfg(not(unix))]
pub(super) fn identity(meta: &Metadata) -> Identity {
    let made = meta.created().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    (0, made.map_or(0, |made| u64::try_from(made.as_nanos()).unwrap_or(u64::MAX)))
}
