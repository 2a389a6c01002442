//! Bars over time: a line for each span, a column of bars for each series, as many columns beside each other as fit
//! and the rest below; a letter for each mark, and below what it is. It says everything in characters and figures, so
//! it needs neither colour nor a terminal.

use super::labels::Labels;
use super::letters::Letters;
use super::timeline::{MISSING, Series, Timeline};
use super::units;

/// The least room for bars, beside their figures.
const BAR_MIN: usize = 8;
/// The most, so that a wide screen's bars can still be compared.
const BAR_MAX: usize = 50;
/// Series that are drawn; more are no picture.
const SERIES_MAX: usize = 20;
/// Parts of a character, from one eighth to the whole.
const EIGHTHS: [&str; 8] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];

/// The picture of a timeline.
#[derive(Debug)]
pub(super) struct Chart<'t> {
    timeline: &'t Timeline,
    wide: usize,
}

/// What stands before the bars of each span.
struct Margin<'m> {
    starts: &'m [i64],
    labels: &'m Labels,
    letters: &'m Letters<'m>,
}

impl<'t> Chart<'t> {
    pub(super) fn new(timeline: &'t Timeline, wide: usize) -> Self {
        Self { timeline, wide }
    }

    /// The whole picture.
    pub(super) fn drawn(&self) -> String {
        let starts = self.timeline.starts();
        if starts.is_empty() {
            return String::new();
        }
        let labels = self.timeline.labels(&starts);
        let letters = self.timeline.letters(&starts);
        let margin = Margin { starts: &starts, labels: &labels, letters: &letters };
        let (mut shown, left_out) = Timeline::largest(self.timeline.series.iter(), SERIES_MAX);
        // One figure's series stand together, since their bars have one scale.
        shown.sort_by_key(|series| series.figure);
        let mut panels = Vec::new();
        let mut rest = &shown[..];
        while !rest.is_empty() {
            let (here, below) = rest.split_at(self.fitting(rest, margin.width()));
            panels.push(here);
            rest = below;
        }
        // One length for all, so that bars above and below can be compared too.
        let bars = panels.iter().map(|panel| self.bar_width(panel, margin.width()));
        let bar = bars.min().unwrap_or(BAR_MIN);
        let mut text = labels.heading() + "\n";
        for (at, panel) in panels.iter().enumerate() {
            if at > 0 {
                text.push('\n');
            }
            self.panel(&mut text, panel, bar, &margin);
        }
        let legend = letters.legend(&labels, self.wide);
        if !legend.is_empty() {
            text.push('\n');
            for line in &legend {
                push_line(&mut text, line);
            }
        }
        if left_out > 0 {
            text.extend([format!("{left_out} smaller series are not drawn; -o table has all of them\n")]);
        }
        text
    }

    /// How many of these series have room beside each other.
    fn fitting(&self, series: &[&Series], label: usize) -> usize {
        let fits = |count: &usize| {
            let figures: usize = series[..*count].iter().map(|series| Self::figure_width(series)).sum();
            label + figures + count * (2 + 1 + BAR_MIN) <= self.wide
        };
        (1..=series.len()).take_while(fits).last().unwrap_or(1)
    }

    fn figure_width(series: &Series) -> usize {
        let widths = series.points.values().map(|(_, shown)| units::width(shown));
        widths.max().unwrap_or(0).max(MISSING.len())
    }

    /// The top of the scale of all series of a figure.
    fn scale(&self, figure: usize) -> f64 {
        let series = self.timeline.series.iter().filter(|series| series.figure == figure);
        series.flat_map(|series| series.points.values()).map(|(figure, _)| *figure).fold(0.0, f64::max)
    }

    fn bar_width(&self, series: &[&Series], label: usize) -> usize {
        let figures: usize = series.iter().map(|series| Self::figure_width(series)).sum();
        let used = label + figures + 3 * series.len();
        (self.wide.saturating_sub(used) / series.len()).clamp(BAR_MIN, BAR_MAX)
    }

    fn panel(&self, text: &mut String, series: &[&Series], bar: usize, margin: &Margin<'_>) {
        let figures: Vec<usize> = series.iter().map(|series| Self::figure_width(series)).collect();
        let scales: Vec<f64> = series.iter().map(|series| self.scale(series.figure)).collect();
        let mut line = " ".repeat(margin.width());
        for (series, figure) in series.iter().zip(&figures) {
            line.extend(["  ".to_owned(), units::fit(&series.title, figure + 1 + bar)]);
        }
        push_line(text, &line);
        for (span, start) in margin.starts.iter().enumerate() {
            let mut line = margin.of_span(span);
            for ((series, figure), scale) in series.iter().zip(&figures).zip(&scales) {
                let (value, shown) = match series.points.get(start) {
                    Some((value, shown)) => (*value, shown.as_str()),
                    None => (0.0, MISSING),
                };
                let blanks = " ".repeat(figure - units::width(shown));
                line.extend(["  ", &blanks, shown, " ", &units::fit(&self::bar(value, *scale, bar), bar)]);
            }
            push_line(text, &line);
        }
    }
}

impl Margin<'_> {
    fn width(&self) -> usize {
        let letters = self.letters.width();
        self.labels.width() + if letters > 0 { 1 + letters } else { 0 }
    }

    /// The start of a span and the letters of its marks.
    fn of_span(&self, span: usize) -> String {
        let text = format!("{} {}", self.labels.label(self.starts[span]), self.letters.of_span(span));
        units::fit(text.trim_end(), self.width())
    }
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line.trim_end_matches(' '));
    text.push('\n');
}

/// A bar of at most so many characters, to an eighth of one; what is more than nothing is seen.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "at most 400 eighths"
)]
fn bar(value: f64, scale: f64, columns: usize) -> String {
    if value <= 0.0 || scale <= 0.0 {
        return String::new();
    }
    let eighths = ((value / scale * (columns * 8) as f64).round() as usize).clamp(1, columns * 8);
    let mut bar = EIGHTHS[7].repeat(eighths / 8);
    if let Some(part) = (eighths % 8).checked_sub(1) {
        bar.push_str(EIGHTHS[part]);
    }
    bar
}

#[cfg(test)]
mod tests;
