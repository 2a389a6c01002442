//! Secrets in paths: the segments that stand where a route has a parameter that was named, such as the
//! token in `/reset/{token}`. They are taken out when a record is made, as the route may be known late.
//!
//! In doubt more is replaced: without a route any segment may be the token.

use crate::redact::REDACTED;
use access_record::Record;
use std::borrow::Cow;
use std::cmp::Reverse;

/// A shorter segment is no secret, and would be found in every text.
const SECRET_BYTES_MIN: usize = 4;

/// The names of the route parameters whose values are not written.
#[derive(Clone, Debug, Default)]
pub(crate) struct RedactedPaths(Vec<String>);

/// A path without its secrets, and the secrets, for the other texts that may have them.
struct Cleaned<'p> {
    path: String,
    /// What to look for, and what to put in its place.
    secrets: Vec<(&'p str, Cow<'p, str>)>,
}

impl RedactedPaths {
    /// Adds parameters, with or without the braces that they have in a template.
    pub(crate) fn add(&mut self, names: impl IntoIterator<Item = impl Into<String>>) {
        let bare = |name: String| name.trim_matches(['{', '*', '}']).to_owned();
        self.0.extend(names.into_iter().map(|name| bare(name.into())));
    }

    /// Whether the path of a request is written as it came.
    pub(crate) fn keeps(&self, route: Option<&str>) -> bool {
        self.0.is_empty() || route.is_some_and(|route| !route.split('/').any(|part| self.is_named(part)))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the secrets out of a record of a request.
    pub(crate) fn redact(&self, record: &mut Record<'_>) {
        // Our own page may be where a request came from, and its route is not known.
        if let Some(referer) = &mut record.referer {
            *referer = Cow::Owned(origin(referer));
        }
        if self.keeps(record.route.as_deref()) {
            return;
        }
        if let Some(path) = record.path.take() {
            let cleaned = self.clean(&path, record.route.as_deref());
            replace(&mut record.error, &cleaned.secrets, record.truncated.is_some());
            record.path = Some(Cow::Owned(cleaned.path));
        }
    }

    /// Takes the secrets of the request that makes a call out of the call's record. A call has no route of
    /// ours, but a proxy passes paths on, and clients put tokens into theirs. `is_cut` if that path may be.
    pub(crate) fn redact_call(&self, record: &mut Record<'_>, path: &str, route: Option<&str>, is_cut: bool) {
        if !self.keeps(route) {
            let Cleaned { secrets, .. } = self.clean(path, route);
            let is_cut = is_cut || record.truncated.is_some();
            replace(&mut record.path, &secrets, is_cut);
            replace(&mut record.error, &secrets, is_cut);
        }
    }

    fn clean<'p>(&self, path: &'p str, route: Option<&str>) -> Cleaned<'p> {
        let mut cleaned =
            route.and_then(|route| self.clean_by(path, route)).unwrap_or_else(|| clean_all(path));
        // One may be the beginning of another, whose rest would stay.
        cleaned.secrets.sort_by_key(|(secret, _)| Reverse(secret.len()));
        cleaned
    }

    /// `None` if the template is not one of this path, as below a service that was nested.
    fn clean_by<'p>(&self, path: &'p str, route: &str) -> Option<Cleaned<'p>> {
        let mut cleaned = Cleaned { path: String::with_capacity(path.len()), secrets: Vec::new() };
        let mut rest = Some(path);
        for (index, part) in route.split('/').enumerate() {
            let whole = rest?;
            let takes_all = part.starts_with("{*");
            let (segment, after) = match whole.split_once('/') {
                Some((segment, after)) if !takes_all => (segment, Some(after)),
                _ => (whole, None),
            };
            cleaned.path.push_str(if index > 0 { "/" } else { "" });
            if self.is_named(part) && !segment.is_empty() {
                cleaned.path.push_str(REDACTED);
                cleaned.secrets.push((segment, Cow::Borrowed(REDACTED)));
            } else if part.contains('{') || part == segment {
                cleaned.path.push_str(segment);
            } else {
                return None;
            }
            rest = after;
        }
        rest.is_none().then_some(cleaned)
    }

    /// Whether a part of a template has one of the parameters: `{token}`, `{*token}`, `v{token}`.
    fn is_named(&self, part: &str) -> bool {
        let mut parameters = part.split('{').skip(1).filter_map(|after| after.split('}').next());
        parameters.any(|parameter| self.0.iter().any(|name| name == parameter.trim_start_matches('*')))
    }
}

/// Without a template every segment goes.
fn clean_all(path: &str) -> Cleaned<'_> {
    let segments = path.split('/').map(|segment| if segment.is_empty() { "" } else { REDACTED });
    let cleaned = segments.collect::<Vec<_>>().join("/");
    // A part of the path may go on without the rest, as behind a prefix that a proxy takes off.
    let segments = path.split('/').map(|segment| (segment, Cow::Borrowed(REDACTED)));
    let secrets = std::iter::once((path, Cow::Owned(cleaned.clone()))).chain(segments).collect();
    Cleaned { path: cleaned, secrets }
}

/// Replaces secrets wherever a text has them, as they stood in the path and percent-decoded. Where
/// something was cut, the text may end within a secret, and the path may have ended within it.
fn replace(text: &mut Option<Cow<'_, str>>, secrets: &[(&str, Cow<'_, str>)], is_cut: bool) {
    let Some(text) = text else { return };
    for (secret, clean) in secrets {
        let secret = if is_cut { without_half_escape(secret) } else { secret };
        for secret in [Cow::Borrowed(secret), decoded(secret)] {
            let secret = if is_cut { secret.trim_end_matches(char::REPLACEMENT_CHARACTER) } else { &*secret };
            if secret.len() < SECRET_BYTES_MIN {
                continue;
            }
            if is_cut {
                *text = Cow::Owned(without_parts(text, secret, clean));
            } else if text.contains(secret) {
                *text = Cow::Owned(text.replace(secret, clean));
            }
        }
    }
}

/// A segment that was cut, up to its last whole escape.
fn without_half_escape(segment: &str) -> &str {
    let half = segment.rfind('%').filter(|at| segment.len() - at < "%41".len());
    half.map_or(segment, |at| &segment[..at])
}

/// A text without a secret, what may be more of it, and what may be its beginning at the end.
fn without_parts(text: &str, secret: &str, clean: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(secret) {
        out.push_str(&rest[..at]);
        out.push_str(clean);
        rest = rest[at + secret.len()..].trim_start_matches(|c: char| !ends_segment(c));
    }
    let begins = |len: &usize| rest.as_bytes().ends_with(&secret.as_bytes()[..*len]);
    let begun = (SECRET_BYTES_MIN..secret.len()).rev().find(begins);
    match begun.and_then(|len| rest.get(..rest.len() - len)) {
        Some(before) => out.extend([before, REDACTED]),
        None => out.push_str(rest),
    }
    out
}

/// Whether a segment, or what is left of one in a text, ends before this character.
fn ends_segment(c: char) -> bool {
    c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | ')' | ',')
}

/// A segment as handlers see it.
fn decoded(segment: &str) -> Cow<'_, str> {
    if !segment.contains('%') {
        return Cow::Borrowed(segment);
    }
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let [first, after @ ..] = rest {
        let digit = |digit: &u8| char::from(*digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let escaped = match after {
            [high, low, ..] if *first == b'%' => digit(high).zip(digit(low)),
            _ => None,
        };
        bytes.push(escaped.map_or(*first, |(high, low)| high << 4 | low));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned().into()
}

/// An address without its path and what follows it.
fn origin(url: &str) -> String {
    let authority_at = url.find("://").map_or(0, |at| at + "://".len());
    let (origin, path) =
        url.split_at(url[authority_at..].find('/').map_or(url.len(), |at| authority_at + at));
    match path {
        "" if authority_at == 0 => REDACTED.to_owned(),
        "" | "/" => url.to_owned(),
        _ => format!("{origin}/{REDACTED}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(names: &[&str], path: &str, route: Option<&str>) -> String {
        let mut paths = RedactedPaths::default();
        paths.add(names.iter().copied());
        if paths.keeps(route) { path.to_owned() } else { paths.clean(path, route).path }
    }

    #[test]
    fn the_segments_of_named_parameters_are_replaced() {
        let rows = [
            ("/reset/abc", Some("/reset/{token}"), "/reset/***"),
            ("/reset/a%2Fb%20c", Some("/reset/{token}"), "/reset/***"),
            ("/reset/***", Some("/reset/{token}"), "/reset/***"),
            ("/reset/abc/", Some("/reset/{token}/"), "/reset/***/"),
            ("/u/5/reset/abc/done", Some("/u/{user}/reset/{token}/done"), "/u/5/reset/***/done"),
            ("/t/abc.png", Some("/t/{token}.png"), "/t/***"),
            ("/files/a/b/c", Some("/files/{*token}"), "/files/***"),
            ("/files/a/b/c", Some("/files/{*rest}"), "/files/a/b/c"),
            ("/photos/5", Some("/photos/{user}"), "/photos/5"),
            ("/", Some("/"), "/"),
            // The template is of another path.
            ("/outer/reset/abc", Some("/reset/{token}"), "/***/***/***"),
            ("/reset", Some("/reset/{token}"), "/***"),
            ("/other/abc", Some("/reset/{token}"), "/***/***"),
            ("/photos/5", None, "/***/***"),
            ("//a//", None, "//***//"),
            ("/", None, "/"),
            ("*", None, "***"),
        ];
        for (path, route, expected) in rows {
            assert_eq!(cleaned(&["token"], path, route), expected, "{path} {route:?}");
            assert_eq!(cleaned(&["{token}"], path, route), expected, "{path} {route:?}");
            assert_eq!(cleaned(&[], path, route), path);
        }
        assert_eq!(cleaned(&["a", "b"], "/1/2/3", Some("/{a}/{c}/{*b}")), "/***/2/***");
    }

    #[test]
    fn texts_lose_the_secret_too() {
        let mut text = Some(Cow::Borrowed("no such token: to ken (to%20ken)"));
        let secrets = [("to%20ken", Cow::Borrowed(REDACTED)), ("no", Cow::Borrowed(REDACTED))];
        replace(&mut text, &secrets, false);
        assert_eq!(text.as_deref(), Some("no such token: *** (***)"));
        for (segment, text) in [("%41%4", "A%4"), ("%", "%"), ("%zz%C3%A9", "%zzé")] {
            assert_eq!(decoded(segment), text);
        }
    }

    #[test]
    fn what_is_left_of_a_cut_secret_goes_too() {
        let rows = [
            // The path was cut, the text was not.
            ("no token abcdefgh, really", "abcde", "no token ***, really"),
            ("/v2/abcdefgh/x?y", "abcde", "/v2/***/x?y"),
            ("no token abc defgh", "abc%20de%6", "no token ***"),
            ("no token ab\u{e9}\u{e9}", "ab%C3%A9%C3", "no token ***"),
            // The text was cut, or both were.
            ("no token abcdef", "abcdefgh", "no token ***"),
            ("abcdefgh is no abcd", "abcdefgh", "*** is no ***"),
            ("no token \u{e9}bc", "\u{e9}bcd", "no token ***"),
            ("no token abc", "abcdefgh", "no token abc"),
            ("nothing of it", "abcdefgh", "nothing of it"),
        ];
        for (text, secret, expected) in rows {
            let mut text = Some(Cow::Borrowed(text));
            replace(&mut text, &[(secret, Cow::Borrowed(REDACTED))], true);
            assert_eq!(text.as_deref(), Some(expected), "{secret}");
        }
    }

    #[test]
    fn a_secret_that_another_begins_with_leaves_nothing_of_it() {
        let mut paths = RedactedPaths::default();
        paths.add(["a", "b"]);
        let cleaned = paths.clean("/abcd/abcdefgh", Some("/{a}/{b}"));
        let mut text = Some(Cow::Borrowed("no abcdefgh in abcd"));
        replace(&mut text, &cleaned.secrets, false);
        assert_eq!(text.as_deref(), Some("no *** in ***"));
    }

    #[test]
    fn a_referer_keeps_its_origin() {
        for (referer, expected) in [
            ("https://photos/reset/abc?page=2", "https://photos/***"),
            ("https://photos/", "https://photos/"),
            ("https://photos", "https://photos"),
            ("/reset/abc", "/***"),
            ("reset", "***"),
        ] {
            assert_eq!(origin(referer), expected);
        }
    }
}
