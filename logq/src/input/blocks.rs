//! Blocks of whole lines, so that lines can be searched by many threads and found before they are cut.
//! A file is read by place: the lines that start in a block belong to it. A stream is read in order,
//! what is behind the last line end of a block going before the next. Memory does not grow with the
//! input, nor with a line: one over the limit is only told. Read, not mapped: a log that is truncated
//! meanwhile must not be a SIGBUS.

mod headed;

use super::LINE_BYTES_MAX;
use super::parts::{Joined, Numbers};
use crate::heading::{self, Heading, Headings};
use memchr::{memchr, memchr_iter, memrchr};
use std::fs::File;
use std::io::{self, Read};

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

    /// The number of a line in the input, by its number in the block, counted from 0; none if it is what counting says.
    pub fn number(&self, line: u64) -> Option<u64> {
        self.numbers.get(usize::try_from(line).ok()?).copied()
    }

    /// What names the columns of the line that begins at a place among its bytes.
    pub fn heading(&self, at: usize) -> Option<&Heading> {
        heading::above(&self.headings, self.offset + at as u64)
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
    headings: Headings,
}

impl FileBlocks {
    /// The blocks of a regular file of this length.
    pub fn new(file: File, len: u64, sizes: Sizes) -> Self {
        Self { file, start: 0, end: len, sizes, headings: Headings::default() }
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
        block.skip_bom();
    }

    /// Reads the lines that start from one place on and before another.
    pub fn range(&self, start: u64, end: u64, block: &mut Block) {
        // The byte before tells whether a line starts at the start.
        let before = u64::from(start > 0);
        block.reset(start);
        block.headings = self.headings.clone();
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
            if filled - last_line > self.sizes.line_bytes_max + 1 {
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

/// Reads from a place on until the buffer is full or the file ends, or cannot be read; how many bytes.
pub fn read_at_most(file: &File, buffer: &mut [u8], place: u64) -> usize {
    let mut filled = 0;
    while filled < buffer.len() {
        match read_at(file, &mut buffer[filled..], place + filled as u64) {
            Ok(0) => break,
            Ok(bytes) => filled += bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    filled
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], place: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, place)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], place: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, place)
}

/// A stream, cut into blocks as it comes.
pub struct StreamBlocks {
    stream: Box<dyn Read + Send>,
    /// Whether whoever writes may wait: then lines are given out as they come.
    is_live: bool,
    sizes: Sizes,
    carried: Vec<u8>,
    offset: u64,
    /// Within a line over the limit, which was told already.
    skipping: bool,
    ended: bool,
    /// What names the columns of the next lines; none where nothing can.
    headings: Option<Headings>,
    /// Those of lines that were joined; none where no lines are.
    numbers: Option<Numbers>,
}

impl std::fmt::Debug for StreamBlocks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamBlocks").field("is_live", &self.is_live).finish_non_exhaustive()
    }
}

impl StreamBlocks {
    /// The blocks of a stream; a live one gives out lines as they come.
    pub fn new(stream: Box<dyn Read + Send>, is_live: bool, sizes: Sizes) -> Self {
        Self {
            stream,
            is_live,
            sizes,
            carried: Vec::new(),
            offset: 0,
            skipping: false,
            ended: false,
            headings: Some(Headings::default()),
            numbers: None,
        }
    }

    /// The same, live, with lines joined that a container's runtime wrote in parts. They must be searched in order.
    pub fn joined(stream: Box<dyn Read + Send>, sizes: Sizes) -> Self {
        let numbers = Numbers::default();
        let stream = Box::new(Joined::new(stream, numbers.clone()));
        Self { numbers: Some(numbers), ..Self::new(stream, true, sizes) }
    }

    /// How long a block is, about.
    pub fn block_bytes(&self) -> u64 {
        self.sizes.block_bytes as u64
    }

    /// Reads the next block. Behind one that is last there is nothing.
    pub fn read(&mut self, block: &mut Block) {
        block.reset(self.offset);
        block.to = self.carried.len();
        block.reserve(self.sizes.block_bytes.max(block.to + TAIL_BYTES));
        block.buffer[..block.to].copy_from_slice(&self.carried);
        self.carried.clear();
        let mut last_line = 0;
        while !self.ended {
            if block.to == block.buffer.len() {
                block.reserve(block.to * 2);
            }
            let searched = block.to;
            self.read_once(block);
            self.skip_line(block, searched);
            let fresh = &block.buffer[searched.min(block.to)..block.to];
            if let Some(at) = memrchr(b'\n', fresh) {
                last_line = searched + at + 1;
                if self.is_live || block.to >= self.sizes.block_bytes {
                    break;
                }
            } else if block.to - last_line > self.sizes.line_bytes_max + 1 {
                block.oversized = true;
                self.skipping = true;
                self.offset += (block.to - last_line) as u64;
                block.to = last_line;
                break;
            } else if last_line > 0 && block.to >= self.sizes.block_bytes {
                break;
            }
        }
        if !self.ended || block.oversized {
            self.carried.extend_from_slice(&block.buffer[last_line..block.to]);
            block.to = last_line;
        }
        let offset = block.offset;
        self.offset += block.to as u64;
        block.is_last = self.ended;
        block.skip_bom();
        if let Some(numbers) = &self.numbers {
            let lines = block.lines().count() + usize::from(block.oversized);
            block.numbers = numbers.take(lines);
        }
        if offset == 0 && !heading::may_come(block.bytes()) {
            self.headings = None;
        }
        if let Some(headings) = &mut self.headings {
            let further = heading::among(block.bytes(), block.offset);
            let all: Vec<_> = headings.last().cloned().into_iter().chain(further).collect();
            *headings = all.into();
            block.headings = headings.clone();
        }
    }

    fn read_once(&mut self, block: &mut Block) {
        match self.stream.read(&mut block.buffer[block.to..]) {
            Ok(0) => self.ended = true,
            Ok(bytes) => block.to += bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                block.error = Some(error);
                self.ended = true;
            }
        }
    }

    /// Drops what was read of a line that is over the limit.
    fn skip_line(&mut self, block: &mut Block, from: usize) {
        if !self.skipping {
            return;
        }
        let end = memchr(b'\n', &block.buffer[from..block.to]).map(|at| from + at + 1);
        let kept_from = end.unwrap_or(block.to);
        self.skipping = end.is_none();
        self.offset += (kept_from - from) as u64;
        block.offset = self.offset;
        block.buffer.copy_within(kept_from..block.to, from);
        block.to -= kept_from - from;
    }
}

#[cfg(test)]
mod tests;
