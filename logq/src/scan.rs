//! What can be seen of lines without decoding them: where in a block a line can be that a filter takes,
//! of one line that the filter does not take it, and which of the wanted fields it has. The first two only ever say
//! no to what the full decoder would say no to, line by line, valid or not, and the last finds what the decoder finds;
//! whatever is unsure, the decoder decides.

mod fails;
mod keys;
mod literals;
mod needles;
mod probe;
#[cfg(test)]
mod tests;
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
