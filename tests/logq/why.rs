//! Whether `why` finds what was planted, and claims nothing where nothing was. Logs are drawn from fixed seeds: requests
//! of many users, keys, hosts and releases, some of which fail by chance, and some because of one value. Effect sizes
//! are published in `docs/why.md`. `TEST_SCALE` draws so many times as many logs.

use crate::scale::scale;
use logq::query::{Query, Settings, parse};
use logq::row::{Origin, Row, Shape};
use logq::value::Value;
use logq::why::{Answer, Condition, Fields, Is, Sample, answer};

/// Logs of each kind.
const LOGS: u64 = 100;
/// Requests of a log.
const REQUESTS: u32 = 1000;
/// Of so many requests without the cause one fails.
const FAILS_ONE_IN: u32 = 50;
/// Percent of requests with the cause that fail.
const FAILS_PERCENT: u32 = 25;

/// A field, how many values it has, and the share of requests, in percent, with the one that is planted. The other
/// values are drawn by a square, so that some are frequent and many are rare.
const FIELDS: [(&str, u32, u32); 11] = [
    ("flags.new_search", 2, 10),
    ("release", 3, 10),
    ("host", 8, 10),
    ("route", 12, 10),
    ("user_id", 400, 6),
    ("api_key", 60, 6),
    ("user_agent", 30, 6),
    ("tenant", 25, 6),
    ("photo_kib", 100_000, 10),
    ("region", 5, 10),
    ("client_ip", 500, 6),
];
/// The field of numbers, whose largest are the cause.
const NUMBERS: &str = "photo_kib";
/// The least of those, as 90 of 100 are below.
const LARGE: u32 = 90_000;

/// Blocks of a file with the same requests.
const BLOCKS_ALIKE: usize = 4;

#[test]
fn a_planted_cause_comes_first() {
    let logs = LOGS * u64::from(scale());
    let misses: Vec<String> = (0..logs)
        .filter_map(|log| {
            let cause = usize::try_from(log).expect("a small number") % FIELDS.len();
            let answer = why(log, Some(cause));
            let is_first = answer
                .findings
                .first()
                .is_some_and(|finding| finding.conditions.iter().any(|found| is(found, cause)));
            (!is_first).then(|| format!("{}: {:?}", FIELDS[cause].0, answer.findings.first()))
        })
        .collect();
    let found = logs - misses.len() as u64;
    assert!(found * 100 >= logs * 95, "{found} of {logs} causes come first; not\n{}", misses.join("\n"));
}

#[test]
fn without_a_cause_nothing_is_claimed() {
    let logs = LOGS * u64::from(scale());
    let claims: Vec<String> = (0..logs)
        .map(|log| why(log + 1_000_000, None))
        .filter(|answer| !answer.findings.is_empty())
        .map(|answer| format!("{:?}", answer.findings))
        .collect();
    let quiet = logs - claims.len() as u64;
    assert!(quiet * 100 >= logs * 95, "{quiet} of {logs} claim nothing; the others\n{}", claims.join("\n"));
}

#[test]
fn which_requests_are_kept_hangs_on_nothing_but_them() {
    let whole = sample(7, Some(0), 200, 0..REQUESTS);
    let expected = answer(&whole);
    assert!(expected.one_in == 8 && expected.inside + expected.outside <= 200, "{expected:?}");
    let mut parts = sample(7, Some(0), 200, REQUESTS / 3..REQUESTS);
    parts.merge(sample(7, Some(0), 200, 0..REQUESTS / 3));
    assert_eq!(answer(&parts), expected);
}

/// Requests whose records stand close together are fewer than the blocks that are looked at first let expect.
#[test]
fn a_guess_of_too_many_requests_drops_none() {
    let dir = crate::fresh_dir("why-guess");
    let path = dir.join("a.log");
    let line = |request: usize| {
        let (hour, minute, second) = (request / 3600, request / 60 % 60, request % 60);
        format!(
            "{{\"ts\":\"2026-11-21T{hour:02}:{minute:02}:{second:02}Z\",\"level\":\"info\",\"request_id\":\"r{request:05}\"}}\n"
        )
    };
    // As many as a block has lines, several times each, and all that four times.
    let block = (256 << 10) / line(0).len();
    let log: String = (0..4 * BLOCKS_ALIKE * block)
        .map(|at| line(at / (BLOCKS_ALIKE * block) * block + at % block))
        .collect();
    std::fs::write(&path, log).expect("a file can be written");
    let path = path.display().to_string();
    for (window, requests) in [(&[][..], 4 * block), (&["--since", "2026-11-21T01:00:00Z"], 4 * block - 3600)]
    {
        let args = [&["logq", "why", "level=error"], window, &[path.as_str()]].concat();
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let around = logq::Surroundings::captured();
        logq::run(args.into_iter().map(Into::into), &around, &mut stdout, &mut stderr);
        let said = String::from_utf8(stderr).expect("text");
        assert_eq!(said, format!("logq: none of {requests} requests matches `level=error`\n"));
    }
    std::fs::remove_dir_all(&dir).expect("the directory can be removed");
}

/// Whether a condition is the planted one.
fn is(found: &Condition, cause: usize) -> bool {
    let field = FIELDS[cause].0;
    let is_it = match found.is {
        Is::Text(ref text) => text == "planted",
        // The range may begin a quantile too early or too late.
        Is::Between { from, below } => {
            below.is_none() && from.is_some_and(|from| (from / f64::from(LARGE) - 1.0).abs() < 0.07)
        }
    };
    found.field == field && is_it
}

fn why(seed: u64, cause: Option<usize>) -> Answer {
    answer(&sample(seed, cause, 1 << 16, 0..REQUESTS))
}

fn errors() -> Query {
    let settings = Settings { zone: jiff::tz::TimeZone::UTC, now_us: 0, ignore_case: false };
    parse("level=error", &settings).expect("a query")
}

/// These requests of a log.
fn sample(seed: u64, cause: Option<usize>, requests_max: usize, which: std::ops::Range<u32>) -> Sample {
    let query = errors();
    let mut sample = Sample::new(Fields::but(query.filter.fields()), requests_max);
    let mut draw = Draw(seed << 20);
    for request in 0..REQUESTS {
        let values = FIELDS.map(|field| value(&mut draw, field));
        let fails = match cause {
            Some(cause) if is_planted(FIELDS[cause].0, &values[cause]) => draw.below(100) < FAILS_PERCENT,
            _ => draw.below(FAILS_ONE_IN) == 0,
        };
        if which.contains(&request) {
            sample.add(&row(seed, request, fails, &values), &query.filter);
        }
    }
    sample
}

fn value(draw: &mut Draw, (field, values, percent): (&str, u32, u32)) -> String {
    if field == NUMBERS {
        draw.below(values).to_string()
    } else if draw.below(100) < percent {
        "planted".to_owned()
    } else {
        let (first, second) = (draw.below(values - 1), draw.below(values - 1));
        format!("v{}", first.min(second))
    }
}

fn is_planted(field: &str, value: &str) -> bool {
    if field == NUMBERS { value.parse().is_ok_and(|size: u32| size >= LARGE) } else { value == "planted" }
}

fn row(seed: u64, request: u32, fails: bool, values: &[String; FIELDS.len()]) -> Row<'static> {
    let text = |text: &str| Value::Text(text.to_owned().into());
    let (level, status) = if fails { ("error", "500") } else { ("info", "200") };
    let mut fields = vec![
        ("kind".into(), text("access")),
        ("level".into(), text(level)),
        ("request_id".into(), text(&format!("{seed}-{request}"))),
        ("status".into(), Value::Number(status.into())),
        ("duration_us".into(), Value::Number(format!("{}", request % 977).into())),
    ];
    for ((name, ..), value) in FIELDS.iter().zip(values) {
        let value = if *name == NUMBERS { Value::Number(value.clone().into()) } else { text(value) };
        fields.push(((*name).into(), value));
    }
    Row { raw: b"{}", fields, shape: Shape::Record, origin: Origin { file: "app.log", line: request.into() } }
}

/// `SplitMix64` (Steele, Lea and Flood, 2014).
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let drawn = (((z ^ (z >> 31)) >> 32) * u64::from(end)) >> 32;
        u32::try_from(drawn).expect("less than the end")
    }
}
