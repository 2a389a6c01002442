//! What can be asked of a log by those who do not own it.

use crate::clock;
use crate::elsewhere::elsewhere;
use crate::sampling::Sampling;
use crate::shared::Shared;
use crate::writer::{SinkStatistics, Statistics};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tracing_core::LevelFilter;
use tracing_subscriber::filter::Targets;

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

    /// Samples by these rules from now on, in the place of all rules there were;
    /// [`Sampling::new`] writes everything again. A request is decided about when it ends, by the rules
    /// that hold then; one whose `start` is written is not left out.
    ///
    /// ```
    /// # use tower_access_log::{AccessLog, Capture, Sampling};
    /// # let log = AccessLog::new("photos").sink(Capture::default().sink()).build()?;
    /// let handle = log.handle();
    /// handle.set_sampling(Sampling::new().keep_errors().one_in(100));
    /// assert_eq!(handle.sampling().to_string(), "errors,1/100");
    /// # Ok::<(), tower_access_log::BuildError>(())
    /// ```
    pub fn set_sampling(&self, sampling: Sampling) {
        self.log.sampler.set(sampling);
    }

    /// The rules in force.
    pub fn sampling(&self) -> Sampling {
        self.log.sampler.get()
    }

    /// Writes events of this level and above from now on, from everywhere, in the place of what
    /// [`EventsLayer::level`](crate::EventsLayer::level) and its like said.
    pub fn set_event_level(&self, level: impl Into<LevelFilter>) {
        self.set_event_targets(Targets::new().with_default(level));
    }

    /// The same by target. Holds for every events layer of this log.
    ///
    /// ```
    /// # fn example(handle: &tower_access_log::Handle) {
    /// use tracing_subscriber::filter::{LevelFilter, Targets};
    /// let targets = Targets::new().with_default(LevelFilter::INFO).with_target("photos::search", LevelFilter::DEBUG);
    /// handle.set_event_targets(targets);
    /// # }
    /// ```
    pub fn set_event_targets(&self, targets: Targets) {
        self.log.event_levels.set(Some(targets));
    }

    /// Writes the events again that the code of the service says.
    pub fn reset_event_targets(&self) {
        self.log.event_levels.set(None);
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
