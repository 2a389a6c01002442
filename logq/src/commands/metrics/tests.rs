//! What several threads count against counting row after row, each decoded in full.

use super::*;
use crate::check::Requests;
use crate::facts;
use crate::field::Name;
use crate::input::Sizes;
use crate::query;
use crate::row::{Origin, Row};
use crate::settings::Settings;
use crate::testing::Temp;
use jiff::tz::TimeZone;
use proptest::prelude::*;

fn line() -> impl Strategy<Value = String> {
    let record = (0_u64..3, 1_u64..40, 0_usize..4, 0_usize..3, 0_u64..2_000_000, prop::option::of(1_u64..4));
    let kinds = ["access", "call", "loss", "access"];
    let record = record.prop_map(move |(instance, seq, kind, service, micros, rate)| {
        let rate = rate.map_or(String::new(), |rate| format!(r#""sample_rate":{rate},"#));
        let level = if micros % 5 == 0 { "error" } else { "info" };
        format!(
            r#"{{"kind":"{}","level":"{level}","instance":"i{instance}","service":"s\"{service}","status":{},"bytes_out":{},{rate}"lost":{instance},"duration_us":{micros},"seq":{seq}}}"#,
            kinds[kind],
            200 + micros % 400,
            micros / 3
        )
    });
    let others = prop::sample::select(vec![
        "",
        "no record",
        r#"{"kind":"access","service":"s0","duration_us":5}"#,
        r#"{"kind":"loss","lost":7,"instance":"i0","seq":90}"#,
        r#"{"kind":"loss","lost":7}"#,
        r#"{"kind":"stop","instance":"i1","seq":91}"#,
        r#"{"kind":"access","instance":"i0","seq":"#,
        r#"203.0.113.9 - - [21/Nov/2026:04:08:22 +0000] "GET / HTTP/1.1" 500 5"#,
    ]);
    prop_oneof![6 => record, 1 => others.prop_map(str::to_owned)]
}

fn options(query: Option<&str>, by: &[&str], has_state: bool) -> Options {
    let settings = Settings { zone: TimeZone::UTC, now_us: 0, ignore_case: false };
    Options {
        paths: Vec::new(),
        formats: Formats::looking(),
        query: query.map(|text| query::parse(text, &settings).unwrap()),
        query_text: query.unwrap_or_default().to_owned(),
        since_us: None,
        now_us: 0,
        by: by.iter().map(|name| (*name).to_owned()).collect(),
        prefix: "app".to_owned(),
        form: Form::Gmetric,
        file: None,
        state: has_state.then(|| PathBuf::from("state")),
    }
}

fn new(options: &Options) -> State {
    State::new(options.by.clone(), options.query_text.clone())
}

/// All that is said of a state at the end of a run.
fn said(options: &Options, state: &State) -> (String, String, u64) {
    let page =
        Page { prefix: "app", by: &options.by, series: &state.series, lost: state.lost, now_seconds: 0 };
    (page.text(options.form), state.text(), state.unnumbered)
}

fn whole(name: &str, row: &Row<'_>) -> Option<u64> {
    Name::new(name).find(row)?.value.scalar()?.parse().ok()
}

/// Counts a row, after all that came before it.
fn add(options: &Options, state: &mut State, row: &Row<'_>) {
    let requests = Requests::new();
    let (lost, request) = (requests.lost(row), requests.of(row));
    if options.state.is_some() {
        let instance = Name::new("instance");
        let seq = whole("seq", row).filter(|seq| *seq > 0);
        let Some((instance, seq)) = facts::text(&instance, row).zip(seq) else {
            state.unnumbered += u64::from(lost.is_some() || request.is_some());
            return;
        };
        if !state.admit(&instance, seq) {
            return;
        }
    }
    state.lost += lost.unwrap_or(0);
    let is_asked = options.query.as_ref().is_none_or(|query| query.filter.matches(row));
    let Some(request) = request.filter(|_| is_asked) else { return };
    let label = |name: &String| facts::text(&Name::new(name), row).unwrap_or_default().into_owned();
    let labels: Vec<String> = options.by.iter().map(label).collect();
    let labels = state.labels(&labels.iter().map(String::as_str).collect::<Vec<_>>());
    let series = state.series.get_mut(&labels).unwrap();
    series.requests += request.weight;
    series.errors += if request.is_error { request.weight } else { 0 };
    series.bytes_out += whole("bytes_out", row).unwrap_or(0) * request.weight;
    if let Some(micros) = Name::new("duration_us").duration_us(row) {
        series.duration(u64::try_from(micros).unwrap(), request.weight);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_threads_and_blocks_count_what_row_after_row_counts(
        lines in prop::collection::vec(line(), 0..150),
        query in prop::sample::select(vec![None, Some("status>=300"), Some("s1"), Some("service~1 not level=error")]),
        by in prop::sample::select(vec![vec![], vec!["service"], vec!["service", "status"]]),
        has_state: bool,
        threads in 1_usize..5,
        block_bytes in prop_oneof![1_usize..64, 64_usize..4000],
    ) {
        let file = Temp::new(lines.join("\n").as_bytes());
        let options = options(query, &by, has_state);
        let (mut counted, mut expected) = (new(&options), new(&options));
        // What is counted before counts no more where there is a state.
        for _ in 0..2 {
            let paths = [file.0.clone()];
            let sizes = Sizes { block_bytes, ..Sizes::default() };
            let plan = Plan { threads, sizes, ..Plan::new(&paths, &options.formats) };
            let mut stderr = Vec::new();
            let report;
            (counted, report) = count(&plan, &options, counted, &mut stderr).unwrap();
            prop_assert!(stderr.is_empty() && !report.unreadable);
            for line in &lines {
                add(&options, &mut expected, &options.formats.read(line.as_bytes(), Origin { file: "", line: 0 }));
            }
            prop_assert_eq!(said(&options, &counted), said(&options, &expected));
        }
    }
}

#[test]
fn series_beyond_the_bound_are_one_also_when_they_come_again() {
    let line = |n: usize| format!(r#"{{"kind":"access","user_id":"u{}","duration_us":1}}"#, n % 1500);
    let lines: Vec<String> = (0..4500).map(line).collect();
    let file = Temp::new(lines.join("\n").as_bytes());
    let options = options(None, &["user_id"], false);
    let paths = [file.0.clone()];
    let sizes = Sizes { block_bytes: 4 << 10, ..Sizes::default() };
    let plan = Plan { threads: 3, sizes, ..Plan::new(&paths, &options.formats) };
    let (state, _) = count(&plan, &options, new(&options), &mut Vec::new()).unwrap();
    let requests = |label: &str| state.series.get(&[label.to_owned()][..]).map(|series| series.requests);
    assert_eq!((requests("u0"), requests("u999"), requests("u1000")), (Some(3), Some(3), None));
    assert_eq!(requests("other"), Some(1500));
}
