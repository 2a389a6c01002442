//! Which records are written where not all of them are wanted: rules in the order given, of which
//! the first that holds decides, when a request has ended and before anything of it is formatted.
//!
//! One in N is drawn by the trace id, the same way in every service: see [`keeps`].

mod sampler;
mod text;

use crate::clock;
use access_record::notes::FlagSet;
use access_record::{Level, TraceId};
use std::time::{Duration, Instant};

pub(crate) use sampler::{Rate, Sampler};
pub use text::SamplingError;
pub(crate) use text::duration;

#[doc = include_str!("docs/sampling.md")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sampling {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    when: Condition,
    share: Share,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    Any,
    Level(Level),
    /// In microseconds.
    AtLeast(u64),
    User(String),
    /// `name`, or `name=variant`: a name has no `=` in it.
    Flag(String),
    Route(String),
}

/// How many of the records that a rule is for are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    /// One in so many; 1 for all of them.
    OneIn(u32),
    None,
}

const ALL: Share = Share::OneIn(1);

impl Sampling {
    /// No rules: everything is written.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps records of level `error`: outcome `error`, `panic` and `body_error`, status 500 and above,
    /// and the gRPC statuses of failures.
    #[must_use]
    pub fn keep_errors(self) -> Self {
        self.keep_level(Level::Error)
    }

    /// Keeps records of this level and above; `warn` adds requests that were cancelled or aborted.
    #[must_use]
    pub fn keep_level(self, level: Level) -> Self {
        self.rule(Condition::Level(level), ALL)
    }

    /// Keeps requests and calls that took so long or longer.
    #[must_use]
    pub fn keep_slower_than(self, duration: Duration) -> Self {
        let duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        self.rule(Condition::AtLeast(duration_us), ALL)
    }

    /// Keeps requests of this user, as [`Notes::user_id`](crate::Notes::user_id) named it.
    #[must_use]
    pub fn keep_user(self, user_id: impl Into<String>) -> Self {
        self.rule(Condition::User(user_id.into()), ALL)
    }

    /// Keeps requests that saw this feature flag, in any variant; with `name=variant` in that one.
    #[must_use]
    pub fn keep_flag(self, flag: impl Into<String>) -> Self {
        self.rule(Condition::Flag(flag.into()), ALL)
    }

    /// Keeps requests of this route, such as `/checkout/{cart}`.
    #[must_use]
    pub fn keep(self, route: impl Into<String>) -> Self {
        self.rule(Condition::Route(route.into()), ALL)
    }

    /// Leaves requests of this route out, such as health checks: what comes before this rule is still kept.
    #[must_use]
    pub fn skip(self, route: impl Into<String>) -> Self {
        self.rule(Condition::Route(route.into()), Share::None)
    }

    /// Keeps one in `n` requests of this route. 0 counts as 1.
    #[must_use]
    pub fn one_in_of(self, n: u32, route: impl Into<String>) -> Self {
        self.rule(Condition::Route(route.into()), Share::OneIn(n.max(1)))
    }

    /// Keeps one in `n` of what no rule before this one decided. 0 counts as 1. Rules after this one are
    /// never reached.
    #[must_use]
    pub fn one_in(self, n: u32) -> Self {
        self.rule(Condition::Any, Share::OneIn(n.max(1)))
    }

    /// Leaves out what no rule before this one decided.
    #[must_use]
    pub fn skip_rest(self) -> Self {
        self.rule(Condition::Any, Share::None)
    }

    fn rule(mut self, when: Condition, share: Share) -> Self {
        self.rules.push(Rule { when, share });
        self
    }

    /// How many records one that is written stands for; `None` if it is not written.
    fn rate(&self, case: &Case<'_>) -> Option<u32> {
        let mut rate = 1;
        for Rule { when, share } in &self.rules {
            let holds = when.holds(case);
            if holds == Holds::No {
                continue;
            }
            match share {
                // What may still fall under this rule is written only if it is written by this rule too.
                Share::OneIn(n) if keeps(case.trace_id, *n) => rate = rate.max(*n),
                Share::OneIn(_) | Share::None => return None,
            }
            if holds == Holds::Yes {
                break;
            }
        }
        Some(rate)
    }
}

/// What rules are asked about.
pub(crate) struct Case<'c> {
    pub(crate) trace_id: TraceId,
    /// `None` where it is not known yet.
    pub(crate) level: Option<Level>,
    /// When it began, if it has ended.
    pub(crate) started: Option<Instant>,
    /// These are of the incoming request, if there is one.
    pub(crate) user_id: Option<&'c str>,
    pub(crate) flags: Option<&'c FlagSet>,
    pub(crate) route: Option<&'c str>,
    pub(crate) path: Option<&'c str>,
    /// Whether the request has only begun: rules that may hold at its end are then obeyed as well. So a
    /// `start` record never stands without its `access` record because that was left out.
    pub(crate) begins: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Yes,
    No,
    /// That turns out later.
    Maybe,
}

impl From<bool> for Holds {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

impl Condition {
    fn holds(&self, case: &Case<'_>) -> Holds {
        match self {
            Self::Any => Holds::Yes,
            Self::Level(least) => case.level.is_some_and(|level| level >= *least).into(),
            Self::AtLeast(least) => {
                case.started.is_some_and(|started| clock::micros_since(started) >= *least).into()
            }
            Self::User(user) => (case.user_id == Some(user.as_str())).into(),
            Self::Flag(wanted) => case.flags.is_some_and(|flags| has_flag(flags, wanted)).into(),
            Self::Route(wanted) => is_route(case, wanted),
        }
    }
}

fn has_flag(flags: &FlagSet, wanted: &str) -> bool {
    let (wanted_name, wanted_variant) =
        wanted.split_once('=').map_or((wanted, None), |(name, variant)| (name, Some(variant)));
    flags.iter().any(|(name, variant)| {
        name == wanted_name && wanted_variant.is_none_or(|wanted_variant| variant == wanted_variant)
    })
}

/// By the route; where none is known, as without a router, by the path.
fn is_route(case: &Case<'_>, wanted: &str) -> Holds {
    if let Some(route) = case.route {
        return (route == wanted).into();
    }
    match case.path {
        Some(path) if path == wanted => Holds::Yes,
        // A template with parameters in it is never equal to a path, and the route may still come.
        _ if case.begins && case.path.is_some() && wanted.contains('{') => Holds::Maybe,
        _ => Holds::No,
    }
}

/// Whether a trace is among one in `n`: as in OpenTelemetry's consistent probability sampling, the last
/// 56 bits of the trace id, which W3C Trace Context (level 2, §3.2.2.3.1) wants random, are at or above
/// the rejection threshold of the probability 1/n.
///
/// So one in 20 is part of one in 10, services decide alike without knowing of each other, and what is
/// kept here is what an OpenTelemetry collector keeps at the same probability.
fn keeps(trace_id: TraceId, n: u32) -> bool {
    const RANDOM_BITS: u32 = 56;
    let mut last = [0; 8];
    last[1..].copy_from_slice(&trace_id.bytes()[9..]);
    let random = u64::from_be_bytes(last);
    random >= (1_u64 << RANDOM_BITS) - (1_u64 << RANDOM_BITS) / u64::from(n.max(1))
}

#[cfg(test)]
mod tests;
