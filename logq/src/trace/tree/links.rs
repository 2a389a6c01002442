//! Who hangs below whom, by ids alone; and no deeper than can be drawn.

use crate::trace::model::{DEPTH_MAX, Gap};
use crate::trace::record::{Record, Role};
use std::collections::{HashMap, HashSet};

/// The parent of each hop and the owner of each event, as indices of hops.
pub(super) struct Links {
    pub(super) span_parents: Vec<Option<usize>>,
    pub(super) event_owners: Vec<Option<usize>>,
    pub(super) gaps: Vec<Gap>,
}

impl Links {
    pub(super) fn between(hops: &[Box<Record>], events: &[Box<Record>]) -> Self {
        let index = Index::of(hops);
        let mut links = Self {
            span_parents: Vec::with_capacity(hops.len()),
            event_owners: Vec::with_capacity(events.len()),
            gaps: Vec::new(),
        };
        for (at, hop) in hops.iter().enumerate() {
            let parent = index.parent(at, hop);
            if let (None, Some(id)) = (parent, &hop.parent_id) {
                links.gaps.push(if hop.span_id.as_ref() == Some(id) {
                    Gap::Loop { span: at }
                } else {
                    let id = id.clone();
                    Gap::Parent { id, span: at }
                });
            }
            if hop.role == Role::Start {
                links.gaps.push(Gap::End { span: at });
            }
            links.span_parents.push(parent);
        }
        links.cut_loops();
        links.own(events, &index);
        links
    }

    /// Walks up from every hop, over hops not yet walked; where it meets its own way, that is a loop.
    fn cut_loops(&mut self) {
        let mut walk_of = vec![usize::MAX; self.span_parents.len()];
        for start in 0..self.span_parents.len() {
            let mut at = start;
            while walk_of[at] == usize::MAX {
                walk_of[at] = start;
                let Some(parent) = self.span_parents[at] else {
                    break;
                };
                if walk_of[parent] == start {
                    self.span_parents[at] = None;
                    self.gaps.push(Gap::Loop { span: at });
                    break;
                }
                at = parent;
            }
        }
    }

    /// Lifts what is deeper than the limit to it: beside its parent instead of below it.
    pub(super) fn flatten(&mut self) {
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); self.span_parents.len()];
        let mut waiting: Vec<(usize, usize)> = Vec::new();
        for (at, parent) in self.span_parents.iter().enumerate() {
            match parent {
                Some(parent) => children[*parent].push(at),
                None => waiting.push((at, 0)),
            }
        }
        let mut lifted = 0;
        while let Some((at, depth)) = waiting.pop() {
            for child in std::mem::take(&mut children[at]) {
                if depth < DEPTH_MAX {
                    waiting.push((child, depth + 1));
                } else {
                    self.span_parents[child] = self.span_parents[at];
                    lifted += 1;
                    waiting.push((child, depth));
                }
            }
        }
        if lifted > 0 {
            self.gaps.push(Gap::Deep { hops: lifted });
        }
    }

    fn own(&mut self, events: &[Box<Record>], index: &Index<'_>) {
        let mut ownerless = HashSet::new();
        for event in events {
            let owner = index.owner(event);
            if let (None, Some(id)) = (owner, &event.span_id)
                && ownerless.insert(id)
            {
                self.gaps.push(Gap::Owner { id: id.clone() });
            }
            self.event_owners.push(owner);
        }
    }
}

/// Roles that hops have.
const ROLES: usize = 3;

/// No hop.
const NOBODY: usize = usize::MAX;

fn number(role: Role) -> Option<usize> {
    match role {
        Role::Access => Some(0),
        Role::Call => Some(1),
        Role::Start => Some(2),
        Role::Event => None,
    }
}

/// Where an id stands: the first two hops of each role that have it, since one of them may be the one who asks, and by
/// whom it was written.
struct Index<'a> {
    by_span: HashMap<&'a str, [[usize; 2]; ROLES]>,
    /// Requests by request id and service, for events without a span id.
    by_request: HashMap<(&'a str, Option<&'a str>), usize>,
}

impl<'a> Index<'a> {
    fn of(hops: &'a [Box<Record>]) -> Self {
        let mut index = Self { by_span: HashMap::with_capacity(hops.len()), by_request: HashMap::new() };
        for (at, hop) in hops.iter().enumerate() {
            if let (Some(id), Some(role)) = (&hop.span_id, number(hop.role)) {
                let places = index.by_span.entry(id).or_insert([[NOBODY; 2]; ROLES]);
                if let Some(free) = places[role].iter_mut().find(|place| **place == NOBODY) {
                    *free = at;
                }
            }
            if let Some(id) = &hop.request_id
                && hop.role != Role::Call
            {
                let key = (id.as_str(), hop.service.as_deref());
                index.by_request.entry(key).or_insert(at);
            }
        }
        index
    }

    fn parent(&self, at: usize, hop: &Record) -> Option<usize> {
        // B3 clients and servers may share one id; then the call is the parent of what has the same.
        let shared = || self.first(hop.span_id.as_deref(), &[Role::Call], at);
        let order: &[Role] = match hop.role {
            Role::Call => &[Role::Access, Role::Start, Role::Call],
            _ => &[Role::Call, Role::Access, Role::Start],
        };
        let own = || self.first(hop.parent_id.as_deref(), order, at);
        if hop.role == Role::Call { own() } else { shared().or_else(own) }
    }

    fn owner(&self, event: &Record) -> Option<usize> {
        let order = [Role::Access, Role::Start, Role::Call];
        self.first(event.span_id.as_deref(), &order, NOBODY).or_else(|| {
            let key = (event.request_id.as_deref()?, event.service.as_deref());
            self.by_request.get(&key).copied()
        })
    }

    /// The first hop with this id that is not the one who asks.
    fn first(&self, id: Option<&str>, roles: &[Role], asks: usize) -> Option<usize> {
        let places = self.by_span.get(id?)?;
        let hops = roles.iter().filter_map(|role| number(*role)).flat_map(|role| places[role]);
        hops.into_iter().find(|hop| *hop != NOBODY && *hop != asks)
    }
}
