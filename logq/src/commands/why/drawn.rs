//! How a request of each finding is seen: the query with a condition more draws it, if one record has both, as a second look at
//! the logs tells; else the id of a request of which it is known. Records without ids cannot be drawn, but printed.

use super::{Again, Options, plan};
use crate::commands::every::{self, Worker};
use crate::commands::shell;
use crate::engine;
use crate::facts::Facts;
use crate::field::{Name, Ty};
use crate::input;
use crate::query::{self, Filter};
use crate::row::Row;
use crate::settings::Settings;
use crate::why::{self, Answer, Condition, Finding};
use access_record::Timestamp;
use access_record::field::Type;
use jiff::tz::TimeZone;
use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::io;

/// The command for each finding that is shown. There are none for what came through a pipe: traces are of files.
pub(super) fn commands(options: &Options, again: &Again, answer: &Answer) -> Vec<Option<String>> {
    let shown = answer.findings.iter().take(options.findings_max);
    let are_files = input::expand(&options.paths).flatten().all(|source| source.is_repeatable());
    if !are_files {
        return shown.map(|_| None).collect();
    }
    let sought: Vec<Sought> = shown.map(|finding| Sought::new(finding, options)).collect();
    if sought.is_empty() {
        return Vec::new();
    }
    let seeker = |_| Seeker { options, facts: Facts::new(), sought: sought.clone() };
    let mut seekers: Vec<Seeker<'_>> = (0..engine::threads()).map(seeker).collect();
    // What cannot be read was told at the first look.
    every::row(&plan(options), &mut seekers, &mut io::sink());
    let found = seekers.into_iter().map(|seeker| seeker.sought);
    let found =
        found.reduce(|all, more| all.into_iter().zip(more).map(|(one, other)| one.or(other)).collect());
    found.unwrap_or_default().iter().map(|sought| sought.command(options, again)).collect()
}

/// A finding of which a request is looked for.
#[derive(Clone)]
struct Sought {
    /// A condition of it that a query can ask for, beside the query that there is.
    condition: Option<(String, Filter)>,
    /// A request inside that meets it.
    example: u64,
    /// Whether a record of a request with an id meets the condition, and the query takes it.
    is_met: bool,
    /// The same of a record without an id.
    is_met_without_id: bool,
    /// The id of the example, once it was met.
    id: Option<String>,
}

impl Sought {
    fn new(finding: &Finding, options: &Options) -> Self {
        let settings = Settings { zone: TimeZone::UTC, now_us: 0, ignore_case: false };
        // Some fields take no such value, or need a unit that nobody knows.
        let asked = |condition: &Condition| {
            let text = condition.query()?;
            let filter = query::parse(&text, &settings).ok()?.filter;
            Some((text, filter))
        };
        // Which time a query means hangs on who types it, and when.
        let is_lasting = options.filter.fields().iter().all(|name| name.ty() != Ty::Contract(Type::Time));
        let condition = finding.conditions.iter().filter(|_| is_lasting).find_map(asked);
        Self { condition, example: finding.example, is_met: false, is_met_without_id: false, id: None }
    }

    fn or(self, other: Self) -> Self {
        Self {
            is_met: self.is_met || other.is_met,
            is_met_without_id: self.is_met_without_id || other.is_met_without_id,
            id: self.id.or(other.id),
            ..self
        }
    }

    fn command(&self, options: &Options, again: &Again) -> Option<String> {
        // What has other characters may be taken for a query.
        let is_word = |c: char| c.is_ascii_alphanumeric() || "-_.:/+@".contains(c);
        let id = self.id.as_ref().filter(|id| id.chars().all(is_word));
        let (first, last, which): (&[&str], &[&str], _) = match (&self.condition, id) {
            (Some((condition, _)), _) if self.is_met => {
                (&["trace"], &["--last", "1"], asked(options, condition))
            }
            (_, Some(id)) => (&["trace"], &[], id.clone()),
            (Some((condition, _)), _) if self.is_met_without_id => (&[], &[], asked(options, condition)),
            _ => return None,
        };
        let mut words: Vec<OsString> = ["logq"].iter().chain(first).map(OsString::from).collect();
        words.extend(again.lines.iter().cloned());
        words.extend(last.iter().map(OsString::from));
        let paths = options.paths.iter().map(|path| path.as_os_str());
        shell::push_words(&mut words, std::iter::once(OsStr::new(&which)).chain(paths));
        Some(shell::line(&words))
    }
}

/// What finds the records that the query takes and that meet a condition, in the window.
fn asked(options: &Options, condition: &str) -> String {
    let query = options.query.trim();
    // `or` binds less than what is added.
    let query = if query.contains(char::is_whitespace) { format!("({query})") } else { query.to_owned() };
    let time = |us: Option<i64>, op: &str| us.map(|us| format!(" ts{op}{}", Timestamp::from_micros(us)));
    let since = time(options.window.since_us, ">=").unwrap_or_default();
    let until = time(options.window.until_us, "<").unwrap_or_default();
    format!("{query} {condition}{since}{until}")
}

/// Looks for requests on one thread.
struct Seeker<'o> {
    options: &'o Options,
    facts: Facts,
    sought: Vec<Sought>,
}

impl Worker for Seeker<'_> {
    fn refuses(&mut self, _line: &[u8]) -> bool {
        self.sought.iter().all(|sought| sought.is_met)
    }

    fn fields(&self) -> Option<Vec<Name>> {
        if self.options.filter.asks_for_text() {
            return None;
        }
        let Facts { ts, request_id, trace_id, .. } = &self.facts;
        let conditions = self.sought.iter().filter_map(|sought| sought.condition.as_ref());
        let asked = conditions.flat_map(|(_, filter)| filter.fields());
        Some(
            [ts, request_id, trace_id]
                .into_iter()
                .chain(self.options.filter.fields())
                .chain(asked)
                .cloned()
                .collect(),
        )
    }

    fn row(&mut self, row: &Row<'_>) {
        let id = why::id(&self.facts, row);
        let key = id.as_deref().map(why::key);
        let is_inside =
            self.options.window.holds(|| self.facts.time_us(row)) && self.options.filter.matches(row);
        for sought in self.sought.iter_mut().filter(|sought| !sought.is_met) {
            if key == Some(sought.example) && sought.id.is_none() {
                sought.id = id.clone().map(Cow::into_owned);
            }
            let meets = |(_, filter): &(String, Filter)| filter.matches(row);
            if is_inside && sought.condition.as_ref().is_some_and(meets) {
                *if id.is_some() { &mut sought.is_met } else { &mut sought.is_met_without_id } = true;
            }
        }
    }

    fn bad(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::why::{Form, REQUESTS_MAX};
    use crate::engine::Window;
    use crate::format::Formats;
    use crate::why::Is;

    /// What is asked for with the first condition of a finding that has words.
    fn asked_for(query: &str, window: Window, conditions: &[(&str, Is)]) -> Option<String> {
        let settings = Settings { zone: TimeZone::UTC, now_us: 0, ignore_case: false };
        let options = Options {
            paths: Vec::new(),
            formats: Formats::looking(),
            window,
            slack_us: None,
            filter: query::parse(query, &settings).unwrap().filter,
            query: query.to_owned(),
            without: Vec::new(),
            requests_max: REQUESTS_MAX,
            findings_max: 10,
            form: Form::Table,
            to: None,
        };
        let condition = |(field, is): &(&str, Is)| Condition { field: (*field).to_owned(), is: is.clone() };
        let finding = Finding {
            conditions: conditions.iter().map(condition).collect(),
            inside: 1,
            outside: 0,
            inside_share: 1.0,
            outside_share: 0.0,
            difference_min: 0.5,
            by_chance: 0.0,
            example: 1,
        };
        let asked =
            Sought::new(&finding, &options).condition.map(|(condition, _)| asked(&options, &condition))?;
        assert!(query::parse(&asked, &settings).is_ok(), "{asked}");
        Some(asked)
    }

    /// A query and its window, what was found, and what is asked for.
    type Row<'r> = (&'r str, Window, &'r [(&'r str, Is)], Option<&'r str>);

    #[test]
    fn a_request_of_a_reason_is_asked_for() {
        let text = || Is::Text("on".to_owned());
        let above = || Is::Between { from: Some(5.0), below: None };
        let all = Window::default();
        let rows: [Row<'_>; 7] = [
            ("level=error", all, &[("flags.x", text())], Some("level=error flags.x=on")),
            ("a=1 or b=2", all, &[("x", text())], Some("(a=1 or b=2) x=on")),
            (" a=1 ", all, &[("n", above())], Some("a=1 n>=5")),
            (
                "a=1",
                Window { since_us: Some(0), until_us: Some(1), overlaps: false },
                &[("x", text())],
                Some("a=1 x=on ts>=1970-01-01T00:00:00.000000Z ts<1970-01-01T00:00:00.000001Z"),
            ),
            // A name that no query has, and an address that has no order: the next one.
            ("a=1", all, &[("`", text()), ("client_ip", above()), ("x", text())], Some("a=1 x=on")),
            ("a=1", all, &[("`", text())], None),
            // Tomorrow it would be about another day.
            ("ts>15m a=1", all, &[("x", text())], None),
        ];
        for (query, window, conditions, expected) in rows {
            let asked = asked_for(query, window, conditions);
            assert_eq!(asked.as_deref(), expected, "{query}");
        }
    }
}
