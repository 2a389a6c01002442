//! Pictures as texts: what they hold, and that what records say is text in them and nothing else.

use super::*;
use crate::column::Column;
use crate::field::Ty;
use crate::marks::Mark;
use crate::render::policy::hash;
use crate::render::timeline::OverTime;
use crate::testing::row;
use access_record::field::Type;
use jiff::tz::TimeZone;

const MINUTE_US: i64 = 60_000_000;

/// A timeline of counts and durations by group: minutes, groups, counts.
fn timeline(title: &str, points: &[(i64, &str, f64)]) -> Timeline {
    let column = |name, ty| Column::new(name, Ty::Contract(ty));
    let columns = [
        column("ts", Type::Time),
        column("route", Type::Text),
        column("count", Type::Integer),
        column("p99_duration_us", Type::DurationMicros),
    ];
    let shape = OverTime { keys: 1, width_us: MINUTE_US, adds: vec![true, false], title: title.to_owned() };
    let mut timeline = Timeline::new(&columns, &shape, &TimeZone::UTC);
    for (minute, group, count) in points {
        let group = serde_json::to_string(group).unwrap();
        let us = if *minute % 5 == 3 { "null".to_owned() } else { (count * 1000.0).to_string() };
        timeline.row(&row(&format!(
            r#"{{"ts":{},"route":{group},"count":{count},"p99_duration_us":{us}}}"#,
            1_795_234_080 + minute * 60
        )));
    }
    timeline
}

const HOSTILE: [&str; 7] = [
    "</title></svg><script>alert(1)</script>",
    "<!--",
    "]]>",
    "&lt;b&gt; &amp;",
    "\u{2028}\u{202e}\u{1b}[2J\0\u{ffff}",
    "'\"`{{table}}{{style}}\\",
    "javascript:alert(1)\" onload=\"alert(1)",
];

fn hostile(text: &str) -> Timeline {
    let mut timeline = timeline(text, &[(0, text, 1.0), (1, text, 2.0), (1, "other", 3.0)]);
    let time_us = (1_795_234_080 + 30) * 1_000_000;
    timeline.marks = vec![Mark { time_us, who: text.to_owned(), what: text.to_owned() }];
    timeline
}

/// The markup without what stands between its tags.
fn tags(markup: &str) -> Vec<&str> {
    let names = markup.split('<').skip(1).map(|tag| tag.split_once('>').unwrap().0);
    names.filter(|tag| !tag.starts_with('/')).collect()
}

#[test]
fn what_records_say_is_text_and_nothing_else() {
    for text in HOSTILE {
        for draw in [svg, html] {
            let (drawn, harmless) = (draw(&hostile(text)), draw(&hostile("harmless")));
            let elements = |markup: &str| -> Vec<String> {
                tags(markup).iter().map(|tag| tag.split(' ').next().unwrap().to_owned()).collect()
            };
            // The same elements, but for the lines in which long texts are written.
            let but_lines = |markup: &str| -> Vec<String> {
                elements(markup).into_iter().filter(|name| name != "text").collect()
            };
            assert_eq!(but_lines(&drawn), but_lines(&harmless), "{text}");
            for tag in tags(&drawn) {
                assert!(!tag.contains("alert") && !tag.contains("javascript"), "{tag}");
            }
            assert!(!drawn.contains(['\u{2028}', '\u{202e}', '\u{1b}', '\0', '\u{ffff}']), "{text}");
            assert!(!drawn.contains("<script"), "{text}");
        }
    }
}

#[test]
fn a_page_loads_nothing_and_its_policy_is_that_of_its_style() {
    assert_eq!(hash(STYLE), STYLE_HASH, "STYLE_HASH is that of graph.css and page.css");
    let page = html(&timeline("* | timechart 1m", &[(0, "a", 1.0)]));
    assert!(!page.contains("{{"), "{page}");
    for forbidden in ["http:", "https:", "<script", " style=", "url(", "@import", " on", "src=", "href="] {
        let found = page.match_indices(forbidden).map(|(at, _)| &page[at..at + 20]);
        assert_eq!(found.collect::<Vec<_>>(), Vec::<&str>::new(), "{forbidden}");
    }
    let file = svg(&timeline("* | timechart 1m", &[(0, "a", 1.0)]));
    assert_eq!(file.matches("http").count(), 1, "only the name of the language");
}

#[test]
fn counts_are_stacked_and_percentiles_are_lines() {
    let points: Vec<(i64, &str, f64)> =
        (0..10).flat_map(|minute| [(minute, "a", 2.0), (minute, "b", 3.0)]).collect();
    let timeline = timeline("counts", &points);
    let drawn = svg(&timeline);
    assert_eq!(drawn.matches("class=\"bar c").count(), 2 + 2, "two series, and their legend");
    assert_eq!(drawn.matches("class=\"line c").count(), 2 + 2);
    let lines: Vec<&str> = drawn.lines().filter(|line| line.contains("class=\"line c0\"")).collect();
    assert_eq!(lines[0].matches('M').count(), 3, "a line has a gap where there is no figure: {}", lines[0]);
    let bars: Vec<&str> = drawn.lines().filter(|line| line.contains("class=\"bar c0\"")).collect();
    assert_eq!(bars[0].matches('M').count(), 10);
    for text in
        [">count<", ">p99_duration_us<", ">3 ms<", ">6<", "2026-11-21  UTC  each 1m", "04:10: a 2, b 3"]
    {
        assert!(drawn.contains(text), "{text}");
    }
    let table = html(&timeline);
    assert!(table.contains("<tr><th scope=\"row\">04:08</th><td>2</td><td>2.0 ms</td>"), "{table}");
}

#[test]
fn a_panel_without_figures_says_so() {
    const SAYS: &str = "(no record has a figure)<";
    // The helper leaves out each fifth duration.
    assert_eq!(svg(&timeline("none", &[(3, "a", 1.0)])).matches(SAYS).count(), 1);
    assert_eq!(svg(&timeline("some", &[(3, "a", 1.0), (4, "a", 1.0)])).matches(SAYS).count(), 0);
}

#[test]
fn many_series_are_few_colours() {
    let names: Vec<String> = (0..30).map(|n| format!("/route/{n}")).collect();
    let points: Vec<(i64, &str, f64)> =
        names.iter().zip(1_u32..).map(|(name, count)| (0, name.as_str(), f64::from(count))).collect();
    let drawn = svg(&timeline("many", &points));
    assert!(drawn.contains(">22 others<") && drawn.contains("others 253"), "{drawn}");
    assert!(drawn.contains(">22 smaller series are not drawn<"), "lines do not add up: {drawn}");
    assert!(!drawn.contains("c9"));
    // The same eight for both figures, in the same colours.
    let legend = |kind: &str| -> Vec<String> {
        let lines: Vec<&str> = drawn.lines().collect();
        let pairs = lines.windows(2).filter(|pair| pair[0].contains(kind) && pair[1].contains(">/route/"));
        pairs.map(|pair| pair[1].split_once('>').unwrap().1.to_owned()).collect()
    };
    assert_eq!((legend("\"bar c"), legend("\"line c").len()), (legend("\"line c"), 8));
}

#[test]
fn a_table_has_no_more_than_somebody_can_look_at() {
    let names: Vec<String> = (0..2500).map(|n| format!("u{n}")).collect();
    // One user a minute, and one who is there often.
    let mut points: Vec<(i64, &str, f64)> = (0..).zip(&names).map(|(at, name)| (at, &**name, 1.0)).collect();
    points.extend((0..2500).step_by(100).map(|minute| (minute, "often", 1.0)));
    let page = html(&timeline("many", &points));
    assert!(page.len() < 4 << 20, "{}", page.len());
    let head = page.split_once("<thead>").and_then(|(_, rest)| rest.split_once("</thead>")).unwrap().0;
    assert_eq!(head.matches("<th ").count(), 1 + CELLS_MAX / 2500);
    assert!(head.contains(">often count<") && head.contains(">often p99_duration_us<"), "{head}");
    assert_eq!(page.matches("<th scope=\"row\">").count(), 2500);
    assert!(page.contains("2461 smaller groups are not in this table"));
    assert!(page.contains(">2493 others<"), "and the picture has their sum");

    let points: Vec<(i64, &str, f64)> = (0..5001).map(|minute| (minute, "a", 1.0)).collect();
    let page = html(&timeline("long", &points));
    assert_eq!(page.matches("<th scope=\"row\">").count(), ROWS_MAX);
    assert!(page.contains("<p>1 further spans are not in this table"));
    let points: Vec<(i64, &str, f64)> = names.iter().map(|name| (0, &**name, 1.0)).collect();
    let page = html(&timeline("wide", &points));
    assert!(page.contains("<p>1500 smaller groups are not in this table"), "two columns each");
}

#[test]
fn nothing_makes_no_picture() {
    let empty = timeline("nothing", &[]);
    assert_eq!((svg(&empty), html(&empty)), (String::new(), String::new()));
}

#[test]
fn letters_do_not_overlap() {
    let points: Vec<(i64, &str, f64)> = (0..60).map(|minute| (minute, "a", 1.0)).collect();
    let mut timeline = timeline("marks", &points);
    let seconds = [0, 1, 2, 600, 1200, 1201, 3590, 3599, 9999];
    let mark = |second: i64| Mark {
        time_us: (1_795_234_080 + second) * 1_000_000,
        who: "photos".to_owned(),
        what: second.to_string(),
    };
    timeline.marks = seconds.into_iter().map(mark).collect();
    let drawn = svg(&timeline);
    let letters: Vec<&str> = drawn
        .lines()
        .filter(|line| line.contains("class=\"letter\""))
        .map(|line| line.split_once('>').unwrap().1.split_once('<').unwrap().0)
        .collect();
    assert_eq!(letters[..4], ["A-C", "D", "EF", "GH"]);
    assert_eq!(drawn.matches("class=\"mark\"").count(), 2 * 8, "in each panel, but not what lies outside");
    assert!(drawn.contains("not shown: 1 mark after this time"));
}
