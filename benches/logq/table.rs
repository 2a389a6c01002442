//! Times as tables: for whoever works on logq, and for the README.

use crate::cases::{Case, Measure};
use crate::peers::Peer;
use crate::runs::{Runs, median, millis};
use std::io::{self, Write as _};

pub(crate) fn text(cases: &[Case<'_>], runs: &mut Runs, mib: u64, rounds: u64) -> io::Result<()> {
    let out = &mut io::stdout().lock();
    writeln!(out, "{mib} MiB, in the disk cache; the median of {rounds} interleaved rounds")?;
    let rg = runs.rg.as_mut().map(|rg| rg.each_mut().map(|times| median(times)));
    match rg {
        Some([mapped, read]) => writeln!(
            out,
            "rg -c LITERAL: {:.1} ms mapped, {:.1} ms read; ratios are to the better",
            millis(mapped),
            millis(read)
        )?,
        None => writeln!(out, "rg is not installed: no ratios to it")?,
    }
    let rg = rg.map(|[mapped, read]| mapped.min(read));
    writeln!(out, "{:<28}{:>12}{:>10}{:>8}{:>10}", "", "found", "ms", "ratio", "goal")?;
    for ((case, (logq, other)), found) in cases.iter().zip(&mut runs.cases).zip(&runs.found) {
        let logq = median(logq);
        let (ratio, relation) = match case.measure {
            Measure::Rg => (rg.map(|rg| logq.div_duration_f64(rg)), "<="),
            Measure::Unpacking => (Some(median(other).div_duration_f64(logq)), ">="),
        };
        let ratio = ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
        let found = if found.len() > 10 { "a line" } else { found };
        let (title, ms, goal) = (case.title, millis(logq), case.goal);
        writeln!(out, "{title:<28}{found:>12}{ms:>10.1}{ratio:>8}   {relation} {goal:<4}")?;
    }
    Ok(())
}

/// What logq takes, and how many times as long a peer needs for the same; `-` where it was not asked.
pub(crate) fn markdown(cases: &[Case<'_>], peers: &[Peer], runs: &mut Runs, mib: u64) -> io::Result<()> {
    let out = &mut io::stdout().lock();
    let mut names: Vec<&str> = Vec::new();
    for peer in peers {
        if !names.contains(&peer.name) {
            names.push(peer.name);
        }
    }
    writeln!(out, "\n| {mib} MiB | logq, ms | {} |", names.join(" | "))?;
    writeln!(out, "| --- | ---: |{}", " ---: |".repeat(names.len()))?;
    for (case, (logq, _)) in cases.iter().zip(&mut runs.cases) {
        let logq = median(logq);
        let of_case =
            |name: &str| peers.iter().position(|peer| peer.name == name && peer.title == case.title);
        if !names.iter().any(|name| of_case(name).is_some()) {
            continue;
        }
        write!(out, "| {} | {:.0} |", case.title, millis(logq))?;
        for at in names.iter().map(|name| of_case(name)) {
            match at {
                Some(at) => write!(out, " {:.1} × |", median(&mut runs.peers[at]).div_duration_f64(logq))?,
                None => write!(out, " - |")?,
            }
        }
        writeln!(out)?;
    }
    Ok(())
}
