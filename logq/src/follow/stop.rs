//! The wish that following ends: Ctrl-C, or a test's. What was found so far is then shown as if the files
//! had ended, so that a table is not lost.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Whether to stop, shared by who wishes and who stops.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    is_wished: Mutex<bool>,
    /// The same, for who only looks.
    flag: Arc<AtomicBool>,
    changed: Condvar,
}

impl Stop {
    /// Wishes it.
    pub fn wish(&self) {
        *self.0.is_wished.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.flag.store(true, Ordering::Relaxed);
        self.0.changed.notify_all();
    }

    /// Set as soon as it is wished.
    pub fn flag(&self) -> &Arc<AtomicBool> {
        &self.0.flag
    }

    /// Waits so long, unless it is wished before; whether it is.
    pub fn comes_within(&self, time: Duration) -> bool {
        let is_wished = self.0.is_wished.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.0.changed.wait_timeout_while(is_wished, time, |is_wished| !*is_wished);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Wished by the first SIGINT or SIGTERM of the process; a second one ends it as ever.
    pub fn on_signals() -> io::Result<Self> {
        use signal_hook::consts::{SIGINT, SIGTERM};
        let stop = Self::default();
        let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
        let wisher = stop.clone();
        let watch = move || {
            let mut signals = signals.forever();
            if signals.next().is_some() {
                wisher.wish();
            }
            if let Some(signal) = signals.next() {
                let _ends_here = signal_hook::low_level::emulate_default_handler(signal);
            }
        };
        std::thread::Builder::new().name("signals".to_owned()).spawn(watch)?;
        Ok(stop)
    }
}
