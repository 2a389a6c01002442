//! What the schema refuses: each row is a valid line with one thing changed.

use crate::schema::check;

const LINE: &str = r#"{"v":1,"ts":"2026-11-21T04:08:21.123456Z","kind":"access","level":"info","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","client_ip":"203.0.113.9","user_id":"5555","status":200,"outcome":"ok","duration_us":173663,"grpc_status":-1,"flags":["search=on"],"notes":{"album":42,"cold":true,"place":"a"},"seq":7}"#;

#[test]
fn one_change_is_enough() {
    assert_eq!(check(LINE), Ok(()));
    for (from, to, why) in [
        (r#""v":1,"#, "", ": required"),
        (r#","seq":7"#, "", ": required"),
        (r#""v":1"#, r#""v":2"#, "/v: const"),
        ("21.123456Z", "21Z", "/ts: pattern"),
        ("2026-11-21", "2026-02-30", "/ts: format"),
        (r#""access""#, r#""Access""#, "/kind: enum"),
        (r#""info""#, r#""notice""#, "/level: enum"),
        ("4bf92f35", "4BF92F35", "/trace_id: pattern"),
        ("203.0.113.9", "203.0.113", "/client_ip: anyOf"),
        (r#""5555""#, "5555", "/user_id: type"),
        ("200", r#""200""#, "/status: type"),
        ("200", "65536", "/status: maximum"),
        ("173663", "-1", "/duration_us: minimum"),
        ("173663", "0.5", "/duration_us: type"),
        (r#"":-1"#, r#"":-2147483649"#, "/grpc_status: minimum"),
        (r#""ok""#, r#""fine""#, "/outcome: enum"),
        ("search=on", "search", "/flags: pattern"),
        (r#"["search=on"]"#, "[]", "/flags: minItems"),
        ("album", "Album", "/notes: pattern"),
        ("42", "[42]", "/notes/album: type"),
        ("42", "null", "/notes/album: type"),
        ("user_id", "userid", "field userid"),
        (r#""seq":7}"#, r#""seq":7"#, "EOF while parsing"),
    ] {
        let line = LINE.replacen(from, to, 1);
        assert_ne!(line, LINE, "{from} is not in the line");
        let refused = check(&line).expect_err(&line);
        assert!(refused.starts_with(why), "{refused}");
    }
    assert!(check("[]").is_err());
}
