//! The error log: each `tracing` event becomes an `event` record that carries the ids of the request
//! it happened in.
//!
//! Events go straight into the log's queue, without spans being formatted. The request is the one
//! that runs on this thread, else the one in which the innermost span of the event was opened: so
//! instrumented tasks keep their ids too.

mod fields;

use crate::cases;
use crate::context;
use crate::notes::Notes;
use crate::shared::Shared;
use crate::texts::Text;
use crate::writer::Class;
use access_record::{Kind, Level, Record};
use fields::EventFields;
use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;
use tracing_core::span::{Attributes, Id};
use tracing_core::{Event, LevelFilter, Metadata, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

/// A layer for `tracing_subscriber::registry()`; made by [`AccessLog::events`](crate::AccessLog::events).
///
/// Writes INFO and above by default. What is written is decided here and not in `enabled`, so spans
/// below that level still exist and keep their ids; a `with_filter` around this layer hides the spans
/// it filters out, and events inside of them in spawned tasks then lose their request.
///
/// Where one process has several logs, each with its layer here, an event inside a request goes to the
/// log of that request, and one outside of any request to all of them.
#[derive(Clone)]
pub struct EventsLayer {
    pub(crate) log: Arc<Shared>,
    targets: Targets,
}

thread_local! {
    /// Fields are gathered here, so that an event costs no allocation.
    static FIELDS: RefCell<EventFields> = RefCell::new(EventFields::default());
}

impl EventsLayer {
    pub(crate) fn new(log: Arc<Shared>) -> Self {
        Self { log, targets: Targets::new().with_default(LevelFilter::INFO) }
    }

    /// Writes events of this level and above, from everywhere.
    #[must_use]
    pub fn level(mut self, level: impl Into<LevelFilter>) -> Self {
        self.targets = self.targets.with_default(level);
        self
    }

    /// Writes events by their target; replaces [`level`](Self::level).
    ///
    /// ```
    /// # fn events(log: &tower_access_log::AccessLog) -> tower_access_log::EventsLayer {
    /// use tracing_subscriber::filter::{LevelFilter, Targets};
    /// let targets = Targets::new().with_default(LevelFilter::INFO).with_target("h2", LevelFilter::OFF);
    /// log.events().targets(targets)
    /// # }
    /// ```
    #[must_use]
    pub fn targets(mut self, targets: Targets) -> Self {
        self.targets = targets;
        self
    }

    fn write(&self, event: &Event<'_>, notes: &Notes, fields: &mut EventFields) {
        let metadata = event.metadata();
        let level = level(*metadata.level());
        let Some(rate) = cases::rate_of_event(level, notes.request()) else { return };
        fields.gather(event, &self.log);
        let facts = notes.request().map(|request| (request, request.facts()));
        let mut record = self.log.origin.record(Kind::Event, level);
        record.sample_rate = rate.field();
        if let Some((request, facts)) = &facts {
            identify(&mut record, request, facts);
        }
        record.message = Some(Cow::Borrowed(fields.message())).filter(|message| !message.is_empty());
        record.target = Some(Cow::Borrowed(metadata.target()));
        record.notes_dropped = Some(fields.dropped()).filter(|dropped| *dropped > 0);
        record.truncated = Some(fields.truncated()).filter(|truncated| *truncated > 0);
        record.notes = Cow::Borrowed(fields.notes());
        let line = self.log.line(&record);
        drop(record);
        drop(facts);
        self.log.queue(line, Class::Event);
    }
}

/// The same ids as the access record, and who the request is for as far as that is known by now.
fn identify<'r>(record: &mut Record<'r>, request: &'r crate::notes::Request, facts: &'r crate::facts::Facts) {
    record.request_id = Some(Cow::Borrowed(request.ids.request_id.as_str()));
    record.trace_id = Some(request.ids.trace_id);
    record.span_id = Some(request.ids.span_id);
    record.user_id = facts.texts.get(Text::UserId).map(Cow::Borrowed);
    record.api_key = facts.api_key.as_ref().map(|key| Cow::Borrowed(key.as_str()));
    record.api_method = facts.texts.get(Text::ApiMethod).map(Cow::Borrowed);
}

impl<S> Layer<S> for EventsLayer
where
    S: Subscriber + for<'l> LookupSpan<'l>,
{
    fn on_new_span(&self, _attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let notes = context::current();
        if notes.request().is_some()
            && let Some(span) = ctx.span(id)
        {
            span.extensions_mut().replace(notes);
        }
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        let metadata: &Metadata<'_> = event.metadata();
        if context::is_writer_thread() || !self.log.event_levels.enable(&self.targets, metadata) {
            return;
        }
        let mut notes = context::current();
        if notes.request().is_none() {
            notes = ctx
                .event_scope(event)
                .and_then(|mut spans| spans.find_map(|span| span.extensions().get::<Notes>().cloned()))
                .unwrap_or_default();
        }
        if notes.request().is_some_and(|request| !Arc::ptr_eq(&request.log, &self.log)) {
            return;
        }
        let reused = FIELDS.try_with(|fields| {
            let Ok(mut fields) = fields.try_borrow_mut() else {
                return false;
            };
            self.write(event, &notes, &mut fields);
            true
        });
        // A field whose formatter logs comes back here while the buffer is in use.
        if !reused.unwrap_or(false) {
            self.write(event, &notes, &mut EventFields::default());
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        // At least INFO: spans of that level carry the ids into spawned tasks.
        Some(self.log.event_levels.most(&self.targets).max(LevelFilter::INFO))
    }
}

fn level(level: tracing_core::Level) -> Level {
    match level {
        tracing_core::Level::ERROR => Level::Error,
        tracing_core::Level::WARN => Level::Warn,
        tracing_core::Level::INFO => Level::Info,
        tracing_core::Level::DEBUG => Level::Debug,
        tracing_core::Level::TRACE => Level::Trace,
    }
}

impl fmt::Debug for EventsLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventsLayer").field("targets", &self.targets.to_string()).finish_non_exhaustive()
    }
}
