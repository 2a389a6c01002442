//! What is written of a request or a call: at its beginning, and at its end.

use super::Pending;
use crate::clock;
use crate::facts::Facts;
use crate::notes::Request;
use crate::request;
use crate::texts::Text;
use access_record::notes::cut;
use access_record::{Kind, Level, Outcome, Record, level_of};
use std::borrow::Cow;

/// The longest method; the longest registered one has 17 bytes.
const METHOD_BYTES_MAX: usize = 64;

impl Pending {
    /// The level of the record.
    pub(super) fn level(&self, facts: &Facts, outcome: Outcome) -> Level {
        level_of(outcome, self.status(), facts.grpc_status)
    }

    fn status(&self) -> Option<u16> {
        self.head.as_ref().map(|head| head.status.as_u16())
    }

    /// What is known at the end, into a record of right now: what came between would move the request's
    /// beginning, which is the one less the other. A record is a large thing: filled in its place, not
    /// handed on.
    pub(super) fn tell_ended<'r>(
        &self,
        record: &mut Record<'r>,
        request: &'r Request,
        facts: &'r Facts,
        outcome: Outcome,
    ) {
        let duration_us = clock::micros_since(self.started);
        let status = self.status();
        tell_begun(record, request, facts);
        record.status = status;
        record.outcome = Some(outcome);
        if self.kind == Kind::Call {
            record.bytes_in = status.map(|_| self.bytes);
        } else {
            record.bytes_out = Some(self.bytes.saturating_add(facts.bytes_out));
            record.bytes_in = facts.bytes_in;
        }
        record.head_us = self.head.as_ref().map(|head| head.head_us);
        record.duration_us = Some(duration_us);
        record.grpc_status = facts.grpc_status;
        record.error = facts.texts.get(Text::Error).map(Cow::Borrowed);
        record.notes_dropped = count(facts.notes_dropped);
        record.truncated = count(record.truncated.unwrap_or(0).saturating_add(facts.truncated));
        record.flags = Cow::Borrowed(&facts.flags);
        record.notes = Cow::Borrowed(&facts.notes);
    }
}

/// What is known from the beginning: the ids, who asks, and for what.
pub(super) fn tell_begun<'r>(record: &mut Record<'r>, request: &'r Request, facts: &'r Facts) {
    let text = |text| facts.texts.get(text).map(Cow::Borrowed);
    record.request_id = text(Text::RequestId);
    record.trace_id = Some(request.ids.trace_id);
    record.span_id = Some(request.ids.span_id);
    record.parent_id = request.ids.parent_id;
    record.client_ip = facts.client_ip;
    record.peer_ip = facts.peer_ip;
    record.user_id = text(Text::UserId);
    record.api_key = facts.api_key.as_ref().map(|key| Cow::Borrowed(key.as_str()));
    record.api_method = text(Text::ApiMethod);
    record.method = Some(Cow::Borrowed(cut(facts.method.as_str(), METHOD_BYTES_MAX)));
    record.scheme = facts.scheme.map(Cow::Borrowed);
    record.authority = text(Text::Authority);
    record.path = text(Text::Path);
    record.query = text(Text::Query);
    record.http_version = request::version(facts.version).map(Cow::Borrowed);
    record.route = text(Text::Route);
    record.user_agent = text(Text::UserAgent);
    record.referer = text(Text::Referer);
    record.truncated = count(facts.texts.truncated().saturating_add(method_cut(facts)));
}

fn method_cut(facts: &Facts) -> u32 {
    u32::from(facts.method.as_str().len() > METHOD_BYTES_MAX)
}

/// Nothing is not counted.
fn count(count: u32) -> Option<u32> {
    (count > 0).then_some(count)
}
