//! Which track a slice lies on. Slices of one track lie in the slice they were called from, or beside each
//! other; what ran at the same time needs tracks of its own.

use crate::trace::{Item, Trace};
use std::collections::HashMap;

/// Tracks of a process that are looked through for a free one; what fits none has one of its own.
const LOOKED_AT_MAX: usize = 256;
/// Hops above one, among which one of the same process is looked for.
const ANCESTORS_MAX: usize = 8;

/// A process and a track of it, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lane {
    pub(super) pid: usize,
    pub(super) tid: usize,
}

/// What events of no request are shown as a process of; 0 is taken for the kernel's own.
const OUTSIDE: &str = "outside of requests";

/// The names of the processes, and the track of each hop that is drawn.
pub(super) struct Lanes {
    pub(super) names: Vec<String>,
    /// Every track.
    pub(super) all: Vec<Lane>,
    /// The track of events whose request is not here.
    pub(super) outside: Lane,
    pub(super) spans: Vec<Option<Lane>>,
}

impl Lanes {
    pub(super) fn of(trace: &Trace) -> Self {
        let mut hops: Vec<(i64, i64, usize)> = Vec::new();
        for (item, _) in trace.walk() {
            let Item::Span(span) = item else { continue };
            let (start_us, end_us) = window(trace, span);
            hops.push((start_us, end_us, span));
        }
        // Of those that begin together the longest first: the others lie in it. The sort keeps parents first.
        hops.sort_by_key(|(start_us, end_us, _)| (*start_us, std::cmp::Reverse(*end_us)));
        let outside = Lane { pid: 0, tid: 1 };
        let mut lanes =
            Self { names: Vec::new(), all: Vec::new(), outside, spans: vec![None; trace.spans.len()] };
        let mut pids: HashMap<String, usize> = HashMap::new();
        // Of each process its tracks: the slices that are open there, with their ends.
        let mut open: Vec<Vec<Vec<(i64, usize)>>> = Vec::new();
        for (start_us, end_us, span) in hops {
            let name = process(trace, span);
            let pid = *pids.entry(name).or_insert_with_key(|name| {
                lanes.names.push(name.clone());
                open.push(Vec::new());
                lanes.names.len()
            });
            let home = std::iter::successors(trace.spans[span].parent, |at| trace.spans[*at].parent)
                .take(ANCESTORS_MAX)
                .find(|at| lanes.spans[*at].is_some_and(|lane| lane.pid == pid));
            let tid = track(&mut open[pid - 1], (start_us, end_us, span), home);
            lanes.spans[span] = Some(Lane { pid, tid });
        }
        if trace.owners.iter().any(|owner| owner.and_then(|owner| lanes.spans[owner]).is_none()) {
            lanes.names.push(OUTSIDE.to_owned());
            lanes.outside.pid = lanes.names.len();
            open.push(vec![Vec::new()]);
        }
        let tracks =
            (1..).zip(&open).flat_map(|(pid, tracks)| (1..=tracks.len()).map(move |tid| Lane { pid, tid }));
        lanes.all = tracks.collect();
        lanes
    }
}

/// From when to when a hop is shown: to the end of the trace where its own is unknown.
pub(super) fn window(trace: &Trace, span: usize) -> (i64, i64) {
    let record = &trace.spans[span].record;
    let start_us = record.start_us().unwrap_or(trace.start_us);
    let end_us = record.window_us().map_or(trace.end_us, |(_, end_us)| end_us);
    (start_us, end_us.max(start_us))
}

fn process(trace: &Trace, span: usize) -> String {
    let record = &trace.spans[span].record;
    match &record.host {
        Some(host) => format!("{} on {host}", record.writer()),
        None => record.writer().to_owned(),
    }
}

/// The first track where the slice lies in the open one, from which it was called, or where none is open.
fn track(
    tracks: &mut Vec<Vec<(i64, usize)>>,
    (start_us, end_us, span): (i64, i64, usize),
    home: Option<usize>,
) -> usize {
    for (at, slices) in tracks.iter_mut().enumerate().take(LOOKED_AT_MAX) {
        while slices.last().is_some_and(|(open_us, _)| *open_us <= start_us) {
            slices.pop();
        }
        if slices.last().is_none_or(|(open_us, outer)| end_us <= *open_us && Some(*outer) == home) {
            slices.push((end_us, span));
            return at + 1;
        }
    }
    tracks.push(vec![(end_us, span)]);
    tracks.len()
}
