//! How far a long run is, as one line of a terminal that is written over and in the end taken away. It is
//! never there when something else is written.

use crate::input::{self, Source};
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// How long is waited for something to be found before it is seen how far the run is.
pub(super) const TICK: Duration = Duration::from_millis(100);

/// Runs of fewer ticks show nothing.
const TICKS_BEFORE: u32 = 5;

/// How much is read between two lines where nobody waits.
const STEP_BYTES: u64 = 256 << 20;

/// How far a run is.
#[derive(Debug, Default)]
pub(super) struct Progress {
    is_asked: bool,
    /// Bytes of all inputs; none if they are not known.
    total_bytes: Option<u64>,
    /// Bytes of the inputs that were read.
    read_bytes: u64,
    /// Bytes of the current input.
    at_bytes: u64,
    shown_at_bytes: u64,
    found: u64,
    ticks: u32,
    is_shown: bool,
}

impl Progress {
    pub(super) fn new(is_asked: bool, paths: &[PathBuf]) -> Self {
        let total_bytes = is_asked.then(|| input::expand(paths).map(|found| len(&found.ok()?)).sum());
        Self { is_asked, total_bytes: total_bytes.flatten(), ..Self::default() }
    }

    pub(super) fn is_asked(&self) -> bool {
        self.is_asked
    }

    /// The run is so far in the current input.
    pub(super) fn at(&mut self, bytes: u64, found: u64, stderr: &mut dyn Write) {
        (self.at_bytes, self.found) = (bytes, found);
        if self.is_asked && self.read_bytes + bytes >= self.shown_at_bytes + STEP_BYTES {
            self.show(stderr);
        }
    }

    /// Nothing was found for a [`TICK`]; so many rows are, on the way.
    pub(super) fn tick(&mut self, bytes: u64, further: u64, stderr: &mut dyn Write) {
        self.ticks += 1;
        self.at_bytes = bytes;
        if self.is_asked && self.ticks >= TICKS_BEFORE {
            let found = self.found;
            self.found += further;
            self.show(stderr);
            self.found = found;
        }
    }

    /// The current input is read.
    pub(super) fn end_of_source(&mut self, source: &Source) {
        self.read_bytes += len(source).unwrap_or(self.at_bytes);
        self.at_bytes = 0;
    }

    /// Makes room for something else.
    pub(super) fn clear(&mut self, stderr: &mut dyn Write) {
        if std::mem::take(&mut self.is_shown) {
            let _nobody_looks = stderr.write_all(b"\r\x1b[K");
        }
    }

    fn show(&mut self, stderr: &mut dyn Write) {
        let read_bytes = self.read_bytes + self.at_bytes;
        let read = size(read_bytes);
        let found = self.found;
        let text = match self.total_bytes {
            Some(total) if total >= read_bytes => {
                let percent = u128::from(read_bytes) * 100 / u128::from(total.max(1));
                format!("\r\x1b[K{read} of {}, {percent} %, {found} found", size(total))
            }
            _ => format!("\r\x1b[K{read}, {found} found"),
        };
        let _nobody_looks = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
        self.is_shown = true;
        self.shown_at_bytes = read_bytes;
    }
}

/// How long a source is, if that can be known.
fn len(source: &Source) -> Option<u64> {
    match source {
        Source::Stdin => None,
        Source::File(path) => fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|meta| meta.len()),
    }
}

fn size(bytes: u64) -> String {
    let tenths = |unit: u64| bytes / (unit / 10).max(1);
    let shown = |tenths: u64, name: &str| format!("{}.{} {name}", tenths / 10, tenths % 10);
    if bytes >= 1 << 30 { shown(tenths(1 << 30), "GiB") } else { shown(tenths(1 << 20), "MiB") }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Act<'a> = &'a dyn Fn(&mut Progress, &mut dyn Write);

    fn shown(progress: &mut Progress, act: impl FnOnce(&mut Progress, &mut dyn Write)) -> String {
        let mut stderr = Vec::new();
        act(progress, &mut stderr);
        String::from_utf8(stderr).unwrap().replace('\x1b', "^")
    }

    #[test]
    fn only_a_long_run_shows_how_far_it_is() {
        let mut progress = Progress { is_asked: true, total_bytes: Some(3 << 30), ..Progress::default() };
        for _ in 1..TICKS_BEFORE {
            assert_eq!(shown(&mut progress, |p, stderr| p.tick(1 << 20, 0, stderr)), "");
        }
        let rows: &[(Act<'_>, &str)] = &[
            (&|p, stderr| p.clear(stderr), ""),
            (&|p, stderr| p.tick(3 << 20, 2, stderr), "\r^[K3.0 MiB of 3.0 GiB, 0 %, 2 found"),
            (&|p, stderr| p.at(4 << 20, 5, stderr), ""),
            (&|p, stderr| p.clear(stderr), "\r^[K"),
            (&|p, stderr| p.clear(stderr), ""),
            (&|p, stderr| p.at(1536 << 20, 7, stderr), "\r^[K1.5 GiB of 3.0 GiB, 50 %, 7 found"),
            (&|p, stderr| p.tick(1600 << 20, 1, stderr), "\r^[K1.5 GiB of 3.0 GiB, 52 %, 8 found"),
            // It grew meanwhile.
            (&|p, stderr| p.at(4 << 30, 8, stderr), "\r^[K4.0 GiB, 8 found"),
        ];
        for (act, expected) in rows {
            assert_eq!(shown(&mut progress, act), *expected);
        }
    }

    #[test]
    fn nobody_is_shown_what_was_not_asked_for() {
        let mut progress = Progress::new(false, &[PathBuf::from("/")]);
        for _ in 0..10 {
            assert_eq!(shown(&mut progress, |p, stderr| p.tick(1 << 40, 0, stderr)), "");
        }
        assert_eq!(shown(&mut progress, |p, stderr| p.at(1 << 41, 0, stderr)), "");
    }
}
