//! What stands beside a bar: who, what, how it ended and how long it took, in columns.

use super::line::Line;
use crate::escape;
use crate::render::units;
use crate::trace::{Item, Record, Role, Row, Span, Trace, What};
use std::borrow::Cow;

/// Columns of a service's name and of what was asked of it, at most.
const SERVICE_COLUMNS_MAX: usize = 16;
const ASKED_COLUMNS_MAX: usize = 40;
/// The least that says anything; on a terminal narrower than that, the least of all.
const ASKED_COLUMNS_MIN: usize = 12;
const SERVICE_COLUMNS_MIN: usize = 7;
const ASKED_COLUMNS_LEAST: usize = 6;

/// How wide each column is.
pub(super) struct Labels {
    service: usize,
    asked: usize,
    status: usize,
    duration: usize,
    ending: usize,
}

impl Labels {
    /// As wide as the trace needs, and all together no wider than so many columns if that can be.
    pub(super) fn of(trace: &Trace, rows: &[Row], columns_max: usize) -> Self {
        let mut labels = Self { service: 0, asked: 0, status: 0, duration: 0, ending: 0 };
        for row in rows {
            let What::Item(Item::Span(span)) = &row.what else { continue };
            let span = &trace.spans[*span];
            let record = &span.record;
            labels.service = labels.service.max(units::width(&service(record)).min(SERVICE_COLUMNS_MAX));
            labels.asked = labels.asked.max(units::width(&asked(record)).min(ASKED_COLUMNS_MAX));
            labels.status = labels.status.max(units::width(&status(record)).min(5));
            labels.duration = labels.duration.max(units::width(&duration(record)));
            labels.ending = labels.ending.max(units::width(&remark(span)).min(20));
        }
        let over = |labels: &Self| labels.columns().saturating_sub(columns_max);
        let narrowed =
            |columns: usize, by: usize, least: usize| columns.saturating_sub(by).max(columns.min(least));
        labels.asked = narrowed(labels.asked, over(&labels), ASKED_COLUMNS_MIN);
        labels.service = narrowed(labels.service, over(&labels), SERVICE_COLUMNS_MIN);
        labels.asked = narrowed(labels.asked, over(&labels), ASKED_COLUMNS_LEAST);
        labels
    }

    /// With the blanks before and between them.
    pub(super) fn columns(&self) -> usize {
        let ending = if self.ending > 0 { self.ending + 2 } else { 0 };
        1 + self.service + 2 + self.asked + 2 + self.status + 2 + self.duration + ending
    }

    pub(super) fn push(&self, span: &Span, line: &mut Line) {
        let record = &span.record;
        line.push(&format!(
            " {}  {}  ",
            units::fit(&service(record), self.service),
            units::fit(&asked(record), self.asked)
        ));
        let status = units::fit(&status(record), self.status);
        line.push_level(record.severity(), &status);
        let duration = duration(record);
        let blanks = self.duration.saturating_sub(units::width(&duration));
        line.push(&format!("  {}{duration}", " ".repeat(blanks)));
        let remark = remark(span);
        if !remark.is_empty() {
            line.push("  ");
            line.push_level(record.severity(), &remark);
        }
    }
}

/// How it ended, and `~` where its place is a guess.
fn remark(span: &Span) -> String {
    let ending = ending(&span.record);
    match (span.is_guess, ending.is_empty()) {
        (false, _) => ending,
        (true, true) => "~".to_owned(),
        (true, false) => format!("{ending} ~"),
    }
}

fn service(record: &Record) -> Cow<'_, str> {
    shown(record.service.as_ref())
}

/// A call shows whom it called, since its service is the one that called.
fn asked(record: &Record) -> String {
    let method = shown(record.method.as_ref());
    let place = record.route.as_ref().or(record.path.as_ref());
    let mut asked = match record.role {
        Role::Call => {
            format!("→ {method} {}{}", shown(record.authority.as_ref()), shown(record.path.as_ref()))
        }
        _ => [&method, " ", &shown(place)].concat(),
    };
    asked.truncate(asked.trim_end().len());
    asked
}

fn status(record: &Record) -> Cow<'_, str> {
    shown(record.status.as_ref())
}

fn duration(record: &Record) -> String {
    record.duration_us.map_or_else(String::new, units::duration)
}

/// How it ended, unless that was well.
pub(super) fn ending(record: &Record) -> String {
    match record.outcome.as_deref() {
        None if record.role == Role::Start => "no end".to_owned(),
        None | Some("ok") => String::new(),
        Some(outcome) => escape::text(outcome).into_owned(),
    }
}

fn shown(text: Option<&String>) -> Cow<'_, str> {
    text.map_or(Cow::Borrowed(""), |text| escape::text(text))
}
