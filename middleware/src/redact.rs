//! What must not reach a log: values of query parameters, user information in URLs, and URLs with
//! either of them inside other texts.

/// Stands for a value that was taken out.
pub(crate) const REDACTED: &str = "***";

/// The query parameters whose values may be written.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllowedParams(Vec<String>);

impl AllowedParams {
    pub(crate) fn new(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }

    fn allows(&self, name: &str) -> bool {
        self.0.iter().any(|allowed| allowed == name)
    }

    /// Appends a query string: names stay, values are replaced unless their name is allowed. A
    /// parameter without `=` may itself be the secret, so it is replaced whole.
    pub(crate) fn push_query(&self, out: &mut String, query: &str) {
        for (index, parameter) in query.split('&').enumerate() {
            if index > 0 {
                out.push('&');
            }
            match parameter.split_once('=') {
                _ if parameter.is_empty() => {}
                Some((name, _)) if self.allows(name) => out.push_str(parameter),
                None if self.allows(parameter) => out.push_str(parameter),
                Some((name, _)) => {
                    out.push_str(name);
                    out.push('=');
                    out.push_str(REDACTED);
                }
                None => out.push_str(REDACTED),
            }
        }
    }

    /// Appends a URL: without user information and fragment, its query redacted.
    pub(crate) fn push_url(&self, out: &mut String, url: &str) {
        let url = url.split('#').next().unwrap_or_default();
        let (target, query) = match url.split_once('?') {
            Some((target, query)) => (target, Some(query)),
            None => (url, None),
        };
        match target.split_once("://") {
            Some((scheme, rest)) => {
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                out.push_str(scheme);
                out.push_str("://");
                push_host(out, without_user_info(authority));
                out.push_str(path);
            }
            None => out.push_str(target),
        }
        if let Some(query) = query {
            out.push('?');
            self.push_query(out, query);
        }
    }

    /// Appends a text with every URL in it redacted.
    pub(crate) fn push_text(&self, out: &mut String, text: &str) {
        let mut rest = text;
        while let Some(colon) = rest.find("://") {
            let scheme_len = scheme_len(&rest[..colon]);
            let (before, url_on) = rest.split_at(colon - scheme_len);
            let (url, after) = url_on.split_at(url_len(url_on, scheme_len + 3));
            out.push_str(before);
            self.push_url(out, url);
            rest = after;
        }
        out.push_str(rest);
    }
}

/// An authority without `user:password@`.
pub(crate) fn without_user_info(authority: &str) -> &str {
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// Appends host and port. A port that is no number is the start of a password that had a `?` or a
/// `/` in it, so it is replaced.
fn push_host(out: &mut String, authority: &str) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') && !port.bytes().all(|byte| byte.is_ascii_digit()) => {
            out.push_str(host);
            out.push(':');
            out.push_str(REDACTED);
        }
        _ => out.push_str(authority),
    }
}

/// How many bytes before a `://` belong to its scheme.
fn scheme_len(before: &str) -> usize {
    let in_scheme = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    before.bytes().rev().take_while(in_scheme).count()
}

/// How long the URL is that a text starts with: up to what ends it, or to the scheme of another one
/// glued to it. Behind a `?` another URL is a value.
fn url_len(text: &str, after_scheme: usize) -> usize {
    let end = text.find(ends_url).unwrap_or(text.len());
    // What ends a sentence or a clause belongs to the sentence.
    let end = text[..end].trim_end_matches([':', ';', ',', '.', '!', '?']).len().max(after_scheme.min(end));
    let before_query = text[..end].find('?').unwrap_or(end);
    match text[after_scheme..before_query.max(after_scheme)].find("://") {
        Some(colon) => after_scheme + colon - scheme_len(&text[after_scheme..after_scheme + colon]),
        None => end,
    }
}

/// Whether a URL in running text ends before this character.
fn ends_url(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '<' | '>' | '`' | '(' | ')' | '{' | '}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(push: impl Fn(&AllowedParams, &mut String)) -> String {
        let mut out = String::new();
        push(&AllowedParams::new(["page", "q"]), &mut out);
        out
    }

    #[test]
    fn queries() {
        let rows = [
            ("", ""),
            ("page=2&token=s3cret", "page=2&token=***"),
            ("token=s3cret=more", "token=***"),
            ("s3cret", "***"),
            ("page&s3cret", "page&***"),
            ("q=a%26b&&x=", "q=a%26b&&x=***"),
            ("PAGE=s3cret", "PAGE=***"),
        ];
        for (query, expected) in rows {
            assert_eq!(with(|allowed, out| allowed.push_query(out, query)), expected, "{query}");
        }
    }

    #[test]
    fn urls() {
        let rows = [
            ("https://example.org/a?page=1&t=s3cret#s3cret", "https://example.org/a?page=1&t=***"),
            ("https://user:s3cret@example.org/", "https://example.org/"),
            ("https://s3c@ret@example.org", "https://example.org"),
            ("https://user:s3cret@example.org?t=s3cret", "https://example.org?t=***"),
            ("https://user:s3cret?x@example.org/", "https://user:***?***"),
            ("http://[2001:db8::1]:8080/a", "http://[2001:db8::1]:8080/a"),
            ("/only/a/path?t=s3cret", "/only/a/path?t=***"),
            ("about:blank", "about:blank"),
        ];
        for (url, expected) in rows {
            assert_eq!(with(|allowed, out| allowed.push_url(out, url)), expected, "{url}");
        }
    }

    #[test]
    fn texts() {
        let rows = [
            ("no address here", "no address here"),
            (
                "GET (https://u:s3cret@a.b/c?k=s3cret) failed: \"postgres://u:s3cret@db/x\" 😀",
                "GET (https://a.b/c?k=***) failed: \"postgres://db/x\" 😀",
            ),
            ("éhttps://u:s3cret@h/é?k=s3cret", "éhttps://h/é?k=***"),
            ("://", "://"),
            ("https://", "https://"),
            (
                "cannot reach https://u:s3cret@h/q?k=s3cret: refused.",
                "cannot reach https://h/q?k=***: refused.",
            ),
            ("a://b://u:s3cret@c", "a://b://c"),
            ("see https://h/?next=https://s3cret/s3cret now", "see https://h/?next=*** now"),
        ];
        for (text, expected) in rows {
            assert_eq!(with(|allowed, out| allowed.push_text(out, text)), expected, "{text}");
        }
    }
}
