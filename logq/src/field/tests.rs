//! Which value a name finds in a line.

use super::*;
use crate::testing::row;

fn resolved(name: &str, line: &str) -> String {
    let row = row(line);
    match Name::new(name).resolve(&row) {
        None => "-".to_owned(),
        Some(Value::Nested(json)) => json.into_owned(),
        Some(value) => value.scalar().unwrap().to_owned(),
    }
}

#[test]
fn names_find_values() {
    for (name, line, expected) in [
        ("status", r#"{"status":500}"#, "500"),
        ("status", r#"{"response_code":500}"#, "500"),
        ("status", r#"{"res":{"statusCode":500}}"#, "500"),
        ("statusCode", r#"{"status":200,"statusCode":500}"#, "500"),
        ("status", r#"{"status":null,"statusCode":500}"#, "500"),
        ("status", r#"{"http.response.status_code":1,"http":{"response":{"status_code":2}}}"#, "1"),
        ("user", r#"{"user":{"a":1},"user_id":"5"}"#, "5"),
        ("album", r#"{"notes":{"album":42}}"#, "42"),
        ("album", r#"{"album":1,"notes":{"album":42}}"#, "1"),
        ("notes.album", r#"{"notes":{"album":42}}"#, "42"),
        ("a.b", r#"{"a":{"b":"x"}}"#, "x"),
        ("status", r#"{"notes":{"status":42}}"#, "-"),
        ("flags.new_search", r#"{"flags":["a=b","new_search=on"]}"#, "on"),
        ("flags.new", r#"{"flags":["new_search=on"]}"#, "-"),
        ("flags.x", r#"{"flags.x":"y","flags":["x=on"]}"#, "y"),
        ("http_version", r#"{"server_protocol":"HTTP/1.1"}"#, "1.1"),
        ("http_version", r#"{"request":"GET /a?b HTTP/1.1"}"#, "1.1"),
        ("query", r#"{"request":"GET /a?b=?c HTTP/1.1"}"#, "b=?c"),
        ("query", r#"{"request":"GET /a HTTP/1.1"}"#, "-"),
        ("path", r#"{"request":"GET /a b HTTP/1.1"}"#, "/a b"),
        ("path", r#"{"request":"GET /a"}"#, "-"),
        ("path", r#"{"request":{"uri":"/u"}}"#, "/u"),
        ("status", r#"{"request":"GET /a HTTP/1.1"}"#, "-"),
        ("request_id", r#"{"reqId":"r1"}"#, "r1"),
        ("_file", "{}", "app.log"),
        ("_line", "{}", "7"),
        ("_raw", "{}", "{}"),
        ("_line", "no record", "-"),
    ] {
        assert_eq!(resolved(name, line), expected, "{name} {line}");
    }
}

#[test]
fn durations_come_in_microseconds() {
    for (name, line, expected) in [
        ("duration", r#"{"duration_us":250}"#, Some(250)),
        ("duration", r#"{"duration":0.0025}"#, Some(2500)),
        ("duration", r#"{"duration":"1.5ms"}"#, Some(1500)),
        ("duration", r#"{"request_time":"0.123"}"#, Some(123_000)),
        ("duration", r#"{"latency":"0.123s"}"#, Some(123_000)),
        ("duration", r#"{"latency":123}"#, None),
        ("duration_us", r#"{"Duration":1999}"#, Some(1)),
        ("duration", r#"{"responseTime":12.5}"#, Some(12_500)),
        ("duration", r#"{"event":{"duration":5000}}"#, Some(5)),
        ("status", r#"{"status":5}"#, None),
    ] {
        assert_eq!(Name::new(name).duration_us(&row(line)), expected, "{name} {line}");
    }
}

#[test]
fn times_come_in_any_form() {
    for line in [
        r#"{"ts":"2023-11-14T22:13:20.000000Z"}"#,
        r#"{"time":"2023-11-14T23:13:20+01:00"}"#,
        r#"{"ts":1700000000}"#,
        r#"{"ts":1700000000.0}"#,
        r#"{"time":1700000000000}"#,
        r#"{"time_local":"14/Nov/2023:22:13:20 +0000"}"#,
        r#"{"ts":"2023-11-14 22:13:20"}"#,
    ] {
        assert_eq!(Name::new("ts").time_us(&row(line)), Some(1_700_000_000_000_000), "{line}");
    }
    assert_eq!(Name::new("ts").time_us(&row(r#"{"ts":"soon"}"#)), None);
}

#[test]
fn types_and_units() {
    for (name, ty, unit) in [
        ("duration", Ty::Contract(Type::DurationMicros), None),
        ("request_time", Ty::Contract(Type::DurationMicros), None),
        ("duration_us", Ty::Contract(Type::DurationMicros), Some(Unit::Same)),
        ("elapsed_ms", Ty::Contract(Type::DurationMicros), Some(Unit::Millis)),
        ("bytes_out", Ty::Contract(Type::SizeBytes), Some(Unit::Same)),
        ("size", Ty::Contract(Type::SizeBytes), None),
        ("user", Ty::Contract(Type::Id), None),
        ("_line", Ty::Contract(Type::Integer), None),
        ("album", Ty::Free, None),
        ("db_ms", Ty::Free, None),
    ] {
        assert_eq!((Name::new(name).ty(), Name::new(name).unit()), (ty, unit), "{name}");
    }
}
