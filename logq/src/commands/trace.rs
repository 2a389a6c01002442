//! `logq trace ID PATH…`: collects every record of a request and draws it. Where a request id leads to a trace, what came
//! before is read again for it; so standard input goes to a file on the way. With a query instead of an id it draws the requests of what
//! the query finds, and with `-f` a request while it happens.

mod watch;

use super::drawing::Drawing;
use super::records::{self, Found, Room};
use super::requests::{self, Pick};
use super::spool::{self, Spool};
use crate::engine::{Plan, Window};
use crate::format::Formats;
use crate::query::Query;
use crate::stage::Limits;
use crate::trace::{Ids, Trace};
use crate::{Status, complaint, escape};
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
    /// Records of which time are looked for: an id's own, or those that a query finds.
    pub window: Window,
    /// By how much a record may stand behind later ones, in microseconds; none if files are read whole.
    pub slack_us: Option<i64>,
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

/// What is kept of a request.
const ROOM: Room = Room { records: 100_000, line_bytes: 64 << 20 };

/// Draws to `stdout`, and tells `stderr` what could not be read. An error is one of writing to `stdout`.
pub fn run(options: &Options, stdout: &mut dyn Write, stderr: &mut dyn Write) -> io::Result<Status> {
    let plan = Plan {
        window: options.window,
        slack_us: options.slack_us,
        ..Plan::new(&options.paths, &options.formats)
    };
    let (id, follow) = match &options.which {
        Which::Of { id, follow } => (id, *follow),
        Which::Found { query, pick, limits, as_id } => {
            let plan = Plan { query: Some(query), ..plan };
            let status = requests::run(&plan, (&options.drawing, *pick, limits), stdout, stderr)?;
            if status == Status::Nothing {
                complaint!(stderr, "no request was found to draw");
            }
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
    let (found, mut report) = if let Some(follow) = follow {
        if let Some(name) = spool::not_twice(&options.paths) {
            let name = escape::text(&name);
            complaint!(stderr, "-f reads its files again and again, which `{name}` cannot be: name files");
            return Ok(Status::Error);
        }
        watch::run(options, id, ids, follow.screen, stdout, stderr)?
    } else {
        let Some(spool) = Spool::of(&options.paths, stderr) else { return Ok(Status::Error) };
        let plan = Plan { paths: spool.paths(), ..plan };
        let (mut found, mut report) = records::of(&plan, &ids, ROOM, stderr)?;
        spool.rename(&mut report);
        spool.rename_in(&mut found.records);
        (found, report)
    };
    // A request without these fields is told of as not found, not as a field that is misspelt.
    report.unseen.clear();
    report.tell(stderr);
    finish(options, id, found, report.unreadable, stdout, stderr)
}

/// Draws what was found.
fn finish(
    options: &Options,
    id: &str,
    found: Found,
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
        let when = if options.window.is_bounded() { "in that time no" } else { "no" };
        complaint!(stderr, "{when} record has the request id or trace id `{}`", escape::text(id));
        return Ok(Status::of(false, failed));
    }
    let trace = Trace::new(found.records, &found.losses);
    let is_drawn = options.drawing.put(stdout, stderr, |out| options.drawing.one(&trace, id, out))?;
    Ok(Status::of(true, failed || !is_drawn))
}
