//! `logq trace -f`: a request while it happens. Its records are found as `-f` finds lines; on a terminal each look that
//! finds some draws the picture over the last one, elsewhere the picture is drawn once, at the end.

mod once;
mod room;

use super::{Options, ROOM};
use crate::commands::records::{self, Collector, Found};
use crate::engine::{Plan, Report, Sink};
use crate::escape;
use crate::follow::{self, Already, Stop};
use crate::render::Screen;
use crate::row::Row;
use crate::trace::{Gap, Ids, Item, Record, Role, Trace};
use once::Once;
use room::Room;
use std::cell::Cell;
use std::io::{self, Write};
use std::time::Duration;

/// Looks in which nothing comes until a request that ended is over: one second at the usual interval.
const OVER_AFTER: u32 = 5;
/// The same while its caller may still be about to tell, or may be somebody who writes no log: five seconds.
const OVER_AFTER_WITH_CALLER: u32 = 25;
/// How often new ids may have the files read again.
const READINGS_MAX: usize = 16;

/// Follows the request until it is over, or the process gets SIGINT or SIGTERM; what was found is still to be drawn.
pub(super) fn run(
    options: &Options,
    id: &str,
    mut ids: Ids,
    size: Option<(usize, usize)>,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> io::Result<(Found, Report)> {
    let stop = Stop::on_signals().unwrap_or_default();
    let (screen, room) = (Screen::new(stdout), size.map(Room::new));
    if let Some(room) = room {
        let (text, lines) =
            room.fitting(&format!("waiting for records of `{}`; Ctrl-C ends it\n", escape::text(id)));
        screen.show(text, lines)?;
    }
    let mut above = screen.above(stderr);
    let mut once = Once::new(&mut above);
    let mut is_unreadable = false;
    let mut readings = 0;
    loop {
        readings += 1;
        let query = records::query(&ids);
        let plan = Plan { query: Some(&query), ..Plan::new(&options.paths, &options.formats) };
        let state = State::default();
        let found = Collector::new(ids, ROOM);
        let may_widen = readings < READINGS_MAX;
        let mut watcher = Watcher { options, id, found, may_widen, room, screen: &screen, state: &state };
        once.again();
        let goes_on = || state.goes_on();
        let mut report = follow::run_while(&plan, Already::All, &stop, &goes_on, &mut watcher, &mut once)?;
        let found = watcher.found;
        report.unreadable |= is_unreadable;
        let Some(wider) = found.wider().filter(|_| may_widen && !stop.comes_within(Duration::ZERO)) else {
            screen.erase()?;
            return Ok((found.found, report));
        };
        ids = wider.clone();
        is_unreadable = report.unreadable;
    }
}

/// What the looks at the files are told of what was found in them.
#[derive(Debug, Default)]
struct State {
    /// Whether something came since the last look.
    came: Cell<bool>,
    /// Looks in which nothing came.
    idle: Cell<u32>,
    /// Looks in which nothing comes until it is over; nothing while it is not.
    over_after: Cell<Option<u32>>,
    /// Whether there are further ids to be looked for, from the start of the files.
    is_wider: Cell<bool>,
}

impl State {
    fn goes_on(&self) -> bool {
        self.idle.set(if self.came.take() { 0 } else { self.idle.get().saturating_add(1) });
        !self.is_wider.get() && self.over_after.get().is_none_or(|looks| self.idle.get() < looks)
    }
}

struct Watcher<'a, 's> {
    options: &'a Options,
    id: &'a str,
    found: Collector,
    may_widen: bool,
    /// For the picture as it is so far; none if only the end is drawn.
    room: Option<Room>,
    screen: &'a Screen<'s>,
    state: &'a State,
}

impl Sink for Watcher<'_, '_> {
    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        let before = self.found.found.records.len();
        self.found.row(row)?;
        self.state.came.set(self.state.came.get() || self.found.found.records.len() > before);
        Ok(())
    }

    /// A look at the files is over, and found something.
    fn pause(&mut self) -> io::Result<()> {
        let Found { records, losses, .. } = &self.found.found;
        if records.is_empty() {
            return Ok(());
        }
        self.state.is_wider.set(self.may_widen && self.found.wider().is_some());
        let trace = Trace::new(records.iter().cloned(), losses);
        self.state.over_after.set(over_after(&trace));
        let Some(room) = self.room else { return Ok(()) };
        let mut picture = Vec::new();
        self.options.drawing.one(&trace, self.id, &mut picture)?;
        let (fitting, lines) = room.fitting(&String::from_utf8_lossy(&picture));
        self.screen.show(fitting, lines)
    }
}

/// How many looks in vain say that nothing more comes; `None` while something must come, since what is here is only
/// logged before the end of something else.
fn over_after(trace: &Trace) -> Option<u32> {
    let is_without_owner = trace.gaps.iter().any(|gap| matches!(gap, Gap::Owner { .. }));
    let runs = trace.spans.iter().any(|span| span.record.role == Role::Start);
    let mut roots = trace.roots.iter().filter_map(|root| match root {
        // What is drawn as one with its call was waited for by the call.
        Item::Span(span) => Some(&*trace.spans[trace.spans[*span].call.unwrap_or(*span)].record),
        Item::Event(_) => None,
    });
    // A call is logged by a request that ends later, unless it was made outside of any.
    let waits = |root: &Record| root.role == Role::Call && root.parent_id.is_some();
    if is_without_owner || runs || roots.clone().next().is_none() || roots.clone().any(waits) {
        return None;
    }
    let has_caller = roots.any(|root| root.parent_id.is_some());
    Some(if has_caller { OVER_AFTER_WITH_CALLER } else { OVER_AFTER })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use crate::testing::row;

    #[test]
    fn a_request_is_over_when_nothing_can_come() {
        let start = r#"{"kind":"start","span_id":"a","request_id":"r"}"#;
        let end = r#"{"kind":"access","span_id":"a","status":200}"#;
        let called = r#"{"kind":"access","span_id":"c","parent_id":"b","status":200}"#;
        let call = r#"{"kind":"call","span_id":"b","parent_id":"a","status":200}"#;
        let own_call = r#"{"kind":"call","span_id":"b","status":200}"#;
        let event = r#"{"kind":"event","span_id":"a","message":"miss"}"#;
        let rows: [(&[&str], Option<u32>); 9] = [
            (&[start], None),
            (&[start, end], Some(OVER_AFTER)),
            (&[end], Some(OVER_AFTER)),
            (&[called], Some(OVER_AFTER_WITH_CALLER)),
            (&[called, call], None),
            (&[called, call, end], Some(OVER_AFTER)),
            (&[called, own_call], Some(OVER_AFTER)),
            (&[event], None),
            (&[called, event], None),
        ];
        for (lines, expected) in rows {
            let records = lines.iter().map(|line| Record::of(&row(line), &Facts::new()));
            assert_eq!(over_after(&Trace::new(records, &[])), expected, "{lines:?}");
        }
    }
}
