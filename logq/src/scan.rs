//! What can be seen of lines without decoding them: where in a block a line can be that a filter takes,
//! of one line that the filter does not take it, and which of the wanted fields it has. Of valid lines that is what the
//! full decoder would say; whatever is unsure, the decoder decides.

mod fails;
mod keys;
mod literals;
mod needles;
mod place;
mod probe;
#[cfg(test)]
mod tests;
mod tokens;
mod wanted;

pub use fails::Fails;
pub use keys::Keys;
pub use needles::Needles;
pub use probe::Probe;
pub use wanted::{Reader as WantedReader, Wanted};

use crate::query::Filter;

/// The texts of which every line that a filter takes contains one, if there are any.
pub fn literals_of(filter: &Filter) -> Option<Vec<Vec<u8>>> {
    literals::required(filter.root())
}
