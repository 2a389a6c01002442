//! Commands that take turns, and how long each takes.

use crate::cases::{Case, Measure};
use crate::data::Data;
use crate::peers::Peer;
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The times of every round.
pub(crate) struct Runs {
    /// rg's with and without mmap, if there is rg.
    pub(crate) rg: Option<[Vec<Duration>; 2]>,
    /// Of each case logq's, and what the measure of packed files took.
    pub(crate) cases: Vec<(Vec<Duration>, Vec<Duration>)>,
    pub(crate) found: Vec<String>,
    /// Of each peer.
    pub(crate) peers: Vec<Vec<Duration>>,
}

impl Runs {
    pub(crate) fn new(cases: usize, peers: usize, has_rg: bool) -> Self {
        Self {
            rg: has_rg.then(Default::default),
            cases: vec![Default::default(); cases],
            found: vec![String::new(); cases],
            peers: vec![Vec::new(); peers],
        }
    }

    pub(crate) fn round(&mut self, data: &Data, cases: &[Case<'_>]) -> io::Result<()> {
        for (at, case) in cases.iter().enumerate() {
            if let Some(rg) = &mut self.rg {
                for (mmap, times) in ["--mmap", "--no-mmap"].into_iter().zip(rg) {
                    let mut command = Command::new("rg");
                    command.args(["--no-config", "-c", "-F", mmap, "-e", &data.request_id]).arg(&data.json);
                    times.push(ask(&mut command, &[0, 1])?.0);
                }
            }
            let mut command = Command::new(env!("CARGO_BIN_EXE_logq"));
            if case.is_discarded {
                command.stdout(Stdio::null());
            }
            let (time, found) = ask(command.args(&case.args).arg(case.file), &[0, 1])?;
            self.cases[at].0.push(time);
            self.found[at] = found;
            if case.measure == Measure::Unpacking {
                self.cases[at].1.push(unpack(case.file)?);
            }
        }
        Ok(())
    }

    /// Asks every peer once.
    pub(crate) fn peers(&mut self, peers: &[Peer]) -> io::Result<()> {
        for (peer, times) in peers.iter().zip(&mut self.peers) {
            times.push(ask(&mut peer.command(), &[0])?.0);
        }
        Ok(())
    }
}

/// How long a command takes, and what it says first. It must end with one of these: of nothing found, rg and logq say 1.
fn ask(command: &mut Command, ends: &[i32]) -> io::Result<(Duration, String)> {
    let before = now();
    let output = command.stderr(Stdio::inherit()).output()?;
    let time = now() - before;
    if !output.status.code().is_some_and(|code| ends.contains(&code)) {
        return Err(io::Error::other(format!("{command:?} failed: {}", output.status)));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok((time, text.lines().next().unwrap_or_default().to_owned()))
}

/// How long the decoder that logq has takes alone, on one thread, over the whole file.
fn unpack(path: &Path) -> io::Result<Duration> {
    let before = now();
    let packed = BufReader::with_capacity(128 << 10, File::open(path)?);
    let is_gzip = path.extension().is_some_and(|extension| extension == "gz");
    let mut unpacked: Box<dyn Read> = if is_gzip {
        Box::new(MultiGzDecoder::new(packed))
    } else {
        Box::new(zstd::stream::read::Decoder::with_buffer(packed)?)
    };
    let mut buffer = vec![0; 256 << 10];
    while unpacked.read(&mut buffer)? > 0 {}
    Ok(now() - before)
}

#[expect(clippy::disallowed_methods, reason = "a stopwatch reads the clock")]
fn now() -> Instant {
    Instant::now()
}

pub(crate) fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

pub(crate) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
