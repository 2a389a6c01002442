//! A trace as one HTML page that needs nothing else: no network, no other file. What the records say is data
//! in it, never markup or script: JSON in which `<`, `>` and `&` are escaped, shown as text only; and a
//! Content-Security-Policy lets nothing run but this page's own script, by its hash, and nothing be loaded.

use super::build::Build;
use super::{picture, trace_json};
use crate::trace::{Item, Trace, What};
use std::io::{self, Write};

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = concat!(include_str!("page/base.css"), include_str!("html/page.css"));
const SCRIPT: &str = concat!(include_str!("html/page.js"), include_str!("page/base.js"));

/// The SHA-256 of the style and the script, in base64, as the policy names them.
const STYLE_HASH: &str = "IqeabYjlDO1llJG/5rkOTQ8uUvHGmWU1BQe55QTtpQA=";
const SCRIPT_HASH: &str = "6//MwP1SIZw3RmuQ91pM5LA4j1jPf1dlkITdSSgST9c=";

/// Writes the page of a trace. The command is what a reader may type to get the trace again.
pub fn html(trace: &Trace, id: &str, command: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut rest = PAGE;
    let parts: [(&str, Part); 5] = [
        ("{{style_hash}}", Part::Text(STYLE_HASH)),
        ("{{script_hash}}", Part::Text(SCRIPT_HASH)),
        ("{{style}}", Part::Text(STYLE)),
        ("{{data}}", Part::Data),
        ("{{script}}", Part::Text(SCRIPT)),
    ];
    for (mark, part) in parts {
        // A page without the mark is a mistake that the tests find.
        let Some((before, behind)) = rest.split_once(mark) else { continue };
        out.write_all(before.as_bytes())?;
        match part {
            Part::Text(text) => out.write_all(text.as_bytes())?,
            Part::Data => data(trace, id, command, &mut Inert(out))?,
        }
        rest = behind;
    }
    out.write_all(rest.as_bytes())
}

enum Part {
    Text(&'static str),
    Data,
}

/// The trace's JSON, with the lines of the picture: an item each, `s` with the number of a span or `e` with
/// that of an event, or `f`, a fold with its text; then the depth, and the fold that hides it or -1.
fn data(trace: &Trace, id: &str, command: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut json = Build::new(out);
    json.open('{');
    json.text_of("command", Some(command));
    json.key("rows");
    json.open('[');
    for row in trace.rows() {
        json.open('[');
        match row.what {
            What::Item(Item::Span(span)) => {
                json.text("s");
                json.plain(span);
            }
            What::Item(Item::Event(event)) => {
                json.text("e");
                json.plain(event);
            }
            What::Fold(fold) => {
                json.text("f");
                json.plain(fold.number);
            }
        }
        json.plain(row.depth);
        match row.fold {
            Some(fold) => json.plain(fold),
            None => json.plain(-1),
        }
        if let What::Fold(fold) = row.what {
            json.text(&picture::fold_text(&fold));
        }
        json.close(']')?;
    }
    json.close(']')?;
    trace_json::members(trace, id, &mut json)?;
    json.close('}')?;
    json.end()
}

/// JSON in which no tag, comment or entity can begin. These bytes stand only in texts there, where their
/// escapes mean the same.
struct Inert<'w>(&'w mut dyn Write);

impl Write for Inert<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for piece in bytes.split_inclusive(|byte| matches!(byte, b'<' | b'>' | b'&')) {
            let (plain, escape): (&[u8], &[u8]) = match piece {
                [plain @ .., b'<'] => (plain, b"\\u003c"),
                [plain @ .., b'>'] => (plain, b"\\u003e"),
                [plain @ .., b'&'] => (plain, b"\\u0026"),
                plain => (plain, b""),
            };
            self.0.write_all(plain)?;
            self.0.write_all(escape)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests;
