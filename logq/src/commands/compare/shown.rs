//! Changes as they are shown: for each route a line for each figure, no wider than a terminal mostly is; or as JSON.

use crate::compare::{Change, Measure};
use crate::escape;
use crate::render::units;
use crate::statistics::Interval;
use access_record::json::push_text;
use std::io::{self, Write};

/// Columns of the name of a figure, and at least of one with its bounds.
const NAME_COLUMNS: usize = 8;
const FIGURE_COLUMNS_MIN: usize = 30;

/// The changes of so many routes, and how many routes there are beside them.
pub(super) fn first(changes: &[Change], routes_max: usize) -> (&[Change], usize) {
    let mut routes: Vec<&[Change]> = changes.chunk_by(|one, next| one.route == next.route).collect();
    let more = routes.len().saturating_sub(routes_max);
    routes.truncate(routes_max);
    (&changes[..routes.into_iter().map(<[Change]>::len).sum()], more)
}

/// The figures of each route, those of both sides beside each other. What changed beyond chance begins with a star.
pub(super) fn table(changes: &[Change], stdout: &mut dyn Write) -> io::Result<()> {
    let before = |change: &Change| figure(change.measure, change.requests[0], &change.before);
    let widths = changes.iter().map(|change| units::width(&before(change)));
    let columns = widths.max().unwrap_or(0).max(FIGURE_COLUMNS_MIN);
    writeln!(stdout, "  {}  {}  B", units::fit("", NAME_COLUMNS), units::fit("A", columns))?;
    let mut last = None;
    for change in changes {
        if last != Some(&change.route) {
            writeln!(stdout, "{}", escape::text(&change.route))?;
            last = Some(&change.route);
        }
        let after = figure(change.measure, change.requests[1], &change.after);
        let star = if change.is_beyond_chance() { "*" } else { " " };
        let remark = match (change.measure, change.requests) {
            (Measure::Requests, [0, _]) => "  new",
            (Measure::Requests, [_, 0]) => "  gone",
            _ => "",
        };
        writeln!(
            stdout,
            "{star} {}  {}  {after}{remark}",
            units::fit(&name(change.measure), NAME_COLUMNS),
            units::fit(&before(change), columns),
        )?;
        if let Some(by) = change.difference.as_ref().filter(|_| change.is_beyond_chance()) {
            let points = |share: f64| format!("{:+.1}", share * 100.0);
            let by = format!("by {} to {} points", points(by.low), points(by.high));
            writeln!(stdout, "{}{by}", " ".repeat(2 + NAME_COLUMNS + 2 + columns + 2))?;
        }
    }
    Ok(())
}

fn name(measure: Measure) -> String {
    match measure {
        Measure::Requests => "requests".to_owned(),
        Measure::Errors => "errors".to_owned(),
        Measure::Percentile(percent) => format!("p{percent}"),
    }
}

/// A figure with its bounds: `384, 26.7 % (24.4 to 29.0)`, `21.9 ms (19.1 to 25.9)`.
fn figure(measure: Measure, requests: u64, interval: &Interval) -> String {
    if interval.estimate.is_nan() {
        return "-".to_owned();
    }
    let Interval { estimate, low, high } = *interval;
    match measure {
        Measure::Requests | Measure::Errors => {
            let count = if measure == Measure::Requests { format!("{requests}, ") } else { String::new() };
            format!("{count}{} ({:.1} to {:.1})", units::percent(estimate), low * 100.0, high * 100.0)
        }
        Measure::Percentile(_) => {
            let estimate = units::duration(whole(estimate));
            let unit = estimate.find(' ').map_or("", |at| &estimate[at..]);
            let bound = |us: f64| {
                let bound = units::duration(whole(us));
                let figure = bound.strip_suffix(unit).unwrap_or(&bound);
                if us.is_nan() { "?".to_owned() } else { figure.to_owned() }
            };
            format!("{estimate} ({} to {})", bound(low), bound(high))
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was a whole number")]
fn whole(value: f64) -> u64 {
    value as u64
}

/// An object for a figure of a route.
pub(super) fn json(change: &Change, stdout: &mut dyn Write) -> io::Result<()> {
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(b"{\"route\":");
    push_text(&mut out, &change.route);
    let end = match change.measure {
        Measure::Percentile(_) => "_duration_us",
        Measure::Requests | Measure::Errors => "_share",
    };
    write!(out, ",\"figure\":\"{}{end}\"", name(change.measure))?;
    write!(out, ",\"a_requests\":{},\"b_requests\":{}", change.requests[0], change.requests[1])?;
    let mut figure = |name: &str, value: f64| {
        if value.is_nan() { Ok(()) } else { write!(out, ",\"{name}\":{}", (value * 1e6).round() / 1e6) }
    };
    for (names, interval) in [
        (["a", "a_low", "a_high"], Some(&change.before)),
        (["b", "b_low", "b_high"], Some(&change.after)),
        (["difference", "difference_low", "difference_high"], change.difference.as_ref()),
    ] {
        if let Some(interval) = interval {
            figure(names[0], interval.estimate)?;
            figure(names[1], interval.low)?;
            figure(names[2], interval.high)?;
        }
    }
    if let Some(by_chance) = change.by_chance {
        write!(out, ",\"by_chance\":{by_chance:e}")?;
    }
    writeln!(out, ",\"beyond_chance\":{}}}", change.is_beyond_chance())?;
    stdout.write_all(&out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_figure_is_cut() {
        let interval = |estimate| Interval { estimate, low: estimate - 0.1, high: estimate };
        let change = |requests| Change {
            route: "/a".to_owned(),
            measure: Measure::Requests,
            requests: [requests; 2],
            before: interval(1.0),
            after: interval(1.0),
            difference: None,
            by_chance: None,
        };
        let mut shown = Vec::new();
        table(&[change(7), change(10_000_000)], &mut shown).unwrap();
        let shown = String::from_utf8(shown).unwrap();
        let figure = "10000000, 100.0 % (90.0 to 100.0)";
        assert!(shown.ends_with(&format!("  requests  {figure}  {figure}\n")), "{shown}");
        let ends = shown.lines().filter(|line| line.len() > 12).map(|line| line.rfind("  "));
        let ends: Vec<_> = ends.collect();
        assert!(ends.windows(2).all(|pair| pair[0] == pair[1]), "{shown}");
    }

    #[test]
    fn bounds_have_the_unit_of_their_figure_or_their_own() {
        let rows = [
            (Measure::Percentile(50), [21_900.0, 19_100.0, 25_900.0], "21.9 ms (19.1 to 25.9)"),
            (Measure::Percentile(50), [1_020_000.0, 912_000.0, 1_250_000.0], "1.02 s (912.0 ms to 1.25)"),
            (Measure::Percentile(99), [900.0, 800.0, 1_100.0], "900 µs (800 to 1.1 ms)"),
            (Measure::Percentile(99), [900.0, f64::NAN, f64::NAN], "900 µs (? to ?)"),
            (Measure::Percentile(99), [f64::NAN, f64::NAN, f64::NAN], "-"),
            (Measure::Errors, [0.5, 0.25, 0.75], "50.0 % (25.0 to 75.0)"),
            (Measure::Requests, [0.5, 0.25, 0.75], "7, 50.0 % (25.0 to 75.0)"),
        ];
        for (measure, [estimate, low, high], expected) in rows {
            assert_eq!(figure(measure, 7, &Interval { estimate, low, high }), expected);
        }
    }
}
