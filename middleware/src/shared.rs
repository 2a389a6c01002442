//! What every handle of a log shares: its configuration and its queue.

use crate::client::Proxies;
use crate::clock;
use crate::headers::NamedHeaders;
use crate::ids::Belief;
use crate::levels::EventLevels;
use crate::paths::RedactedPaths;
use crate::redact::AllowedParams;
use crate::sampling::Sampler;
use crate::writer::{Class, Further, FurtherLines, Queue, Report, Room, SinkStatistics, Statistics};
use access_record::form::Form;
use access_record::notes::NoteLimits;
use access_record::{InstanceId, Keys, Kind, Level, Record, record};
use std::borrow::Cow;
use std::cell::RefCell;
use std::net::IpAddr;
use std::ops::Add;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

/// Who writes: the same in every record of a log.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) instance: InstanceId,
    pub(crate) service: Arc<str>,
    pub(crate) host: Option<Arc<str>>,
    pub(crate) release: Option<Arc<str>>,
}

impl Origin {
    /// A record of now, by this origin.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "made where it is filled: moving it costs more than making it")]
    pub(crate) fn record(&self, kind: Kind, level: Level) -> Record<'_> {
        let mut record = Record::new(clock::wall(), kind, level);
        record.instance = Some(self.instance);
        record.service = Some(Cow::Borrowed(&self.service));
        record.host = self.host.as_deref().map(Cow::Borrowed);
        record.release = self.release.as_deref().map(Cow::Borrowed);
        record
    }

    /// The same, for those who cannot borrow.
    pub(crate) fn owned_record(&self, kind: Kind, level: Level) -> Record<'static> {
        let owned = |text: &Arc<str>| Some(Cow::Owned(text.to_string()));
        let mut record = Record::new(clock::wall(), kind, level);
        record.instance = Some(self.instance);
        record.service = owned(&self.service);
        record.host = self.host.as_ref().and_then(owned);
        record.release = self.release.as_ref().and_then(owned);
        record
    }
}

/// Makes a log's own records.
pub(crate) fn stamp(origin: Origin, late_notes: Arc<AtomicU64>) -> impl Fn(Kind, Level) -> Record<'static> {
    move |kind, level| {
        let mut record = origin.owned_record(kind, level);
        record.late_notes = (kind == Kind::Stop).then(|| late_notes.load(Ordering::Relaxed));
        record
    }
}

/// One configuration and one queue; layers, events and calls hold it, and none of them keeps the
/// log open: its owner closes it.
pub(crate) struct Shared {
    pub(crate) origin: Origin,
    /// The same as it stands in every line.
    pub(crate) origin_written: record::Origin,
    pub(crate) keys: Option<Keys>,
    pub(crate) params: AllowedParams,
    pub(crate) proxies: Proxies,
    /// Whether nobody's ids are believed.
    pub(crate) new_request_ids: bool,
    pub(crate) limits: NoteLimits,
    pub(crate) line_bytes_max: usize,
    /// Whether the beginning of a request is written too.
    pub(crate) start_records: bool,
    pub(crate) form: Form,
    pub(crate) queue: Arc<Queue>,
    /// Further sinks, for selected records; mostly none.
    pub(crate) further: Vec<Further>,
    /// Notes that came after their record.
    pub(crate) late_notes: Arc<AtomicU64>,
    /// Headers that become notes.
    pub(crate) headers: NamedHeaders,
    pub(crate) response_headers: NamedHeaders,
    pub(crate) paths: RedactedPaths,
    pub(crate) sampler: Sampler,
    pub(crate) event_levels: EventLevels,
    /// Incoming requests that have no record yet.
    pub(crate) in_flight: AtomicU64,
    /// Whether the log has said that it has no hashing key.
    pub(crate) said_no_keys: AtomicBool,
}

thread_local! {
    /// Where lines are formatted, so that they cost no allocation.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// A formatted line without its number, in the thread's buffer, which it gives back; and those for
/// further sinks.
pub(crate) struct Line(Vec<u8>, FurtherLines);

impl Line {
    fn take() -> Self {
        // A thread that is ending has no buffer any more.
        let mut buffer = BUFFER.try_with(RefCell::take).unwrap_or_default();
        buffer.clear();
        Self(buffer, FurtherLines::default())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let buffer = std::mem::take(&mut self.0);
        let _ending = BUFFER.try_with(|kept| kept.replace(buffer));
    }
}

impl Shared {
    /// Which ids of a request from this end of the socket are believed: a trace anybody's, as it is only a
    /// name for what others may have to do with it; a request id those of the proxies, once some are trusted.
    pub(crate) fn believe(&self, peer: Option<IpAddr>) -> Belief {
        let trace = !self.new_request_ids;
        Belief { request_id: trace && self.proxies.believe_ids_of(peer), trace }
    }

    /// Formats a record, once. `None` if it has no line in the log's form: it goes nowhere and takes no
    /// number.
    pub(crate) fn line(&self, record: &Record<'_>) -> Option<Line> {
        self.form.writes(record.kind).then(|| {
            let mut line = Line::take();
            self.form.open_of(&self.origin_written, record, &mut line.0, self.line_bytes_max);
            if !self.further.is_empty() {
                line.1 = FurtherLines::of(record, &self.form, &self.further);
            }
            line
        })
    }

    /// Queues a line. This may wait, if the log was told to wait for room: hold no lock.
    pub(crate) fn queue(&self, line: Option<Line>, class: Class) {
        if let Some(line) = line {
            self.queue.push(&line.0, class);
            line.1.queue(&self.further, class);
        }
    }

    /// The same for the record of a request, into the room that was set aside for it, if any was.
    pub(crate) fn queue_into(&self, room: Option<Room>, line: Option<Line>) {
        match (room, line) {
            (Some(room), Some(line)) => {
                self.queue.push_into(room, &line.0);
                line.1.queue(&self.further, Class::Request);
            }
            (_, line) => self.queue(line, Class::Request),
        }
    }

    /// A note came after its record was written.
    pub(crate) fn count_late_note(&self) {
        self.late_notes.fetch_add(1, Ordering::Relaxed);
    }

    /// The queues of all sinks, the first one first.
    pub(crate) fn queues(&self) -> impl Iterator<Item = &Arc<Queue>> {
        std::iter::once(&self.queue).chain(self.further.iter().map(|sink| &sink.queue))
    }

    /// Waits until everything queued so far is written to all sinks; see [`Queue::flush`].
    pub(crate) fn flush(&self, deadline: Instant) -> bool {
        let mut all = true;
        for queue in self.queues() {
            all &= queue.flush(deadline);
        }
        all
    }

    /// The totals of all queues, each asked in this way, with what no queue knows.
    pub(crate) fn report(&self, of: impl Fn(&Queue) -> Report) -> Report {
        let report = self.queues().map(|queue| of(queue)).fold(Report::default(), Add::add);
        Report { late_notes: self.late_notes.load(Ordering::Relaxed), ..report }
    }

    pub(crate) fn statistics(&self) -> Statistics {
        let in_flight = self.in_flight.load(Ordering::Relaxed);
        let all = self.queues().map(|queue| queue.statistics()).fold(Statistics::default(), Add::add);
        Statistics { in_flight, sampled_out: self.sampler.sampled_out(), ..all }
    }

    pub(crate) fn statistics_by_sink(&self) -> Vec<SinkStatistics> {
        // The log's, and so told once.
        let mut in_flight = self.in_flight.load(Ordering::Relaxed);
        let mut sampled_out = self.sampler.sampled_out();
        let of = |queue: &Arc<Queue>| SinkStatistics {
            sink: queue.name().to_owned(),
            statistics: Statistics {
                in_flight: std::mem::take(&mut in_flight),
                sampled_out: std::mem::take(&mut sampled_out),
                ..queue.statistics()
            },
        };
        self.queues().map(of).collect()
    }

    /// Says once, in the log itself, why API keys leave no fingerprint.
    pub(crate) fn say_no_keys(&self) {
        if !self.said_no_keys.swap(true, Ordering::Relaxed) {
            let mut record = self.origin.record(Kind::Event, Level::Warn);
            record.target = Some(Cow::Borrowed("tower_access_log"));
            record.message = Some(Cow::Borrowed(
                "an API key was noted, but there is no hashing key: no fingerprint is written; see fingerprint_keys",
            ));
            self.queue(self.line(&record), Class::Event);
        }
    }
}
