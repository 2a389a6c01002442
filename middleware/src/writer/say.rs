//! The few words for the operator that have no other place to go.

/// Says something on standard error; nobody listening is no reason to fail.
pub(crate) fn say(text: &str) {
    let _nobody_listens = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
}
