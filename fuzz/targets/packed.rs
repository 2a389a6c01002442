//! Any bytes as a file, packed or not: it is read to its end or its error, and what is read does not hang on how it is cut.

#![no_main]

use libfuzzer_sys::fuzz_target;
use logq::input::{self, Block, Input, Sizes, Source};
use std::path::Path;

/// What a file has, and how it ends.
fn read(path: &Path, block_bytes: usize) -> Option<(Vec<u8>, bool)> {
    let sizes = Sizes { block_bytes, ..Sizes::default() };
    let (mut bytes, mut block) = (Vec::new(), Block::default());
    match input::open(&Source::File(path.to_owned()), sizes).ok()? {
        Input::File(blocks) => {
            for number in 0..blocks.count() {
                blocks.read(number, &mut block);
                bytes.extend(block.bytes());
            }
            Some((bytes, false))
        }
        Input::Stream(mut blocks) | Input::Live(mut blocks) => loop {
            blocks.read(&mut block);
            bytes.extend(block.bytes());
            if block.is_last || block.error.is_some() {
                return Some((bytes, block.error.is_some()));
            }
            assert!(bytes.len() < 64 << 20, "no seed unpacks to so much");
        },
    }
}

fuzz_target!(|data: &[u8]| {
    let path = std::env::temp_dir().join(format!("logq-fuzz-packed-{}", std::process::id()));
    std::fs::write(&path, data).expect("the temporary folder takes a file");
    assert_eq!(read(&path, 64), read(&path, 1 << 16));
});
