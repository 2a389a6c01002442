//! The error log: each `tracing` event becomes an `event` record that carries the ids of the request
//! it happened in.
//!
//! Events go straight into the log's queue, without spans being formatted. The request is the one
//! that runs on this thread, else the one in which the innermost span of the event was opened: so
//! instrumented tasks keep their ids too.

mod fields;
mod log_crate;
mod spans;

use crate::cases;
use crate::context;
use crate::notes::Notes;
use crate::sampling::Rate;
use crate::shared::{Line, Shared};
use crate::texts::Text;
use crate::writer::Class;
use access_record::{Kind, Level, Record};
use fields::EventFields;
use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;
use tracing_core::span::{self, Attributes, Id};
use tracing_core::{Event, LevelFilter, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

#[doc = include_str!("docs/events.md")]
#[derive(Clone)]
pub struct EventsLayer {
    pub(crate) log: Arc<Shared>,
    targets: Targets,
    span_fields: bool,
}

thread_local! {
    /// Fields are gathered here, so that an event costs no allocation.
    static FIELDS: RefCell<EventFields> = RefCell::new(EventFields::default());
}

impl EventsLayer {
    pub(crate) fn new(log: Arc<Shared>) -> Self {
        Self { log, targets: Targets::new().with_default(LevelFilter::INFO), span_fields: false }
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

    /// Writes the fields of the spans around an event, too. A field of the event wins over one of a span
    /// with the same name, and one of an inner span over one of an outer. The limits are those of notes,
    /// for each span and for the event with all of them; what they cut is counted in the event's record.
    ///
    /// Without this the fields of spans are neither read nor kept, and cost nothing.
    #[must_use]
    pub fn span_fields(mut self) -> Self {
        self.span_fields = true;
        self
    }

    /// Writes an event with what is gathered in these buffers.
    fn write<S>(&self, event: &Event<'_>, ctx: &Context<'_, S>, event_fields: &mut EventFields)
    where
        S: Subscriber + for<'l> LookupSpan<'l>,
    {
        let metadata = event.metadata();
        let is_log_record = log_crate::is_record(metadata);
        let target = if is_log_record { event_fields.read_target(event) } else { metadata.target() };
        if !self.log.event_levels.enable(&self.targets, target, *metadata.level()) {
            return;
        }
        let level = level(*metadata.level());
        let Some(rate) = self.rate(level, event, ctx) else { return };
        event_fields.gather(event, is_log_record, &self.log);
        if self.span_fields
            && let Some(spans) = ctx.event_scope(event)
        {
            spans::add(&mut event_fields.fields, spans, &self.log);
        }
        let target = if is_log_record { event_fields.target() } else { metadata.target() };
        let line = |notes: &Notes| self.line((level, rate), target, event_fields, notes);
        // From here on no code of the user's runs, so the current request can be looked at in its place.
        let line = context::look_at_current(|notes| match notes.request() {
            Some(_) => line(notes),
            None => line(&request_of_spans(event, ctx)),
        });
        self.log.queue(line, Class::Event);
    }

    /// What an event stands for, before any of its fields is read; `None` if it is left out. What happens in
    /// another log's request is for that log to count.
    fn rate<S>(&self, level: Level, event: &Event<'_>, ctx: &Context<'_, S>) -> Option<Rate>
    where
        S: Subscriber + for<'l> LookupSpan<'l>,
    {
        if cases::is_always_written(level) {
            return Some(Rate::WHOLE);
        }
        let rate = |notes: &Notes| match notes.request() {
            Some(request) if !Arc::ptr_eq(&request.log, &self.log) => None,
            within => cases::rate_of_event(level, within),
        };
        context::look_at_current(|notes| match notes.request() {
            Some(_) => rate(notes),
            None => rate(&request_of_spans(event, ctx)),
        })
    }

    /// The line of an event, unless it belongs to another log's request.
    fn line(
        &self,
        (level, rate): (Level, Rate),
        target: &str,
        event: &EventFields,
        notes: &Notes,
    ) -> Option<Line> {
        if notes.request().is_some_and(|request| !Arc::ptr_eq(&request.log, &self.log)) {
            return None;
        }
        let fields = &event.fields;
        let facts = notes.request().map(|request| (request, request.facts()));
        let mut record = self.log.origin.record(Kind::Event, level);
        record.sample_rate = rate.field();
        if let Some((request, facts)) = &facts {
            identify(&mut record, request, facts);
        }
        record.message = Some(Cow::Borrowed(event.message())).filter(|message| !message.is_empty());
        record.target = Some(Cow::Borrowed(target));
        record.error = Some(Cow::Borrowed(fields.error.as_str())).filter(|error| !error.is_empty());
        record.notes_dropped = Some(fields.dropped).filter(|dropped| *dropped > 0);
        record.truncated = Some(fields.truncated).filter(|truncated| *truncated > 0);
        record.notes = Cow::Borrowed(&fields.notes);
        self.log.line(&record)
    }
}

/// The request in which the innermost span around an event was made.
fn request_of_spans<S>(event: &Event<'_>, ctx: &Context<'_, S>) -> Notes
where
    S: Subscriber + for<'l> LookupSpan<'l>,
{
    let mut spans = ctx.event_scope(event).into_iter().flatten();
    spans.find_map(|span| span.extensions().get::<Notes>().cloned()).unwrap_or_default()
}

/// The same ids as the access record, and who the request is for as far as that is known by now.
fn identify<'r>(record: &mut Record<'r>, request: &'r crate::notes::Request, facts: &'r crate::facts::Facts) {
    record.request_id = facts.texts.get(Text::RequestId).map(Cow::Borrowed);
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
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let notes = context::current();
        let keeps_fields = self.span_fields && !attributes.is_empty();
        if (notes.request().is_none() && !keeps_fields) || context::is_writer_thread() {
            return;
        }
        let Some(span) = ctx.span(id) else { return };
        if notes.request().is_some() {
            // A handle does not keep the record open: it is written when the request ends.
            span.extensions_mut().replace(notes);
        }
        if keeps_fields {
            spans::keep(&span, &self.log, |visitor| attributes.record(visitor));
        }
    }

    fn on_record(&self, id: &Id, values: &span::Record<'_>, ctx: Context<'_, S>) {
        if self.span_fields
            && let Some(span) = ctx.span(id)
        {
            spans::keep(&span, &self.log, |visitor| values.record(visitor));
        }
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        if context::is_writer_thread() {
            return;
        }
        let reused = FIELDS.try_with(|fields| {
            fields.try_borrow_mut().is_ok_and(|mut fields| {
                self.write(event, &ctx, &mut fields);
                true
            })
        });
        // A field whose formatter logs comes back here while the buffer is in use.
        if !reused.unwrap_or(false) {
            self.write(event, &ctx, &mut EventFields::default());
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
