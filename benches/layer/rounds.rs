//! Runs every mode in a process of its own, round after round, and prints the medians.
//!
//! A process each, because a subscriber is installed once and for all, and because nothing that one
//! mode left behind (threads, heaps, interest caches) then helps or hurts the next. Interleaved, so
//! that a busy minute of the machine hits all modes alike.

use crate::modes::{MANY, Mode, Ran, run};
use std::io::{self, Write};
use std::process::{Command, ExitCode, Stdio};

/// One of the two programs.
pub(crate) struct Bench {
    /// What is read, per request.
    pub(crate) what: &'static str,
    /// Reads the total so far.
    pub(crate) read: fn() -> u64,
    pub(crate) rounds: usize,
    pub(crate) requests: u32,
    pub(crate) smoke_rounds: usize,
    pub(crate) smoke_requests: u32,
    /// What our mode with a file may take per request over the no-op layer; more is a failure.
    pub(crate) over_no_op_max: Option<u64>,
    /// What an event may take; more is a failure.
    pub(crate) event_max: Option<u64>,
}

/// The argument by which a process is told its mode.
const MODE: &str = "--mode";

pub(crate) fn bench(bench: &Bench) -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.as_slice() {
        [flag, mode, requests] if flag == MODE => one(bench, mode, requests),
        // `cargo bench` says so; as a test the smaller numbers will do.
        _ => {
            let has = |wanted: &str| args.iter().any(|arg| arg == wanted);
            all(bench, has("--smoke") || !has("--bench"))
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _nobody_left = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

/// One mode, in this process: its figures on one line.
fn one(bench: &Bench, mode: &str, requests: &str) -> io::Result<()> {
    let mode = Mode::ALL.iter().find(|known| known.name() == mode);
    let (Some(mode), Ok(requests)) = (mode, requests.parse()) else {
        return Err(io::Error::other("no such mode"));
    };
    let ran = run(*mode, requests, bench.read)?;
    writeln!(io::stdout(), "{} {}", ran.total, ran.bytes)
}

fn all(bench: &Bench, smoke: bool) -> io::Result<()> {
    let (rounds, requests) =
        if smoke { (bench.smoke_rounds, bench.smoke_requests) } else { (bench.rounds, bench.requests) };
    let mut runs = vec![Vec::new(); Mode::ALL.len()];
    for _ in 0..rounds {
        for (mode, runs) in Mode::ALL.iter().zip(&mut runs) {
            runs.push(child(*mode, requests)?);
        }
    }
    let per_request = |total: u64| tenths(total, requests.into());
    let medians: Vec<(u64, u64)> = runs
        .iter()
        .map(|runs| {
            let total = median(runs.iter().map(|ran| ran.total));
            let bytes = median(runs.iter().map(|ran| ran.bytes));
            (per_request(total), bytes)
        })
        .collect();
    table(bench.what, &medians, rounds, requests)?;
    let of = |wanted: Mode| Mode::ALL.iter().zip(&medians).find(|(mode, _)| **mode == wanted);
    let tenths_of = |mode: Mode| of(mode).map_or(0, |(_, median)| median.0);
    let over = |mode: Mode, base: Mode| tenths_of(mode).saturating_sub(tenths_of(base));
    let events = over(Mode::OursWarns, Mode::OursFile) / u64::from(MANY);
    promised(
        bench,
        "per request over the no-op layer",
        over(Mode::OursFile, Mode::NoOp),
        bench.over_no_op_max,
    )?;
    promised(bench, "per event", events, bench.event_max)
}

/// More than was promised is a failure.
fn promised(bench: &Bench, of_what: &str, tenths: u64, max: Option<u64>) -> io::Result<()> {
    match max {
        Some(max) if tenths > max * 10 => Err(io::Error::other(format!(
            "{} {of_what}: {}.{}; at most {max} is the promise",
            bench.what,
            tenths / 10,
            tenths % 10
        ))),
        _ => Ok(()),
    }
}

fn child(mode: Mode, requests: u32) -> io::Result<Ran> {
    let output = Command::new(std::env::current_exe()?)
        .args([MODE, mode.name(), &requests.to_string()])
        .stderr(Stdio::inherit())
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut figures = text.split_whitespace().map_while(|figure| figure.parse().ok());
    match (figures.next(), figures.next()) {
        (Some(total), Some(bytes)) => Ok(Ran { total, bytes }),
        _ => Err(io::Error::other(format!("mode {} failed", mode.name()))),
    }
}

/// Figures are kept in tenths, which is as fine as they mean anything.
fn tenths(total: u64, count: u64) -> u64 {
    (total * 10 + count / 2) / count
}

fn median(values: impl Iterator<Item = u64>) -> u64 {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    values[values.len() / 2]
}

/// Medians of (tenths per request, bytes per request), in the order of the modes.
fn table(what: &str, medians: &[(u64, u64)], rounds: usize, requests: u32) -> io::Result<()> {
    let out = &mut io::stdout().lock();
    let of = |wanted: Mode| {
        Mode::ALL.iter().zip(medians).find(|(mode, _)| **mode == wanted).map_or(0, |(_, median)| median.0)
    };
    let over = |mode: Mode, base: Mode| of(mode).saturating_sub(of(base));
    writeln!(
        out,
        "{what} per request; medians of {rounds} rounds of {requests} requests, a process each, interleaved"
    )?;
    writeln!(
        out,
        "{:<58}{:>9}{:>10}{:>11}{:>11}{:>12}",
        "", "total", "over bare", "over no-op", "peer/this", "bytes/req"
    )?;
    for (mode, (_, bytes)) in Mode::ALL.iter().zip(medians) {
        let peer = mode.peer().map(|peer| over(peer, Mode::Bare));
        let this = over(*mode, Mode::Bare);
        let ratio = peer.filter(|_| this > 0).map(|peer| tenths(peer, this));
        let shown = |tenths: u64| format!("{}.{}", tenths / 10, tenths % 10);
        writeln!(
            out,
            "{:<58}{:>9}{:>10}{:>11}{:>11}{:>12}",
            mode.title(),
            shown(of(*mode)),
            shown(this),
            shown(over(*mode, Mode::NoOp)),
            ratio.map_or_else(String::new, |ratio| format!("{}x", shown(ratio))),
            if *bytes > 0 { bytes.to_string() } else { String::new() },
        )?;
    }
    let event = |one: Mode, many: Mode| {
        let tenths = over(many, one) / u64::from(MANY - 1);
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    writeln!(
        out,
        "{what} per warn! with two fields inside a request: {} here, {} there",
        event(Mode::OursWarn, Mode::OursWarns),
        event(Mode::PeerWarn, Mode::PeerWarns)
    )
}
