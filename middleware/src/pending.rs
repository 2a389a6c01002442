//! Exactly one record: an owned guard that moves from the future into the body. Whoever sees the
//! end takes it out and writes; whoever drops it writes too, so no way of ending is without a
//! record, and none has two.

mod record;
mod sampled;

use crate::clock;
use crate::facts::Upgrade;
use crate::notes::Notes;
use crate::texts::Text;
use crate::writer::{Class, Room};
use access_record::{Kind, Outcome};
use http::header::HeaderValue;
use http::{HeaderMap, Method, StatusCode};
use std::any::Any;
use std::fmt::{Display, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::Ordering;
use std::time::Instant;

/// A request, or an outbound call, whose record is not written yet.
struct Pending {
    notes: Notes,
    started: Instant,
    head: Option<Head>,
    /// Body bytes that went through.
    bytes: u64,
    /// The body's length, if it said one at its start.
    bytes_expected: Option<u64>,
    kind: Kind,
    asked: Asked,
}

/// What was asked for, as far as it says how the response ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// Only a head.
    Head,
    /// A tunnel.
    Connect,
    Whatever,
}

/// What is known once there is a response head.
struct Head {
    status: StatusCode,
    head_us: u64,
}

/// The owner of a pending record. Empty where the record is written, or another layer of the same
/// log has it.
pub(crate) struct Guard(Option<Pending>);

impl Guard {
    pub(crate) fn new(kind: Kind, notes: Notes, method: &Method) -> Self {
        if let Some(request) = notes.request()
            && kind == Kind::Access
        {
            request.log.in_flight.fetch_add(1, Ordering::Relaxed);
        }
        let asked = match *method {
            Method::HEAD => Asked::Head,
            Method::CONNECT => Asked::Connect,
            _ => Asked::Whatever,
        };
        let started = clock::monotonic();
        Self(Some(Pending { notes, started, head: None, bytes: 0, bytes_expected: None, kind, asked }))
    }

    /// Writes down that the request has begun, so that a crash leaves a trace of what was in flight.
    pub(crate) fn write_start(&self) {
        if let Some(pending) = &self.0
            && let Some(request) = pending.notes.request()
        {
            let mut facts = request.facts();
            let (line, rate) = pending.start_line(request, &facts).unzip();
            facts.start = rate;
            drop(facts);
            // What ends is worth more than what begins: a full queue drops this first.
            request.log.queue(line, Class::Event);
        }
    }

    /// Keeps the room that is set aside until the record is written.
    pub(crate) fn keep(&self, room: Option<Room>) {
        if room.is_some()
            && let Some(pending) = &self.0
            && let Some(request) = pending.notes.request()
        {
            request.facts().room = room;
        }
    }

    /// For a request whose record another layer of the same log writes.
    pub(crate) fn passing() -> Self {
        Self(None)
    }

    /// The response has a head.
    pub(crate) fn head(&mut self, status: StatusCode, headers: &HeaderMap) {
        if let Some(pending) = &mut self.0 {
            pending.head = Some(Head { status, head_us: clock::micros_since(pending.started) });
            pending.set_grpc_status(headers);
            pending.note_headers(headers);
        }
    }

    /// The request id for the response to an incoming request.
    pub(crate) fn response_id(&self) -> Option<HeaderValue> {
        let pending = self.0.as_ref().filter(|pending| pending.kind == Kind::Access)?;
        pending.notes.request()?.facts().take_request_id()
    }

    /// The body is about to be delivered. Where none will be, or none that HTTP frames, this is the end.
    pub(crate) fn begin_body(&mut self, bytes_exact: Option<u64>, is_end: bool) {
        let Some(pending) = &mut self.0 else { return };
        let Some(Head { status, .. }) = pending.head else {
            return;
        };
        let upgraded = status == StatusCode::SWITCHING_PROTOCOLS
            || (pending.asked == Asked::Connect && status.is_success());
        let bodiless = pending.asked == Asked::Head
            || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        pending.bytes_expected = bytes_exact;
        if upgraded {
            self.upgraded();
        } else if bodiless || is_end {
            self.end(Outcome::Ok);
        }
    }

    /// The connection leaves HTTP. The record is written now, unless the handler holds an upgrade guard:
    /// then when that is dropped.
    fn upgraded(&mut self) {
        let Some(pending) = self.0.take() else { return };
        let notes = pending.notes.clone();
        let write = move || pending.write(Outcome::Upgraded);
        if let Some(request) = notes.request()
            && let upgrade = &mut request.facts().upgrade
            && matches!(upgrade, Upgrade::Awaited)
        {
            *upgrade = Upgrade::Held(Box::new(write));
            return;
        }
        write();
    }

    /// Some bytes of the body went through.
    pub(crate) fn count_bytes(&mut self, bytes: usize) {
        if let Some(pending) = &mut self.0 {
            pending.bytes = pending.bytes.saturating_add(bytes as u64);
        }
    }

    /// Trailers went through.
    pub(crate) fn trailers(&mut self, trailers: &HeaderMap) {
        if let Some(pending) = &mut self.0 {
            pending.set_grpc_status(trailers);
        }
    }

    /// It ended like this.
    pub(crate) fn end(&mut self, outcome: Outcome) {
        if let Some(pending) = self.0.take() {
            pending.write(outcome);
        }
    }

    /// It ended with an error.
    pub(crate) fn fail(&mut self, outcome: Outcome, error: &dyn Display) {
        if let Some(pending) = self.0.take() {
            // A formatter that fails or panics costs the rest of its text, not the record.
            let mut text = String::new();
            let _what_it_wrote = catch_unwind(AssertUnwindSafe(|| write!(text, "{error}")));
            pending.explain(&text);
            pending.write(outcome);
        }
    }

    /// It ended with a panic, whose message explains it, and which goes on.
    pub(crate) fn panicked_on(&mut self, payload: Box<dyn Any + Send>) -> ! {
        if let Some(pending) = self.0.take() {
            let text = payload.downcast_ref::<&str>().copied();
            if let Some(message) = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)) {
                pending.explain(message);
            }
            pending.write(Outcome::Panic);
        }
        resume_unwind(payload)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(pending) = self.0.take() {
            // A panic here, while another one unwinds, would abort the process.
            let _not_in_a_drop = catch_unwind(AssertUnwindSafe(|| {
                let outcome = pending.outcome_when_dropped();
                pending.write(outcome);
            }));
        }
    }
}

impl Pending {
    /// Dropped before its head it was cancelled; after it, it was aborted, unless all the bytes that
    /// the body promised had gone out: then nobody needs to ask for its end.
    fn outcome_when_dropped(&self) -> Outcome {
        match self.head {
            None => Outcome::Cancelled,
            Some(_) if self.bytes_expected == Some(self.bytes) => Outcome::Ok,
            Some(_) => Outcome::Aborted,
        }
    }

    fn explain(&self, error: &str) {
        if let Some(request) = self.notes.request() {
            let push = |out: &mut String| request.log.params.push_text(out, error);
            request.facts().texts.set_with(Text::Error, push);
        }
    }

    /// Those of the response that were asked for.
    fn note_headers(&self, headers: &HeaderMap) {
        if let Some(request) = self.notes.request()
            && let log = &request.log
            && self.kind == Kind::Access
        {
            let note = |name: &str, value: &str| request.facts().note(name, value, &log.limits);
            log.response_headers.read(headers, &log.params, note);
        }
    }

    /// The status of a gRPC response, in its trailers, or in the head of one that has only that.
    fn set_grpc_status(&self, headers: &HeaderMap) {
        if let Some(status) = headers.get("grpc-status")
            && let Some(status) = status.to_str().ok().and_then(|status| status.parse().ok())
            && let Some(request) = self.notes.request()
        {
            request.facts().grpc_status = Some(status);
        }
    }

    fn write(self, outcome: Outcome) {
        if let Some(request) = self.notes.request() {
            let mut facts = request.facts();
            let room = facts.room.take();
            let line = self.line(request, &facts, outcome);
            facts.is_written = true;
            drop(facts);
            request.log.queue_into(room, line);
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(request) = self.notes.request()
            && self.kind == Kind::Access
        {
            request.log.in_flight.fetch_sub(1, Ordering::Relaxed);
        }
    }
}
