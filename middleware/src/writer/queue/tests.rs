//! The queue against a model: whatever producers, the writer and a shutdown do, in whatever order,
//! every record is written once, in order, or named by a loss, and the counts add up at each step.

use super::room::Refused;
use super::state::Taken;
use super::*;
use access_record::Timestamp;
use proptest::prelude::*;
use std::sync::Arc;

const BYTES_MAX: usize = 64 * 1024;
/// What is set aside for a longest record.
const LINE_BYTES_MAX: usize = 13_000;

#[derive(Clone, Debug)]
enum Op {
    /// A record with a message of so many bytes.
    Push(Class, usize),
    /// The writer takes a chunk, if one waits and its hands are free.
    Take,
    /// The sink took the chunk in the writer's hands.
    Written,
    /// A request wants room for a longest record.
    Reserve,
    /// A request with room writes a record with a message of so many bytes.
    PushInto(usize),
    /// A request with room ends without a record.
    GiveBack,
}

fn policy() -> impl Strategy<Value = WhenFull> {
    // Nobody can make room while this one thread waits for it.
    let block = WhenFull::Block { at_most: Duration::ZERO };
    prop_oneof![Just(WhenFull::DropNewest), Just(block), Just(WhenFull::Fail)]
}

fn op() -> impl Strategy<Value = Op> {
    let class = prop_oneof![Just(Class::Request), Just(Class::Event)];
    prop_oneof![
        6 => (class, 0usize..12_000).prop_map(|(class, len)| Op::Push(class, len)),
        1 => Just(Op::Take),
        1 => Just(Op::Written),
        4 => Just(Op::Reserve),
        3 => (0usize..12_000).prop_map(Op::PushInto),
        1 => Just(Op::GiveBack),
    ]
}

/// A queue whose records wait for no timer.
fn queue() -> Queue {
    Queue::new(BYTES_MAX, Duration::ZERO, |kind, level| Record::new(Timestamp::from_micros(0), kind, level))
}

fn line(message: &str) -> Vec<u8> {
    let mut record = Record::new(Timestamp::from_micros(0), Kind::Event, Level::Info);
    record.message = Some(message.into());
    let mut line = Vec::new();
    record.open(&mut line, usize::MAX);
    line
}

/// The writer's side of the model: one chunk in its hands, and all that was written.
#[derive(Default)]
struct Writer {
    hands: Option<Chunk>,
    out: Vec<u8>,
}

impl Writer {
    fn take(&mut self, queue: &Queue) {
        let waits = queue.lock().waiting_bytes > 0;
        if self.hands.is_none() && waits {
            self.hands = queue.next_chunk(None);
        }
    }

    fn written(&mut self, queue: &Queue) {
        if let Some(chunk) = self.hands.take() {
            self.out.extend_from_slice(&chunk.bytes);
            queue.written(chunk);
        }
    }
}

fn adds_up(queue: &Queue) -> Result<(), TestCaseError> {
    let Report { made, written, dropped, unflushed, .. } = queue.report();
    prop_assert_eq!(made, written + dropped + unflushed);
    prop_assert!(queue.lock().bytes() <= BYTES_MAX);
    let statistics = queue.statistics();
    prop_assert_eq!((statistics.made, statistics.written, statistics.queued), (made, written, unflushed));
    prop_assert_eq!(statistics.dropped.total(), dropped);
    Ok(())
}

proptest! {
    #[test]
    fn every_record_is_written_or_told(policy in policy(), ops in proptest::collection::vec(op(), 0..120)) {
        let queue = Arc::new(queue().when_full(policy));
        let mut rooms = Vec::new();
        let mut refused = 0;
        let mut writer = Writer::default();
        let mut pushed = 0;
        for op in ops {
            match op {
                Op::Push(class, len) => {
                    pushed += 1;
                    queue.push(&line(&format!("{pushed} {}", "x".repeat(len))), class);
                }
                Op::Take => writer.take(&queue),
                Op::Written => writer.written(&queue),
                Op::Reserve => match queue.reserve(LINE_BYTES_MAX) {
                    Ok(room) => rooms.extend(room),
                    Err(Refused) => refused += 1,
                },
                Op::PushInto(len) => {
                    if let Some(room) = rooms.pop() {
                        pushed += 1;
                        let before = queue.report().dropped;
                        queue.push_into(room, &line(&format!("{pushed} {}", "x".repeat(len))));
                        prop_assert_eq!(queue.report().dropped, before, "its room was its own");
                    }
                }
                Op::GiveBack => drop(rooms.pop()),
            }
            prop_assert_eq!(queue.lock().reserved_bytes, rooms.len() * (LINE_BYTES_MAX + CLOSE_BYTES_MAX));
            adds_up(&queue)?;
        }
        writer.written(&queue);
        queue.close(clock::monotonic() + Duration::from_hours(1));
        while let Some(chunk) = queue.next_chunk(None) {
            writer.hands = Some(chunk);
            writer.written(&queue);
            adds_up(&queue)?;
        }
        queue.ended();
        drop(rooms);
        prop_assert_eq!(queue.lock().bytes(), 0);
        prop_assert_eq!(queue.statistics().bytes_written, writer.out.len() as u64);
        prop_assert_eq!(queue.report().refused, refused);

        let text = String::from_utf8(writer.out).unwrap();
        let mut seen = Vec::new();
        let mut messages = Vec::new();
        let mut lost = 0;
        for line in text.lines() {
            let (record, seq) = Record::parse(line).unwrap();
            seen.push(seq.unwrap());
            lost += record.lost.unwrap_or(0);
            if let Some(message) = record.message {
                let number = message.split(' ').next().unwrap().parse::<u64>().unwrap();
                messages.push(number);
            }
        }
        let report = queue.report();
        prop_assert_eq!(seen.len() as u64, report.written);
        prop_assert_eq!(lost, report.dropped, "every loss is told");
        prop_assert_eq!(messages.len() as u64 + report.dropped, pushed);
        prop_assert!(seen.is_sorted_by(|a, b| a < b) && messages.is_sorted_by(|a, b| a < b));
        prop_assert_eq!(seen.last().copied(), Some(report.made), "numbers are given out without holes");
    }
}

/// A loss of events leaves room for requests, and numbers between the first and the last of a loss
/// may still have been written.
#[test]
fn events_leave_a_quarter_to_requests() {
    let queue = queue();
    let line = line(&"x".repeat(1000));
    for _ in 0..100 {
        queue.push(&line, Class::Event);
    }
    let events = queue.report().unflushed;
    for _ in 0..100 {
        queue.push(&line, Class::Request);
    }
    let requests = queue.report().unflushed - events;
    let per_quarter = (BYTES_MAX / 4 / line.len()) as u64;
    assert!((2 * per_quarter..=3 * per_quarter).contains(&events), "{events}");
    assert!((per_quarter - 3..=per_quarter + 1).contains(&requests), "{requests}");
}

/// Losses are not told in the room of requests while a chatty library goes on.
#[test]
fn chatter_does_not_fill_the_queue_with_losses() {
    let queue = queue();
    let line = line(&"x".repeat(1000));
    for _ in 0..200 {
        queue.push(&line, Class::Event);
        queue.push(&line, Class::Request);
    }
    let mut writer = Writer::default();
    let filled = queue.report();
    while queue.report().unflushed > 0 {
        writer.take(&queue);
        writer.written(&queue);
    }
    let text = String::from_utf8(writer.out).unwrap();
    assert!(
        text.lines().count() as u64 > filled.unflushed,
        "all that was queued, and what tells of the rest"
    );
    assert_eq!(text.matches("\"loss\"").count(), 1);
}

/// A small queue wakes its writer before it has to drop anything.
#[test]
fn a_small_queue_is_ready_before_it_is_full() {
    let queue = Queue::new(BYTES_MAX, Duration::from_hours(1), |kind, level| {
        Record::new(Timestamp::from_micros(0), kind, level)
    });
    for _ in 0..20 {
        queue.push(&line(&"x".repeat(1000)), Class::Event);
    }
    assert_eq!(queue.report().dropped, 0);
    assert!(queue.next_chunk(None).is_some(), "with no timer and nobody who flushes");
}

#[test]
fn a_closed_sink_drops_and_counts_what_was_and_what_comes() {
    let queue = queue();
    for _ in 0..5 {
        queue.push(&line("x"), Class::Request);
    }
    let _in_hands = queue.next_chunk(None).unwrap();
    queue.push(&line("y"), Class::Request);
    queue.sink_closed(Taken { records: 2, bytes: 100 });
    queue.push(&line("z"), Class::Request);
    let expected = Report { made: 7, written: 2, dropped: 5, unflushed: 0, refused: 0, late_notes: 0 };
    assert_eq!(queue.report(), expected);
    assert!(queue.next_chunk(None).is_none());
    let now = clock::monotonic();
    assert!(!queue.flush(now), "what was queued was not written");
    assert_eq!(queue.wait_ended(now).unflushed, 0);
}

/// The writer gets an empty chunk when it has something else to do, and when somebody asks it to look.
#[test]
fn an_idle_writer_is_woken() {
    let queue = queue();
    let idle = queue.next_chunk(Some(clock::monotonic())).unwrap();
    assert_eq!((idle.records, idle.look), (0, false));
    queue.written(idle);
    queue.reopen();
    let asked = queue.next_chunk(None).unwrap();
    assert_eq!((asked.records, asked.look), (0, true));
    queue.written(asked);
    queue.push(&line("x"), Class::Request);
    let chunk = queue.next_chunk(None).unwrap();
    assert_eq!((chunk.records, chunk.look), (1, false), "asked once, looked once");
    queue.written(chunk);
    queue.push(&line("x"), Class::Request);
    queue.reopen();
    let chunk = queue.next_chunk(None).unwrap();
    assert_eq!((chunk.records, chunk.look), (1, true));
    queue.written(chunk);
    assert_eq!(queue.report().written, 2);
}

/// What tells of losses does not take the room that requests have set aside.
#[test]
fn losses_leave_what_is_set_aside() {
    let queue = Arc::new(queue().when_full(WhenFull::Fail));
    let mut rooms = Vec::new();
    while let Ok(Some(room)) = queue.reserve(LINE_BYTES_MAX) {
        rooms.push(room);
    }
    for _ in 0..100 {
        queue.push(&line(&"x".repeat(LINE_BYTES_MAX)), Class::Request);
        queue.written(Chunk::default());
        assert!(queue.lock().bytes() <= BYTES_MAX);
    }
    assert_eq!((queue.report().dropped, queue.report().refused), (100, 1));
}

/// However long the lines are, the memory they take stays within the queue's bytes and a tenth more, when
/// it is full, and when it was emptied and filled again.
#[test]
fn the_memory_is_what_was_granted() {
    for bytes_max in [64 * 1024, 1 << 20, 8 << 20] {
        for line_bytes in [100, 700, 1000, 2100, 11_000, 24_000, 33_000, 40_000, 66_000, 500_000] {
            if line_bytes > bytes_max / 2 {
                continue;
            }
            let stamp = |kind, level| Record::new(Timestamp::from_micros(0), kind, level);
            let queue = Queue::new(bytes_max, Duration::ZERO, stamp);
            let lines = [line(&"x".repeat(line_bytes)), line("short")];
            let fill = |line: &[u8]| {
                let dropped = queue.report().dropped;
                while queue.report().dropped == dropped {
                    queue.push(line, Class::Request);
                }
                let memory = queue.lock().memory_bytes();
                assert!(memory <= bytes_max / 10 * 11, "{memory} of {bytes_max} for {line_bytes}");
            };
            let empty = || {
                while queue.report().unflushed > 0 {
                    let chunk = queue.next_chunk(None).unwrap();
                    queue.written(chunk);
                }
            };
            for line in [&lines[0], &lines[1], &lines[0]] {
                fill(line);
                empty();
            }
            fill(&lines[0]);
        }
    }
}
