//! Blocks of whole lines, so that lines can be searched by many threads and found before they are cut.
//! A file is read by place: the lines that start in a block belong to it. A stream is read in order,
//! what is behind the last line end of a block going before the next. Memory does not grow with the
//! input, nor with a line: one over the limit is only told. Read, not mapped: a log that is truncated
//! meanwhile must not be a SIGBUS.

mod headed;
mod marks;
mod stream;

pub use headed::Said;
pub use stream::StreamBlocks;

use super::LINE_BYTES_MAX;
use super::place::{FileRange, read_at};
use crate::heading::{self, Heading, Headings};
use memchr::{memchr, memchr_iter, memrchr};
use std::fs::File;
use std::io;
use std::sync::Arc;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// What is read of a file behind a block's end at once, where its last line probably ends.
const TAIL_BYTES: usize = 4 << 10;

/// Sizes of what is read.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Bytes of a block, about.
    pub block_bytes: usize,
    /// Bytes of the longest line that is given out.
    pub line_bytes_max: usize,
}

impl Default for Sizes {
    /// Blocks that fit into a core's own cache, with all that is done to them.
    fn default() -> Self {
        Self { block_bytes: 256 << 10, line_bytes_max: LINE_BYTES_MAX }
    }
}

impl Sizes {
    /// Bytes of a line that has not ended and may still be given out: with a return, and with the mark of UTF-8 before the first.
    fn begun_bytes_max(self) -> usize {
        self.line_bytes_max + 1 + BOM.len()
    }
}

/// Lines, one behind the other, each with its line end but perhaps the last of all.
#[derive(Debug, Default)]
pub struct Block {
    buffer: Vec<u8>,
    from: usize,
    to: usize,
    /// Where the first of its bytes stands in the input.
    pub offset: u64,
    /// Whether a line over the limit follows the lines.
    pub oversized: bool,
    /// What ended the reading behind this block, if it was no usual end.
    pub error: Option<io::Error>,
    /// Whether nothing comes behind it.
    pub is_last: bool,
    /// What names the columns of its lines.
    headings: Headings,
    /// Of its lines in order, where they do not stand as they stood.
    numbers: Vec<u64>,
}

impl Block {
    /// The lines.
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[self.from..self.to]
    }

    /// The lines one by one, without their ends.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let ended = self.bytes().strip_suffix(b"\n").unwrap_or(self.bytes());
        let lines = (!self.bytes().is_empty()).then(|| ended.split(|byte| *byte == b'\n'));
        lines.into_iter().flatten().map(|line| line.strip_suffix(b"\r").unwrap_or(line))
    }

    /// The same, each with what names its columns.
    pub fn headed_lines(&self) -> impl Iterator<Item = (&[u8], Option<&Heading>)> {
        let start = self.bytes().as_ptr().addr();
        self.lines().map(move |line| (line, self.heading(line.as_ptr().addr() - start)))
    }

    /// The number of a line in the input, by its number in the block, counted from 0; none if it is what counting says.
    pub fn number(&self, line: u64) -> Option<u64> {
        self.numbers.get(usize::try_from(line).ok()?).copied()
    }

    /// What names the columns of the line that begins at a place among its bytes.
    pub fn heading(&self, at: usize) -> Option<&Heading> {
        heading::above(&self.headings, self.offset + at as u64).map(Arc::as_ref)
    }

    /// Whether the columns of any of its lines are named.
    pub fn has_headings(&self) -> bool {
        !self.headings.is_empty()
    }

    /// The same, for who keeps the line.
    pub fn kept_heading(&self, at: usize) -> Option<Arc<Heading>> {
        heading::above(&self.headings, self.offset + at as u64).cloned()
    }

    /// Lines that stand at a place.
    pub(super) fn of_bytes(bytes: Vec<u8>, offset: u64) -> Self {
        Self { to: bytes.len(), buffer: bytes, offset, ..Self::default() }
    }

    fn reset(&mut self, offset: u64) {
        *self = Self { buffer: std::mem::take(&mut self.buffer), offset, ..Self::default() };
    }

    /// Room for so many bytes; what is already there stays.
    fn reserve(&mut self, bytes: usize) {
        if self.buffer.len() < bytes {
            self.buffer.resize(bytes, 0);
        }
    }

    fn skip_bom(&mut self) {
        if self.offset == 0 && self.bytes().starts_with(BOM) {
            self.from += BOM.len();
            self.offset += BOM.len() as u64;
        }
    }
}

/// A file that is read by place, as long as it is when it is opened.
#[derive(Debug)]
pub struct FileBlocks {
    file: File,
    start: u64,
    end: u64,
    sizes: Sizes,
    /// What its lines say of those below them; none where none does.
    said: Option<Said>,
}

impl FileBlocks {
    /// The blocks of a regular file of this length.
    pub fn new(file: File, len: u64, sizes: Sizes) -> Self {
        Self { file, start: 0, end: len, sizes, said: None }
    }

    /// The length of what is read.
    pub fn len(&self) -> u64 {
        self.end
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// Only the lines that start from one place on and before another.
    pub fn narrow(&mut self, start: u64, end: u64) {
        self.end = end.min(self.end);
        self.start = start.min(self.end);
    }

    /// Whether nothing was left out.
    pub fn is_whole(&self) -> bool {
        self.start == 0
    }

    /// Leaves out so many blocks at the start.
    pub fn skip(&mut self, blocks: u64) {
        self.start =
            self.start.saturating_add(blocks.saturating_mul(self.sizes.block_bytes as u64)).min(self.end);
    }

    /// How many lines end before a place; of a file that cannot be read any more, those up to there.
    pub fn lines_before(&self, place: u64) -> u64 {
        let mut block = Block::default();
        let (mut at, mut lines) = (0, 0);
        while at < place {
            let wanted = usize::try_from(place - at).unwrap_or(usize::MAX).min(self.sizes.block_bytes);
            let filled = self.fill(at, 0, wanted, &mut block);
            if filled == 0 {
                break;
            }
            lines += memchr_iter(b'\n', &block.buffer[..filled]).count() as u64;
            at += filled as u64;
        }
        lines
    }

    /// How long a block is, about.
    pub fn block_bytes(&self) -> u64 {
        self.sizes.block_bytes as u64
    }

    /// How it is cut.
    pub(super) fn sizes(&self) -> Sizes {
        self.sizes
    }

    /// Its bytes, as they stand there.
    pub(super) fn bytes(&self) -> io::Result<FileRange> {
        Ok(FileRange::new(Arc::new(self.file.try_clone()?), self.start..self.end))
    }

    /// How many blocks there are.
    pub fn count(&self) -> u64 {
        (self.end - self.start).div_ceil(self.sizes.block_bytes as u64)
    }

    /// Reads the block of this number: the lines that start in it, the last of them to its end.
    pub fn read(&self, number: u64, block: &mut Block) {
        let start = self.start + number * self.sizes.block_bytes as u64;
        let end = (start + self.sizes.block_bytes as u64).min(self.end);
        self.range(start, end, block);
        block.is_last = end == self.end;
    }

    /// Reads the lines that start from one place on and before another.
    pub fn range(&self, start: u64, end: u64, block: &mut Block) {
        self.lines(start, end, block);
        block.headings = self.headings(start, end, block);
    }

    /// The same, without what names their columns.
    fn lines(&self, start: u64, end: u64, block: &mut Block) {
        self.cut(start, end, block);
        block.skip_bom();
    }

    fn cut(&self, start: u64, end: u64, block: &mut Block) {
        // The byte before tells whether a line starts at the start.
        let before = u64::from(start > 0);
        block.reset(start);
        if start >= end {
            (block.from, block.to) = (0, 0);
            return;
        }
        let span = usize::try_from(end - start + before).unwrap_or(usize::MAX);
        let mut filled = self.fill(start - before, 0, span + TAIL_BYTES, block);
        block.to = filled;
        if before == 1 {
            match memchr(b'\n', &block.buffer[..filled.min(span)]) {
                Some(at) if at + 1 < span => block.from = at + 1,
                // No line starts here.
                _ => block.from = block.to,
            }
        }
        block.offset = start - before + block.from as u64;
        // Where the file ends before the block does, or with it, nothing needs to be cut.
        if filled <= span || block.from == block.to {
            return;
        }
        // The last line that starts in the block ends with the first line end from its last byte on.
        let mut searched = span - 1;
        loop {
            if let Some(at) = memchr(b'\n', &block.buffer[searched..filled]) {
                block.to = searched + at + 1;
                return;
            }
            let last_line = memrchr(b'\n', &block.buffer[..filled]).map_or(0, |at| at + 1).max(block.from);
            searched = filled;
            if filled - last_line > self.sizes.begun_bytes_max() {
                block.to = last_line;
                block.oversized = true;
                return;
            }
            let more = (filled - last_line).max(TAIL_BYTES);
            let now = self.fill(start - before, filled, filled + more, block);
            block.to = now;
            if now == filled {
                return;
            }
            filled = now;
        }
    }

    /// Reads from the place of the buffer's start on, until so many bytes are there or the file ends.
    fn fill(&self, place: u64, mut filled: usize, wanted: usize, block: &mut Block) -> usize {
        block.reserve(wanted);
        while filled < wanted {
            match read_at(&self.file, &mut block.buffer[filled..wanted], place + filled as u64) {
                Ok(0) => break,
                Ok(bytes) => filled += bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    block.error = Some(error);
                    break;
                }
            }
        }
        filled
    }
}

#[cfg(test)]
mod tests;
