//! What several threads figure is what one figures that reads row after row.

use super::*;
use crate::check::parse;
use crate::input::Sizes;
use crate::query;
use crate::settings::Settings;
use crate::testing::Temp;
use jiff::tz::TimeZone;
use proptest::prelude::*;

const FIGURES: [&str; 6] = [
    "count() > 1",
    "error_rate > 1%",
    "rate > 1/s",
    "p99(duration) > 1ms",
    "sum(notes.share) > 1",
    "avg(bytes_out) > 1kB",
];

/// What is figured, and how many records were lost.
fn figured(
    file: &Temp,
    query: Option<&Query>,
    all_records: bool,
    threads: usize,
    block_bytes: usize,
) -> String {
    let conditions: Vec<_> = FIGURES.iter().map(|text| parse(text).unwrap()).collect();
    let figures = Figures::new(conditions.iter().map(|condition| &condition.figure));
    let asking = Asking { requests: Requests::new(), asked: figures.asked(), all_records };
    let (paths, formats) = ([file.0.clone()], Formats::looking());
    let sizes = Sizes { block_bytes, ..Sizes::default() };
    let decode_all = threads == 1;
    let plan = Plan { query, threads, decode_all, sizes, ..Plan::new(&paths, &formats) };
    let (reader, report) = read(&plan, &asking, figures, &mut Vec::new()).unwrap();
    let Reader { figures, lost, .. } = reader;
    format!("{lost} {} {} {} {:?}", figures.rows, figures.requests, report.matched, figures.finish(None))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_threads_and_blocks_figure_what_row_after_row_gives(
        rows in prop::collection::vec((0_u64..4, 0_u64..3_000_000, any::<f64>(), 1_u64..4), 0..150),
        text in prop::sample::select(vec![None, Some("level=error"), Some("status>=300"), Some("kind=event")]),
        all_records: bool,
        threads in 2_usize..5,
        block_bytes in prop_oneof![1_usize..64, 64_usize..4000],
    ) {
        let line = |(at, (kind, micros, share, rate)): (usize, &(u64, u64, f64, u64))| {
            let kind = ["access", "event", "loss", "access"][usize::try_from(*kind).unwrap()];
            let level = if micros % 4 == 0 { "error" } else { "info" };
            let share = if share.is_finite() { *share } else { 0.5 };
            format!(
                r#"{{"ts":"2026-11-21T04:{:02}:00Z","kind":"{kind}","level":"{level}","status":{},"bytes_out":{micros},"duration_us":{micros},"sample_rate":{rate},"lost":{rate},"notes":{{"share":{share:e}}}}}"#,
                at % 60,
                200 + micros % 400
            )
        };
        let log: Vec<String> = rows.iter().enumerate().map(line).collect();
        let file = Temp::new(log.join("\n").as_bytes());
        let settings = Settings { zone: TimeZone::UTC, now_us: 0, ignore_case: false };
        let query = text.map(|text| query::parse(text, &settings).unwrap().or_is("kind", "loss"));
        prop_assert_eq!(
            figured(&file, query.as_ref(), all_records, threads, block_bytes),
            figured(&file, query.as_ref(), all_records, 1, 1 << 20)
        );
    }
}
