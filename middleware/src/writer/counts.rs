//! What a log counts: the totals of a report, and the statistics that can be read at any time.

use std::ops::Add;

/// The sum of two is that of their fields; one that is not named here does not compile.
macro_rules! sums {
    ($counts:ident: $($field:ident),+) => {
        impl Add for $counts {
            type Output = Self;

            fn add(self, other: Self) -> Self {
                Self { $($field: self.$field + other.$field),+ }
            }
        }
    };
}

/// What became of the records of a log, returned by its shutdown. Over all sinks: a record that went to
/// two of them was made twice. The `stop` record in each has the totals of that one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Records made, the log's own `loss` and `stop` records included: written + dropped + unflushed.
    pub made: u64,
    /// Records whose last byte the sink took.
    pub written: u64,
    /// Records dropped: the queue was full, the sink was gone, or the log was shut down.
    pub dropped: u64,
    /// Records still in the queue when the deadline came.
    pub unflushed: u64,
    /// Requests that were answered with 503, as [`WhenFull::Fail`](crate::WhenFull::Fail) says. They
    /// have no record.
    pub refused: u64,
    /// Notes that were set after the record of their request was written, and so are in none.
    pub late_notes: u64,
}

sums!(Report: made, written, dropped, unflushed, refused, late_notes);

/// Records that were dropped, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dropped {
    /// The queue was full.
    pub queue_full: u64,
    /// The queue was full, and stayed so for as long as [`WhenFull::Block`](crate::WhenFull::Block) allows.
    pub timed_out: u64,
    /// The sink was closed, with them in the queue or before they came.
    pub sink_closed: u64,
    /// Longer than the sink takes: a [socket](crate::Sink::syslog) of datagrams has an end.
    pub too_long: u64,
    /// The log was shut down before they came.
    pub closed: u64,
}

impl Dropped {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.queue_full + self.timed_out + self.sink_closed + self.too_long + self.closed
    }
}

sums!(Dropped: queue_full, timed_out, sink_closed, too_long, closed);

/// The state of a log at one moment: made = written + dropped + queued. Over all sinks: a record that
/// went to two of them was made twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Records made, the log's own `loss` and `stop` records included.
    pub made: u64,
    /// Records whose last byte the sink took.
    pub written: u64,
    /// Records dropped, by reason.
    pub dropped: Dropped,
    /// Records queued, those that the writer has in its hands included.
    pub queued: u64,
    /// Their bytes.
    pub queued_bytes: u64,
    /// Bytes that the sink took.
    pub bytes_written: u64,
    /// Tries to write, to flush, to sync, to rotate or to reopen that failed; most were tried again.
    /// A slow reader and an interrupted call are no errors.
    pub errors: u64,
    /// Incoming requests that have no record yet: no response, or a body that is still on its way.
    pub in_flight: u64,
    /// Requests that were answered with 503, as [`WhenFull::Fail`](crate::WhenFull::Fail) says.
    pub refused: u64,
    /// Records of any kind that [`Sampling`](crate::Sampling) left out. They are not made, and take no number.
    pub sampled_out: u64,
}

sums!(Statistics: made, written, dropped, queued, queued_bytes, bytes_written, errors, in_flight, refused, sampled_out);

/// The statistics of one sink of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SinkStatistics {
    /// The path of a file or a socket, `standard output`, `standard error`, or `the sink`.
    pub sink: String,
    /// What it has done. Requests in flight and refused, and records that were sampled out, are the log's, and
    /// stand with its first sink.
    pub statistics: Statistics,
}

/// Records that a sink would not take, ever.
#[derive(Debug, Default)]
pub(crate) struct Refused {
    /// Their numbers.
    pub(crate) numbers: Vec<u64>,
    /// The bytes of their lines.
    pub(crate) bytes: usize,
}
