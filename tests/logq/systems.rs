//! One realistic line of every system whose names logq knows, asked the same questions by the same names.

use logq::field::Name;
use logq::format::Formats;
use logq::row::Origin;

/// What is asked of every line, in this order; a duration comes in microseconds.
const ASKED: [&str; 8] =
    ["status", "duration_us", "path", "client_ip", "user_agent", "request_id", "trace_id", "method"];

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// A system, a line of it, and the answers; `-` where its line does not have them.
type Line<'a> = (&'a str, &'a str, [&'a str; 8]);

const LINES: &[Line<'_>] = &[
    (
        "OpenTelemetry",
        r#"{"timestamp":"2026-11-21T04:08:21Z","http.request.method":"GET","url.path":"/a","http.route":"/{x}","http.response.status_code":503,"http.server.request.duration":0.25,"client.address":"203.0.113.9","user_agent.original":"curl/8","http.request.header.x-request-id":"r1","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}"#,
        ["503", "250000", "/a", "203.0.113.9", "curl/8", "r1", TRACE, "GET"],
    ),
    (
        "OpenTelemetry, old names, below Attributes",
        r#"{"Timestamp":"2026-11-21T04:08:21Z","http":{"method":"GET","target":"/a","status_code":503,"client_ip":"203.0.113.9","user_agent":"curl/8"},"duration_ms":250,"requestId":"r1","TraceId":"4bf92f3577b34da6a3ce929d0e0e4736"}"#,
        ["503", "250000", "/a", "203.0.113.9", "curl/8", "r1", TRACE, "GET"],
    ),
    (
        "ECS",
        r#"{"@timestamp":"2026-11-21T04:08:21Z","event":{"duration":250000000},"http":{"request":{"id":"r1","method":"GET"},"response":{"status_code":503}},"url":{"path":"/a","original":"/a?x"},"client":{"ip":"203.0.113.9"},"user_agent":{"original":"curl/8"},"trace":{"id":"4bf92f3577b34da6a3ce929d0e0e4736"}}"#,
        ["503", "250000", "/a", "203.0.113.9", "curl/8", "r1", TRACE, "GET"],
    ),
    (
        "Google httpRequest",
        r#"{"severity":"ERROR","timestamp":"2026-11-21T04:08:21Z","httpRequest":{"requestMethod":"GET","requestUrl":"https://a.example/a","requestSize":"34","status":503,"responseSize":"57","userAgent":"curl/8","remoteIp":"203.0.113.9","latency":"0.250s","protocol":"HTTP/1.1"},"trace":"projects/p/traces/x"}"#,
        ["503", "250000", "https://a.example/a", "203.0.113.9", "curl/8", "-", "-", "GET"],
    ),
    (
        "nginx",
        r#"{"time_iso8601":"2026-11-21T04:08:21+00:00","remote_addr":"203.0.113.9","remote_user":"","request_method":"GET","request_uri":"/a","status":"503","body_bytes_sent":"57","request_time":"0.250","http_user_agent":"curl/8","request_id":"r1","otel_trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}"#,
        ["503", "250000", "/a", "203.0.113.9", "curl/8", "r1", TRACE, "GET"],
    ),
    (
        "Caddy",
        r#"{"level":"info","ts":1795234101.5,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"10.0.0.1","remote_port":"1","client_ip":"203.0.113.9","proto":"HTTP/2.0","method":"GET","host":"a.example","uri":"/a","headers":{"User-Agent":["curl/8"],"X-Request-Id":["r1"]}},"bytes_read":0,"user_id":"","duration":0.25,"size":57,"status":503,"traceID":"4bf92f3577b34da6a3ce929d0e0e4736"}"#,
        ["503", "250000", "/a", "203.0.113.9", "curl/8", "r1", TRACE, "GET"],
    ),
    (
        "Traefik",
        r#"{"ClientAddr":"203.0.113.9:1","ClientHost":"203.0.113.9","DownstreamContentSize":57,"DownstreamStatus":503,"Duration":250000000,"RequestHost":"a.example","RequestMethod":"GET","RequestPath":"/a","RequestProtocol":"HTTP/1.1","RouterName":"r@docker","StartUTC":"2026-11-21T04:08:21.25Z","TraceId":"4bf92f3577b34da6a3ce929d0e0e4736","request_User-Agent":"curl/8","request_X-Request-Id":"r1","level":"info","msg":"","time":"2026-11-21T04:08:21Z"}"#,
        ["503", "250000", "/a", "203.0.113.9", "curl/8", "r1", TRACE, "GET"],
    ),
    (
        "Envoy and Istio",
        r#"{"start_time":"2026-11-21T04:08:21.250Z","method":"GET","path":"/a","protocol":"HTTP/1.1","response_code":503,"response_flags":"UF","bytes_received":0,"bytes_sent":57,"duration":250,"user_agent":"curl/8","request_id":"r1","authority":"a","downstream_remote_address":"203.0.113.9:5555","x_b3_traceid":"4bf92f3577b34da6a3ce929d0e0e4736"}"#,
        ["503", "250000", "/a", "203.0.113.9:5555", "curl/8", "r1", TRACE, "GET"],
    ),
    (
        "pino",
        r#"{"level":30,"time":1795234101500,"pid":1,"hostname":"h","req":{"id":"r1","method":"GET","url":"/a","headers":{"user-agent":"curl/8"},"remoteAddress":"203.0.113.9","remotePort":1},"res":{"statusCode":503},"responseTime":250,"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","msg":"request completed"}"#,
        ["503", "250000", "/a", "203.0.113.9", "curl/8", "r1", TRACE, "GET"],
    ),
    (
        "bunyan",
        r#"{"name":"a","hostname":"h","pid":1,"level":30,"req_id":"r1","req":{"method":"GET","url":"/a","headers":{"user-agent":"curl/8"},"remoteAddress":"203.0.113.9","remotePort":1},"res":{"statusCode":503},"duration_ms":250,"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","msg":"","time":"2026-11-21T04:08:21Z","v":0}"#,
        ["503", "250000", "/a", "203.0.113.9", "curl/8", "r1", TRACE, "GET"],
    ),
    (
        "AWS ALB",
        r#"https 2026-11-21T04:08:21.186641Z app/a/50dc 203.0.113.9:2817 10.0.0.1:80 0.050 0.150 0.050 503 503 34 57 "GET https://a.example:443/a HTTP/1.1" "curl/8" ECDHE TLSv1.2 arn:tg "Root=1-58337262-36d228ad5d83923122bbe354" "-" "-" 0"#,
        ["503", "250000", "/a", "203.0.113.9", "curl/8", "-", "1-58337262-36d228ad5d83923122bbe354", "GET"],
    ),
    (
        "S3",
        r#"79a5 b [21/Nov/2026:04:08:21 +0000] 203.0.113.9 - r1 REST.GET.OBJECT a "GET /a HTTP/1.1" 503 SlowDown 57 - 250 5 "-" "curl/8" -"#,
        ["503", "250000", "/a", "203.0.113.9", "curl/8", "r1", "-", "GET"],
    ),
    (
        "Squid",
        "1795234101.500    250 203.0.113.9 TCP_MISS/503 57 GET http://a.example/a - HIER_DIRECT/192.0.2.2 text/html",
        ["503", "250000", "/a", "203.0.113.9", "-", "-", "-", "GET"],
    ),
    (
        "HAProxy",
        r#"203.0.113.9:53332 [21/Nov/2026:04:08:21.250] in b/s1 0/0/50/150/250 503 57 - - ---- 2/1/0/0/0 0/0 "GET /a HTTP/1.1""#,
        ["503", "250000", "/a", "203.0.113.9", "-", "-", "-", "GET"],
    ),
    (
        "combined",
        r#"203.0.113.9 - - [21/Nov/2026:04:08:21 +0000] "GET /a HTTP/1.1" 503 57 "-" "curl/8""#,
        ["503", "-", "/a", "203.0.113.9", "curl/8", "-", "-", "GET"],
    ),
];

/// An array of one is the one.
fn shown(text: &str) -> String {
    text.strip_prefix("[\"").and_then(|rest| rest.strip_suffix("\"]")).unwrap_or(text).to_owned()
}

#[test]
fn every_system_answers_the_same_questions() {
    let formats = Formats::looking();
    for (system, line, expected) in LINES {
        let row = formats.read(line.as_bytes(), Origin { file: "a.log", line: 1 });
        for (name, expected) in ASKED.into_iter().zip(expected) {
            let name = Name::new(name);
            let found = if name.text() == "duration_us" {
                name.duration_us(&row).map(|micros| micros.to_string())
            } else {
                name.resolve(&row).map(|value| shown(value.text()))
            };
            assert_eq!(found.as_deref().unwrap_or("-"), *expected, "{system}: {}", name.text());
        }
        assert_eq!(
            Name::new("ts").time_us(&row).map(|micros| micros / 1_000_000),
            Some(1_795_234_101),
            "{system}: ts"
        );
    }
}
