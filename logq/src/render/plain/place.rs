//! Where in a line to read a field of the contract stands. What somebody looks for at 04:08 is there: who asked, with
//! which key, for what, which request it was, and what the code noted. What says where and how the record was made, and
//! what the request's other fields say already, is folded. A field that is named nowhere here is shown: behind the
//! sentence, in the order of the contract's table.

use super::parts::Parts;
use access_record::Kind;
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
const REQUEST_ID: usize = at("request_id");
const TRACE_ID: usize = at("trace_id");
const CLIENT_IP: usize = at("client_ip");
const PEER_IP: usize = at("peer_ip");
const AUTHORITY: usize = at("authority");
const GRPC_STATUS: usize = at("grpc_status");

/// Fields that are only counted, unless all are asked for.
pub(super) const FOLDED: [usize; 16] = [
    at("v"),
    at("instance"),
    at("host"),
    at("release"),
    at("span_id"),
    at("parent_id"),
    at("scheme"),
    at("http_version"),
    at("route"),
    at("bytes_out"),
    at("bytes_in"),
    at("head_us"),
    at("user_agent"),
    at("referer"),
    at("target"),
    at("seq"),
];

/// The same, a bit for each field of the table.
const FOLDED_BITS: u64 = {
    assert!(FIELDS.len() <= 64, "each field has a bit");
    let mut bits = 0;
    let mut at = 0;
    while at < FOLDED.len() {
        bits |= 1 << FOLDED[at];
        at += 1;
    }
    bits
};

/// Whether a field that the sentence does not say is only counted: it is of those, or is one that has something to say
/// only at times, and not in this row.
pub(super) fn is_folded(parts: &Parts<'_>, field: usize) -> bool {
    let says_something = match field {
        KIND => kind(parts).is_none(),
        AUTHORITY => kind(parts) == Some(Kind::Call),
        PEER_IP => parts.text(CLIENT_IP) != parts.text(PEER_IP),
        TRACE_ID => parts.text(REQUEST_ID).is_none(),
        GRPC_STATUS => parts.text(GRPC_STATUS) != Some("0"),
        _ => FOLDED_BITS & 1 << field == 0,
    };
    !says_something
}

/// The kind of a row that is said in the sentence: a request and an event are known by how they read.
pub(super) fn kind_word(parts: &Parts<'_>) -> Option<&'static str> {
    let kind = kind(parts)?;
    (!matches!(kind, Kind::Access | Kind::Event)).then(|| kind.as_str())
}

/// Whether a field is the fingerprint of a key, of which the beginning is enough.
pub(super) fn is_fingerprint(field: usize) -> bool {
    field == API_KEY
}

fn kind(parts: &Parts<'_>) -> Option<Kind> {
    Kind::parse(parts.text(KIND)?)
}

/// The place of a field in the table, which has it: known when this is compiled.
const fn at(name: &str) -> usize {
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
