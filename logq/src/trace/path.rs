//! Where the time of a request went: what each hop did itself, and the critical path, on which every
//! microsecond that is saved makes the whole shorter.

use super::model::{Item, Trace};

/// From when to when, in microseconds since 1970.
pub(super) type Window = (i64, i64);

/// Fills in what of each hop's time is its own: what no hop below it covers.
pub(super) fn measure_own(trace: &mut Trace) {
    for span in 0..trace.spans.len() {
        let Some(window) = trace.spans[span].record.window_us() else { continue };
        let below = children(trace, &trace.spans[span].items, window);
        trace.spans[span].own = uncovered(window, below);
    }
}

/// Fills in the critical path: backwards from the end, always the hop that ended last before it, and what is
/// between them is their parent's own. What ran longer than its parent counts as long as that ran.
pub(super) fn mark_critical(trace: &mut Trace) {
    let whole = (trace.start_us, trace.end_us);
    // A hop with the part of its time that is on the path; nothing for the request itself.
    let mut waiting: Vec<(Option<usize>, Window)> = vec![(None, whole)];
    while let Some((span, (from_us, until_us))) = waiting.pop() {
        let items = span.map_or(&trace.roots, |span| &trace.spans[span].items);
        let mut below = children_of(trace, items, (from_us, until_us));
        below.sort_unstable_by_key(|(child, (start_us, end_us))| {
            (std::cmp::Reverse(*end_us), *start_us, *child)
        });
        let mut at_us = until_us;
        let mut own = Vec::new();
        for (child, (start_us, end_us)) in below {
            if end_us > at_us || end_us <= start_us {
                continue;
            }
            own.push((end_us, at_us));
            waiting.push((Some(child), (start_us, end_us)));
            at_us = start_us;
        }
        own.push((from_us, at_us));
        own.retain(|(from_us, until_us)| from_us < until_us);
        own.reverse();
        if let Some(span) = span {
            trace.spans[span].critical = own;
            trace.spans[span].is_critical = true;
        }
    }
}

/// The parts of a window that these do not cover.
fn uncovered(window: Window, mut covers: Vec<Window>) -> Vec<Window> {
    covers.sort_unstable();
    let mut parts = Vec::new();
    let mut at_us = window.0;
    for (start_us, end_us) in covers {
        if start_us > at_us {
            parts.push((at_us, start_us));
        }
        at_us = at_us.max(end_us);
    }
    if at_us < window.1 {
        parts.push((at_us, window.1));
    }
    parts
}

fn children(trace: &Trace, items: &[Item], within: Window) -> Vec<Window> {
    children_of(trace, items, within).into_iter().map(|(_, window)| window).collect()
}

/// The hops among items with the part of their time that lies within this: of a call and its callee drawn as
/// one the call's, since that is what was waited for.
fn children_of(trace: &Trace, items: &[Item], within: Window) -> Vec<(usize, Window)> {
    let hops = items.iter().filter_map(|item| match item {
        Item::Span(span) => Some(*span),
        Item::Event(_) => None,
    });
    let windows = hops.filter_map(|span| {
        let outer = trace.spans[span].call.unwrap_or(span);
        let (start_us, end_us) = trace.spans[outer].record.window_us()?;
        let cut = (start_us.max(within.0), end_us.min(within.1));
        (cut.0 <= cut.1).then_some((span, cut))
    });
    windows.collect()
}

#[cfg(test)]
mod tests;
