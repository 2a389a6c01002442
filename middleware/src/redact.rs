//! What must not reach a log: values of query parameters, user information and fragments of URLs, as
//! they stand in requests, and wherever a text may have one.
//!
//! In doubt more is replaced, not less: a `***` too many costs a second look, one too few a key.

/// Stands for what was taken out.
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
    /// parameter without a value may itself be the secret, so it is replaced whole. Some servers
    /// separate parameters with `;`, so both separators count.
    pub(crate) fn push_query(&self, out: &mut String, query: &str) {
        let mut rest = query;
        while let Some(end) = rest.bytes().position(|byte| matches!(byte, b'&' | b';')) {
            self.push_parameter(out, &rest[..end]);
            out.push_str(&rest[end..=end]);
            rest = &rest[end + 1..];
        }
        self.push_parameter(out, rest);
    }

    fn push_parameter(&self, out: &mut String, parameter: &str) {
        let name_len = parameter.bytes().position(|byte| byte == b'=').unwrap_or(parameter.len());
        let (name, value) = parameter.split_at(name_len);
        if parameter.is_empty() || self.allows(name) {
            out.push_str(parameter);
            return;
        }
        // Padding of base64 is no value, and what no form would call a field is no name.
        if !value.trim_start_matches('=').is_empty() && name.bytes().all(is_in_name) {
            out.push_str(name);
            out.push('=');
        }
        out.push_str(REDACTED);
    }

    /// Appends a text with every URL, request target and `user:password@host` in it redacted.
    pub(crate) fn push_text(&self, out: &mut String, text: &str) {
        if is_plain_text(text) { out.push_str(text) } else { self.push_words(out, text) }
    }

    fn push_words(&self, out: &mut String, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let (word, after) = rest.split_at(word_len(rest));
            if word.is_empty() {
                let gap = after.chars().next().map_or(0, char::len_utf8);
                out.push_str(&after[..gap]);
                rest = &after[gap..];
                continue;
            }
            rest = after;
            // User information with a space in it goes on after this word, up to its `@`.
            if self.push_word(out, word) == Word::MayGoOn
                && let Some(at) = rest.find('@')
            {
                rest = &rest[at + 1..];
            }
        }
    }

    fn push_word(&self, out: &mut String, word: &str) -> Word {
        if !may_need_redaction(word) {
            out.push_str(word);
            return Word::Whole;
        }
        let before = word.len() - word.trim_start_matches(OPENS).len();
        let end = before + word[before..].trim_end_matches(CLOSES).len();
        out.push_str(&word[..before]);
        let ended = self.push_url(out, &word[before..end]);
        out.push_str(&word[end..]);
        ended
    }

    /// Appends a URL, or the target of a request.
    fn push_url(&self, out: &mut String, url: &str) -> Word {
        let (target, query) = match url.split_once('?') {
            Some((target, query)) => (target, Some(query)),
            None => (url, None),
        };
        let has_slash = target.contains('/');
        let target = if has_slash || query.is_some() { without_fragment(target) } else { target };
        let ended = push_target(out, target, query);
        if let Some(query) = query.filter(|_| ended == Word::Whole) {
            out.push('?');
            self.push_query(out, without_fragment(query));
        }
        ended
    }
}

const fn is_in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'_' | b'-' | b'.' | b'~' | b'[' | b']' | b'%' | b'+' | b'$')
}

/// Whether a word was seen to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Whole,
    /// It ends inside what looks like a password.
    MayGoOn,
}

/// Whether a text has any character that redaction looks for.
pub(crate) fn may_need_redaction(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b'?' | b'@' | b'/' | b'#'))
}

/// Whether a text surely has nothing to redact: neither a query, a fragment or user information, nor a
/// colon but that of one scheme. Nearly every referer is such a text, and most errors are.
fn is_plain_text(text: &str) -> bool {
    let seen = text.bytes().fold(0, |seen, byte| seen | MARKS[usize::from(byte)]);
    if seen & MARK != 0 {
        return false;
    }
    if seen & COLON == 0 {
        return true;
    }
    let (before, after) = text.split_once(':').unwrap_or((text, ""));
    after.starts_with('/') && !after.contains(':') && !before.contains('/')
}

const MARK: u8 = 1;
const COLON: u8 = 2;
/// What every byte may mean.
const MARKS: [u8; 256] = {
    let mut marks = [0; 256];
    marks[b'?' as usize] = MARK;
    marks[b'@' as usize] = MARK;
    marks[b'#' as usize] = MARK;
    marks[b':' as usize] = COLON;
    marks
};

/// An authority without `user:password@`.
pub(crate) fn without_user_info(authority: &str) -> &str {
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

fn without_fragment(text: &str) -> &str {
    text.split('#').next().unwrap_or_default()
}

/// Appends what stands before a query, without user information: scheme, slashes, authority, path.
fn push_target(out: &mut String, target: &str, query: Option<&str>) -> Word {
    let (lead, rest) = split_lead(target);
    out.push_str(lead);
    let is_url = lead.ends_with('/');
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let Some((user_info, host)) = authority.rsplit_once('@') else {
        return push_without_at(out, authority, path, is_url, query);
    };
    // An address of mail has no password.
    if is_url || user_info.contains(':') {
        push_without_at(out, host, path, is_url, None)
    } else {
        out.push_str(rest);
        Word::Whole
    }
}

/// Appends an authority that has no `@`, and its path. An `@` in the path is part of it, unless the
/// authority has a `:`: then this may be a password with a `/` in it, or with whatever else ended it.
fn push_without_at(out: &mut String, authority: &str, path: &str, is_url: bool, query: Option<&str>) -> Word {
    let is_bare_ipv6 = authority.starts_with('[') && authority.ends_with(']');
    let port = authority.rsplit_once(':').map(|(_, port)| port).filter(|_| !is_bare_ipv6);
    let is_number = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    if port.is_some() && path.contains('@') {
        out.push_str(REDACTED);
        return Word::Whole;
    }
    // A `?` may stand in a password, too, and an `@` behind it end that; behind a path and a `=` it is part
    // of a parameter's value.
    let is_end = |query: &str| if path.is_empty() { query } else { before_value(query) }.contains('@');
    if is_url && port.is_some_and(|port| !is_number(port) || query.is_some_and(is_end)) {
        out.push_str(REDACTED);
        return Word::MayGoOn;
    }
    out.push_str(authority);
    out.push_str(path);
    Word::Whole
}

fn before_value(query: &str) -> &str {
    query.split('=').next().unwrap_or_default()
}

/// Splits off all that stands before an authority: what is glued to the scheme, the scheme, slashes.
fn split_lead(target: &str) -> (&str, &str) {
    let slashes_at = match target.find(":/") {
        Some(colon) if !target[..colon].contains(['@', '/']) => colon + 1,
        _ => 0,
    };
    let rest = target[slashes_at..].trim_start_matches('/');
    target.split_at(target.len() - rest.len())
}

/// What may stand before a URL in running text, and behind it.
const OPENS: [char; 4] = ['(', '{', '[', '\''];
const CLOSES: [char; 10] = [')', '}', ']', '\'', ':', ';', ',', '.', '!', '?'];

/// How long the word is that a text starts with.
fn word_len(text: &str) -> usize {
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'!'..=b'~' if !ends_word(char::from(*byte)) => at += 1,
            0..0x80 => return at,
            _ => match text[at..].chars().next() {
                Some(c) if !ends_word(c) => at += c.len_utf8(),
                _ => return at,
            },
        }
    }
    at
}

/// Whether a word of running text ends before this character.
fn ends_word(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '`')
}

#[cfg(test)]
mod tests;
