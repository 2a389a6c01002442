//! A request on its way: from the edge through the services it needs, a record at each place where one
//! would be written.

use super::Generator;
use super::draw::Draw;
use super::world::{AGENTS, EDGE, INNER, REFERERS, Route, SERVICES, TAGS};
use access_record::{InstanceId, Outcome, SpanId, TraceId};
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

/// What is the same at every hop of a request.
pub(super) struct Journey {
    /// Whether it makes no calls and nothing is said: one line.
    pub(super) plain: bool,
    pub(super) request_id: String,
    pub(super) trace_id: TraceId,
    /// Zero is nobody.
    pub(super) user: u32,
    pub(super) user_id: String,
    pub(super) api_key: Option<Rc<str>>,
    pub(super) client_ip: IpAddr,
    pub(super) agent: &'static str,
    pub(super) referer: Option<&'static str>,
    /// Whether the new search is on; it fails more often.
    pub(super) new_search: bool,
    pub(super) dark_mode: bool,
}

/// What the caller sees of a hop.
pub(super) struct Answer {
    pub(super) end_us: i64,
    pub(super) status: Option<u16>,
    pub(super) outcome: Outcome,
    pub(super) bytes: u64,
    pub(super) head_us: u64,
    pub(super) duration_us: u64,
}

/// One service's part.
pub(super) struct Hop {
    pub(super) service: usize,
    pub(super) depth: usize,
    pub(super) span_id: SpanId,
    pub(super) parent_id: Option<SpanId>,
    pub(super) route: &'static Route,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) start_us: i64,
}

/// Asked by load balancers, for nobody.
const HEALTH: &str = "/healthz";
/// Of a million requests whose search is new, so many fail there.
const NEW_SEARCH_FAILS: u32 = 60_000;
/// Of a million hops, so many fail by themselves.
const FAILS: u32 = 13_000;

impl Generator {
    /// A request arrives now. A plain one is answered at the edge and has one line.
    pub(super) fn request(&mut self, plain: bool) {
        let route = edge_route(&mut self.draw);
        let journey = self.journey(plain, route);
        let hop = self.hop(&journey, (0, 0), None, route, self.now_us);
        self.pass(&journey, &hop);
    }

    fn journey(&mut self, plain: bool, route: &Route) -> Journey {
        let draw = &mut self.draw;
        let known = route.template != HEALTH && draw.chance(720_000);
        let user = if known { draw.rank(15) } else { 0 };
        let of_user = Draw::new(u64::from(user)).bits();
        // Who is nobody comes from anywhere.
        let from = if user > 0 { of_user } else { draw.bits() };
        let trace_id = trace_id(draw);
        let request_id = if draw.chance(100_000) {
            format!("cli-{:06}-{:x}", draw.below(1_000_000), draw.bits())
        } else {
            format!("{:016x}{:016x}", draw.bits(), draw.bits())
        };
        let keys = &self.fingerprints;
        Journey {
            plain,
            request_id,
            trace_id,
            user,
            user_id: (u64::from(user) * 37 + 1111).to_string(),
            api_key: draw
                .chance(if known { 760_000 } else { 0 })
                .then(|| draw.rank(9) as usize)
                .and_then(|rank| keys.get(rank % keys.len().max(1)).cloned()),
            client_ip: address(from),
            agent: AGENTS[(draw.rank(4) as usize - 1) % AGENTS.len()],
            referer: draw.chance(350_000).then(|| *draw.pick(&REFERERS)),
            new_search: of_user.is_multiple_of(10),
            dark_mode: of_user.is_multiple_of(3),
        }
    }

    fn hop(
        &mut self,
        journey: &Journey,
        (service, depth): (usize, usize),
        parent_id: Option<SpanId>,
        route: &'static Route,
        start_us: i64,
    ) -> Hop {
        let span_id = span_id(&mut self.draw);
        let path = fill(route.template, journey, &mut self.draw);
        let query = fill(route.query, journey, &mut self.draw);
        Hop { service, depth, span_id, parent_id, route, path, query, start_us }
    }

    /// Everything that happens at a hop, its own record last.
    fn pass(&mut self, journey: &Journey, hop: &Hop) -> Answer {
        let route = hop.route;
        let mut at = hop.start_us + self.draw.log_normal(route.median_us, 230).cast_signed() + 1;
        let mut upstream_failed = false;
        for _ in 0..self.calls(journey, hop) {
            let answer = self.call(journey, hop, at);
            at = answer.end_us + self.draw.log_normal(120, 200).cast_signed() + 1;
            upstream_failed |= answer.status.is_none_or(|status| status >= 500);
        }
        if self.draw.chance(10_000) {
            // A pause now and then: a cold cache, a collector, a disk.
            at += self.draw.log_normal(route.median_us * 20, 256).cast_signed();
        }
        let (outcome, status) = self.ending(journey, hop, upstream_failed);
        let duration_us = (at - hop.start_us).cast_unsigned();
        let answer = Answer {
            end_us: at,
            status,
            outcome,
            bytes: self.bytes(hop, status, outcome),
            head_us: duration_us - duration_us / 16,
            duration_us,
        };
        self.tell_remarks(journey, hop, &answer);
        self.tell_access(journey, hop, &answer);
        answer
    }

    /// How many calls a hop makes: fewer with each hop, none from the last service.
    fn calls(&mut self, journey: &Journey, hop: &Hop) -> usize {
        let most = match hop.depth {
            _ if journey.plain || hop.service + 1 == self.settings.services => 0,
            0 | 1 => hop.route.calls,
            2 | 3 => hop.route.calls.min(1),
            _ => 0,
        };
        (0..most).filter(|_| self.draw.chance(620_000)).count()
    }

    /// A call to one of the services behind this one, with the callee's hop in it.
    fn call(&mut self, journey: &Journey, caller: &Hop, start_us: i64) -> Answer {
        let behind = self.settings.services - caller.service - 1;
        let service_behind = caller.service + 1 + self.draw.index(behind.min(4));
        let call_id = span_id(&mut self.draw);
        let there_us = self.draw.log_normal(180, 160).cast_signed();
        let route = inner_route(&mut self.draw, SERVICES[service_behind]);
        let place = (service_behind, caller.depth + 1);
        let hop = self.hop(journey, place, Some(call_id), route, start_us + there_us);
        let inner = self.pass(journey, &hop);
        let end_us = inner.end_us + self.draw.log_normal(180, 160).cast_signed() + 1;
        let answer = Answer {
            end_us,
            // What was given up on from this side was cancelled or broke off on that one.
            outcome: match inner.outcome {
                Outcome::Panic | Outcome::Error => Outcome::Error,
                outcome => outcome,
            },
            duration_us: (end_us - start_us).cast_unsigned(),
            head_us: inner.head_us + there_us.cast_unsigned(),
            ..inner
        };
        self.tell_call(journey, caller, (call_id, &hop), &answer);
        answer
    }

    fn ending(&mut self, journey: &Journey, hop: &Hop, upstream_failed: bool) -> (Outcome, Option<u16>) {
        let draw = &mut self.draw;
        let searches = journey.new_search && SERVICES[hop.service] == "search";
        let fails = if searches { NEW_SEARCH_FAILS } else { FAILS };
        if upstream_failed && draw.chance(600_000) {
            return (Outcome::Ok, Some(*draw.pick(&[502, 502, 504])));
        }
        if hop.route.template == HEALTH {
            return (Outcome::Ok, Some(200));
        }
        if draw.chance(fails) {
            return (Outcome::Ok, Some(*draw.pick(&[500, 500, 500, 503])));
        }
        match draw.below(1_000_000) {
            0..100 => (Outcome::Panic, None),
            100..500 => (Outcome::Error, None),
            500..900 => (Outcome::BodyError, Some(200)),
            900..2_500 => (Outcome::Cancelled, None),
            2_500..6_500 => (Outcome::Aborted, Some(200)),
            6_500..46_500 => (Outcome::Ok, Some(*draw.pick(&[404, 404, 404, 400, 401, 403, 429]))),
            46_500..100_000 if hop.route.method == "GET" => (Outcome::Ok, Some(304)),
            100_000..108_000 => (Outcome::Ok, Some(302)),
            _ => {
                let status = match hop.route.method {
                    "POST" if hop.depth == 0 => 201,
                    "DELETE" => 204,
                    _ => 200,
                };
                (Outcome::Ok, Some(status))
            }
        }
    }

    fn bytes(&mut self, hop: &Hop, status: Option<u16>, outcome: Outcome) -> u64 {
        match status {
            None | Some(204 | 304) => 0,
            Some(400..) => 40 + u64::from(self.draw.below(300)),
            Some(_) if outcome == Outcome::Aborted => self.draw.log_normal(hop.route.median_bytes, 128) / 3,
            Some(_) => self.draw.log_normal(hop.route.median_bytes, 128),
        }
    }
}

/// A public route.
fn edge_route(draw: &mut Draw) -> &'static Route {
    let total = EDGE.iter().map(|route| route.weight).sum();
    &EDGE[draw.weighted(EDGE.iter().map(|route| route.weight), total)]
}

/// A route of the service, or any where it has none of its own.
fn inner_route(draw: &mut Draw, service: &str) -> &'static Route {
    let own = |route: &Route| {
        let is_own = route.api_method.starts_with(service);
        if is_own { route.weight } else { 0 }
    };
    match INNER.iter().map(own).sum() {
        0 => draw.pick(&INNER),
        total => &INNER[draw.weighted(INNER.iter().map(own), total)],
    }
}

/// A template with what stands in its braces filled in.
fn fill(template: &str, journey: &Journey, draw: &mut Draw) -> String {
    let mut filled = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        let _infallible = match name {
            "user" => write!(filled, "u{}", draw.rank(15)),
            "tag" => write!(filled, "{}", draw.pick(&TAGS)),
            "n" => write!(filled, "{}", draw.rank(5)),
            "day" => write!(filled, "2026-11-{:02}", 1 + draw.below(20)),
            _ => {
                write!(filled, "{}", 53_000_000 + u64::from(journey.user) * 1000 + u64::from(draw.below(900)))
            }
        };
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

/// An address for each number; one of eight is IPv6.
fn address(number: u64) -> IpAddr {
    let [one, two, three, four, kind, ..] = number.to_be_bytes();
    if kind.is_multiple_of(8) {
        let pair = |high, low| u16::from_be_bytes([high, low]);
        let last = 1 + u16::from(kind);
        Ipv6Addr::new(0x2001, 0xdb8, pair(one, two), pair(three, four), 0, 0, 0, last).into()
    } else {
        Ipv4Addr::new(one % 200 + 11, two, three, four).into()
    }
}

fn trace_id(draw: &mut Draw) -> TraceId {
    let bytes = u128::from(draw.bits()) << 64 | u128::from(draw.bits());
    // All zero is no id; then draw again.
    TraceId::from_bytes(bytes.to_be_bytes()).unwrap_or_else(|| trace_id(draw))
}

fn span_id(draw: &mut Draw) -> SpanId {
    SpanId::from_bytes(draw.bits().to_be_bytes()).unwrap_or_else(|| span_id(draw))
}

pub(super) fn instance_id(draw: &mut Draw) -> InstanceId {
    InstanceId::from_bytes(draw.bits().to_be_bytes()).unwrap_or_else(|| instance_id(draw))
}
