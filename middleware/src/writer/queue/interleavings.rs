//! The hand-over between threads under every interleaving that loom finds, three preemptions deep. Its
//! condition variables never time out, so a wake-up that is missing is a deadlock, which loom reports.
//!
//!     RUSTFLAGS='--cfg access_log_loom' cargo test -p tower-access-log --lib --target-dir target/loom interleavings

use super::state::Taken;
use super::*;
use access_record::Timestamp;
use loom::model::Builder;
use loom::thread::{self, JoinHandle};
use std::sync::Arc;

/// Long enough that no branch of the model depends on the time.
const LONG: Duration = Duration::from_hours(1);

fn model(run: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(run);
}

/// A queue for two lines of the longest kind, whose records wait for no timer.
fn queue(when_full: WhenFull) -> Arc<Queue> {
    let stamp = |kind, level| Record::new(Timestamp::from_micros(0), kind, level);
    Arc::new(Queue::new(4096, Duration::ZERO, stamp).when_full(when_full))
}

/// A line that has no room beside another one.
fn line() -> Vec<u8> {
    let mut record = Record::new(Timestamp::from_micros(0), Kind::Event, Level::Info);
    record.message = Some("x".repeat(1500).into());
    let mut line = Vec::new();
    record.open(&mut line, usize::MAX);
    line
}

/// Runs this in a thread of its own.
fn beside<T: 'static>(queue: &Arc<Queue>, run: impl FnOnce(&Arc<Queue>) -> T + 'static) -> JoinHandle<T> {
    let queue = queue.clone();
    thread::spawn(move || run(&queue))
}

fn push(queue: &Arc<Queue>) {
    queue.push(&line(), Class::Request);
}

/// What the writer thread does, with a sink that takes everything.
fn write_all(queue: &Arc<Queue>) -> u64 {
    let mut lines = 0;
    while let Some(chunk) = queue.next_chunk(None) {
        lines += memchr::memchr_iter(b'\n', &chunk.bytes).count() as u64;
        queue.written(chunk);
    }
    queue.ended();
    lines
}

fn flush(queue: &Queue) -> bool {
    queue.flush(clock::monotonic() + LONG)
}

/// Closes the log, and waits for the writer to leave.
fn end(queue: &Queue) -> Report {
    queue.close(clock::monotonic() + LONG);
    queue.wait_ended(clock::monotonic() + LONG)
}

fn adds_up(report: Report) {
    assert_eq!(report.made, report.written + report.dropped + report.unflushed);
}

/// Two threads push, the writer writes, and the owner flushes and closes: nobody waits for ever, and
/// everything is written or told.
#[test]
fn what_is_pushed_is_written() {
    model(|| {
        let queue = queue(WhenFull::DropNewest);
        let writer = beside(&queue, write_all);
        let producer = beside(&queue, push);
        push(&queue);
        assert!(flush(&queue));
        producer.join().unwrap();
        let report = end(&queue);
        assert_eq!(writer.join().unwrap(), report.written);
        adds_up(report);
        assert_eq!(report.unflushed, 0);
        // Without room for the second one, it is dropped and told: two pushed, and a stop record.
        assert_eq!(report.made - report.dropped.min(1), 3);
    });
}

/// A writer that waits for work is woken by a record, with nobody who flushes or closes.
#[test]
fn a_record_wakes_the_writer() {
    model(|| {
        let queue = queue(WhenFull::DropNewest);
        let writer = beside(&queue, |queue| queue.next_chunk(None).map(|chunk| queue.written(chunk)));
        push(&queue);
        assert!(writer.join().unwrap().is_some());
        assert_eq!(queue.report().written, 1);
    });
}

/// Threads that wait for room get it as soon as the writer makes some.
#[test]
fn who_waits_for_room_gets_it() {
    model(|| {
        let queue = queue(WhenFull::Block { at_most: LONG });
        let writer = beside(&queue, write_all);
        let producer = beside(&queue, push);
        push(&queue);
        producer.join().unwrap();
        let report = end(&queue);
        assert_eq!(writer.join().unwrap(), 3);
        assert_eq!((report.made, report.written), (3, 3));
    });
}

/// A thread that waits for room that never comes is let go when the log is closed, or its sink is.
#[test]
fn who_waits_is_let_go() {
    for sink_closes in [false, true] {
        model(move || {
            let queue = queue(WhenFull::Block { at_most: LONG });
            push(&queue);
            let producer = beside(&queue, push);
            if sink_closes {
                queue.sink_closed(Taken::default());
            } else {
                queue.close(clock::monotonic() + LONG);
            }
            producer.join().unwrap();
            adds_up(queue.report());
            assert_eq!(queue.report().made, 2);
        });
    }
}

/// Room that was set aside and is given back, or filled, while others flush and close.
#[test]
fn room_that_is_set_aside_comes_back() {
    model(|| {
        let queue = queue(WhenFull::Fail);
        let writer = beside(&queue, write_all);
        let producer = beside(&queue, |queue| {
            if let Ok(Some(room)) = queue.reserve(1700) {
                queue.push_into(room, &line());
            }
        });
        drop(queue.reserve(1700));
        let report = end(&queue);
        producer.join().unwrap();
        writer.join().unwrap();
        adds_up(queue.report());
        assert_eq!(queue.lock().reserved_bytes, 0);
        assert_eq!(report.unflushed, 0);
    });
}

/// A flush of a queue whose sink closes meanwhile ends, and never says yes to what was thrown away.
#[test]
fn a_flush_ends_with_its_sink() {
    model(|| {
        let queue = queue(WhenFull::DropNewest);
        push(&queue);
        let writer = beside(&queue, |queue| {
            let _in_hands = queue.next_chunk(None);
            queue.sink_closed(Taken::default());
        });
        assert!(!flush(&queue));
        writer.join().unwrap();
        adds_up(queue.report());
    });
}
