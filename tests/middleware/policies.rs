//! What happens when the queue is full, and waiting until it is empty.

use crate::support::PATIENCE;
use crate::writer::{Order, Stuck, records, requests, stuck, text};
use std::time::Duration;

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
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::sync::Arc::new(Unpark(std::thread::current())).into();
    let mut cx = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut cx) {
            std::task::Poll::Ready(value) => return value,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}
