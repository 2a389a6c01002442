//! `logq compare A B PATH…` and `logq compare --by release PATH…`: two sets of requests, route by route.

mod shown;

use super::every::{self, Left, Worker};
use super::unseen;
use crate::compare::{Change, Side, changes};
use crate::engine::{self, Plan, Window};
use crate::facts::{self, Facts};
use crate::field::Name;
use crate::format::Formats;
use crate::input;
use crate::query::Filter;
use crate::row::Row;
use crate::scan::Fails;
use crate::{Status, complaint, escape};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

/// What is asked, and of what.
#[derive(Debug)]
pub struct Options {
    /// Files, directories, and `-` for standard input.
    pub paths: Vec<PathBuf>,
    /// How lines are read.
    pub formats: Formats,
    /// Records of which time.
    pub window: Window,
    /// By how much a record may stand behind later ones, in microseconds; none if files are read whole.
    pub slack_us: Option<i64>,
    /// What is compared.
    pub sides: Sides,
    /// Routes that are shown.
    pub routes_max: usize,
    /// Whether changes are JSON objects, one a line.
    pub json: bool,
}

/// What is compared.
#[derive(Debug)]
pub enum Sides {
    /// The requests that each of two queries takes, with the queries as they were typed.
    Queries(Box<[(String, Filter); 2]>),
    /// Those with the two values of a field that were first met last, such as the releases around a deploy.
    By(Name),
}

/// Values of a field that are compared in one reading: of more those that were first met last so far. If the last two of all
/// are not among them, as in files that are read out of the order of time, a second reading compares these.
const SIDES_MAX: usize = 64;
/// Values of a field that are told apart, and the bytes of all of them.
const VALUES_MAX: usize = 100_000;
const VALUES_BYTES_MAX: usize = 64 << 20;

/// Prints the changes to `stdout`, and to `stderr` what could not be read. An error is one of writing to
/// `stdout`.
pub fn run(options: &Options, stdout: &mut dyn Write, stderr: &mut dyn Write) -> io::Result<Status> {
    let (mut all, left) = read(options, None, stderr);
    left.tell(stderr);
    if all.bad > 0 {
        complaint!(stderr, "{} bad of {} examined", all.bad, all.examined);
    }
    if all.both > 0 {
        complaint!(stderr, "{} requests are on both sides", all.both);
    }
    if let Err(error) = all.compare_last(options) {
        complaint!(stderr, "{error}");
        return Ok(Status::Error);
    }
    let Some([(a, before), (b, after)]) = all.two(stderr) else {
        if let Sides::Queries(queries) = &options.sides {
            unseen::tell(&plan(options), queries.iter().map(|(_, filter)| filter), stderr);
        }
        return Ok(Status::of(false, left.unreadable));
    };
    let changes = changes(&before, &after);
    let (shown, more) = shown::first(&changes, options.routes_max);
    if options.json {
        shown.iter().try_for_each(|change| shown::json(change, stdout))?;
    } else {
        writeln!(stdout, "A: {}  {} requests", escape::text(&a), before.all.weight)?;
        writeln!(stdout, "B: {}  {} requests", escape::text(&b), after.all.weight)?;
        shown::table(shown, stdout)?;
    }
    if more > 0 {
        let routes = if more == 1 { "route is" } else { "routes are" };
        complaint!(stderr, "{more} more {routes} not shown; --limit shows more");
    }
    Ok(Status::of(changes.iter().any(Change::is_beyond_chance), left.unreadable))
}

/// Reads all there is; of the values of a field only two, if they are known.
fn read<'o>(options: &'o Options, only: Option<&[String; 2]>, stderr: &mut dyn Write) -> (Reader<'o>, Left) {
    let new = || Reader { only: only.cloned(), ..Reader::new(options) };
    let mut readers: Vec<Reader<'_>> = (0..readers_count(options)).map(|_| new()).collect();
    let left = every::row(&plan(options), &mut readers, stderr);
    let mut all = new();
    for reader in readers {
        all.merge(reader);
    }
    (all, left)
}

/// What can be read only once is read by one in its own order: sides are let go by what was met so far, and what each of
/// several has met hangs on chance.
fn readers_count(options: &Options) -> usize {
    match options.sides {
        Sides::By(_) if !is_repeatable(options) => 1,
        _ => engine::threads(),
    }
}

fn is_repeatable(options: &Options) -> bool {
    input::expand(&options.paths).filter_map(Result::ok).all(|source| source.is_repeatable())
}

fn plan(options: &Options) -> Plan<'_> {
    let plan = Plan::new(&options.paths, &options.formats);
    Plan { window: options.window, slack_us: options.slack_us, ..plan }
}

struct Reader<'o> {
    options: &'o Options,
    /// The values that are looked at, if not all are.
    only: Option<[String; 2]>,
    /// When each value of the field was first met.
    firsts: BTreeMap<String, Option<i64>>,
    firsts_bytes: usize,
    facts: Facts,
    /// Lines that are surely of no request.
    others: Fails,
    /// By name; of a field with too many values none.
    sides: BTreeMap<String, Side>,
    both: u64,
    bad: u64,
    examined: u64,
}

impl<'o> Reader<'o> {
    fn new(options: &'o Options) -> Self {
        let facts = Facts::new();
        Self {
            options,
            others: Fails::new(&facts.kind, |found| found.value.scalar().is_none_or(is_of_request)),
            facts,
            only: None,
            firsts: BTreeMap::new(),
            firsts_bytes: 0,
            sides: BTreeMap::new(),
            both: 0,
            bad: 0,
            examined: 0,
        }
    }

    fn merge(&mut self, other: Self) {
        // A side of which a part was let go is none.
        self.sides.retain(|value, _| other.sides.contains_key(value) || !other.firsts.contains_key(value));
        for (name, side) in other.sides {
            if self.sides.contains_key(&name) || !self.firsts.contains_key(&name) {
                self.sides.entry(name).or_default().merge(&side);
            }
        }
        self.both += other.both;
        self.bad += other.bad;
        self.examined += other.examined;
        for (value, first_us) in other.firsts {
            self.meet(&value, first_us);
        }
    }

    fn request(&mut self, row: &Row<'_>) {
        match &self.options.sides {
            Sides::Queries(queries) => {
                let mut taken = 0;
                for (at, (_, filter)) in ["A", "B"].into_iter().zip(&**queries) {
                    if filter.matches(row) {
                        taken += 1;
                        self.add(at, row);
                    }
                }
                self.both += u64::from(taken == 2);
            }
            Sides::By(name) => {
                let value = facts::text(name, row);
                let asked =
                    |value: &str| self.only.as_ref().is_none_or(|only| only.iter().any(|one| one == value));
                let Some(value) = value.filter(|value| asked(value)) else { return };
                let is_new = !self.firsts.contains_key(&*value);
                self.meet(&value, self.facts.time_us(row));
                if is_new || self.sides.contains_key(&*value) {
                    self.add(&value, row);
                    self.let_go();
                }
            }
        }
    }

    fn add(&mut self, side: &str, row: &Row<'_>) {
        if !self.sides.contains_key(side) {
            self.sides.insert(side.to_owned(), Side::default());
        }
        if let Some(side) = self.sides.get_mut(side) {
            side.add(row, &self.facts);
        }
    }

    /// Of too many sides the one that was first met first is none of the last two, most probably.
    fn let_go(&mut self) {
        if self.sides.len() > SIDES_MAX {
            let first =
                self.sides.iter().min_by_key(|(_, side)| side.first_us).map(|(value, _)| value.clone());
            self.sides.remove(&first.unwrap_or_default());
        }
    }

    /// Takes note of a value, unless there are too many already.
    fn meet(&mut self, value: &str, first_us: Option<i64>) {
        if let Some(known) = self.firsts.get_mut(value) {
            *known = known.iter().copied().chain(first_us).min();
        } else if !self.has_too_many() {
            self.firsts_bytes += value.len();
            self.firsts.insert(value.to_owned(), first_us);
        }
    }

    fn has_too_many(&self) -> bool {
        self.firsts.len() > VALUES_MAX || self.firsts_bytes > VALUES_BYTES_MAX
    }

    /// Reads once more for the two values that were first met last, where they could not be compared at once.
    fn compare_last(&mut self, options: &Options) -> Result<(), String> {
        let Sides::By(name) = &options.sides else { return Ok(()) };
        let name = escape::text(name.text());
        if self.has_too_many() {
            return Err(format!(
                "`{name}` has more than {VALUES_MAX} values or 64 MiB of them: compare by a field with fewer"
            ));
        }
        let mut last: Vec<(Option<i64>, &String)> =
            self.firsts.iter().map(|(value, first_us)| (*first_us, value)).collect();
        last.sort();
        let two = last.pop().zip(last.pop()).map(|((_, after), (_, before))| [before.clone(), after.clone()]);
        let Some(two) = two else { return Ok(()) };
        if two.iter().all(|value| self.sides.contains_key(value)) {
            self.sides.retain(|value, _| two.contains(value));
            return Ok(());
        }
        if !is_repeatable(options) {
            return Err(format!(
                "`{name}` has more than {SIDES_MAX} values, and not in the order of time, which takes a second reading: \
                 write the input to a file first"
            ));
        }
        // What could not be read was told the first time.
        self.sides = read(options, Some(&two), &mut io::sink()).0.sides;
        Ok(())
    }

    /// The two sides by name, if there are both.
    fn two(mut self, stderr: &mut dyn Write) -> Option<[(String, Side); 2]> {
        match &self.options.sides {
            Sides::Queries(queries) => {
                let mut take = |at: usize, name: &str| {
                    (queries[at].0.clone(), self.sides.remove(name).unwrap_or_default())
                };
                let two = [take(0, "A"), take(1, "B")];
                for (query, _) in two.iter().filter(|(_, side)| side.all.count == 0) {
                    complaint!(stderr, "no request matches `{}`", escape::text(query));
                }
                two.iter().all(|(_, side)| side.all.count > 0).then_some(two)
            }
            Sides::By(name) => {
                if self.firsts.is_empty() {
                    unseen::tell_of(name, stderr);
                }
                let name = escape::text(name.text()).into_owned();
                let mut sides: Vec<(String, Side)> = self.sides.into_iter().collect();
                sides.sort_by_key(|(_, side)| side.first_us);
                let (Some(after), Some(before)) = (sides.pop(), sides.pop()) else {
                    complaint!(stderr, "fewer than two values of `{name}`: there is nothing to compare");
                    return None;
                };
                Some([before, after].map(|(value, side)| (format!("{name}={value}"), side)))
            }
        }
    }
}

impl Worker for Reader<'_> {
    fn refuses(&mut self, line: &[u8]) -> bool {
        self.others.holds(line)
    }

    fn fields(&self) -> Option<Vec<Name>> {
        let Facts { kind, ts, level, status, route, path, duration_us, sample_rate, .. } = &self.facts;
        let own = [kind, ts, level, status, route, path, duration_us, sample_rate];
        let asked: Vec<&Name> = match &self.options.sides {
            Sides::Queries(queries) if queries.iter().any(|(_, filter)| filter.asks_for_text()) => {
                return None;
            }
            Sides::Queries(queries) => queries.iter().flat_map(|(_, filter)| filter.fields()).collect(),
            Sides::By(name) => vec![name],
        };
        Some(own.into_iter().chain(asked).cloned().collect())
    }

    fn row(&mut self, row: &Row<'_>) {
        self.examined += 1;
        if facts::text(&self.facts.kind, row).is_none_or(|kind| is_of_request(&kind))
            && self.options.window.holds(|| self.facts.time_us(row))
        {
            self.request(row);
        }
    }

    fn bad(&mut self) {
        self.examined += 1;
        self.bad += 1;
    }
}

/// Whether records of this kind are of requests. An empty kind is none.
fn is_of_request(kind: &str) -> bool {
    kind.is_empty() || kind == "access"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of a field, most of which are met again long after they were met first, in the order of time.
    fn log() -> String {
        use std::fmt::Write as _;
        let mut log = String::new();
        for number in 0..9000_u32 {
            let release = match number {
                100..6000 if number % 20 == 0 => format!("old{}", number / 20),
                8000.. if number % 4 == 0 => format!("old{}", 5 + (number - 8000) / 4),
                7000.. if number % 4 == 1 => "b".to_owned(),
                6500.. if number % 4 == 2 => "a".to_owned(),
                _ => "main".to_owned(),
            };
            let ts = access_record::Timestamp::from_micros(1_795_219_200_000_000 + i64::from(number) * 1000);
            let pad = "x".repeat(150);
            let _infallible = writeln!(
                log,
                r#"{{"ts":"{ts}","route":"/","release":"{release}","status":200,"pad":"{pad}"}}"#
            );
        }
        log
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_can_be_read_only_once_is_answered_as_a_file_is() {
        let file = crate::testing::Temp::new(log().as_bytes());
        let asked = |path: PathBuf| {
            let options = Options {
                paths: vec![path],
                formats: Formats::looking(),
                window: Window::default(),
                slack_us: None,
                sides: Sides::By(Name::new("release")),
                routes_max: 1,
                json: true,
            };
            let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
            run(&options, &mut stdout, &mut stderr).unwrap();
            (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
        };
        let expected = asked(file.0.clone());
        assert!(expected.0.contains(r#""a_requests":625,"b_requests":500"#), "{expected:?}");
        for _ in 0..5 {
            let mut cat = std::process::Command::new("cat");
            let mut cat = cat.arg(&file.0).stdout(std::process::Stdio::piped()).spawn().unwrap();
            let pipe = std::os::fd::AsRawFd::as_raw_fd(cat.stdout.as_ref().unwrap());
            let piped = asked(PathBuf::from(format!("/proc/self/fd/{pipe}")));
            drop(cat.stdout.take());
            cat.wait().unwrap();
            assert_eq!(piped, expected);
        }
    }
}
