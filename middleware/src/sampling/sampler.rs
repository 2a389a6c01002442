//! The sampling of a log while it runs: exchanged through a handle, read at the end of each request.

use super::{Case, Sampling};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

/// How many records one that is written stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate(u32);

impl Rate {
    pub(crate) const WHOLE: Self = Self(1);

    /// For the record's field, which is absent where the record stands for itself.
    pub(crate) fn field(self) -> Option<u32> {
        (self != Self::WHOLE).then_some(self.0)
    }
}

/// The rules in force.
#[derive(Debug)]
pub(crate) struct Sampler {
    /// Whether there are any; without them nothing else is looked at.
    has_rules: AtomicBool,
    rules: RwLock<Sampling>,
    sampled_out: AtomicU64,
}

impl Sampler {
    pub(crate) fn new(sampling: Sampling) -> Self {
        Self {
            has_rules: AtomicBool::new(!sampling.rules.is_empty()),
            rules: RwLock::new(sampling),
            sampled_out: AtomicU64::new(0),
        }
    }

    pub(crate) fn set(&self, sampling: Sampling) {
        let has_rules = !sampling.rules.is_empty();
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = sampling;
        self.has_rules.store(has_rules, Ordering::Release);
    }

    pub(crate) fn get(&self) -> Sampling {
        self.rules.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Records that were left out.
    pub(crate) fn sampled_out(&self) -> u64 {
        self.sampled_out.load(Ordering::Relaxed)
    }

    pub(crate) fn has_rules(&self) -> bool {
        self.has_rules.load(Ordering::Acquire)
    }

    /// What one record stands for; `None`, and counted, if it is left out. The case is made only where
    /// there are rules.
    pub(crate) fn rate<'c>(&self, case: impl FnOnce() -> Case<'c>) -> Option<Rate> {
        self.rate_or(None, case)
    }

    /// The same for a record that is not left out: then it stands for so many.
    pub(crate) fn rate_or<'c>(&self, least: Option<Rate>, case: impl FnOnce() -> Case<'c>) -> Option<Rate> {
        if !self.has_rules() {
            return Some(Rate::WHOLE);
        }
        let case = case();
        let rate = self.rules.read().unwrap_or_else(PoisonError::into_inner).rate(&case);
        let rate = rate.map(Rate).or(least);
        if rate.is_none() {
            self.sampled_out.fetch_add(1, Ordering::Relaxed);
        }
        rate
    }
}
