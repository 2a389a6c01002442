//! The answer as a page: which commands stand on it, and what is said beside the findings.

use super::{Again, Options};
use crate::commands::shell;
use crate::input;
use crate::query;
use crate::render::{WhyPage, why_html};
use crate::settings::Settings;
use crate::why::{Answer, Condition, Finding};
use access_record::Timestamp;
use jiff::tz::TimeZone;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

/// Writes the page, with these notes.
pub(super) fn write(
    options: &Options,
    again: &Again,
    answer: &Answer,
    notes: &[String],
    out: &mut dyn Write,
) -> io::Result<()> {
    // Who traces reads twice, and a page outlives what came through a pipe.
    let are_files = input::expand(&options.paths).flatten().all(|source| source.is_repeatable());
    let trace = |finding: &Finding| {
        let query = are_files.then(|| asked(options, finding)).flatten()?;
        Some(shell::line(&words(again, &query, &options.paths)))
    };
    let shown = answer.findings.iter().take(options.findings_max);
    let (since, until) = ends(options);
    let facts: Vec<(&str, String)> =
        [("from", since), ("to", until)].into_iter().filter_map(|(name, time)| Some((name, time?))).collect();
    let left_out = options.filter.fields();
    let left_out = left_out.iter().chain(&options.without).map(|name| name.text().to_owned());
    let page = WhyPage {
        query: &options.query,
        answer,
        traces: &shown.map(trace).collect::<Vec<_>>(),
        facts: &facts,
        left_out: &left_out.collect::<Vec<_>>(),
        notes,
        command: &shell::line(&again.why),
    };
    why_html(&page, out)
}

/// When the window begins and ends, whatever zone and whatever now it was typed for.
fn ends(options: &Options) -> (Option<String>, Option<String>) {
    let time = |us: Option<i64>| us.map(|us| Timestamp::from_micros(us).to_string());
    (time(options.window.since_us), time(options.window.until_us))
}

/// What finds records that the query takes and that meet a condition of the finding; `None` if none of its conditions can
/// be asked for.
fn asked(options: &Options, finding: &Finding) -> Option<String> {
    let settings = Settings { zone: TimeZone::UTC, now_us: 0, ignore_case: false };
    // Some fields take no such value, or need a unit that nobody knows.
    let is_taken = |condition: &String| query::parse(condition, &settings).is_ok();
    let condition = finding.conditions.iter().filter_map(Condition::query).find(is_taken)?;
    let asked = options.query.trim();
    // `or` binds less than what is added.
    let asked = if asked.contains(char::is_whitespace) { format!("({asked})") } else { asked.to_owned() };
    let (since, until) = ends(options);
    let since = since.map(|time| format!(" ts>={time}")).unwrap_or_default();
    let until = until.map(|time| format!(" ts<{time}")).unwrap_or_default();
    Some(format!("{asked} {condition}{since}{until}"))
}

/// The words of a trace of the newest request that the query finds.
fn words(again: &Again, query: &str, paths: &[PathBuf]) -> Vec<OsString> {
    let mut words: Vec<OsString> = vec!["logq".into(), "trace".into()];
    words.extend(again.lines.iter().cloned());
    words.extend(["--last".into(), "1".into()]);
    shell::push_words(
        &mut words,
        std::iter::once(query.as_ref()).chain(paths.iter().map(|path| path.as_os_str())),
    );
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::why::{Form, REQUESTS_MAX};
    use crate::engine::Window;
    use crate::format::Formats;
    use crate::query::Query;
    use crate::why::Is;

    fn options(query: &str, window: Window) -> Options {
        Options {
            paths: Vec::new(),
            formats: Formats::looking(),
            window,
            slack_us: None,
            filter: Query::default().filter,
            query: query.to_owned(),
            without: Vec::new(),
            requests_max: REQUESTS_MAX,
            findings_max: 10,
            form: Form::Table,
            to: None,
        }
    }

    fn finding(conditions: &[(&str, Is)]) -> Finding {
        let condition = |(field, is): &(&str, Is)| Condition { field: (*field).to_owned(), is: is.clone() };
        Finding {
            conditions: conditions.iter().map(condition).collect(),
            inside: 1,
            outside: 0,
            inside_share: 1.0,
            outside_share: 0.0,
            difference_min: 0.5,
            by_chance: 0.0,
        }
    }

    #[test]
    fn a_request_of_a_reason_is_asked_for() {
        let text = || Is::Text("on".to_owned());
        let above = || Is::Between { from: Some(5.0), below: None };
        let all = Window::default();
        type Row<'r> = (&'r str, Window, &'r [(&'r str, Is)], Option<&'r str>);
        let rows: [Row<'_>; 6] = [
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
        ];
        for (query, window, conditions, expected) in rows {
            let asked = asked(&options(query, window), &finding(conditions));
            assert_eq!(asked.as_deref(), expected, "{query}");
            let settings = Settings { zone: TimeZone::UTC, now_us: 0, ignore_case: false };
            assert!(asked.is_none_or(|asked| query::parse(&asked, &settings).is_ok()));
        }
    }
}
