//! The fields of an event or a span: typed, bounded and redacted. Those of events are gathered into
//! buffers that are used again.

use super::log_crate;
use crate::error_text::push_chain;
use crate::redact::may_need_redaction;
use crate::shared::Shared;
use access_record::json::cut_escaped;
use access_record::notes::{Kept, NoteLimits, NoteSet, Scalar, cut, is_note_name};
use std::error::Error;
use std::fmt::{self, Write as _};
use tracing_core::Event;
use tracing_core::field::{Field, Visit};

/// The longest message, in bytes.
const MESSAGE_BYTES_MAX: usize = 8 * 1024;
/// The longest error, in bytes as they are written, as in the record of a request.
const ERROR_BYTES_MAX: usize = 1024;
/// The longest target that comes with a record of the `log` crate; others are written in programs.
const TARGET_BYTES_MAX: usize = 256;
/// A buffer that a longer value made larger is not kept.
const TEXT_BYTES_KEPT: usize = 16 * 1024;
/// The longest name of a note.
const NAME_BYTES_MAX: usize = 64;

/// The fields of an event or a span, and how many of them the limits cut or refused.
#[derive(Default)]
pub(super) struct Fields {
    pub(super) notes: NoteSet,
    /// The text of the field `error`, empty without one.
    pub(super) error: String,
    pub(super) dropped: u32,
    pub(super) truncated: u32,
}

impl Fields {
    /// Those of a span, or those that it is told later.
    pub(super) fn of_span(log: &Shared, record: impl FnOnce(&mut dyn Visit)) -> Self {
        let mut fields = Self::default();
        let mut scratch = Scratch::default();
        let (fields_of, scratch) = (&mut fields, &mut scratch);
        record(&mut Visitor { fields: fields_of, message: None, scratch, log, is_log_record: false });
        fields
    }

    /// Takes over what came later: the last value of a name wins.
    pub(super) fn update(&mut self, later: &Self, limits: &NoteLimits) {
        if !later.error.is_empty() {
            self.error.clone_from(&later.error);
        }
        for (name, value) in later.notes.iter() {
            self.set(name, value, limits);
        }
        self.count_cuts_of(later);
    }

    /// Adds what a span around this has and this has not.
    pub(super) fn add(&mut self, outer: &Self, limits: &NoteLimits) {
        if self.error.is_empty() {
            self.error.push_str(&outer.error);
        }
        for (name, value) in outer.notes.iter() {
            if self.notes.get(name).is_none() {
                self.set(name, value, limits);
            }
        }
        self.count_cuts_of(outer);
    }

    fn count_cuts_of(&mut self, other: &Self) {
        self.dropped = self.dropped.saturating_add(other.dropped);
        self.truncated = self.truncated.saturating_add(other.truncated);
    }

    fn clear(&mut self) {
        self.notes.clear();
        self.error.clear();
        self.dropped = 0;
        self.truncated = 0;
    }

    fn set(&mut self, name: &str, value: Scalar<'_>, limits: &NoteLimits) {
        let kept = self.notes.set(name, value, limits);
        self.count(kept);
    }

    fn count(&mut self, kept: Kept) {
        match kept {
            Kept::Whole => {}
            Kept::Cut => self.truncated = self.truncated.saturating_add(1),
            Kept::Refused => self.dropped = self.dropped.saturating_add(1),
        }
    }

    fn set_error(&mut self, text: &str) {
        let kept = cut_escaped(text, ERROR_BYTES_MAX);
        self.truncated = self.truncated.saturating_add(u32::from(kept.len() < text.len()));
        self.error.clear();
        self.error.push_str(kept);
    }
}

/// What an event says, in buffers that the next one uses again.
#[derive(Default)]
pub(super) struct EventFields {
    message: String,
    target: String,
    pub(super) fields: Fields,
    scratch: Scratch,
}

impl EventFields {
    /// Reads where a record of the `log` crate comes from.
    pub(super) fn read_target(&mut self, event: &Event<'_>) -> &str {
        log_crate::read_target(event, &mut self.target);
        &self.target
    }

    /// Forgets the last event and reads this one. What a library puts into its texts is not under the
    /// user's control, so URLs in them are redacted.
    pub(super) fn gather(&mut self, event: &Event<'_>, is_log_record: bool, log: &Shared) {
        self.message.clear();
        self.fields.clear();
        let message = Some(&mut self.message);
        let (fields, scratch) = (&mut self.fields, &mut self.scratch);
        event.record(&mut Visitor { fields, message, scratch, log, is_log_record });
        self.fields.truncated += u32::from(is_log_record && self.target.len() > TARGET_BYTES_MAX);
        for text in [&mut self.scratch.text, &mut self.scratch.redacted] {
            if text.capacity() > TEXT_BYTES_KEPT {
                *text = String::new();
            }
        }
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// Where the last record of the `log` crate comes from.
    pub(super) fn target(&self) -> &str {
        cut(&self.target, TARGET_BYTES_MAX)
    }
}

#[derive(Default)]
struct Scratch {
    /// Where values that know only `Debug` are formatted.
    text: String,
    /// Where URLs are redacted.
    redacted: String,
}

struct Visitor<'a> {
    fields: &'a mut Fields,
    /// Where an event's message goes; a span has none, so that its field of this name is one like others.
    message: Option<&'a mut String>,
    scratch: &'a mut Scratch,
    log: &'a Shared,
    is_log_record: bool,
}

impl Visitor<'_> {
    fn skips(&self, field: &Field) -> bool {
        self.is_log_record && log_crate::is_about_record(field)
    }

    fn scalar(&mut self, field: &Field, value: Scalar<'_>) {
        if field.name() == "error" {
            // The record's field is text.
            self.format(field, |text| push_scalar(text, value));
        } else if !self.skips(field) {
            note(self.fields, field, value, &self.log.limits);
        }
    }

    /// Keeps what this appends.
    fn format(&mut self, field: &Field, push: impl FnOnce(&mut String)) {
        if self.skips(field) {
            return;
        }
        let mut text = std::mem::take(&mut self.scratch.text);
        text.clear();
        push(&mut text);
        self.text(field, &text);
        self.scratch.text = text;
    }

    /// Keeps a text, redacted, as what the field's name says it is.
    fn text(&mut self, field: &Field, text: &str) {
        let text = if may_need_redaction(text) {
            self.scratch.redacted.clear();
            self.log.params.push_text(&mut self.scratch.redacted, text);
            &self.scratch.redacted
        } else {
            text
        };
        match (field.name(), &mut self.message) {
            ("message", Some(message)) => {
                let kept = cut(text, MESSAGE_BYTES_MAX);
                self.fields.truncated += u32::from(kept.len() < text.len());
                message.clear();
                message.push_str(kept);
            }
            ("error", _) => self.fields.set_error(text),
            _ => note(self.fields, field, Scalar::Text(text), &self.log.limits),
        }
    }
}

impl Visit for Visitor<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // A formatter that fails leaves what it wrote so far.
        self.format(field, |text| {
            let _what_it_wrote = write!(text, "{value:?}");
        });
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if !self.skips(field) {
            self.text(field, value);
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.format(field, |text| push_chain(text, value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.scalar(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.scalar(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.scalar(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.scalar(field, value.into());
    }
}

fn push_scalar(text: &mut String, value: Scalar<'_>) {
    let _infallible = match value {
        Scalar::Bool(value) => write!(text, "{value}"),
        Scalar::I64(value) => write!(text, "{value}"),
        Scalar::U64(value) => write!(text, "{value}"),
        Scalar::F64(value) => write!(text, "{value:?}"),
        Scalar::Text(value) => text.write_str(value),
    };
}

/// Sets a note under the field's name, made to keep the rule of note names: lower case, and `_` for
/// everything else, as in `http_method` for `http.method`.
fn note(fields: &mut Fields, field: &Field, value: Scalar<'_>, limits: &NoteLimits) {
    // Most names keep the rule, and are looked at once.
    let kept = fields.notes.set(field.name(), value, limits);
    if kept != Kept::Refused || is_note_name(field.name()) {
        return fields.count(kept);
    }
    let mut buffer = [0; NAME_BYTES_MAX];
    let mut len = 0;
    let name = field.name().bytes();
    let name = name.skip_while(|byte| !byte.is_ascii_alphabetic()).take(NAME_BYTES_MAX);
    for (place, byte) in buffer.iter_mut().zip(name) {
        *place = if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'_' };
        len += 1;
    }
    // A name without a letter is none, and refused.
    fields.set(std::str::from_utf8(&buffer[..len]).unwrap_or_default(), value, limits);
}
