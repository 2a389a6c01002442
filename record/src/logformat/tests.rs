//! Formats and lines as tables: what is read, what does not fit, and what the errors say.

use super::{Element, Form, LogFormat, ReadValue};
use proptest::prelude::*;
use std::fmt::Write as _;

/// The fields of a line as `name=value` words, or `unfit`.
fn read(format: &str, line: &[u8]) -> String {
    let format = LogFormat::parse(format).unwrap();
    let Some(fields) = format.read(line) else {
        return "unfit".to_owned();
    };
    let mut shown = String::new();
    for (name, value) in fields {
        match value {
            ReadValue::Text(text) => write!(shown, "{name}={text:?} "),
            ReadValue::Integer(token) => write!(shown, "{name}={token} "),
            ReadValue::TimeMicros(us) => write!(shown, "{name}=@{us} "),
            ReadValue::DurationMicros(us) => write!(shown, "{name}={us}us "),
        }
        .unwrap();
    }
    shown.trim_end().to_owned()
}

fn check(table: &[(&str, &str, &str)]) {
    for (format, line, expected) in table {
        assert_eq!(read(format, line.as_bytes()), *expected, "{format}\n{line}");
    }
}

#[test]
fn the_line_of_2009() {
    check(&[(
        "flickr",
        r#"www394 203.0.113.9 5555 173663 [14/Dec/2009:04:08:21 +0000] "GET /photos/allspaw HTTP/1.1" - 200 18233 "-" "Mozilla/5.0 (...)" - -"#,
        r#"host="www394" client_ip="203.0.113.9" user_id="5555" duration_us=173663us ts=@1260763701173663 method="GET" path="/photos/allspaw" http_version="1.1" status=200 bytes_out=18233 user_agent="Mozilla/5.0 (...)""#,
    )]);
}

#[test]
fn common_and_combined() {
    check(&[
        (
            "common",
            r#"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326"#,
            r#"client_ip="127.0.0.1" user_id="frank" ts=@971211336000000 method="GET" path="/apache_pb.gif" http_version="1.0" status=200 bytes_out=2326"#,
        ),
        (
            "combined",
            r#"::1 - a b [10/Oct/2000:13:55:36 +0000] "GET /a?b=c&d HTTP/2.0" 304 - "" "say \"hi\" \\ \xc3\xa9""#,
            r#"client_ip="::1" user_id="a b" ts=@971186136000000 method="GET" path="/a" query="b=c&d" http_version="2" status=304 user_agent="say \"hi\" \\ é""#,
        ),
        (
            "common",
            r#"h - "" [10/Oct/2000:13:55:36 +0000] "\x16\x03\x01" 400 0"#,
            r#"client_ip="h" ts=@971186136000000 request="\u{16}\u{3}\u{1}" status=400 bytes_out=0"#,
        ),
        (
            "common",
            r#"h - - [10/Oct/2000:13:55:36 +0000] "-" 408 -"#,
            r#"client_ip="h" ts=@971186136000000 status=408"#,
        ),
        ("\"%{x}i\"", r#""\x2d""#, r#"http_x="-""#),
    ]);
}

#[test]
fn requests() {
    let read_one = |request: &str| read("\"%r\"", format!("\"{request}\"").as_bytes());
    for (request, expected) in [
        ("GET / HTTP/1.1", r#"method="GET" path="/" http_version="1.1""#),
        ("GET /? HTTP/1.1", r#"method="GET" path="/" http_version="1.1""#),
        ("CONNECT a:1 HTTP/3", r#"method="CONNECT" path="a:1" http_version="3""#),
        ("GET /a b HTTP/1.1", r#"request="GET /a b HTTP/1.1""#),
        ("GET /", r#"request="GET /""#),
        ("GET / HTTP/11", r#"request="GET / HTTP/11""#),
        ("GET  HTTP/1.1", r#"request="GET  HTTP/1.1""#),
        (r"GET /\xff HTTP/1.1", "method=\"GET\" path=\"/\u{fffd}\" http_version=\"1.1\""),
    ] {
        assert_eq!(read_one(request), expected, "{request}");
    }
}

#[test]
fn directives() {
    check(&[
        ("%l %u", "-a -", r#"ident="-a""#),
        ("%a %{c}a %A", "1.1.1.1 2.2.2.2 -", r#"client_ip="1.1.1.1" peer_ip="2.2.2.2""#),
        ("%m %U%q %H", "GET /a?b=c HTTP/1.1", r#"method="GET" path="/a" query="b=c" http_version="1.1""#),
        ("%m %U%q %H", "GET /a HTTP/1.1", r#"method="GET" path="/a" http_version="1.1""#),
        ("\"%q\" %s", "\"?a\" 200", r#"query="a" status=200"#),
        ("%s %q", "200 ", "status=200"),
        ("%D %T", "173663 0", "duration_us=173663us"),
        ("%T %D", "0 173663", "duration_us=173663us"),
        ("%{ms}T %{us}T", "12 12345", "duration_us=12345us"),
        ("%{ms}T", "12.5", "duration_us=12500us"),
        ("%I %O %B", "10 20 5", "bytes_received=10 bytes_sent=20 bytes_out=5"),
        (
            "%v:%p %V %P %k %X %L",
            "a:80 b 7 0 + x",
            r#"host="a" port=80 authority="b" pid=7 keepalive_requests=0 connection="+" request_id="x""#,
        ),
        ("%{X-Request-Id}i %{Host}i %{X-A}i", "r h a", r#"request_id="r" authority="h" http_x_a="a""#),
        ("%{X-A}o %{s}C %{album}n %{E}e", "a b 42 e", r#"sent_http_x_a="a" cookie_s="b" album="42" E="e""#),
        (
            "%{user_id}n %{api_key}n %{head_us}n %{bytes_in}n",
            "5 k 7 8",
            r#"user_id="5" api_key="k" head_us=7us bytes_in=8"#,
        ),
        (
            "%!200,304{Referer}i %400,501{User-agent}i %<s %>s",
            "- ua 200 301",
            r#"user_agent="ua" status=200 status=301"#,
        ),
        ("%404b %B", "- 0", "bytes_out=0"),
        (r#"%%\"%h\"\t%l"#, "%\"h\"\tl", r#"client_ip="h" ident="l""#),
    ]);
}

#[test]
fn variables() {
    check(&[
        (
            r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_time"#,
            r#"10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] "GET /a HTTP/1.1" 200 5 "-" "ua" 0.123"#,
            r#"client_ip="10.0.0.1" ts=@971186136000000 method="GET" path="/a" http_version="1.1" status=200 bytes_out=5 user_agent="ua" duration_us=123000us"#,
        ),
        ("$msec $request_time", "1700000000.123 0.100", "ts=@1700000000123000 duration_us=100000us"),
        ("$time_iso8601", "2026-11-21T04:08:21+01:00", "ts=@1795230501000000"),
        ("${host}x$request_uri $args", "ax/p?q r", r#"authority="a" path="/p" query="q" query="r""#),
        ("$upstream_response_time|$nobody", "0.1, 0.2|x", r#"upstream_response_time="0.1, 0.2" nobody="x""#),
        ("$status 5% $ %h", "200 5% $ h", r#"status=200 client_ip="h""#),
        ("$request_method $uri$is_args$args", "GET /a?b", r#"method="GET" path="/a" query="b""#),
        ("$http_x_request_id $request_id", "a b", r#"request_id="a" request_id="b""#),
    ]);
}

#[test]
fn times() {
    check(&[
        ("%t", "[29/Feb/2024:00:00:00 +0000]", "ts=@1709164800000000"),
        ("%t", "[29/Feb/2000:00:00:00 +0000]", "ts=@951782400000000"),
        ("%t", "[29/Feb/2100:00:00:00 +0000]", "unfit"),
        ("%t", "[29/Feb/2023:00:00:00 +0000]", "unfit"),
        ("%t", "[01/Jan/1970:00:00:00 -0130]", "ts=@5400000000"),
        ("%t", "[1/Jan/1970:00:00:00 +0000]", "unfit"),
        ("%t", "[01/Jan/1970:24:00:00 +0000]", "unfit"),
        ("%t", "[01/jan/1970:00:00:00 +0000]", "unfit"),
        ("%{sec}t", "1", "ts=@1000000"),
        ("%{msec}t", "1", "ts=@1000"),
        ("%{usec}t %D", "1 5", "ts=@6 duration_us=5us"),
        ("%{end:usec}t %D", "1 5", "ts=@1 duration_us=5us"),
        ("%{begin:usec}t %{end:usec}t", "1 9", "ts=@9"),
        ("%{%Y-%m-%dT%H:%M:%S}t", "1970-01-01T00:00:01", "ts=@1000000"),
        ("[%{%d/%b/%Y:%T}t.%{msec_frac}t %{%z}t]", "[01/Jan/1970:00:00:00.007 +0000]", "ts=@7000"),
        ("%{%Y}t", "2026", ""),
    ]);
    assert_eq!(read("%{usec}t %D", b"9223372036854775807 1"), "unfit");
    assert!(!LogFormat::parse("%{%F %T}t").unwrap().has_zone());
    assert!(LogFormat::parse("combined").unwrap().has_zone());
}

#[test]
fn lines_that_do_not_fit() {
    let line = r#"1.1.1.1 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.1" 200 5 "-" "ua""#;
    assert_ne!(read("combined", line.as_bytes()), "unfit");
    // A line that lost its end, wherever, or has something more.
    for end in 0..line.len() {
        assert_eq!(read("combined", &line.as_bytes()[..end]), "unfit", "{}", &line[..end]);
    }
    for more in [" ", "\"", " x", "\r"] {
        assert_eq!(read("combined", format!("{line}{more}").as_bytes()), "unfit");
    }
    assert_eq!(read("common", line.as_bytes()), "unfit");
    check(&[
        ("%s", "2x0", "unfit"),
        ("%s", "", "unfit"),
        ("%D", "-5", "unfit"),
        ("%D", "99999999999999999999", "unfit"),
        ("%h", "", "unfit"),
    ]);
}

#[test]
fn errors_name_the_place() {
    for (format, expected) in [
        (
            "",
            "log format, byte 0: `` has no directive; expected some like `%h` or `$remote_addr`, or one of the names common, combined and flickr",
        ),
        (
            "combind",
            "log format, byte 0: `combind` has no directive; expected some like `%h` or `$remote_addr`, or one of the names common, combined and flickr",
        ),
        (
            "%h %Z",
            "log format, byte 3: `%Z` is no directive; known are a A b B C D e h H i I k l L m n o O p P q r s t T u U v V X %",
        ),
        ("%h %", "log format, byte 3: the format ends inside a directive; a percent sign is `%%`"),
        ("%h %{a", "log format, byte 4: `{` has no `}`"),
        ("%{}i", "log format, byte 1: the braces are empty; expected a name in them"),
        ("%i", "log format, byte 0: `%i` needs a name in braces, as in `%{Name}i`"),
        ("%{x}h", "log format, byte 0: `%h` does not take `{x}`"),
        ("%{h}T", "log format, byte 0: `%{h}T` has no such unit; expected s, ms or us"),
        (
            "%{%Q}t",
            "log format, byte 0: `%Q` is no part of a time here; known are %Y %m %b %d %e %F %H %M %S %T %R %z %s, or all of it as sec, msec, usec, msec_frac or usec_frac",
        ),
        ("%h%u", "log format, byte 2: nothing separates `%h` from `%u`; put a space between them"),
        (
            "%r %s",
            "log format, byte 2: `%r` contains spaces, so a space cannot end it; write \"%r\" in quotes",
        ),
        ("%!,s", "log format, byte 0: `!,` is no list of statuses; expected one like 400,501 or !200,304"),
        (r"%h\q", "log format, byte 3: expected `\"`, `'`, `\\` or `t` after the backslash"),
        ("%h\n", "log format, byte 2: a format is one line; expected no line end"),
    ] {
        assert_eq!(LogFormat::parse(format).unwrap_err().to_string(), expected);
    }
}

#[test]
fn names_and_sources() {
    assert!(LogFormat::named("nobody").is_none());
    for name in ["common", "combined", "flickr"] {
        let format = LogFormat::named(name).unwrap();
        // What a format is made of gives its text back.
        let again: String = format
            .elements()
            .iter()
            .map(|element| match element {
                Element::Literal(literal) => literal.as_str(),
                Element::Directive(directive) => directive.source.as_str(),
            })
            .collect();
        assert_eq!(again, format.text());
    }
    let format = LogFormat::parse("%!200,304{Referer}i").unwrap();
    let directive = format.directives().next().unwrap();
    assert_eq!(directive.form, Form::Text);
    let only = directive.only.as_ref().unwrap();
    assert!(only.negated);
    assert_eq!(only.statuses, [200, 304]);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(line in prop::collection::vec(any::<u8>(), 0..200)) {
        for name in ["common", "combined", "flickr", "%U%q [%{%d/%b/%Y:%T}t] %D \"%r\" $msec"] {
            LogFormat::parse(name).unwrap().read(&line);
        }
    }

    #[test]
    fn lines_cut_out_of_real_ones_are_read_or_refused(from in 0_usize..150, to in 0_usize..150, put in "[ \"\\\\\\[\\]:/+0-9-]{0,4}") {
        let line = r#"www394 203.0.113.9 5555 173663 [14/Dec/2009:04:08:21 +0000] "GET /a HTTP/1.1" - 200 18233 "-" "M (...)" - -"#;
        let (from, to) = (from.min(line.len()), to.min(line.len()));
        let line = format!("{}{put}{}", &line[..from], &line[to..]);
        LogFormat::parse("flickr").unwrap().read(line.as_bytes());
    }

    #[test]
    fn any_text_is_a_format_or_an_error(text in "([%$][{a-zA-Z}]{1,3}|\\PC|[ \"!<>,0-9]){0,12}") {
        if let Ok(format) = LogFormat::parse(&text) {
            format.read(text.as_bytes());
        }
    }

    #[test]
    fn escaped_texts_come_back(text in "\\PC{1,20}|[\\x00-\\x7f]{1,20}") {
        let mut line = String::from("\"");
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() { line.push(char::from(byte)) } else { write!(line, "\\x{byte:02x}").unwrap() }
        }
        line.push('"');
        let format = LogFormat::parse("\"%{X}i\"").unwrap();
        prop_assert_eq!(format.read(line.as_bytes()).unwrap(), vec![("http_x", ReadValue::Text(text.into()))]);
    }
}

/// Ten thousand lines that nobody here wrote, of which one is torn.
#[test]
fn a_real_log_fits_but_for_its_torn_line() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpora/elastic_apache_logs.log");
    let Ok(log) = std::fs::read(path) else {
        eprintln!("SKIPPED: {path} is not here");
        return;
    };
    let format = LogFormat::parse("combined").unwrap();
    let lines = log.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let unfit: Vec<usize> =
        lines.zip(1..).filter(|(line, _)| format.read(line).is_none()).map(|(_, number)| number).collect();
    assert_eq!(unfit, [8899]);
}
