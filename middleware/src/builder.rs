//! Building a log: every setting once, checked when it opens.

mod environment;
mod error;
mod open;

use crate::access_log::AccessLog;
use crate::client::ForwardedHeader;
use crate::paths::RedactedPaths;
use crate::redact::AllowedParams;
use crate::sampling::Sampling;
use crate::writer::{Only, Sink, WhenFull};
use access_record::Keys;
use access_record::form::Form;
use access_record::notes::NoteLimits;
use tracing_subscriber::filter::Targets;

pub use environment::EnvironmentError;
pub use error::BuildError;

/// The queue holds so many bytes unless told otherwise.
const QUEUE_BYTES: usize = 8 * 1024 * 1024;

/// Settings of a log; made by [`AccessLog::new`].
#[derive(Debug)]
#[must_use = "a log begins with `build`"]
pub struct Builder {
    service: String,
    host: Option<String>,
    release: Option<String>,
    keys: Option<Keys>,
    sink: Option<Sink>,
    also: Vec<(Sink, Only)>,
    #[cfg(feature = "sighup")]
    reopen_on_sighup: bool,
    params: AllowedParams,
    trusted_proxies: Vec<String>,
    forwarded_by: ForwardedHeader,
    new_request_ids: bool,
    limits: NoteLimits,
    queue_bytes: usize,
    line_bytes_max: Option<usize>,
    start_records: bool,
    form: Form,
    when_full: WhenFull,
    headers: Vec<String>,
    response_headers: Vec<String>,
    paths: RedactedPaths,
    sampling: Sampling,
    /// The environment's, in the place of the code's.
    event_targets: Option<Targets>,
}

impl AccessLog {
    /// The settings of a log for a service of this name.
    #[expect(clippy::new_ret_no_self, reason = "the log begins with its settings")]
    pub fn new(service: impl Into<String>) -> Builder {
        Builder {
            service: service.into(),
            host: host_name(),
            release: None,
            keys: None,
            sink: None,
            also: Vec::new(),
            #[cfg(feature = "sighup")]
            reopen_on_sighup: false,
            params: AllowedParams::default(),
            trusted_proxies: Vec::new(),
            forwarded_by: ForwardedHeader::default(),
            new_request_ids: false,
            limits: NoteLimits::default(),
            queue_bytes: QUEUE_BYTES,
            line_bytes_max: None,
            start_records: false,
            form: Form::Json,
            when_full: WhenFull::default(),
            headers: Vec::new(),
            response_headers: Vec::new(),
            paths: RedactedPaths::default(),
            sampling: Sampling::new(),
            event_targets: None,
        }
    }
}

impl Builder {
    /// The deployed version, such as `env!("CARGO_PKG_VERSION")`.
    pub fn release(mut self, release: impl Into<String>) -> Self {
        self.release = Some(release.into());
        self
    }

    /// The machine's name, where the one the kernel knows is not the one people know.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// The keys that API keys are hashed with. Without them no fingerprint is written.
    pub fn fingerprint_keys(mut self, keys: Keys) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Where records go, all of them. There is no default.
    pub fn sink(mut self, sink: Sink) -> Self {
        self.sink = Some(sink);
        self
    }

    /// Where selected records go as well. May be called again.
    ///
    /// Each such sink has a queue of as many bytes, a thread, an `instance` and numbers of its own, and a
    /// `stop` record with its own totals: each file proves its own completeness. One that hangs holds up
    /// neither requests nor the other sinks: whatever [`when_full`](Self::when_full) says of the first one,
    /// these drop the newest, count it and tell it.
    ///
    /// ```
    /// # use tower_access_log::{AccessLog, Capture, Level, Only};
    /// # let (all, errors) = (Capture::default().sink(), Capture::default().sink());
    /// let log = AccessLog::new("photos").sink(all).also(errors, Only::new().at_least(Level::Error)).build()?;
    /// # drop(log);
    /// # Ok::<(), tower_access_log::BuildError>(())
    /// ```
    pub fn also(mut self, sink: Sink, only: Only) -> Self {
        self.also.push((sink, only));
        self
    }

    /// Opens files anew when the process gets SIGHUP, as [`Handle::reopen`](crate::Handle::reopen) does, by a
    /// thread that waits for it. Once a log was built with this, SIGHUP does not end the process any
    /// more, also after the log is closed. Other handlers of the signal, such as tokio's, get it too.
    #[cfg(feature = "sighup")]
    pub fn reopen_on_sighup(mut self) -> Self {
        self.reopen_on_sighup = true;
        self
    }

    /// The query parameters whose values may be written; all others are replaced by `***`.
    pub fn query_params(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.params = AllowedParams::new(names);
        self
    }

    /// The route parameters whose values are not written, such as `token` of `/reset/{token}`: `path` has
    /// `***` in their place. Each call adds to the list.
    ///
    /// It is by the matched route, so the layer has to [know it](AccessLog::route). A request without one
    /// (404, a fallback, no router at all) may have the secret anywhere, and then every segment is
    /// replaced. So is the path of `referer`, and the secret, from four bytes on, in `error` and in the
    /// path of calls that the request makes. What events say of it, and notes, are your own words.
    ///
    /// A wildcard, `{*rest}`, is one parameter: where a service below it has secrets in its own paths, name
    /// the wildcard as well.
    ///
    /// ```
    /// # use tower_access_log::{AccessLog, Capture};
    /// # let sink = Capture::default().sink();
    /// let log = AccessLog::new("photos").redact_path(["token"]).sink(sink).build()?;
    /// # drop(log);
    /// # Ok::<(), tower_access_log::BuildError>(())
    /// ```
    pub fn redact_path(mut self, parameters: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.paths.add(parameters);
        self
    }

    /// The request headers that are written, as notes: `x-tenant` becomes `header_x_tenant`. Several of
    /// one name become a list, URLs in them are redacted but for their paths, and the
    /// [limits of notes](Self::note_limits) hold.
    ///
    /// [`build`](Self::build) refuses headers that carry credentials, such as `authorization` and `cookie`:
    /// whoever reads the log could act for the client. For an API key there is
    /// [`Notes::api_key`](crate::Notes::api_key).
    pub fn headers(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.headers = names.into_iter().map(Into::into).collect();
        self
    }

    /// The same for headers of the response: `x-cache` becomes `response_header_x_cache`.
    pub fn response_headers(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.response_headers = names.into_iter().map(Into::into).collect();
        self
    }

    /// Which records are written where not all of them are wanted; see [`Sampling`]. A
    /// [handle](crate::Handle::set_sampling) can exchange it at any time.
    pub fn sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = sampling;
        self
    }

    /// The proxies that are believed: addresses, `192.0.2.1`, and blocks of them, `10.0.0.0/8`. None by
    /// default: then the client is whoever is at the other end of the socket.
    ///
    /// From there the walk goes through the header that [`forwarded_by`](Self::forwarded_by) names, from
    /// right to left, as long as it meets trusted proxies. The first other address is `client_ip`; if all
    /// are trusted, the leftmost. A node that is no address ends the walk, and `client_ip` is unknown. The
    /// scheme is what the last trusted proxy says of it.
    ///
    /// With a list, `x-request-id` is accepted from those on it only. A bad text is an error of
    /// [`build`](Self::build). Where the server does not say who is at the other end, as on a Unix socket,
    /// nobody is trusted; give such requests a [`PeerAddr`](crate::PeerAddr).
    ///
    /// ```
    /// # use tower_access_log::{AccessLog, Capture, ForwardedHeader};
    /// # let sink = Capture::default().sink();
    /// let log = AccessLog::new("photos")
    ///     .trusted_proxies(["10.0.0.0/8", "2001:db8:cafe::/48", "192.0.2.7"])
    ///     .forwarded_by(ForwardedHeader::Forwarded)
    ///     .sink(sink)
    ///     .build()?;
    /// # drop(log);
    /// # Ok::<(), tower_access_log::BuildError>(())
    /// ```
    pub fn trusted_proxies(mut self, proxies: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.trusted_proxies = proxies.into_iter().map(Into::into).collect();
        self
    }

    /// The one header that the trusted proxies write; [`ForwardedHeader::XForwardedFor`] by default. To
    /// believe another one would let clients forge it.
    pub fn forwarded_by(mut self, header: ForwardedHeader) -> Self {
        self.forwarded_by = header;
        self
    }

    /// For services at the edge, whose callers are strangers: the request id and the trace are always
    /// new, whatever the request comes with. An offered request id that keeps the rule becomes the note
    /// `request_id_offered`, so that a client that knows only its own can still be helped.
    pub fn new_request_ids(mut self) -> Self {
        self.new_request_ids = true;
        self
    }

    /// How much the notes of one request may hold.
    pub fn note_limits(mut self, limits: NoteLimits) -> Self {
        self.limits = limits;
        self
    }

    /// How many bytes of lines may wait for the sink: 8 MiB by default, 64 KiB at least. When they do,
    /// new records are dropped and counted, events first.
    pub fn queue_bytes(mut self, bytes: usize) -> Self {
        self.queue_bytes = bytes;
        self
    }

    /// The longest line, its end included: 24 KiB by default, 4096 bytes on standard output, and that is
    /// also the least. A longer record loses fields from the end of the field table upwards, and counts
    /// them in `truncated`; no single text takes more than a tenth of it.
    pub fn line_bytes_max(mut self, bytes: usize) -> Self {
        self.line_bytes_max = Some(bytes);
        self
    }

    /// Writes a `start` record at the beginning of each request, so that a process that is killed leaves
    /// a trace of what was in flight, but for what began within the last 200 ms and was still queued.
    /// A full queue drops these first.
    pub fn start_records(mut self, yes: bool) -> Self {
        self.start_records = yes;
        self
    }

    /// How lines are written: [`Form::Json`] by default.
    ///
    /// A [`Form::LogFormat`] has lines for requests only. Events, calls, and the log's own words about
    /// losses and its end are not written in it and take no number; what was dropped is still counted in
    /// the [`Report`](crate::Report).
    pub fn form(mut self, form: Form) -> Self {
        self.form = form;
        self
    }

    /// What happens when the queue is full: new records are dropped unless told otherwise.
    pub fn when_full(mut self, when_full: WhenFull) -> Self {
        self.when_full = when_full;
        self
    }
}

/// The kernel's name of this machine.
fn host_name() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}
