//! The owner of a log: opens it, hands out its layers, and closes it.

use crate::calls::CallsLayer;
use crate::clock;
use crate::elsewhere::elsewhere;
use crate::events::EventsLayer;
use crate::handle::Handle;
use crate::layer::AccessLogLayer;
use crate::request_bytes::RequestBytesLayer;
#[cfg(feature = "axum")]
use crate::route::RouteLayer;
use crate::shared::Shared;
#[cfg(feature = "sighup")]
use crate::writer::Hangups;
use crate::writer::{Queue, Report, Statistics, Writer};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long dropping a log waits for its queue to be written.
const DRAIN_ON_DROP: Duration = Duration::from_secs(1);

/// A log, its queue and its writer thread.
///
/// Layers hold handles that do not keep it open: when the log is shut down or dropped, what comes
/// later is dropped. Dropping writes what is queued, for at most one second;
/// [`shutdown`](Self::shutdown) takes a deadline and reports.
pub struct AccessLog {
    shared: Arc<Shared>,
    /// One for each sink; none once the log is shut down.
    writers: Vec<Writer>,
    #[cfg(feature = "sighup")]
    hangups: Option<Hangups>,
}

impl AccessLog {
    pub(crate) fn open(shared: Arc<Shared>, writers: Vec<Writer>) -> Self {
        Self {
            shared,
            writers,
            #[cfg(feature = "sighup")]
            hangups: None,
        }
    }

    /// Opens files anew on SIGHUP, for as long as the log is open.
    #[cfg(feature = "sighup")]
    pub(crate) fn reopen_on_sighup(mut self) -> std::io::Result<Self> {
        self.hangups = Some(Hangups::start(self.shared.queues().cloned().collect())?);
        Ok(self)
    }

    /// The layer that writes one record per request. It does not change the request's type.
    ///
    /// A request that already went through a layer of this log passes through, so the layer may stand
    /// both inside and outside of a nested router.
    pub fn layer(&self) -> AccessLogLayer {
        AccessLogLayer { log: self.shared.clone() }
    }

    /// The layer for axum's `Router::route_layer` that tells a [`layer`](Self::layer) outside of the router
    /// which route was matched. Within `Router::layer` that one sees it by itself.
    ///
    /// ```
    /// # use axum::{Router, routing::get};
    /// # fn router(log: &tower_access_log::AccessLog) {
    /// let router: Router = Router::new()
    ///     .route("/photos/{user}", get(async || "photos"))
    ///     .route_layer(log.route());
    /// let service = tower::Layer::layer(&log.layer(), router);
    /// # drop(service);
    /// # }
    /// ```
    #[cfg(feature = "axum")]
    pub fn route(&self) -> RouteLayer {
        RouteLayer { log: self.shared.clone() }
    }

    /// The layer that counts the bytes of request bodies, as they are taken, into `bytes_in`. It stands
    /// below [`layer`](Self::layer), and changes the type of the request's body to
    /// [`RequestBody`](crate::RequestBody), which axum's routers take as they take any body. What nobody
    /// reads of a body is not counted.
    pub fn request_bytes(&self) -> RequestBytesLayer {
        RequestBytesLayer { log: self.shared.clone() }
    }

    /// The `tracing` layer that writes events with the ids of their request.
    pub fn events(&self) -> EventsLayer {
        EventsLayer::new(self.shared.clone())
    }

    /// The layer for HTTP clients: sends the ids on and writes one record per call.
    pub fn calls(&self) -> CallsLayer {
        CallsLayer { log: self.shared.clone() }
    }

    /// The totals as they are now.
    pub fn report(&self) -> Report {
        self.shared.report(Queue::report)
    }

    /// What can be asked of the log from elsewhere, such as a task that handles signals.
    pub fn handle(&self) -> Handle {
        Handle { log: self.shared.clone() }
    }

    /// Asks the writer to look now whether its file is still the one at its path, as after a rotation;
    /// see [`Handle::reopen`].
    pub fn reopen(&self) {
        self.handle().reopen();
    }

    /// What the log has done so far, in more detail; cheap enough to be read every second.
    pub fn statistics(&self) -> Statistics {
        self.shared.statistics()
    }

    /// Waits until every record queued so far was handed on; says whether that happened in time.
    ///
    /// A file's or a pipe's records are then with the kernel: they survive the process, but not a
    /// power failure. A [writer](crate::Sink::writer) was flushed. `false` also where the sink is gone,
    /// or records were thrown away with it; what was dropped for want of room was never queued. Needs no
    /// particular runtime.
    pub async fn flush(&self, within: Duration) -> bool {
        self.handle().flush(within).await
    }

    /// The same as [`flush`](Self::flush), blocking this thread.
    pub fn flush_blocking(&self, within: Duration) -> bool {
        self.shared.flush(clock::deadline(within))
    }

    /// Takes no more records, writes what is queued and a `stop` record with the totals, and reports:
    /// at the latest when the deadline has passed, then with what was left in `unflushed`.
    ///
    /// Needs no particular runtime. Shut the server down first: requests that end later are only counted.
    pub async fn shutdown(mut self, within: Duration) -> Report {
        let until = self.close(within);
        let shared = self.shared.clone();
        elsewhere(move || shared.report(|queue| queue.wait_ended(until))).await
    }

    /// The same as [`shutdown`](Self::shutdown), blocking this thread.
    pub fn shutdown_blocking(mut self, within: Duration) -> Report {
        let until = self.close(within);
        self.shared.report(|queue| queue.wait_ended(until))
    }

    fn close(&mut self, within: Duration) -> Instant {
        let until = clock::deadline(within);
        self.shared.queues().for_each(|queue| queue.close(until));
        self.writers.clear();
        until
    }
}

impl Drop for AccessLog {
    fn drop(&mut self) {
        if !self.writers.is_empty() {
            let until = self.close(DRAIN_ON_DROP);
            self.shared.report(|queue| queue.wait_ended(until));
        }
    }
}

impl fmt::Debug for AccessLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessLog")
            .field("origin", &self.shared.origin)
            .field("report", &self.report())
            .finish_non_exhaustive()
    }
}
