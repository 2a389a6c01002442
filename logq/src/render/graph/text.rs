//! How much room text takes in a picture. Its letters have one width, so that this is known without a screen.

use crate::render::units;

/// Units of a character, a little more than the usual ones have, and of a line of text, of 12 units.
pub(super) const CHARACTER: f64 = 7.4;
pub(super) const LINE: f64 = 17.0;

/// Units between a label and the next.
pub(super) const APART: f64 = 6.0;

/// Units that a text takes at most.
pub(super) fn width(text: &str) -> f64 {
    f64::from(u32::try_from(units::width(text)).unwrap_or(u32::MAX)) * CHARACTER
}

/// Columns of text in so many units.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few hundred")]
pub(super) fn columns(wide: f64) -> usize {
    (wide / CHARACTER).max(1.0) as usize
}
