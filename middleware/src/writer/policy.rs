//! What becomes of a record for which the queue has no room.

use std::time::Duration;

/// What happens when the queue is full; see [`Builder::when_full`](crate::Builder::when_full).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenFull {
    /// The new record is dropped and counted. Nobody ever waits.
    #[default]
    DropNewest,
    /// The thread that made the record waits for room; when there is none in time, the record is
    /// dropped and counted.
    ///
    /// This **blocks a thread of the runtime**, with every task on it, for as long as this for each
    /// record while a sink hangs. Records made while a panic unwinds, on the writer's own thread or
    /// after the log was shut down never wait.
    Block {
        /// The longest wait for one record.
        at_most: Duration,
    },
    /// For audits: no request without its record. Room for a longest record is set aside before the
    /// inner service is called, and given back when the record is written; the queue so holds at most
    /// [`queue_bytes`](crate::Builder::queue_bytes) / [`line_bytes_max`](crate::Builder::line_bytes_max)
    /// requests at a time. Where there is no room, and once the log is shut down or its sink has gone,
    /// the layer answers 503 with `x-request-id`, runs nothing, and counts the request as
    /// [`refused`](crate::Report::refused).
    ///
    /// Queued is not yet written: a killed process still loses its queue. Events and outbound calls
    /// are not refused; they are dropped and counted.
    Fail,
}
