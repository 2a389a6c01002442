//! Where in a line to read a field of the contract stands. What somebody looks for at 04:08 is there: who asked, with
//! which key, for what, which request it was, and what the code noted. What says where and how the record was made, and
//! what the request's other fields say already, is folded (`folded`). A field that is named nowhere is shown: behind the
//! sentence, in the order of the contract's table.

use access_record::field::FIELDS;

pub(super) const TS: usize = at("ts");
pub(super) const KIND: usize = at("kind");
pub(super) const LEVEL: usize = at("level");
pub(super) const SERVICE: usize = at("service");
pub(super) const METHOD: usize = at("method");
pub(super) const PATH: usize = at("path");
pub(super) const STATUS: usize = at("status");
pub(super) const DURATION: usize = at("duration_us");
pub(super) const OUTCOME: usize = at("outcome");
pub(super) const USER: usize = at("user_id");
pub(super) const MESSAGE: usize = at("message");
pub(super) const ERROR: usize = at("error");
pub(super) const FLAGS: usize = at("flags");
pub(super) const NOTES: usize = at("notes");

/// Fields that the sentence begins with or consists of, where it can say them.
pub(super) const SENTENCE: [usize; 12] =
    [TS, KIND, LEVEL, SERVICE, METHOD, PATH, STATUS, DURATION, OUTCOME, USER, MESSAGE, ERROR];

const API_KEY: usize = at("api_key");

/// Whether a field is the fingerprint of a key, of which the beginning is enough.
pub(super) fn is_fingerprint(field: usize) -> bool {
    field == API_KEY
}

/// The place of a field in the table, which has it: known when this is compiled.
pub(super) const fn at(name: &str) -> usize {
    let mut at = 0;
    while !is_same(FIELDS[at].name.as_bytes(), name.as_bytes()) {
        at += 1;
    }
    at
}

const fn is_same(left: &[u8], right: &[u8]) -> bool {
    let mut at = 0;
    while at < left.len() && at < right.len() && left[at] == right[at] {
        at += 1;
    }
    at == left.len() && at == right.len()
}
