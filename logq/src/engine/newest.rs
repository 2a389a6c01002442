//! The newest record of all inputs, looked for at their ends: the present of logs that are read later.

use crate::facts::Facts;
use crate::format::Formats;
use crate::input::{self, Block, FileBlocks, Input, Sizes};
use crate::row::Origin;
use std::path::PathBuf;

/// The time of the newest record, in microseconds since 1970: of those at the ends of plain files, and of all
/// in packed ones. Standard input is not looked at, as it could not be read again; nor is what cannot be read.
pub fn newest(paths: &[PathBuf], formats: &Formats) -> Option<i64> {
    let facts = Facts::new();
    let newest_of = |block: &Block| {
        let origin = Origin { file: "", line: 0 };
        let times_us = block
            .headed_lines()
            .filter_map(|(line, heading)| facts.time_us(&formats.read_under(line, origin, heading)));
        times_us.max()
    };
    let mut block = Block::default();
    let sources = input::expand(paths).filter_map(Result::ok).filter(input::Source::is_repeatable);
    sources
        .filter_map(|source| match input::open(&source, Sizes::default()).ok()? {
            Input::File(blocks) => last_blocks(&blocks)
                .filter_map(|number| {
                    blocks.read(number, &mut block);
                    newest_of(&block)
                })
                .max(),
            Input::Stream(mut blocks) | Input::Live(mut blocks) => {
                let mut newest = None;
                while !block_is_last(&mut blocks, &mut block) {
                    newest = newest.max(newest_of(&block));
                }
                newest.max(newest_of(&block))
            }
        })
        .max()
}

fn last_blocks(blocks: &FileBlocks) -> std::ops::Range<u64> {
    // Two: the last may be nearly empty.
    blocks.count().saturating_sub(2)..blocks.count()
}

fn block_is_last(blocks: &mut input::StreamBlocks, block: &mut Block) -> bool {
    blocks.read(block);
    block.is_last || block.error.is_some()
}
