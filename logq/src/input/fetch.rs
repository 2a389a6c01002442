//! Packed bytes read ahead of whoever unpacks them, by a thread of its own: to copy them out of the kernel's cache takes a
//! twentieth of the time that unpacking takes, and to unpack a stream is the one thing that no second thread can share.

use super::handover::{Giver, Taker, handover};
use std::io::{self, BufRead, Read};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What is read at once.
const PIECE_BYTES: usize = 128 << 10;

/// Pieces that may wait: half a MiB, as many logs may be read at once.
const WAITING_MAX: usize = 4;

/// Bytes behind which a thread is worth its start.
const HERE_BYTES: usize = 1 << 20;

/// A stream of packed bytes.
pub(super) struct Fetched<R> {
    source: Source<R>,
    piece: Piece,
}

enum Source<R> {
    /// Read by who asks, so many bytes so far.
    Here(R, usize),
    /// Read before anybody asks.
    Ahead(Taker<Piece>, Spare),
    /// Nothing comes any more.
    Ended,
}

/// Buffers that are used again.
type Spare = Arc<Mutex<Vec<Vec<u8>>>>;

/// Bytes of the stream; none, and what happened, at its end.
#[derive(Default)]
struct Piece {
    buffer: Vec<u8>,
    from: usize,
    to: usize,
    error: Option<io::Error>,
}

impl<R: Read + Send + 'static> Fetched<R> {
    /// Nothing is read yet.
    pub(super) fn new(stream: R) -> Self {
        Self { source: Source::Here(stream, 0), piece: Piece::default() }
    }

    /// Reads the next piece; an empty one is the end.
    fn next(&mut self) {
        self.piece = match std::mem::replace(&mut self.source, Source::Ended) {
            Source::Here(mut stream, bytes) => {
                let piece = read(&mut stream, std::mem::take(&mut self.piece.buffer));
                if piece.to > 0 {
                    self.source = begun(stream, bytes + piece.to);
                }
                piece
            }
            Source::Ahead(mut pieces, spare) => {
                put(&spare, std::mem::take(&mut self.piece.buffer));
                let lost = || io::Error::other("reading ended before its time");
                let piece =
                    pieces.take().unwrap_or_else(|| Piece { error: Some(lost()), ..Piece::default() });
                if piece.to > 0 {
                    self.source = Source::Ahead(pieces, spare);
                }
                piece
            }
            Source::Ended => Piece::default(),
        };
    }
}

impl<R: Read + Send + 'static> BufRead for Fetched<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.piece.from == self.piece.to && self.piece.error.is_none() {
            self.next();
        }
        let Piece { buffer, from, to, error } = &mut self.piece;
        match error.take() {
            Some(error) => Err(error),
            None => Ok(&buffer[*from..*to]),
        }
    }

    fn consume(&mut self, bytes: usize) {
        self.piece.from += bytes;
    }
}

impl<R: Read + Send + 'static> Read for Fetched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

/// A stream of which so many bytes were read: from enough of them on by a thread, if there can be one.
fn begun<R: Read + Send + 'static>(stream: R, bytes: usize) -> Source<R> {
    if bytes < HERE_BYTES {
        return Source::Here(stream, bytes);
    }
    let (giver, taker) = handover(WAITING_MAX);
    let spare = Spare::default();
    // The stream stays here where no thread starts.
    let shared = Arc::new(Mutex::new(Some(stream)));
    let (theirs, their_spare) = (Arc::clone(&shared), Arc::clone(&spare));
    let thread = thread::Builder::new().name("logq-fetch".to_owned()).spawn(move || {
        let stream = theirs.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(stream) = stream {
            fetch(stream, &giver, &their_spare);
        }
    });
    match (thread, shared) {
        (Ok(_), _) => Source::Ahead(taker, spare),
        (Err(_), shared) => {
            let stream = shared.lock().unwrap_or_else(PoisonError::into_inner).take();
            stream.map_or(Source::Ended, |stream| Source::Here(stream, 0))
        }
    }
}

/// Reads all of a stream, until nobody takes it any more.
fn fetch(mut stream: impl Read, pieces: &Giver<Piece>, spare: &Spare) {
    loop {
        let buffer = spare.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        let piece = read(&mut stream, buffer);
        let is_last = piece.to == 0;
        if !pieces.give(piece) || is_last {
            return;
        }
    }
}

fn put(spare: &Spare, buffer: Vec<u8>) {
    spare.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
}

/// Reads once.
fn read(stream: &mut impl Read, mut buffer: Vec<u8>) -> Piece {
    buffer.resize(PIECE_BYTES, 0);
    loop {
        let (to, error) = match stream.read(&mut buffer) {
            Ok(bytes) => (bytes, None),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => (0, Some(error)),
        };
        return Piece { buffer, from: 0, to, error };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Sender, channel};
    use std::time::Duration;

    /// So many bytes, no more at once than asked for, and an error behind them.
    struct Bytes(usize, usize, bool);

    impl Read for Bytes {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Self(next, end, fails) = self;
            let bytes = buffer.len().min(*end - *next).min(100_000);
            if bytes == 0 && std::mem::take(fails) {
                return Err(io::Error::other("torn"));
            }
            for byte in &mut buffer[..bytes] {
                *byte = next.to_le_bytes()[0];
                *next += 1;
            }
            Ok(bytes)
        }
    }

    /// Tells when nobody has it any more.
    struct Told(Bytes, Sender<()>);

    impl Read for Told {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(buffer)
        }
    }

    impl Drop for Told {
        fn drop(&mut self) {
            let _nobody_waits = self.1.send(());
        }
    }

    #[test]
    fn all_bytes_come_in_order_and_an_error_behind_them() {
        for len in [0, 1, 99_999, HERE_BYTES, 5 * HERE_BYTES + 7] {
            for fails in [false, true] {
                let mut fetched = Fetched::new(Bytes(0, len, fails));
                let mut all = Vec::new();
                let error = fetched.read_to_end(&mut all).err().map(|error| error.to_string());
                assert_eq!(error.as_deref(), fails.then_some("torn"), "{len}");
                assert_eq!(all.len(), len);
                assert!(all.iter().enumerate().all(|(at, byte)| *byte == at.to_le_bytes()[0]), "{len}");
                assert!(matches!(fetched.fill_buf(), Ok([])), "nothing comes behind the end of {len}");
            }
        }
    }

    #[test]
    fn few_bytes_need_no_thread() {
        let mut fetched = Fetched::new(Bytes(0, HERE_BYTES - 1, false));
        io::copy(&mut fetched, &mut io::sink()).unwrap();
        assert!(matches!(fetched.source, Source::Ended));
        let mut fetched = Fetched::new(Bytes(0, 2 * HERE_BYTES, false));
        let mut first = vec![0; HERE_BYTES - 100_000];
        fetched.read_exact(&mut first).unwrap();
        assert!(matches!(fetched.source, Source::Here(..)));
        fetched.read_exact(&mut first).unwrap();
        assert!(matches!(fetched.source, Source::Ahead(..)));
    }

    #[test]
    fn who_leaves_early_ends_the_reading() {
        let (told, gone) = channel();
        let mut fetched = Fetched::new(Told(Bytes(0, usize::MAX, false), told));
        let mut some = vec![0; 3 * HERE_BYTES];
        fetched.read_exact(&mut some).unwrap();
        assert!(matches!(fetched.source, Source::Ahead(..)));
        drop(fetched);
        assert_eq!(gone.recv_timeout(Duration::from_secs(30)), Ok(()), "the thread has let go of the stream");
    }
}
