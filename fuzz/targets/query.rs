//! Any text as a query and as a point in time: it means something, or the error can be shown.

#![no_main]

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use logq::settings::Settings;
use logq::{query, time};

fuzz_target!(|text: &str| {
    let settings = Settings { zone: TimeZone::UTC, now_us: 1_763_700_000_000_000, ignore_case: false };
    if let Err(error) = query::parse(text, &settings) {
        assert!(!error.to_string().is_empty());
    }
    if let Err(error) = time::parse_point(text, &settings) {
        assert!(!error.to_string().is_empty());
    }
    let _any = (time::parse_duration(text), time::parse_size(text), time::of_text(text, &TimeZone::UTC));
});
