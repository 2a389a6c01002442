//! Lines of what keeps or fetches for others: the access log of S3 buckets, and that of Squid in its own format.
//! Fields get the contract's names where it has one.

use super::Fields;
use super::words::{self, Words, push, push_number, push_request, push_target};
use crate::number;
use crate::value::Value;
use access_record::Timestamp;
use access_record::logformat::clf_time_us;

/// The fields of such a line.
pub(super) fn read(line: &[u8]) -> Option<Fields<'_>> {
    let text = std::str::from_utf8(line).ok()?;
    s3(text).or_else(|| squid(text).filter(|_| !words::is_like_usual(text)))
}

/// `OWNER BUCKET [TIME] CLIENT REQUESTER ID OPERATION KEY "GET /a HTTP/1.1" 200 - 113 113 7 6 "-" "agent" …`, as
/// Amazon documents it. Milliseconds in all, and until the first byte.
fn s3(text: &str) -> Option<Fields<'_>> {
    let (before, rest) = text.split_once(" [")?;
    let (time, rest) = rest.split_once("] ")?;
    let (owner, bucket) = before.split_once(' ')?;
    let mut fields = Fields::new();
    let micros = clf_time_us(time.as_bytes())?;
    fields.push(("ts".into(), Value::Text(Timestamp::from_micros(micros).to_string().into())));
    push(&mut fields, "bucket_owner", owner);
    push(&mut fields, "bucket", bucket);
    let mut words = Words(rest);
    for name in ["client_ip", "requester", "request_id", "operation", "key"] {
        push(&mut fields, name, words.next()?);
    }
    // `REST.GET.OBJECT`: what tells these lines from others with a time in their third word.
    if !fields.iter().any(|(name, value)| name == "operation" && value.text().contains('.')) {
        return None;
    }
    push_request(&mut fields, words.next()?);
    push_number(&mut fields, "status", words.next()?)?;
    push(&mut fields, "error_code", words.next()?);
    push_number(&mut fields, "bytes_out", words.next()?)?;
    push_number(&mut fields, "object_bytes", words.next()?)?;
    push_millis(&mut fields, "duration_us", words.next()?)?;
    push_millis(&mut fields, "head_us", words.next()?)?;
    for name in ["referer", "user_agent"] {
        push(&mut fields, name, words.next()?);
    }
    // What later years added, one by one.
    let later =
        ["version_id", "host_id", "signature", "tls_cipher", "authentication", "authority", "tls_version"];
    for (name, word) in later.into_iter().zip(words) {
        push(&mut fields, name, word);
    }
    Some(fields)
}

/// `1286536309.450    180 203.0.113.9 TCP_MISS/200 411 GET http://a/b user DIRECT/192.0.2.2 text/html`. Milliseconds.
fn squid(text: &str) -> Option<Fields<'_>> {
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    let time = words.next().filter(|time| {
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let parts = time.split_once('.');
        parts.is_some_and(|(seconds, millis)| {
            (9..=11).contains(&seconds.len()) && is_digits(seconds) && millis.len() == 3 && is_digits(millis)
        })
    })?;
    let mut fields = Fields::new();
    fields.push(("ts".into(), Value::Number(time.into())));
    push_millis(&mut fields, "duration_us", words.next()?)?;
    push(&mut fields, "client_ip", words.next()?);
    let (result, status) = words.next()?.split_once('/')?;
    push(&mut fields, "result", result);
    // Of what was never answered.
    push_number(&mut fields, "status", if status == "000" { "-" } else { status })?;
    push_number(&mut fields, "bytes_out", words.next()?)?;
    let method = words.next()?;
    push(&mut fields, "method", method);
    let target = words.next()?;
    if method == "CONNECT" {
        push(&mut fields, "authority", target);
    } else {
        push_target(&mut fields, target);
    }
    push(&mut fields, "user_id", words.next()?);
    let (hierarchy, peer) = words.next()?.split_once('/')?;
    push(&mut fields, "hierarchy", hierarchy);
    push(&mut fields, "peer_ip", peer);
    push(&mut fields, "content_type", words.next()?);
    words.next().is_none().then_some(fields)
}

/// `None` if it is no number, and no `-` for none.
fn push_millis(fields: &mut Fields<'_>, name: &'static str, text: &str) -> Option<()> {
    if text != "-" {
        let micros = number::whole(text, 3)?;
        fields.push((name.into(), Value::Number(micros.to_string().into())));
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::words::shown;

    #[test]
    fn lines_of_stores() {
        let rows = [
            (
                r#"79a5 photos [21/Nov/2026:04:08:21 +0000] 203.0.113.9 arn:aws:iam::1:user/kim 3E57 REST.GET.OBJECT a/b.jpg "GET /photos/a/b.jpg?x=1 HTTP/1.1" 404 NoSuchKey 113 - 7 5 "-" "curl/8 (x y)" - s9lz= SigV4 ECDHE AuthHeader photos.s3.example TLSv1.2 -"#,
                Some(
                    "ts=2026-11-21T04:08:21.000000Z bucket_owner=79a5 bucket=photos client_ip=203.0.113.9 requester=arn:aws:iam::1:user/kim request_id=3E57 operation=REST.GET.OBJECT key=a/b.jpg method=GET path=/photos/a/b.jpg query=x=1 http_version=1.1 status=404 error_code=NoSuchKey bytes_out=113 duration_us=7000 head_us=5000 user_agent=curl/8 (x y) host_id=s9lz= signature=SigV4 tls_cipher=ECDHE authentication=AuthHeader authority=photos.s3.example tls_version=TLSv1.2",
                ),
            ),
            (
                "1795234101.494  60719 203.0.113.9 TCP_TUNNEL/200 3790 CONNECT a.example:443 kim HIER_DIRECT/192.0.2.6 -",
                Some(
                    "ts=1795234101.494 duration_us=60719000 client_ip=203.0.113.9 result=TCP_TUNNEL status=200 bytes_out=3790 method=CONNECT authority=a.example:443 user_id=kim hierarchy=HIER_DIRECT peer_ip=192.0.2.6",
                ),
            ),
            (
                "1795234101.494      0 2001:db8::1 NONE/000 0 GET http://a.example/b?c - HIER_NONE/- text/html",
                Some(
                    "ts=1795234101.494 duration_us=0 client_ip=2001:db8::1 result=NONE bytes_out=0 method=GET scheme=http authority=a.example path=/b query=c hierarchy=HIER_NONE content_type=text/html",
                ),
            ),
            ("1795234101.494 text", None),
            ("1795234101.494 0 a b/200 0 GET / - x/y z and more", None),
            ("a b [21/Nov/2026:04:08:21 +0000] c d e f", None),
            ("", None),
        ];
        for (line, expected) in rows {
            assert_eq!(read(line.as_bytes()).as_ref().map(shown).as_deref(), expected, "{line}");
        }
    }
}
