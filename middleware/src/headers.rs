//! Headers that were asked for by name, as notes. No other header is written, and those that carry
//! credentials are not to be had.

use crate::redact::{AllowedParams, REDACTED};
use access_record::notes::is_note_name;
use http::HeaderMap;
use http::header::HeaderName;

/// Headers whose values let whoever reads them act for somebody else.
const CREDENTIALS: [&str; 24] = [
    "api-key",
    "apikey",
    "authentication-info",
    "authorization",
    "cookie",
    "cookie2",
    "dpop",
    "private-token",
    "proxy-authentication-info",
    "proxy-authorization",
    "set-cookie",
    "set-cookie2",
    "x-access-token",
    "x-amz-security-token",
    "x-amzn-oidc-accesstoken",
    "x-amzn-oidc-data",
    "x-api-key",
    "x-api-token",
    "x-auth-token",
    "x-csrf-token",
    "x-forwarded-access-token",
    "x-goog-api-key",
    "x-vault-token",
    "x-xsrf-token",
];

/// Why a header cannot be named.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It carries credentials.
    Credentials(String),
    /// It is no name of a header, or one too long for a note.
    NoName(String),
}

/// Headers and their notes.
#[derive(Debug, Default)]
pub(crate) struct NamedHeaders(Vec<(HeaderName, String)>);

impl NamedHeaders {
    /// The notes of these are their names behind a prefix, with `_` for what a note's name cannot have.
    pub(crate) fn parse(names: &[String], prefix: &str) -> Result<Self, Refused> {
        let parse = |name: &String| {
            let refused = || Refused::NoName(name.clone());
            let header = HeaderName::try_from(name.as_str()).map_err(|_| refused())?;
            if CREDENTIALS.contains(&header.as_str()) {
                return Err(Refused::Credentials(name.clone()));
            }
            let note =
                format!("{prefix}{}", header.as_str().replace(|c: char| !c.is_ascii_alphanumeric(), "_"));
            if is_note_name(&note) { Ok((header, note)) } else { Err(refused()) }
        };
        names.iter().map(parse).collect::<Result<_, _>>().map(Self)
    }

    /// Hands over the notes of the headers that are there: several of one name as one list (RFC 9110 §5.3), with URLs
    /// redacted, and none that was marked as sensitive.
    pub(crate) fn read(&self, headers: &HeaderMap, params: &AllowedParams, mut note: impl FnMut(&str, &str)) {
        for (header, name) in &self.0 {
            let mut values = headers.get_all(header).iter().peekable();
            if values.peek().is_none() {
                continue;
            }
            let mut list = String::new();
            for value in values {
                list.push_str(if list.is_empty() { "" } else { ", " });
                if value.is_sensitive() {
                    list.push_str(REDACTED);
                } else {
                    params.push_text(&mut list, &String::from_utf8_lossy(value.as_bytes()));
                }
            }
            note(name, &list);
        }
    }
}
