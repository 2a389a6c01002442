//! The blocks of a stream, cut as it comes: read here, or unpacked ahead by other threads. What is behind the last
//! line end of a block goes before the next; a line over the limit is passed over, however long it is.

use super::{Block, Sizes, TAIL_BYTES};
use crate::heading::{self, Above};
use crate::input::ahead::{Ahead, Piece, Work};
use crate::input::parts::{Joined, Numbers};
use memchr::{memchr, memrchr};
use std::io::{self, Read};
use std::sync::Arc;

/// A stream, cut into blocks as it comes.
pub struct StreamBlocks {
    stream: Stream,
    sizes: Sizes,
    carried: Vec<u8>,
    offset: u64,
    /// Within a line over the limit, which was told already.
    skipping: bool,
    ended: bool,
    /// What was said of the next lines; none where nothing can be.
    above: Option<Box<Above>>,
    /// Those of lines that were joined; none where no lines are.
    numbers: Option<Numbers>,
    ends_when_told: bool,
}

enum Stream {
    /// Read when a block is asked for.
    Here {
        stream: Box<dyn Read + Send>,
        /// Whether whoever writes may wait: then lines are given out as they come.
        is_live: bool,
    },
    /// Unpacked before it is.
    Ahead(Ahead),
}

impl std::fmt::Debug for StreamBlocks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamBlocks").field("sizes", &self.sizes).finish_non_exhaustive()
    }
}

impl StreamBlocks {
    /// The blocks of a stream; a live one gives out lines as they come.
    pub fn new(stream: Box<dyn Read + Send>, is_live: bool, sizes: Sizes) -> Self {
        Self::of(Stream::Here { stream, is_live }, sizes)
    }

    /// The blocks of what is unpacked by threads of its own, from the first block on that is asked for.
    pub(in crate::input) fn ahead(work: Work, sizes: Sizes) -> Self {
        Self::of(Stream::Ahead(Ahead::new(work, sizes.block_bytes)), sizes)
    }

    /// The blocks of a stream in which lines are joined that a container's runtime wrote in parts. They must be
    /// searched in order.
    pub fn joined(stream: Box<dyn Read + Send>, is_live: bool, sizes: Sizes) -> Self {
        let numbers = Numbers::default();
        let stream = Box::new(Joined::new(stream, numbers.clone()));
        Self { numbers: Some(numbers), ..Self::new(stream, is_live, sizes) }
    }

    /// The blocks of lines that follow others, and which nothing above names the columns of.
    pub(in crate::input) fn going_on(stream: Box<dyn Read + Send>, offset: u64, sizes: Sizes) -> Self {
        Self { offset, above: None, ..Self::new(stream, false, sizes) }
    }

    fn of(stream: Stream, sizes: Sizes) -> Self {
        Self {
            stream,
            sizes,
            carried: Vec::new(),
            offset: 0,
            skipping: false,
            ended: false,
            above: Some(Box::default()),
            numbers: None,
            ends_when_told: false,
        }
    }

    /// The same of a stream that ends by itself when reading is to stop.
    pub(in crate::input) fn ending_when_told(self) -> Self {
        Self { ends_when_told: true, ..self }
    }

    /// Whether it ends by itself when reading is to stop, behind what was read by then.
    pub fn ends_when_told(&self) -> bool {
        self.ends_when_told
    }

    /// Whether it comes when somebody writes it.
    pub fn is_live(&self) -> bool {
        matches!(self.stream, Stream::Here { is_live: true, .. })
    }

    /// How long a block is, about.
    pub fn block_bytes(&self) -> u64 {
        self.sizes.block_bytes as u64
    }

    /// Whether one thread unpacks it.
    pub fn is_unpacked_by_one(&self) -> bool {
        matches!(&self.stream, Stream::Ahead(ahead) if ahead.is_one_stream())
    }

    /// Reads the next block. Behind one that is last there is nothing.
    pub fn read(&mut self, block: &mut Block) {
        block.reset(self.offset);
        match &self.stream {
            Stream::Here { is_live, .. } => self.read_here(*is_live, block),
            Stream::Ahead(_) => self.take(block),
        }
        let is_first = block.offset == 0;
        block.is_last = self.ended;
        block.skip_bom();
        if let Some(numbers) = &self.numbers {
            let lines = block.lines().count() + usize::from(block.oversized);
            block.numbers = numbers.take(lines);
        }
        if is_first && !heading::may_come(block.bytes()) {
            self.above = None;
        }
        if let Some(above) = &mut self.above {
            let mut headings: Vec<_> =
                above.heading().map(|heading| (block.offset, Arc::clone(heading))).into_iter().collect();
            above.pass(block.bytes(), block.offset, |place, heading| {
                headings.push((place, Arc::clone(heading)));
            });
            block.headings = headings.into();
        }
    }

    fn read_here(&mut self, is_live: bool, block: &mut Block) {
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
                if is_live || block.to >= self.sizes.block_bytes {
                    break;
                }
            } else if block.to - last_line > self.sizes.begun_bytes_max() {
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
        self.offset += block.to as u64;
    }

    fn read_once(&mut self, block: &mut Block) {
        let Stream::Here { stream, .. } = &mut self.stream else {
            return;
        };
        match stream.read(&mut block.buffer[block.to..]) {
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

    /// Takes what is unpacked, in the buffer that it was unpacked into, until there is a line end in it.
    fn take(&mut self, block: &mut Block) {
        loop {
            let Stream::Ahead(ahead) = &mut self.stream else {
                return;
            };
            let Piece { buffer, from, to, error, is_last } = ahead.next(std::mem::take(&mut block.buffer));
            (block.buffer, block.from, block.to, block.error) = (buffer, from, to, error);
            self.ended = is_last;
            self.skip_start(block);
            block.offset = self.offset;
            let bytes = block.bytes();
            let begun_bytes = match memrchr(b'\n', bytes) {
                _ if is_last => 0,
                Some(at) => bytes.len() - at - 1,
                None => bytes.len(),
            };
            let has_lines = is_last || begun_bytes < bytes.len();
            if has_lines {
                self.put_carried_before(block);
            }
            let begun = block.to - begun_bytes;
            self.carried.extend_from_slice(&block.buffer[begun..block.to]);
            block.to = begun;
            self.offset += (block.to - block.from) as u64;
            if self.is_carried_oversized(block) || has_lines {
                return;
            }
        }
    }

    /// Leaves out what a piece has of a line that is over the limit.
    fn skip_start(&mut self, block: &mut Block) {
        if self.skipping {
            let skipped = memchr(b'\n', block.bytes()).map(|at| at + 1);
            self.skipping = skipped.is_none();
            let skipped = skipped.unwrap_or(block.to - block.from);
            block.from += skipped;
            self.offset += skipped as u64;
        }
    }

    /// Puts the start of the first line where it belongs, usually into the room that was left for it.
    fn put_carried_before(&mut self, block: &mut Block) {
        let carried = self.carried.len();
        if let Some(from) = block.from.checked_sub(carried) {
            block.from = from;
        } else {
            let bytes = block.to - block.from;
            block.reserve(carried + bytes);
            block.buffer.copy_within(block.from..block.to, carried);
            (block.from, block.to) = (0, carried + bytes);
        }
        block.buffer[block.from..block.from + carried].copy_from_slice(&self.carried);
        self.carried.clear();
    }

    /// Whether the line that has begun is over the limit. Then it is told and passed over.
    fn is_carried_oversized(&mut self, block: &mut Block) -> bool {
        if self.carried.len() <= self.sizes.begun_bytes_max() {
            return false;
        }
        self.offset += self.carried.len() as u64;
        self.carried = Vec::new();
        self.skipping = true;
        block.oversized = true;
        true
    }
}
