//! Records as real services would write them, as many as wanted, and the same ones for the same seed
//! on every machine.
//!
//! Requests arrive at an edge service and pass through others; each hop is an access record, each hop
//! to the next a call, and things are said on the way. A request is always told whole: every call has
//! the access record that made it, every access record but the edge's has its call.
//!
//! A folder to be included with `#[path]` by whoever needs records; hence `mod.rs`, whose submodules
//! are found from anywhere.

mod draw;
mod line;
mod pairs;
mod request;
mod tell;
mod world;

use access_record::InstanceId;
use access_record::record::Record;
use draw::Draw;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;

pub(crate) use line::Form;
pub(crate) use world::SERVICES;

/// What is wanted.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) seed: u64,
    pub(crate) size: Size,
    pub(crate) form: Form,
    /// How many services there are, from one to all of [`SERVICES`].
    pub(crate) services: usize,
    /// JSON as other writers may write it: keys in any order, spaces after colons and commas, some
    /// characters escaped that need not be.
    pub(crate) shuffle_keys: bool,
}

#[derive(Clone, Copy)]
pub(crate) enum Size {
    /// At least so many bytes, and at most one request more; shuffled keys take some more.
    Bytes(u64),
    /// Exactly so many lines.
    Records(u64),
}

/// 2026-11-21T00:00:00Z, when the log begins.
const START_US: i64 = 1_795_219_200_000_000;
/// Requests arrive so far apart, typically.
const BETWEEN_US: u64 = 30_000;
/// No request has more lines than this: two calls twice, then one, and two events each.
const REQUEST_LINES_MAX: u64 = 64;
/// A thread may stamp its record and come late to the queue.
const LATE_PER_MILLION: u32 = 30_000;
const LATE_US_MAX: u32 = 400;

/// Makes lines, one after the other, in the order in which they were written.
pub(crate) struct Generator {
    settings: Settings,
    draw: Draw,
    /// When the latest request arrived: nothing that is made from here on is earlier.
    now_us: i64,
    instances: Vec<InstanceId>,
    /// Number of each service's latest record.
    seqs: Vec<u64>,
    fingerprints: Vec<Rc<str>>,
    /// Lines that are made but not written yet, by time; then by number, so that the order is one.
    waiting: BinaryHeap<Reverse<(i64, u64, usize)>>,
    lines: Vec<Line>,
    /// Places of `lines` that are free.
    free: Vec<usize>,
    /// Lines of each service that are made, written or not.
    made: Vec<u64>,
    made_lines: u64,
    made_bytes: u64,
    scratch: Vec<u8>,
}

/// A line without its number and end.
#[derive(Default)]
struct Line {
    service: usize,
    bytes: Vec<u8>,
}

impl Generator {
    pub(crate) fn new(mut settings: Settings) -> Self {
        settings.services = settings.services.clamp(1, SERVICES.len());
        let mut draw = Draw::new(settings.seed);
        let instances = (0..settings.services).map(|_| request::instance_id(&mut draw)).collect();
        Self {
            settings,
            draw,
            now_us: START_US,
            instances,
            seqs: vec![0; settings.services],
            fingerprints: world::fingerprints(),
            waiting: BinaryHeap::new(),
            lines: Vec::new(),
            free: Vec::new(),
            made: vec![0; settings.services],
            made_lines: 0,
            made_bytes: 0,
            scratch: Vec::new(),
        }
    }

    /// Appends the next line; says which service wrote it, or that there are no more.
    pub(crate) fn append_line(&mut self, out: &mut Vec<u8>) -> Option<usize> {
        while !self.is_next_certain() && self.wants_more() {
            self.now_us += 1 + self.draw.log_normal(BETWEEN_US, 256).cast_signed();
            let plain = self.lines_left() < REQUEST_LINES_MAX;
            self.request(plain);
        }
        let Reverse((_, _, place)) = self.waiting.pop()?;
        let service = self.lines[place].service;
        self.seqs[service] += 1;
        self.end_line(place, self.seqs[service], out);
        self.lines[place].bytes.clear();
        self.free.push(place);
        Some(service)
    }

    /// Whether no request to come can have a line before the first that waits.
    fn is_next_certain(&self) -> bool {
        self.waiting.peek().is_some_and(|Reverse((at, _, _))| *at <= self.now_us)
    }

    fn wants_more(&self) -> bool {
        match self.settings.size {
            Size::Bytes(bytes) => self.made_bytes < bytes,
            Size::Records(_) => self.lines_left() > 0,
        }
    }

    fn lines_left(&self) -> u64 {
        match self.settings.size {
            Size::Bytes(_) => u64::MAX,
            Size::Records(records) => records - self.made_lines,
        }
    }

    /// Makes a record's line.
    fn make(&mut self, service: usize, record: &Record<'_>) {
        let place = self.free.pop().unwrap_or_else(|| {
            self.lines.push(Line::default());
            self.lines.len() - 1
        });
        let line = &mut self.lines[place];
        line.service = service;
        self.settings.form.begin(record, &mut line.bytes);
        self.made[service] += 1;
        // Numbers are given later and in another order, but they are the same numbers.
        self.made_bytes += (line.bytes.len() + self.settings.form.end_len(self.made[service])) as u64;
        let mut at = record.ts.micros();
        if self.draw.chance(LATE_PER_MILLION) {
            at += i64::from(self.draw.below(LATE_US_MAX));
        }
        self.waiting.push(Reverse((at, self.made_lines, place)));
        self.made_lines += 1;
    }

    fn end_line(&mut self, place: usize, seq: u64, out: &mut Vec<u8>) {
        let begun = &self.lines[place].bytes;
        if self.settings.shuffle_keys && self.settings.form == Form::Json {
            Form::Json.end(begun, seq, &mut self.scratch);
            pairs::shuffle(&self.scratch, &mut self.draw, out);
            self.scratch.clear();
        } else {
            self.settings.form.end(begun, seq, out);
        }
    }
}
