//! What happens when the queue is full, and waiting until it is empty.

use crate::lines::records;
use crate::support::{BoxError, PATIENCE, answer, infallible, request};
use crate::writer::{Order, Stuck, requests, stuck, stuck_with, text};
use axum::body::Body;
use http::{Request, Response, StatusCode};
use http_body::Body as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_access_log::{AccessLog, Dropped, Kind, LossReason, Sink, WhenFull};

/// A flush needs no runtime, ends when everything queued before it is written, and keeps its deadline.
#[test]
fn a_flush_waits_for_what_was_queued() {
    let Stuck { log, orders, entered, taken } = stuck(1 << 20);
    let run = futures_util::FutureExt::now_or_never;
    assert_eq!(run(log.flush(Duration::ZERO)), Some(true), "nothing queued, nothing to wait for");
    block_on(requests(&log, 3));
    entered.recv_timeout(PATIENCE).unwrap();
    std::thread::scope(|scope| {
        let flush = scope.spawn(|| block_on(log.flush(PATIENCE)));
        assert!(!block_on(log.flush(Duration::from_millis(20))), "the sink hangs");
        orders.send(Order::TakeAll).unwrap();
        assert!(flush.join().unwrap());
    });
    assert_eq!(records(&text(&taken)).len(), 3);
}

/// The smallest executor there is: parks its thread.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut cx = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut cx) {
            std::task::Poll::Ready(value) => return value,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}

const QUEUE_BYTES: usize = 64 * 1024;

/// With patience, a slow sink loses nothing that a fast one would not.
#[test]
fn block_waits_for_room() {
    let block = WhenFull::Block { at_most: PATIENCE };
    let Stuck { log, orders, entered, taken } =
        stuck_with(|builder| builder.queue_bytes(QUEUE_BYTES).when_full(block));
    std::thread::scope(|scope| {
        let log = &log;
        let producers: Vec<_> = (0..3).map(|_| scope.spawn(move || block_on(requests(log, 200)))).collect();
        entered.recv_timeout(PATIENCE).unwrap();
        while log.statistics().queued_bytes < (QUEUE_BYTES - 4096) as u64 {
            std::thread::yield_now();
        }
        assert!(producers.iter().any(|producer| !producer.is_finished()), "600 records have no room");
        orders.send(Order::TakeAll).unwrap();
        for producer in producers {
            producer.join().unwrap();
        }
    });
    let report = log.shutdown_blocking(PATIENCE);
    assert_eq!((report.made, report.written, report.dropped), (601, 601, 0));
    assert_eq!(records(&text(&taken)).len(), 601);
}

/// Without room in time the record is dropped, counted under its own reason, and told in the log. A
/// thread that unwinds and one whose log is shut down do not wait.
#[test]
fn block_gives_up_and_says_so() {
    let block = WhenFull::Block { at_most: Duration::from_millis(5) };
    let Stuck { log, orders, entered, taken } =
        stuck_with(|builder| builder.queue_bytes(QUEUE_BYTES).when_full(block));
    block_on(requests(&log, 1));
    entered.recv_timeout(PATIENCE).unwrap();
    let mut made = 1;
    while log.statistics().dropped.timed_out < 3 {
        block_on(requests(&log, 1));
        made += 1;
    }
    let statistics = log.statistics();
    assert_eq!(statistics.dropped.total(), 3);
    assert_eq!((statistics.made, statistics.queued), (made, made - 3));
    orders.send(Order::TakeAll).unwrap();
    assert!(block_on(log.flush(PATIENCE)));
    let report = log.shutdown_blocking(PATIENCE);
    assert_eq!((report.dropped, report.made), (3, report.written + 3));
    let records = records(&text(&taken));
    let loss = records.iter().find(|(record, _)| record.kind == Kind::Loss).unwrap();
    assert_eq!((loss.0.lost, loss.0.reason), (Some(3), Some(LossReason::TimedOut)));
}

#[test]
fn block_does_not_hold_up_a_panic_or_a_shutdown() {
    let forever = WhenFull::Block { at_most: Duration::MAX };
    let Stuck { log, orders, entered, .. } =
        stuck_with(|builder| builder.queue_bytes(QUEUE_BYTES).when_full(forever));
    block_on(requests(&log, 1));
    entered.recv_timeout(PATIENCE).unwrap();
    let layer = log.layer();
    // Requests that are dropped while their thread unwinds: they fill the queue, and none of them waits.
    let unwinding = crate::support::caught(|| {
        let slow = || Box::pin(layer.layer(service_fn(answer::<Body>)).oneshot(request("GET", "/slow")));
        let mut pending: Vec<_> = (0..500).map(|_| slow()).collect();
        for future in &mut pending {
            assert!(futures_util::FutureExt::now_or_never(future).is_none());
        }
        panic!("on purpose");
    });
    assert!(unwinding.is_err());
    let Dropped { queue_full, timed_out, .. } = log.statistics().dropped;
    assert!(queue_full > 100 && timed_out == 0);
    // One that waits is let go by the shutdown.
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| {
            let service = layer.layer(service_fn(infallible));
            (0..100).for_each(|_| drop(block_on(service.clone().oneshot(request("GET", "/empty")))));
        });
        let report = log.shutdown_blocking(Duration::from_millis(50));
        assert_eq!(report.made, report.written + report.dropped + report.unflushed);
        waits.join().unwrap();
    });
    drop(orders);
}

/// No request without its record: those for which there is no room are answered, and not run.
#[test]
fn fail_refuses_what_it_could_not_record() {
    let Stuck { log, orders, entered, taken } =
        stuck_with(|builder| builder.queue_bytes(QUEUE_BYTES).when_full(WhenFull::Fail));
    let ran = Arc::new(AtomicU64::new(0));
    let counted = ran.clone();
    let service = log.layer().layer(service_fn(move |request: Request<Body>| {
        counted.fetch_add(1, Ordering::Relaxed);
        answer(request)
    }));
    let ask = |path: &str, id: &str| -> Result<Response<_>, BoxError> {
        let mut request = request("GET", path);
        request.headers_mut().insert("x-request-id", id.parse().unwrap());
        block_on(service.clone().oneshot(request))
    };
    ask("/empty", "first").unwrap();
    entered.recv_timeout(PATIENCE).unwrap();
    // Two longest records have room; their requests hold it until they are written.
    let held: Vec<_> = (0..2).map(|_| ask("/slow-body", "held").unwrap()).collect();
    assert_eq!(log.statistics().in_flight, 2);
    let refused = ask("/empty", "refused").unwrap();
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers()["x-request-id"], "refused");
    assert!(refused.body().is_end_stream());
    assert_eq!((ran.load(Ordering::Relaxed), log.report().refused, log.report().made), (3, 1, 1));
    drop(held);
    assert_eq!((log.report().made, log.statistics().in_flight), (3, 0));
    assert_eq!(ask("/empty", "again").unwrap().status(), StatusCode::OK, "the room is free again");
    orders.send(Order::TakeAll).unwrap();
    let report = log.shutdown_blocking(PATIENCE);
    assert_eq!((report.made, report.written, report.dropped, report.refused), (5, 5, 0, 1));
    assert_eq!(records(&text(&taken)).len(), 5);
    assert_eq!(ask("/empty", "late").unwrap().status(), StatusCode::SERVICE_UNAVAILABLE, "nobody records it");
    assert_eq!(ran.load(Ordering::Relaxed), 4);
}

/// The reasons add up, and come from where they say.
#[test]
fn statistics_say_why() {
    let Stuck { log, orders, entered, .. } = stuck(QUEUE_BYTES);
    block_on(requests(&log, 1));
    entered.recv_timeout(PATIENCE).unwrap();
    block_on(requests(&log, 300));
    let full = log.statistics();
    assert!(full.dropped.queue_full > 0 && full.dropped.total() == full.dropped.queue_full, "{full:?}");
    assert_eq!(full.made, full.written + full.dropped.total() + full.queued);
    assert!((1..=QUEUE_BYTES as u64).contains(&full.queued_bytes) && full.bytes_written == 0);
    // The sink closes.
    drop(orders);
    assert!(!log.flush_blocking(PATIENCE));
    block_on(requests(&log, 1));
    let closed = log.statistics();
    assert_eq!(closed.dropped.sink_closed, full.queued + 1);
    assert_eq!((closed.errors, closed.queued, closed.queued_bytes, closed.written), (1, 0, 0, 0));

    let capture = crate::lines::Capture::default();
    let log = AccessLog::new("photos").sink(capture.sink()).build().unwrap();
    block_on(requests(&log, 3));
    assert!(log.flush_blocking(PATIENCE));
    let written = log.statistics();
    assert_eq!((written.written, written.bytes_written), (3, capture.text().len() as u64));
}

/// A disk that is full is an error to be read about, not the end: `/dev/full` takes nothing, ever.
#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_counted_and_hangs_nothing() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let log = AccessLog::new("photos").sink(Sink::writer(full)).build().unwrap();
    block_on(requests(&log, 10));
    assert!(!block_on(log.flush(Duration::from_millis(300))));
    let statistics = log.statistics();
    assert!(statistics.errors >= 2, "{statistics:?}");
    assert_eq!((statistics.made, statistics.queued, statistics.bytes_written), (10, 10, 0));
    let report = log.shutdown_blocking(Duration::from_millis(50));
    assert_eq!((report.written, report.unflushed), (0, 10), "no stop record was made any more");
}

/// A pipe whose reader has gone is gone: counted, and harmless.
#[test]
fn a_closed_pipe_is_given_up() {
    let (reader, writer) = std::io::pipe().unwrap();
    let log = AccessLog::new("photos").sink(Sink::writer(writer)).build().unwrap();
    drop(reader);
    block_on(requests(&log, 10));
    assert!(!log.flush_blocking(PATIENCE));
    block_on(requests(&log, 10));
    let statistics = log.statistics();
    assert_eq!((statistics.made, statistics.dropped.sink_closed, statistics.errors), (20, 20, 1));
}
