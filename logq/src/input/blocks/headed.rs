//! Files whose lines name the columns of those below them.

use super::{Block, FileBlocks};
use crate::heading::{self, Headings};

impl FileBlocks {
    /// Finds what names the columns of its lines. A file that does not begin as one that has it is not read for it.
    #[must_use]
    pub fn with_headings(self) -> Self {
        self.with_further_headings(&Headings::default(), 0)
    }

    /// The same, where those of the lines before a place are known.
    #[must_use]
    pub fn with_further_headings(mut self, known: &Headings, mut at: u64) -> Self {
        let mut block = Block::default();
        self.range(0, self.end.min(1), &mut block);
        block.skip_bom();
        if heading::may_come(block.bytes()) {
            let mut found = known.to_vec();
            while at < self.end {
                let next = (at + self.block_bytes()).min(self.end);
                self.range(at, next, &mut block);
                block.skip_bom();
                found.extend(heading::among(block.bytes(), block.offset));
                at = next;
            }
            self.headings = found.into();
        }
        self
    }

    /// What names the columns of its lines, as far as it was looked for.
    pub fn headings(&self) -> &Headings {
        &self.headings
    }
}
