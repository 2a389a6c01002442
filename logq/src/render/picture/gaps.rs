//! What a trace lacks, in sentences below the picture.

use crate::escape;
use crate::render::units;
use crate::trace::{Gap, Trace};

/// Columns of the name of a request in a sentence.
const NAME_COLUMNS_MAX: usize = 40;
/// More gaps than this are counted, not listed.
const LISTED_MAX: usize = 10;

/// A sentence for each gap.
pub(super) fn told(trace: &Trace) -> Vec<String> {
    let mut lines: Vec<String> = trace.gaps.iter().take(LISTED_MAX).map(|gap| sentence(trace, gap)).collect();
    if trace.gaps.len() > LISTED_MAX {
        lines.push(format!("and {} more gaps", trace.gaps.len() - LISTED_MAX));
    }
    lines
}

fn sentence(trace: &Trace, gap: &Gap) -> String {
    match gap {
        Gap::Parent { id, span } => {
            format!("parent {} of {} was not logged here", escape::text(id), name(trace, *span))
        }
        Gap::End { span } => format!("{} began, and its end was not logged here", name(trace, *span)),
        Gap::Loop { span } => format!("the parents of {} lead back to itself", name(trace, *span)),
        Gap::Owner { id } => {
            format!("events of span {}, whose request was not logged here", escape::text(id))
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
