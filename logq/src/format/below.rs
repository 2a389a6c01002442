//! What stands below a record: whether lines go on with a trace of it, as they stand there or in what a container's runtime or
//! docker compose made of them. Wrapped lines go on with a record that the same stream or container wrote.

use super::continuing::{may_continue, opens};
use super::stack_trace::{StackTrace, Step};
use super::wrapper::{self, Wrapper, is_json_at_a_glance};
use super::{Formats, starts_as_json};
use crate::heading::Heading;
use crate::row::{Origin, Shape};
use std::borrow::Cow;

/// A record and the lines below it, as far as they were read.
#[derive(Clone, Debug)]
pub struct Below {
    /// Who wrapped the record, and must have wrapped those of the lines that are wrapped.
    wrapper: Option<Wrapper<'static>>,
    trace: StackTrace,
}

impl Below {
    /// Whether the lines may be wrapped, as the record is.
    pub fn is_wrapped(&self) -> bool {
        self.wrapper.is_some()
    }
}

impl Formats {
    /// Before the lines below a line that is a record, if [`is_above_a_trace`](Self::is_above_a_trace), which takes longer.
    pub fn below(&self, record: &[u8]) -> Below {
        let mut trace = StackTrace::default();
        let wrapper = self.wrapper(record).map(|(wrapper, inner)| {
            if self.begins_a_trace(&inner) {
                trace.step(&inner);
            }
            wrapper.into_owned()
        });
        Below { wrapper, trace }
    }

    /// Whether a line is a record that a trace may belong to. A broken one is, and so is a wrapped line that begins a trace;
    /// another line of a trace, which has a shape only since it is wrapped, is not.
    pub fn is_above_a_trace(&self, line: &[u8], heading: Option<&Heading>) -> bool {
        match self.wrapper(line) {
            Some((_, inner)) => {
                !self.has_no_shape(line, heading)
                    && (!may_continue(&inner) || opens(&inner) || self.looked_at(&inner).is_some())
            }
            None => starts_as_json(line) || !self.has_no_shape(line, heading),
        }
    }

    /// Whether a line that was wrapped is the first of a trace, and no record.
    fn begins_a_trace(&self, inner: &[u8]) -> bool {
        opens(inner) && self.looked_at(inner).is_none()
    }

    /// Whether a line may go on with some trace.
    pub fn may_be_of_a_trace(&self, line: &[u8], heading: Option<&Heading>) -> bool {
        !is_json_at_a_glance(line)
            && match self.wrapper(line) {
                Some((_, inner)) => self.looked_at(&inner).is_none(),
                None => self.has_no_shape(line, heading),
            }
    }

    /// Goes on with a line, of which it may be known that it has no known shape. Once it ends, nothing that is said of further
    /// lines means anything.
    pub fn step(&self, below: &mut Below, line: &[u8], heading: Option<&Heading>, is_unshaped: bool) -> Step {
        if is_json_at_a_glance(line) {
            return Step::Ends;
        }
        // What nobody wrapped goes on with any record: what is taken for a wrapper may be the words of a log's own format.
        let both = below.wrapper.as_ref().and_then(|above| Some((above, wrapper::of(line)?)));
        let (step, is_record) = match both {
            Some((above, (of_line, _))) if of_line != *above => (Step::Ends, false),
            Some((_, (_, inner))) => {
                let step = below.trace.step(&inner);
                (step, step != Step::Ends && self.looked_at(&inner).is_some())
            }
            None => {
                let step = below.trace.step(line);
                (step, step != Step::Ends && !is_unshaped && !self.has_no_shape(line, heading))
            }
        };
        if is_record { Step::Ends } else { step }
    }

    fn wrapper<'l>(&self, line: &'l [u8]) -> Option<(Wrapper<'l>, Cow<'l, [u8]>)> {
        if self.looks() { wrapper::of(line) } else { None }
    }

    fn has_no_shape(&self, line: &[u8], heading: Option<&Heading>) -> bool {
        self.read_under(line, Origin { file: "", line: 0 }, heading).shape == Shape::Unknown
    }
}

/// The line in a wrapped one; of others the line itself.
pub fn unwrapped(line: &[u8]) -> Cow<'_, [u8]> {
    wrapper::of(line).map_or(Cow::Borrowed(line), |(_, inner)| inner)
}
