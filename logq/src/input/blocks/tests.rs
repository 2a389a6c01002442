//! The same lines, however they come and are cut.

use super::*;
use crate::input::ahead::Work;
use crate::input::frames::Frames;
use std::fs;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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
    lines_of(StreamBlocks::new(Box::new(stream), is_live, sizes(block_bytes)))
}

fn lines_of(mut blocks: StreamBlocks) -> Vec<String> {
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

/// Counts what is read.
struct Counted<R>(R, Arc<AtomicU64>);

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buffer)?;
        self.1.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// A file of these bytes, which no directory has any more.
fn file(bytes: &[u8], name: &str, number: usize) -> File {
    let path = std::env::temp_dir().join(format!("logq-blocks-{}-{number}-{name}", std::process::id()));
    fs::write(&path, bytes).unwrap();
    let file = File::open(&path).unwrap();
    fs::remove_file(&path).unwrap();
    file
}

fn by_place(input: &[u8], name: &str, block_bytes: usize) -> Vec<String> {
    let blocks = FileBlocks::new(file(input, name, block_bytes), input.len() as u64, sizes(block_bytes));
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
fn lines_are_the_same_if_other_threads_go_ahead() {
    for (name, input, expected) in ROWS {
        for size in 1..=input.len() + 1 {
            let stream = Box::new(Pieces(input.to_vec(), 3, None));
            let blocks = StreamBlocks::ahead(Work::Stream(Some(stream)), sizes(size));
            assert_eq!(lines_of(blocks), *expected, "{name} by {size}");
        }
    }
}

#[test]
fn lines_are_the_same_wherever_frames_begin() {
    let frame = |bytes: &[u8]| zstd::encode_all(bytes, 1).unwrap();
    for (name, input, expected) in ROWS {
        for frame_bytes in 1..=input.len() + 1 {
            let mut packed = b"\x5a\x2a\x4d\x18\x02\0\0\0ab".to_vec();
            packed.extend(input.chunks(frame_bytes).flat_map(frame));
            let frames = Frames::of(file(&packed, name, frame_bytes), packed.len() as u64, 1).unwrap();
            let blocks = StreamBlocks::ahead(Work::Frames(frames), sizes(4));
            assert_eq!(lines_of(blocks), *expected, "{name} in frames of {frame_bytes}");
        }
    }
}

#[test]
fn a_file_in_frames_that_is_cut_or_broken_gives_what_is_before() {
    let line = |n: u32| format!("line {n}\n");
    let frames: Vec<Vec<u8>> =
        (0..50).map(|n| zstd::encode_all(line(n).repeat(100).as_bytes(), 1).unwrap()).collect();
    let start = frames[..20].concat();
    let open = |packed: &[u8], name: &str| {
        let frames = Frames::of(file(packed, name, 0), packed.len() as u64, 1).unwrap();
        lines_of(StreamBlocks::ahead(Work::Frames(frames), sizes(64)))
    };
    let expected: Vec<String> =
        (0..20).flat_map(|n| std::iter::repeat_n(line(n).trim_end().to_owned(), 100)).collect();
    let garbage = [&start[..], b"no frame at all"].concat();
    let cut = [&start[..], &frames[20][..frames[20].len() - 3]].concat();
    let mut bad_block = start.clone();
    bad_block.extend(&frames[20]);
    // The type of a frame's first block becomes the one that is not used.
    bad_block[start.len() + 7] |= 6;
    bad_block.extend(frames[21..].concat());
    for (name, packed, error) in [
        ("garbage", garbage, "<the zstd stream is broken: Unknown frame descriptor>"),
        ("cut", cut, "<the zstd stream is cut off>"),
        ("bad-block", bad_block, "<the zstd stream is broken: Data corruption detected>"),
    ] {
        let mut lines = open(&packed, name);
        assert_eq!(lines.pop().as_deref(), Some(error), "{name}");
        assert!(lines == expected, "{name}: {} lines", lines.len());
    }
}

#[test]
fn a_stream_that_nobody_reads_on_ends_the_threads_and_waits_in_bounds() {
    let read = Arc::new(AtomicU64::new(0));
    let stream = Box::new(Counted(io::repeat(b'\n'), Arc::clone(&read)));
    let mut blocks = StreamBlocks::ahead(Work::Stream(Some(stream)), Sizes::default());
    let mut block = Block::default();
    blocks.read(&mut block);
    drop(blocks);
    // The thread has the counter as long as it lives; a test that hangs here has found one that stays.
    while Arc::strong_count(&read) > 1 {
        std::thread::yield_now();
    }
    assert!(read.load(Ordering::Relaxed) <= 8 << 20, "{} bytes went ahead", read.load(Ordering::Relaxed));
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

/// The columns above each line, read in the order of these numbers.
fn columns(blocks: &FileBlocks, numbers: impl Iterator<Item = u64>) -> Vec<(u64, String)> {
    let (mut block, mut found) = (Block::default(), Vec::new());
    for number in numbers {
        blocks.read(number, &mut block);
        let mut at = block.offset;
        for (line, heading) in block.headed_lines() {
            found.push((at, heading.map_or(String::new(), |heading| heading.columns.join(" "))));
            at += line.len() as u64 + 1;
        }
    }
    found.sort();
    found
}

fn headed(content: &str, number: usize, sizes: Sizes) -> FileBlocks {
    let file = file(content.as_bytes(), "headings", number);
    FileBlocks::new(file, content.len() as u64, sizes).with_headings()
}

#[test]
fn what_names_columns_is_known_wherever_reading_starts() {
    let lines: Vec<String> = (0..400).map(|n| format!("#Fields: a{} b\n1 2\n", n / 3)).collect();
    let content = lines.concat();
    let expected: Vec<String> = (0..400).flat_map(|n| vec![format!("a{} b", n / 3); 2]).collect();
    for block_bytes in [7, 64, 1000] {
        let read = |number| headed(&content, number, Sizes { block_bytes, line_bytes_max: 100 });
        let count = read(0).count();
        let in_order = columns(&read(1), 0..count);
        assert!(in_order.iter().map(|(_, columns)| columns).eq(&expected), "{block_bytes}");
        assert_eq!(columns(&read(2), (0..count).rev()), in_order);
        assert_eq!(columns(&read(3), (0..count).step_by(2).chain((1..count).step_by(2))), in_order);
    }
}

#[test]
fn only_as_much_is_looked_through_as_is_read() {
    let blocks = headed(&"#Fields: a b c\n1 2 3\n".repeat(100), 4, sizes(10));
    blocks.read(0, &mut Block::default());
    assert_eq!(blocks.said.as_ref().map(Said::bytes_looked_at), Some(10));
}

#[test]
fn of_too_many_headings_the_older_ones_are_found_again() {
    let lines: Vec<String> = (0..60_000).map(|n| format!("#Fields: a{n} b c\n")).collect();
    let content = lines.concat();
    let blocks = headed(&content, 5, Sizes::default());
    for (at, columns) in columns(&blocks, (0..blocks.count()).chain([0, 2, 1])) {
        let at = usize::try_from(at).unwrap();
        assert!(content[at..].starts_with(&format!("#Fields: {columns}\n")), "{at}: {columns}");
    }
    let bytes = blocks.said.as_ref().map(Said::bytes);
    assert!(bytes.is_some_and(|bytes| bytes < 8 << 20), "{bytes:?}");
}

#[test]
fn wherever_threads_read_what_stands_above_is_not_looked_at_all_over_again() {
    let columns_of = |n: usize| ["a ", "b "][n % 2].repeat(50);
    let lines: Vec<String> = (0..20_000).map(|n| format!("#Fields: {}\n", columns_of(n))).collect();
    let content = lines.concat();
    let len = content.len() as u64;
    let read = |number| headed(&content, number, Sizes { block_bytes: 16 << 10, line_bytes_max: 200 });
    let count = read(6).count();
    // Two threads in stretches of their own, the one ahead first; and one that reads from the end.
    let stretch = 16;
    let side_by_side = (0..count).map(|number| {
        let (pair, at) = (number / (2 * stretch), number % (2 * stretch));
        pair * 2 * stretch + at / 2 + (1 - at % 2) * stretch
    });
    let orders = [
        ("in order", (0..count).collect::<Vec<_>>(), 1),
        ("side by side", side_by_side.filter(|number| *number < count).collect(), 2),
        ("backwards", (0..count).rev().collect(), 4),
    ];
    for ((name, order, times), number) in orders.into_iter().zip(7..) {
        let blocks = read(number);
        for (at, columns) in columns(&blocks, order.into_iter()) {
            let at = usize::try_from(at).unwrap();
            assert!(content[at..].starts_with(&format!("#Fields: {columns} \n")), "{name}: {at}: {columns}");
        }
        let passed = blocks.said.as_ref().map_or(0, Said::bytes_passed);
        assert!((len..=times * len).contains(&passed), "{name}: {passed} of {len}");
    }
}
