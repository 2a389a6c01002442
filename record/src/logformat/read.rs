//! The reader: a line along the elements of its format. It fits as a whole or not at all, and every
//! value ends at the first place where it can, so reading is one pass without going back.

use super::time::{Parts, digits, scaled_decimal};
use super::{Directive, DurationUnit, Element, Form, LogFormat, Side, escape};
use std::borrow::Cow;

/// A value of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadValue<'a> {
    /// Text, its escapes undone.
    Text(Cow<'a, str>),
    /// A whole number, as its digits with perhaps a minus sign before them.
    Integer(&'a str),
    /// A point in time, in microseconds since 1970.
    TimeMicros(i64),
    /// A duration, in microseconds.
    DurationMicros(u64),
}

/// What was read: names borrow from the format, values from the line.
type Fields<'f, 'a> = Vec<(&'f str, ReadValue<'a>)>;

impl LogFormat {
    /// The fields of a line (without its line end), or `None` if the line does not fit the format.
    ///
    /// A field whose value is `-` is left out; of `%b` too, where Apache writes no bytes as `-`: it does so for
    /// responses that have no body to measure, and others write it for what they do not know. A request line is taken apart into `method`, `path`,
    /// `query` and `http_version`; one that is no request stays whole, as `request`. `ts` is the end of
    /// the request as far as the line tells, and stands where the format has its first time.
    pub fn read<'f, 'a>(&'f self, line: &'a [u8]) -> Option<Fields<'f, 'a>> {
        let mut fields = Vec::with_capacity(self.elements.len() / 2 + 4);
        self.read_into(line, &mut fields).then_some(fields)
    }

    /// As [`read`](Self::read), into a buffer that can be used again. Returns whether the line fits;
    /// if not, the buffer is left empty.
    pub fn read_into<'f, 'a>(&'f self, line: &'a [u8], fields: &mut Fields<'f, 'a>) -> bool {
        fields.clear();
        let mut reader = Reader { rest: line, fields, start: None, end: None, time_at: 0, duration: None };
        let fits = reader.line(&self.elements).is_some();
        if !fits {
            fields.clear();
        }
        fits
    }
}

struct Reader<'r, 'f, 'a> {
    rest: &'a [u8],
    fields: &'r mut Fields<'f, 'a>,
    start: Option<Parts>,
    end: Option<Parts>,
    /// Where `ts` belongs among the fields.
    time_at: usize,
    /// `duration_us` in its finest unit so far, and its index among the fields.
    duration: Option<(DurationUnit, u64, usize)>,
}

/// What ends a value.
#[derive(Clone, Copy)]
struct Stop<'f> {
    /// The literal after it; none at the end of the line.
    literal: Option<&'f [u8]>,
    /// The byte that begins the time after that, so that a user name may contain a space.
    then: Option<u8>,
    /// Whether it stands in double quotes, where a backslash takes away the meaning of a quote.
    quoted: bool,
}

impl<'f, 'a> Reader<'_, 'f, 'a> {
    fn line(&mut self, elements: &'f [Element]) -> Option<()> {
        for (index, element) in elements.iter().enumerate() {
            match element {
                Element::Literal(literal) => self.rest = self.rest.strip_prefix(literal.as_bytes())?,
                Element::Directive(directive) => self.directive(directive, Stop::after(elements, index))?,
            }
        }
        if !self.rest.is_empty() {
            return None;
        }
        self.time()
    }

    fn directive(&mut self, directive: &'f Directive, stop: Stop<'f>) -> Option<()> {
        if let Some(rest) = self.rest.strip_prefix(b"-")
            && stop.is_at(rest)
        {
            self.rest = rest;
            return Some(());
        }
        match &directive.form {
            Form::Time { side, layout } => {
                if self.start.is_none() && self.end.is_none() {
                    self.time_at = self.fields.len();
                }
                let parts = match side {
                    Side::Start => self.start.get_or_insert_default(),
                    Side::End => self.end.get_or_insert_default(),
                };
                self.rest = layout.read(self.rest, parts)?;
            }
            Form::Integer | Form::IntegerDashZero => {
                let digits_at = usize::from(self.rest.starts_with(b"-"));
                let (number, _) = digits(&self.rest[digits_at..]);
                if number.is_empty() {
                    return None;
                }
                let (token, rest) = self.rest.split_at(digits_at + number.len());
                self.rest = rest;
                let token = std::str::from_utf8(token).ok()?;
                self.push(&directive.field, ReadValue::Integer(token));
            }
            Form::Duration(unit) => {
                let shift = match unit {
                    DurationUnit::Seconds => 6,
                    DurationUnit::Millis => 3,
                    DurationUnit::Micros => 0,
                };
                let (micros, rest) = scaled_decimal(self.rest, shift)?;
                self.rest = rest;
                self.push_duration(&directive.field, *unit, micros);
            }
            Form::Text | Form::Request | Form::Target | Form::QueryMark | Form::Protocol => {
                let (written, rest) = self.rest.split_at(stop.find(self.rest)?);
                self.rest = rest;
                self.written(directive, written, stop)?;
            }
        }
        Some(())
    }

    /// A value of which only the extent is known.
    fn written(&mut self, directive: &'f Directive, written: &'a [u8], stop: Stop<'f>) -> Option<()> {
        if written.is_empty() {
            // Unknown is never an empty text; and without quotes an empty value is a torn line.
            return (stop.quoted || directive.form == Form::QueryMark).then_some(());
        }
        let text = escape::text(written);
        match directive.form {
            Form::Request => self.push_request(text),
            Form::Target => self.push_target(text),
            Form::QueryMark => {
                let query = strip(&text, "?")?;
                if !query.is_empty() {
                    self.push(&directive.field, ReadValue::Text(query));
                }
            }
            Form::Protocol => {
                let version = version(&text).unwrap_or(text);
                self.push(&directive.field, ReadValue::Text(version));
            }
            // Apache writes an empty user name as two quotes; in a name it escapes them.
            _ if directive.field == "user_id" && written == b"\"\"" => {}
            _ => self.push(&directive.field, ReadValue::Text(text)),
        }
        Some(())
    }

    fn push(&mut self, name: &'f str, value: ReadValue<'a>) {
        self.fields.push((name, value));
    }

    /// With `%T … %D` in a line the finer one counts.
    fn push_duration(&mut self, name: &'f str, unit: DurationUnit, micros: u64) {
        if name != "duration_us" {
            self.push(name, ReadValue::DurationMicros(micros));
            return;
        }
        match self.duration {
            Some((known, ..)) if known >= unit => {}
            Some((_, _, index)) => {
                self.fields[index].1 = ReadValue::DurationMicros(micros);
                self.duration = Some((unit, micros, index));
            }
            None => {
                self.duration = Some((unit, micros, self.fields.len()));
                self.push(name, ReadValue::DurationMicros(micros));
            }
        }
    }

    fn push_request(&mut self, request: Cow<'a, str>) {
        let mut words = request.split(' ');
        let (Some(method), Some(target), Some(protocol), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return self.push("request", ReadValue::Text(request));
        };
        let known = is_method(method) && !target.is_empty();
        let Some(version) = version(&sub(&request, protocol)).filter(|_| known) else {
            return self.push("request", ReadValue::Text(request));
        };
        let (method, target) = (sub(&request, method), sub(&request, target));
        self.push("method", ReadValue::Text(method));
        self.push_target(target);
        self.push("http_version", ReadValue::Text(version));
    }

    fn push_target(&mut self, target: Cow<'a, str>) {
        match target.split_once('?') {
            None => self.push("path", ReadValue::Text(target)),
            Some((path, query)) => {
                let (path, query) = (sub(&target, path), sub(&target, query));
                if !path.is_empty() {
                    self.push("path", ReadValue::Text(path));
                }
                if !query.is_empty() {
                    self.push("query", ReadValue::Text(query));
                }
            }
        }
    }

    /// Puts `ts` together; `None` if the line has a time that no calendar has.
    fn time(&mut self) -> Option<()> {
        let end = self.end.unwrap_or_default().micros_since_epoch().ok()?;
        let start = self.start.unwrap_or_default().micros_since_epoch().ok()?;
        let ts = match (end, start) {
            (Some(end), _) => end,
            (None, Some(start)) => {
                let micros = self.duration.map_or(0, |(_, micros, _)| micros);
                start.checked_add_unsigned(micros)?
            }
            (None, None) => return Some(()),
        };
        self.fields.insert(self.time_at, ("ts", ReadValue::TimeMicros(ts)));
        Some(())
    }
}

impl<'f> Stop<'f> {
    fn after(elements: &'f [Element], index: usize) -> Self {
        let first_byte = |element: Option<&Element>| match element {
            Some(Element::Directive(Directive { form: Form::Time { layout, .. }, .. })) => {
                layout.first_byte()
            }
            _ => None,
        };
        let literal = |element: Option<&'f Element>| match element {
            Some(Element::Literal(literal)) => Some(literal.as_bytes()),
            _ => None,
        };
        match elements.get(index + 1) {
            None => Self { literal: None, then: None, quoted: false },
            Some(Element::Directive(_)) => {
                Self { literal: Some(b""), then: first_byte(elements.get(index + 1)), quoted: false }
            }
            after @ Some(Element::Literal(_)) => {
                let before = index.checked_sub(1).and_then(|before| literal(elements.get(before)));
                let literal = literal(after);
                let is_quote = |byte: Option<&u8>| byte == Some(&b'"');
                Self {
                    literal,
                    then: first_byte(elements.get(index + 2)),
                    quoted: is_quote(before.and_then(<[u8]>::last))
                        && is_quote(literal.and_then(<[u8]>::first)),
                }
            }
        }
    }

    /// Whether a value ends here.
    fn is_at(&self, rest: &[u8]) -> bool {
        match self.literal {
            None => rest.is_empty(),
            Some(literal) => rest
                .strip_prefix(literal)
                .is_some_and(|rest| self.then.is_none() || rest.first() == self.then.as_ref()),
        }
    }

    /// How long the value at the front is.
    fn find(&self, rest: &[u8]) -> Option<usize> {
        if self.quoted {
            // The first quote that is not escaped ends it; whether the rest fits is seen later.
            let mut at = 0;
            loop {
                match rest.get(at)? {
                    b'"' => return Some(at),
                    b'\\' => at += 2,
                    _ => at += 1,
                }
            }
        }
        let Some(literal) = self.literal else {
            return Some(rest.len());
        };
        let first = literal.first().copied().or(self.then);
        let mut from = 0;
        loop {
            let at = from + rest.get(from..)?.iter().position(|byte| Some(*byte) == first)?;
            if self.is_at(&rest[at..]) {
                return Some(at);
            }
            from = at + 1;
        }
    }
}

fn is_method(word: &str) -> bool {
    !word.is_empty()
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// `1.1` of `HTTP/1.1`; `2` of `HTTP/2.0`, as the record spells it.
fn version<'a>(protocol: &Cow<'a, str>) -> Option<Cow<'a, str>> {
    let version = strip(protocol, "HTTP/")?;
    let (major, minor) = version.split_once('.').unwrap_or((&version, "0"));
    let digit = |text: &str| text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digit(major) || !digit(minor) {
        return None;
    }
    match (major, minor) {
        ("2" | "3", "0") => Some(sub(&version, major)),
        _ => Some(version),
    }
}

fn strip<'a>(text: &Cow<'a, str>, prefix: &str) -> Option<Cow<'a, str>> {
    Some(match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.strip_prefix(prefix)?),
        Cow::Owned(text) => Cow::Owned(text.strip_prefix(prefix)?.to_owned()),
    })
}

/// A part of a text, borrowed for as long as the whole is.
fn sub<'a>(whole: &Cow<'a, str>, part: &str) -> Cow<'a, str> {
    match whole {
        Cow::Borrowed(text) => {
            let from = part.as_ptr().addr() - text.as_ptr().addr();
            Cow::Borrowed(&text[from..from + part.len()])
        }
        Cow::Owned(_) => Cow::Owned(part.to_owned()),
    }
}
