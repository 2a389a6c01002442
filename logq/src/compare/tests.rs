//! A deploy that made one route fail and another slow, beside one that changed nothing.

use super::*;
use crate::facts::Facts;
use crate::testing::row;

/// A hundred requests a route, of which so many fail, and which take so many microseconds and up.
fn side(routes: &[(&str, u32, u32)]) -> Side {
    let facts = Facts::new();
    let mut side = Side::default();
    for (route, errors, micros) in routes {
        for number in 0..100 {
            let level = if number < *errors { "error" } else { "info" };
            let duration = micros + number;
            let line = format!(
                r#"{{"ts":"2026-11-21T00:00:00.000000Z","level":"{level}","route":"{route}","duration_us":{duration}}}"#
            );
            side.add(&row(&line), &facts);
        }
    }
    side
}

#[test]
fn changes_beyond_chance_are_marked_and_no_others() {
    let before = side(&[("/a", 2, 1000), ("/b", 2, 1000), ("/c", 2, 1000)]);
    let after = side(&[("/a", 30, 1000), ("/b", 3, 3000), ("/c", 3, 1000)]);
    let marked: Vec<(String, Measure)> = changes(&before, &after)
        .into_iter()
        .filter(Change::is_beyond_chance)
        .map(|change| (change.route, change.measure))
        .collect();
    let of = |route: &str, measure| (route.to_owned(), measure);
    let expected = [
        of("/a", Measure::Errors),
        of("/b", Measure::Percentile(50)),
        of("/b", Measure::Percentile(90)),
        of("/b", Measure::Percentile(99)),
    ];
    assert_eq!(marked, expected);
    // What changed stands before what has as many requests, and before what has more.
    let (mut before, mut after) = (side(&[("/b", 2, 1000)]), side(&[("/b", 3, 3000)]));
    for all in [&mut before, &mut after] {
        (0..3).for_each(|_| all.merge(&side(&[("/a", 2, 1000)])));
    }
    let order: Vec<String> = changes(&before, &after).into_iter().map(|change| change.route).collect();
    assert_eq!((order[0].as_str(), order[9].as_str(), order.len()), ("/b", "/a", 10));
}

#[test]
fn a_figure_has_bounds_where_enough_requests_tell() {
    let one = side(&[("/a", 30, 1000)]);
    let found = changes(&one, &one);
    let errors = found.iter().find(|change| change.measure == Measure::Errors).unwrap();
    assert!(
        (errors.before.low - 0.2189).abs() < 1e-4 && (errors.before.high - 0.3958).abs() < 1e-4,
        "{errors:?}"
    );
    let median = found.iter().find(|change| change.measure == Measure::Percentile(50)).unwrap();
    assert!((median.before.low..=median.before.high).contains(&1050.0), "{median:?}");
    let far = found.iter().find(|change| change.measure == Measure::Percentile(99)).unwrap();
    assert!(far.before.low.is_nan() && far.before.estimate > 1090.0, "{far:?}");
}

#[test]
fn few_requests_are_not_tested() {
    let (mut few, many) = (side(&[]), side(&[("/a", 100, 1000)]));
    let facts = Facts::new();
    for _ in 0..29 {
        few.add(&row(r#"{"route":"/a","status":200}"#), &facts);
    }
    assert!(changes(&few, &many).iter().all(|change| change.by_chance.is_none()));
}

/// The same requests, once all of them, and once one in ten of those that did not fail.
#[test]
fn sampling_is_no_change() {
    let facts = Facts::new();
    let [mut all, mut sampled] = [Side::default(), Side::default()];
    for number in 0..4000 {
        let fails = number % 20 == 0;
        let micros = 1000 + (number * 37) % 500 + if fails { 5000 } else { 0 };
        let (level, is_kept) = (if fails { "error" } else { "info" }, fails || (number / 20) % 10 == 0);
        let weight = if fails { 1 } else { 10 };
        let line = |weight: u32| {
            format!(r#"{{"level":"{level}","route":"/a","duration_us":{micros},"sample_rate":{weight}}}"#)
        };
        all.add(&row(&line(1)), &facts);
        if is_kept {
            sampled.add(&row(&line(weight)), &facts);
        }
    }
    assert_eq!((all.all.effective(), sampled.all.count), (4000, 580));
    for change in changes(&all, &sampled) {
        assert!(!change.is_beyond_chance(), "{change:?}");
        for interval in [change.before, change.after] {
            let is_between = interval.low <= interval.estimate && interval.estimate <= interval.high;
            assert!(is_between || interval.low.is_nan(), "{change:?}");
        }
    }
}
