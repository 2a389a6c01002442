//! Rows of every kind as lines.

use super::*;
use crate::row::Origin;
use crate::row::Shape;

fn look(colour: bool) -> PlainLook {
    PlainLook { zone: TimeZone::UTC, theme: Theme { colour }, columns: None, unfold: false, filter: None }
}

fn shown_by(look: PlainLook, line: &str) -> String {
    let row = Row {
        raw: line.as_bytes(),
        fields: json::object(line.as_bytes()).unwrap_or_default(),
        shape: if line.starts_with('{') { Shape::Record } else { Shape::Unknown },
        origin: Origin { file: "-", line: 1 },
    };
    let mut text = String::new();
    Plain::new(look).push(&row, &mut text, 0);
    text
}

fn shown(line: &str, colour: bool) -> String {
    shown_by(look(colour), line)
}

#[test]
fn a_record_of_ours_is_a_line_to_read() {
    let rows = [
        (
            r#"{"v":1,"ts":"2026-11-21T04:08:21.173663Z","kind":"access","level":"error","instance":"8b12408585c520e6","service":"photos","host":"www394","release":"2026.11.21-1","request_id":"req-0005","trace_id":"e083b5ccd022802105b02b3b243e3165","span_id":"b12b69dc8ef00d14","parent_id":"0caa986deb098105","client_ip":"203.0.113.9","peer_ip":"203.0.113.9","user_id":"5555","api_key":"k1:yerd2kkszhg7dln6snfa","api_method":"flickr.photos.search","method":"GET","scheme":"http","authority":"photos:80","path":"/photos/allspaw","query":"q=","http_version":"1.1","route":"/photos/{user}","status":500,"outcome":"aborted","bytes_out":0,"bytes_in":0,"head_us":312000,"duration_us":312400,"user_agent":"curl/8","referer":"http://a/","error":"no shard","flags":["new_search=on","x=\u001b"],"notes":{"album":42,"who":"a b"},"seq":7}"#,
            r#"2026-11-21 04:08:21.173Z ERROR photos GET /photos/allspaw → 500 312.4 ms aborted user=5555 error="no shard" request_id=req-0005 client_ip=203.0.113.9 api_key=k1:yerd2kks… api_method=flickr.photos.search query="q=" flags.new_search=on flags.x=\x1b album=42 who="a b" +19"#,
        ),
        (
            r#"{"v":1,"ts":"2026-11-21T04:08:21Z","kind":"call","level":"info","service":"gateway","request_id":"r1","method":"GET","authority":"photos:80","path":"/p","status":200,"outcome":"ok","duration_us":6703,"seq":8}"#,
            "2026-11-21 04:08:21.000Z INFO  gateway call GET /p → 200 6.7 ms request_id=r1 authority=photos:80 +2",
        ),
        (
            r#"{"v":1,"ts":"2026-11-21T04:08:21Z","kind":"event","level":"warn","service":"photos","request_id":"r1","message":"cache miss","target":"photos::cache","notes":{"key":"album:6"},"seq":9}"#,
            "2026-11-21 04:08:21.000Z WARN  photos cache miss request_id=r1 key=album:6 +4",
        ),
        (
            r#"{"v":1,"ts":"2026-11-21T04:08:21Z","kind":"loss","level":"error","service":"photos","lost":12,"seq_first":3,"seq_last":14,"reason":"queue_full","seq":15}"#,
            "2026-11-21 04:08:21.000Z ERROR photos loss lost=12 seq_first=3 seq_last=14 reason=queue_full +2",
        ),
        (
            r#"{"v":1,"ts":"2026-11-21T04:08:21Z","kind":"stop","level":"info","service":"photos","made":902,"written":902,"dropped":0,"seq":16}"#,
            "2026-11-21 04:08:21.000Z INFO  photos stop made=902 written=902 dropped=0 +2",
        ),
    ];
    for (line, expected) in rows {
        assert_eq!(shown(line, false), expected, "{line}");
    }
}

#[test]
fn a_record_of_others_is_too() {
    let rows = [
        (
            r#"{"ts":"2026-11-21T04:08:21Z","level":"info","message":"cache \u001b[2J miss\nx","k":"","n":null,"b":true,"o":{"a":"\u202e"}}"#,
            r#"2026-11-21 04:08:21.000Z INFO  cache \x1b[2J miss\nx k="" n=null b=true o={"a":"\u202e"}"#,
        ),
        (
            r#"{"level":50,"time":1700000000000,"hostname":"h","req":{"method":"GET","url":"/a"},"res":{"statusCode":500},"responseTime":12.5,"msg":"done"}"#,
            r#"2023-11-14 22:13:20.000Z ERROR GET /a → 500 12.5 ms done req={"method":"GET","url":"/a"} res={"statusCode":500} +1"#,
        ),
        (
            r#"{"ts":"soon","duration":"long","flags":[1,"a"],"notes":"none","api_key":"mine","service":""}"#,
            r#"ts=soon service="" api_key=mine duration=long flags=[1,"a"] notes=none"#,
        ),
        (r#"{"a\u001b":"x=1","q":"say \"hi\""}"#, r#"a\x1b="x=1" q="say \"hi\"""#),
        ("no shape \u{9b}2J", "no shape \\u{9b}2J"),
        ("\t\tat a\tb", "        at a\\tb"),
        ("{}", ""),
    ];
    for (line, expected) in rows {
        assert_eq!(shown(line, false), expected, "{line}");
    }
}

#[test]
fn what_was_folded_is_dim() {
    assert_eq!(shown(r#"{"x":1,"v":1,"seq":7}"#, true), "\x1b[2mx=\x1b[0m1 \x1b[2m+2\x1b[0m");
}

#[test]
fn colour_is_only_put_on_what_is_safe() {
    assert_eq!(
        shown(r#"{"level":"warn","message":"\u001b[31mred"}"#, true),
        "\x1b[33mWARN\x1b[0m  \\x1b[31mred"
    );
    assert_eq!(shown(r#"{"level":"weird\u001b"}"#, true), "WEIRD\\x1b");
}

#[test]
fn what_says_something_only_at_times_is_shown_only_then() {
    let rows = [
        (r#"{"kind":"access"}"#, "+1"),
        (r#"{"kind":"event"}"#, "+1"),
        (r#"{"kind":"call"}"#, "call"),
        (r#"{"kind":"Pod"}"#, "kind=Pod"),
        (r#"{"authority":"a","kind":"access"}"#, "+2"),
        (r#"{"authority":"a","kind":"call"}"#, "call authority=a"),
        (r#"{"peer_ip":"::1","client_ip":"::1"}"#, "client_ip=::1 +1"),
        (r#"{"peer_ip":"::1","client_ip":"::2"}"#, "client_ip=::2 peer_ip=::1"),
        (r#"{"peer_ip":"::1"}"#, "peer_ip=::1"),
        (r#"{"trace_id":"t","request_id":"r"}"#, "request_id=r +1"),
        (r#"{"trace_id":"t"}"#, "trace_id=t"),
        (r#"{"grpc_status":0}"#, "+1"),
        (r#"{"grpc_status":14}"#, "grpc_status=14"),
        (r#"{"outcome":"ok","status":200}"#, "→ 200"),
        (r#"{"outcome":"aborted"}"#, "aborted"),
    ];
    for (line, expected) in rows {
        assert_eq!(shown(line, false), expected, "{line}");
        let unfolded = shown_by(PlainLook { unfold: true, ..look(false) }, line);
        assert!(!unfolded.contains('+'), "{unfolded}");
    }
}

#[test]
fn of_several_names_of_a_field_the_one_that_counts_is_in_the_sentence() {
    let rows = [
        (r#"{"status":null,"response_code":500}"#, "→ 500 +1"),
        (r#"{"status":200,"response_code":500}"#, "→ 200 response_code=500"),
        (r#"{"response_code":500,"status":200}"#, "→ 200 response_code=500"),
        (r#"{"seq":1,"x":1,"status":200,"v":1}"#, "→ 200 x=1 +2"),
        (r#"{"res":{"statusCode":404},"a":1}"#, r#"→ 404 res={"statusCode":404} a=1"#),
        (r#"{"user":{"id":5,"name":"kim"}}"#, r#"user=5 user={"id":5,"name":"kim"}"#),
        (r#"{"user":{"id":5,"name":"kim"},"user_id":7}"#, r#"user=7 user={"id":5,"name":"kim"}"#),
        (r#"{"hostname":"www1"}"#, "+1"),
        (r#"{"duration":"long"}"#, "duration=long"),
        (r#"{"duration":"12ms"}"#, "→ 12.0 ms"),
    ];
    for (line, expected) in rows {
        assert_eq!(shown(line, false), expected, "{line}");
    }
}

#[test]
fn the_page_of_output_names_every_folded_field() {
    let page = include_str!("../../../../docs/output.md");
    let (_, list) = page.split_once("**Folded**").unwrap();
    let (list, _) = list.split_once(';').unwrap();
    let named: Vec<&str> = list.split('`').skip(1).step_by(2).collect();
    assert_eq!(named, folded::FOLDED.map(|field| FIELDS[field].name));
}

#[test]
fn long_texts_are_cut_wherever_they_stand() {
    for name in ["level", "service", "path", "status", "message", "error", "user_id", "request_id", "x"] {
        let line = format!(r#"{{"{name}":"{}"}}"#, "é".repeat(5000));
        let text = shown(&line, false);
        assert!(text.chars().count() < 300 && text.ends_with('…'), "{name}: {text}");
        let whole = shown_by(PlainLook { unfold: true, ..look(false) }, &line);
        assert!(whole.chars().count() >= 5000, "{name}");
    }
}
