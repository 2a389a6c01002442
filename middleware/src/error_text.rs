//! An error as one text: what happened, and after it what caused that, `a: b: c`.
//!
//! The one place that walks along sources, for events and notes alike, so that a chain without an end
//! costs no more than a long one.

use std::error::Error;
use std::fmt::Write as _;

/// The longest chain of causes that is written.
const CAUSES_MAX: usize = 16;
/// A text of so many bytes gets no further cause. Never cut here: half of a URL could not be redacted.
const CHAIN_BYTES_MAX: usize = 4 * 1024;

/// Appends an error and its causes. A cause that its effect already ends with, as many errors quote
/// theirs, is not written twice.
pub(crate) fn push_chain(out: &mut String, error: &(dyn Error + '_)) {
    let from = out.len();
    // A formatter that fails leaves what it wrote so far.
    let _what_it_wrote = write!(out, "{error}");
    let mut cause = error.source();
    for _ in 0..CAUSES_MAX {
        let Some(error) = cause.filter(|_| out.len() - from < CHAIN_BYTES_MAX) else { return };
        let effect_end = out.len();
        out.push_str(": ");
        let cause_from = out.len();
        let _what_it_wrote = write!(out, "{error}");
        let (before, text) = (&out[from..effect_end], &out[cause_from..]);
        if before.ends_with(text) {
            out.truncate(effect_end);
        }
        cause = error.source();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt;

    #[derive(Debug)]
    struct Link(&'static str, Option<&'static Link>);

    impl fmt::Display for Link {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Link {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.map(|cause| cause as _)
        }
    }

    static LONG: &str = match std::str::from_utf8(&[b'x'; CHAIN_BYTES_MAX]) {
        Ok(text) => text,
        Err(_) => "",
    };

    fn chain(error: &dyn Error) -> String {
        let mut out = String::from("before ");
        push_chain(&mut out, error);
        out.strip_prefix("before ").map(str::to_owned).unwrap_or_default()
    }

    #[test]
    fn causes_follow_their_effects() {
        static DISK: Link = Link("disk full", None);
        static WRITE: Link = Link("cannot write", Some(&DISK));
        static SILENT: Link = Link("", Some(&DISK));
        assert_eq!(chain(&DISK), "disk full");
        assert_eq!(chain(&Link("cannot save", Some(&WRITE))), "cannot save: cannot write: disk full");
        assert_eq!(chain(&Link("cannot save: disk full", Some(&DISK))), "cannot save: disk full");
        assert_eq!(chain(&Link("cannot save", Some(&SILENT))), "cannot save: disk full");
    }

    #[test]
    fn a_chain_without_an_end_ends() {
        static CIRCLE: Link = Link("a", Some(&BACK));
        static BACK: Link = Link("b", Some(&CIRCLE));
        assert_eq!(chain(&CIRCLE).len(), "a".len() + ": b".len() * CAUSES_MAX);
        let long = Link(LONG, Some(&CIRCLE));
        assert_eq!(chain(&long), LONG, "whole, and without its causes");
    }
}
