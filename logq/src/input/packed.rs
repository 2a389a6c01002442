//! Compressed streams: known by their first bytes, never by the name, and unpacked as they are read. Any
//! number of streams may stand one behind the other, as rotation and `cat` leave them.

use super::fetch::Fetched;
use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;
use std::io::{self, BufRead, BufReader, Read};
use zstd::stream::read::Decoder as ZstdDecoder;
use zstd::zstd_safe::DCtx;

/// What is read at once of what is packed.
const PACKED_BYTES: usize = 128 << 10;

/// The most that a stream may ask to remember of itself, as a power of two: 128 MiB. What `zstd --long` and
/// `xz -9` write needs no more; a bomb would.
const WINDOW_LOG_MAX: u32 = 27;

/// How a stream is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Zstd,
    Bzip2,
    Xz,
}

/// First bytes, and what they begin; `?` stands for any byte.
pub(super) const SIGNATURES: [(&[u8], Packing); 4] = [
    (b"\x1f\x8b", Packing::Gzip),
    (b"\x28\xb5\x2f\xfd", Packing::Zstd),
    (b"BZh?1AY&SY", Packing::Bzip2),
    (b"\xfd7zXZ\0", Packing::Xz),
];

/// What zstd's frames that hold no data begin with, behind a first byte of 0x50 to 0x5f: seekable files and
/// those of pzstd may start so.
const SKIPPABLE: &[u8] = b"\x2a\x4d\x18";

/// Whether the bytes are, as far as they go, those of a frame without data.
pub(super) fn is_skippable(head: &[u8]) -> bool {
    head.split_first().is_some_and(|(first, rest)| {
        (0x50..=0x5f).contains(first) && rest.iter().zip(SKIPPABLE).all(|(byte, magic)| byte == magic)
    })
}

/// Bytes that tell a frame without data.
pub(super) const SKIPPABLE_BYTES: usize = 1 + SKIPPABLE.len();

/// The length of a frame without data that begins so (RFC 8878, 3.1.2); none if it is no such frame.
pub(super) fn skippable_bytes(head: [u8; 8]) -> Option<u64> {
    let [magic @ .., a, b, c, d] = head;
    let content_bytes = u64::from(u32::from_le_bytes([a, b, c, d]));
    is_skippable(&magic).then_some(head.len() as u64 + content_bytes)
}

/// The stream, unpacked, with errors that name what is wrong.
pub(super) fn unpacked(packing: Packing, stream: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    unpacked_of(packing, BufReader::with_capacity(PACKED_BYTES, stream))
}

/// The same of a file, whose packed bytes are read ahead.
pub(super) fn unpacked_file(packing: Packing, file: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    unpacked_of(packing, Fetched::new(file))
}

fn unpacked_of(packing: Packing, stream: impl BufRead + Send + 'static) -> Box<dyn Read + Send> {
    match packing {
        Packing::Gzip => named("gzip", MultiGzDecoder::new(stream)),
        Packing::Bzip2 => named("bzip2", MultiBzDecoder::new(stream)),
        Packing::Xz => {
            let kib_max = 1 << (WINDOW_LOG_MAX - 10 + 1);
            named("xz", XzReader::new_mem_limit(stream, true, kib_max))
        }
        Packing::Zstd => {
            let decoder = ZstdDecoder::with_buffer(stream).and_then(|mut decoder| {
                decoder.window_log_max(WINDOW_LOG_MAX)?;
                Ok(decoder)
            });
            decoder.map_or_else(|error| named("zstd", Unbegun(Some(error))), |decoder| named("zstd", decoder))
        }
    }
}

/// Whole zstd frames, unpacked by a context that has unpacked others.
pub(super) fn unpacked_frames<'c>(frames: impl Read + 'c, context: &'c mut DCtx<'static>) -> impl Read + 'c {
    let stream = BufReader::with_capacity(PACKED_BYTES, frames);
    Named { name: "zstd", stream: ZstdDecoder::with_context(stream, context) }
}

/// A stream that could not be begun.
struct Unbegun(Option<io::Error>);

impl Read for Unbegun {
    fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

fn named(name: &'static str, stream: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    Box::new(Named { name, stream })
}

struct Named<R> {
    name: &'static str,
    stream: R,
}

impl<R: Read> Read for Named<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            io::ErrorKind::UnexpectedEof => {
                io::Error::new(error.kind(), format!("the {} stream is cut off", self.name))
            }
            // As zstd says it, which has no code for it.
            kind if error.to_string().ends_with("too much memory for decoding") => io::Error::new(
                kind,
                "the zstd stream needs a window over 128 MiB, which logq does not open; `zstd -d --long=31` unpacks it",
            ),
            kind => io::Error::new(kind, format!("the {} stream is broken: {error}", self.name)),
        })
    }
}

/// Windows over this are unpacked one at a time.
pub const WINDOW_BYTES_MAX: u64 = 8 << 20;

/// What stands in the header of a zstd frame behind its descriptor.
pub(super) struct ZstdHeader {
    /// How much of the frame must be remembered.
    pub(super) window_bytes: u64,
    /// Its length.
    pub(super) bytes: u64,
}

/// Reads a header (RFC 8878, 3.1.1.1), of which `byte` gives the bytes behind the descriptor. A frame that is one segment
/// is remembered whole.
pub(super) fn zstd_header(descriptor: u8, mut byte: impl FnMut(u64) -> Option<u8>) -> Option<ZstdHeader> {
    let is_single_segment = descriptor & 0x20 != 0;
    let dictionary_bytes = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let size_at = dictionary_bytes + u64::from(!is_single_segment);
    let size_bytes = match descriptor >> 6 {
        0 => u64::from(is_single_segment),
        1 => 2,
        2 => 4,
        _ => 8,
    };
    let window_bytes = if is_single_segment {
        let mut size = [0; 8];
        for (place, digit) in (size_at..size_at + size_bytes).zip(&mut size) {
            *digit = byte(place)?;
        }
        // Two bytes do not count what one could say.
        u64::from_le_bytes(size).saturating_add(if size_bytes == 2 { 256 } else { 0 })
    } else {
        let window = byte(0)?;
        let base = 1_u64 << (10 + (window >> 3));
        base + base / 8 * u64::from(window & 7)
    };
    Some(ZstdHeader { window_bytes, bytes: size_at + size_bytes })
}
