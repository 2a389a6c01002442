//! `logq 'QUERY | stage …' PATH…`: what the stages of a query make of the records that its filter finds.

use super::reading::Reading;
use crate::column::Column;
use crate::engine::{Plan, Sink};
use crate::field::{self, Name};
use crate::marks::Mark;
use crate::render::{Room, Screen, Sheet, SheetForm, View};
use crate::row::Row;
use crate::stage::{End, Flow, Full, Limits, Notice, Pipeline, Stop};
use crate::{Status, complaint, escape, whole};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What is printed, and within what.
#[derive(Debug)]
pub struct Options {
    /// Memory for what stages keep, and the zone of days and of times for people.
    pub limits: Limits,
    /// What is printed of what comes out.
    pub last: Last,
    /// What is marked on a chart beside new releases.
    pub marks: Vec<Mark>,
    /// What is to be said before anything is read.
    pub said: Vec<String>,
    /// The file it is written to, whole or not at all; standard output without one.
    pub to: Option<PathBuf>,
}

impl Options {
    /// Prints what comes out of the stages, and marks nothing but new releases.
    pub fn new(limits: Limits, last: Last) -> Self {
        Self { limits, last, marks: Vec::new(), said: Vec::new(), to: None }
    }

    /// The room in which a table that grows is shown, which whoever looks may change meanwhile.
    fn room(&self) -> Option<Room> {
        let Last::Table { form: SheetForm::Table | SheetForm::Chart(_), wide, lines, size_now, .. } =
            &self.last
        else {
            return None;
        };
        let size = lines.map(|lines| (*wide, lines));
        let (columns, lines) = size_now.filter(|_| size.is_some()).and_then(|now| now()).or(size)?;
        Some(Room::new(columns, lines))
    }
}

/// What asks how many columns and lines a terminal has.
pub type AskSize = fn() -> Option<(usize, usize)>;

/// What is printed of what comes out of the last stage.
#[derive(Debug)]
pub enum Last {
    /// Records.
    Rows(View),
    /// A table.
    Table {
        /// Its columns.
        columns: Vec<Column>,
        /// In which form.
        form: SheetForm,
        /// Whether it is shown on a terminal.
        on_terminal: bool,
        /// Columns of the terminal, or of a chart.
        wide: usize,
        /// Lines of a terminal on which the table is shown while files are followed; none if only its end is.
        lines: Option<usize>,
        /// What asks for columns and lines of the terminal each time; none if they stay.
        size_now: Option<AskSize>,
    },
    /// How many rows.
    Count,
}

/// Prints to `stdout` what comes out of the stages, and to `stderr` what could not be read or what there was no room
/// for. An error is one of writing to `stdout`.
pub fn run(
    plan: &Plan<'_>,
    options: &Options,
    reading: Reading,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> io::Result<Status> {
    let stages = plan.query.map_or(&[][..], |query| &query.stages);
    options.said.iter().for_each(|said| complaint!(stderr, "{said}"));
    let screen = Screen::new(stdout);
    let mut out = &screen;
    let mut printer = Printer::new(options, None, &mut out);
    let mut run = Run {
        pipeline: Pipeline::new(stages, &options.limits),
        wanted: Pipeline::wanted(stages),
        options,
        printer: &mut printer,
        grows: false,
        screen: &screen,
        flow: Flow::More,
        full: None,
    };
    run.grows = matches!(reading, Reading::Follow(_)) && run.pipeline.holds_rows();
    let report = reading.run(plan, &mut run, &mut screen.above(stderr))?;
    screen.erase()?;
    let room = options.room().filter(|_| run.grows);
    let (pipeline, full) = (run.pipeline, run.full);
    let mut out = &screen;
    if room.is_some() {
        printer = Printer::new(options, room, &mut out);
    }
    let ended = match full {
        Some(full) => Err(Stop::Full(full)),
        None => pipeline.finish(&mut |row| printer.row(row)),
    };
    report.tell(stderr);
    let End { notices, marks } = match ended {
        Ok(end) => end,
        Err(Stop::Output(error)) => return report.ended(Err(error)),
        Err(Stop::Full(full)) => {
            complaint!(stderr, "{full}");
            return Ok(Status::Error);
        }
    };
    let marks = options.marks.iter().cloned().chain(marks).collect();
    let rows = printer.rows;
    let written = match options.to.as_deref().filter(|_| rows > 0) {
        None => {
            report.ended(printer.end(marks))?;
            Ok(())
        }
        Some(path) => printer.end_in(path, marks),
    };
    for notice in &notices {
        tell(notice, stderr);
    }
    if let Err(error) = &written {
        complaint!(stderr, "cannot write {error}");
    }
    let failed = report.unreadable || notices.iter().any(Notice::is_error) || written.is_err();
    Ok(Status::of(report.matched > 0 && rows > 0, failed))
}

fn tell(notice: &Notice, stderr: &mut dyn Write) {
    let shown = notice.to_string();
    let shown = escape::text(&shown);
    let near = match notice {
        Notice::Unseen(name) => field::nearest(name, field::known_names()),
        _ => None,
    };
    match near {
        Some(near) => complaint!(stderr, "{shown}; did you mean `{near}`?"),
        None => complaint!(stderr, "{shown}"),
    }
}

/// What is kept at most by a table that is shown while it grows: each time it is copied.
const SHOWN_BYTES_MAX: usize = 16 << 20;

struct Run<'r, 'o, 's> {
    pipeline: Pipeline,
    wanted: Option<Vec<Name>>,
    options: &'r Options,
    printer: &'r mut Printer<'o>,
    /// Whether what there is so far is shown, where there is room.
    grows: bool,
    screen: &'r Screen<'s>,
    flow: Flow,
    full: Option<Full>,
}

impl Run<'_, '_, '_> {
    /// The table as it would be if the files ended here; none if it has become too large.
    fn so_far(&self, room: Room) -> io::Result<Option<String>> {
        if self.full.is_some() || self.pipeline.bytes() > SHOWN_BYTES_MAX {
            return Ok(None);
        }
        let mut text = Vec::new();
        let mut printer = Printer::new(self.options, Some(room), &mut text);
        match self.pipeline.clone().finish(&mut |row| printer.row(row)) {
            Ok(end) => printer.end(self.options.marks.iter().cloned().chain(end.marks).collect())?,
            Err(Stop::Output(error)) => return Err(error),
            Err(Stop::Full(_)) => return Ok(None),
        }
        Ok(Some(String::from_utf8_lossy(&text).into_owned()))
    }
}

impl Sink for Run<'_, '_, '_> {
    fn fields(&self) -> Option<Vec<Name>> {
        self.wanted.clone()
    }

    /// Rows that are kept whole know their line's number, which a part does not.
    fn parts(&self) -> Option<Limits> {
        let is_numbered = self.wanted.as_ref().is_none_or(|names| names.iter().any(Name::is_line_number));
        (self.pipeline.is_mergeable() && !is_numbered && !self.is_done()).then(|| self.options.limits.clone())
    }

    fn part(&mut self, part: Pipeline) -> io::Result<usize> {
        match self.pipeline.merge(part) {
            Ok(()) => {}
            Err(Stop::Full(full)) => self.full = Some(full),
            Err(Stop::Output(error)) => return Err(error),
        }
        Ok(self.pipeline.bytes())
    }

    fn is_done(&self) -> bool {
        self.flow == Flow::Enough || self.full.is_some()
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        if self.is_done() {
            return Ok(());
        }
        let printer = &mut *self.printer;
        match self.pipeline.push(row, &mut |row| printer.row(row)) {
            Ok(flow) => self.flow = flow,
            Err(Stop::Output(error)) => return Err(error),
            Err(Stop::Full(full)) => self.full = Some(full),
        }
        Ok(())
    }

    /// A slow pipe's rows are seen as they come.
    fn pause(&mut self) -> io::Result<()> {
        self.printer.stdout.flush()
    }

    fn caught_up(&mut self) -> io::Result<()> {
        let Some(room) = self.options.room().filter(|_| self.grows) else { return self.printer.pause() };
        let text = self.so_far(room)?.unwrap_or_else(|| TOO_LARGE.to_owned());
        let (fitting, lines) = room.fitting(&text);
        self.screen.show(fitting, lines)
    }
}

/// What is shown of a table that is too large to be shown while it grows.
const TOO_LARGE: &str = "too much to show while it grows; Ctrl-C prints it\n";

/// What takes the rows that come out.
struct Printer<'o> {
    form: Form<'o>,
    rows: u64,
    stdout: &'o mut dyn Write,
}

enum Form<'o> {
    Rows(&'o View),
    Sheet(Box<Sheet>),
    Count,
}

impl<'o> Printer<'o> {
    fn new(options: &'o Options, room: Option<Room>, stdout: &'o mut dyn Write) -> Self {
        let form = match &options.last {
            Last::Rows(view) => Form::Rows(view),
            Last::Table { columns, form, on_terminal, wide, .. } => {
                let wide = room.map_or(*wide, Room::columns);
                Form::Sheet(Box::new(Sheet::new(columns, form, *on_terminal, &options.limits.zone, wide)))
            }
            Last::Count => Form::Count,
        };
        Self { form, rows: 0, stdout }
    }

    fn row(&mut self, row: &Row<'_>) -> Result<Flow, Stop> {
        self.rows += 1;
        match &mut self.form {
            Form::Rows(view) => view.row(row, self.stdout)?,
            Form::Sheet(sheet) => sheet.row(row, self.stdout)?,
            Form::Count => {}
        }
        Ok(Flow::More)
    }

    /// Prints also rows that only waited to be measured. Not where nothing is followed: there how fast a file is read
    /// would decide how wide a column is.
    fn pause(&mut self) -> io::Result<()> {
        if let Form::Sheet(sheet) = &mut self.form {
            sheet.pause(self.stdout)?;
        }
        self.stdout.flush()
    }

    /// Prints what is left, with these marks where it is a chart.
    fn end(self, marks: Vec<Mark>) -> io::Result<()> {
        match self.form {
            Form::Rows(_) => Ok(()),
            Form::Sheet(mut sheet) => {
                sheet.mark(marks);
                sheet.end(self.stdout)
            }
            Form::Count => writeln!(self.stdout, "{}", self.rows),
        }
    }

    /// The same in a file. Nothing was printed before: only pictures are written to files, and they come whole.
    fn end_in(self, path: &Path, marks: Vec<Mark>) -> Result<(), String> {
        let written = whole::write(path, |out| Printer { stdout: out, ..self }.end(marks));
        let path = path.display().to_string();
        written.map_err(|error| format!("{}: {}", escape::text(&path), escape::text(&error.to_string())))
    }
}
