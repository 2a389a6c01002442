//! The writer: a record along the elements of its format, as Apache would have logged the request.
//!
//! Escapes are Apache's (`ap_escape_logitem`): `\"`, `\\`, `\b`, `\n`, `\r`, `\t`, `\v`, and `\xhh` for
//! every other byte that is no printable ASCII, so a line is one line of plain text. Two more are
//! written that Apache does not: what would end a value that stands without quotes, and a text that
//! is nothing but the dash of "unknown". So no client can forge a field, and each text is read again.

use super::escape;
use super::{Directive, DurationUnit, Element, Form, LogFormat, Only, Side};
use crate::Timestamp;
use crate::json::{push_i64, push_u64};
use crate::kind::Outcome;
use crate::notes::Scalar;
use crate::record::{FieldValue, Record};

impl LogFormat {
    /// Appends the line of a record, and the line end: one line, all of it printable ASCII but for what
    /// the format itself has between its directives. What the record does not have is `-`.
    ///
    /// Apache's `%t` is the start of the request, `ts - duration_us`; all times are UTC. A request line
    /// holds no space: one in a path or query is written as `%20`, and a `?` in a path as `%3f`. A
    /// directive that is no field of a record is the note of its name; `%X` is `X` if the client went
    /// away. Times before 1970 cannot be read again from directives that write Unix times.
    ///
    /// ```
    /// use access_record::logformat::LogFormat;
    /// use access_record::{Kind, Level, Record, Timestamp};
    /// let mut record = Record::new(Timestamp::from_micros(1_260_763_702_500_000), Kind::Access, Level::Info);
    /// record.duration_us = Some(1_400_000);
    /// record.user_id = Some("5555".into());
    /// record.status = Some(200);
    /// let mut out = Vec::new();
    /// LogFormat::parse("%h %u %t %T %>s")?.write(&record, &mut out);
    /// assert_eq!(out, b"- 5555 [14/Dec/2009:04:08:21 +0000] 1 200\n");
    /// # Ok::<(), access_record::logformat::FormatError>(())
    /// ```
    pub fn write(&self, record: &Record<'_>, out: &mut Vec<u8>) {
        self.write_up_to(record, out, usize::MAX);
    }

    /// As [`write`](Self::write), but of a line that is longer than `bytes_max`, its end included, each
    /// text is cut to its share. What the format has between its directives is never cut.
    pub fn write_up_to(&self, record: &Record<'_>, out: &mut Vec<u8>, bytes_max: usize) {
        let from = out.len();
        self.line(record, out, usize::MAX);
        if out.len() - from > bytes_max {
            out.truncate(from);
            self.line(record, out, self.text_bytes_max(bytes_max));
        }
    }

    fn line(&self, record: &Record<'_>, out: &mut Vec<u8>, text_bytes_max: usize) {
        for (index, element) in self.elements.iter().enumerate() {
            match element {
                Element::Literal(literal) => out.extend_from_slice(literal.as_bytes()),
                Element::Directive(directive) => {
                    let end = Ending::of(&self.elements, index);
                    Writer { out, record, end, text_bytes_max }.directive(directive);
                }
            }
        }
        out.push(b'\n');
    }

    /// What is left for each directive.
    fn text_bytes_max(&self, bytes_max: usize) -> usize {
        let literals = self.elements.iter().map(|element| match element {
            Element::Literal(literal) => literal.len(),
            Element::Directive(_) => 0,
        });
        bytes_max.saturating_sub(1 + literals.sum::<usize>()) / self.directives().count().max(1)
    }
}

/// What ends a value for a reader.
#[derive(Clone, Copy)]
enum Ending {
    /// A quote, which is escaped anyway.
    Quote,
    /// The first of the byte that follows, or of a time's first byte.
    Byte(u8),
    /// The end of the line.
    Line,
}

impl Ending {
    fn of(elements: &[Element], index: usize) -> Self {
        match elements.get(index + 1) {
            Some(Element::Literal(literal)) => match literal.as_bytes().first() {
                None => Self::Line,
                Some(b'"') => Self::Quote,
                Some(byte) => Self::Byte(*byte),
            },
            Some(Element::Directive(Directive { form: Form::Time { layout, .. }, .. })) => {
                layout.first_byte().map_or(Self::Line, Self::Byte)
            }
            None | Some(Element::Directive(_)) => Self::Line,
        }
    }
}

struct Writer<'w, 'r> {
    out: &'w mut Vec<u8>,
    record: &'w Record<'r>,
    end: Ending,
    /// The longest text, escaped.
    text_bytes_max: usize,
}

impl Writer<'_, '_> {
    fn directive(mut self, directive: &Directive) {
        let before = self.out.len();
        let is_meant = directive.only.as_ref().is_none_or(|only| only.holds(self.record.status));
        if is_meant {
            self.value(directive);
        }
        // The query's mark is the one value that may be nothing.
        if self.out.len() == before && (!is_meant || directive.form != Form::QueryMark) {
            self.out.push(b'-');
        }
    }

    /// Writes nothing if the record does not have it.
    fn value(&mut self, directive: &Directive) {
        let is_nginx = directive.source.starts_with('$');
        match &directive.form {
            Form::Text => self.text_of(&directive.field),
            Form::Request => self.request(),
            Form::Target => self.target(self.text_bytes_max),
            Form::QueryMark => self.query(self.text_bytes_max),
            Form::Protocol => self.protocol(self.text_bytes_max),
            Form::Integer => self.integer(&directive.field, true),
            Form::IntegerDashZero => self.integer(&directive.field, false),
            Form::Duration(unit) => self.duration(&directive.field, *unit, is_nginx),
            Form::Time { side, layout } => {
                let micros = self.record.ts.micros();
                let micros = match side {
                    Side::End => micros,
                    Side::Start => micros.saturating_sub_unsigned(self.record.duration_us.unwrap_or(0)),
                };
                layout.write(Timestamp::from_micros(micros), is_nginx, self.out);
            }
        }
    }

    fn text_of(&mut self, name: &str) {
        let left = matches!(self.record.outcome, Some(Outcome::Aborted | Outcome::Cancelled));
        match FieldValue::of(self.record, name) {
            Some(FieldValue::Text(text)) => self.text(text),
            Some(FieldValue::Short(short)) => self.text(short.as_str()),
            Some(FieldValue::Number(number)) => push_u64(self.out, number),
            Some(FieldValue::Signed(number)) => push_i64(self.out, number),
            Some(FieldValue::Flags(flags)) => {
                let flags: Vec<String> =
                    flags.iter().map(|(name, variant)| format!("{name}={variant}")).collect();
                self.text(&flags.join(","));
            }
            Some(FieldValue::Notes(_)) => {}
            None if name == "connection" && left => self.out.push(b'X'),
            None => self.note(name),
        }
    }

    fn note(&mut self, name: &str) {
        match self.record.notes.get(name) {
            Some(Scalar::Text(text)) => self.text(text),
            Some(Scalar::Bool(value)) => self.text(if value { "true" } else { "false" }),
            Some(Scalar::I64(number)) => push_i64(self.out, number),
            Some(Scalar::U64(number)) => push_u64(self.out, number),
            Some(Scalar::F64(number)) => self.text(&number.to_string()),
            None => {}
        }
    }

    fn text(&mut self, text: &str) {
        if text == "-" {
            self.out.extend_from_slice(b"\\x2d");
        } else {
            self.escaped(text, self.text_bytes_max);
        }
    }

    /// Whole characters only, each as Apache writes it.
    fn escaped(&mut self, text: &str, bytes_max: usize) {
        let end = match self.end {
            Ending::Byte(byte) => Some(byte),
            Ending::Quote | Ending::Line => None,
        };
        escape::push(self.out, text, end, bytes_max);
    }

    /// As it stood in the request line; a request without a target had none that we know.
    fn request(&mut self) {
        let r = self.record;
        let Some(method) = r.method.as_deref().filter(|method| !method.is_empty()) else {
            return;
        };
        // The target takes what the words around it may not.
        let word_bytes_max = (self.text_bytes_max / 8).max(8).min(self.text_bytes_max / 3);
        let target_bytes_max = (self.text_bytes_max - 2 * word_bytes_max).saturating_sub(2);
        let before = self.out.len();
        self.escaped(method, word_bytes_max);
        self.out.push(b' ');
        let target_at = self.out.len();
        self.target(target_bytes_max);
        if self.out.len() == target_at {
            self.escaped(r.authority.as_deref().unwrap_or_default(), target_bytes_max);
        }
        if self.out.len() == target_at {
            self.out.truncate(before);
            return;
        }
        if r.http_version.is_some() {
            self.out.push(b' ');
            self.protocol(word_bytes_max);
        }
    }

    fn target(&mut self, bytes_max: usize) {
        let path = self.record.path.as_deref().unwrap_or_default();
        let from = self.out.len();
        self.escaped(&path.replace(' ', "%20").replace('?', "%3f"), bytes_max);
        self.query(bytes_max.saturating_sub(self.out.len() - from));
    }

    fn query(&mut self, bytes_max: usize) {
        if let Some(query) = self.record.query.as_deref().filter(|query| !query.is_empty() && bytes_max > 0) {
            self.out.push(b'?');
            self.escaped(&query.replace(' ', "%20"), bytes_max.saturating_sub(1));
        }
    }

    fn protocol(&mut self, bytes_max: usize) {
        match self.record.http_version.as_deref() {
            None | Some("") => {}
            Some(version @ ("2" | "3")) => self.escaped(&format!("HTTP/{version}.0"), bytes_max),
            Some(version) => self.escaped(&format!("HTTP/{version}"), bytes_max),
        }
    }

    fn integer(&mut self, name: &str, zero: bool) {
        let noted = self.record.notes.get(name);
        match (FieldValue::of(self.record, name), noted) {
            (Some(FieldValue::Number(0)), _) if !zero => {}
            (Some(FieldValue::Number(number)), _) | (None, Some(Scalar::U64(number))) => {
                push_u64(self.out, number);
            }
            (Some(FieldValue::Signed(number)), _) | (None, Some(Scalar::I64(number))) => {
                push_i64(self.out, number);
            }
            _ => {}
        }
    }

    /// Apache's units are whole and cut; nginx writes seconds with three digits.
    fn duration(&mut self, name: &str, unit: DurationUnit, is_nginx: bool) {
        let Some(FieldValue::Number(micros)) = FieldValue::of(self.record, name) else {
            return;
        };
        match unit {
            DurationUnit::Micros => push_u64(self.out, micros),
            DurationUnit::Millis => push_u64(self.out, micros / 1000),
            DurationUnit::Seconds => {
                push_u64(self.out, micros / 1_000_000);
                if is_nginx {
                    let millis = micros / 1000 % 1000;
                    self.out.extend_from_slice(format!(".{millis:03}").as_bytes());
                }
            }
        }
    }
}

impl Only {
    /// Whether the value is written for a response with this status; none is not in any list.
    fn holds(&self, status: Option<u16>) -> bool {
        status.is_some_and(|status| self.statuses.contains(&status)) != self.negated
    }
}

#[cfg(test)]
mod tests;
