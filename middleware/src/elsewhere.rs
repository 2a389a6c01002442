//! Waiting for another thread without blocking a runtime's: a thread of its own blocks, and wakes
//! the future. Needs no particular runtime.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// Runs what blocks on a thread of its own. Where none can be had, on this one.
pub(crate) async fn elsewhere<T: Send + 'static>(blocks: impl Fn() -> T + Send + Sync + 'static) -> T {
    let blocks = Arc::new(blocks);
    let done = Arc::new(Mutex::new(Waiting { answer: None, waker: None }));
    let (run, told) = (blocks.clone(), done.clone());
    let waiter = std::thread::Builder::new().name("access-log-wait".to_owned()).spawn(move || {
        let answer = run();
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        told.answer = Some(answer);
        let waker = told.waker.take();
        // Some executors poll while they are woken.
        drop(told);
        if let Some(waker) = waker {
            waker.wake();
        }
    });
    match waiter {
        Ok(_) => Answer(done).await,
        Err(_) => blocks(),
    }
}

/// An answer on its way from the thread that waits for it.
struct Waiting<T> {
    answer: Option<T>,
    waker: Option<Waker>,
}

struct Answer<T>(Arc<Mutex<Waiting<T>>>);

impl<T> Future for Answer<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.waker = Some(cx.waker().clone());
        waiting.answer.take().map_or(Poll::Pending, Poll::Ready)
    }
}
