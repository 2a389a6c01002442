//! Files whose lines say what the lines below them have. What was said is looked for as far as somebody reads, so that the
//! first lines are there at once, and kept, so that others need not look again.

use super::marks::Marks;
use super::{Block, FileBlocks};
use crate::heading::{self, Above, Heading, Headings};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// What headings of a file may take of the memory. A log names its columns anew when it is begun anew; of one that has
/// more, the older ones are forgotten, and looked for again by who reads there, from a mark on.
const HEADINGS_BYTES_MAX: usize = 4 << 20;

/// What was said in a file as far as it was read. Shared by all who read it.
#[derive(Clone, Debug, Default)]
pub struct Said(Arc<Mutex<Looked>>);

#[cfg(test)]
impl Said {
    pub(super) fn bytes_looked_at(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).to
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).bytes
    }

    pub(super) fn bytes_passed(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).passed
    }
}

#[derive(Debug, Default)]
struct Looked {
    above: Above,
    /// Lines that start before this were looked at.
    to: u64,
    /// What was said for lines before this is forgotten.
    from: u64,
    headings: VecDeque<(u64, Arc<Heading>)>,
    bytes: usize,
    marks: Marks,
    /// Bytes that were looked at, each time that they were.
    #[cfg(test)]
    passed: u64,
}

impl FileBlocks {
    /// Finds what names the columns of its lines. A file that does not begin as one that has it is not read for it.
    #[must_use]
    pub fn with_headings(self) -> Self {
        self.with_headings_in(&Said::default())
    }

    /// The same, where some of its lines may be known already.
    #[must_use]
    pub fn with_headings_in(mut self, said: &Said) -> Self {
        let mut block = Block::default();
        self.lines(0, self.end.min(1), &mut block);
        self.said = heading::may_come(block.bytes()).then(|| said.clone());
        self
    }

    /// What was said for the lines of a block, which are those that start between two places.
    pub(super) fn headings(&self, start: u64, end: u64, block: &Block) -> Headings {
        let Some(Said(looked)) = self.said.as_ref().filter(|_| start < end) else {
            return Headings::default();
        };
        let mut looked = looked.lock().unwrap_or_else(PoisonError::into_inner);
        looked.go_near(start);
        let mut passed = Block::default();
        while looked.to < start {
            let next = (looked.to + self.block_bytes()).min(start);
            self.lines(looked.to, next, &mut passed);
            looked.pass(&passed, next);
            looked.forget_before(next);
        }
        looked.forget_before(start);
        if looked.to == start {
            looked.pass(block, end);
        } else if looked.to < end {
            self.lines(looked.to, end, &mut passed);
            looked.pass(&passed, end);
        }
        looked.stop(start, end);
        looked.between(start, end)
    }
}

impl Looked {
    /// Goes where looking is taken up for this place, unless that is known, or to be looked at next.
    fn go_near(&mut self, start: u64) {
        if (self.from..=self.to).contains(&start) {
            return;
        }
        let (place, above) = self.marks.nearest(start);
        if start < self.from || self.to < place {
            self.headings = above.heading().map(|heading| (place, Arc::clone(heading))).into_iter().collect();
            self.bytes = self.headings.iter().map(|(_, heading)| heading.bytes()).sum();
            (self.above, self.from, self.to) = (above, place, place);
        }
    }

    /// Somebody has read so far, and will go on; what is beyond is known for those as well who do not.
    fn stop(&mut self, start: u64, end: u64) {
        if self.to == end {
            self.marks.stop(start, end, &self.above);
        }
    }

    /// Goes on below the lines of a block that start before a place.
    fn pass(&mut self, block: &Block, to: u64) {
        let Self { above, headings, bytes, .. } = self;
        above.pass(block.bytes(), block.offset, |place, heading| {
            *bytes += heading.bytes();
            headings.push_back((place, Arc::clone(heading)));
        });
        #[cfg(test)]
        {
            self.passed += to - self.to;
        }
        self.to = to;
        self.marks.pass(to, &self.above);
    }

    /// Forgets what nobody needs from a place on, if there is too much.
    fn forget_before(&mut self, place: u64) {
        let is_too_much = self.bytes > HEADINGS_BYTES_MAX;
        while is_too_much
            && self.bytes > HEADINGS_BYTES_MAX / 2
            && let Some((next, _)) = self.headings.get(1).filter(|(next, _)| *next <= place)
        {
            self.from = *next;
            self.bytes -= self.headings.pop_front().map_or(0, |(_, heading)| heading.bytes());
        }
    }

    fn between(&self, start: u64, end: u64) -> Headings {
        let count_to = |place: u64| self.headings.partition_point(|(at, _)| *at < place);
        // The last one above counts too.
        let first = self.headings.partition_point(|(at, _)| *at <= start).saturating_sub(1);
        Arc::new(self.headings.range(first..count_to(end).max(first)).cloned().collect())
    }
}
