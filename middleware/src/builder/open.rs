//! Opening a log: its settings are checked, and its writer thread starts.

use super::Builder;
use super::error::{BuildError, Fault};
use crate::access_log::AccessLog;
use crate::client::Proxies;
use crate::headers::NamedHeaders;
use crate::ids::new_instance_id;
use crate::levels::EventLevels;
use crate::sampling::Sampler;
use crate::shared::{Origin, Shared};
use crate::writer::{FLUSH_AFTER, Queue, Writer};
use access_record::notes::cut;
use access_record::{Kind, Level, record};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// A queue must hold some of the longest records.
pub(super) const QUEUE_BYTES_MIN: usize = 64 * 1024;
/// A line must hold the fixed fields of a record, and something of its texts.
pub(super) const LINE_BYTES_MIN: usize = 4096;
/// The longest name of a service, host or release.
const NAME_BYTES_MAX: usize = 128;
/// What stands before a header's name in the name of its note.
const HEADER_NOTE: &str = "header_";
const RESPONSE_HEADER_NOTE: &str = "response_header_";

impl Builder {
    /// Opens the log and starts its writer thread.
    pub fn build(self) -> Result<AccessLog, BuildError> {
        let name = |name: String| Arc::from(cut(&name, NAME_BYTES_MAX));
        if self.service.is_empty() {
            return Err(BuildError(Fault::NoService));
        }
        if self.queue_bytes < QUEUE_BYTES_MIN {
            return Err(BuildError(Fault::QueueTooSmall(self.queue_bytes)));
        }
        if let Some(bytes) = self.line_bytes_max.filter(|bytes| *bytes < LINE_BYTES_MIN) {
            return Err(BuildError(Fault::LineTooShort(bytes)));
        }
        let proxies = Proxies::parse(self.trusted_proxies, self.forwarded_by);
        let proxies = proxies.map_err(|text| BuildError(Fault::NoProxy(text)))?;
        let mut sink = self.sink.ok_or(BuildError(Fault::NoSink))?;
        if !sink.settle() {
            return Err(BuildError(Fault::NoFile));
        }
        let headers = NamedHeaders::parse(&self.headers, HEADER_NOTE)?;
        let response_headers = NamedHeaders::parse(&self.response_headers, RESPONSE_HEADER_NOTE)?;
        let line_bytes_max = self.line_bytes_max.unwrap_or(sink.line_bytes_max);
        if self.queue_bytes / 2 < line_bytes_max {
            return Err(BuildError(Fault::QueueTooSmallFor(line_bytes_max, self.queue_bytes)));
        }
        let origin = Origin {
            instance: new_instance_id(),
            service: name(self.service),
            host: self.host.map(name),
            release: self.release.map(name),
        };
        let late_notes = Arc::new(AtomicU64::new(0));
        let stamp = {
            let (origin, late_notes) = (origin.clone(), late_notes.clone());
            move |kind, level| {
                let mut record = origin.owned_record(kind, level);
                record.late_notes = (kind == Kind::Stop).then(|| late_notes.load(Ordering::Relaxed));
                record
            }
        };
        // A test wants to see a record at once.
        let flush_after = if sink.capture.is_some() { Duration::ZERO } else { FLUSH_AFTER };
        let queue = Queue::new(self.queue_bytes, flush_after, stamp)
            .with_form(self.form.clone())
            .when_full(self.when_full);
        let queue = Arc::new(queue);
        if let Some(capture) = &sink.capture {
            capture.attach(&queue);
        }
        let writer =
            Writer::start(queue.clone(), sink.target).map_err(|error| BuildError(Fault::Thread(error)))?;
        let shared = Shared {
            origin_written: record::Origin::of(&origin.record(Kind::Access, Level::Info)),
            origin,
            keys: self.keys,
            params: self.params,
            proxies,
            new_request_ids: self.new_request_ids,
            limits: self.limits,
            line_bytes_max,
            start_records: self.start_records,
            form: self.form,
            queue,
            late_notes,
            headers,
            response_headers,
            paths: self.paths,
            sampler: Sampler::new(self.sampling),
            event_levels: EventLevels::new(self.event_targets),
            in_flight: AtomicU64::new(0),
            said_no_keys: AtomicBool::new(false),
        };
        Ok(AccessLog::open(Arc::new(shared), writer))
    }
}
