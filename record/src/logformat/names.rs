//! What each directive is: the field of the record it stands for, and how its value is written.

use super::time::Layout;
use super::{DurationUnit, Form, Side};
use crate::field::{self, Type};

/// A field's name and the form of its value.
pub(super) type Meaning = (String, Form);

/// The directives that take no argument, for error texts.
const LETTERS: &str = "a A b B C D e h H i I k l L m n o O p P q r s t T u U v V X %";

/// The meaning of an Apache directive; an error says what was expected.
pub(super) fn apache(argument: Option<&str>, letter: char) -> Result<Meaning, String> {
    match (letter, argument) {
        ('t', _) => apache_time(argument),
        ('T', Some(unit)) => duration_unit(unit).map(|unit| ("duration_us".to_owned(), Form::Duration(unit))),
        ('a' | 'h', Some("c")) => Ok(("peer_ip".to_owned(), Form::Text)),
        ('p', Some("canonical" | "local")) => Ok(("port".to_owned(), Form::Integer)),
        ('p', Some("remote")) => Ok(("remote_port".to_owned(), Form::Integer)),
        ('P', Some("pid")) => Ok(("pid".to_owned(), Form::Integer)),
        ('P', Some("tid" | "hextid")) => Ok(("tid".to_owned(), Form::Text)),
        ('L', Some("c")) => Ok(("connection_id".to_owned(), Form::Text)),
        ('i', Some(name)) => Ok(header_in(name)),
        ('o', Some(name)) => Ok(plain(format!("sent_http_{}", underscored(name)))),
        ('C', Some(name)) => Ok(plain(format!("cookie_{name}"))),
        ('n', Some(name)) => Ok(noted(name)),
        ('e', Some("UNIQUE_ID")) => Ok(plain("request_id".to_owned())),
        ('e', Some(name)) => Ok(plain(name.to_owned())),
        ('i' | 'o' | 'C' | 'n' | 'e', None) => {
            Err(format!("`%{letter}` needs a name in braces, as in `%{{Name}}{letter}`"))
        }
        (_, None) => simple(letter),
        (_, Some(argument)) => {
            simple(letter)?;
            Err(format!("`%{letter}` does not take `{{{}}}`", argument.escape_debug()))
        }
    }
}

fn simple(letter: char) -> Result<Meaning, String> {
    let (name, form) = match letter {
        'h' | 'a' => ("client_ip", Form::Text),
        'A' => ("local_ip", Form::Text),
        'l' => ("ident", Form::Text),
        'u' => ("user_id", Form::Text),
        'r' => ("request", Form::Request),
        'm' => ("method", Form::Text),
        'U' => ("path", Form::Text),
        'q' => ("query", Form::QueryMark),
        'H' => ("http_version", Form::Protocol),
        's' => ("status", Form::Integer),
        'b' => ("bytes_out", Form::IntegerDashZero),
        'B' => ("bytes_out", Form::Integer),
        // With heads counted in: other names for nearly the same, so that `%b … %O` keeps both.
        'O' => ("bytes_sent", Form::Integer),
        'I' => ("bytes_received", Form::Integer),
        'D' => ("duration_us", Form::Duration(DurationUnit::Micros)),
        'T' => ("duration_us", Form::Duration(DurationUnit::Seconds)),
        'v' => ("host", Form::Text),
        'V' => ("authority", Form::Text),
        'p' => ("port", Form::Integer),
        'P' => ("pid", Form::Integer),
        'X' => ("connection", Form::Text),
        'k' => ("keepalive_requests", Form::Integer),
        'L' => ("request_id", Form::Text),
        _ => {
            return Err(format!("`%{}` is no directive; known are {LETTERS}", letter.escape_debug()));
        }
    };
    Ok((name.to_owned(), form))
}

/// The meaning of an nginx variable. Every name is one; those nobody knows are text.
pub(super) fn nginx(name: &str) -> Meaning {
    let end = |layout| Form::Time { side: Side::End, layout };
    let (field, form) = match name {
        "remote_addr" => ("client_ip", Form::Text),
        "realip_remote_addr" => ("peer_ip", Form::Text),
        "remote_user" => ("user_id", Form::Text),
        "time_local" => ("ts", end(Layout::clf())),
        "time_iso8601" => ("ts", end(Layout::iso())),
        "msec" => ("ts", end(Layout::epoch_decimal())),
        "request" => ("request", Form::Request),
        "request_method" => ("method", Form::Text),
        "request_uri" => ("path", Form::Target),
        "uri" | "document_uri" => ("path", Form::Text),
        "args" | "query_string" => ("query", Form::Text),
        "status" => ("status", Form::Integer),
        "body_bytes_sent" => ("bytes_out", Form::Integer),
        "bytes_sent" => ("bytes_sent", Form::Integer),
        "request_length" => ("bytes_received", Form::Integer),
        "request_time" => ("duration_us", Form::Duration(DurationUnit::Seconds)),
        "host" | "http_host" => ("authority", Form::Text),
        "server_protocol" => ("http_version", Form::Protocol),
        "server_name" | "hostname" => ("host", Form::Text),
        _ => {
            return match name.strip_prefix("http_") {
                Some(header) => header_in(header),
                None => noted(name),
            };
        }
    };
    (field.to_owned(), form)
}

fn header_in(name: &str) -> Meaning {
    let name = underscored(name);
    plain(match name.as_str() {
        "referer" | "user_agent" => name,
        "host" => "authority".to_owned(),
        "x_request_id" => "request_id".to_owned(),
        _ => format!("http_{name}"),
    })
}

/// A note has the type of the contract's field if it has its name.
fn noted(name: &str) -> Meaning {
    let form = match field::field(name).map(|field| field.ty) {
        Some(Type::Integer | Type::SizeBytes) => Form::Integer,
        Some(Type::DurationMicros) => Form::Duration(DurationUnit::Micros),
        _ => Form::Text,
    };
    (name.to_owned(), form)
}

fn plain(name: String) -> Meaning {
    (name, Form::Text)
}

fn underscored(header: &str) -> String {
    header.to_ascii_lowercase().replace('-', "_")
}

fn duration_unit(unit: &str) -> Result<DurationUnit, String> {
    match unit {
        "s" => Ok(DurationUnit::Seconds),
        "ms" => Ok(DurationUnit::Millis),
        "us" => Ok(DurationUnit::Micros),
        _ => Err(format!("`%{{{}}}T` has no such unit; expected s, ms or us", unit.escape_debug())),
    }
}

fn apache_time(argument: Option<&str>) -> Result<Meaning, String> {
    let argument = argument.unwrap_or_default();
    let (side, written) = if let Some(rest) = argument.strip_prefix("end:") {
        (Side::End, rest)
    } else {
        (Side::Start, argument.strip_prefix("begin:").unwrap_or(argument))
    };
    let layout = if written.is_empty() { Layout::bracketed() } else { Layout::parse(written)? };
    Ok(("ts".to_owned(), Form::Time { side, layout }))
}
