//! Parts of lines as text. Of many lines at once it takes a fraction of the time to tell that they are UTF-8.

/// Lines that are read before all are looked at: where few are, each part is.
const READ_MIN: u8 = 8;

/// Lines that may be known to be UTF-8.
#[derive(Debug)]
pub(super) struct Texts<'w> {
    lines: &'w [u8],
    read: u8,
    /// The same as text, once that is known.
    whole: Option<&'w str>,
}

impl<'w> Texts<'w> {
    /// Nothing is known of these lines yet.
    pub(super) fn new(lines: &'w [u8]) -> Self {
        Self { lines, read: 0, whole: None }
    }

    /// One more of them is read.
    pub(super) fn step(&mut self) {
        if self.read < READ_MIN {
            self.read += 1;
            if self.read == READ_MIN {
                self.whole = simdutf8::basic::from_utf8(self.lines).ok();
            }
        }
    }

    /// Some bytes as text, mostly of one of the lines; none if they are not UTF-8.
    #[inline]
    pub(super) fn of<'l>(&self, bytes: &'l [u8]) -> Option<&'l str>
    where
        'w: 'l,
    {
        let known = || {
            let from = bytes.as_ptr().addr().checked_sub(self.lines.as_ptr().addr())?;
            self.whole?.get(from..from.checked_add(bytes.len())?)
        };
        // No text of other bytes is taken: what is no part of the lines stands at no place in them.
        known().or_else(|| alone(bytes))
    }
}

#[inline(never)]
fn alone(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_are_what_they_are_alone(
            lines in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..40),
                ".{0,20}".prop_map(String::into_bytes),
            ],
            steps in 0..=READ_MIN,
            from in 0_usize..40,
            len in 0_usize..40,
        ) {
            let mut texts = Texts::new(&lines);
            (0..steps).for_each(|_| texts.step());
            let from = from.min(lines.len());
            let part = &lines[from..(from + len).min(lines.len())];
            prop_assert_eq!(texts.of(part), std::str::from_utf8(part).ok());
            let copy = part.to_vec();
            prop_assert_eq!(texts.of(&copy), std::str::from_utf8(part).ok(), "other bytes");
        }
    }
}
