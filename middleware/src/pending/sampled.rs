//! From a request to its line, if it is to have one: sampling decides first, before anything is
//! formatted, and the secrets of the path go last, when the route is known.

use super::Pending;
use super::record::tell_begun;
use crate::cases::case;
use crate::facts::Facts;
use crate::notes::Request;
use crate::sampling::{Case, Rate};
use crate::shared::Line;
use crate::texts::Text;
use access_record::{Kind, Level, Outcome, Record};

impl Pending {
    /// The line of a request's beginning, and what it stands for.
    pub(super) fn start_line(&self, request: &Request, facts: &Facts) -> Option<(Line, Rate)> {
        if !request.log.form.writes(Kind::Start) {
            return None;
        }
        let case = || Case { begins: true, ..case(request.ids.trace_id, Some(facts)) };
        let rate = request.log.sampler.rate(case)?;
        let mut record = request.log.origin.record(Kind::Start, Level::Info);
        tell_begun(&mut record, request, facts);
        record.sample_rate = rate.field();
        self.redact(request, &mut record);
        Some((request.log.line(&record)?, rate))
    }

    /// The line of its end.
    pub(super) fn line(&self, request: &Request, facts: &Facts, outcome: Outcome) -> Option<Line> {
        let rate = self.rate(request, facts, outcome)?;
        let mut record = request.log.origin.record(self.kind, self.level(facts, outcome));
        self.tell_ended(&mut record, request, facts, outcome);
        record.sample_rate = rate.field();
        self.redact(request, &mut record);
        request.log.line(&record)
    }

    /// A call is measured by itself, and belongs to the user, the flags and the route of the request that
    /// makes it.
    fn rate(&self, request: &Request, facts: &Facts, outcome: Outcome) -> Option<Rate> {
        let sampler = &request.log.sampler;
        // What has no line in the log's form is not left out by a rule, and not counted as such.
        if !sampler.has_rules() || !request.log.form.writes(self.kind) {
            return Some(Rate::WHOLE);
        }
        let case = |of| {
            let level = Some(self.level(facts, outcome));
            Case { level, started: Some(self.started), ..case(request.ids.trace_id, of) }
        };
        if self.kind != Kind::Call {
            return sampler.rate_or(facts.start, || case(Some(facts)));
        }
        let within = request.outer.request().map(Request::facts);
        sampler.rate(|| case(within.as_deref()))
    }

    /// Takes out of a record what the path must not tell.
    fn redact(&self, request: &Request, record: &mut Record<'_>) {
        let paths = &request.log.paths;
        if paths.is_empty() {
            return;
        }
        if self.kind != Kind::Call {
            paths.redact(record);
        } else if let Some(within) = request.outer.request() {
            let facts = within.facts();
            if let Some(path) = facts.texts.get(Text::Path) {
                let is_cut = facts.texts.truncated() > 0;
                paths.redact_call(record, path, facts.texts.get(Text::Route), is_cut);
            }
        }
    }
}
