//! The words of a line to read, as they are appended: escaped, so that nothing in them acts on a terminal, quoted where
//! they would not read as one word, cut where they are too long, and coloured.

use super::marks::{Marks, Target};
use crate::escape;
use crate::field::Found;
use crate::render::theme::{END, Theme};
use crate::value::Value;
use memchr::memchr3;
use std::borrow::Cow;

/// Characters of a text that are shown, unless all are asked for.
const TEXT_CHARS_MAX: usize = 256;

/// A line in the making.
pub(super) struct Words<'w> {
    pub(super) out: &'w mut String,
    /// Where its first word begins.
    start: usize,
    pub(super) theme: Theme,
    pub(super) marks: Marks<'w>,
    /// Whether texts are shown to their ends.
    is_whole: bool,
}

impl<'w> Words<'w> {
    pub(super) fn new(out: &'w mut String, theme: Theme, marks: Marks<'w>, is_whole: bool) -> Self {
        let start = out.len();
        Self { out, start, theme, marks, is_whole }
    }

    /// A word that is safe.
    pub(super) fn plain(&mut self, word: &str) {
        self.space();
        self.out.push_str(word);
    }

    /// Something safe in a colour, or in none.
    pub(super) fn painted(&mut self, colour: &str, push: impl FnOnce(&mut String)) {
        self.space();
        paint(self.out, colour, push);
    }

    /// A value of a field of the contract, as it stands in the line.
    pub(super) fn value(&mut self, field: usize, found: &Found<'_>, colour: &str) {
        self.space();
        self.text(Target::Field(field), found, colour, false);
    }

    /// A value of a field of the contract, shown otherwise than it stands in the line: all of it is marked if any is.
    pub(super) fn converted(
        &mut self,
        field: usize,
        found: &Found<'_>,
        colour: &str,
        push: impl FnOnce(&mut String),
    ) {
        self.space();
        let mark = if self.is_marked(field, found) { self.theme.of_match() } else { "" };
        self.out.push_str(if mark.is_empty() { "" } else { colour });
        paint(self.out, if mark.is_empty() { colour } else { mark }, push);
    }

    /// `name=value`, the value being shown otherwise.
    pub(super) fn short_pair(&mut self, field: usize, key: &str, found: &Found<'_>, shown: &str) {
        self.key(key);
        let mark = if self.is_marked(field, found) { self.theme.of_match() } else { "" };
        paint(self.out, mark, |out| push(out, shown, needs_quotes(shown)));
    }

    fn is_marked(&self, field: usize, found: &Found<'_>) -> bool {
        let target = Target::Field(field);
        !self.marks.is_empty()
            && (self.marks.is_whole(target, found)
                || self.marks.is_in(Some(target), found.value.text().as_bytes()))
    }

    /// `name=`, behind which its value must come.
    fn key(&mut self, key: &str) {
        self.space();
        let dim = self.theme.of_dim();
        paint(self.out, dim, |out| {
            escape::push(out, key);
            out.push('=');
        });
    }

    /// `name=value`.
    pub(super) fn pair(&mut self, target: Target<'_>, key: &str, found: &Found<'_>) {
        self.key(key);
        let is_text = matches!(found.value, Value::Text(_));
        self.text(target, found, "", is_text);
    }

    /// A line of no known shape. Tabs before it are spaces, so that a stack trace looks like one.
    pub(super) fn line(&mut self, line: &[u8]) {
        let places = if self.marks.is_empty() { Vec::new() } else { self.marks.places(None, line) };
        let mut from = line.iter().take_while(|byte| **byte == b'\t').count();
        self.out.extend(std::iter::repeat_n("    ", from));
        let tabs = from;
        for place in places.into_iter().filter(|place| place.start >= tabs) {
            self.out.push_str(&escape::bytes(&line[from..place.start]));
            paint(self.out, self.theme.of_match(), |out| out.push_str(&escape::bytes(&line[place.clone()])));
            from = place.end;
        }
        self.out.push_str(&escape::bytes(&line[from..]));
    }

    fn text(&mut self, target: Target<'_>, found: &Found<'_>, colour: &str, may_quote: bool) {
        let text = self.cut(found.value.text());
        let is_quoted = may_quote && needs_quotes(&text);
        if self.marks.is_empty() {
            paint(self.out, colour, |out| push(out, &text, is_quoted));
            return;
        }
        let places = if self.marks.is_whole(target, found) {
            std::iter::once(0..text.len()).collect()
        } else if matches!(found.value, Value::Nested(_)) && text.contains('\\') {
            // The text of an object has escapes of its own, no part of which is a match.
            Vec::new()
        } else {
            self.marks.places(Some(target), text.as_bytes())
        };
        let quote = if is_quoted { "\"" } else { "" };
        self.out.push_str(quote);
        let mut from = 0;
        for place in places.into_iter().filter(|place| !place.is_empty()) {
            paint(self.out, colour, |out| push_part(out, &text[from..place.start], is_quoted));
            self.out.push_str(colour);
            paint(self.out, self.theme.of_match(), |out| push_part(out, &text[place.clone()], is_quoted));
            from = place.end;
        }
        paint(self.out, colour, |out| push_part(out, &text[from..], is_quoted));
        self.out.push_str(quote);
    }

    /// The beginning of a long text, unless texts are shown to their ends.
    pub(super) fn cut<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let end = if self.is_whole || text.len() <= TEXT_CHARS_MAX {
            None
        } else {
            text.char_indices().nth(TEXT_CHARS_MAX)
        };
        end.map_or(Cow::Borrowed(text), |(end, _)| Cow::Owned(format!("{}…", &text[..end])))
    }

    fn space(&mut self) {
        if self.out.len() > self.start {
            self.out.push(' ');
        }
    }
}

fn paint(out: &mut String, colour: &str, push: impl FnOnce(&mut String)) {
    out.push_str(colour);
    let from = out.len();
    push(out);
    if out.len() == from {
        out.truncate(from - colour.len());
    } else if !colour.is_empty() {
        out.push_str(END);
    }
}

/// Whether a text would not read as one word.
fn needs_quotes(text: &str) -> bool {
    text.is_empty() || memchr3(b' ', b'"', b'=', text.as_bytes()).is_some()
}

fn push(out: &mut String, text: &str, is_quoted: bool) {
    let quote = if is_quoted { "\"" } else { "" };
    out.push_str(quote);
    push_part(out, text, is_quoted);
    out.push_str(quote);
}

/// A part of a text that perhaps stands in quotes.
fn push_part(out: &mut String, text: &str, is_quoted: bool) {
    let mut rest = text;
    while is_quoted && let Some((before, behind)) = rest.split_once('"') {
        escape::push(out, before);
        out.push_str("\\\"");
        rest = behind;
    }
    escape::push(out, rest);
}
