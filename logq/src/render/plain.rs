//! One row as a line for people: when, how loud, who, what and how it went, as a sentence; then what else is worth
//! looking at, as `name=value`; and last how many fields were folded, as `+N`. Longer lines than a terminal has
//! columns are broken between words.

mod folded;
mod marks;
mod parts;
mod place;
#[cfg(test)]
mod tests;
mod words;
mod wrap;

use super::theme::Theme;
use super::units;
use crate::field::Found;
use crate::query::Filter;
use crate::row::Row;
use crate::value::Value;
use crate::{escape, json, level, time};
use access_record::Kind;
use access_record::field::{FIELDS, Unit};
use jiff::tz::TimeZone;
use marks::{Marks, Target};
use parts::{Keys, Parts};
use place::{
    DURATION, ERROR, FLAGS, LEVEL, MESSAGE, METHOD, NOTES, OUTCOME, PATH, SERVICE, STATUS, TS, USER,
};
use std::borrow::Cow;
use std::fmt::Write as _;
use words::Words;

/// Columns in which the usual levels stand.
const LEVEL_COLUMNS: usize = 5;

/// How the view for people is made.
#[derive(Clone, Debug)]
pub struct PlainLook {
    /// Shows times in this zone.
    pub zone: TimeZone,
    /// Its colours.
    pub theme: Theme,
    /// Columns of the terminal; none if lines are not broken.
    pub columns: Option<usize>,
    /// Whether every field is shown, and every text to its end.
    pub unfold: bool,
    /// What was asked for, so that it can be marked.
    pub filter: Option<Filter>,
}

/// The view for people.
#[derive(Debug)]
pub struct Plain {
    look: PlainLook,
    keys: Keys,
}

/// What is known of a row while its line is made.
struct Line<'l> {
    parts: &'l Parts<'l>,
    /// Fields that the sentence has said, a bit for each.
    said: u64,
    words: Words<'l>,
}

impl Plain {
    /// Makes it so.
    pub fn new(look: PlainLook) -> Self {
        Self { look, keys: Keys::new() }
    }

    /// Appends the line, without its end, to a text in which it begins at a place. Nothing in it acts on a terminal,
    /// but for colours and line ends that were asked for.
    pub fn push(&self, row: &Row<'_>, out: &mut String, from: usize) {
        let filter = self.look.filter.as_ref().filter(|_| self.look.theme.colour);
        let marks = filter.map_or_else(Marks::default, |filter| Marks::new(filter, row));
        let mut words = Words::new(out, self.look.theme, marks, self.look.unfold);
        if !row.shape.is_record() {
            words.line(row.raw);
            return;
        }
        let parts = Parts::new(&self.keys, row);
        let mut line = Line { parts: &parts, said: 0, words };
        self.head(&mut line);
        self.request(&mut line);
        Self::said(&mut line);
        self.pairs(row, line);
        if let Some(columns) = self.look.columns {
            wrap::wrap(out, from, columns);
        }
    }

    fn head(&self, line: &mut Line<'_>) {
        let theme = self.look.theme;
        if let Some(found) = line.found(TS)
            && let Some(micros) = found.value.scalar().and_then(|text| time::of_text(text, &TimeZone::UTC))
        {
            let zone = &self.look.zone;
            line.say(TS);
            line.words.converted(TS, &found, theme.of_dim(), |out| units::push_time(out, micros, zone));
        }
        if let Some(found) = line.found(LEVEL) {
            let shown = level::shown(&line.words.cut(found.value.text()));
            line.say(LEVEL);
            let colour = theme.of_level(found.value.text());
            line.words.converted(LEVEL, &found, colour, |out| escape::push(out, &shown));
            let missing = LEVEL_COLUMNS.saturating_sub(units::width(&shown));
            line.words.out.extend(std::iter::repeat_n(' ', missing));
        }
        line.value(SERVICE, "");
        if let Some(kind) = kind_word(line.parts) {
            line.say(place::KIND);
            line.words.plain(kind);
        }
    }

    fn request(&self, line: &mut Line<'_>) {
        line.value(METHOD, "");
        line.value(PATH, "");
        let duration = line.found(DURATION);
        let micros =
            duration.as_ref().and_then(Found::duration_us).and_then(|micros| u64::try_from(micros).ok());
        let status = line.found(STATUS);
        if status.is_some() || micros.is_some() {
            line.words.plain("→");
        }
        if let Some(status) = status {
            let colour = line.words.theme.of_status(status.value.text());
            line.value(STATUS, colour);
        }
        if let Some((found, micros)) = duration.zip(micros) {
            line.say(DURATION);
            line.words.converted(DURATION, &found, "", |out| units::push_duration(out, micros));
        }
        if line.parts.text(OUTCOME) == Some("ok") && !self.look.unfold {
            line.say(OUTCOME);
        } else {
            line.value(OUTCOME, "");
        }
    }

    fn said(line: &mut Line<'_>) {
        line.quoted(USER, "user");
        line.value(MESSAGE, "");
        line.quoted(ERROR, "error");
    }

    fn pairs(&self, row: &Row<'_>, line: Line<'_>) {
        let Line { parts, said, mut words } = line;
        let mut folded = parts.nulls;
        for field in parts.all_at_top(said) {
            if !self.look.unfold && folded::is_folded(parts, field) {
                folded += 1;
                continue;
            }
            let Some((key, found)) = parts.at_top(field) else { continue };
            if !self.look.unfold && place::is_fingerprint(field) {
                let short = units::short_key(found.value.text());
                words.short_pair(field, key, &found, &short);
            } else if field != FLAGS || !Self::flags(&found, &mut words) {
                words.pair(Target::Field(field), key, &found);
            }
        }
        for (key, value) in parts.rest.iter().filter_map(|at| row.fields.get(*at)) {
            Self::other(key, value, &mut words);
        }
        if folded > 0 {
            let dim = words.theme.of_dim();
            words.painted(dim, |out| {
                let _infallible = write!(out, "+{folded}");
            });
        }
    }

    /// What is not in the contract; of notes each one, by the name a query has for it.
    fn other(key: &str, value: &Value<'_>, words: &mut Words<'_>) {
        let mut pair = |target: Target<'_>, key: &str, value: &Value<'_>| {
            let found = Found { value: value.borrowed(), unit: Unit::Same };
            words.pair(target, key, &found);
        };
        match value {
            Value::Nested(json)
                if key == FIELDS[NOTES].name
                    && let Some(notes) = json::members(json) =>
            {
                for (name, value) in &notes {
                    pair(Target::Note(name), name, value);
                }
            }
            _ => pair(Target::Name(key), key, value),
        }
    }

    /// Each flag, by the name a query has for it. False if these are none.
    fn flags(found: &Found<'_>, words: &mut Words<'_>) -> bool {
        let Value::Nested(json) = &found.value else { return false };
        let Some(flags) = json::texts(json) else { return false };
        for flag in &flags {
            let text = |text| Found { value: Value::Text(Cow::Borrowed(text)), unit: Unit::Same };
            match flag.split_once('=') {
                Some((name, variant)) => {
                    let key = format!("{}.{name}", FIELDS[FLAGS].name);
                    words.pair(Target::Name(&key), &key, &text(variant));
                }
                None => words.pair(Target::Field(FLAGS), FIELDS[FLAGS].name, &text(flag)),
            }
        }
        true
    }
}

impl<'l> Line<'l> {
    /// A field that has a value, and not an empty one.
    fn found(&self, field: usize) -> Option<Found<'l>> {
        self.parts.text(field)?;
        self.parts.found(field)
    }

    fn say(&mut self, field: usize) {
        self.said |= 1 << field;
    }

    /// Says a field, if there is one.
    fn value(&mut self, field: usize, colour: &str) {
        if let Some(found) = self.found(field) {
            self.say(field);
            self.words.value(field, &found, colour);
        }
    }

    /// Says it as `name=value`.
    fn quoted(&mut self, field: usize, name: &str) {
        if let Some(found) = self.found(field) {
            self.say(field);
            self.words.pair(Target::Field(field), name, &found);
        }
    }
}

/// The kind of a row that is said in the sentence: a request and an event are known by how they read.
fn kind_word(parts: &Parts<'_>) -> Option<&'static str> {
    let kind = parts.kind()?;
    (!matches!(kind, Kind::Access | Kind::Event)).then(|| kind.as_str())
}
