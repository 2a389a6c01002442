//! What `why` says: the findings as a table or as JSON, and what there is to say beside them.

use super::Options;
use crate::escape;
use crate::render::units;
use crate::why::{Answer, Condition, Finding, Is};
use access_record::json::push_text;
use std::io::{self, Write};

/// Columns of a value.
const VALUE_COLUMNS: usize = 60;
/// Further names for the same requests that are shown.
const NAMES_MAX: usize = 4;

/// What the findings are of, and why there are none; each a sentence that is safe to show.
pub(super) fn notes(options: &Options, answer: &Answer) -> Vec<String> {
    let query = escape::text(&options.query);
    let (inside, all) = (answer.inside, answer.inside + answer.outside);
    let mut notes = Vec::new();
    if answer.one_in > 1 {
        notes.push(format!("so many requests that one in {} was looked at, chosen by its id", answer.one_in));
    }
    if inside == 0 {
        notes.push(format!("none of {all} requests matches `{query}`"));
    } else if answer.outside == 0 {
        notes.push(format!("all of {all} requests match `{query}`: there is no rest to compare with"));
    } else if answer.findings.is_empty() {
        notes.push(format!(
            "nothing sets the {inside} of {all} requests that match apart from the rest beyond chance ({} values tried){}",
            answer.tried,
            if answer.is_too_few { ": with so few requests nothing could" } else { "" }
        ));
    } else if answer.findings.len() > options.findings_max && options.form != super::Form::Json {
        let more = answer.findings.len() - options.findings_max;
        notes.push(format!("{more} smaller differences are not shown; --limit shows more"));
    }
    notes
}

/// One line for each finding, and some below for its further names.
pub(super) fn table(options: &Options, answer: &Answer, out: &mut dyn Write) -> io::Result<()> {
    if answer.findings.is_empty() {
        return Ok(());
    }
    let (inside, all) = (answer.inside, answer.inside + answer.outside);
    let (query, tried) = (escape::text(&options.query), answer.tried);
    writeln!(
        out,
        "{inside} of {all} requests match {query}; of {tried} values tried, these set them apart:"
    )?;
    writeln!(out, " inside  outside  at least  value")?;
    for finding in answer.findings.iter().take(options.findings_max) {
        let [first, others @ ..] = &finding.conditions[..] else {
            continue;
        };
        writeln!(
            out,
            "{:>7}  {:>7}  {:>8}  {}",
            units::percent(finding.inside_share),
            units::percent(finding.outside_share),
            format!("+{}", units::percent(finding.difference_min)),
            condition(first)
        )?;
        for other in others.iter().take(NAMES_MAX) {
            writeln!(out, "{:28}= {}", "", condition(other))?;
        }
        if others.len() > NAMES_MAX {
            writeln!(out, "{:28}= and {} more of the same requests", "", others.len() - NAMES_MAX)?;
        }
    }
    Ok(())
}

fn condition(condition: &Condition) -> String {
    units::cut(&condition.shown(), VALUE_COLUMNS)
}

/// One object for each finding.
pub(super) fn json(options: &Options, answer: &Answer, out: &mut dyn Write) -> io::Result<()> {
    answer.findings.iter().take(options.findings_max).try_for_each(|finding| object(finding, answer, out))
}

fn object(finding: &Finding, answer: &Answer, to: &mut dyn Write) -> io::Result<()> {
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(b"{\"conditions\":[");
    for (at, condition) in finding.conditions.iter().enumerate() {
        out.extend_from_slice(if at > 0 { b",{\"field\":" } else { b"{\"field\":" });
        push_text(&mut out, &condition.field);
        match &condition.is {
            Is::Text(text) => {
                out.extend_from_slice(b",\"value\":");
                push_text(&mut out, text);
            }
            Is::Between { from, below } => {
                for (name, end) in [("from", from), ("below", below)] {
                    if let Some(end) = end {
                        write!(out, ",\"{name}\":{end}")?;
                    }
                }
            }
        }
        out.push(b'}');
    }
    write!(
        out,
        "],\"inside\":{},\"inside_of\":{},\"inside_share\":{:.6},\"outside\":{},\"outside_of\":{},\"outside_share\":{:.6},\
         \"difference_min\":{:.6},\"by_chance\":{:e},\"tried\":{},\"one_in\":{}}}",
        finding.inside,
        answer.inside,
        finding.inside_share,
        finding.outside,
        answer.outside,
        finding.outside_share,
        finding.difference_min,
        finding.by_chance,
        answer.tried,
        answer.one_in
    )?;
    out.push(b'\n');
    to.write_all(&out)
}
