//! The part of time that is asked for.

/// A half-open span of time, in microseconds since 1970: its start belongs to it, its end does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Nothing before this.
    pub since_us: Option<i64>,
    /// Nothing from this on.
    pub until_us: Option<i64>,
}

impl Window {
    /// Whether any time lies outside.
    pub fn is_bounded(&self) -> bool {
        *self != Self::default()
    }

    /// Whether a record of this time lies in it. A record without a readable time lies in no window,
    /// but where no window is asked for, everything does, and the time is not even looked at.
    pub fn holds(&self, time_us: impl FnOnce() -> Option<i64>) -> bool {
        if !self.is_bounded() {
            return true;
        }
        time_us().is_some_and(|time_us| {
            self.since_us.is_none_or(|since_us| since_us <= time_us)
                && self.until_us.is_none_or(|until_us| time_us < until_us)
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
            let window = Window { since_us, until_us };
            assert_eq!(window.holds(|| time_us), held, "{window:?} {time_us:?}");
        }
    }
}
