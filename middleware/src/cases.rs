//! What sampling is asked about: a request as far as it is known, the call that it makes, and the event
//! that happens in it.

use crate::facts::Facts;
use crate::notes::Request;
use crate::sampling::{Case, Rate};
use crate::shared::Shared;
use crate::texts::Text;
use access_record::{Kind, Level, TraceId};

/// A case of a request, or of what belongs to it, about which nothing else is known.
pub(crate) fn case(trace_id: TraceId, of: Option<&Facts>) -> Case<'_> {
    let text = |text| of.and_then(|facts| facts.texts.get(text));
    Case {
        trace_id,
        level: None,
        started: None,
        user_id: text(Text::UserId),
        flags: of.map(|facts| &facts.flags),
        route: text(Text::Route),
        path: text(Text::Path),
        begins: false,
    }
}

/// What is a warning or worse is never left out.
pub(crate) fn is_always_written(level: Level) -> bool {
    level >= Level::Warn
}

/// What an event stands for, before anything of it is read; `None`, and counted, if it is left out. What
/// is a warning or worse is always written, and so is what happens outside of any request.
pub(crate) fn rate_of_event(level: Level, within: Option<&Request>) -> Option<Rate> {
    let may_be_left_out = |log: &Shared| log.sampler.has_rules() && log.form.writes(Kind::Event);
    match within {
        Some(request) if !is_always_written(level) && may_be_left_out(&request.log) => {
            let facts = request.facts();
            let case = || Case { level: Some(level), ..case(request.ids.trace_id, Some(&facts)) };
            request.log.sampler.rate(case)
        }
        _ => Some(Rate::WHOLE),
    }
}
