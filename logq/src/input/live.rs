//! What somebody else writes when they like, read by a thread of its own, so that whoever waits for it can be told to stop:
//! reading, and also opening, a pipe ends for no signal that a process handles.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// So long nobody notices that reading is to stop.
const LOOK_EACH: Duration = Duration::from_millis(100);

/// What is read at once; a pipe holds no more.
const PIECE_BYTES: usize = 64 << 10;

/// Pieces that may wait.
const PIECES: usize = 4;

/// A stream that ends when it ends, or when it is to stop. The thread that reads it may then wait for as long as the process
/// lives.
pub(super) struct Live {
    pieces: Receiver<io::Result<Vec<u8>>>,
    piece: io::Cursor<Vec<u8>>,
    stop: Arc<AtomicBool>,
}

impl Live {
    /// What is there when it was opened.
    pub(super) fn new<R: Read>(
        open: impl FnOnce() -> io::Result<R> + Send + 'static,
        stop: &Arc<AtomicBool>,
    ) -> io::Result<Self> {
        let (sender, pieces) = sync_channel(PIECES);
        let pump = move || {
            // Nobody is there to be told that nobody is.
            let _gone = match open() {
                Ok(stream) => pump(stream, &sender),
                Err(error) => sender.send(Err(error)).ok(),
            };
        };
        thread::Builder::new().name("logq-read".to_owned()).spawn(pump)?;
        Ok(Self { pieces, piece: io::Cursor::default(), stop: Arc::clone(stop) })
    }
}

/// Hands on a stream, up to its end; none if nobody takes it.
fn pump(mut stream: impl Read, pieces: &SyncSender<io::Result<Vec<u8>>>) -> Option<()> {
    loop {
        let mut piece = vec![0; PIECE_BYTES];
        match stream.read(&mut piece) {
            Ok(0) => return Some(()),
            Ok(bytes) => {
                piece.truncate(bytes);
                pieces.send(Ok(piece)).ok()?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return pieces.send(Err(error)).ok(),
        }
    }
}

impl Read for Live {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let bytes = self.piece.read(buffer)?;
            if bytes > 0 || buffer.is_empty() {
                return Ok(bytes);
            }
            // Who never stops writing leaves nothing to wait for.
            if self.stop.load(Ordering::Relaxed) {
                return Ok(0);
            }
            match self.pieces.recv_timeout(LOOK_EACH) {
                Ok(piece) => self.piece = io::Cursor::new(piece?),
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    /// Waits for its next byte.
    struct Waiting(Receiver<u8>);

    impl Read for Waiting {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Ok(byte) = self.0.recv() else { return Ok(0) };
            buffer[0] = byte;
            Ok(1)
        }
    }

    #[test]
    fn a_stream_ends_where_it_ends_or_is_to_stop() {
        let (sender, bytes) = channel();
        let stop = Arc::default();
        let mut live = Live::new(|| Ok(Waiting(bytes)), &stop).unwrap();
        let mut buffer = [0; 8];
        sender.send(b'a').unwrap();
        assert_eq!(live.read(&mut buffer).unwrap(), 1);
        stop.store(true, Ordering::Relaxed);
        assert_eq!(live.read(&mut buffer).unwrap(), 0, "nobody writes any more");
        let mut text = String::new();
        Live::new(|| Ok(&b"ab"[..]), &Arc::default()).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "ab");
        let refuse = || Err::<&[u8], _>(io::ErrorKind::PermissionDenied.into());
        let error = Live::new(refuse, &Arc::default()).unwrap().read(&mut buffer).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    }

    #[test]
    fn a_stream_that_never_waits_ends_when_it_is_to_stop() {
        let stop = Arc::default();
        let mut live = Live::new(|| Ok(io::repeat(b'a')), &stop).unwrap();
        assert_eq!(live.read(&mut [0; 8]).unwrap(), 8);
        stop.store(true, Ordering::Relaxed);
        let rest = live.take(16 * PIECE_BYTES as u64).read_to_end(&mut Vec::new()).unwrap();
        assert_eq!(rest, PIECE_BYTES - 8, "what was begun is read, and no more");
    }
}
