//! The `tracestate` header, by W3C Trace Context: other tracing systems' words about a trace, which
//! whoever continues the trace passes on.

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};

/// The header of other systems' state of a trace.
pub(crate) const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Everybody must pass on so much.
const BYTES_MAX: usize = 512;
/// The most members a valid list has.
const MEMBERS_MAX: usize = 32;
const KEY_BYTES_MAX: usize = 256;
const VALUE_BYTES_MAX: usize = 256;

/// What is passed on of a request's `tracestate`: the members of all its lines in their order, up to 512
/// bytes of whole ones. A list with a member that is not valid, or stands twice, is dropped as a whole.
pub(crate) fn tracestate(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut kept = Vec::new();
    let mut keys: Vec<&str> = Vec::new();
    let mut is_full = false;
    for line in headers.get_all(TRACESTATE) {
        for member in line.to_str().ok()?.split(',').map(|member| member.trim_matches([' ', '\t'])) {
            // Empty members are allowed, and nothing to pass on.
            if member.is_empty() {
                continue;
            }
            let (key, value) = member.split_once('=')?;
            if !is_key(key) || !is_value(value) || keys.contains(&key) || keys.len() == MEMBERS_MAX {
                return None;
            }
            keys.push(key);
            is_full |= kept.len() + usize::from(!kept.is_empty()) + member.len() > BYTES_MAX;
            if !is_full {
                if !kept.is_empty() {
                    kept.push(b',');
                }
                kept.extend_from_slice(member.as_bytes());
            }
        }
    }
    HeaderValue::try_from(kept).ok().filter(|value| !value.is_empty())
}

/// A key: lower-case letters, digits and `_-*/`; with one `@`, what stands behind it is the system's name.
fn is_key(key: &str) -> bool {
    let is_part = |part: &str| {
        let allowed =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-*/".contains(&byte);
        part.bytes().all(allowed)
    };
    let begins = |part: &str, with_digit: bool| {
        part.bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_lowercase() || (with_digit && byte.is_ascii_digit()))
    };
    match key.split_once('@') {
        Some((tenant, system)) => {
            tenant.len() <= 241
                && system.len() <= 14
                && begins(tenant, true)
                && begins(system, false)
                && is_part(tenant)
                && is_part(system)
        }
        // Level 2 lets a digit begin it.
        None => key.len() <= KEY_BYTES_MAX && begins(key, true) && is_part(key),
    }
}

/// A value: printable ASCII but `,` and `=`, and no space at its end.
fn is_value(value: &str) -> bool {
    let allowed = |byte: u8| matches!(byte, b' '..=b'~') && byte != b',' && byte != b'=';
    (1..=VALUE_BYTES_MAX).contains(&value.len()) && value.bytes().all(allowed) && !value.ends_with(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed_on(lines: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(TRACESTATE, HeaderValue::from_str(line).unwrap());
        }
        tracestate(&headers).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn lists_are_combined_or_dropped() {
        let rows: &[(&[&str], Option<&str>)] = &[
            (&[], None),
            (&[""], None),
            (&["foo=1"], Some("foo=1")),
            (&["foo=1", "bar=2,\tbaz=3"], Some("foo=1,bar=2,baz=3")),
            (&["foo=1, ,bar=2 ,"], Some("foo=1,bar=2")),
            (&["fw529a3039@dt=FfAAA==_"], None),
            (&["fw529a3039@dt=Ff AA"], Some("fw529a3039@dt=Ff AA")),
            (&["1a-2f@foo=1"], Some("1a-2f@foo=1")),
            (&["0=1"], Some("0=1")),
            (&["foo=1", "foo=2"], None),
            (&["foo=1,bar"], None),
            (&["foo="], None),
            (&["foo@=1"], None),
            (&["foo@@bar=1"], None),
            (&["@foo=1"], None),
            (&["Foo=1"], None),
            (&["foo =1"], None),
            (&["foo.bar=1"], None),
        ];
        for (lines, expected) in rows {
            assert_eq!(passed_on(lines).as_deref(), *expected, "{lines:?}");
        }
    }

    #[test]
    fn what_is_too_much() {
        let members = |count: usize| (0..count).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join(",");
        assert_eq!(passed_on(&[&members(32)]), Some(members(32)));
        assert_eq!(passed_on(&[&members(33)]), None);
        // Whole members, of 100 bytes each: five and their commas are within 512 bytes, a sixth is not,
        // and nothing comes after what was left out.
        let long: Vec<String> = (0..6).map(|n| format!("k{n}={}", "v".repeat(97))).collect();
        let sent = format!("{},z=1", long.join(","));
        assert_eq!(passed_on(&[&sent]), Some(long[..5].join(",")));
    }
}
