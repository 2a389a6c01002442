//! What can be asked of a log by those who do not own it.

use crate::clock;
use crate::elsewhere::elsewhere;
use crate::shared::Shared;
use crate::writer::{SinkStatistics, Statistics};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A handle of a log, made by [`AccessLog::handle`](crate::AccessLog::handle). It does not keep the
/// log open.
#[derive(Clone)]
pub struct Handle {
    pub(crate) log: Arc<Shared>,
}

impl Handle {
    /// Asks the writer to look now whether its [file](crate::Sink::file) is still the one at its path,
    /// and to go on with that one. It does so by itself within a second or two of writing; what this
    /// adds is that an old file is closed at once, also when there is nothing to write.
    ///
    /// Does not wait. The library handles no signals unless asked to, with the feature `sighup` and
    /// `Builder::reopen_on_sighup`. Where a program handles its signals itself:
    ///
    /// ```no_run
    /// # use tokio::signal::unix::{SignalKind, signal};
    /// # async fn example(log: tower_access_log::AccessLog) -> std::io::Result<()> {
    /// let (mut hangups, handle) = (signal(SignalKind::hangup())?, log.handle());
    /// tokio::spawn(async move { while hangups.recv().await.is_some() { handle.reopen() } });
    /// # Ok(())
    /// # }
    /// ```
    pub fn reopen(&self) {
        self.log.queues().for_each(|queue| queue.reopen());
    }

    /// The same as [`AccessLog::statistics`](crate::AccessLog::statistics).
    pub fn statistics(&self) -> Statistics {
        self.log.statistics()
    }

    /// The same for each [sink](crate::Builder::also) by itself, the first one first.
    pub fn statistics_by_sink(&self) -> Vec<SinkStatistics> {
        self.log.statistics_by_sink()
    }

    /// The same as [`AccessLog::flush`](crate::AccessLog::flush).
    pub async fn flush(&self, within: Duration) -> bool {
        if self.log.flush(clock::monotonic()) {
            return true;
        }
        let (log, until) = (self.log.clone(), clock::deadline(within));
        elsewhere(move || log.flush(until)).await
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("service", &self.log.origin.service).finish_non_exhaustive()
    }
}
