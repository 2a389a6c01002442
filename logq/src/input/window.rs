//! How much of what is packed must be remembered while it is unpacked, as its first bytes say: what unpacks several files
//! at a time goes by it.

use super::packed::{self, Packing};
use super::read_at_most;
use std::fs::{self, File};
use std::path::Path;

/// First bytes that tell it.
const HEAD_BYTES: usize = 64;

/// Frames without data that are passed over to see it; those who write any write one.
const SKIPPED_MAX: usize = 1024;

/// The id of LZMA2 among the filters of xz (xz file format, 5.3.1).
const LZMA2: u64 = 0x21;

/// Bytes that are remembered of a file, if much may be: of its first zstd frame with data, or xz block. 0 where that is not
/// known; as much as can be where too many frames without data stand before it.
pub fn window_bytes(path: &Path) -> u64 {
    // To open a pipe may take for ever.
    let is_file = fs::metadata(path).is_ok_and(|meta| meta.is_file());
    let Some(file) = is_file.then(|| File::open(path).ok()).flatten() else {
        return 0;
    };
    let (mut head, mut place) = ([0; HEAD_BYTES], 0);
    for _ in 0..SKIPPED_MAX {
        let filled = read_at_most(&file, &mut head, place);
        match head[..filled].first_chunk().copied().and_then(packed::skippable_bytes) {
            Some(bytes) => place += bytes,
            None => return of_head(&head[..filled]).unwrap_or(0),
        }
    }
    u64::MAX
}

fn of_head(head: &[u8]) -> Option<u64> {
    let (_, packing) = packed::SIGNATURES.iter().find(|(magic, _)| head.starts_with(magic))?;
    match packing {
        Packing::Zstd => {
            let (descriptor, header) = head.get(4..)?.split_first()?;
            let byte = |place| header.get(usize::try_from(place).ok()?).copied();
            packed::zstd_header(*descriptor, byte).map(|header| header.window_bytes)
        }
        Packing::Xz => of_xz(head.get(12..)?),
        Packing::Gzip | Packing::Bzip2 => None,
    }
}

/// The dictionary of the last filter of a block (xz file format, 3.1 and 5.3.1).
fn of_xz(block: &[u8]) -> Option<u64> {
    let flags = *block.get(1)?;
    let mut rest = block.get(2..)?;
    // The sizes, which may be told.
    for _ in 0..(flags >> 6).count_ones() {
        integer(&mut rest)?;
    }
    for _ in 0..=flags & 3 {
        let (id, len) = (integer(&mut rest)?, integer(&mut rest)?);
        let (properties, behind) = rest.split_at_checked(usize::try_from(len).ok()?)?;
        if id == LZMA2 {
            let bits = *properties.first()?;
            return (bits < 40).then(|| (2 | u64::from(bits & 1)) << (bits / 2 + 11));
        }
        rest = behind;
    }
    None
}

/// A number of seven bits a byte, the lowest first.
fn integer(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for at in 0..9 {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn the_window_is_told_by_the_first_bytes() {
        let zstd = |window_log| {
            let mut packer = zstd::Encoder::new(Vec::new(), 3).unwrap();
            packer.window_log(window_log).unwrap();
            packer.write_all(b"a line\n").unwrap();
            packer.finish().unwrap()
        };
        // As `xz` writes them: usually, with -9, with the sizes of blocks, and behind another filter.
        let xz = |block: &[u8]| [b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4\x46", block].concat();
        let rows = [
            (zstd(21), Some(2 << 20)),
            (zstd(27), Some(128 << 20)),
            (zstd::encode_all(&b"a line\n"[..], 3).unwrap(), Some(2 << 20)),
            // One segment, which says how long it is, in each length of that number.
            (zstd::bulk::compress(&[b'a'; 200], 3).unwrap(), Some(200)),
            (zstd::bulk::compress(&[b'a'; 300], 3).unwrap(), Some(300)),
            (zstd::bulk::compress(&vec![b'a'; 1 << 20], 3).unwrap(), Some(1 << 20)),
            (b"\x28\xb5\x2f\xfd\xa4\0\0\0\x08".to_vec(), Some(128 << 20)),
            (xz(b"\x02\0\x21\x01\x16\0\0\0"), Some(8 << 20)),
            (xz(b"\x02\0\x21\x01\x1c\0\0\0"), Some(64 << 20)),
            (xz(b"\x04\xc0\x8b\x01\x07\x21\x01\x16\0\0\0"), Some(8 << 20)),
            (xz(b"\x02\x01\x04\0\x21\x01\x1c\0\0\0"), Some(64 << 20)),
            (xz(b"\x02\0\x21\x01\x28\0\0\0"), None),
            (b"a line\n".to_vec(), None),
            (b"\x1f\x8b\x08\0\0\0\0\0\0\0\0\0\0\0".to_vec(), None),
        ];
        for (packed, expected) in rows {
            let head = &packed[..packed.len().min(HEAD_BYTES)];
            assert_eq!(of_head(head), expected, "{head:x?}");
            for end in 0..head.len() {
                let cut = of_head(&head[..end]);
                assert!(cut.is_none() || cut == expected, "{cut:?} of {end} bytes");
            }
        }
    }

    #[test]
    fn frames_without_data_hide_no_window() {
        let path = std::env::temp_dir().join(format!("logq-window-{}", std::process::id()));
        let skippable = |len: u8| {
            [&[0x50 + len % 16, 0x2a, 0x4d, 0x18, len, 0, 0, 0], &[b'x'; 255][..len.into()]].concat()
        };
        let frame = b"\x28\xb5\x2f\xfd\xa4\0\0\0\x08";
        let rows = [
            (frame.to_vec(), 128 << 20),
            ([&skippable(4)[..], frame].concat(), 128 << 20),
            ([&skippable(0)[..], &skippable(255), &skippable(7), frame].concat(), 128 << 20),
            (skippable(4), 0),
            (skippable(4)[..6].to_vec(), 0),
            // Its length says more than there is.
            ([&skippable(200)[..100], frame].concat(), 0),
            ([&skippable(0).repeat(SKIPPED_MAX)[..], frame].concat(), u64::MAX),
        ];
        for (packed, expected) in rows {
            fs::write(&path, &packed).unwrap();
            assert_eq!(window_bytes(&path), expected, "{packed:x?}");
        }
        fs::remove_file(&path).unwrap();
        assert_eq!(window_bytes(&path), 0);
    }
}
