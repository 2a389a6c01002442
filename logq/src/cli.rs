//! The command line: what was typed becomes what is meant, and that is run.

mod again;
mod api_key;
mod compare;
mod config;
mod generate;
mod marks;
mod meaning;
mod operate;
mod output;
mod reading;
mod trace;
mod typed;
mod when;
mod why;
mod zone;

use crate::commands::{self, check, fields, metrics, search, verify};
use crate::{Status, Surroundings, complaint, escape};
use clap::Parser;
use std::ffi::OsString;
use std::io::{self, Write};

/// Runs a whole command line, the program's name first, and writes out what is left to write.
///
/// A closed pipe on `stdout` is no error: whoever reads there has seen enough. An input that could not be read before is
/// one all the same.
///
/// ```
/// use logq::{Status, Surroundings, run};
/// let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
/// let args = ["logq", "--version"].map(Into::into);
/// assert_eq!(run(args, &Surroundings::captured(), &mut stdout, &mut stderr), Status::Found);
/// assert!(stdout.starts_with(b"logq "));
/// ```
pub fn run(
    args: impl IntoIterator<Item = OsString>,
    around: &Surroundings,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Status {
    let args: Vec<OsString> = args.into_iter().collect();
    let ended = dispatch(&args, around, stdout, stderr);
    match Status::of_run(ended, stdout) {
        Ok(status) => status,
        Err(error) => {
            complaint!(stderr, "cannot write: {}", escape::text(&error.to_string()));
            Status::Error
        }
    }
}

/// A subcommand's name counts only as the first argument, so that every word can be searched with `-e`.
fn dispatch(
    args: &[OsString],
    around: &Surroundings,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> io::Result<Status> {
    match args.get(1).and_then(|first| first.to_str()) {
        Some("trace") => command(&args[1..], (trace::mean, commands::trace::run), around, stdout, stderr),
        Some("why") => command(&args[1..], (why::mean, commands::why::run), around, stdout, stderr),
        Some("compare") => {
            command(&args[1..], (compare::mean, commands::compare::run), around, stdout, stderr)
        }
        Some("fields") => command(&args[1..], (meaning::fields, fields::run), around, stdout, stderr),
        Some(word) if word.starts_with("--completions") || word == "--man" => {
            command(args, (|typed, _| Ok(typed), generate::run), around, stdout, stderr)
        }
        Some("check") => {
            // A monitor reads standard output, and to it 2 is critical.
            let mut complaints = Vec::new();
            let status = command(&args[1..], (operate::check, check::run), around, stdout, &mut complaints)?;
            if status == Status::Error {
                return check::refuse(&complaints, stdout);
            }
            let _nobody_left = stderr.write_all(&complaints);
            Ok(status)
        }
        Some("metrics") => command(&args[1..], (operate::metrics, metrics::run), around, stdout, stderr),
        Some("verify") => command(&args[1..], (operate::verify, verify::run), around, stdout, stderr),
        _ => command(args, (meaning::search, search::run), around, stdout, stderr),
    }
}

/// What a command is: from what was typed to what is meant, and the doing of it.
type Command<T, O> =
    (fn(T, &Surroundings) -> Result<O, String>, fn(&O, &mut dyn Write, &mut dyn Write) -> io::Result<Status>);

fn command<T: Parser, O>(
    args: &[OsString],
    (mean, run): Command<T, O>,
    around: &Surroundings,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> io::Result<Status> {
    let typed = match T::try_parse_from(args) {
        Ok(typed) => typed,
        Err(answer) if !answer.use_stderr() => {
            write!(stdout, "{}", answer.render())?;
            return Ok(Status::Found);
        }
        Err(error) => {
            // clap puts what was typed into its text; each line of it is shown, none of it acts.
            for line in error.render().to_string().lines() {
                let _nobody_left = writeln!(stderr, "{}", escape::text(line));
            }
            return Ok(Status::Error);
        }
    };
    match mean(typed, around) {
        Ok(options) => run(&options, stdout, stderr),
        Err(refusal) => {
            complaint!(stderr, "{refusal}");
            Ok(Status::Error)
        }
    }
}
