//! Charts over time as pictures: one SVG that needs nothing else, or a page that shows it at two widths and has the
//! figures as a table. No script. What records say stands in both as text only: every character that could begin markup
//! is escaped, nothing of it gets into a style or an address, and the page's policy lets nothing be loaded or run.

mod markup;
mod panel;
mod picture;
mod scale;
mod text;

use super::page::{escaped, filled};
use super::timeline::{Series, Timeline};
use picture::Picture;
use std::fmt::Write as _;

const PAGE: &str = include_str!("graph/page.html");
const STYLE: &str = concat!(include_str!("graph/graph.css"), include_str!("graph/page.css"));
const GRAPH_STYLE: &str = include_str!("graph/graph.css");

/// The SHA-256 of the page's style, in base64, as its policy names it.
const STYLE_HASH: &str = "8Vpyamwj2JstXiXIHaqgtatJH660ICrXkBcEu0LheEI=";

/// Units of a picture across, as a file of its own and on a screen, and on a phone.
const WIDE: f64 = 960.0;
const NARROW: f64 = 420.0;

/// Spans of which the page's table has a row each, series of which it has a column each, and places for figures in all.
const ROWS_MAX: usize = 5000;
const COLUMNS_MAX: usize = 2000;
const CELLS_MAX: usize = 200_000;

/// The picture as a file of its own; nothing of no rows.
pub(super) fn svg(timeline: &Timeline) -> String {
    if timeline.series.is_empty() {
        return String::new();
    }
    Picture::new(timeline, WIDE).file(GRAPH_STYLE)
}

/// The page; nothing of no rows.
pub(super) fn html(timeline: &Timeline) -> String {
    if timeline.series.is_empty() {
        return String::new();
    }
    let title = escaped(&timeline.shape.title);
    let wide = Picture::new(timeline, WIDE).inline("wide");
    let narrow = Picture::new(timeline, NARROW).inline("narrow");
    let table = table(timeline);
    let marks = marks(timeline);
    filled(
        PAGE,
        &[
            ("{{style_hash}}", STYLE_HASH),
            ("{{title}}", &title),
            ("{{style}}", STYLE),
            ("{{title}}", &title),
            ("{{wide}}", &wide),
            ("{{narrow}}", &narrow),
            ("{{marks}}", &marks),
            ("{{table}}", &table),
        ],
    )
}

/// A row for each span, a column for each series.
fn table(timeline: &Timeline) -> String {
    let starts = timeline.starts();
    let labels = timeline.labels(&starts);
    let rows = starts.len().min(ROWS_MAX);
    let columns = COLUMNS_MAX.min(CELLS_MAX / rows.max(1));
    let (groups, groups_left_out) = timeline.largest_groups((columns / timeline.figures()).max(1));
    let of_group = |at: &usize| &timeline.series[at * timeline.figures()..][..timeline.figures()];
    let shown: Vec<&Series> = groups.iter().flat_map(of_group).collect();
    let mut table = String::from("<table><thead><tr><th scope=\"col\">from</th>");
    for series in &shown {
        let _infallible = write!(table, "<th scope=\"col\">{}</th>", escaped(&series.title));
    }
    table.push_str("</tr></thead><tbody>\n");
    for start in starts.iter().take(rows) {
        let _infallible = write!(table, "<tr><th scope=\"row\">{}</th>", labels.label(*start));
        for series in &shown {
            let shown = series.points.get(start).map_or("", |(_, shown)| shown);
            let _infallible = write!(table, "<td>{}</td>", escaped(shown));
        }
        table.push_str("</tr>\n");
    }
    table.push_str("</tbody></table>\n");
    let left_out = [(starts.len() - rows, "further spans"), (groups_left_out, "smaller groups")];
    for (count, what) in left_out.into_iter().filter(|(count, _)| *count > 0) {
        let _infallible =
            writeln!(table, "<p>{count} {what} are not in this table; -o csv has all of them</p>");
    }
    table
}

/// A row for each mark in the picture.
fn marks(timeline: &Timeline) -> String {
    let starts = timeline.starts();
    let labels = timeline.labels(&starts);
    let letters = timeline.letters(&starts);
    if letters.placed.is_empty() {
        return String::new();
    }
    let heads = ["mark", "when", "who", "what"].map(|head| format!("<th scope=\"col\">{head}</th>"));
    let mut table = format!("<table><thead><tr>{}</tr></thead><tbody>\n", heads.concat());
    for placed in &letters.placed {
        let when = labels.moment(placed.mark.time_us);
        let _infallible = writeln!(
            table,
            "<tr><th scope=\"row\">{}</th><td>{when}</td><td>{}</td><td>{}</td></tr>",
            placed.letters,
            escaped(&placed.mark.who),
            escaped(&placed.mark.what)
        );
    }
    table + "</tbody></table>\n"
}

#[cfg(test)]
mod tests;
