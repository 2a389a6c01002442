//! Where the frames of a zstd file begin and end, found without unpacking them (RFC 8878, 3.1): headers say how
//! long each block is. Frames are unpacked some at a time, by several threads; what cannot be walked through, or
//! would need much memory, is left to be unpacked as a stream, which also says what is wrong with it.

use super::packed::{self, Packing};
use super::place::{FileRange, read_at_most};
use std::fs::File;
use std::io::Read;
use std::sync::Arc;

/// A part is at least so long, packed, so that handing it over is little of the work.
pub(super) const PART_BYTES_MIN: u64 = 256 << 10;
/// The longest frame, packed, that is unpacked beside others; of a longer one too little could wait.
const FRAME_BYTES_MAX: u64 = 8 << 20;
/// What is read at once to look for headers.
const LOOK_BYTES: usize = 4 << 10;

const MAGIC: [u8; 4] = *b"\x28\xb5\x2f\xfd";

/// The frames of a file, in their order.
pub(super) struct Frames {
    file: Arc<File>,
    at: u64,
    end: u64,
    part_bytes_min: u64,
    seen: Vec<u8>,
    seen_at: u64,
}

/// What is unpacked at once, and in order.
pub(super) enum Part {
    /// Whole frames.
    Frames(FileRange),
    /// A stream, unpacked as it is read.
    Rest(Box<dyn Read + Send>),
}

impl Frames {
    /// The frames of a file of this length, unless it is one that is better unpacked as a stream.
    pub(super) fn of(file: File, len: u64, part_bytes_min: u64) -> Option<Self> {
        let (file, seen) = (Arc::new(file), Vec::new());
        let mut frames = Self { file, at: 0, end: len, part_bytes_min, seen, seen_at: 0 };
        frames.frame(0)?;
        Some(frames)
    }

    /// The next part.
    pub(super) fn next(&mut self) -> Option<Part> {
        let start = self.at;
        while self.at - start < self.part_bytes_min && self.at < self.end {
            match self.frame(self.at) {
                Some(end) => self.at = end,
                None => break,
            }
        }
        if start == self.end {
            return None;
        }
        if self.at == start {
            self.at = self.end;
            let rest = FileRange::new(Arc::clone(&self.file), start..u64::MAX);
            return Some(Part::Rest(packed::unpacked(Packing::Zstd, rest)));
        }
        Some(Part::Frames(FileRange::new(Arc::clone(&self.file), start..self.at)))
    }

    /// Where the frame ends that begins here.
    fn frame(&mut self, start: u64) -> Option<u64> {
        if let Some(bytes) = self.bytes(start).and_then(packed::skippable_bytes) {
            return Some(start + bytes).filter(|end| *end <= self.end);
        }
        if self.bytes(start)? != MAGIC {
            return None;
        }
        let [descriptor] = self.bytes(start + 4)?;
        let mut at = self.after_header(start + 5, descriptor)?;
        loop {
            let [low, middle, high] = self.bytes(at)?;
            let header = u32::from_le_bytes([low, middle, high, 0]);
            let bytes = match header >> 1 & 3 {
                0 | 2 => u64::from(header >> 3),
                1 => 1,
                _ => return None,
            };
            at += 3 + bytes;
            if at - start > FRAME_BYTES_MAX {
                return None;
            }
            if header & 1 == 1 {
                let checksum_bytes = if descriptor & 4 == 0 { 0 } else { 4 };
                return Some(at + checksum_bytes).filter(|end| *end <= self.end);
            }
        }
    }

    /// Where the blocks of a frame begin, if its window is not too wide.
    fn after_header(&mut self, at: u64, descriptor: u8) -> Option<u64> {
        let header = packed::zstd_header(descriptor, |place| self.bytes(at + place).map(|[byte]| byte))?;
        (header.window_bytes <= packed::WINDOW_BYTES_MAX).then_some(at + header.bytes)
    }

    /// Bytes of the file, if it has them.
    fn bytes<const N: usize>(&mut self, at: u64) -> Option<[u8; N]> {
        let is_seen = at >= self.seen_at && at + N as u64 <= self.seen_at + self.seen.len() as u64;
        if !is_seen {
            self.seen.resize(LOOK_BYTES, 0);
            let filled = read_at_most(&self.file, &mut self.seen, at);
            self.seen.truncate(filled);
            self.seen_at = at;
        }
        let from = usize::try_from(at - self.seen_at).ok()?;
        self.seen.get(from..from + N)?.try_into().ok()
    }
}
