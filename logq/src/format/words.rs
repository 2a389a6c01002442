//! What the formats that are words behind words share: their words, and fields out of them.

use super::Fields;
use crate::value::Value;
use std::borrow::Cow;

/// Whether a line could be taken for one of the usual formats, in which ` [time] "request" status` stands once.
pub(super) fn is_like_usual(text: &str) -> bool {
    text.contains("] \"")
}

pub(super) fn push<'a>(fields: &mut Fields<'a>, name: &'static str, text: &'a str) {
    if text != "-" && !text.is_empty() {
        fields.push((name.into(), Value::Text(Cow::Borrowed(text))));
    }
}

/// `None` if it is no number, and no `-` for none.
pub(super) fn push_number<'a>(fields: &mut Fields<'a>, name: &'static str, text: &'a str) -> Option<()> {
    if text == "-" {
        return Some(());
    }
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| fields.push((name.into(), Value::Number(Cow::Borrowed(text)))))
}

/// Method, address and version; where it is no request, all of it as `request`.
pub(super) fn push_request<'a>(fields: &mut Fields<'a>, request: &'a str) {
    let parts =
        request.split_once(' ').and_then(|(method, rest)| Some((method, rest.rsplit_once(" HTTP/")?)));
    let Some((method, (target, version))) = parts else {
        return push(fields, "request", request);
    };
    push(fields, "method", method);
    push_target(fields, target);
    push(fields, "http_version", version);
}

/// Scheme, authority, path and query of an address.
pub(super) fn push_target<'a>(fields: &mut Fields<'a>, target: &'a str) {
    let target = match target.split_once("://") {
        Some((scheme, rest)) if !scheme.contains('/') => {
            let at = rest.find(['/', '?']).unwrap_or(rest.len());
            push(fields, "scheme", scheme);
            push(fields, "authority", &rest[..at]);
            &rest[at..]
        }
        _ => target,
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    push(fields, "path", path);
    push(fields, "query", query);
}

/// An address without its port; none if there is no port.
pub(super) fn host(text: &str) -> Option<&str> {
    let (host, port) = text.rsplit_once(':')?;
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    is_port.then(|| host.trim_start_matches('[').trim_end_matches(']'))
}

/// Words between single spaces, those with spaces in them in quotes.
pub(super) struct Words<'a>(pub(super) &'a str);

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.0.is_empty() {
            return None;
        }
        let (word, rest) = match self.0.strip_prefix('"') {
            Some(quoted) => quoted.split_once("\" ").or_else(|| Some((quoted.strip_suffix('"')?, "")))?,
            None => self.0.split_once(' ').unwrap_or((self.0, "")),
        };
        self.0 = rest;
        Some(word)
    }
}

/// Fields as one text, for tests.
#[cfg(test)]
pub(super) fn shown(fields: &Fields<'_>) -> String {
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", value.text())).collect();
    pairs.join(" ")
}
