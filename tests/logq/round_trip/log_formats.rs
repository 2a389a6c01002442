//! Lines of log formats. They are written here along the format's own elements, with Apache's escapes and
//! by nothing but this file, and read by the command's decoder.

use super::{HERE, text};
use crate::scale::cases;
use access_record::Timestamp;
use access_record::logformat::{Element, Form, LogFormat};
use jiff::tz::TimeZone;
use logq::field::Name;
use logq::format::{Formats, Forms};
use logq::row::Shape;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const CUSTOM: &str = r#"%D|%{X-Custom}i|"%{tag}n" %T %{Cookie}C "%r" <%{release}n> %s"#;

/// What a request was, by the names of the contract and the format. An empty text and a dash are unknown.
type Texts = BTreeMap<&'static str, String>;

#[derive(Clone, Debug)]
struct Request {
    /// Of values that stand in quotes or are ended by more than a space.
    quoted: Vec<String>,
    /// Of values that a space ends: without any.
    bare: Vec<String>,
    path: String,
    query: String,
    status: u16,
    bytes: u64,
    start_s: i64,
    duration_us: u32,
}

fn request() -> impl Strategy<Value = Request> {
    let bare = || text().prop_map(|text| text.replace([' ', '|', '>'], ""));
    (
        prop::collection::vec(text(), 6),
        prop::collection::vec(bare(), 6),
        bare().prop_map(|text| format!("/{}", text.replace('?', ""))),
        bare(),
        (100_u16..1000, any::<u64>(), 0_i64..4_000_000_000, any::<u32>()),
    )
        .prop_map(|(quoted, bare, path, query, (status, bytes, start_s, duration_us))| Request {
            quoted,
            bare,
            path,
            query,
            status,
            bytes,
            start_s,
            duration_us,
        })
}

/// The texts of a request under the fields that a format has, those in quotes and the others.
fn texts(request: &Request, quoted: &[&'static str], bare: &[&'static str]) -> Texts {
    let both = quoted.iter().zip(&request.quoted).chain(bare.iter().zip(&request.bare));
    both.map(|(name, text)| (*name, text.clone())).collect()
}

/// The line that Apache would write.
fn write(format: &LogFormat, request: &Request, texts: &Texts) -> Vec<u8> {
    let mut line = String::new();
    for element in format.elements() {
        let directive = match element {
            Element::Literal(literal) => {
                line.push_str(literal);
                continue;
            }
            Element::Directive(directive) => directive,
        };
        let _infallible = match (&directive.form, directive.field.as_str()) {
            (Form::Time { .. }, _) => {
                let start = jiff::Timestamp::from_second(request.start_s).expect("it is in range");
                let start = start.to_zoned(TimeZone::UTC);
                write!(line, "{}", start.strftime("[%d/%b/%Y:%H:%M:%S %z]"))
            }
            (Form::Request, _) => {
                let query =
                    if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
                write!(line, "GET {}{} HTTP/1.1", escaped(&request.path), escaped(&query))
            }
            (Form::Duration(_), _) if directive.source == "%T" => {
                write!(line, "{}", request.duration_us / 1_000_000)
            }
            (Form::Duration(_), _) => write!(line, "{}", request.duration_us),
            (_, "status") => write!(line, "{}", request.status),
            (_, "bytes_out") => write!(line, "{}", request.bytes),
            (Form::Text, name) if texts[name].is_empty() => line.write_str("-"),
            (Form::Text, name) => line.write_str(&escaped(&texts[name])),
            other => panic!("this test writes no {other:?}"),
        };
    }
    line.into_bytes()
}

/// As Apache escapes what clients send: quotes, backslashes, controls, and all that is not ASCII.
fn escaped(text: &str) -> String {
    let mut line = String::new();
    for byte in text.bytes() {
        let _infallible = match byte {
            b'"' | b'\\' => write!(line, "\\{}", char::from(byte)),
            b'\n' => line.write_str("\\n"),
            b'\r' => line.write_str("\\r"),
            b'\t' => line.write_str("\\t"),
            8 => line.write_str("\\b"),
            11 => line.write_str("\\v"),
            b' '..=b'~' => write!(line, "{}", char::from(byte)),
            _ => write!(line, "\\x{byte:02x}"),
        };
    }
    line
}

/// Whether the line is read as the request it was, by every name.
fn check(
    formats: &Formats,
    format: &LogFormat,
    request: &Request,
    texts: &Texts,
) -> Result<(), TestCaseError> {
    let line = write(format, request, texts);
    prop_assert!(line.iter().all(|byte| (b' '..=b'~').contains(byte)));
    let row = formats.read(&line, HERE);
    prop_assert_eq!(row.shape, Shape::Record, "{}", String::from_utf8_lossy(&line));
    let mut wanted: BTreeMap<String, String> = BTreeMap::new();
    let mut want = |name: &str, text: &str| wanted.insert(name.to_owned(), text.to_owned());
    for (name, text) in texts {
        want(name, text);
    }
    let has = |name: &str| format.directives().any(|directive| directive.field == name);
    if has("request") {
        want("method", "GET");
        want("path", &request.path);
        want("query", &request.query);
        want("http_version", "1.1");
    }
    want("status", &request.status.to_string());
    let mut end_us = request.start_s * 1_000_000;
    if has("duration_us") {
        end_us += i64::from(request.duration_us);
        want("duration_us", &request.duration_us.to_string());
    }
    if has("bytes_out") {
        want("bytes_out", &request.bytes.to_string());
    }
    if has("ts") {
        want("ts", &Timestamp::from_micros(end_us).to_string());
    }
    // A query written in the line is one even if it is a dash; of what stands alone a dash is nothing.
    wanted.retain(|name, text| !text.is_empty() && (text != "-" || name == "query"));
    let mut read: BTreeMap<String, String> = BTreeMap::new();
    for (name, _) in &row.fields {
        let value = Name::new(name.as_ref()).resolve(&row).expect("a field of a row is found by its name");
        read.insert(name.to_string(), value.into_text().into_owned());
    }
    prop_assert_eq!(read, wanted, "{}", String::from_utf8_lossy(&line));
    Ok(())
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn a_combined_line_is_read_as_it_was_written(mut request in request(), ip in any::<std::net::IpAddr>()) {
        let format = LogFormat::parse("combined").expect("it is known");
        // The first address decides whether a line is known by its looks; elsewhere it may be anything.
        let forced = Formats::forced(Forms::parse("combined").expect("it is known"));
        let names = (["referer", "user_agent"], ["client_ip", "ident", "user_id"]);
        check(&forced, &format, &request, &texts(&request, &names.0, &names.1))?;
        request.bare[0] = ip.to_string();
        check(&Formats::looking(), &format, &request, &texts(&request, &names.0, &names.1))?;
    }

    #[test]
    fn a_flickr_line_is_read_as_it_was_written(request in request()) {
        let format = LogFormat::parse("flickr").expect("it is known");
        let forced = Formats::forced(Forms::parse("flickr").expect("it is known"));
        let bare = ["host", "client_ip", "user_id", "connection", "api_key", "api_method"];
        check(&forced, &format, &request, &texts(&request, &["referer", "user_agent"], &bare))?;
    }

    #[test]
    fn a_line_of_ones_own_format_is_read_as_it_was_written(request in request()) {
        let format = LogFormat::parse(CUSTOM).expect("it is a format");
        let forced = Formats::forced(Forms::parse(CUSTOM).expect("it is a format"));
        let bare = ["http_x_custom", "cookie_Cookie", "release"];
        check(&forced, &format, &request, &texts(&request, &["tag"], &bare))?;
    }
}
