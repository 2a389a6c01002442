//! What a handler knows about its request: a cheap handle, reachable as extension, extractor and
//! from the code that runs below the layer.

use crate::error_text::push_chain;
use crate::facts::Facts;
use crate::ids::{Ids, Inbound};
use crate::shared::Shared;
use crate::spares::Spares;
use crate::texts::Text;
use access_record::notes::{Kept, Scalar};
use std::cell::RefCell;
use std::error::Error;
use std::fmt::{self, Display, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The notes of one request. A clone is the same notes.
///
/// Without the layer, and outside of a request, notes are inert: setting them does nothing. The last
/// write of a name wins. Limits: 64 notes, 1 KiB a value, 8 KiB a record, unless the log was built
/// with others; what they cut is counted in the record, as `notes_dropped` and `truncated`. Notes set
/// after the record was written are in none; [`Report::late_notes`](crate::Report::late_notes) and the
/// log's `stop` record count them.
#[derive(Clone, Default)]
pub struct Notes(Option<Arc<Request>>);

/// What is kept of a request that was larger than most: nothing.
const SPARE_BYTES_MAX: usize = 8 * 1024;

thread_local! {
    static SPARES: Spares<Arc<Request>> = const { Spares::new() };
}

/// A request as its layer and its handlers see it.
pub(crate) struct Request {
    pub(crate) log: Arc<Shared>,
    pub(crate) ids: Ids,
    pub(crate) inbound: Option<Arc<Inbound>>,
    /// The same request as an outer layer of another log sees it; of a call, the request that makes it.
    pub(crate) outer: Notes,
    facts: Mutex<Facts>,
}

impl Request {
    pub(crate) fn facts(&self) -> MutexGuard<'_, Facts> {
        // A panicking formatter of a user's value may poison it; the facts stay whole.
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets the request and says how many bytes of memory it leaves.
    pub(crate) fn clear(&mut self) -> usize {
        (self.inbound, self.outer) = (None, Notes::default());
        let facts = self.facts.get_mut().unwrap_or_else(PoisonError::into_inner);
        facts.clear(self.log.line_bytes_max);
        facts.capacity_bytes()
    }

    /// Takes a note into the facts, or counts it where the record is written already.
    pub(crate) fn note(&self, note: impl FnOnce(&mut Facts)) {
        let mut facts = self.facts();
        if facts.is_written {
            self.log.count_late_note();
        } else {
            note(&mut facts);
        }
    }
}

impl Drop for Notes {
    fn drop(&mut self) {
        // Whoever else has it may go at the same moment: then nobody keeps the memory.
        if let Some(mut request) = self.0.take_if(|request| Arc::strong_count(request) == 1)
            && Arc::get_mut(&mut request).is_some_and(|request| request.clear() <= SPARE_BYTES_MAX)
        {
            Spares::give(&SPARES, request);
        }
    }
}

impl Notes {
    /// The notes of a request that begins, with what `read` finds out at once.
    pub(crate) fn new(
        log: &Arc<Shared>,
        ids: Ids,
        inbound: Option<Arc<Inbound>>,
        outer: Notes,
        read: impl FnOnce(&mut Facts),
    ) -> Self {
        let mut spare = Spares::take(&SPARES);
        let request = if let Some(request) = spare.as_mut().and_then(Arc::get_mut) {
            if !Arc::ptr_eq(&request.log, log) {
                request.log = log.clone();
                request.clear();
            }
            (request.ids, request.inbound, request.outer) = (ids, inbound, outer);
            read(request.facts.get_mut().unwrap_or_else(PoisonError::into_inner));
            spare
        } else {
            let mut facts = Facts::new(log.line_bytes_max);
            read(&mut facts);
            Some(Arc::new(Request { log: log.clone(), ids, inbound, outer, facts: Mutex::new(facts) }))
        };
        Self(request)
    }

    /// These notes, or those of an outer layer, if they belong to this log.
    pub(crate) fn of_log(&self, log: &Arc<Shared>) -> Option<&Self> {
        let request = self.request()?;
        if Arc::ptr_eq(&request.log, log) { Some(self) } else { request.outer.of_log(log) }
    }

    pub(crate) fn request(&self) -> Option<&Request> {
        self.0.as_deref()
    }

    /// Who the request is for. Numbers become text: ids are not numbers.
    pub fn user_id(&self, user_id: impl Display) {
        self.set_text(Text::UserId, user_id);
    }

    /// Which API key it came with. The key is fingerprinted here and now and never stored. Without a
    /// hashing key nothing is written, and the note counts as dropped. An empty key is none.
    pub fn api_key(&self, api_key: impl AsRef<[u8]>) {
        self.take_api_key(api_key.as_ref());
    }

    pub(crate) fn take_api_key(&self, api_key: &[u8]) {
        let Some(request) = self.request() else { return };
        if api_key.is_empty() {
            return;
        }
        if let Some(keys) = &request.log.keys {
            let fingerprint = keys.active().fingerprint(api_key);
            request.note(|facts| facts.api_key = Some(fingerprint));
        } else {
            request.note(|facts| facts.count(Kept::Refused));
            request.log.say_no_keys();
        }
    }

    /// What the API calls the operation, such as `flickr.photos.search`; not the HTTP method.
    pub fn api_method(&self, api_method: impl Display) {
        self.set_text(Text::ApiMethod, api_method);
    }

    /// An error that explains the outcome, with what caused it: `a: b: c`, at most 16 causes. URLs in it
    /// are redacted, and 1 KiB is kept.
    ///
    /// Takes what [`std::io::Error::other`] takes, or a reference to an error: `&error`. Of a boxed error,
    /// `anyhow`'s too, pass `&*error`; of a text that you keep, `text.as_str()`.
    pub fn error<'e>(&self, error: impl Into<Box<dyn Error + 'e>>) {
        let Some(request) = self.request() else { return };
        let error = error.into();
        let push = |text: &mut String| push_chain(text, &*error);
        with_buffer(push, |error| {
            let push = |out: &mut String| request.log.params.push_text(out, error);
            request.note(|facts| facts.texts.set_with(Text::Error, push));
        });
    }

    /// A note of your own: a name of `[a-z][a-z0-9_]{0,63}` and a scalar.
    pub fn set<'v>(&self, name: &str, value: impl Into<Scalar<'v>>) {
        // Converted before the lock is taken: a user's conversion may note something itself.
        self.take(name, value.into());
    }

    pub(crate) fn take(&self, name: &str, value: Scalar<'_>) {
        let Some(request) = self.request() else { return };
        request.note(|facts| {
            let kept = facts.notes.set(name, value, &request.log.limits);
            facts.count(kept);
        });
    }

    /// Adds to a note that counts, such as `db_queries`; it starts from zero.
    pub fn add<'v>(&self, name: &str, amount: impl Into<Scalar<'v>>) {
        self.take_more(name, amount.into());
    }

    pub(crate) fn take_more(&self, name: &str, amount: Scalar<'_>) {
        let Some(request) = self.request() else { return };
        request.note(|facts| {
            let kept = facts.notes.add(name, amount, &request.log.limits);
            facts.count(kept);
        });
    }

    /// A feature flag this request saw, and the variant it was served.
    pub fn flag(&self, name: &str, variant: &str) {
        let Some(request) = self.request() else { return };
        request.note(|facts| {
            let kept = facts.flags.set(name, variant, &request.log.limits);
            facts.count(kept);
        });
    }

    /// The request's id, for error pages and support; `None` for inert notes.
    pub fn request_id(&self) -> Option<String> {
        self.request()?.facts().texts.get(Text::RequestId).map(str::to_owned)
    }

    /// The request's trace id, 32 hex digits; `None` for inert notes.
    pub fn trace_id(&self) -> Option<String> {
        self.request().map(|request| request.ids.trace_id.to_string())
    }

    /// Sets the route unless one is known: the layer may have seen it, and it saw it first.
    #[cfg(feature = "axum")]
    pub(crate) fn route_if_unknown(&self, route: &str) {
        if let Some(request) = self.request() {
            let texts = &mut request.facts().texts;
            if texts.get(Text::Route).is_none() {
                texts.set(Text::Route, route);
            }
        }
    }

    fn set_text(&self, text: Text, value: impl Display) {
        if self.0.is_some() {
            format(value, |value| self.take_text(text, value));
        }
    }

    pub(crate) fn take_text(&self, text: Text, value: &str) {
        let Some(request) = self.request() else { return };
        let push = |out: &mut String| match text {
            Text::Error => request.log.params.push_text(out, value),
            _ => out.push_str(value),
        };
        request.note(|facts| facts.texts.set_with(text, push));
    }
}

thread_local! {
    /// Where values are formatted, so that a note costs no allocation of its own.
    static FORMATTED: RefCell<String> = const { RefCell::new(String::new()) };
}

/// What a buffer may keep of a value larger than most.
const FORMATTED_BYTES_KEPT: usize = 16 * 1024;

/// Formats a value and hands it over.
pub(crate) fn format(value: impl Display, keep: impl Fn(&str)) {
    // A formatter that fails leaves what it wrote so far.
    let push = |text: &mut String| {
        let _what_it_wrote = write!(text, "{value}");
    };
    with_buffer(push, keep);
}

/// Hands over what is pushed. This comes before any lock is taken: a user's formatter may note something
/// itself, and then has a buffer of its own.
fn with_buffer(push: impl Fn(&mut String), keep: impl Fn(&str)) {
    let format = |text: &mut String| {
        text.clear();
        push(text);
        keep(text);
        text.shrink_to(FORMATTED_BYTES_KEPT);
    };
    let reused = FORMATTED.try_with(|text| text.try_borrow_mut().map(|mut text| format(&mut text)));
    if !matches!(reused, Ok(Ok(()))) {
        format(&mut String::new());
    }
}

impl fmt::Debug for Notes {
    /// Shows the request's ids and nothing that was noted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.request() {
            Some(request) => f
                .debug_struct("Notes")
                .field("request_id", &self.request_id().unwrap_or_default())
                .field("ids", &request.ids)
                .finish_non_exhaustive(),
            None => f.write_str("Notes(inert)"),
        }
    }
}
