//! The same lines, however they come and are cut.

use super::*;
use std::fs;

const LIMIT: usize = 8;

/// Gives its bytes in pieces of a size, then an error if there is one.
struct Pieces(Vec<u8>, usize, Option<io::Error>);

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return self.2.take().map_or(Ok(0), Err);
        }
        let bytes = self.1.min(self.0.len()).min(buffer.len());
        buffer[..bytes].copy_from_slice(&self.0[..bytes]);
        self.0.drain(..bytes);
        Ok(bytes)
    }
}

fn sizes(block_bytes: usize) -> Sizes {
    Sizes { block_bytes, line_bytes_max: LIMIT }
}

/// Adds what a block has: its lines, as a reader of them sees them.
fn add(block: &Block, all: &mut Vec<String>) {
    all.extend(block.lines().map(|line| match line.len() {
        0..=LIMIT => String::from_utf8_lossy(line).into_owned(),
        _ => "<oversized>".to_owned(),
    }));
    all.extend(block.oversized.then(|| "<oversized>".to_owned()));
    all.extend(block.error.as_ref().map(|error| format!("<{error}>")));
}

fn streamed(stream: Pieces, is_live: bool, block_bytes: usize) -> Vec<String> {
    let mut blocks = StreamBlocks::new(Box::new(stream), is_live, sizes(block_bytes));
    let (mut all, mut block) = (Vec::new(), Block::default());
    loop {
        blocks.read(&mut block);
        add(&block, &mut all);
        if block.is_last {
            return all;
        }
        assert!(!block.bytes().is_empty() || block.oversized, "a block without use");
    }
}

fn by_place(input: &[u8], name: &str, block_bytes: usize) -> Vec<String> {
    let path = std::env::temp_dir().join(format!("logq-blocks-{}-{block_bytes}-{name}", std::process::id()));
    fs::write(&path, input).unwrap();
    let blocks = FileBlocks::new(File::open(&path).unwrap(), input.len() as u64, sizes(block_bytes));
    fs::remove_file(&path).unwrap();
    let (mut all, mut block) = (Vec::new(), Block::default());
    for number in 0..blocks.count() {
        blocks.read(number, &mut block);
        assert_eq!(block.is_last, number + 1 == blocks.count());
        let offset = usize::try_from(block.offset).unwrap();
        assert!(input[offset..].starts_with(block.bytes()), "block {number} is not where it says");
        add(&block, &mut all);
    }
    all
}

const ROWS: &[(&str, &[u8], &[&str])] = &[
    ("empty", b"", &[]),
    ("one", b"a\n", &["a"]),
    ("no end", b"a\nb", &["a", "b"]),
    ("empty lines", b"\n\na\n\n", &["", "", "a", ""]),
    ("carriage returns", b"a\r\nb\rc\r\n\r\n", &["a", "b\rc", ""]),
    ("byte order mark", b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n", &["a", "\u{feff}b"]),
    ("only a byte order mark", b"\xef\xbb\xbf", &[]),
    ("half a byte order mark", b"\xef\xbb", &["\u{fffd}"]),
    ("just as long as allowed", b"12345678\r\n12345678\n12345678", &["12345678", "12345678", "12345678"]),
    ("one too long", b"123456789\nb\n", &["<oversized>", "b"]),
    ("one too long, with a return", b"123456789\r\nb\n", &["<oversized>", "b"]),
    ("much too long", b"a\n1234567890123456789012345678901\nb", &["a", "<oversized>", "b"]),
    ("too long at the end", b"a\n12345678901234567890", &["a", "<oversized>"]),
    ("two too long", b"1234567890123\n1234567890123\n\nb", &["<oversized>", "<oversized>", "", "b"]),
    ("NUL", b"a\0b\n", &["a\0b"]),
];

#[test]
fn lines_are_the_same_in_blocks_and_pieces_of_any_size() {
    for (name, input, expected) in ROWS {
        for size in 1..=input.len() + 1 {
            assert_eq!(by_place(input, name, size), *expected, "{name} by {size}");
            for pieces in 1..=input.len().max(1) {
                for is_live in [true, false] {
                    let stream = Pieces(input.to_vec(), pieces, None);
                    assert_eq!(streamed(stream, is_live, size), *expected, "{name} by {size} in {pieces}");
                }
            }
        }
    }
}

#[test]
fn a_broken_stream_gives_what_was_readable_first() {
    for size in 1..6 {
        let broken = Pieces(b"a\nb".to_vec(), size, Some(io::Error::other("broken")));
        assert_eq!(streamed(broken, false, 4), ["a", "b", "<broken>"], "{size}");
        let broken = Pieces(Vec::new(), size, Some(io::Error::other("broken")));
        assert_eq!(streamed(broken, true, 4), ["<broken>"], "{size}");
    }
}

#[test]
fn memory_is_bounded_by_the_limit_not_by_the_line() {
    let endless = io::repeat(b'x').take(64 << 20);
    let mut blocks = StreamBlocks::new(Box::new(endless), false, Sizes::default());
    let mut block = Block::default();
    blocks.read(&mut block);
    assert!(block.oversized && block.bytes().is_empty());
    blocks.read(&mut block);
    assert!(block.is_last && !block.oversized && block.bytes().is_empty());
    assert!(block.buffer.len() <= 4 * LINE_BYTES_MAX, "{}", block.buffer.len());
}

#[test]
fn a_file_that_shrinks_gives_what_is_left() {
    let path = std::env::temp_dir().join(format!("logq-blocks-shrinks-{}", std::process::id()));
    fs::write(&path, b"a\nb\n").unwrap();
    let blocks = FileBlocks::new(File::open(&path).unwrap(), 1000, sizes(10));
    fs::remove_file(&path).unwrap();
    let (mut all, mut block) = (Vec::new(), Block::default());
    for number in 0..blocks.count() {
        blocks.read(number, &mut block);
        add(&block, &mut all);
    }
    assert_eq!(all, ["a", "b"]);
}
