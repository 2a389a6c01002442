//! Several logs as one, in the order of time: each is searched by a thread of its own, what is found waits in a
//! window as wide as the slack, and the oldest of all logs comes out first. Memory is bounded by that of the
//! windows; rows that stand further behind than these reach come out as soon as they are met, and are counted.

mod log;
#[cfg(test)]
mod tests;

use crate::engine::{self, Context, Plan, Report, Sink, Tally, Wants};
use crate::input::{self, Logs};
use crate::query::Query;
use crate::row::{Origin, Row, Shape};
use crate::scan::Wanted;
use crate::stage::Stages;
use crate::{complaint, escape};
use log::{Finder, Log, Waiting};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Write};
use std::sync::mpsc::sync_channel;
use std::thread;

/// Logs that are merged; each has a thread and an open file.
const LOGS_MAX: usize = 256;
/// Batches of found rows that a thread may be ahead.
const BATCHES_AHEAD: usize = 2;

/// How logs are merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merge {
    /// By how much a record may stand behind later ones of its log, in microseconds.
    pub slack_us: i64,
    /// Memory for what waits, in bytes.
    pub mem_bytes: usize,
}

/// Reads all logs at once and gives what is found to the sink in the order of time; of equal times in that of
/// the logs, and of their lines. A line without a time comes right behind the one found before it in its log.
/// Where the stages have enough, nothing is said of lines that were bad: how many of them were read is chance.
pub fn run(plan: &Plan<'_>, merge: Merge, sink: &mut dyn Sink, stderr: &mut dyn Write) -> io::Result<Report> {
    let Logs { logs, unreadable } = input::logs(plan.paths);
    let mut report = Report { unreadable: !unreadable.is_empty(), ..Report::default() };
    for (name, error) in &unreadable {
        complaint!(stderr, "{}: {}", escape::text(name), escape::text(&error.to_string()));
    }
    if logs.len() > LOGS_MAX {
        complaint!(stderr, "{} logs are too many to be merged at once; {LOGS_MAX} can be", logs.len());
        report.unreadable = true;
        return Ok(report);
    }
    let filter = plan.query.map(|query| Query { filter: query.filter.clone(), ..Query::default() });
    let plans = logs.iter().map(|paths| Plan {
        paths,
        query: filter.as_ref(),
        context: Context::default(),
        progress: false,
        threads: 1,
        ..*plan
    });
    thread::scope(|scope| {
        let mut found = Vec::new();
        let mut threads = Vec::new();
        for plan in plans {
            let (sender, receiver) = sync_channel(BATCHES_AHEAD);
            found.push(Log::new(receiver, merge.slack_us, merge.mem_bytes / logs.len()));
            threads.push(thread::Builder::new().spawn_scoped(scope, move || {
                let mut said = Vec::new();
                let mut finder = Finder::new(sender, plan.decode_all);
                let report = engine::run(&plan, &mut finder, &mut said);
                finder.end();
                (report, said)
            })?);
        }
        let ended = merged(plan, &mut found, sink, &mut report);
        let is_whole = report.ended(ended)?;
        let late: Vec<u64> = found.iter().map(|log| log.late).collect();
        // Whoever has something to give sees that nobody takes it.
        drop(found);
        for thread in threads {
            let (of_log, said) =
                thread.join().map_err(|_| io::Error::other("a thread that searched died"))?;
            let _nobody_left = stderr.write_all(&said);
            let of_log = of_log?;
            report.unreadable |= of_log.unreadable;
            if is_whole {
                add(&mut report, of_log);
            }
        }
        for (late, paths) in late.into_iter().zip(&logs).filter(|(late, _)| *late > 0) {
            let name = paths.last().map(|path| path.to_string_lossy()).unwrap_or_default();
            let records = if late == 1 { "record" } else { "records" };
            complaint!(
                stderr,
                "{}: {late} {records} out of order: further behind later ones than --slack and --mem reach",
                escape::text(&name)
            );
        }
        Ok(report)
    })
}

/// Gives the rows in their order; false if not all of them were wanted.
fn merged(plan: &Plan<'_>, logs: &mut [Log], sink: &mut dyn Sink, report: &mut Report) -> io::Result<bool> {
    let mut stages = Stages::new(plan.query.map_or(&[], |query| &query.stages));
    let (wants, wanted) = (sink.wants(), engine::wanted(plan, sink.fields()));
    let mut given_us = i64::MIN;
    let mut last = None;
    let mut firsts = BinaryHeap::new();
    for (log, at) in logs.iter_mut().zip(0_usize..) {
        firsts.extend(log.first_us(given_us, sink)?.map(|time_us| Reverse((time_us, at))));
    }
    while let Some(Reverse((_, at))) = firsts.pop() {
        let Some(waiting) = logs[at].take() else {
            continue;
        };
        given_us = given_us.max(waiting.time_us);
        // What continues the last row still belongs to it.
        if (stages.is_done() || sink.is_done()) && !(waiting.continues && last == Some(at)) {
            return Ok(false);
        }
        last = Some(at);
        if waiting.continues {
            let origin = Origin { file: &waiting.file, line: 0 };
            sink.near(&Row { raw: &waiting.raw, fields: Vec::new(), shape: Shape::Unknown, origin })?;
        } else {
            stages.admit(1);
            report.matched += 1;
            give(plan, (wants, &wanted), &waiting, sink)?;
        }
        firsts.extend(logs[at].first_us(given_us, sink)?.map(|time_us| Reverse((time_us, at))));
    }
    Ok(true)
}

fn give(
    plan: &Plan<'_>,
    (wants, wanted): (Wants, &Wanted),
    waiting: &Waiting,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    let (raw, file) = (&waiting.raw[..], &*waiting.file);
    match wants {
        Wants::Count => sink.count(1),
        Wants::Lines => {
            let origin = Origin { file, line: 0 };
            sink.row(&Row { raw, fields: Vec::new(), shape: Shape::Unknown, origin })
        }
        Wants::Rows => {
            if let Some(kept) = &waiting.kept {
                return sink.row(&kept.row());
            }
            let origin = Origin { file, line: waiting.line };
            sink.row(&engine::whole_row(plan.formats, Some(wanted), raw, origin, None))
        }
    }
}

/// Adds what was said of a log.
fn add(report: &mut Report, of_log: Report) {
    // A log without a record says nothing of the names that records have.
    let has_records = |report: &Report| report.examined > report.bad.count;
    if has_records(&of_log) {
        if has_records(report) {
            report.unseen.retain(|(name, _)| of_log.unseen.iter().any(|(unseen, _)| unseen == name));
        } else {
            report.unseen = of_log.unseen;
        }
    }
    // All logs were asked the same.
    report.slips = of_log.slips;
    report.examined += of_log.examined;
    let join = |all: &mut Tally, of_log: Tally| {
        all.count += of_log.count;
        all.first = all.first.take().or(of_log.first);
    };
    join(&mut report.bad, of_log.bad);
    join(&mut report.oversized, of_log.oversized);
}
