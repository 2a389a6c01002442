//! Further sinks for selected records: errors to one file, all to another. Each has its own queue, thread,
//! instance and numbers, so that each file proves by itself that it is complete.

use super::queue::{Class, Queue};
use crate::texts::PART_OF_LINE;
use access_record::form::Form;
use access_record::json::cut_escaped;
use access_record::{InstanceId, Kind, Level, Record};
use std::borrow::Cow;
use std::sync::Arc;

/// Which records a further sink takes; see [`Builder::also`](crate::Builder::also).
///
/// ```
/// use tower_access_log::{Kind, Level, Only};
/// let errors = Only::new().at_least(Level::Error);
/// let slow_tail = Only::new().kinds([Kind::Call, Kind::Event]).at_least(Level::Warn);
/// # drop((errors, slow_tail));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Only {
    level_min: Option<Level>,
    kinds: Option<Cow<'static, [Kind]>>,
}

impl Only {
    /// Every record.
    pub fn new() -> Self {
        Self::default()
    }

    /// Those of them that are at least so loud.
    #[must_use]
    pub fn at_least(self, level: Level) -> Self {
        Self { level_min: Some(level), ..self }
    }

    /// Those of them that are of these kinds. `loss` and `stop` are each sink's own, and always there.
    #[must_use]
    pub fn kinds(self, kinds: impl IntoIterator<Item = Kind>) -> Self {
        Self { kinds: Some(kinds.into_iter().collect()), ..self }
    }

    fn takes(&self, record: &Record<'_>) -> bool {
        self.level_min.is_none_or(|level| record.level >= level)
            && self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&record.kind))
    }
}

/// A further sink.
pub(crate) struct Further {
    pub(crate) only: Only,
    pub(crate) instance: InstanceId,
    pub(crate) line_bytes_max: usize,
    pub(crate) queue: Arc<Queue>,
}

/// Lines of one record for further sinks, each with the place of its sink. Empty, it has no memory.
#[derive(Debug, Default)]
pub(crate) struct FurtherLines(Vec<(usize, Vec<u8>)>);

impl FurtherLines {
    /// Formats a record for those who take it.
    #[cold]
    pub(crate) fn of(record: &Record<'_>, form: &Form, sinks: &[Further]) -> Self {
        let mut lines = Vec::new();
        for (place, sink) in sinks.iter().enumerate().filter(|(_, sink)| sink.only.takes(record)) {
            let mut record = Record { instance: Some(sink.instance), ..record.clone() };
            cut_texts(&mut record, sink.line_bytes_max / PART_OF_LINE);
            let mut line = Vec::new();
            form.open(&record, &mut line, sink.line_bytes_max);
            lines.push((place, line));
        }
        Self(lines)
    }

    /// Queues them.
    pub(crate) fn queue(&self, sinks: &[Further], class: Class) {
        for (place, line) in &self.0 {
            if let Some(sink) = sinks.get(*place) {
                sink.queue.push(line, class);
            }
        }
    }
}

/// The lines of the first sink may be longer: what had room there must not push status and outcome out
/// of a shorter one.
fn cut_texts(record: &mut Record<'_>, bytes_max: usize) {
    let texts = [
        &mut record.authority,
        &mut record.path,
        &mut record.query,
        &mut record.route,
        &mut record.user_agent,
        &mut record.referer,
        &mut record.user_id,
        &mut record.api_method,
        &mut record.error,
    ];
    let mut cuts = 0;
    for text in texts.into_iter().flatten() {
        let len = cut_escaped(text, bytes_max).len();
        if len < text.len() {
            text.to_mut().truncate(len);
            cuts += 1;
        }
    }
    if cuts > 0 {
        record.truncated = Some(record.truncated.unwrap_or(0).saturating_add(cuts));
    }
}
