//! Marks in a picture: each has a letter where it lies, and a line below that says what it is. Many that lie together
//! are one range of letters, so that a picture of any width has room for them.

use super::labels::Labels;
use super::units;
use crate::escape;
use crate::marks::Mark;

/// Marks that a picture has letters for.
const MARKS_MAX: usize = 100;
/// From so many columns on, what stands behind the names of who did something is aligned.
const ALIGNED_FROM: usize = 60;
/// Columns up to which these names are aligned.
const WHO_COLUMNS_MAX: usize = 16;
/// The least room for what a mark says.
const WHAT_COLUMNS_MIN: usize = 12;
/// What clocks may add to a span of a day or more.
const CLOCKS_US: i64 = 2 * 3_600_000_000;
const DAY_US: i64 = 24 * 3_600_000_000;

/// The marks of a picture.
#[derive(Debug)]
pub(super) struct Letters<'m> {
    pub(super) placed: Vec<Placed<'m>>,
    /// Marks that lie before the first span, and behind the last.
    before: usize,
    after: usize,
    /// Marks in between for which there are no letters.
    left_out: usize,
}

/// A mark, and where it lies.
#[derive(Debug)]
pub(super) struct Placed<'m> {
    pub(super) letters: String,
    pub(super) mark: &'m Mark,
    /// The number of its span.
    pub(super) span: usize,
}

impl<'m> Letters<'m> {
    /// The marks, which are in order, in spans that start at these times.
    pub(super) fn new(marks: &'m [Mark], starts: &[i64], width_us: i64) -> Self {
        let mut letters = Self { placed: Vec::new(), before: 0, after: 0, left_out: 0 };
        let slack_us = if width_us >= DAY_US { CLOCKS_US } else { 0 };
        let end_us = starts.last().map_or(i64::MIN, |start| start.saturating_add(width_us + slack_us));
        for mark in marks {
            let behind = starts.partition_point(|start| *start <= mark.time_us);
            match behind.checked_sub(1) {
                None => letters.before += 1,
                Some(_) if mark.time_us >= end_us => letters.after += 1,
                Some(_) if letters.placed.len() == MARKS_MAX => letters.left_out += 1,
                Some(span) => {
                    letters.placed.push(Placed { letters: letter(letters.placed.len()), mark, span });
                }
            }
        }
        letters
    }

    /// The letters of a span: `A`, `AB`, or `A-F` for more.
    pub(super) fn of_span(&self, span: usize) -> String {
        let from = self.placed.partition_point(|placed| placed.span < span);
        let to = self.placed.partition_point(|placed| placed.span <= span);
        self.range(from, to)
    }

    /// The letters from one mark to another.
    pub(super) fn range(&self, from: usize, to: usize) -> String {
        match &self.placed[from..to] {
            [] => String::new(),
            [one] => one.letters.clone(),
            [one, two] => format!("{}{}", one.letters, two.letters),
            [first, .., last] => format!("{}-{}", first.letters, last.letters),
        }
    }

    /// Columns of the widest letters of a span.
    pub(super) fn width(&self) -> usize {
        self.placed.iter().map(|placed| self.of_span(placed.span).len()).max().unwrap_or(0)
    }

    /// What each mark is, and how many have no letter, in lines of at most so many columns.
    pub(super) fn legend(&self, labels: &Labels, columns: usize) -> Vec<String> {
        let mut lines = Vec::new();
        let letters = self.placed.iter().map(|placed| placed.letters.len()).max().unwrap_or(0);
        let who = |mark: &Mark| escape::text(&mark.who).into_owned();
        let aligned = self.placed.iter().map(|placed| units::width(&who(placed.mark))).max().unwrap_or(0);
        let aligned = if columns < ALIGNED_FROM { 0 } else { aligned.min(WHO_COLUMNS_MAX) };
        for Placed { letters: own, mark, .. } in &self.placed {
            let head = format!("{own:letters$}  {}  ", labels.moment(mark.time_us));
            let who = who(mark);
            let gap = " ".repeat(aligned.saturating_sub(units::width(&who)) + usize::from(!who.is_empty()));
            let text = format!("{who}{gap}{}", escape::text(&mark.what));
            let room = columns.saturating_sub(units::width(&head)).max(WHAT_COLUMNS_MIN);
            for (at, line) in units::wrapped(&text, room).iter().enumerate() {
                let before = if at == 0 { head.clone() } else { " ".repeat(units::width(&head)) };
                lines.push(before + line);
            }
        }
        lines.extend(
            self.unseen().iter().flat_map(|line| units::wrapped(line, columns.max(WHAT_COLUMNS_MIN))),
        );
        lines
    }

    /// What is said of marks that are not in the picture.
    fn unseen(&self) -> Option<String> {
        let marks = |count: usize| if count == 1 { "1 mark".to_owned() } else { format!("{count} marks") };
        let parts: Vec<String> = [
            (self.left_out, "for which there are no letters"),
            (self.before, "before this time"),
            (self.after, "after this time"),
        ]
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, place)| format!("{} {place}", marks(*count)))
        .collect();
        (!parts.is_empty()).then(|| format!("not shown: {}", parts.join(", ")))
    }
}

/// A to Z, then AA and so on.
fn letter(number: usize) -> String {
    let letter = |number: usize| char::from(b'A' + u8::try_from(number % 26).unwrap_or(0));
    let tail = letter(number);
    match (number / 26).checked_sub(1) {
        None => tail.to_string(),
        Some(more) => format!("{}{tail}", letter(more)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    const MINUTE_US: i64 = 60_000_000;

    fn mark(seconds: i64, who: &str, what: &str) -> Mark {
        Mark { time_us: seconds * 1_000_000, who: who.to_owned(), what: what.to_owned() }
    }

    #[test]
    fn each_mark_lies_in_its_span() {
        let starts: Vec<i64> = (10..15).map(|minute| minute * MINUTE_US).collect();
        let seconds = [0, 599, 600, 659, 660, 899, 900, 5000];
        let marks: Vec<Mark> = seconds.into_iter().map(|second| mark(second, "photos", "1")).collect();
        let letters = Letters::new(&marks, &starts, MINUTE_US);
        let spans: Vec<String> = (0..5).map(|span| letters.of_span(span)).collect();
        assert_eq!(spans, ["AB", "C", "", "", "D"]);
        assert_eq!(letters.width(), 2);
        let labels = Labels::new(&starts, MINUTE_US, &TimeZone::UTC);
        assert_eq!(
            letters.legend(&labels, 80),
            [
                "A  00:10:00  photos 1",
                "B  00:10:59  photos 1",
                "C  00:11:00  photos 1",
                "D  00:14:59  photos 1",
                "not shown: 2 marks before this time, 2 marks after this time"
            ]
        );
    }

    #[test]
    fn many_marks_in_one_span_are_a_range() {
        let marks: Vec<Mark> = (0..130).map(|n| mark(600 + n / 10, "photos", "1")).collect();
        let letters = Letters::new(&marks, &[600_000_000], MINUTE_US);
        assert_eq!(letters.of_span(0), "A-CV");
        assert_eq!(letters.unseen().unwrap(), "not shown: 30 marks for which there are no letters");
        assert_eq!(
            ["A", "Z", "AA", "AZ", "BA"],
            [0, 25, 26, 51, 52].map(letter).each_ref().map(String::as_str)
        );
    }

    #[test]
    fn a_legend_keeps_within_its_columns() {
        let starts = [600_000_000];
        let marks = [
            mark(600, "alice", "shipped photos 2026.11.21-1 with the new search"),
            mark(601, "a-service-with-a-very-long-name-of-its-own", &"x".repeat(70)),
            mark(602, "", "日本語 \u{1b}[2J\u{202e}"),
        ];
        let letters = Letters::new(&marks, &starts, MINUTE_US);
        let labels = Labels::new(&starts, MINUTE_US, &TimeZone::UTC);
        for columns in [30, 40, 80, 200] {
            let lines = letters.legend(&labels, columns);
            assert!(lines.iter().all(|line| units::width(line) <= columns), "{columns}: {lines:#?}");
            let words = |text: &str| text.replace([' ', '\n'], "");
            let all = words(&lines.concat());
            assert!(all.contains("shippedphotos2026.11.21-1withthenewsearch"), "{all}");
            assert!(all.contains(&"x".repeat(70)) && all.contains("日本語\\x1b[2J\\u{202e}"), "{all}");
        }
        assert_eq!(
            letters.legend(&labels, 40)[..2],
            ["A  00:10:00  alice shipped photos", "             2026.11.21-1 with the new"]
        );
    }
}
