//! The files that are followed: each path with the file that is there now, and those that were there before
//! and may still be written. A directory, or a pattern, stands for the files in it that are still written, also for those
//! that come later.

use super::Already;
use super::tail::{self, Identity, Look, Tail, Torn};
use crate::engine::Parts;
use crate::input::{self, Source};
use crate::{complaint, escape};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// So often a file that was replaced is looked at in vain until it is left: ten seconds at the usual interval.
/// Its writer may take a while to notice.
const LEAVE_AFTER: u32 = 50;

/// All files that are followed.
#[derive(Debug)]
pub(super) struct Logs<'p> {
    paths: &'p [PathBuf],
    already: Already,
    each: Vec<Log>,
    is_first: bool,
}

/// One path.
#[derive(Debug)]
struct Log {
    path: PathBuf,
    name: String,
    /// Whether it was named, and not found in a directory.
    is_named: bool,
    now: Option<Tail>,
    before: Vec<Replaced>,
    /// What was told of it last.
    problem: Option<String>,
    was_there: bool,
}

/// A file that is no longer at its path.
#[derive(Debug)]
struct Replaced {
    tail: Tail,
    /// So often it was looked at in vain.
    idle: u32,
}

/// Where else a file is.
#[derive(Debug)]
enum Known {
    Nowhere,
    /// It was at another path; this is how far it was read.
    Moved(Box<Tail>),
    /// It is followed at another path, too.
    Elsewhere,
}

impl<'p> Logs<'p> {
    pub(super) fn new(paths: &'p [PathBuf], already: Already) -> Self {
        Self { paths, already, each: Vec::new(), is_first: true }
    }

    /// Looks at all files once, and searches what was written.
    pub(super) fn poll(&mut self, parts: &mut Parts<'_, '_, '_>) -> io::Result<()> {
        self.discover(parts)?;
        let already = if self.is_first { self.already } else { Already::All };
        for at in 0..self.each.len() {
            self.open(at, parts, already);
        }
        for log in &mut self.each {
            if parts.is_done() {
                return Ok(());
            }
            log.poll_replaced(parts)?;
            log.poll_now(parts)?;
        }
        self.each.retain(|log| log.is_named || log.now.is_some() || !log.before.is_empty());
        self.is_first = false;
        Ok(())
    }

    /// Tells of what was never there.
    pub(super) fn end(self, parts: &mut Parts<'_, '_, '_>) {
        for log in self.each.iter().filter(|log| !log.was_there) {
            parts.unreadable(&log.name, &io::Error::new(io::ErrorKind::NotFound, "was never there"));
        }
    }

    /// Finds files that are not known yet.
    fn discover(&mut self, parts: &mut Parts<'_, '_, '_>) -> io::Result<()> {
        for path in self.paths {
            let is_pattern = input::is_pattern(path);
            if !path.is_dir() && !is_pattern {
                self.add(path, true);
                continue;
            }
            for found in input::expand(std::slice::from_ref(path)) {
                match found {
                    Ok(Source::File(file)) if input::is_still_written(&file) => self.add(&file, false),
                    Ok(source) if self.is_first && self.already == Already::All => parts.whole(&source)?,
                    Err((name, error))
                        if self.is_first && is_pattern && error.kind() == io::ErrorKind::NotFound =>
                    {
                        complaint!(
                            parts.stderr(),
                            "{}: nothing matches yet; waiting for it",
                            escape::text(&name)
                        );
                    }
                    Err((name, error)) if self.is_first => parts.unreadable(&name, &error),
                    Ok(_) | Err(_) => {}
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, path: &Path, is_named: bool) {
        if self.each.iter().any(|log| log.path == path) {
            return;
        }
        self.each.push(Log {
            path: path.to_owned(),
            name: path.to_string_lossy().into_owned(),
            is_named,
            now: None,
            before: Vec::new(),
            problem: None,
            was_there: !is_named,
        });
    }

    /// Opens the file that is at a path now, if it is not open yet.
    fn open(&mut self, at: usize, parts: &mut Parts<'_, '_, '_>, already: Already) {
        let log = &mut self.each[at];
        let identity = match fs::metadata(&log.path) {
            Ok(meta) => tail::identity(&meta),
            Err(error) => return log.is_gone(parts, &error),
        };
        if log.now.as_ref().is_some_and(|tail| tail.identity == identity) {
            return;
        }
        match self.known(identity) {
            Known::Nowhere => {}
            // It only got another name.
            Known::Moved(tail) => return self.each[at].replace(*tail),
            Known::Elsewhere => {
                self.each[at].was_there = true;
                return self.each[at].leave();
            }
        }
        let log = &mut self.each[at];
        match Tail::open(&log.path) {
            Ok(mut tail) => {
                tail.start(parts, &log.name, already, Torn::Waits);
                log.replace(tail);
            }
            Err(error) => log.tell(parts, &error),
        }
    }

    /// What is known of a file, whatever its name.
    fn known(&mut self, identity: Identity) -> Known {
        for log in &mut self.each {
            if let Some(at) = log.before.iter().position(|replaced| replaced.tail.identity == identity) {
                return Known::Moved(Box::new(log.before.remove(at).tail));
            }
            if let Some(tail) = log.now.take_if(|tail| tail.identity == identity) {
                if fs::metadata(&log.path).is_ok_and(|meta| tail::identity(&meta) == identity) {
                    log.now = Some(tail);
                    return Known::Elsewhere;
                }
                return Known::Moved(Box::new(tail));
            }
        }
        Known::Nowhere
    }
}

impl Log {
    fn replace(&mut self, tail: Tail) {
        self.leave();
        self.now = Some(tail);
        self.problem = None;
        self.was_there = true;
    }

    fn leave(&mut self) {
        self.before.extend(self.now.take().map(|tail| Replaced { tail, idle: 0 }));
    }

    fn is_gone(&mut self, parts: &mut Parts<'_, '_, '_>, error: &io::Error) {
        self.leave();
        match error.kind() {
            io::ErrorKind::NotFound if self.was_there => {}
            io::ErrorKind::NotFound if self.problem.is_none() => {
                self.problem = Some(String::new());
                let name = escape::text(&self.name);
                complaint!(parts.stderr(), "{name}: is not there yet; waiting for it");
            }
            io::ErrorKind::NotFound => {}
            _ => self.tell(parts, error),
        }
    }

    fn tell(&mut self, parts: &mut Parts<'_, '_, '_>, error: &io::Error) {
        // Between two looks it went: the next one says what is.
        if error.kind() == io::ErrorKind::NotFound {
            return;
        }
        let text = error.to_string();
        if self.problem.as_ref() != Some(&text) {
            self.was_there = true;
            self.problem = Some(text);
            parts.unreadable(&self.name, error);
        }
    }

    fn poll_now(&mut self, parts: &mut Parts<'_, '_, '_>) -> io::Result<()> {
        let Some(tail) = &mut self.now else { return Ok(()) };
        if tail.poll(parts, &self.name)? == Look::Truncated {
            let name = escape::text(&self.name);
            complaint!(parts.stderr(), "{name}: was truncated; it is read from its start");
        }
        Ok(())
    }

    fn poll_replaced(&mut self, parts: &mut Parts<'_, '_, '_>) -> io::Result<()> {
        for replaced in &mut self.before {
            replaced.idle = match replaced.tail.poll(parts, &self.name)? {
                Look::Same => replaced.idle + 1,
                Look::Grown | Look::Truncated => 0,
            };
            if replaced.idle >= LEAVE_AFTER {
                replaced.tail.finish(parts, &self.name)?;
            }
        }
        self.before.retain(|replaced| replaced.idle < LEAVE_AFTER);
        Ok(())
    }
}
