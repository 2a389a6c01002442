//! The fields of spans, for those who ask for them: kept in the span, typed and bounded like notes,
//! from when the span is made.

use super::fields::Fields;
use crate::shared::Shared;
use access_record::InstanceId;
use tracing_core::field::Visit;
use tracing_subscriber::registry::{LookupSpan, Scope, SpanRef};

/// What a span keeps: its fields for each log that asked, as each has its own limits, and its own idea of
/// what must not be written.
#[derive(Default)]
struct SpanFields(Vec<(InstanceId, Fields)>);

impl SpanFields {
    fn of(&self, log: &Shared) -> Option<&Fields> {
        self.0.iter().find(|(instance, _)| *instance == log.origin.instance).map(|(_, fields)| fields)
    }
}

/// Keeps what a span is made with, or what it is told later.
pub(super) fn keep<'s, S>(span: &SpanRef<'s, S>, log: &Shared, record: impl FnOnce(&mut dyn Visit))
where
    S: LookupSpan<'s>,
{
    // Before the span is locked: a user's formatter may log, and then the fields of this span are read.
    let new = Fields::of_span(log, record);
    let mut extensions = span.extensions_mut();
    if extensions.get_mut::<SpanFields>().is_none() {
        extensions.insert(SpanFields::default());
    }
    let Some(SpanFields(kept)) = extensions.get_mut() else { return };
    match kept.iter_mut().find(|(instance, _)| *instance == log.origin.instance) {
        Some((_, fields)) => fields.update(&new, &log.limits),
        None => kept.push((log.origin.instance, new)),
    }
}

/// Adds the fields of these spans to those of an event, the innermost first: what stands there stays.
pub(super) fn add<'s, S>(fields: &mut Fields, spans: Scope<'s, S>, log: &Shared)
where
    S: LookupSpan<'s>,
{
    for span in spans {
        if let Some(of_span) = span.extensions().get().and_then(|kept: &SpanFields| kept.of(log)) {
            fields.add(of_span, &log.limits);
        }
    }
}
