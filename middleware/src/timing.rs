//! Notes that say how long something took, by a guard that lives as long.

use crate::clock;
use crate::notes::Notes;
use access_record::notes::{Kept, is_note_name};
use std::borrow::Cow;
use std::time::Instant;

/// How the name of such a note must end: its value has a unit.
const SUFFIX: &str = "_us";

impl Notes {
    /// Adds the microseconds until the returned guard is dropped to a note, whose name must end in `_us`;
    /// another name is refused and counts in `notes_dropped`. Several of one name add up, also where they
    /// overlap.
    ///
    /// ```
    /// # fn render() {}
    /// # fn handler(notes: tower_access_log::Notes) {
    /// let timing = notes.time("render_us");
    /// render();
    /// drop(timing);
    /// # }
    /// ```
    pub fn time(&self, name: impl Into<Cow<'static, str>>) -> Timing {
        let Some(request) = self.request() else { return Timing(None) };
        let name = name.into();
        if !is_note_name(&name) || !name.ends_with(SUFFIX) {
            request.note(|facts| facts.count(Kept::Refused));
            return Timing(None);
        }
        Timing(Some(Running { notes: self.clone(), name, started: clock::monotonic() }))
    }
}

/// Takes the time until it is dropped; made by [`Notes::time`].
#[derive(Debug)]
#[must_use = "it takes the time until it is dropped"]
pub struct Timing(Option<Running>);

#[derive(Debug)]
struct Running {
    notes: Notes,
    name: Cow<'static, str>,
    started: Instant,
}

impl Drop for Timing {
    fn drop(&mut self) {
        if let Some(Running { notes, name, started }) = self.0.take() {
            notes.add(&name, clock::micros_since(started));
        }
    }
}
