//! The `Forwarded` header, RFC 7239 §4, read so that what our own proxy appended is found whatever
//! a client put before it.

use std::borrow::Cow;

/// One element of the header: what one proxy said of the request it received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Element<'h> {
    /// Its parameters, names in lower case, in order.
    Said(Vec<(String, Cow<'h, str>)>),
    /// Not of the header's grammar. Nothing to the left of it can be believed.
    Broken,
}

impl Element<'_> {
    /// The value of a parameter, by its name in lower case. One that stands twice, which §4 forbids,
    /// says nothing.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let Element::Said(parameters) = self else { return None };
        let mut values = parameters.iter().filter(|(known, _)| known == name);
        values.next().filter(|_| values.next().is_none()).map(|(_, value)| value.as_ref())
    }

    /// Whether it is nothing but a place between two commas.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Element::Said(parameters) if parameters.is_empty())
    }
}

/// The elements of a header's value, from left to right. A broken one ends at the next comma, quotes
/// or not: an unclosed quote must not swallow what came after it.
pub(crate) fn parse(value: &str) -> Vec<Element<'_>> {
    let mut elements = Vec::new();
    let mut rest = value;
    loop {
        let (element, after) = element(rest);
        elements.push(element);
        match after {
            Some(after) => rest = after.trim_start_matches([' ', '\t']),
            None => return elements,
        }
    }
}

/// The first element, and what follows its comma.
fn element(text: &str) -> (Element<'_>, Option<&str>) {
    let mut parameters = Vec::new();
    let mut rest = text;
    loop {
        if let Some(after) = rest.strip_prefix(';') {
            rest = after;
            continue;
        }
        let end = rest.trim_start_matches([' ', '\t']);
        if end.is_empty() {
            return (Element::Said(parameters), None);
        }
        if let Some(after) = end.strip_prefix(',') {
            return (Element::Said(parameters), Some(after));
        }
        let Some((name, value, after)) = parameter(rest).filter(|(.., after)| ends_value(after)) else {
            let after = text.split_once(',').map(|(_, after)| after);
            return (Element::Broken, after);
        };
        parameters.push((name.to_ascii_lowercase(), value));
        rest = after;
    }
}

fn ends_value(after: &str) -> bool {
    let end = after.trim_start_matches([' ', '\t']);
    after.starts_with(';') || end.is_empty() || end.starts_with(',')
}

/// A `name=value`, and what follows it.
fn parameter(text: &str) -> Option<(&str, Cow<'_, str>, &str)> {
    let (name, rest) = split_token(text)?;
    let rest = rest.strip_prefix('=')?;
    if let Some(quoted) = rest.strip_prefix('"') {
        let (value, after) = quoted_string(quoted)?;
        Some((name, value, after))
    } else {
        let (value, after) = split_value(rest)?;
        Some((name, Cow::Borrowed(value), after))
    }
}

/// RFC 9110 §5.6.2: at least one character of a token.
fn split_token(text: &str) -> Option<(&str, &str)> {
    let len = text.bytes().take_while(|byte| is_token(*byte)).count();
    (len > 0).then(|| text.split_at(len))
}

/// A bare value. RFC 7239 wants a token; proxies write bare ports, and it harms nobody to read them.
fn split_value(text: &str) -> Option<(&str, &str)> {
    let len = text.bytes().take_while(|byte| is_token(*byte) || *byte == b':').count();
    (len > 0).then(|| text.split_at(len))
}

const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

/// RFC 9110 §5.6.4, behind its first quote: the text with its escapes undone, and what follows.
fn quoted_string(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut value = Cow::Borrowed("");
    let mut plain_from = 0;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                push(&mut value, &text[plain_from..at]);
                return Some((value, &text[at + 1..]));
            }
            '\\' => {
                push(&mut value, &text[plain_from..at]);
                let (escaped, _) = chars.next()?;
                plain_from = escaped;
            }
            _ => {}
        }
    }
    None
}

fn push<'t>(value: &mut Cow<'t, str>, text: &'t str) {
    if value.is_empty() { *value = Cow::Borrowed(text) } else { value.to_mut().push_str(text) }
}

#[cfg(test)]
mod tests;
