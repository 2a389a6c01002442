//! Opening a log: its settings are checked, and its writer thread starts.

use super::Builder;
use super::error::{BuildError, Fault, LINE_BYTES_MIN, QUEUE_BYTES_MIN};
use crate::access_log::AccessLog;
use crate::client::Proxies;
use crate::headers::NamedHeaders;
use crate::ids::new_instance_id;
use crate::levels::EventLevels;
use crate::sampling::Sampler;
use crate::shared::{Origin, Shared, stamp};
use crate::writer::{CannotOpen, Further, Opened, Settings, WhenFull};
use access_record::notes::cut;
use access_record::{Kind, Level, record};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

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
        let headers = NamedHeaders::parse(&self.headers, HEADER_NOTE)?;
        let response_headers = NamedHeaders::parse(&self.response_headers, RESPONSE_HEADER_NOTE)?;
        let settings = Settings {
            queue_bytes: self.queue_bytes,
            line_bytes_max: self.line_bytes_max,
            form: self.form.clone(),
            when_full: self.when_full,
        };
        // All are checked before any has a thread.
        let line_bytes_max = settings.check(&mut sink)?;
        let check = |(mut sink, only)| Ok((settings.check(&mut sink)?, sink, only));
        let also: Vec<_> = self.also.into_iter().map(check).collect::<Result<_, CannotOpen>>()?;
        let origin = Origin {
            instance: new_instance_id(),
            service: name(self.service),
            host: self.host.map(name),
            release: self.release.map(name),
        };
        let late_notes = Arc::new(AtomicU64::new(0));
        let Opened { queue, writer } =
            settings.open(sink, settings.when_full, stamp(origin.clone(), late_notes.clone()))?;
        let (mut further, mut writers) = (Vec::new(), vec![writer]);
        for (line_bytes_max, sink, only) in also {
            let instance = new_instance_id();
            let stamp = stamp(Origin { instance, ..origin.clone() }, late_notes.clone());
            let opened = settings.open(sink, WhenFull::DropNewest, stamp)?;
            further.push(Further { only, instance, line_bytes_max, queue: opened.queue });
            writers.push(opened.writer);
        }
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
            further,
            late_notes,
            headers,
            response_headers,
            paths: self.paths,
            sampler: Sampler::new(self.sampling),
            event_levels: EventLevels::new(self.event_targets),
            in_flight: AtomicU64::new(0),
            said_no_keys: AtomicBool::new(false),
        };
        let log = AccessLog::open(Arc::new(shared), writers);
        #[cfg(feature = "sighup")]
        if self.reopen_on_sighup {
            return log.reopen_on_sighup().map_err(|error| BuildError(Fault::Signal(error)));
        }
        Ok(log)
    }
}
