//! What a trace lacks and what was assumed, in sentences below the picture.

use crate::escape;
use crate::render::units;
use crate::trace::{Certainty, Gap, Skew, Trace};

/// Columns of the name of a request in a sentence.
const NAME_COLUMNS_MAX: usize = 40;
/// More gaps than this are counted, not listed.
const LISTED_MAX: usize = 10;

/// A sentence for each clock that was wrong, and for each gap.
pub(super) fn told(trace: &Trace) -> Vec<String> {
    let skews = trace.skews.iter().map(clock);
    let gaps = trace.gaps.iter().map(|gap| sentence(trace, gap));
    let mut lines: Vec<String> = skews.chain(gaps).take(LISTED_MAX).collect();
    let all = trace.skews.len() + trace.gaps.len();
    if all > LISTED_MAX {
        lines.push(format!("and {} more gaps", all - LISTED_MAX));
    }
    lines
}

/// `host b is 380.0 ± 5.0 ms ahead of host a, and corrected`
pub(in crate::render) fn clock(skew: &Skew) -> String {
    let (clock, than) = (escape::text(&skew.clock), escape::text(&skew.than));
    let off = units::duration(skew.ahead_us.unsigned_abs());
    let direction = if skew.ahead_us < 0 { "behind" } else { "ahead of" };
    match skew.certainty {
        Certainty::Within(within_us) => {
            let off = units::pair(skew.ahead_us.unsigned_abs(), " ± ", within_us);
            format!("{clock} is {off} {direction} {than}, and corrected")
        }
        Certainty::AtLeast => format!("{clock} is at least {off} {direction} {than}, and corrected"),
        Certainty::Contradiction => {
            format!("the clocks of {clock} and {than} differ from call to call; neither is corrected")
        }
    }
}

pub(in crate::render) fn sentence(trace: &Trace, gap: &Gap) -> String {
    let sampled = if trace.is_sampled { ", perhaps left out by sampling" } else { "" };
    match gap {
        Gap::Parent { id, span } => {
            format!("parent {} of {} was not logged here{sampled}", escape::text(id), name(trace, *span))
        }
        Gap::End { span } => format!("{} began, and its end was not logged here", name(trace, *span)),
        Gap::Loop { span } => format!("the parents of {} lead back to itself", name(trace, *span)),
        Gap::Early { span, by_us } => {
            let above = trace.spans[*span].parent.map_or_else(String::new, |above| name(trace, above));
            let by = units::duration(*by_us);
            format!("{} began {by} before {above}, below which it hangs", name(trace, *span))
        }
        Gap::Owner { id } => {
            format!("events of span {}, whose request was not logged here{sampled}", escape::text(id))
        }
        Gap::Deep { hops } => format!("{hops} hops are too deep to draw, and stand beside their parents"),
        Gap::Guessed { items: 1 } => {
            "1 record names no parent and stands where its time fits: a guess (~)".to_owned()
        }
        Gap::Guessed { items } => {
            format!("{items} records name no parent and stand where their times fit: a guess (~)")
        }
        Gap::Lost { lost, service, reason } => {
            let by =
                service.as_ref().map_or_else(String::new, |service| format!(" by {}", escape::text(service)));
            let why =
                reason.as_ref().map_or_else(String::new, |reason| format!(" ({})", escape::text(reason)));
            format!("{} records were dropped meanwhile{by}{why}", escape::text(lost))
        }
    }
}

fn name(trace: &Trace, span: usize) -> String {
    let record = &trace.spans[span].record;
    let place = record.route.as_ref().or(record.path.as_ref());
    let words = [record.service.as_ref(), record.method.as_ref(), place];
    let words: Vec<String> =
        words.into_iter().flatten().map(|text| escape::text(text).into_owned()).collect();
    if words.is_empty() {
        return "a request".to_owned();
    }
    units::cut(&words.join(" "), NAME_COLUMNS_MAX)
}
