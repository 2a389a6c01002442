//! The answer as a page, with what is said beside the findings.

use super::{Again, Options, drawn};
use crate::commands::shell;
use crate::render::{WhyPage, why_html};
use crate::why::Answer;
use access_record::Timestamp;
use std::io::{self, Write};

/// Writes the page, with these notes.
pub(super) fn write(
    options: &Options,
    again: &Again,
    answer: &Answer,
    notes: &[String],
    out: &mut dyn Write,
) -> io::Result<()> {
    // In no zone but that of records, whatever zone and whatever now the window was typed for.
    let ends = [("from", options.window.since_us), ("to", options.window.until_us)];
    let facts =
        ends.into_iter().filter_map(|(name, us)| Some((name, Timestamp::from_micros(us?).to_string())));
    let left_out = options.filter.fields().iter().chain(&options.without).map(|name| name.text().to_owned());
    let page = WhyPage {
        query: &options.query,
        answer,
        commands: &drawn::commands(options, again, answer),
        facts: &facts.collect::<Vec<_>>(),
        left_out: &left_out.collect::<Vec<_>>(),
        notes,
        command: &shell::line(&again.why),
    };
    why_html(&page, out)
}
