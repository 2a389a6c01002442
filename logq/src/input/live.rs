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

/// A stream that ends when it ends, or when it is to stop, with what was read by then. The thread that reads it may then wait
/// for as long as the process lives.
pub(super) struct Live {
    pieces: Receiver<io::Result<Vec<u8>>>,
    piece: io::Cursor<Vec<u8>>,
    stop: Arc<AtomicBool>,
    look_each: Duration,
}

impl Live {
    /// What is there when it was opened.
    pub(super) fn new<R: Read>(
        open: impl FnOnce() -> io::Result<R> + Send + 'static,
        stop: &Arc<AtomicBool>,
    ) -> io::Result<Self> {
        let (sender, pieces) = sync_channel(PIECES);
        let until = Arc::clone(stop);
        let pump = move || {
            // Nobody is there to be told that nobody is.
            let _gone = match open() {
                Ok(stream) => pump(stream, &until, &sender),
                Err(error) => sender.send(Err(error)).ok(),
            };
        };
        thread::Builder::new().name("logq-read".to_owned()).spawn(pump)?;
        let (piece, stop) = (io::Cursor::default(), Arc::clone(stop));
        Ok(Self { pieces, piece, stop, look_each: LOOK_EACH })
    }
}

/// Hands on a stream, up to its end, or until it is to stop: then no more is read, however much may come. None if nobody
/// takes it.
fn pump(mut stream: impl Read, stop: &AtomicBool, pieces: &SyncSender<io::Result<Vec<u8>>>) -> Option<()> {
    while !stop.load(Ordering::Relaxed) {
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
    Some(())
}

impl Read for Live {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let bytes = self.piece.read(buffer)?;
            if bytes > 0 || buffer.is_empty() {
                return Ok(bytes);
            }
            match self.pieces.recv_timeout(self.look_each) {
                Ok(piece) => self.piece = io::Cursor::new(piece?),
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
                Err(RecvTimeoutError::Timeout) if self.stop.load(Ordering::Relaxed) => return Ok(0),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU64;
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

    /// Never waits, and counts what was taken of it.
    struct Endless(Arc<AtomicU64>);

    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.fetch_add(buffer.len() as u64, Ordering::Relaxed);
            Ok(buffer.len())
        }
    }

    #[test]
    fn what_was_read_of_a_stream_that_never_waits_is_all_that_comes_when_it_is_to_stop() {
        let (stop, taken) = (Arc::default(), Arc::new(AtomicU64::new(0)));
        let stream = Endless(Arc::clone(&taken));
        let mut live = Live::new(|| Ok(stream), &stop).unwrap();
        // The thread that reads ends by itself, and nobody goes before.
        live.look_each = Duration::from_mins(1);
        let begun = live.read(&mut [0; 8]).unwrap() as u64;
        stop.store(true, Ordering::Relaxed);
        let bytes_max = (PIECES as u64 + 3) * PIECE_BYTES as u64;
        let rest = live.take(2 * bytes_max).read_to_end(&mut Vec::new()).unwrap() as u64;
        assert!(begun + rest <= bytes_max, "{rest} bytes");
        assert_eq!(begun + rest, taken.load(Ordering::Relaxed));
    }
}
