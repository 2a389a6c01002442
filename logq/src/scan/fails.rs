//! A look at one field of a line that tells a value which does not pass from one that is not there.

use super::Probe;
use crate::field::{Found, Name};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Looks at one line after the other, for one thread.
pub struct Fails {
    /// Refuses lines whose value does not pass, and those that surely have none.
    probe: Probe<'static>,
    /// Whether a value was seen in the line that was looked at last.
    is_seen: Arc<AtomicBool>,
}

impl fmt::Debug for Fails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fails").field("probe", &self.probe).finish_non_exhaustive()
    }
}

impl Fails {
    /// For a field, and what passes of its values.
    pub fn new(name: &Name, passes: impl Fn(&Found<'_>) -> bool + Send + Sync + 'static) -> Self {
        let is_seen = Arc::new(AtomicBool::new(false));
        let sees = Arc::clone(&is_seen);
        let mut probe = Probe::of(None);
        probe.demand(name, move |found: &Found<'_>| {
            sees.store(true, Ordering::Relaxed);
            passes(found)
        });
        Self { probe, is_seen }
    }

    /// Whether the line surely has the field, with a value that does not pass, or is no record.
    pub fn holds(&mut self, line: &[u8]) -> bool {
        self.is_seen.store(false, Ordering::Relaxed);
        self.probe.refuses(line) && self.is_seen.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_value_that_is_there_fails() {
        let mut fails = Fails::new(&Name::new("kind"), |found| found.value.scalar() == Some("access"));
        for (line, expected) in [
            (r#"{"kind":"call"}"#, true),
            (r#"{"kind":"access"}"#, false),
            (r#"{"n":1}"#, false),
            (r#"{"kind":"call","kind":"access"}"#, true),
            (r#"{"k\u0069nd":"call"}"#, false),
            (r#"{"kind":null}"#, false),
            ("kind=event n=1", true),
            ("n=1", false),
            ("no record", false),
        ] {
            assert_eq!(fails.holds(line.as_bytes()), expected, "{line}");
        }
    }
}
