//! Complaints of readings that go through the same files again: each is told once.

use std::collections::HashSet;
use std::io::{self, Write};

/// Standard error, without what an earlier reading told.
pub(super) struct Once<'a> {
    stderr: &'a mut dyn Write,
    /// What earlier readings told.
    told: HashSet<Vec<u8>>,
    /// What this one tells; that may come twice, as where a file is truncated again.
    new: Vec<Vec<u8>>,
}

impl<'a> Once<'a> {
    pub(super) fn new(stderr: &'a mut dyn Write) -> Self {
        Self { stderr, told: HashSet::new(), new: Vec::new() }
    }

    /// A further reading begins.
    pub(super) fn again(&mut self) {
        self.told.extend(self.new.drain(..));
    }
}

impl Write for Once<'_> {
    /// A complaint is written at once.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.told.contains(bytes) {
            self.stderr.write_all(bytes)?;
            self.new.push(bytes.to_vec());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stderr.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::complaint;

    #[test]
    fn what_was_told_is_not_told_by_a_further_reading() {
        let mut stderr = Vec::new();
        let mut once = Once::new(&mut stderr);
        complaint!(&mut once, "a: is not there yet");
        complaint!(&mut once, "b: was {}", "truncated");
        complaint!(&mut once, "b: was {}", "truncated");
        once.again();
        complaint!(&mut once, "a: is not there yet");
        once.again();
        complaint!(&mut once, "a: is not there yet");
        complaint!(&mut once, "a: was never there");
        let told = "logq: a: is not there yet\nlogq: b: was truncated\nlogq: b: was truncated\nlogq: a: was never there\n";
        assert_eq!(String::from_utf8_lossy(&stderr), told);
    }
}
