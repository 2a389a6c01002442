//! The whole picture: its title, a panel for each figure, marks as lines through all of them, and below what they are.

use super::markup::{Markup, joined};
use super::panel::{Panel, Place};
use super::scale::Along;
use super::text::{APART, CHARACTER, LINE, columns, width};
use crate::render::labels::Labels;
use crate::render::page::escaped;
use crate::render::timeline::Timeline;
use crate::render::units;
use std::fmt::Write as _;

/// Units around the picture.
const AROUND: f64 = 12.0;
/// Units that bars are high, on a wide picture and on a narrow one.
const HIGH: f64 = 220.0;
const HIGH_NARROW: f64 = 170.0;
/// Below so many units a picture is narrow.
const NARROW: f64 = 600.0;

/// A picture of so many units across.
#[derive(Debug)]
pub(super) struct Picture<'t> {
    timeline: &'t Timeline,
    starts: Vec<i64>,
    wide: f64,
}

impl<'t> Picture<'t> {
    pub(super) fn new(timeline: &'t Timeline, wide: f64) -> Self {
        Self { timeline, starts: timeline.starts(), wide }
    }

    /// As a file of its own, with its style.
    pub(super) fn file(&self, style: &str) -> String {
        let mut top = AROUND;
        let mut out = Markup::default();
        for line in units::wrapped(&self.timeline.shape.title, columns(self.wide - 2.0 * AROUND)) {
            top += LINE;
            out.text((AROUND, top), "title", &line);
        }
        let high = self.draw(&mut out, top);
        let wide = self.wide;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" xml:space=\"preserve\" class=\"graph\" viewBox=\"0 0 {wide} {high:.0}\" \
             width=\"{wide}\" height=\"{high:.0}\" role=\"img\" aria-labelledby=\"title description\">\n{}\
             <style>{style}</style>\n<rect class=\"back\" width=\"100%\" height=\"100%\"/>\n{}</svg>\n",
            self.described(""),
            out.0
        )
    }

    /// As part of a page that has the style and the title; the class tells it from others there.
    pub(super) fn inline(&self, class: &str) -> String {
        let mut out = Markup::default();
        let high = self.draw(&mut out, 0.0);
        format!(
            "<svg class=\"graph {class}\" viewBox=\"0 0 {} {high:.0}\" role=\"img\" \
             aria-labelledby=\"title-{class} description-{class}\">\n{}{}</svg>\n",
            self.wide,
            self.described(&format!("-{class}")),
            out.0
        )
    }

    /// What a reader who sees no picture is told.
    fn described(&self, id: &str) -> String {
        let labels = self.timeline.labels(&self.starts);
        let panels = joined(self.panels().iter().map(Panel::described));
        let marks = match self.timeline.letters(&self.starts).placed.len() {
            0 => String::new(),
            1 => "; 1 mark".to_owned(),
            marks => format!("; {marks} marks"),
        };
        format!(
            "<title id=\"title{id}\">{}</title>\n<desc id=\"description{id}\">{}; {panels}{marks}</desc>\n",
            escaped(&self.timeline.shape.title),
            labels.heading(),
            panels = escaped(&panels)
        )
    }

    fn panels(&self) -> Vec<Panel<'_>> {
        let figures = self.timeline.shape.keys + 1..self.timeline.columns.len();
        let groups = Panel::groups(self.timeline);
        figures.map(|figure| Panel::new(self.timeline, figure, &self.starts, &groups)).collect()
    }

    /// Draws all but the title from this height on; says where it ends.
    fn draw(&self, out: &mut Markup, top: f64) -> f64 {
        let labels = self.timeline.labels(&self.starts);
        let letters = self.timeline.letters(&self.starts);
        let panels = self.panels();
        let margin = panels.iter().map(Panel::margin).max().unwrap_or(0);
        let left = AROUND + width(&"0".repeat(margin)) + 6.0;
        // The last letter stands behind the line that it is of.
        let right = self.wide - AROUND - if letters.placed.is_empty() { 0.0 } else { 5.0 * CHARACTER };
        let along = Along::new(&self.starts, self.timeline.shape.width_us, left, right - left);
        let high = if self.wide < NARROW { HIGH_NARROW } else { HIGH };
        let mut top = top + LINE;
        out.text((AROUND, top), "dim", &labels.heading());
        for panel in &panels {
            top += LINE + 6.0;
            out.text((AROUND, top), "name", &units::cut(&panel.title(), columns(self.wide - 2.0 * AROUND)));
            top += if letters.placed.is_empty() { 8.0 } else { LINE + 8.0 };
            let place = Place { left, top, high, right, labels: &labels, letters: &letters };
            panel.draw(out, place, &along);
            Self::marks(out, place, &along);
            top += high;
            self.times(out, top, &labels, &along);
            top += LINE;
            top += panel.legend(out, (left, top), self.wide - AROUND - left);
        }
        let legend = letters.legend(&labels, columns(self.wide - 2.0 * AROUND));
        top += if legend.is_empty() { 0.0 } else { 10.0 };
        for line in legend {
            top += LINE;
            out.text((AROUND, top), "text", &line);
        }
        top + AROUND
    }

    /// The times below a panel.
    fn times(&self, out: &mut Markup, y: f64, labels: &Labels, along: &Along<'_>) {
        let room = width(&"0".repeat(labels.width())) + APART;
        for span in along.labelled(room, &self.timeline.zone) {
            let (x, _) = along.span(span);
            out.path("axis", &format!("M{x:.1} {y:.1}v4"));
            out.text((x, y + 15.0), "dim", labels.label(self.starts[span]).trim_end());
        }
    }

    /// A line for each mark, and its letter above; letters that would overlap are one range.
    fn marks(out: &mut Markup, place: Place<'_>, along: &Along<'_>) {
        let letters = place.letters;
        let mut groups: Vec<(usize, usize, f64)> = Vec::new();
        for (at, placed) in letters.placed.iter().enumerate() {
            let x = along.at(placed.mark.time_us);
            let says = format!("{} {} {}", placed.letters, placed.mark.who, placed.mark.what);
            let _infallible = writeln!(
                out.0,
                r#"<path class="mark" d="M{x:.1} {:.1}V{:.1}"><title>{}</title></path>"#,
                place.top - 4.0,
                place.top + place.high,
                escaped(&says)
            );
            match groups.last_mut() {
                Some((from, to, left)) if *left + width(&letters.range(*from, *to)) + APART > x => {
                    *to = at + 1;
                }
                _ => groups.push((at, at + 1, x)),
            }
        }
        for (from, to, x) in groups {
            out.text((x - 3.0, place.top - 8.0), "letter", &letters.range(from, to));
        }
    }
}
