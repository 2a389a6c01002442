//! A stream out of a source: compression is recognised by its first bytes, never by the name, so that
//! a renamed file reads the same. Everything is read with `read`, not mapped: a log that is truncated
//! while it is read must not be a SIGBUS.

use super::ahead::Work;
use super::frames::{Frames, PART_BYTES_MIN};
use super::live::Live;
use super::packed::{self, Packing};
use super::parts;
use super::{FileBlocks, Sizes, Source, StreamBlocks};
use std::fs::{self, File};
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// First bytes of what cannot be read here, and what to call it. Told, because lines of compressed
/// bytes would be neither wanted nor found.
const UNREADABLE: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "a zip archive, which logq does not read"),
    (b"\xff\xfe", UTF_16),
    (b"\xfe\xff", UTF_16),
];

const UTF_16: &str = "UTF-16 text, which logq does not read; `iconv -f UTF-16 -t UTF-8` makes UTF-8 of it";

/// What was opened.
#[derive(Debug)]
pub enum Input {
    /// A file that can be read by place.
    File(FileBlocks),
    /// What comes in order, and never waits for anybody.
    Stream(StreamBlocks),
    /// What must be searched in order: it comes when somebody writes it, or its lines are joined.
    Live(StreamBlocks),
}

/// Opens a source and looks at its first bytes.
pub fn open(source: &Source, sizes: Sizes) -> io::Result<Input> {
    match source {
        Source::Stdin => Ok(Input::Live(StreamBlocks::joined(decoded(io::stdin())?.0, true, sizes))),
        Source::File(path) => {
            let file = File::open(path)?;
            let meta = file.metadata()?;
            if meta.is_dir() {
                return Err(io::Error::new(io::ErrorKind::IsADirectory, "is a directory"));
            }
            let by_place = file.try_clone()?;
            if !meta.is_file() {
                return Ok(Input::Live(StreamBlocks::joined(decoded(file)?.0, true, sizes)));
            }
            let (head, packing) = looked_at(&mut &file)?;
            let whole = io::Cursor::new(head).chain(file);
            Ok(match packing {
                Some(packing) => unpacked(packing, whole, by_place, meta.len(), sizes),
                // What the kernel makes up has no length before it is read.
                None if meta.len() == 0 => match parts::peek(Box::new(whole)) {
                    (stream, true) => Input::Live(StreamBlocks::joined(stream, false, sizes)),
                    (stream, false) => Input::Stream(StreamBlocks::new(stream, false, sizes)),
                },
                None if parts::are_in(&mut ByPlace(&by_place, 0))? => {
                    Input::Live(StreamBlocks::joined(Box::new(whole.take(meta.len())), false, sizes))
                }
                None => Input::File(FileBlocks::new(by_place, meta.len(), sizes).with_headings()),
            })
        }
    }
}

/// The same, of which whoever waits for what others write is told to stop: it ends then, behind what was read.
pub fn open_until(source: &Source, sizes: Sizes, stop: &Arc<AtomicBool>) -> io::Result<Input> {
    let live = match source {
        Source::Stdin => Live::new(|| Ok(io::stdin()), stop)?,
        Source::File(path) => {
            let kind = fs::metadata(path)?.file_type();
            if kind.is_file() || kind.is_dir() {
                return open(source, sizes);
            }
            let path = path.clone();
            Live::new(move || File::open(path), stop)?
        }
    };
    Ok(Input::Live(StreamBlocks::joined(decoded(live)?.0, true, sizes).ending_when_told()))
}

/// What is in a packed file: frames of their own on all threads, where lines need not be joined.
fn unpacked(
    packing: Packing,
    whole: impl Read + Send + 'static,
    by_place: File,
    len: u64,
    sizes: Sizes,
) -> Input {
    let (stream, has_parts) = parts::peek(packed::unpacked_file(packing, whole));
    if has_parts {
        return Input::Live(StreamBlocks::joined(stream, false, sizes));
    }
    let frames = (packing == Packing::Zstd).then(|| Frames::of(by_place, len, PART_BYTES_MIN)).flatten();
    let work = frames.map_or_else(|| Work::Stream(Some(stream)), Work::Frames);
    Input::Stream(StreamBlocks::ahead(work, sizes))
}

/// A file from a place on, whatever else reads it.
struct ByPlace<'f>(&'f File, u64);

impl Read for ByPlace<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = super::read_at_most(self.0, buffer, self.1);
        self.1 += len as u64;
        Ok(len)
    }
}

/// Looks at the first bytes of a file that is to be read from its end, or while it is written: it must
/// have a length, and lines where it has bytes.
pub fn must_be_plain(file: &File) -> io::Result<()> {
    let refused = |what| Err(io::Error::new(io::ErrorKind::Unsupported, what));
    if !file.metadata()?.is_file() {
        return refused("is no regular file; it is read as it comes without -f and -n");
    }
    match decoded(file.try_clone()?)? {
        (_, true) => Ok(()),
        (_, false) => refused("is packed; it can only be read from its start, without -f and -n"),
    }
}

/// The stream, unpacked, and whether it was not packed at all.
fn decoded(mut stream: impl Read + Send + 'static) -> io::Result<(Box<dyn Read + Send>, bool)> {
    let (head, packing) = looked_at(&mut stream)?;
    let stream = io::Cursor::new(head).chain(stream);
    Ok(match packing {
        Some(packing) => (packed::unpacked(packing, stream), false),
        None => (Box::new(stream), true),
    })
}

/// The first bytes of a stream, which are gone from it, and how it is packed.
fn looked_at(stream: &mut impl Read) -> io::Result<(Vec<u8>, Option<Packing>)> {
    let head = head_of(stream)?;
    if let Some(what) = unreadable(&head) {
        return Err(io::Error::new(io::ErrorKind::Unsupported, what));
    }
    let packing = packing(&head);
    Ok((head, packing))
}

/// As many first bytes as it takes to know what they are not, and never a byte more: what else comes
/// through a pipe may take its time.
fn head_of(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut byte = [0];
    while is_start_of_a_signature(&head) {
        match stream.read(&mut byte) {
            Ok(0) => break,
            Ok(_) => head.push(byte[0]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(head)
}

fn is_start_of_a_signature(head: &[u8]) -> bool {
    let packed = packed::SIGNATURES.iter().map(|(magic, _)| *magic);
    UNREADABLE
        .iter()
        .map(|(magic, _)| *magic)
        .chain(packed)
        .any(|magic| magic.len() > head.len() && matches(magic, head))
        || (head.len() < packed::SKIPPABLE_BYTES && packed::is_skippable(head))
}

/// Whether the bytes are those of the signature as far as both go; `?` stands for any byte.
fn matches(magic: &[u8], head: &[u8]) -> bool {
    magic.iter().zip(head).all(|(m, h)| m == h || *m == b'?')
}

fn packing(head: &[u8]) -> Option<Packing> {
    let is_it = |magic: &[u8]| head.len() >= magic.len() && matches(magic, head);
    let known = packed::SIGNATURES.iter().find(|(magic, _)| is_it(magic)).map(|(_, packing)| *packing);
    let is_skippable = head.len() >= packed::SKIPPABLE_BYTES && packed::is_skippable(head);
    known.or(is_skippable.then_some(Packing::Zstd))
}

fn unreadable(head: &[u8]) -> Option<&'static str> {
    UNREADABLE
        .iter()
        .find(|(magic, _)| head.len() >= magic.len() && matches(magic, head))
        .map(|(_, what)| *what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write as _;

    /// What it is called, its bytes, what they mean, and what is wrong.
    type Row<'a> = (&'a str, &'a [u8], &'a [u8], Option<&'a str>);

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn bzip2(text: &[u8]) -> Vec<u8> {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    /// `one` and a line end.
    const XZ: &[u8] = b"\xfd\x37\x7a\x58\x5a\x00\x00\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x16\x00\x00\x00\
        \x74\x2f\xe5\xa3\x01\x00\x03\x6f\x6e\x65\x0a\x00\xf5\x5c\xbb\x56\x1f\xc6\xfd\x86\
        \x00\x01\x1c\x04\x6f\x2c\x9c\xc1\x1f\xb6\xf3\x7d\x01\x00\x00\x00\x00\x04\x59\x5a";

    fn read(bytes: &[u8]) -> (Vec<u8>, Option<String>) {
        let mut stream = match decoded(io::Cursor::new(bytes.to_vec())) {
            Ok((stream, _)) => stream,
            Err(error) => return (Vec::new(), Some(error.to_string())),
        };
        let read = all_of(&mut stream);
        if let Some(packing) = packing(bytes) {
            let file = packed::unpacked_file(packing, io::Cursor::new(bytes.to_vec()));
            assert_eq!(all_of(file), read, "as a file");
        }
        read
    }

    fn all_of(mut stream: impl Read) -> (Vec<u8>, Option<String>) {
        let mut text = Vec::new();
        let error = stream.read_to_end(&mut text).err();
        (text, error.map(|error| error.to_string()))
    }

    #[test]
    fn streams_are_known_by_their_first_bytes() {
        let two = [gzip(b"one\n"), gzip(b"two\n")].concat();
        let garbage = [gzip(b"one\n"), b"garbage garbage".to_vec()].concat();
        let zstd = [zstd::encode_all(&b"one\n"[..], 0).unwrap(), zstd::encode_all(&b"two\n"[..], 0).unwrap()]
            .concat();
        let skippable =
            [&b"\x5e\x2a\x4d\x18\x03\0\0\0abc"[..], &zstd::encode_all(&b"one\n"[..], 0).unwrap()].concat();
        // No single segment, and a window of 2^(10 + 18) bytes.
        let wide = [&b"\x28\xb5\x2f\xfd\x00"[..], &[18 << 3], b"\x01\0\0"].concat();
        let (bzip2, bzip2_two) = (bzip2(b"one\n"), bzip2(b"two\n"));
        let two_bzip2 = [&bzip2[..], &bzip2_two].concat();
        let two_xz = [XZ, XZ].concat();
        let rows: &[Row<'_>] = &[
            ("nothing", b"", b"", None),
            ("plain", b"BZ hello", b"BZ hello", None),
            ("plain and short", b"P", b"P", None),
            ("gzip", &two[..two.len() / 2], b"one\n", None),
            ("two gzip members", &two, b"one\ntwo\n", None),
            ("cut in its header", &two[..5], b"", Some("the gzip stream is cut off")),
            ("garbage behind", &garbage, b"one\n", Some("the gzip stream is broken: invalid gzip header")),
            ("zstd", &zstd, b"one\ntwo\n", None),
            ("zstd behind a frame without data", &skippable, b"one\n", None),
            (
                "a broken zstd stream",
                b"\x28\xb5\x2f\xfd....",
                b"",
                Some("the zstd stream is broken: Unsupported frame parameter"),
            ),
            ("a cut zstd stream", &zstd[..9], b"", Some("the zstd stream is cut off")),
            (
                "a window over the limit",
                &wide,
                b"",
                Some(
                    "the zstd stream needs a window over 128 MiB, which logq does not open; `zstd -d --long=31` unpacks it",
                ),
            ),
            ("bzip2", &two_bzip2, b"one\ntwo\n", None),
            ("a cut bzip2 stream", &bzip2[..20], b"", Some("the bzip2 stream is cut off")),
            ("a broken bzip2 stream", b"BZh91AY&SYxx", b"", Some("the bzip2 stream is cut off")),
            ("xz", &two_xz, b"one\none\n", None),
            ("a cut xz stream", &XZ[..40], b"one\n", Some("the xz stream is cut off")),
            ("text like bzip2", b"BZhello there", b"BZhello there", None),
            ("UTF-16", b"\xff\xfea\0", b"", Some(UTF_16)),
        ];
        for (name, input, text, error) in rows {
            let (found, problem) = read(input);
            assert_eq!(found, *text, "{name}");
            assert_eq!(problem.as_deref(), *error, "{name}");
        }
    }

    #[test]
    fn a_cut_gzip_stream_gives_what_was_readable() {
        let text: Vec<u8> =
            (0..20_000).flat_map(|n| format!("{n} {}\n", n * 7919 % 1_000_003).into_bytes()).collect();
        let whole = gzip(&text);
        let (found, error) = read(&whole[..whole.len() / 2]);
        assert_eq!(error.as_deref(), Some("the gzip stream is cut off"));
        assert!(found.len() > 1000 && text.starts_with(&found), "{} bytes", found.len());
    }
}
