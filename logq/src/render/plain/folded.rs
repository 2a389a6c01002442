//! Which fields of a line to read are only counted: what says where and how the record was made, and what the request's
//! other fields say already. A field that is named nowhere here is shown.

use super::parts::Parts;
use super::place::{KIND, at};
use access_record::Kind;
use access_record::field::FIELDS;

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
        KIND => parts.kind().is_none(),
        AUTHORITY => parts.kind() == Some(Kind::Call),
        PEER_IP => parts.text(CLIENT_IP) != parts.text(PEER_IP),
        TRACE_ID => parts.text(REQUEST_ID).is_none(),
        GRPC_STATUS => parts.text(GRPC_STATUS) != Some("0"),
        _ => FOLDED_BITS & 1 << field == 0,
    };
    !says_something
}
