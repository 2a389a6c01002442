//! From a request to its line, if it is to have one: sampling decides first, before anything is
//! formatted, and the secrets of the path go last, when the route is known.

use super::Pending;
use crate::facts::Facts;
use crate::notes::Request;
use crate::sampling::{Case, Rate};
use crate::shared::Line;
use access_record::{Kind, Level, Outcome, level_of};

impl Pending {
    /// The line of a request's beginning.
    pub(super) fn start_line(&self, request: &Request, facts: &Facts) -> Option<Line> {
        let case = || Case {
            trace_id: request.ids.trace_id,
            level: None,
            started: None,
            facts: Some(facts),
            begins: true,
        };
        let rate = request.log.sampler.rate(case)?;
        let mut record = self.begun(request, facts, Kind::Start, Level::Info);
        record.sample_rate = rate.field();
        request.log.paths.redact(&mut record, &request.outer);
        request.log.line(&record)
    }

    /// The line of its end.
    pub(super) fn line(&self, request: &Request, facts: &Facts, outcome: Outcome) -> Option<Line> {
        let rate = self.rate(request, facts, outcome)?;
        let mut record = self.ended(request, facts, outcome);
        record.sample_rate = rate.field();
        request.log.paths.redact(&mut record, &request.outer);
        request.log.line(&record)
    }

    /// A call is measured by itself, and belongs to the user, the flags and the route of the request that
    /// makes it.
    fn rate(&self, request: &Request, facts: &Facts, outcome: Outcome) -> Option<Rate> {
        let sampler = &request.log.sampler;
        let case = |facts| {
            let status = self.head.as_ref().map(|head| head.status.as_u16());
            let level = level_of(outcome, status, self.grpc_status);
            let trace_id = request.ids.trace_id;
            Case { trace_id, level: Some(level), started: Some(self.started), facts, begins: false }
        };
        if self.kind != Kind::Call {
            return sampler.rate(|| case(Some(facts)));
        }
        let within = request.outer.request().map(Request::facts);
        sampler.rate(|| case(within.as_deref()))
    }
}
