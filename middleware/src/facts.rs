//! What becomes known of a request while it runs, in buffers that requests hand on to each other.

use crate::shared::Shared;
use crate::texts::Texts;
use access_record::Fingerprint;
use access_record::notes::{FlagSet, Kept, NoteSet};
use std::cell::RefCell;
use std::net::IpAddr;

/// What becomes known while the request runs.
pub(crate) struct Facts {
    pub(crate) texts: Texts,
    pub(crate) client_ip: Option<IpAddr>,
    pub(crate) peer_ip: Option<IpAddr>,
    pub(crate) api_key: Option<Fingerprint>,
    /// Bytes of the request's body so far, and of what came after it, if they are counted.
    pub(crate) bytes_in: Option<u64>,
    /// Bytes written to an upgraded connection, beside those of the response's body.
    pub(crate) bytes_out: u64,
    pub(crate) flags: FlagSet,
    pub(crate) notes: NoteSet,
    pub(crate) notes_dropped: u32,
    pub(crate) truncated: u32,
    pub(crate) upgrade: Upgrade,
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

/// The memory of a request that is over.
#[derive(Default)]
struct Spare {
    texts: String,
    flags: FlagSet,
    notes: NoteSet,
}

/// Spares that a thread keeps; requests that overlap need more than one.
const SPARES_MAX: usize = 64;
/// What a spare may keep of a request that was larger than most.
const SPARE_BYTES_MAX: usize = 8 * 1024;

thread_local! {
    static SPARES: RefCell<Vec<Spare>> = const { RefCell::new(Vec::new()) };
}

impl Facts {
    /// Nothing known yet.
    pub(crate) fn new(log: &Shared) -> Self {
        let spare = SPARES.try_with(|spares| spares.try_borrow_mut().ok()?.pop());
        let Spare { texts, flags, notes } = spare.ok().flatten().unwrap_or_default();
        Self {
            texts: Texts::new(texts, log.line_bytes_max),
            client_ip: None,
            peer_ip: None,
            api_key: None,
            bytes_in: None,
            bytes_out: 0,
            flags,
            notes,
            notes_dropped: 0,
            truncated: 0,
            upgrade: Upgrade::AtHead,
            is_written: false,
        }
    }

    pub(crate) fn count(&mut self, kept: Kept) {
        match kept {
            Kept::Whole => {}
            Kept::Cut => self.truncated = self.truncated.saturating_add(1),
            Kept::Refused => self.notes_dropped = self.notes_dropped.saturating_add(1),
        }
    }
}

impl Drop for Facts {
    /// Hands the memory on, emptied, to the next request of this thread.
    fn drop(&mut self) {
        let mut spare = Spare {
            texts: self.texts.take_buffer(),
            flags: std::mem::take(&mut self.flags),
            notes: std::mem::take(&mut self.notes),
        };
        spare.flags.clear();
        spare.notes.clear();
        // A thread that is ending keeps nothing.
        let _ending = SPARES.try_with(|spares| {
            if let Ok(mut spares) = spares.try_borrow_mut()
                && spares.len() < SPARES_MAX
                && spare.texts.capacity() + spare.notes.capacity_bytes() <= SPARE_BYTES_MAX
            {
                spares.push(spare);
            }
        });
    }
}
