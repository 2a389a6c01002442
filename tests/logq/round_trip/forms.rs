//! Records in every form that a log can be written in, read by the command's decoder: a query finds the same in all.

use super::{HERE, Wanted, record, text, value_of};
use crate::scale::cases;
use access_record::field::FIELDS;
use access_record::form::Form;
use access_record::json::is_unsafe_to_show;
use access_record::logformat::LogFormat;
use access_record::{Record, Timestamp};
use logq::field::Name;
use logq::format::{Formats, Forms};
use logq::row::{Row, Shape};
use logq::value::Value;
use proptest::prelude::*;
use std::collections::HashSet;

/// Every field of the table but those that are looked at for themselves.
fn asked_fields() -> impl Iterator<Item = &'static str> {
    let for_themselves = ["ts", "duration_us", "head_us", "seq", "flags", "notes"];
    FIELDS.iter().map(|field| field.name).filter(move |name| !for_themselves.contains(name))
}

fn lines(form: &Form, records: &[(Record<'static>, u64)]) -> String {
    let mut log = Vec::new();
    for (record, seq) in records {
        form.open(record, &mut log, usize::MAX);
        form.close(&mut log, *seq);
    }
    String::from_utf8(log).expect("a log of ours is UTF-8")
}

fn asked(row: &Row<'_>, name: &str) -> Option<String> {
    Name::new(name).resolve(row).map(|value| value.into_text().into_owned())
}

fn wanted(record: &Record<'_>, name: &str) -> Option<String> {
    match value_of(record, name, 0)? {
        Wanted::Text(text) | Wanted::Number(text) => Some(text),
        Wanted::Nested => None,
    }
}

fn check(form: &Form, row: &Row<'_>, record: &Record<'_>, seq: u64) -> Result<(), TestCaseError> {
    prop_assert_eq!(row.shape, Shape::Record, "{:?} {}", form, String::from_utf8_lossy(row.raw));
    for name in asked_fields() {
        prop_assert_eq!(asked(row, name), wanted(record, name), "{} in {:?}", name, form);
    }
    prop_assert_eq!(asked(row, "seq"), Some(seq.to_string()));
    prop_assert_eq!(Name::new("ts").time_us(row), Some(record.ts.micros()));
    for (name, micros) in [("duration_us", record.duration_us), ("head_us", record.head_us)] {
        let micros = micros.map(|micros| i64::try_from(micros).expect("it is bounded"));
        prop_assert_eq!(Name::new(name).duration_us(row), micros, "{} in {:?}", name, form);
    }
    let keys: HashSet<&str> = row.fields.iter().map(|(name, _)| name.as_ref()).collect();
    prop_assert_eq!(keys.len(), row.fields.len(), "a key stands twice");
    for (name, variant) in record.flags.iter() {
        let found = asked(row, &format!("flags.{name}"));
        prop_assert_eq!(found.as_deref(), Some(variant), "{:?}", form);
    }
    let notes = record.notes.iter().filter(|(name, _)| !Name::new(*name).is_known());
    for (name, value) in notes {
        let found = Name::new(name).resolve(row);
        let found = found.unwrap_or(Value::Null);
        prop_assert!(super::is_scalar(&found, value), "{name}: {found:?} for {value:?} in {form:?}");
    }
    Ok(())
}

/// Any record whose durations have nanoseconds that can be counted.
fn timed() -> impl Strategy<Value = Record<'static>> {
    record().prop_map(|mut record| {
        for micros in [&mut record.duration_us, &mut record.head_us] {
            *micros = micros.map(|micros| micros >> 12);
        }
        record
    })
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn every_form_says_the_same(records in prop::collection::vec((timed(), any::<u64>()), 1..4)) {
        for form in [Form::Json, Form::OpenTelemetry, Form::Ecs, Form::Logfmt] {
            let log = lines(&form, &records);
            prop_assert_eq!(log.matches('\n').count(), records.len());
            prop_assert!(!log.contains(|c: char| c != '\n' && is_unsafe_to_show(c)), "{:?}", log);
            let formats = Formats::looking();
            for (line, (record, seq)) in log.lines().zip(&records) {
                check(&form, &formats.read(line.as_bytes(), HERE), record, *seq)?;
            }
        }
    }

    #[test]
    fn a_line_over_its_bound_is_cut_and_counts_it(record in timed(), bytes_max in 0usize..3000) {
        for form in [Form::OpenTelemetry, Form::Ecs, Form::Logfmt] {
            let cut = |bytes_max: usize| {
                let mut line = Vec::new();
                form.open(&record, &mut line, bytes_max);
                form.close(&mut line, u64::MAX);
                line
            };
            let (whole, least, line) = (cut(usize::MAX), cut(0), cut(bytes_max));
            prop_assert!(line.len() <= bytes_max.max(least.len()), "{:?}: {} bytes", form, line.len());
            let formats = Formats::looking();
            let row = formats.read(&line[..line.len() - 1], HERE);
            prop_assert_eq!(row.shape, Shape::Record, "{}", String::from_utf8_lossy(&line));
            if line.len() < whole.len() {
                let before = record.truncated.unwrap_or(0);
                let told = asked(&row, "truncated").and_then(|told| told.parse().ok());
                prop_assert!(told > Some(u64::from(before)) || before == u32::MAX, "{:?} {:?}", told, form);
            }
        }
    }

    #[test]
    fn a_log_format_is_read_as_it_was_written(
        records in prop::collection::vec((timed(), sane(), 0_i64..4_000_000_000_000_000), 1..4),
        format in prop::sample::select(vec![
            "flickr",
            r#"%h "%{user_id}n" %{level}n %{request_id}n %{trace_id}n "%r" %>s %D %{%F}t|%{%T}t %{usec_frac}t"#,
            "$remote_addr|$remote_user|[$time_local]|$request|$status|$request_time|$msec",
            "[%t] %U%q; %{ms}T %{end:usec}t %{error}n",
        ]),
    ) {
        let format = LogFormat::parse(format).expect("it is a format");
        let formats = Formats::forced(Forms::parse(format.text()).expect("it is a format"));
        let form = Form::LogFormat(format.clone());
        let records: Vec<_> = records.into_iter().map(|(mut record, (path, query), ts)| {
            record.ts = Timestamp::from_micros(ts);
            record.duration_us = record.duration_us.map(|micros| micros >> 20);
            record.path = Some(path.into());
            record.query = query.map(Into::into);
            record.method = Some("GET".into());
            record.http_version = Some("1.1".into());
            (record, 0)
        }).collect();
        let log = lines(&form, &records);
        prop_assert_eq!(log.matches('\n').count(), records.len());
        prop_assert!(log.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)), "{:?}", log);
        for (line, (record, _)) in log.lines().zip(&records) {
            let row = formats.read(line.as_bytes(), HERE);
            prop_assert_eq!(row.shape, Shape::Record, "{}", line);
            check_format(&format, &row, record)?;
        }
    }

    #[test]
    fn a_log_format_of_every_field_is_read_as_it_was_written(record in timed(), seq in any::<u64>()) {
        // Times have tests of their own.
        let names: Vec<_> = asked_fields().chain(["duration_us", "head_us"]).collect();
        let format = names.iter().map(|name| format!("\"%{{{name}}}n\"")).collect::<Vec<_>>().join(" ");
        let format = LogFormat::parse(&format).expect("it is a format");
        let formats = Formats::forced(Forms::parse(format.text()).expect("it is a format"));
        let log = lines(&Form::LogFormat(format), &[(record.clone(), seq)]);
        prop_assert_eq!(log.matches('\n').count(), 1);
        prop_assert!(log.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)), "{:?}", log);
        let row = formats.read(log.trim_end_matches('\n').as_bytes(), HERE);
        for name in names {
            // An empty text is as unknown as none.
            let wanted = wanted(&record, name).filter(|text| !text.is_empty());
            prop_assert_eq!(asked(&row, name), wanted, "{} in {}", name, log);
        }
    }

    #[test]
    fn a_bounded_line_of_a_log_format_is_read_too(mut record in timed(), bytes_max in 400usize..2000) {
        record.duration_us = record.duration_us.map(|micros| micros >> 20);
        let format = LogFormat::named("flickr").expect("it is known");
        let formats = Formats::forced(Forms::parse("flickr").expect("it is known"));
        let mut line = Vec::new();
        format.write_up_to(&record, &mut line, bytes_max);
        prop_assert!(line.len() <= bytes_max, "{} bytes", line.len());
        prop_assert_eq!(line.iter().position(|byte| *byte == b'\n'), Some(line.len() - 1));
        let row = formats.read(&line[..line.len() - 1], HERE);
        prop_assert_eq!(row.shape, Shape::Record, "{}", String::from_utf8_lossy(&line));
    }
}

/// A path and a query as a request line can have them.
fn sane() -> impl Strategy<Value = (String, Option<String>)> {
    let path = text().prop_map(|text| format!("/{}", text.replace(['?', ' '], "")));
    let query = text()
        .prop_map(|text| text.replace(' ', ""))
        .prop_filter("an empty one is none", |text| !text.is_empty());
    (path, prop::option::of(query))
}

fn check_format(format: &LogFormat, row: &Row<'_>, record: &Record<'_>) -> Result<(), TestCaseError> {
    let line = || String::from_utf8_lossy(row.raw).into_owned();
    let has = |name: &str| format.directives().any(|directive| directive.field == name);
    for name in
        ["client_ip", "user_id", "status", "level", "request_id", "trace_id", "error", "api_key", "referer"]
    {
        if has(name) {
            // An empty text is as unknown as none.
            let wanted = wanted(record, name).filter(|text| !text.is_empty());
            prop_assert_eq!(asked(row, name), wanted, "{} in {}", name, line());
        }
    }
    prop_assert_eq!(asked(row, "path"), wanted(record, "path"), "{}", line());
    prop_assert_eq!(asked(row, "query"), wanted(record, "query"), "{}", line());
    prop_assert_eq!(
        has("request") && asked(row, "http_version") != wanted(record, "http_version"),
        false,
        "{}",
        line()
    );
    let unit = |source: &str| match source {
        "%{ms}T" | "$request_time" => 1000,
        _ => 1,
    };
    let duration =
        format.directives().find(|directive| directive.field == "duration_us").map(|d| unit(&d.source));
    let duration = duration.and_then(|unit| record.duration_us.map(|micros| micros / unit * unit));
    prop_assert_eq!(asked(row, "duration_us"), duration.map(|micros| micros.to_string()), "{}", line());
    Ok(())
}
