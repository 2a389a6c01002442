//! The records of a request: what each hop and each call of it leaves in the log.

use super::Generator;
use super::request::{Answer, Hop, Journey};
use super::world::{FAULTS, HOSTS, REMARKS, SERVICES};
use access_record::notes::{FlagSet, Kept, NoteLimits, NoteSet, Scalar};
use access_record::record::Record;
use access_record::{Kind, Level, Outcome, SpanId, Timestamp, level_of};
use std::borrow::Cow;
use std::net::Ipv4Addr;

/// The other end of the socket: the edge's load balancers, or the sidecars behind it.
const PROXIES: [[Ipv4Addr; 3]; 2] = {
    const fn ip(c: u8, d: u8) -> Ipv4Addr {
        Ipv4Addr::new(10, 0, c, d)
    }
    [[ip(0, 2), ip(0, 3), ip(0, 4)], [ip(8, 17), ip(9, 3), ip(9, 40)]]
};
/// Of a million hops, so many have something to say although nothing failed.
const REMARKS_PER_MILLION: u32 = 140_000;

impl Generator {
    /// The access record of a hop.
    pub(super) fn tell_access(&mut self, journey: &Journey, hop: &Hop, answer: &Answer) {
        let flags = flags(journey, hop);
        let notes = self.notes(hop);
        let mut record = self.ended(hop.service, Kind::Access, answer);
        identify(&mut record, journey, hop.span_id, hop.parent_id);
        whose(&mut record, journey, hop);
        target(&mut record, hop);
        let proxy = PROXIES[hop.service.min(1)][journey.user as usize % 3].into();
        record.peer_ip = Some(proxy);
        record.client_ip = Some(if hop.depth == 0 { journey.client_ip } else { proxy });
        record.authority = Some(SERVICES[hop.service].into());
        if hop.depth == 0 {
            record.authority = Some("photos.example".into());
            record.scheme = Some("https".into());
            record.http_version = Some("2".into());
            record.user_agent = Some(journey.agent.into());
            record.referer = journey.referer.map(Cow::Borrowed);
        }
        record.route = Some(hop.route.template.into());
        record.bytes_out = Some(answer.bytes);
        record.error = match answer.outcome {
            Outcome::Panic => Some("index out of bounds: the len is 20 but the index is 20".into()),
            Outcome::Error => Some("upstream \"search\" timed out after 250 ms".into()),
            Outcome::BodyError => Some("connection reset by peer".into()),
            _ => None,
        };
        record.flags = Cow::Owned(flags);
        record.notes = Cow::Owned(notes);
        self.make(hop.service, &record);
    }

    /// The record of a call that `caller` made to what is `there`, as the caller saw it.
    pub(super) fn tell_call(
        &mut self,
        journey: &Journey,
        caller: &Hop,
        (call_id, there): (SpanId, &Hop),
        answer: &Answer,
    ) {
        if !self.settings.form.tells(Kind::Call) {
            return;
        }
        let authority = format!("{}.internal:8080", SERVICES[there.service]);
        let mut record = self.ended(caller.service, Kind::Call, answer);
        identify(&mut record, journey, call_id, Some(caller.span_id));
        target(&mut record, there);
        record.scheme = Some("http".into());
        record.authority = Some(Cow::Borrowed(&authority));
        record.bytes_in = answer.status.map(|_| answer.bytes);
        record.error =
            (answer.outcome == Outcome::Error).then_some("connection closed before message completed".into());
        self.make(caller.service, &record);
    }

    /// What is said at a hop: a word on a failure, else a remark now and then.
    pub(super) fn tell_remarks(&mut self, journey: &Journey, hop: &Hop, answer: &Answer) {
        let failed = level_of(answer.outcome, answer.status, None) == Level::Error;
        let remark = self.draw.chance(REMARKS_PER_MILLION);
        if journey.plain || !self.settings.form.tells(Kind::Event) {
            return;
        }
        for _ in 0..u32::from(failed) + u32::from(remark) {
            let within = u32::try_from(answer.duration_us).unwrap_or(u32::MAX);
            let ts = Timestamp::from_micros(hop.start_us + i64::from(self.draw.below(within)));
            let (said, level) = if failed {
                (self.draw.pick(&FAULTS), Level::Error)
            } else {
                let level = *self.draw.pick(&[Level::Info, Level::Info, Level::Warn]);
                (self.draw.pick(&REMARKS), level)
            };
            let mut notes = NoteSet::default();
            note(&mut notes, "waited_ms", answer.duration_us / 1000);
            note(&mut notes, "shard", self.draw.below(16));
            let mut record = self.stamped(hop.service, ts, Kind::Event, level);
            identify(&mut record, journey, hop.span_id, None);
            whose(&mut record, journey, hop);
            record.target = Some(said.0.into());
            record.message = Some(said.1.into());
            record.notes = Cow::Owned(notes);
            self.make(hop.service, &record);
        }
    }

    fn stamped(&self, service: usize, ts: Timestamp, kind: Kind, level: Level) -> Record<'static> {
        let (host, release) = HOSTS[service];
        let mut record = Record::new(ts, kind, level);
        record.instance = Some(self.instances[service]);
        record.service = Some(SERVICES[service].into());
        record.host = Some(host.into());
        record.release = Some(release.into());
        record
    }

    fn ended(&self, service: usize, kind: Kind, answer: &Answer) -> Record<'static> {
        let level = level_of(answer.outcome, answer.status, None);
        let mut record = self.stamped(service, Timestamp::from_micros(answer.end_us), kind, level);
        record.status = answer.status;
        record.outcome = Some(answer.outcome);
        record.head_us = answer.status.map(|_| answer.head_us);
        record.duration_us = Some(answer.duration_us);
        record
    }

    /// None to five notes, by what the route is about.
    fn notes(&mut self, hop: &Hop) -> NoteSet {
        let draw = &mut self.draw;
        let mut notes = NoteSet::default();
        if hop.route.calls == 0 && hop.depth == 0 {
            return notes;
        }
        if hop.path.contains("albums") {
            note(&mut notes, "album", draw.rank(12));
        }
        if draw.chance(700_000) {
            note(&mut notes, "db_queries", draw.rank(5));
        }
        if draw.chance(500_000) {
            note(&mut notes, "cache_hit", draw.chance(800_000));
        }
        if draw.chance(200_000) {
            note(&mut notes, "shard", format!("eu-{}", draw.below(16)).as_str());
        }
        if draw.chance(100_000) {
            // A 64th is exact in binary: it reads the same on every machine.
            note(&mut notes, "score", f64::from(draw.below(64)) / 64.0);
        }
        notes
    }
}

fn flags(journey: &Journey, hop: &Hop) -> FlagSet {
    let mut flags = FlagSet::default();
    let limits = NoteLimits::default();
    let mut set = |name, on| {
        let variant = if on { "on" } else { "off" };
        let kept = flags.set(name, variant, &limits);
        debug_assert_eq!(kept, Kept::Whole, "two flags have room");
    };
    if hop.path.contains("search") || hop.path == "/query" {
        set("new_search", journey.new_search);
    }
    if hop.depth == 0 && journey.dark_mode {
        set("dark_mode", true);
    }
    flags
}

fn note<'v>(notes: &mut NoteSet, name: &str, value: impl Into<Scalar<'v>>) {
    let kept = notes.set(name, value.into(), &NoteLimits::default());
    debug_assert_eq!(kept, Kept::Whole, "five notes have room");
}

fn identify<'r>(record: &mut Record<'r>, journey: &'r Journey, span_id: SpanId, parent_id: Option<SpanId>) {
    record.request_id = Some(Cow::Borrowed(&journey.request_id));
    record.trace_id = Some(journey.trace_id);
    record.span_id = Some(span_id);
    record.parent_id = parent_id;
}

/// Whom the request is for, as the handler noted it.
fn whose<'r>(record: &mut Record<'r>, journey: &'r Journey, hop: &Hop) {
    record.user_id = (journey.user > 0).then_some(Cow::Borrowed(&journey.user_id));
    record.api_key = journey.api_key.as_deref().map(Cow::Borrowed);
    record.api_method = Some(hop.route.api_method.into()).filter(|method: &Cow<'_, str>| !method.is_empty());
}

fn target<'r>(record: &mut Record<'r>, hop: &'r Hop) {
    record.method = Some(hop.route.method.into());
    record.path = Some(Cow::Borrowed(&hop.path));
    record.query = (!hop.query.is_empty()).then_some(Cow::Borrowed(&hop.query));
    record.http_version = Some("1.1".into());
}
