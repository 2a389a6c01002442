//! Lines of load balancers: those of AWS (application and classic, as they are put into S3) and the HTTP
//! log of `HAProxy`, with syslog's words before it or without. Fields get the contract's names where it has one.

use super::Fields;
use super::words::{self, Words, push, push_number, push_request};
use crate::number;
use crate::value::Value;
use access_record::Timestamp;
use access_record::logformat::clf_time_us;

/// The fields of a line of a load balancer.
pub(super) fn read(line: &[u8]) -> Option<Fields<'_>> {
    let text = std::str::from_utf8(line).ok()?;
    // Of a line with the time and the request of the usual formats the status is looked for behind them.
    aws(text).filter(|_| !words::is_like_usual(text)).or_else(|| haproxy(text))
}

/// Types of connections, which are the first word of an application balancer's line.
const AWS_TYPES: [&str; 6] = ["http", "https", "h2", "grpcs", "ws", "wss"];

/// `[TYPE] TIME NAME CLIENT TARGET 0.000 0.001 0.000 200 200 34 366 "GET http://… HTTP/1.1" "agent" …`, as Elastic
/// Load Balancing documents it.
fn aws(text: &str) -> Option<Fields<'_>> {
    let first = text.split(' ').next()?;
    let is_application = AWS_TYPES.contains(&first);
    let is_classic = first.len() == 27 && first.ends_with('Z');
    if !is_application && !is_classic {
        return None;
    }
    let mut words = Words(text);
    let mut fields = Fields::new();
    if is_application {
        push(&mut fields, "type", words.next()?);
    }
    let time = words.next()?;
    Timestamp::parse(time.as_bytes())?;
    push(&mut fields, "ts", time);
    push(&mut fields, "load_balancer", words.next()?);
    push(&mut fields, "client_ip", words::host(words.next()?)?);
    push(&mut fields, "target", words.next()?);
    // Seconds in which the request was passed on, answered, and passed back; -1 where that never came.
    let mut duration_us = Some(0_i64);
    for _ in 0..3 {
        let micros = number::whole(words.next()?, 6)?;
        duration_us = duration_us.filter(|_| micros >= 0).map(|sum| sum.saturating_add(micros));
    }
    if let Some(micros) = duration_us {
        fields.push(("duration_us".into(), Value::Number(micros.to_string().into())));
    }
    for name in ["status", "target_status", "bytes_in", "bytes_out"] {
        push_number(&mut fields, name, words.next()?)?;
    }
    push_request(&mut fields, words.next()?);
    for name in ["user_agent", "tls_cipher", "tls_version"] {
        push(&mut fields, name, words.next()?);
    }
    push(&mut fields, "target_group", words.next().unwrap_or("-"));
    let trace = words.next().unwrap_or("-");
    push(&mut fields, "amzn_trace_id", trace);
    let root = trace.split(';').find_map(|part| part.strip_prefix("Root="));
    push(&mut fields, "trace_id", root.unwrap_or("-"));
    Some(fields)
}

/// `CLIENT:PORT [TIME] FRONTEND BACKEND/SERVER 0/0/7/1457/1487 200 11394 - - ---- 2/1/0/0/0 0/0 {…} "GET / HTTP/1.1"`.
fn haproxy(text: &str) -> Option<Fields<'_>> {
    let behind_syslog = text.split_once(" haproxy[").and_then(|(_, rest)| rest.split_once("]: "));
    let mut words = behind_syslog.map_or(text, |(_, rest)| rest).splitn(11, ' ');
    let client = words::host(words.next()?)?;
    let time = words.next()?.strip_prefix('[')?.strip_suffix(']')?;
    let (second, millis) = time.split_once('.').unwrap_or((time, "0"));
    let micros = clf_time_us(format!("{second} +0000").as_bytes())? + millis.parse::<i64>().ok()? * 1000;
    let mut fields = Fields::new();
    // The clock of its machine, of which it does not say the zone.
    let time = Timestamp::from_micros(micros).to_string();
    fields.push(("ts".into(), Value::Text(time.trim_end_matches('Z').to_owned().into())));
    push(&mut fields, "client_ip", client);
    push(&mut fields, "frontend", words.next()?.trim_end_matches('~'));
    let (backend, server) = words.next()?.split_once('/')?;
    push(&mut fields, "backend", backend);
    push(&mut fields, "server", server);
    let timers: Vec<&str> = words.next()?.split('/').collect();
    let [.., total] = timers[..] else { return None };
    if timers.len() != 5 {
        return None;
    }
    // A plus says that the line was written before the end.
    let millis = number::whole(total.trim_start_matches('+'), 3)?;
    if millis >= 0 {
        fields.push(("duration_us".into(), Value::Number(millis.to_string().into())));
    }
    push_number(
        &mut fields,
        "status",
        words.next().map(|status| if status == "-1" { "-" } else { status })?,
    )?;
    push_number(&mut fields, "bytes_out", words.next()?.trim_start_matches('+'))?;
    let termination = words.nth(2)?;
    push(&mut fields, "termination", termination);
    let request = words.next()?.strip_suffix('"')?;
    push_request(&mut fields, &request[request.rfind(" \"")? + 2..]);
    Some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::words::shown;

    #[test]
    fn lines_of_load_balancers() {
        let rows = [
            (
                r#"https 2026-11-21T04:08:21.186641Z app/photos/50dc 203.0.113.9:2817 10.0.0.1:80 0.086 0.048 0.037 200 502 34 57 "GET https://photos.example:443/a?q=1 HTTP/1.1" "curl/7.46.0 x" ECDHE TLSv1.2 arn:tg "Root=1-58" "-" "-" 0"#,
                Some(
                    "type=https ts=2026-11-21T04:08:21.186641Z load_balancer=app/photos/50dc client_ip=203.0.113.9 target=10.0.0.1:80 duration_us=171000 status=200 target_status=502 bytes_in=34 bytes_out=57 method=GET scheme=https authority=photos.example:443 path=/a query=q=1 http_version=1.1 user_agent=curl/7.46.0 x tls_cipher=ECDHE tls_version=TLSv1.2 target_group=arn:tg amzn_trace_id=Root=1-58 trace_id=1-58",
                ),
            ),
            (
                r#"2019-06-07T18:45:33.559871Z elb1 2001:db8::1:4586 - -1 -1 -1 503 - 0 5 "- http://a:80- " "-" - -"#,
                Some(
                    "ts=2019-06-07T18:45:33.559871Z load_balancer=elb1 client_ip=2001:db8::1 status=503 bytes_in=0 bytes_out=5 request=- http://a:80- ",
                ),
            ),
            (
                r#"Feb 25 16:19:49 192.0.2.2 haproxy[7]: 203.0.113.9:53332 [25/Feb/2019:16:19:48.143] in~ admin/s1 0/0/7/1457/1487 200 11394 - - ---- 2/1/0/0/0 0/0 {Mozilla "x"} {} "GET /admin?s=1 HTTP/1.1""#,
                Some(
                    "ts=2019-02-25T16:19:48.143000 client_ip=203.0.113.9 frontend=in backend=admin server=s1 duration_us=1487000 status=200 bytes_out=11394 termination=---- method=GET path=/admin query=s=1 http_version=1.1",
                ),
            ),
            (
                r#"203.0.113.9:1 [25/Feb/2019:16:19:48.143] in in/<NOSRV> -1/-1/-1/-1/5 400 0 - - PR-- 0/0/0/0/0 0/0 "<BADREQ>""#,
                Some(
                    "ts=2019-02-25T16:19:48.143000 client_ip=203.0.113.9 frontend=in backend=in server=<NOSRV> duration_us=5000 status=400 bytes_out=0 termination=PR-- request=<BADREQ>",
                ),
            ),
            ("Feb 25 16:19:38 192.0.2.2 haproxy[1]: Proxy in started.", None),
            ("http is a protocol", None),
            ("http 2026-11-21T04:08:21.186641Z app/x 203.0.113.9:2817 - 0.0 0.0", None),
            ("", None),
        ];
        for (line, expected) in rows {
            assert_eq!(read(line.as_bytes()).as_ref().map(shown).as_deref(), expected, "{line}");
        }
    }
}
