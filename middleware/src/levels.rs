//! Which events are written, where that is decided while the log runs: through a handle or by the
//! environment, in the place of what the code of the service says.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use tracing_core::{LevelFilter, callsite};
use tracing_subscriber::filter::Targets;

/// The levels in force, if they are not the code's.
#[derive(Debug, Default)]
pub(crate) struct EventLevels {
    /// Whether there are any; without them nothing else is looked at.
    is_set: AtomicBool,
    targets: RwLock<Option<Targets>>,
}

impl EventLevels {
    pub(crate) fn new(targets: Option<Targets>) -> Self {
        Self { is_set: AtomicBool::new(targets.is_some()), targets: RwLock::new(targets) }
    }

    pub(crate) fn set(&self, targets: Option<Targets>) {
        let is_set = targets.is_some();
        *self.targets.write().unwrap_or_else(PoisonError::into_inner) = targets;
        self.is_set.store(is_set, Ordering::Release);
        // `tracing` remembers the highest level that anybody wants.
        callsite::rebuild_interest_cache();
    }

    /// Whether an event is written, where the code says these.
    pub(crate) fn enable(&self, code: &Targets, target: &str, level: tracing_core::Level) -> bool {
        self.with(code, |targets| targets.would_enable(target, &level))
    }

    /// The highest level of any event that is written.
    pub(crate) fn most(&self, code: &Targets) -> LevelFilter {
        self.with(code, |targets| {
            let most = targets.iter().map(|(_, level)| level).max().unwrap_or(LevelFilter::OFF);
            most.max(targets.default_level().unwrap_or(LevelFilter::OFF))
        })
    }

    fn with<T>(&self, code: &Targets, ask: impl Fn(&Targets) -> T) -> T {
        if !self.is_set.load(Ordering::Acquire) {
            return ask(code);
        }
        let targets = self.targets.read().unwrap_or_else(PoisonError::into_inner);
        ask(targets.as_ref().unwrap_or(code))
    }
}

/// The name of a level, or `off`.
pub(crate) fn level(text: &str) -> Option<LevelFilter> {
    Some(match text {
        "off" => LevelFilter::OFF,
        "error" => LevelFilter::ERROR,
        "warn" => LevelFilter::WARN,
        "info" => LevelFilter::INFO,
        "debug" => LevelFilter::DEBUG,
        "trace" => LevelFilter::TRACE,
        _ => return None,
    })
}

/// A level, and levels of targets: `info,h2=off`. What is wrong comes back. Without a level of all
/// others, they have `info`.
pub(crate) fn targets(text: &str) -> Result<Targets, &str> {
    text.split(',').map(str::trim).try_fold(
        Targets::new().with_default(LevelFilter::INFO),
        |targets, word| {
            Ok(match word.rsplit_once('=') {
                Some((target, name)) if !target.is_empty() => {
                    targets.with_target(target, level(name).ok_or(word)?)
                }
                Some(_) => return Err(word),
                None => targets.with_default(level(word).ok_or(word)?),
            })
        },
    )
}
