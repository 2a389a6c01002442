//! One line at a time out of a stream, in memory that does not grow with the stream: a line longer
//! than the limit is skipped to its end and told as such. Line ends are `\n` and `\r\n`; a byte order
//! mark at the start belongs to no line; a last line without an end is a line.

use std::io::{self, Read};

/// The longest line that is read, in bytes without its end.
pub const LINE_BYTES_MAX: usize = 1 << 20;

/// What is read at once, and the memory of a stream with lines of usual length.
const READ_BYTES: usize = 64 << 10;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// A line, or the fact that there was one.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// The line without its end.
    Text(&'a [u8]),
    /// A line over the limit. Its bytes were skipped.
    Oversized,
}

/// The lines of a stream.
#[derive(Debug)]
pub struct Lines<R> {
    stream: R,
    buffer: Vec<u8>,
    /// The bytes read and not yet given out are `buffer[start..end]`.
    start: usize,
    end: usize,
    limit: usize,
    state: State,
}

#[derive(Debug)]
enum State {
    AtStart,
    Reading,
    /// The stream is at its end, or broken: what is buffered is all there will be.
    Ended,
    /// Broken, and the buffered rest is to be given out before the error.
    Broken(io::Error),
}

impl<R: Read> Lines<R> {
    /// The lines of a stream, with the usual limit.
    pub fn new(stream: R) -> Self {
        Self::with_limit(stream, LINE_BYTES_MAX)
    }

    /// The lines of a stream, of at most `limit` bytes each.
    pub fn with_limit(stream: R, limit: usize) -> Self {
        Self { stream, buffer: Vec::new(), start: 0, end: 0, limit, state: State::AtStart }
    }

    /// The next line; `None` at the end of the stream. A stream that breaks gives what was readable,
    /// also of the line it broke in, then the error, then nothing more.
    pub fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        self.skip_bom();
        let mut searched = 0;
        loop {
            let pending = &self.buffer[self.start..self.end];
            if let Some(at) = memchr::memchr(b'\n', &pending[searched..]) {
                let from = self.start;
                self.start += searched + at + 1;
                return Ok(Some(self.checked(from, from + searched + at)));
            }
            searched = pending.len();
            // Room for the `\r` of a line that is just as long as allowed.
            if searched > self.limit + 1 {
                self.skip_line();
                return Ok(Some(Line::Oversized));
            }
            if !self.fill() {
                return self.last_line();
            }
        }
    }

    fn checked(&self, from: usize, to: usize) -> Line<'_> {
        let line = &self.buffer[from..to];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() > self.limit { Line::Oversized } else { Line::Text(line) }
    }

    fn last_line(&mut self) -> io::Result<Option<Line<'_>>> {
        if self.start < self.end {
            let from = self.start;
            self.start = self.end;
            return Ok(Some(self.checked(from, self.end)));
        }
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Broken(error) => Err(error),
            _ => Ok(None),
        }
    }

    fn skip_bom(&mut self) {
        if !matches!(self.state, State::AtStart) {
            return;
        }
        self.state = State::Reading;
        while self.end - self.start < BOM.len() && self.fill() {}
        if self.buffer[self.start..self.end].starts_with(BOM) {
            self.start += BOM.len();
        }
    }

    /// Drops the bytes up to and with the next line end.
    fn skip_line(&mut self) {
        loop {
            if let Some(at) = memchr::memchr(b'\n', &self.buffer[self.start..self.end]) {
                self.start += at + 1;
                return;
            }
            self.start = self.end;
            if !self.fill() {
                return;
            }
        }
    }

    /// Reads once, behind what is pending. False where no more comes.
    fn fill(&mut self) -> bool {
        if !matches!(self.state, State::AtStart | State::Reading) {
            return false;
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.buffer.len() - self.end < READ_BYTES / 2 {
            self.buffer.resize((self.buffer.len() * 2).max(READ_BYTES), 0);
        }
        loop {
            match self.stream.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.state = State::Ended,
                Ok(bytes) => {
                    self.end += bytes;
                    return true;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => self.state = State::Broken(error),
            }
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes in pieces of a size, then an error if there is one.
    struct Pieces<'a>(&'a [u8], usize, Option<io::Error>);

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return self.2.take().map_or(Ok(0), Err);
            }
            let bytes = self.1.min(self.0.len()).min(buffer.len());
            buffer[..bytes].copy_from_slice(&self.0[..bytes]);
            self.0 = &self.0[bytes..];
            Ok(bytes)
        }
    }

    fn read_all(stream: impl Read, limit: usize) -> Vec<String> {
        let mut lines = Lines::with_limit(stream, limit);
        let mut all = Vec::new();
        loop {
            match lines.next_line() {
                Ok(Some(Line::Text(line))) => all.push(String::from_utf8_lossy(line).into_owned()),
                Ok(Some(Line::Oversized)) => all.push("<oversized>".to_owned()),
                Ok(None) => return all,
                Err(error) => all.push(format!("<{error}>")),
            }
        }
    }

    #[test]
    fn lines_are_the_same_in_pieces_of_any_size() {
        let rows: &[(&str, &[u8], &[&str])] = &[
            ("empty", b"", &[]),
            ("one", b"a\n", &["a"]),
            ("no end", b"a\nb", &["a", "b"]),
            ("empty lines", b"\n\na\n\n", &["", "", "a", ""]),
            ("carriage returns", b"a\r\nb\rc\r\n\r\n", &["a", "b\rc", ""]),
            ("byte order mark", b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n", &["a", "\u{feff}b"]),
            ("only a byte order mark", b"\xef\xbb\xbf", &[]),
            ("half a byte order mark", b"\xef\xbb", &["\u{fffd}"]),
            (
                "just as long as allowed",
                b"12345678\r\n12345678\n12345678",
                &["12345678", "12345678", "12345678"],
            ),
            ("one too long", b"123456789\nb\n", &["<oversized>", "b"]),
            ("one too long, with a return", b"123456789\r\nb\n", &["<oversized>", "b"]),
            ("much too long", b"a\n1234567890123456789012345678901\nb", &["a", "<oversized>", "b"]),
            ("too long at the end", b"a\n12345678901234567890", &["a", "<oversized>"]),
            ("NUL", b"a\0b\n", &["a\0b"]),
        ];
        for (name, input, expected) in rows {
            for size in 1..=input.len().max(1) {
                assert_eq!(read_all(Pieces(input, size, None), 8), *expected, "{name} by {size}");
            }
        }
    }

    #[test]
    fn a_broken_stream_gives_what_was_readable_first() {
        for size in 1..6 {
            let broken = Pieces(b"a\nb", size, Some(io::Error::other("broken")));
            assert_eq!(read_all(broken, 8), ["a", "b", "<broken>"], "{size}");
            let broken = Pieces(b"", size, Some(io::Error::other("broken")));
            assert_eq!(read_all(broken, 8), ["<broken>"], "{size}");
        }
    }

    #[test]
    fn memory_is_bounded_by_the_limit_not_by_the_line() {
        let mut lines = Lines::new(io::repeat(b'x').take(64 << 20));
        assert_eq!(lines.next_line().unwrap(), Some(Line::Oversized));
        assert!(lines.buffer.len() <= 4 * LINE_BYTES_MAX, "{}", lines.buffer.len());
        assert_eq!(lines.next_line().unwrap(), None);
    }
}
