//! What becomes known of a request: from its head, and while it runs.

use crate::sampling::Rate;
use crate::texts::{Text, Texts};
use crate::writer::Room;
use access_record::Fingerprint;
use access_record::notes::{FlagSet, Kept, NoteLimits, NoteSet, Scalar};
use http::{HeaderValue, Method, Version};
use std::net::IpAddr;

/// What is known of a request.
pub(crate) struct Facts {
    pub(crate) method: Method,
    pub(crate) scheme: Option<&'static str>,
    pub(crate) version: Version,
    pub(crate) texts: Texts,
    pub(crate) client_ip: Option<IpAddr>,
    pub(crate) peer_ip: Option<IpAddr>,
    pub(crate) api_key: Option<Fingerprint>,
    pub(crate) grpc_status: Option<i32>,
    /// Bytes of the request's body so far, and of what came after it, if they are counted.
    pub(crate) bytes_in: Option<u64>,
    /// Bytes written to an upgraded connection, beside those of the response's body.
    pub(crate) bytes_out: u64,
    pub(crate) flags: FlagSet,
    pub(crate) notes: NoteSet,
    pub(crate) notes_dropped: u32,
    pub(crate) truncated: u32,
    pub(crate) upgrade: Upgrade,
    /// The request id as the request's own header has it, for the response: that saves a copy.
    pub(crate) request_id_header: Option<HeaderValue>,
    /// What the queue has set aside for the record.
    pub(crate) room: Option<Room>,
    /// A `start` record was written, which stands for so many: without its `access` it would look like a crash.
    pub(crate) start: Option<Rate>,
    /// The record is written: what comes now is late.
    pub(crate) is_written: bool,
}

/// Who writes the record of a request whose connection leaves HTTP.
#[derive(Default)]
pub(crate) enum Upgrade {
    /// The layer, at the head.
    #[default]
    AtHead,
    /// A handler holds a guard, and there is no head yet.
    Awaited,
    /// Whoever drops that guard, by calling this.
    Held(Box<dyn FnOnce() + Send>),
}

impl Facts {
    /// Nothing known yet, for a log with lines of so many bytes.
    pub(crate) fn new(line_bytes_max: usize) -> Self {
        Self {
            method: Method::GET,
            scheme: None,
            version: Version::HTTP_11,
            texts: Texts::new(line_bytes_max),
            client_ip: None,
            peer_ip: None,
            api_key: None,
            grpc_status: None,
            bytes_in: None,
            bytes_out: 0,
            flags: FlagSet::default(),
            notes: NoteSet::default(),
            notes_dropped: 0,
            truncated: 0,
            upgrade: Upgrade::AtHead,
            request_id_header: None,
            room: None,
            start: None,
            is_written: false,
        }
    }

    /// Nothing known any more; the memory stays for the next request.
    pub(crate) fn clear(&mut self, line_bytes_max: usize) {
        // By name, so that a new fact cannot be forgotten here.
        let Self {
            method,
            scheme,
            version,
            texts,
            client_ip,
            peer_ip,
            api_key,
            grpc_status,
            bytes_in,
            bytes_out,
            flags,
            notes,
            notes_dropped,
            truncated,
            upgrade,
            request_id_header,
            room,
            start,
            is_written,
        } = self;
        *method = Method::GET;
        *scheme = None;
        *version = Version::HTTP_11;
        texts.clear(line_bytes_max);
        (*client_ip, *peer_ip) = (None, None);
        *api_key = None;
        *grpc_status = None;
        (*bytes_in, *bytes_out) = (None, 0);
        flags.clear();
        notes.clear();
        (*notes_dropped, *truncated) = (0, 0);
        *upgrade = Upgrade::AtHead;
        *request_id_header = None;
        *room = None;
        *start = None;
        *is_written = false;
    }

    /// Bytes of memory held for what is known.
    pub(crate) fn capacity_bytes(&self) -> usize {
        self.texts.capacity_bytes() + self.flags.capacity_bytes() + self.notes.capacity_bytes()
    }

    /// Takes a text as a note.
    pub(crate) fn note(&mut self, name: &str, value: &str, limits: &NoteLimits) {
        let kept = self.notes.set(name, Scalar::Text(value), limits);
        self.count(kept);
    }

    /// The request id as a header value; the borrowed one goes with it.
    pub(crate) fn take_request_id(&mut self) -> Option<HeaderValue> {
        let kept = self.request_id_header.take();
        // The rule of request ids allows only what a header value may hold.
        kept.or_else(|| HeaderValue::from_str(self.texts.get(Text::RequestId)?).ok())
    }

    pub(crate) fn count(&mut self, kept: Kept) {
        match kept {
            Kept::Whole => {}
            Kept::Cut => self.truncated = self.truncated.saturating_add(1),
            Kept::Refused => self.notes_dropped = self.notes_dropped.saturating_add(1),
        }
    }
}
