//! placeholder

/// x
pub fn is_note_name(name: &str) -> bool {
    !name.is_empty()
}
