//! A stream out of a source: compression is recognised by its first bytes, never by the name, so that
//! a renamed file reads the same. Everything is read with `read`, not mapped: a log that is truncated
//! while it is read must not be a SIGBUS.

use super::{FileBlocks, Sizes, Source, StreamBlocks};
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

/// First bytes of what cannot be read here, and what to call it. Told, because lines of compressed
/// bytes would be neither wanted nor found.
const UNREADABLE: &[(&[u8], &str)] = &[
    (b"\x28\xb5\x2f\xfd", "compressed with zstd, which logq does not read yet"),
    (b"\xfd7zXZ\0", "compressed with xz, which logq does not read yet"),
    (b"BZh?1AY&SY", "compressed with bzip2, which logq does not read yet"),
    (b"PK\x03\x04", "a zip archive, which logq does not read"),
    (b"\xff\xfe", "UTF-16 text, which logq does not read"),
    (b"\xfe\xff", "UTF-16 text, which logq does not read"),
];

const GZIP: &[u8] = b"\x1f\x8b";

/// What is read at once of what is packed.
const PACKED_BYTES: usize = 128 << 10;

/// What was opened.
#[derive(Debug)]
pub enum Input {
    /// A file that can be read by place.
    File(FileBlocks),
    /// What comes in order, and never waits for anybody.
    Stream(StreamBlocks),
    /// What comes in order, when somebody writes it.
    Live(StreamBlocks),
}

/// Opens a source and looks at its first bytes.
pub fn open(source: &Source, sizes: Sizes) -> io::Result<Input> {
    match source {
        Source::Stdin => Ok(Input::Live(StreamBlocks::new(decoded(io::stdin())?.0, true, sizes))),
        Source::File(path) => {
            let file = File::open(path)?;
            let meta = file.metadata()?;
            if meta.is_dir() {
                return Err(io::Error::new(io::ErrorKind::IsADirectory, "is a directory"));
            }
            let by_place = file.try_clone()?;
            let (stream, is_plain) = decoded(file)?;
            Ok(match (meta.is_file(), is_plain) {
                (false, _) => Input::Live(StreamBlocks::new(stream, true, sizes)),
                // What the kernel makes up has no length before it is read.
                (true, true) if meta.len() > 0 => Input::File(FileBlocks::new(by_place, meta.len(), sizes)),
                (true, _) => Input::Stream(StreamBlocks::new(stream, false, sizes)),
            })
        }
    }
}

/// The stream, unpacked, and whether it was not packed at all.
fn decoded(mut stream: impl Read + Send + 'static) -> io::Result<(Box<dyn Read + Send>, bool)> {
    let head = head_of(&mut stream)?;
    if let Some(what) = unreadable(&head) {
        return Err(io::Error::new(io::ErrorKind::Unsupported, what));
    }
    let is_gzip = head.starts_with(GZIP);
    let stream = io::Cursor::new(head).chain(stream);
    if is_gzip {
        let stream = BufReader::with_capacity(PACKED_BYTES, stream);
        return Ok((Box::new(Gzip(MultiGzDecoder::new(stream))), false));
    }
    Ok((Box::new(stream), true))
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
    let signatures = UNREADABLE.iter().map(|(magic, _)| *magic).chain([GZIP]);
    signatures.into_iter().any(|magic| magic.len() > head.len() && matches(magic, head))
}

/// Whether the bytes are those of the signature as far as both go; `?` stands for any byte.
fn matches(magic: &[u8], head: &[u8]) -> bool {
    magic.iter().zip(head).all(|(m, h)| m == h || *m == b'?')
}

fn unreadable(head: &[u8]) -> Option<&'static str> {
    UNREADABLE
        .iter()
        .find(|(magic, _)| head.len() >= magic.len() && matches(magic, head))
        .map(|(_, what)| *what)
}

/// Any number of gzip members, one behind the other, with errors that name what is wrong.
struct Gzip<R>(MultiGzDecoder<R>);

impl<R: BufRead> Read for Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            io::ErrorKind::UnexpectedEof => io::Error::new(error.kind(), "the gzip stream is cut off"),
            kind => io::Error::new(kind, format!("the gzip stream is broken: {error}")),
        })
    }
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

    fn read(bytes: &[u8]) -> (Vec<u8>, Option<String>) {
        let mut stream = match decoded(io::Cursor::new(bytes.to_vec())) {
            Ok((stream, _)) => stream,
            Err(error) => return (Vec::new(), Some(error.to_string())),
        };
        let mut text = Vec::new();
        let error = stream.read_to_end(&mut text).err();
        (text, error.map(|error| error.to_string()))
    }

    #[test]
    fn streams_are_known_by_their_first_bytes() {
        let two = [gzip(b"one\n"), gzip(b"two\n")].concat();
        let garbage = [gzip(b"one\n"), b"garbage garbage".to_vec()].concat();
        let rows: &[Row<'_>] = &[
            ("nothing", b"", b"", None),
            ("plain", b"BZ hello", b"BZ hello", None),
            ("plain and short", b"P", b"P", None),
            ("gzip", &two[..two.len() / 2], b"one\n", None),
            ("two gzip members", &two, b"one\ntwo\n", None),
            ("cut in its header", &two[..5], b"", Some("the gzip stream is cut off")),
            ("garbage behind", &garbage, b"one\n", Some("the gzip stream is broken: invalid gzip header")),
            (
                "zstd",
                b"\x28\xb5\x2f\xfd....",
                b"",
                Some("compressed with zstd, which logq does not read yet"),
            ),
            ("bzip2", b"BZh91AY&SYxx", b"", Some("compressed with bzip2, which logq does not read yet")),
            ("text like bzip2", b"BZhello there", b"BZhello there", None),
            ("UTF-16", b"\xff\xfea\0", b"", Some("UTF-16 text, which logq does not read")),
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
