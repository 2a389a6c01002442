//! The writer thread: takes chunks off the queue and gets them into the sink whatever it answers.

use super::queue::{Chunk, Queue};
use super::say::say;
use super::target::Target;
use crate::clock;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// The first and the longest wait between two tries to write.
const BACK_OFF_FIRST: Duration = Duration::from_millis(10);
const BACK_OFF_MAX: Duration = Duration::from_secs(1);

/// The writer thread's owner: without it the queue is closed, and the thread ends. It does not wait for the
/// thread: a write that hangs must not hang a shutdown.
pub(crate) struct Writer {
    queue: Arc<Queue>,
    _thread: JoinHandle<()>,
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue.close(clock::monotonic());
    }
}

impl Writer {
    pub(crate) fn start(queue: Arc<Queue>, mut target: Target) -> io::Result<Self> {
        let owned = queue.clone();
        let thread = std::thread::Builder::new().name("access-log".to_owned()).spawn(move || {
            crate::context::this_thread_writes();
            run(&queue, &mut target);
            target.finish();
            queue.failed(target.take_errors());
            // A user's writer may have an end to write, and may panic on it; after that the log has ended.
            let _panicked = catch_unwind(AssertUnwindSafe(|| drop(target)));
            queue.ended();
        })?;
        Ok(Self { queue: owned, _thread: thread })
    }
}

fn run(queue: &Queue, target: &mut Target) {
    while let Some(mut chunk) = queue.next_chunk(target.flush_due()) {
        target.between_chunks(chunk.look);
        let ending = write_chunk(queue, target, &chunk);
        queue.failed(target.take_errors());
        let refused = target.take_refused();
        queue.refused(&refused.numbers);
        chunk.refuse(&refused);
        match ending {
            Ending::Written => queue.written(chunk),
            Ending::SinkClosed(offset) => {
                queue.sink_closed(chunk.taken(offset));
                say(&format!("access log: {} is closed; records are dropped from now on\n", target.name()));
                return;
            }
            Ending::Deadline(offset) => return queue.abandon(chunk.taken(offset)),
        }
    }
}

/// How writing a chunk ended; the offsets are what the sink is known to have passed on of it.
enum Ending {
    Written,
    SinkClosed(usize),
    Deadline(usize),
}

/// Writes on at the offset after short writes, again after errors that may pass, and gives up when
/// the sink is gone or the deadline of a shutdown has come.
fn write_chunk(queue: &Queue, target: &mut Target, chunk: &Chunk) -> Ending {
    let mut offset = 0;
    let mut wait = BACK_OFF_FIRST;
    loop {
        let rest = &chunk.bytes[offset..];
        // A user's sink may panic; to us that is one more way not to write.
        let answer = catch_unwind(AssertUnwindSafe(|| match rest {
            [] => target.flush().map(|()| 0),
            rest => target.write(rest),
        }));
        match answer.unwrap_or_else(|_| Err(io::Error::other("the sink panicked"))) {
            Ok(0) if rest.is_empty() => return Ending::Written,
            Ok(taken) if taken > 0 => {
                offset += taken.min(rest.len());
                wait = BACK_OFF_FIRST;
                continue;
            }
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                queue.failed(1);
                // What a sink took and did not pass on is not known to be written.
                return Ending::SinkClosed(if rest.is_empty() { 0 } else { offset });
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted && !queue.past_deadline() => continue,
            // A slow reader, and then disk full, quota, a file too large, an I/O error: all may pass.
            Err(error) if matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock) => {}
            Ok(_) | Err(_) => queue.failed(1),
        }
        if queue.past_deadline() {
            return Ending::Deadline(offset);
        }
        queue.back_off(wait);
        wait = (wait * 2).min(BACK_OFF_MAX);
        // The file may have been put away, or emptied, to make room; the line at hand then begins anew.
        if target.follow_after_error() {
            offset = chunk.bytes[..offset].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        }
    }
}
