//! What sets requests apart as one HTML page that needs nothing else. All of it is markup already, readable without its
//! script, which copies commands and finds reasons; what records say stands in it as text, every character that could begin markup
//! escaped, and the page's policy lets nothing else run and nothing be loaded.

use super::page::{escaped, filled};
use super::units;
use crate::why::{Answer, Finding};
use std::fmt::Write as _;
use std::io::{self, Write};

const PAGE: &str = include_str!("why/page.html");
const STYLE: &str = concat!(include_str!("page/base.css"), include_str!("why/page.css"));
const SCRIPT: &str = concat!(include_str!("page/base.js"), include_str!("why/page.js"));

/// The SHA-256 of the style and the script, in base64, as the policy names them.
const STYLE_HASH: &str = "9wLaco48C9rWT2pxWH/g7RRUyVlmFykXG+zgF5jX1DA=";
const SCRIPT_HASH: &str = "NvipYEGVs+HwXr7Zf6KSSbOaT7pVy2N30d7lfVkFeCY=";

/// Finds reasons by their names.
const SEARCH: &str = "<div id=\"tools\" role=\"search\" hidden><input id=\"search\" type=\"search\" placeholder=\"Search (/)\" \
    aria-label=\"Search the reasons\" aria-describedby=\"found\"><span id=\"found\" role=\"status\"></span></div>\n";

/// Further names for the same requests that are unfolded from the start, and that are in the page at all.
const OPEN_MAX: usize = 4;
const NAMES_MAX: usize = 1000;
/// Units of a bar across.
const BAR: f64 = 1000.0;

/// An answer, and what is said beside it.
#[derive(Debug)]
pub struct WhyPage<'a> {
    /// The query as it was typed.
    pub query: &'a str,
    /// What is shown.
    pub answer: &'a Answer,
    /// Of each finding that is shown the command that shows a request of it, if there is one.
    pub commands: &'a [Option<String>],
    /// What else was asked, as names and values.
    pub facts: &'a [(&'static str, String)],
    /// Fields that are no reasons, beside those that tell how a request ended.
    pub left_out: &'a [String],
    /// What is missing, or was not looked at.
    pub notes: &'a [String],
    /// What a reader may type to get the page again.
    pub command: &'a str,
}

/// Writes the page.
pub fn why_html(page: &WhyPage<'_>, out: &mut dyn Write) -> io::Result<()> {
    let query = escaped(page.query);
    let title = format!("why {}", escaped(&units::cut(page.query, 80)));
    let notes = each("<li>", page.notes, "</li>");
    let whole = filled(
        PAGE,
        &[
            ("{{style_hash}}", STYLE_HASH),
            ("{{script_hash}}", SCRIPT_HASH),
            ("{{title}}", &title),
            ("{{style}}", STYLE),
            ("{{heading}}", &format!("Why <code>{query}</code>?")),
            ("{{facts}}", &facts(page)),
            ("{{command}}", &command(page.command, "The command that makes this page")),
            ("{{notes}}", &notes),
            ("{{reasons}}", &reasons(page)),
            ("{{reading}}", &reading(page)),
            ("{{script}}", SCRIPT),
        ],
    );
    out.write_all(whole.as_bytes())
}

/// All of these texts, each between the same markup.
fn each(before: &str, texts: &[String], behind: &str) -> String {
    texts.iter().flat_map(|text| [before.to_owned(), escaped(text), behind.to_owned()]).collect()
}

fn facts(page: &WhyPage<'_>) -> String {
    let Answer { inside, outside, tried, .. } = page.answer;
    let counted = [
        ("requests", format!("{inside} of {} match", inside + outside)),
        ("values tried", tried.to_string()),
    ];
    let mut facts = String::new();
    for (name, value) in counted.iter().chain(page.facts) {
        let _infallible = writeln!(facts, "<div><dt>{name}</dt><dd>{}</dd></div>", escaped(value));
    }
    facts
}

/// A command, and the button that copies it. Without a script nobody sees the button.
fn command(line: &str, says: &str) -> String {
    format!(
        "<div class=\"again\"><code class=\"command\" tabindex=\"0\" aria-label=\"{says}\">{}</code>\
         <button class=\"copy\" type=\"button\" aria-live=\"polite\" title=\"Copy the command\" hidden>Copy</button></div>\n",
        escaped(line)
    )
}

fn reasons(page: &WhyPage<'_>) -> String {
    if page.commands.is_empty() {
        return String::new();
    }
    let mut list = format!("{SEARCH}<ol id=\"reasons\">\n");
    for (finding, shows) in page.answer.findings.iter().zip(page.commands) {
        list.push_str(&reason(finding, page.answer, shows.as_deref()));
    }
    list + "</ol>\n"
}

/// A finding: its first name and how much it says, both shares, its other names, and how to see a request of it.
fn reason(finding: &Finding, answer: &Answer, shows: Option<&str>) -> String {
    let [first, others @ ..] = &finding.conditions[..] else {
        return String::new();
    };
    let mut row = format!(
        "<li class=\"row\"><div class=\"name\"><h2>{}</h2><span class=\"least\">at least <b>+{}</b></span></div>\n<table class=\"shares\">\n",
        escaped(&first.shown()),
        units::percent(finding.difference_min)
    );
    for (side, share, count, of) in [
        ("inside", finding.inside_share, finding.inside, answer.inside),
        ("outside", finding.outside_share, finding.outside, answer.outside),
    ] {
        let wide = share * BAR;
        let _infallible = writeln!(
            row,
            "<tr class=\"{side}\"><th scope=\"row\">{side}</th><td class=\"drawn\"><svg class=\"bar\" viewBox=\"0 0 {BAR} 1\" \
             preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect width=\"{wide:.1}\" height=\"1\"/></svg></td>\
             <td>{}</td><td>{count} of {of}</td></tr>",
            units::percent(share)
        );
    }
    row.push_str("</table>\n");
    row.push_str(&names(others));
    if let Some(shows) = shows {
        row.push_str(&command(shows, "The command that shows such a request"));
    }
    row + "</li>\n"
}

/// The other conditions that the very same requests meet.
fn names(others: &[crate::why::Condition]) -> String {
    if others.is_empty() {
        return String::new();
    }
    let (open, count) = (if others.len() <= OPEN_MAX { " open" } else { "" }, others.len());
    let names = if count == 1 { "name" } else { "names" };
    let mut fold = format!(
        "<details{open}><summary>{count} more {names} for the same requests</summary><ul class=\"names\">\n"
    );
    for other in others.iter().take(NAMES_MAX) {
        let _infallible = writeln!(fold, "<li>{}</li>", escaped(&other.shown()));
    }
    fold.push_str("</ul>");
    if count > NAMES_MAX {
        let _infallible = write!(fold, "<p>and {} more, which -o json has</p>", count - NAMES_MAX);
    }
    fold + "</details>\n"
}

/// What the words and figures mean, and what no reason was looked for in.
fn reading(page: &WhyPage<'_>) -> String {
    let mut says = String::new();
    if !page.commands.is_empty() {
        says.push_str(
            "<p>Inside are the requests that match, outside all others. A line is something that more of those inside have: \
             a value, or a range of numbers. The largest difference stands first, by what it is at least: the lower 99 % bound, \
             corrected for all values that were tried. Shares count sampled requests as many times as they stand for, counts do \
             not. What goes with a request need not be its cause.</p>\n",
        );
    }
    if page.commands.iter().any(Option::is_some) {
        says.push_str(
            "<p>The command below a line draws one of the requests inside that have it: the newest of which one record both matches \
             and has it, if there are such. Where records have no ids it prints all that match and have it.</p>\n",
        );
    }
    let left_out = each("<code>", page.left_out, "</code>, ");
    let _infallible = writeln!(
        says,
        "<p>Left out are {left_out}times and ids, and what tells again how a request ended: status, outcome, level, error, message, \
         durations and bytes sent.</p>"
    );
    says
}

#[cfg(test)]
mod tests;
