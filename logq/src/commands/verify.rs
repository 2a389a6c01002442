//! `logq verify PATH…`: says of every instance whether its records are all here, by their numbers; also of files
//! that were delivered elsewhere, in any order, and more than once.

use crate::engine::{self, Draw, Plan, Report, Sink};
use crate::field::Name;
use crate::format::Formats;
use crate::render::units;
use crate::row::Row;
use crate::verify::{Account, Allowed, Entries, Head, INSTANCES_MAX, Ledger, Tail};
use crate::{Status, complaint, escape};
use access_record::json::push_text;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::PathBuf;

/// What is asked, and of what.
#[derive(Debug)]
pub struct Options {
    /// Files, directories, and `-` for standard input.
    pub paths: Vec<PathBuf>,
    /// How lines are read.
    pub formats: Formats,
    /// What does not count as incomplete.
    pub allowed: Allowed,
    /// Whether one JSON object for each instance is printed, not a table.
    pub json: bool,
}

/// Columns of a service or file that are shown.
const NAME_COLUMNS: usize = 32;

/// Prints the accounts to `stdout`, and to `stderr` what has none. Found is: every instance is complete; nothing is:
/// something is missing, or unknown. An error is one of writing to `stdout`.
pub fn run(options: &Options, stdout: &mut dyn Write, stderr: &mut dyn Write) -> io::Result<Status> {
    let (ledger, report) = read(&Plan::new(&options.paths, &options.formats), stderr)?;
    report.tell(stderr);
    let accounts: Vec<Account> = ledger.accounts().collect();
    if options.json {
        for account in &accounts {
            writeln!(stdout, "{}", object(account, options.allowed))?;
        }
    } else if !accounts.is_empty() {
        table(&accounts, options.allowed, stdout)?;
    }
    tell(&ledger, accounts.is_empty(), stderr);
    let torn = ledger.beside.torn > 0 && !options.allowed.torn;
    let complete = |account: &Account| account.is_complete(options.allowed);
    let all = !accounts.is_empty() && !torn && accounts.iter().all(complete);
    Ok(Status::of(all, report.unreadable || ledger.beside.left_out > 0))
}

fn read(plan: &Plan<'_>, stderr: &mut dyn Write) -> io::Result<(Ledger, Report)> {
    let entries = Entries::new();
    let mut reader = Reader { ledger: Ledger::new(), entries: &entries };
    // What is torn must be seen to be so.
    let plan = Plan { draw: Some(&entries), whole_lines: true, ..*plan };
    let report = engine::run(&plan, &mut reader, stderr)?;
    Ok((reader.ledger, report))
}

struct Reader<'e> {
    ledger: Ledger,
    entries: &'e Entries,
}

impl Sink for Reader<'_> {
    fn fields(&self) -> Option<Vec<Name>> {
        Some(self.entries.fields())
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        self.ledger.push(row.origin.file, row, self.entries);
        Ok(())
    }

    fn drawn(&mut self, file: &str, entries: &[u8]) -> io::Result<()> {
        self.ledger.push_all(file, entries);
        Ok(())
    }
}

/// The ledger takes lines one after the other, whoever reads them: nothing in it needs to be merged.
impl Draw for Entries {
    fn draw(&self, row: &Row<'_>, text: &mut Vec<u8>) {
        self.put(row, text);
    }
}

fn tell(ledger: &Ledger, is_empty: bool, stderr: &mut dyn Write) {
    let beside = ledger.beside;
    if beside.torn > 0 {
        complaint!(stderr, "torn lines that name no instance: {}", beside.torn);
    }
    if beside.unnumbered > 0 {
        let count = beside.unnumbered;
        complaint!(stderr, "records without `instance` and `seq`, of which nothing can be said: {count}");
    }
    if beside.left_out > 0 {
        let count = beside.left_out;
        complaint!(
            stderr,
            "more than {INSTANCES_MAX} instances: {count} records of further ones are left out"
        );
    }
    if is_empty && beside.unnumbered == 0 {
        complaint!(stderr, "no record has `instance` and `seq`: there is nothing to verify");
    }
}

fn table(accounts: &[Account], allowed: Allowed, stdout: &mut dyn Write) -> io::Result<()> {
    let head = ["instance", "service", "file", "given", "missing", "lost", "twice", "torn", "verdict"];
    let mut lines = vec![head.map(str::to_owned)];
    lines.extend(accounts.iter().map(|account| {
        [
            units::cut(&escape::text(&account.instance), NAME_COLUMNS),
            units::cut(&escape::text(account.service.as_deref().unwrap_or("-")), NAME_COLUMNS),
            units::cut(&escape::text(&account.file), NAME_COLUMNS),
            account.given.to_string(),
            account.missing.to_string(),
            account.lost.to_string(),
            account.repeated.to_string(),
            account.torn.to_string(),
            verdict(account, allowed),
        ]
    }));
    let widest: Vec<usize> = (0..head.len())
        .map(|at| lines.iter().map(|line| units::width(&line[at])).max().unwrap_or(0))
        .collect();
    for line in &lines {
        let mut text = String::new();
        for (at, cell) in line.iter().enumerate() {
            if (3..8).contains(&at) {
                let _infallible = write!(text, "{cell:>width$}  ", width = widest[at]);
            } else {
                text.push_str(&units::fit(cell, widest[at]));
                text.push_str("  ");
            }
        }
        writeln!(stdout, "{}", text.trim_end())?;
    }
    Ok(())
}

/// What is to be said, the worst first.
fn verdict(account: &Account, allowed: Allowed) -> String {
    let mut said = Vec::new();
    if account.missing > 0 {
        said.push(format!("missing {}", gaps(account)));
    }
    if account.untracked > 0 {
        said.push(format!("{} records too scattered to follow", account.untracked));
    }
    if let Tail::Beyond(count) = account.tail {
        said.push(format!("{count} numbers behind the closing record"));
    }
    if account.contradicted
        && let Some([_, Some(written), _]) = account.totals
    {
        said.push(format!("the closing record counts {written} written"));
    }
    if account.lost > 0 {
        said.push(format!("{} lost, as it says itself", account.lost));
    }
    if let Head::NotGiven(count) = account.head
        && account.range.is_some()
    {
        said.push(format!("head not given: {count} before the first"));
    }
    if account.tail == Tail::Unknown {
        said.push("no closing record: tail unknown".to_owned());
    }
    if account.torn > 0 {
        said.push(format!("{} torn", account.torn));
    }
    match (said.is_empty(), account.is_complete(allowed)) {
        (true, _) => "complete".to_owned(),
        (false, true) => format!("complete but for: {}", said.join("; ")),
        (false, false) => said.join("; "),
    }
}

fn gaps(account: &Account) -> String {
    let range = |(first, last): &(u64, u64)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    };
    let named: Vec<String> = account.gaps.iter().map(range).collect();
    let more = account.gaps_count - account.gaps.len() as u64;
    let named = named.join(", ");
    if more > 0 { format!("{named} and {more} more gaps") } else { named }
}

fn object(account: &Account, allowed: Allowed) -> String {
    let mut out = Vec::new();
    let mut key = |name: &str, value: &dyn Fn(&mut Vec<u8>)| {
        out.push(if out.is_empty() { b'{' } else { b',' });
        push_text(&mut out, name);
        out.push(b':');
        value(&mut out);
    };
    let text = |text: &str| {
        let text = text.to_owned();
        move |out: &mut Vec<u8>| push_text(out, &text)
    };
    let raw = |raw: String| move |out: &mut Vec<u8>| out.extend_from_slice(raw.as_bytes());
    key("instance", &text(&account.instance));
    if let Some(service) = &account.service {
        key("service", &text(service));
    }
    key("file", &text(&account.file));
    if let Some((first, last)) = account.range {
        key("seq_first", &raw(first.to_string()));
        key("seq_last", &raw(last.to_string()));
    }
    key("given", &raw(account.given.to_string()));
    key("missing", &raw(account.missing.to_string()));
    key("gaps", &raw(list(account.gaps.iter().map(|(first, last)| format!("[{first},{last}]")))));
    key("gaps_count", &raw(account.gaps_count.to_string()));
    key("lost", &raw(account.lost.to_string()));
    let lost_by = account.lost_by.iter().map(|(reason, lost)| format!("\"{reason}\":{lost}"));
    key("lost_by", &raw(format!("{{{}}}", lost_by.collect::<Vec<_>>().join(","))));
    key("twice", &raw(account.repeated.to_string()));
    key("torn", &raw(account.torn.to_string()));
    let before = if let Head::NotGiven(count) = account.head { count } else { 0 };
    key("missing_before", &raw(before.to_string()));
    let (tail, beyond) = match account.tail {
        Tail::Stopped => ("stopped", 0),
        Tail::Unknown => ("unknown", 0),
        Tail::Beyond(count) => ("stopped", count),
    };
    key("tail", &text(tail));
    key("behind_stop", &raw(beyond.to_string()));
    for (name, total) in ["made", "written", "dropped"].iter().zip(account.totals.unwrap_or_default()) {
        if let Some(total) = total {
            key(name, &raw(total.to_string()));
        }
    }
    key("untracked", &raw(account.untracked.to_string()));
    key("contradicted", &raw(account.contradicted.to_string()));
    key("complete", &raw(account.is_complete(allowed).to_string()));
    out.push(b'}');
    String::from_utf8_lossy(&out).into_owned()
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests;
