//! Bytes that are unpacked ahead of whoever takes them: one thread goes through a stream, or several through
//! parts that can be unpacked by themselves, and what they make comes out in order. Memory is bounded by the
//! buffers that may wait, which are used again, however long a part is and whoever is slow.

use super::frames::{Frames, Part};
use super::handover::{Giver, Taker, handover};
use super::packed;
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use zstd::zstd_safe::DCtx;

/// Room in front of the bytes of every buffer, for the start of a line that the one before has.
pub(super) const HEADROOM_BYTES: usize = 16 << 10;

/// Bytes that may wait of one part: as many as a part of the usual size has.
const WAITING_BYTES: usize = 4 << 20;

/// Pieces of one stream are as long as so many blocks, to be handed over less often.
const STREAM_BLOCKS: usize = 2;

/// More threads would wait with more than 16 MiB in buffers, and with windows of as much again.
const THREADS_MAX: usize = 4;

/// What is to be unpacked.
pub(super) enum Work {
    /// A stream that is unpacked as it is read.
    Stream(Option<Box<dyn Read + Send>>),
    /// Frames of a file, some of them at a time.
    Frames(Frames),
}

/// What was unpacked next, and where in its buffer it stands.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) buffer: Vec<u8>,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) error: Option<io::Error>,
    /// Nothing comes behind it: of its part where it is on its way, of all where it was taken.
    pub(super) is_last: bool,
}

/// Who takes it.
pub(super) struct Ahead {
    /// What the threads begin with, which are not started before something is asked for.
    work: Option<Work>,
    block_bytes: usize,
    parts: Option<Receiver<Taker<Piece>>>,
    is_one_stream: bool,
    part: Option<Taker<Piece>>,
    spare: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Ahead {
    pub(super) fn new(work: Work, block_bytes: usize) -> Self {
        let is_one_stream = matches!(work, Work::Stream(_));
        let block_bytes = if is_one_stream { block_bytes * STREAM_BLOCKS } else { block_bytes };
        Self { work: Some(work), block_bytes, parts: None, is_one_stream, part: None, spare: Arc::default() }
    }

    /// Whether one thread unpacks it.
    pub(super) fn is_one_stream(&self) -> bool {
        self.is_one_stream
    }

    /// The next piece; its buffer is given for another, which is used again.
    pub(super) fn next(&mut self, spare: Vec<u8>) -> Piece {
        if let Some(work) = self.work.take()
            && let Err(error) = self.start(work)
        {
            return Piece { error: Some(error), is_last: true, ..Piece::default() };
        }
        if !spare.is_empty() {
            lock(&self.spare).push(spare);
        }
        loop {
            let Some(part) = &mut self.part else {
                self.part = self.parts.as_ref().and_then(|parts| parts.recv().ok());
                if self.part.is_none() {
                    return Piece { is_last: true, ..Piece::default() };
                }
                continue;
            };
            // A thread says when it is done with a part, so that one which died is no end.
            let Some(mut piece) = part.take() else {
                let error = io::Error::other("unpacking ended before its time");
                return Piece { error: Some(error), is_last: true, ..Piece::default() };
            };
            if std::mem::take(&mut piece.is_last) {
                self.part = None;
            }
            if piece.error.is_some() || piece.from < piece.to {
                piece.is_last = piece.error.is_some();
                return piece;
            }
            lock(&self.spare).push(piece.buffer);
        }
    }

    fn start(&mut self, work: Work) -> io::Result<()> {
        let threads = match &work {
            Work::Stream(_) => 1,
            Work::Frames(_) => thread::available_parallelism().map_or(1, NonZeroUsize::get).min(THREADS_MAX),
        };
        let (order, parts) = sync_channel(threads);
        self.parts = Some(parts);
        let next = Arc::new(Mutex::new((work, order)));
        for _ in 0..threads {
            let unpacker = Unpacker {
                next: Arc::clone(&next),
                spare: Arc::clone(&self.spare),
                block_bytes: self.block_bytes,
                waiting_max: (WAITING_BYTES / self.block_bytes).clamp(2, 64),
            };
            thread::Builder::new().name("logq-unpack".to_owned()).spawn(move || unpacker.run())?;
        }
        Ok(())
    }
}

/// What is next, and where parts are announced in their order.
type Next = (Work, SyncSender<Taker<Piece>>);

/// A thread that unpacks.
struct Unpacker {
    next: Arc<Mutex<Next>>,
    spare: Arc<Mutex<Vec<Vec<u8>>>>,
    block_bytes: usize,
    waiting_max: usize,
}

impl Unpacker {
    /// Unpacks part after part, until there is none or nobody takes them any more.
    fn run(&self) {
        let mut context = None;
        while let Some((part, pieces)) = self.announced() {
            let is_taken = match part {
                Part::Rest(stream) => self.unpack(stream, &pieces),
                Part::Frames(frames) => {
                    let context = context.get_or_insert_with(DCtx::create);
                    self.unpack(packed::unpacked_frames(frames, context), &pieces)
                }
            };
            if !is_taken {
                return;
            }
        }
    }

    /// The next part, told to whoever takes it before anybody can have the one behind it.
    fn announced(&self) -> Option<(Part, Giver<Piece>)> {
        let mut next = lock(&self.next);
        let (work, order) = &mut *next;
        let part = match work {
            Work::Stream(stream) => stream.take().map(Part::Rest),
            Work::Frames(frames) => frames.next(),
        }?;
        let (giver, taker) = handover(self.waiting_max);
        order.send(taker).ok()?;
        Some((part, giver))
    }

    /// Unpacks a part; false if nobody takes it, or nothing comes behind it.
    fn unpack(&self, mut stream: impl Read, pieces: &Giver<Piece>) -> bool {
        loop {
            let mut buffer = lock(&self.spare).pop().unwrap_or_default();
            let bytes = HEADROOM_BYTES + self.block_bytes;
            if buffer.len() < bytes {
                buffer.resize(bytes, 0);
            }
            let mut piece = Piece { buffer, from: HEADROOM_BYTES, to: HEADROOM_BYTES, ..Piece::default() };
            while piece.to < bytes && !piece.is_last {
                match stream.read(&mut piece.buffer[piece.to..bytes]) {
                    Ok(0) => piece.is_last = true,
                    Ok(read) => piece.to += read,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => {
                        piece.error = Some(error);
                        piece.is_last = true;
                    }
                }
            }
            let (is_last, is_broken) = (piece.is_last, piece.error.is_some());
            if !pieces.give(piece) || is_broken {
                return false;
            }
            if is_last {
                return true;
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
