//! Parts of lines in a file that is read a stretch at a time, from its end or while it is written: a line may begin in one
//! stretch and end in a later one.

use super::blocks::{Block, FileBlocks, StreamBlocks};
use super::parts::{Joined, Lines, PEEKED_BYTES, Writer, lock};
use memchr::memchr;
use std::io;
use std::sync::{Arc, Mutex};

/// What came of the lines up to a place.
#[derive(Debug)]
pub struct Joining {
    writer: Writer,
    lines: Arc<Mutex<Lines>>,
}

impl Joining {
    /// At the start of a file whose first line is one that a runtime wrote; none of others.
    pub fn of(file: &FileBlocks) -> Option<Self> {
        let mut block = Block::default();
        file.range(0, 1.min(file.len()), &mut block);
        let head =
            &block.bytes()[..block.bytes().len().min(usize::try_from(PEEKED_BYTES).unwrap_or(usize::MAX))];
        let line = &head[..memchr(b'\n', head).unwrap_or(head.len())];
        Some(Self::by(Writer::of(line)?))
    }

    fn by(writer: Writer) -> Self {
        Self { writer, lines: Arc::new(Mutex::new(Lines::by(writer))) }
    }

    /// The same file, before any line.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self::by(self.writer)
    }

    /// Goes on with lines, and gives those that are whole, each with where its last part stands.
    pub fn pass(&self, raw: &Block) -> (Block, Vec<u64>) {
        let (mut out, mut places) = (Vec::new(), Vec::new());
        let mut lines = lock(&self.lines);
        let mut at = raw.offset;
        for line in raw.bytes().split_inclusive(|byte| *byte == b'\n') {
            let before = out.len();
            lines.line(line, &mut out);
            places.extend((out.len() > before).then_some(at));
            at += line.len() as u64;
        }
        let offset = lines.given_bytes;
        lines.given_bytes += out.len() as u64;
        (Block::of_bytes(out, offset), places)
    }

    /// The lines of which only parts came, where no more will.
    pub fn end(&self) -> Block {
        let mut out = Vec::new();
        let mut lines = lock(&self.lines);
        lines.end(&mut out);
        Block::of_bytes(out, lines.given_bytes)
    }

    /// Whether there are lines of which only parts came.
    pub fn has_begun(&self) -> bool {
        lock(&self.lines).have_begun()
    }

    /// Goes on with the lines of a stretch. Where it is the last, lines that have only begun are given out too.
    pub fn blocks(&self, stretch: &FileBlocks, is_last: bool) -> io::Result<StreamBlocks> {
        let joined = Joined::going_on(stretch.bytes()?, Arc::clone(&self.lines), is_last);
        let offset = lock(&self.lines).given_bytes;
        Ok(StreamBlocks::going_on(Box::new(joined), offset, stretch.sizes()))
    }
}
