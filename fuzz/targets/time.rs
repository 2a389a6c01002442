//! Any text as a time, a duration or a size: it means something, or the error can be shown; and what was understood in
//! one zone is understood in all.

#![no_main]

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use logq::settings::Settings;
use logq::time;

fuzz_target!(|text: &str| {
    let settings = Settings { zone: TimeZone::UTC, now_us: 1_763_700_000_000_000, ignore_case: false };
    let errors = [
        time::parse_point(text, &settings).err().map(|error| error.to_string()),
        time::parse_duration(text).err().map(|error| error.to_string()),
        time::parse_size(text).err().map(|error| error.to_string()),
    ];
    assert!(errors.iter().flatten().all(|error| !error.is_empty()));
    let east = TimeZone::fixed(jiff::tz::offset(14));
    let (here, there) = (time::of_text(text, &TimeZone::UTC), time::of_text(text, &east));
    assert!(here.is_some() == there.is_some() || text.contains("9999") || text.starts_with("-0"), "{text}");
});
