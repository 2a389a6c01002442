//! `logq '… | trace' PATH…`: draws the whole request of every record that comes to the stage. The inputs are read
//! once to see which requests these are, and again for all of their records; standard input, which can be read once
//! only, goes to a temporary file on the way.

mod alone;
mod known;
mod pick;

use super::drawing::{Drawing, Form};
use super::records::{self, Room};
use super::spool::Spool;
use crate::engine::{self, Plan, Report, Sink, Window};
use crate::facts::{self, Facts};
use crate::field::Name;
use crate::query::Stage;
use crate::row::Row;
use crate::stage::{Flow, Limits, Pipeline, Stop};
use crate::trace::{Ids, Loss, Record, Trace};
use crate::{Status, complaint};
use alone::Alone;
use known::Known;
pub use pick::Pick;
use pick::Picked;
use std::io::{self, Write};

/// How requests are drawn.
#[derive(Debug)]
pub struct Options {
    /// Memory for the stages, and for the records of all requests together.
    pub limits: Limits,
    /// What the requests become.
    pub drawing: Drawing,
}

/// Requests that are drawn.
const REQUESTS_MAX: usize = 1000;
/// The longest id that records are known by.
const ID_BYTES_MAX: usize = 1024;

/// Draws the requests to `stdout`, and tells `stderr` what could not be read or drawn. An error is one of writing to
/// `stdout`.
pub fn run(
    plan: &Plan<'_>,
    (drawing, pick, limits): (&Drawing, Pick, &Limits),
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> io::Result<Status> {
    let Some(spool) = Spool::of(plan.paths, stderr) else { return Ok(Status::Error) };
    let plan = Plan { paths: spool.paths(), ..*plan };
    let (mut requests, mut report) = match asked(&plan, Picked::new(pick), limits, stderr)? {
        Ok(asked) => asked,
        Err(stop) => {
            complaint!(stderr, "{stop}");
            return Ok(Status::Error);
        }
    };
    spool.rename(&mut report);
    report.tell(stderr);
    let all = Plan { window: Window::default(), query: None, ..plan };
    requests.take_picked((&plan, &all), limits)?;
    let mut found = requests.collected(&all, limits.mem_bytes)?;
    found.records.iter_mut().for_each(|records| spool.rename_in(records));
    let is_drawn = found.order.is_empty() || drawing.put(stdout, stderr, |out| found.draw(drawing, out))?;
    let is_cut = found.tell(stderr);
    Ok(Status::of(!found.order.is_empty(), report.unreadable || is_cut || !is_drawn))
}

/// Which requests the query finds; the inner error is that of a stage.
fn asked(
    plan: &Plan<'_>,
    picked: Option<Picked>,
    limits: &Limits,
    stderr: &mut dyn Write,
) -> io::Result<Result<(Requests, Report), Stop>> {
    let stages = plan.query.map_or(&[][..], |query| &query.stages);
    let mut asking = Asking {
        pipeline: Pipeline::new(stages, limits),
        requests: Requests { picked, ..Requests::default() },
        stages,
        flow: Flow::More,
        stop: None,
    };
    let report = engine::run(plan, &mut asking, stderr)?;
    let Asking { pipeline, mut requests, stop, .. } = asking;
    let ended = match stop {
        Some(stop) => Err(stop),
        None => pipeline.finish(&mut |row| Ok(requests.ask(row))).map(drop),
    };
    Ok(ended.map(|()| (requests, report)))
}

struct Asking<'q> {
    stages: &'q [Stage],
    pipeline: Pipeline,
    requests: Requests,
    flow: Flow,
    stop: Option<Stop>,
}

impl Sink for Asking<'_> {
    /// Ids and times, and what the stages look at; all where one of them looks for a text.
    fn fields(&self) -> Option<Vec<Name>> {
        let asks_for_text = |stage: &Stage| matches!(stage, Stage::Where(filter) if filter.asks_for_text());
        if self.stages.iter().any(asks_for_text) {
            return None;
        }
        let own = ["request_id", "trace_id", "ts", "sample_rate"].map(Name::new);
        Some(self.stages.iter().flat_map(Stage::fields).cloned().chain(own).collect())
    }

    fn is_done(&self) -> bool {
        self.flow == Flow::Enough || self.stop.is_some()
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        let requests = &mut self.requests;
        match self.pipeline.push(row, &mut |row| Ok(requests.ask(row))) {
            Ok(flow) => self.flow = flow,
            Err(stop) => self.stop = Some(stop),
        }
        Ok(())
    }
}

/// Records of a request.
type Records = Vec<Box<Record>>;

/// The requests that are asked for, and in time their records.
#[derive(Default)]
struct Requests {
    facts: Facts,
    /// Which of them, where not all are.
    picked: Option<Picked>,
    /// The id of each, in the order in which they came.
    order: Vec<String>,
    known: Known,
    /// The traces of which records have a request id as well.
    alone: Alone,
    records: Vec<Records>,
    losses: Vec<Loss>,
    left_out: u64,
    /// Fewer are drawn than were wanted, for want of room.
    is_short: bool,
    without_id: u64,
    is_full: bool,
}

impl Requests {
    /// The request of a row that the query found.
    fn ask(&mut self, row: &Row<'_>) -> Flow {
        let is_known_by = |id: &str| id.len() <= ID_BYTES_MAX && Ids::of(id).is_some();
        let id = |name| facts::text(name, row).filter(|id| is_known_by(id));
        let (trace_id, request_id) = (id(&self.facts.trace_id), id(&self.facts.request_id));
        let is_trace = trace_id.is_some();
        let beside = request_id.clone().filter(|_| is_trace);
        let Some(id) = trace_id.or(request_id) else {
            self.without_id += 1;
            return Flow::More;
        };
        if let Some(picked) = &mut self.picked {
            picked.meet(&id, is_trace, self.facts.time_us(row));
            if let Some(request_id) = beside {
                picked.meet_beside(&id, &request_id);
            }
            return Flow::More;
        }
        let is_known = self.known.get(&id).is_some();
        if !is_known && self.order.len() == REQUESTS_MAX {
            self.is_full = true;
            return Flow::Enough;
        }
        if let Some(request_id) = beside {
            self.alone.meet(&id, &request_id);
        }
        if !is_known {
            self.put(id.into_owned());
        }
        Flow::More
    }

    /// One more request, by its id.
    fn put(&mut self, id: String) {
        self.known.put(id.clone());
        self.order.push(id);
    }

    /// Those that were picked are those that are asked for. If too few requests are known by as many ids as were
    /// remembered, the inputs are asked once more, by the first plan, and more are remembered.
    fn take_picked(&mut self, (asking, all): (&Plan<'_>, &Plan<'_>), limits: &Limits) -> io::Result<()> {
        while let Some(mut picked) = self.picked.take() {
            let mut alone = picked.take_alone();
            let more = picked.with_more(limits.mem_bytes);
            let (ids, is_short) = picked.ids(all)?;
            if let Some(more) = more.filter(|_| is_short) {
                if let Ok((again, _)) = asked(asking, Some(more), limits, &mut io::sink())? {
                    self.picked = again.picked;
                }
                continue;
            }
            self.is_short = is_short;
            for id in ids {
                self.put(id);
            }
            alone.retain(|trace_id| self.known.get(trace_id).is_some());
            self.alone = alone;
        }
        Ok(())
    }

    /// The same with all records of theirs, and of the traces that their request ids lead to.
    fn collected(mut self, plan: &Plan<'_>, line_bytes: usize) -> io::Result<Self> {
        if self.order.is_empty() {
            return Ok(self);
        }
        let ids = Ids::of_all(self.order.iter().map(String::as_str)).and_alone(self.alone.request_ids());
        let room = Room { records: usize::MAX, line_bytes };
        let (found, _) = records::of(plan, &ids, room, &mut io::sink())?;
        let mut records: Vec<Records> = self.order.iter().map(|_| Vec::new()).collect();
        (self.losses, self.left_out) = (found.losses, found.left_out);
        found.records.iter().for_each(|record| self.lead(record));
        found.records.iter().for_each(|record| self.join(record));
        for record in found.records.iter().filter(|record| record.trace_id.is_some()) {
            if let Some(at) = self.request_of(record) {
                self.alone.hold(at, record);
            }
        }
        let candidates = self.alone.candidates(&self.known);
        for record in found.records {
            let at = self.request_of(&record).or_else(|| self.alone.request_of(&record, &candidates));
            if let Some(at) = at {
                records[at].push(record);
            }
        }
        self.records = records;
        Ok(self)
    }

    /// Follows a request id to a trace, which leads no further.
    fn lead(&mut self, record: &Record) {
        let known = |id: &Option<String>| id.as_ref().and_then(|id| self.known.get(id));
        if let Some(at) = known(&record.request_id)
            && known(&record.trace_id).is_none()
            && let Some(trace_id) = record.trace_id.as_ref().filter(|id| Ids::of(id).is_some())
        {
            self.known.lead(trace_id.clone(), at);
        }
    }

    /// The request of an id.
    fn at(&self, id: Option<&String>) -> Option<usize> {
        id.and_then(|id| self.known.get(id))
    }

    /// A record that belongs to two requests shows that these are one.
    fn join(&mut self, record: &Record) {
        if let (Some(trace), Some(request)) =
            (self.at(record.trace_id.as_ref()), self.at(record.request_id.as_ref()))
            && trace != request
        {
            self.known.join(trace, request);
        }
    }

    /// The request that a record belongs to by its ids.
    fn request_of(&self, record: &Record) -> Option<usize> {
        self.at(record.trace_id.as_ref()).or_else(|| self.at(record.request_id.as_ref()))
    }

    fn draw(&mut self, drawing: &Drawing, out: &mut dyn Write) -> io::Result<()> {
        let records = std::mem::take(&mut self.records);
        let drawn = records.into_iter().zip(&self.order).filter(|(records, _)| !records.is_empty());
        for (at, (records, id)) in drawn.enumerate() {
            if at > 0 && matches!(drawing.form, Form::Picture(_)) {
                out.write_all(b"\n")?;
            }
            drawing.one(&Trace::new(records, &self.losses), id, out)?;
        }
        Ok(())
    }

    /// Says what is not drawn; whether something that should be is not.
    fn tell(&self, stderr: &mut dyn Write) -> bool {
        if self.without_id > 0 {
            let count = self.without_id;
            let records = if count == 1 { "record has" } else { "records have" };
            complaint!(stderr, "{count} {records} neither a request id nor a trace id: no request to draw");
        }
        if self.is_full {
            complaint!(
                stderr,
                "only the first {REQUESTS_MAX} requests are drawn; put `head N` before `trace`"
            );
        }
        if self.left_out > 0 {
            let left_out = self.left_out;
            complaint!(
                stderr,
                "the requests have too many records to draw: {left_out} are left out; --mem gives more room"
            );
        }
        if self.is_short {
            complaint!(
                stderr,
                "fewer requests are drawn than were asked for: each has very many ids; --mem gives more room"
            );
        }
        self.is_full || self.left_out > 0 || self.is_short
    }
}
