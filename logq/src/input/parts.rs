//! Lines that a container's runtime wrote in parts, put together again before they are searched: Kubernetes' CRI
//! (`P … F`) and Docker's json-file (texts without a line end). Parts of standard output and standard error stand among
//! each other. What comes out is a line as the runtime writes short ones, with the time of its first part.

use super::LINE_BYTES_MAX;
use memchr::{memchr, memmem};
use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The numbers of lines that came out and were not asked for: each that of its first part.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers(Arc<Mutex<VecDeque<u64>>>);

impl Numbers {
    /// The numbers of the next lines.
    pub(super) fn take(&self, lines: usize) -> Vec<u64> {
        let mut waiting = lock(&self.0);
        let lines = lines.min(waiting.len());
        waiting.drain(..lines).collect()
    }

    fn push(&self, number: u64) {
        lock(&self.0).push_back(number);
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Who writes lines in parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writer {
    Cri,
    Docker,
}

/// What a line says of itself.
#[derive(Debug, PartialEq)]
struct Said<'l> {
    stream: &'l [u8],
    /// What stands before the text, of CRI without its tag.
    before: &'l [u8],
    text: &'l [u8],
    behind: &'l [u8],
    is_part: bool,
}

impl Writer {
    pub(super) fn of(line: &[u8]) -> Option<Self> {
        [Self::Cri, Self::Docker].into_iter().find(|writer| writer.said(line).is_some())
    }

    fn said(self, line: &[u8]) -> Option<Said<'_>> {
        match self {
            Self::Cri => cri(line),
            Self::Docker => docker(line),
        }
    }
}

fn cri(line: &[u8]) -> Option<Said<'_>> {
    let is_time = line.get(4) == Some(&b'-') && line.get(10) == Some(&b'T');
    let stream = memchr(b' ', line).filter(|_| is_time)? + 1;
    let tag = stream + memchr(b' ', &line[stream..])? + 1;
    let stream = &line[stream..tag - 1];
    let is_part = match line.get(tag)? {
        b'P' => true,
        b'F' => false,
        _ => return None,
    };
    if !is_stream(stream) || line.get(tag + 1).is_some_and(|byte| *byte != b' ') {
        return None;
    }
    let text = line.get(tag + 2..).unwrap_or_default();
    Some(Said { stream, before: &line[..tag], text, behind: b"", is_part })
}

const DOCKER: &[u8] = b"{\"log\":\"";
const DOCKER_STREAM: &[u8] = b"\",\"stream\":\"";

fn docker(line: &[u8]) -> Option<Said<'_>> {
    let mut end = DOCKER.len();
    let mut is_part = true;
    if !line.starts_with(DOCKER) {
        return None;
    }
    loop {
        match line.get(end)? {
            b'"' => break,
            b'\\' => {
                is_part = line.get(end + 1) != Some(&b'n');
                end += 2;
            }
            _ => {
                is_part = true;
                end += 1;
            }
        }
    }
    let (before, rest) = line.split_at(DOCKER.len());
    let (text, behind) = rest.split_at(end - DOCKER.len());
    let stream = behind.strip_prefix(DOCKER_STREAM)?;
    let stream = &stream[..memchr(b'"', stream)?];
    is_stream(stream).then_some(Said { stream, before, text, behind, is_part })
}

fn is_stream(name: &[u8]) -> bool {
    matches!(name, b"stdout" | b"stderr")
}

/// Whether a file has parts of lines; perhaps also where it only looks so. One whose first line no runtime wrote is not
/// read for it.
pub(super) fn are_in(file: &mut impl Read) -> io::Result<bool> {
    let mut chunk = vec![0; CHUNK_BYTES];
    let (mut kept, mut writer) = (0, None);
    loop {
        let read = match file.read(&mut chunk[kept..]) {
            Ok(0) => return Ok(false),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let end = kept + read;
        let bytes = &chunk[..end];
        let of_first_line = || Writer::of(&bytes[..memchr(b'\n', bytes).unwrap_or(end)]);
        let Some(known) = writer.or_else(of_first_line) else { return Ok(false) };
        if known.may_have_parts(bytes) {
            return Ok(true);
        }
        // What is looked for may go on in the next chunk.
        writer = Some(known);
        kept = end.min(KEPT_BYTES);
        chunk.copy_within(end - kept..end, 0);
    }
}

const CHUNK_BYTES: usize = 256 << 10;
const KEPT_BYTES: usize = 64;

impl Writer {
    fn may_have_parts(self, bytes: &[u8]) -> bool {
        match self {
            Self::Cri => {
                [&b" stdout P"[..], b" stderr P"].iter().any(|tag| memmem::find(bytes, tag).is_some())
            }
            Self::Docker => memmem::find_iter(bytes, DOCKER_STREAM).any(|at| {
                let Some(text) = bytes[..at].strip_suffix(b"n") else { return true };
                let backslashes = text.iter().rev().take_while(|byte| **byte == b'\\').count();
                backslashes % 2 == 0 || backslashes == text.len()
            }),
        }
    }
}

/// Whether a runtime wrote the first line of a stream that never waits; and the stream, as it was.
pub(super) fn peek(mut stream: Box<dyn Read + Send>) -> (Box<dyn Read + Send>, bool) {
    let mut head = Vec::new();
    let error = stream.by_ref().take(PEEKED_BYTES).read_to_end(&mut head).err();
    let is_of_runtime = Writer::of(&head[..memchr(b'\n', &head).unwrap_or(head.len())]).is_some();
    let head = io::Cursor::new(head);
    let stream: Box<dyn Read + Send> = match error {
        Some(error) => Box::new(head.chain(Failing(Some(error)))),
        None => Box::new(head.chain(stream)),
    };
    (stream, is_of_runtime)
}

/// The end of a stream that failed.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Longer than any first line in parts: runtimes cut at 16 KiB.
pub(super) const PEEKED_BYTES: u64 = 128 << 10;

/// A stream whose parts of lines are joined, if its first line is one that a runtime wrote.
pub(super) struct Joined<R> {
    stream: BufReader<R>,
    lines: Arc<Mutex<Lines>>,
    out: Vec<u8>,
    given: usize,
    ended: bool,
    /// Whether nothing comes behind it, so that lines of which only parts came are given out.
    is_whole: bool,
}

/// The lines as they come.
#[derive(Debug, Default)]
pub(super) struct Lines {
    writer: Option<Writer>,
    /// A line whose end was not read yet, or that is too long to be more than handed on.
    line: Vec<u8>,
    is_handed_on: bool,
    number: u64,
    /// Where numbers of lines go, if anybody asks for them.
    numbers: Option<Numbers>,
    /// Lines of which only parts came, in the order of their first ones.
    open: Vec<Open>,
    /// Bytes of lines that went to a reader.
    pub(super) given_bytes: u64,
}

#[derive(Debug)]
struct Open {
    number: u64,
    stream: Vec<u8>,
    before: Vec<u8>,
    text: Vec<u8>,
    behind: Vec<u8>,
}

impl<R: Read> Joined<R> {
    pub(super) fn new(stream: R, numbers: Numbers) -> Self {
        let lines = Lines { numbers: Some(numbers), ..Lines::default() };
        Self::going_on(stream, Arc::new(Mutex::new(lines)), true)
    }

    /// Goes on with lines, some of which may have begun.
    pub(super) fn going_on(stream: R, lines: Arc<Mutex<Lines>>, is_whole: bool) -> Self {
        let stream = BufReader::with_capacity(CHUNK_BYTES, stream);
        Self { stream, lines, out: Vec::new(), given: 0, ended: false, is_whole }
    }
}

impl<R: Read> Read for Joined<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut lines = lock(&self.lines);
        if self.given == self.out.len() && lines.is_others() {
            return self.stream.read(buffer);
        }
        while self.given == self.out.len() && !self.ended {
            self.out.clear();
            self.given = 0;
            let bytes = self.stream.fill_buf()?;
            let len = bytes.len();
            if len == 0 {
                self.ended = true;
                if self.is_whole {
                    lines.end(&mut self.out);
                }
            } else {
                lines.bytes(bytes, &mut self.out);
                self.stream.consume(len);
            }
        }
        let len = buffer.len().min(self.out.len() - self.given);
        buffer[..len].copy_from_slice(&self.out[self.given..self.given + len]);
        self.given += len;
        lines.given_bytes += len as u64;
        Ok(len)
    }
}

impl Lines {
    /// Lines of a file whose first one is no longer to be looked at.
    pub(super) fn by(writer: Writer) -> Self {
        Self { writer: Some(writer), number: 1, ..Self::default() }
    }

    /// Whether there are lines of which only parts came.
    pub(super) fn have_begun(&self) -> bool {
        !self.open.is_empty()
    }

    fn bytes(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) {
        if self.is_others() {
            return out.extend_from_slice(bytes);
        }
        while let Some(at) = memchr(b'\n', bytes) {
            let (line, rest) = bytes.split_at(at + 1);
            bytes = rest;
            if self.is_handed_on {
                self.is_handed_on = false;
                out.extend_from_slice(line);
            } else if self.line.is_empty() {
                self.line(line, out);
            } else {
                let mut whole = std::mem::take(&mut self.line);
                whole.extend_from_slice(line);
                self.line(&whole, out);
            }
            if self.is_others() {
                return out.extend_from_slice(bytes);
            }
        }
        self.line.extend_from_slice(bytes);
        if self.is_handed_on || self.line.len() > LINE_BYTES_MAX + 1 {
            if !self.is_handed_on {
                self.number += 1;
                self.is_handed_on = true;
                self.numbered(self.number);
            }
            out.append(&mut self.line);
        }
    }

    /// Whether the first line is known, and is of somebody else.
    fn is_others(&self) -> bool {
        self.number > 0 && self.writer.is_none()
    }

    /// A line, with its end if it has one.
    pub(super) fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        self.number += 1;
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        if self.number == 1 {
            self.writer = Writer::of(text);
        }
        let said = self.writer.and_then(|writer| writer.said(text));
        let Some(said) = said else {
            self.numbered(self.number);
            return out.extend_from_slice(line);
        };
        let open = self.open.iter().position(|open| open.stream == said.stream);
        match (open, said.is_part) {
            (None, false) => {
                self.numbered(self.number);
                out.extend_from_slice(line);
            }
            (None, true) => self.open.push(Open {
                number: self.number,
                stream: said.stream.to_vec(),
                before: said.before.to_vec(),
                text: said.text.to_vec(),
                behind: said.behind.to_vec(),
            }),
            (Some(at), is_part) => {
                self.open[at].add(said.text);
                if !is_part {
                    let open = self.open.remove(at);
                    self.give(&open, b"F ", out);
                }
            }
        }
    }

    /// No more comes: gives out what has begun.
    pub(super) fn end(&mut self, out: &mut Vec<u8>) {
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.line(&line, out);
        }
        for open in std::mem::take(&mut self.open) {
            self.give(&open, b"P ", out);
        }
    }

    fn give(&mut self, open: &Open, tag: &[u8], out: &mut Vec<u8>) {
        self.numbered(open.number);
        out.extend_from_slice(&open.before);
        if self.writer == Some(Writer::Cri) {
            out.extend_from_slice(tag);
        }
        out.extend_from_slice(&open.text);
        out.extend_from_slice(&open.behind);
        out.push(b'\n');
    }

    fn numbered(&self, number: u64) {
        if let (Some(_), Some(numbers)) = (self.writer, &self.numbers) {
            numbers.push(number);
        }
    }
}

impl Open {
    /// Beyond the limit no more is kept than tells that it was passed.
    fn add(&mut self, text: &[u8]) {
        let room = (LINE_BYTES_MAX + 2).saturating_sub(self.text.len());
        self.text.extend_from_slice(&text[..text.len().min(room)]);
    }
}

#[cfg(test)]
mod tests;
