//! SIGHUP, as logrotate's scripts send it: a thread that waits for it and asks every sink to open its file anew.

use super::queue::Queue;
use signal_hook::consts::SIGHUP;
use signal_hook::iterator::{Handle, Signals};
use std::io;
use std::sync::Arc;

/// Listens until it is dropped.
pub(crate) struct Hangups(Handle);

impl Hangups {
    pub(crate) fn start(queues: Vec<Arc<Queue>>) -> io::Result<Self> {
        let mut signals = Signals::new([SIGHUP])?;
        let handle = signals.handle();
        std::thread::Builder::new().name("access-log-hup".to_owned()).spawn(move || {
            for _ in signals.forever() {
                for queue in &queues {
                    queue.reopen();
                }
            }
        })?;
        Ok(Self(handle))
    }
}

impl Drop for Hangups {
    fn drop(&mut self) {
        self.0.close();
    }
}
