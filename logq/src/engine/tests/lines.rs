//! Lines as nobody should write them, and queries that they could fool a fast reader with.

use proptest::prelude::*;

/// Points in time of the lines.
pub(super) const TIMES_US: [i64; 3] = [1_795_234_101_000_000, 1_795_234_102_500_000, 1_795_234_103_000_000];

const KEYS: &[&str] = &[
    "status",
    "st\\u0061tus",
    "user_id",
    "user\\u005fid",
    "ts",
    "time",
    "route",
    "notes",
    "a",
    "a.b",
    "b",
    "duration_us",
    "latency",
    "duration",
    "response_flags",
    "res",
    "statusCode",
    "response_code",
    "http.response.status_code",
    "level",
    "error",
    "user",
    "message",
    "flags",
    "request",
    "method",
    "",
];

const VALUES: &[&str] = &[
    "200",
    "500",
    "5e2",
    "500.0",
    "-1",
    "12345678901234567890",
    "1e400",
    "null",
    "true",
    "false",
    "\"500\"",
    "\"200\"",
    "\"5555\"",
    "5555",
    "\"\\u0035555\"",
    "\"55\\u00355\"",
    "\"x5555y\"",
    "\"\"",
    "\"a\\\"status\\\":500\"",
    "\"{\"",
    "\"[1,\"",
    "\"\\\":{\"",
    "\"\\\" : [\"",
    "\"}\"",
    "\"\\\\\"",
    "\"caf\\u00e9\"",
    "\"café abcd\"",
    "\"ab\\u0063d\"",
    "\"a\\/abcd\"",
    "\"abc/d\"",
    "\"2026-11-21T04:08:21.000000Z\"",
    "\"2026-11-21T04:08:22.5Z\"",
    "\"2026-11-21T04:08:23Z\"",
    "1795234102.5",
    "\"0.3s\"",
    "250000",
    "{}",
    "[]",
    "[\"status\",500]",
    "{\"status\":500}",
    "{\"statusCode\":500,\"b\":\"abcd\"}",
    "[5555,\"abcd\"]",
    "{\"a\":{\"status\":500}}",
    "[\"x=abcd\"]",
    "{\"user_id\":\"5555\"}",
    "[{\"b\":\"abcd\"},{\"statusCode\":[500]}]",
    "\"GET /abcd?b=abcd HTTP/2\"",
    "\"GE\\u0054 \\/abcd HTTP/2\"",
    "\"error\"",
    "\"ERR\"",
    // What no decoder takes.
    "01",
    "\"\\x\"",
    "\"\\ud800\"",
    "nul",
    "\"open",
    "[1",
    "\"\u{1}\"",
    "1 2",
];

const OTHERS: &[&str] = &[
    "",
    " ",
    "just text abcd",
    "status=500 user_id=5555",
    "status=200 user_id=\"5555\"",
    "user_id=\"55\\u00355\" status=5e2",
    "msg=\"x status=500 y\" status=200",
    "msg=\"a\\\" status=500\" status=200 ",
    "status=\"500\" a=abcd",
    "a.b=abcd status=",
    "status=500 broken",
    "status=500 bare route=abcd user_id",
    "status=500 request=\"GET /abcd?b=abcd HTTP/2\" bare",
    "Nov 21 04:08:22 www nginx: 203.0.113.9 - kim [21/Nov/2026:04:08:22 +0000] \"GET /abcd HTTP/2\" 500 17",
    "www nginx: 203.0.113.9 - - [21/Nov/2026:04:08:22 +0000] \"GET /abcd HTTP/2\" 500 17",
    "status=200 status=500",
    "x=\"\"status=500",
    "a=b\"c\" status=500",
    "ts=2026-11-21T04:08:22.5Z status=500 duration=0.3s",
    "203.0.113.9 - 5555 [21/Nov/2026:04:08:22 +0000] \"GET /abcd HTTP/1.1\" 500 5",
    "203.0.113.9 - - [21/Nov/2026:04:08:21 +0000] \"GET /a\\x62cd HTTP/2.0\" 200 - \"-\" \"abcd\"",
    "203.0.113.9 - kim [21/Nov/2026:04:08:23 +0000] \"GET /x\\\" 500 HTTP/1.1\" 404 7 \"-\" \"x \\\" 500 7\"",
    "www:80 203.0.113.9 - \\x35555 [21/Nov/2026:04:08:22 +0000] \"broken\" 500 5 \"-\" \"curl/7\"",
    "203.0.113.9 - - [21/Nov/2026:04:08:22 +0000] \"GET / HTTP/1.1\" 500",
    "203.0.113.9 - - [31/Feb/2026:04:08:22 +0000] \"GET / HTTP/1.1\" 500 5",
    " {\"status\":500,\"user_id\":\"5555\"} ",
    "2026-11-21T04:08:22.5Z stdout F {\"status\":500,\"user_id\":\"5555\"}",
    "2026-11-21T04:08:22.5Z stdout F {\"msg\":\"a [b] \",\" 200 x\":1,\"status\":500}",
    "2026-11-21T04:08:21Z stderr P abcd 5555",
    "2026-11-21T04:08:21Z stderr F 203.0.113.9 - 5555 [21/Nov/2026:04:08:22 +0000] \"GET /abcd HTTP/1.1\" 500 5",
    "web-1  | status=500 user_id=5555",
    "\u{1b}[2Kweb-1  | 2026-11-21T04:08:23Z abcd [x] \"y\" 200 z",
    "http 2026-11-21T04:08:23.000000Z app/x 203.0.113.9:2817 10.0.0.1:80 0.1 0.2 -1 500 - 34 366 \"GET http://a/abcd HTTP/1.1\" \"5555\" - -",
    "192.0.2.2:1 [21/Nov/2026:04:08:22.500] in in/<NOSRV> 0/0/0/1/250 500 11 - - ---- 0/0/0/0/0 0/0 \"GET /abcd HTTP/1.1\"",
    "http 2026-11-21T04:08:23.000000Z app/x 203.0.113.9:2817 10.0.0.1:80 0.1 0.2 0.3 500 - 34 366 \"GET http://a/ HTTP/1.1\" \"x [y] \"5555\" 200 z\" - -",
    "79a5 abcd [21/Nov/2026:04:08:22 +0000] 203.0.113.9 5555 3E57 REST.GET.OBJECT a.jpg \"GET /abcd HTTP/1.1\" 500 NoSuchKey 113 - 250 5 \"-\" \"abcd\" -",
    "1795234102.500    250 203.0.113.9 TCP_MISS/500 411 GET http://a/abcd 5555 DIRECT/192.0.2.2 text/html",
    "{\"log\":\"status=500 user_id=5555\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-21T04:08:22.5Z\"}",
    "{\"log\":\"abcd\",\"stream\":\"stderr\",\"time\":\"2026-11-21T04:08:22.5Z\"}",
    "{\"log\":\"status=500\",\"status\":200}",
    "#Fields: date time sc-status cs-username x",
    "#Fields: status user_id duration time-taken",
    "2026-11-21 04:08:22 500 5555 abcd",
    "2026-11-21 04:08:21 200 - \"ab \"\"cd\"",
    "500 5555 - 250",
    "200 kim abcd 0.3",
    "[{\"status\":500}]",
    "{\"status\":500}{\"a\":1}",
    "{\"status\":500,}",
    "{\"status\" 500}",
    "{status:500}",
    "{\"status\":500",
    "{\"a\":\"status\":500}",
    "{\"a\",\"status\":500}",
    "{\"x\":{},\"status\":500}",
    "{\"a\":[\"status\",\"status\"],\"status\":500}",
];

/// A line, without its line end.
pub(super) fn line() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => json(),
        3 => prop::sample::select(OTHERS).prop_map(|line| line.as_bytes().to_vec()),
        1 => json().prop_flat_map(|line| {
            let at = 0..line.len().max(1);
            (Just(line), at, any::<u8>()).prop_map(|(mut line, at, byte)| {
                // One byte is wrong.
                line[at] = if byte == b'\n' { b'x' } else { byte };
                line
            })
        }),
        1 => json().prop_flat_map(|line| (Just(line.clone()), 0..=line.len())).prop_map(|(line, at)| line[..at].to_vec()),
        1 => (json(), 280..320_usize).prop_map(|(mut line, len)| {
            line.resize(len, b' ');
            line
        }),
        1 => json().prop_map(|line| [&line[..], b"\r"].concat()),
        3 => prop_oneof![4 => json(), 1 => prop::sample::select(OTHERS).prop_map(|line| line.as_bytes().to_vec())]
            .prop_flat_map(|line| (Just(line), 0..3_usize, any::<prop::sample::Index>()))
            .prop_map(|(line, around, escaped)| enclosed(&line, around, escaped)),
    ]
}

/// The line in a text of JSON, with one of its characters spelled by its number.
fn enclosed(line: &[u8], around: usize, escaped: prop::sample::Index) -> Vec<u8> {
    let text = String::from_utf8_lossy(line).into_owned();
    let escaped = escaped.index(text.chars().count() + 1);
    let spelled = |(at, char): (usize, char)| match serde_json::to_string(&char) {
        _ if at == escaped => format!("\\u{:04x}", u32::from(char).min(0xffff)),
        Ok(json) => json[1..json.len() - 1].to_owned(),
        Err(_) => String::new(),
    };
    let text: String = text.chars().enumerate().map(spelled).collect();
    let (before, behind) = [
        ("{\"log\":\"", "\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-21T04:08:22.5Z\"}"),
        ("{\"log\":\"", "\",\"status\":500}"),
        ("{\"_PID\":\"5555\",\"MESSAGE\":\"", "\",\"__REALTIME_TIMESTAMP\":\"1795234102500000\"}"),
    ][around];
    [before, &text, behind].concat().into_bytes()
}

fn json() -> impl Strategy<Value = Vec<u8>> {
    let blank = || prop::sample::select(&["", "", "", " ", "\t", "  "][..]);
    let member =
        (blank(), prop::sample::select(KEYS), blank(), blank(), prop::sample::select(VALUES), blank());
    prop::collection::vec(member, 0..6).prop_map(|members| {
        let members: Vec<String> =
            members.iter().map(|(a, key, b, c, value, d)| format!("{a}\"{key}\"{b}:{c}{value}{d}")).collect();
        format!("{{{}}}", members.join(",")).into_bytes()
    })
}

/// A query.
pub(super) fn query() -> impl Strategy<Value = String> {
    let condition = prop::sample::select(vec![
        "status>=500",
        "status=500",
        "status!=500",
        "not status=500",
        "status in (500, 404)",
        "status not in (500)",
        "has status",
        "status~\"^5\"",
        "user_id=5555",
        "user=5555",
        "user_id in (5555, kim)",
        "user_id!=5555",
        "user_id~\"x5+\"",
        "user_id=x*y",
        "abcd",
        "\"ab/cd\"",
        "é",
        "duration>=250ms",
        "duration_us=250000",
        "latency>1ms",
        "a=abcd",
        "a=500",
        "a=\"500\"",
        "a.b=abcd",
        "res.b=abcd",
        "res.b!=abcd",
        "has bare",
        "method=GET",
        "path=/abcd",
        "query~\"b=ab\"",
        "b=abcd",
        "a~\"b.d|xyz\"",
        "a~\"(?i)ABCD\"",
        "statusCode=500",
        "res.statusCode=500",
        "response_code=500",
        "http.response.status_code>200",
        "flags.x=abcd",
        "level=error",
        "level>=warn",
        "route=abcd",
        "message=abcd",
        "path=\"/abcd\"",
        "path=\"/a*\"",
        "ts>=2026-11-21T04:08:22Z",
        "ts~\"04:08:22\"",
        "\"2026-11-21\"",
        "04:08:22",
        "nothere=1",
        "*",
        "error=*",
        "_line=3",
        "_line>2",
        "http_version=2",
        "notes.a=500",
        "client_ip=203.0.113.9",
        "client_ip in 203.0.113.0/24",
    ])
    .prop_map(str::to_owned);
    let head = prop_oneof![4 => Just(""), 1 => Just(" | head 2"), 1 => Just(" | head 1")];
    let filter = condition.prop_recursive(2, 4, 2, |inner| {
        prop_oneof![
            1 => inner.clone().prop_map(|f| format!("not ({f})")),
            3 => (inner.clone(), inner.clone()).prop_map(|(f, g)| format!("({f}) ({g})")),
            2 => (inner.clone(), inner).prop_map(|(f, g)| format!("({f}) or {g}")),
        ]
    });
    (filter, head).prop_map(|(filter, head)| format!("{filter}{head}"))
}
