//! The part of time that is asked for.

/// A half-open span of time, in microseconds since 1970: its start belongs to it, its end does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Nothing before this.
    pub since_us: Option<i64>,
    /// Nothing from this on.
    pub until_us: Option<i64>,
    /// Whether also requests lie in it that were running in it: they began before its end.
    pub overlaps: bool,
}

impl Window {
    /// Whether any time lies outside.
    pub fn is_bounded(&self) -> bool {
        self.since_us.is_some() || self.until_us.is_some()
    }

    /// The window in which the times of all its records lie: a request that was running at the end of the
    /// window may have ended any time later.
    #[must_use]
    pub fn of_times(self) -> Self {
        if self.overlaps { Self { until_us: None, ..self } } else { self }
    }

    /// Whether a record of this time lies in it. A record without a readable time lies in no window,
    /// but where no window is asked for, everything does, and the time is not even looked at.
    pub fn holds(&self, time_us: impl FnOnce() -> Option<i64>) -> bool {
        self.holds_span(|| time_us().map(|time_us| (time_us, time_us)))
    }

    /// Whether a record lies in it that was made at the second of two times, and whose request began at the
    /// first.
    pub fn holds_span(&self, times_us: impl FnOnce() -> Option<(i64, i64)>) -> bool {
        if !self.is_bounded() {
            return true;
        }
        times_us().is_some_and(|(began_us, made_us)| {
            let in_time = if self.overlaps { began_us } else { made_us };
            self.since_us.is_none_or(|since_us| since_us <= made_us)
                && self.until_us.is_none_or(|until_us| in_time < until_us)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_half_open() {
        let rows = [
            (None, None, None, true),
            (None, None, Some(5), true),
            (Some(5), None, Some(4), false),
            (Some(5), None, Some(5), true),
            (None, Some(5), Some(4), true),
            (None, Some(5), Some(5), false),
            (Some(5), Some(5), Some(5), false),
            (Some(5), None, None, false),
            (None, Some(5), None, false),
        ];
        for (since_us, until_us, time_us, held) in rows {
            let window = Window { since_us, until_us, overlaps: false };
            assert_eq!(window.holds(|| time_us), held, "{window:?} {time_us:?}");
        }
    }

    #[test]
    fn what_ran_in_a_window_overlaps_it() {
        let rows = [
            (1, 4, false),
            (1, 5, true),
            (1, 9, true),
            (6, 7, true),
            (6, 99, true),
            (7, 8, true),
            (8, 9, false),
        ];
        let window = Window { since_us: Some(5), until_us: Some(8), overlaps: true };
        for (began_us, made_us, held) in rows {
            assert_eq!(window.holds_span(|| Some((began_us, made_us))), held, "{began_us} {made_us}");
            assert!(!held || window.of_times().holds(|| Some(made_us)), "{began_us} {made_us}");
        }
    }
}
