//! `logq trace ID PATH…`: collects every record of a request and draws it. The inputs are read twice
//! when the id is a request id, whose traces are only known at the end of the first reading; so they
//! must be files. With a query instead of an id it draws the requests of what the query finds, and with
//! `-f` a request while it happens.

mod collect;
mod watch;

use super::drawing::Drawing;
use super::requests::{self, Pick};
use crate::engine::{self, Plan, Report};
use crate::format::Formats;
use crate::input;
use crate::query::Query;
use crate::stage::Limits;
use crate::trace::{Ids, Trace};
use crate::{Status, complaint, escape};
use collect::Collector;
use std::io::{self, Write};
use std::path::PathBuf;

/// What is asked, and of what.
#[derive(Debug)]
pub struct Options {
    /// Which requests.
    pub which: Which,
    /// Files and directories.
    pub paths: Vec<PathBuf>,
    /// How lines are read.
    pub formats: Formats,
    /// What the request becomes, and where that goes.
    pub drawing: Drawing,
}

/// Which requests are drawn.
#[derive(Debug)]
pub enum Which {
    /// That of an id.
    Of {
        /// A request id or a trace id.
        id: String,
        /// Whether it is drawn while it happens.
        follow: Option<Follow>,
    },
    /// Those of what a query finds.
    Found {
        /// The query, which has no stages.
        query: Box<Query>,
        /// Which of them.
        pick: Pick,
        /// Memory for the records of all of them.
        limits: Limits,
        /// How the same text is asked for as an id, where it may be one.
        as_id: Option<String>,
    },
}

/// How a request is shown while it happens.
#[derive(Clone, Copy, Debug)]
pub struct Follow {
    /// Lines and columns of the terminal on which it is drawn again and again; only at the end without one.
    pub screen: Option<(usize, usize)>,
}

/// How often ids may lead to further ids.
const EXPANSIONS_MAX: usize = 2;

/// Draws to `stdout`, and tells `stderr` what could not be read. An error is one of writing to `stdout`.
pub fn run(options: &Options, stdout: &mut dyn Write, stderr: &mut dyn Write) -> io::Result<Status> {
    let (id, follow) = match &options.which {
        Which::Of { id, follow } => (id, *follow),
        Which::Found { query, pick, limits, as_id } => {
            let plan = Plan { query: Some(query), ..Plan::new(&options.paths, &options.formats) };
            let status = requests::run(&plan, (&options.drawing, *pick, limits), stdout, stderr)?;
            if let Some(as_id) = as_id.as_ref().filter(|_| status != Status::Found) {
                complaint!(stderr, "this was taken for a query; {as_id}");
            }
            return Ok(status);
        }
    };
    let Some(ids) = Ids::of(id) else {
        let id = escape::text(id);
        complaint!(stderr, "`{id}` is no id: many records have it, and nothing else in common");
        return Ok(Status::Error);
    };
    if let Some(name) = not_twice(&options.paths) {
        let name = escape::text(&name);
        complaint!(stderr, "trace reads its input twice, and `{name}` can be read once: give it files");
        return Ok(Status::Error);
    }
    let (found, report) = match follow {
        Some(follow) => watch::run(options, id, ids, follow.screen, stdout, stderr)?,
        None => collected(options, ids, stderr)?,
    };
    report.tell(stderr);
    finish(options, id, found, report.unreadable, stdout, stderr)
}

/// Draws what was found.
fn finish(
    options: &Options,
    id: &str,
    found: Collector,
    is_unreadable: bool,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> io::Result<Status> {
    if found.left_out > 0 {
        let left_out = found.left_out;
        complaint!(stderr, "the request has too many records to draw: {left_out} of them are left out");
    }
    let failed = is_unreadable || found.left_out > 0;
    if found.records.is_empty() {
        complaint!(stderr, "no record has the request id or trace id `{}`", escape::text(id));
        return Ok(Status::of(false, failed));
    }
    let trace = Trace::new(found.records, &found.losses);
    let is_drawn = options.drawing.put(stdout, stderr, |out| options.drawing.one(&trace, id, out))?;
    Ok(Status::of(true, failed || !is_drawn))
}

/// The first input that cannot be read a second time.
fn not_twice(paths: &[PathBuf]) -> Option<String> {
    input::expand(paths)
        .filter_map(Result::ok)
        .find(|source| !source.is_repeatable())
        .map(|source| source.name())
}

/// The records of these ids and of those they lead to. The report is of the first reading: further ones
/// have nothing new to say.
fn collected(options: &Options, mut ids: Ids, stderr: &mut dyn Write) -> io::Result<(Collector, Report)> {
    let mut found = Collector::new(ids.clone());
    let mut report = read(options, &mut found, stderr)?;
    // A request without these fields is told of as not found, not as a field that is misspelt.
    report.unseen.clear();
    for _ in 0..EXPANSIONS_MAX {
        let Some(wider) = ids.expanded(found.records.iter().map(AsRef::as_ref)) else {
            break;
        };
        found.known = Some(std::mem::replace(&mut ids, wider.clone()));
        found.ids = wider;
        read(options, &mut found, &mut io::sink())?;
    }
    Ok((found, report))
}

fn read(options: &Options, found: &mut Collector, stderr: &mut dyn Write) -> io::Result<Report> {
    let query = collect::query(&found.ids);
    let plan = Plan { query: query.as_ref(), ..Plan::new(&options.paths, &options.formats) };
    engine::run(&plan, found, stderr)
}
