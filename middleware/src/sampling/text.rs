//! Rules as one text, for operators: `errors,slower=500ms,user=5555,skip=/healthz,1/10`.

use super::{ALL, Condition, Rule, Sampling, Share};
use access_record::Level;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

const RULES: &str = "errors, level=warn, slower=500ms, user=ID, flag=NAME, keep=/route, skip=/route, \
                     1/100=/route, 1/10 or skip";

impl FromStr for Sampling {
    type Err = SamplingError;

    /// Reads rules, separated by commas, in the order in which they are asked.
    ///
    /// | text | is |
    /// | --- | --- |
    /// | `errors` | [`keep_errors`](Sampling::keep_errors) |
    /// | `level=warn` | [`keep_level`](Sampling::keep_level) |
    /// | `slower=500ms` | [`keep_slower_than`](Sampling::keep_slower_than); a whole number of `us`, `ms`, `s` or `m` |
    /// | `user=5555` | [`keep_user`](Sampling::keep_user) |
    /// | `flag=new_search`, `flag=new_search=on` | [`keep_flag`](Sampling::keep_flag) |
    /// | `keep=/checkout/{cart}` | [`keep`](Sampling::keep) |
    /// | `skip=/healthz` | [`skip`](Sampling::skip) |
    /// | `1/100=/search` | [`one_in_of`](Sampling::one_in_of) |
    /// | `1/10` | [`one_in`](Sampling::one_in) |
    /// | `skip` | [`skip_rest`](Sampling::skip_rest) |
    ///
    /// A value with a comma in it has no text.
    fn from_str(text: &str) -> Result<Self, SamplingError> {
        let words = text.split(',').map(str::trim);
        let rules = words.map(|word| rule(word).ok_or_else(|| SamplingError(word.to_owned())));
        Ok(Self { rules: rules.collect::<Result<_, _>>()? })
    }
}

fn rule(word: &str) -> Option<Rule> {
    let (name, value) = match word.split_once('=') {
        Some((name, value)) if !value.is_empty() => (name, Some(value)),
        Some(_) => return None,
        None => (word, None),
    };
    let share = |share| match value {
        Some(route) => {
            route.starts_with('/').then(|| Rule { when: Condition::Route(route.to_owned()), share })
        }
        None => Some(Rule { when: Condition::Any, share }),
    };
    let when = match (name, value) {
        ("errors", None) => Condition::Level(Level::Error),
        ("level", Some(level)) => Condition::Level(Level::parse(level)?),
        ("slower", Some(least)) => Condition::AtLeast(u64::try_from(duration(least)?.as_micros()).ok()?),
        ("user", Some(user)) => Condition::User(user.to_owned()),
        ("flag", Some(flag)) => Condition::Flag(flag.to_owned()),
        ("keep", Some(_)) => return share(ALL),
        ("skip", _) => return share(Share::None),
        _ => {
            let n = name.strip_prefix("1/").filter(|n| !n.starts_with('+'))?;
            return share(Share::OneIn(n.parse().ok().filter(|n| *n > 0)?));
        }
    };
    Some(Rule { when, share: ALL })
}

/// Units of durations, in microseconds.
const UNITS: [(&str, u64); 4] = [("us", 1), ("ms", 1000), ("s", 1_000_000), ("m", 60_000_000)];

/// A whole number and its unit.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let (_, micros) = UNITS.iter().find(|(name, _)| *name == unit)?;
    Some(Duration::from_micros(digits.parse::<u64>().ok()?.checked_mul(*micros)?))
}

impl fmt::Display for Sampling {
    /// The text that [`Sampling`] is read from, but for what has no text: users and routes with commas or
    /// spaces around them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, rule) in self.rules.iter().enumerate() {
            f.write_str(if index > 0 { "," } else { "" })?;
            rule.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.when, self.share) {
            (Condition::Level(Level::Error), _) => f.write_str("errors"),
            (Condition::Level(level), _) => write!(f, "level={level}"),
            (Condition::AtLeast(micros), _) => {
                let divides = |(_, unit): &&(&str, u64)| micros.is_multiple_of(*unit);
                let (name, unit) = UNITS.iter().rev().find(divides).unwrap_or(&UNITS[0]);
                write!(f, "slower={}{name}", micros / unit)
            }
            (Condition::User(user), _) => write!(f, "user={user}"),
            (Condition::Flag(flag), _) => write!(f, "flag={flag}"),
            (Condition::Route(route), Share::None) => write!(f, "skip={route}"),
            (Condition::Route(route), ALL) => write!(f, "keep={route}"),
            (Condition::Route(route), Share::OneIn(n)) => write!(f, "1/{n}={route}"),
            (Condition::Any, Share::None) => f.write_str("skip"),
            (Condition::Any, Share::OneIn(n)) => write!(f, "1/{n}"),
        }
    }
}

/// A word that is no rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SamplingError(String);

impl fmt::Display for SamplingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no rule; expected {RULES}", self.0)
    }
}

impl std::error::Error for SamplingError {}
