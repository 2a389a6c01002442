//! The object of a trace, read by a decoder of others.

use super::*;
use crate::facts::Facts;
use crate::testing::row;
use serde_json::Value;

fn object(lines: &[String]) -> Value {
    let facts = Facts::new();
    let records = lines.iter().map(|line| Record::of(&row(line), &facts));
    let mut out = Vec::new();
    trace_json(&Trace::new(records, &[]), "r1", &mut out).unwrap();
    assert!(out.ends_with(b"}\n") && !out[..out.len() - 1].contains(&b'\n'), "one line");
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn parents_are_places_and_times_count_from_the_beginning() {
    let lines = [
        r#"{"kind":"access","ts":"2026-11-21T04:00:00.300Z","service":"a","span_id":"a1","status":500,"duration_us":300000}"#,
        r#"{"kind":"call","ts":"2026-11-21T04:00:00.295Z","service":"a","span_id":"c1","parent_id":"a1","status":"5xx","duration_us":290000}"#,
        r#"{"kind":"access","ts":"2026-11-21T04:00:00.294Z","service":"b","span_id":"b1","parent_id":"c1","status":"5xx","duration_us":288000,"notes":{"n":1}}"#,
        r#"{"kind":"event","ts":"2026-11-21T04:00:00.100Z","message":"miss","span_id":"b1"}"#,
    ];
    let object = object(&lines.map(str::to_owned));
    assert_eq!(object["start"], "2026-11-21T04:00:00Z");
    assert_eq!(
        (&object["start_us"], &object["duration_us"]),
        (&1_795_233_600_000_000_i64.into(), &300_000.into())
    );
    let [a, call, b] = &object["spans"].as_array().unwrap()[..] else { panic!("{object}") };
    assert_eq!((&a["parent"], &a["status"], &a["own_us"]), (&Value::Null, &500.into(), &10_000.into()));
    assert_eq!(
        (&call["kind"], &call["status"], &call["parent"]),
        (&"call".into(), &"5xx".into(), &Value::Null)
    );
    assert_eq!((&b["parent"], &b["call"], &b["offset_us"]), (&0.into(), &1.into(), &6_000.into()));
    assert_eq!((&b["notes"]["n"], &b["file"], &b["line"]), (&"1".into(), &"app.log".into(), &7.into()));
    let event = &object["events"][0];
    assert_eq!((&event["parent"], &event["offset_us"]), (&2.into(), &100_000.into()));
}

#[test]
fn hostile_records_are_an_object_on_which_nothing_acts() {
    let lines = [
        r#"{"kind":"access","ts":"-009999-01-02T01:59:59Z","span_id":"a","parent_id":"a","duration_us":18446744073709551615,"path":"\u001b\u202e\"\\</script>"}"#,
        r#"{"kind":"call","ts":"9999-12-30T22:00:00.9Z","span_id":"a","parent_id":"a","duration_us":18446744073709551615}"#,
        r#"{"kind":"access","span_id":"","parent_id":"\u0000"}"#,
    ];
    let object = object(&lines.map(str::to_owned));
    assert_eq!(object["spans"].as_array().map(Vec::len), Some(3));
    assert_eq!(object["spans"][0]["path"], "\u{1b}\u{202e}\"\\</script>");
}
