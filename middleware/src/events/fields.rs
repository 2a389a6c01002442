//! The fields of an event, gathered into buffers that are used again.

use crate::shared::Shared;
use access_record::notes::{Kept, NoteLimits, NoteSet, Scalar, cut};
use std::error::Error;
use std::fmt::{self, Write as _};
use tracing_core::Event;
use tracing_core::field::{Field, Visit};

/// The longest message, in bytes.
const MESSAGE_BYTES_MAX: usize = 8 * 1024;
/// The longest name of a note.
const NAME_BYTES_MAX: usize = 64;

#[derive(Default)]
pub(super) struct EventFields {
    message: String,
    notes: NoteSet,
    /// Where values that know only `Debug` are formatted.
    text: String,
    /// Where URLs are redacted.
    redacted: String,
    dropped: u32,
    truncated: u32,
}

impl EventFields {
    /// Forgets the last event and reads this one. What a library puts into its texts is not under the
    /// user's control, so URLs in them are redacted.
    pub(super) fn gather(&mut self, event: &Event<'_>, log: &Shared) {
        self.message.clear();
        self.notes.clear();
        self.dropped = 0;
        self.truncated = 0;
        event.record(&mut Visitor { fields: self, log });
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn notes(&self) -> &NoteSet {
        &self.notes
    }

    pub(super) fn dropped(&self) -> u32 {
        self.dropped
    }

    pub(super) fn truncated(&self) -> u32 {
        self.truncated
    }

    fn count(&mut self, kept: Kept) {
        match kept {
            Kept::Whole => {}
            Kept::Cut => self.truncated += 1,
            Kept::Refused => self.dropped += 1,
        }
    }

    /// Keeps `self.text`, redacted, as the message or as a note.
    fn keep_text(&mut self, field: &Field, log: &Shared) {
        self.redacted.clear();
        if self.text.contains("://") {
            log.params.push_text(&mut self.redacted, &self.text);
            std::mem::swap(&mut self.text, &mut self.redacted);
        }
        if field.name() == "message" {
            let kept = cut(&self.text, MESSAGE_BYTES_MAX);
            self.truncated += u32::from(kept.len() < self.text.len());
            self.message.push_str(kept);
            return;
        }
        let kept = set(&mut self.notes, field, Scalar::Text(&self.text), &log.limits);
        self.count(kept);
    }
}

/// Sets a note under the field's name, made to keep the rule of note names: lower case, and `_` for
/// everything else, as in `http_method` for `http.method`.
fn set(notes: &mut NoteSet, field: &Field, value: Scalar<'_>, limits: &NoteLimits) -> Kept {
    let mut buffer = [0; NAME_BYTES_MAX];
    let mut len = 0;
    let name = field.name().bytes();
    let name = name.skip_while(|byte| !byte.is_ascii_alphabetic()).take(NAME_BYTES_MAX);
    for (place, byte) in buffer.iter_mut().zip(name) {
        *place = if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'_' };
        len += 1;
    }
    match std::str::from_utf8(&buffer[..len]) {
        Ok(name) => notes.set(name, value, limits),
        Err(_) => Kept::Refused,
    }
}

struct Visitor<'a> {
    fields: &'a mut EventFields,
    log: &'a Shared,
}

impl Visitor<'_> {
    fn scalar(&mut self, field: &Field, value: Scalar<'_>) {
        let kept = set(&mut self.fields.notes, field, value, &self.log.limits);
        self.fields.count(kept);
    }

    fn format(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        self.fields.text.clear();
        // A formatter that fails leaves what it wrote so far.
        let _what_it_wrote = self.fields.text.write_fmt(value);
        self.fields.keep_text(field, self.log);
    }
}

impl Visit for Visitor<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.format(field, format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.format(field, format_args!("{value}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.format(field, format_args!("{value}"));
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
