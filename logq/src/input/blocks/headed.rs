//! Files whose lines name the columns of those below them.

use super::{Block, FileBlocks};
use crate::heading::{self, Headings};

/// What headings of a file may take of the memory. A log names its columns anew when it is begun anew.
const HEADINGS_BYTES_MAX: usize = 4 << 20;

impl FileBlocks {
    /// Finds what names the columns of its lines. A file that does not begin as one that has it is not read for it. None
    /// of a file with so much of it that memory would grow with the file: it can be read in order.
    pub fn with_headings(self) -> Option<Self> {
        self.with_further_headings(&Headings::default(), 0)
    }

    /// The same, where those of the lines before a place are known.
    pub fn with_further_headings(mut self, known: &Headings, mut at: u64) -> Option<Self> {
        let mut block = Block::default();
        self.range(0, self.end.min(1), &mut block);
        block.skip_bom();
        if heading::may_come(block.bytes()) {
            let mut found = known.to_vec();
            let mut bytes: usize = found.iter().map(|(_, heading)| heading.bytes()).sum();
            while at < self.end {
                let next = (at + self.block_bytes()).min(self.end);
                self.range(at, next, &mut block);
                block.skip_bom();
                for (place, heading) in heading::among(block.bytes(), block.offset) {
                    if found.last().is_none_or(|(_, last)| **last != *heading) {
                        bytes += heading.bytes();
                        found.push((place, heading));
                    }
                }
                if bytes > HEADINGS_BYTES_MAX {
                    return None;
                }
                at = next;
            }
            self.headings = found.into();
        }
        Some(self)
    }

    /// What names the columns of its lines, as far as it was looked for.
    pub fn headings(&self) -> &Headings {
        &self.headings
    }
}
