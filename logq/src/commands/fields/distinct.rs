//! How many different values there were, in bounded memory: exactly while they are few, then by the smallest of
//! their hashes, which lie the closer together the more there are (Bar-Yossef and others, 2002).

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hasher as _};

/// So many hashes are kept, in some 24 KiB; fewer values are counted exactly. The standard error of the estimate is
/// one over the root of this: 2.2 in a hundred.
const KEPT_MAX: usize = 2048;

/// The different values of a field.
#[derive(Debug, Default)]
pub(super) struct Distinct(BTreeSet<u64>);

impl Distinct {
    pub(super) fn add(&mut self, text: &str) {
        let mut hasher = DefaultHasher::new();
        hasher.write(text.as_bytes());
        let hash = hasher.finish();
        if self.0.len() < KEPT_MAX {
            self.0.insert(hash);
        } else if self.0.last().is_some_and(|last| hash < *last) && self.0.insert(hash) {
            self.0.pop_last();
        }
    }

    /// The number; with `~` before it where it is an estimate, of which no more digits are shown than mean something.
    pub(super) fn shown(&self) -> String {
        match self.0.last() {
            Some(last) if self.0.len() == KEPT_MAX => {
                let below = KEPT_MAX as u128 - 1;
                let all = below * (u128::from(u64::MAX) + 1) / u128::from(*last).max(1);
                let unit = 10_u128.pow(all.ilog10().saturating_sub(2));
                format!("~{}", (all + unit / 2) / unit * unit)
            }
            _ => self.0.len().to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: usize) -> String {
        let mut distinct = Distinct::default();
        // Each twice: a value counts once.
        for number in (0..values).chain(0..values) {
            distinct.add(&number.to_string());
        }
        distinct.shown()
    }

    #[test]
    fn few_values_are_counted_and_many_estimated() {
        assert_eq!([of(0), of(1), of(2047)], ["0", "1", "2047"]);
        for values in [2048, 10_000, 200_000] {
            let shown = of(values);
            let estimate: usize = shown.strip_prefix('~').expect("an estimate").parse().expect("a number");
            let error = estimate.abs_diff(values) * 1000 / values;
            assert!(error < 66, "{shown} of {values}: more than three standard errors off");
        }
    }
}
