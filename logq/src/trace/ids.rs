//! Which records belong to a request: those with its request id, and those of the traces it was part of.

use std::collections::BTreeSet;

/// The ids that are looked for. They compare exactly, as they stand in the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ids {
    request: BTreeSet<String>,
    trace: BTreeSet<String>,
    /// Request ids of records that have nothing else. Those that have a trace are of that trace, and of no other.
    alone: BTreeSet<String>,
}

impl Ids {
    /// An id of either kind. `None` for one that is no id: many lines would have it, and they would have
    /// nothing to do with each other.
    pub fn of(id: &str) -> Option<Self> {
        let ids = BTreeSet::from([id.to_owned()]);
        leads_somewhere(id).then(|| Self { request: ids.clone(), trace: ids, alone: BTreeSet::new() })
    }

    /// Several, each of either kind, of what leads somewhere.
    pub fn of_all<'i>(ids: impl IntoIterator<Item = &'i str>) -> Self {
        let ids: BTreeSet<String> =
            ids.into_iter().filter(|id| leads_somewhere(id)).map(str::to_owned).collect();
        Self { request: ids.clone(), trace: ids, alone: BTreeSet::new() }
    }

    /// The same, and records without a trace that have one of these request ids.
    #[must_use]
    pub fn and_alone<'i>(mut self, ids: impl IntoIterator<Item = &'i str>) -> Self {
        self.alone.extend(ids.into_iter().filter(|id| leads_somewhere(id)).map(str::to_owned));
        self
    }

    /// Whether a record with these ids is one of them.
    pub fn holds(&self, request_id: Option<&str>, trace_id: Option<&str>) -> bool {
        request_id.is_some_and(|id| self.request.contains(id))
            || trace_id.is_some_and(|id| self.trace.contains(id))
            || (!trace_id.is_some_and(leads_somewhere)
                && request_id.is_some_and(|id| self.alone.contains(id)))
    }

    /// The request ids that are looked for, in order.
    pub fn request_ids(&self) -> impl Iterator<Item = &str> {
        self.request.union(&self.alone).map(String::as_str)
    }

    /// The trace ids that are looked for, in order.
    pub fn trace_ids(&self) -> impl Iterator<Item = &str> {
        self.trace.iter().map(String::as_str)
    }

    /// Whether a record with these ids is one of the request ids, and leads to a trace that is none of the trace ids.
    /// A trace id leads no further: request ids may be chosen by callers, and chosen again.
    pub fn lead(&self, request_id: Option<&str>, trace_id: Option<&str>) -> bool {
        request_id.is_some_and(|id| self.request.contains(id))
            && trace_id.is_some_and(|id| leads_somewhere(id) && !self.trace.contains(id))
    }

    /// Takes the trace that a record with these ids leads to; whether it does.
    pub fn follow(&mut self, request_id: Option<&str>, trace_id: Option<&str>) -> bool {
        let leads = self.lead(request_id, trace_id);
        if leads {
            self.trace.extend(trace_id.map(str::to_owned));
        }
        leads
    }
}

fn leads_somewhere(id: &str) -> bool {
    id != "-" && id.bytes().any(|byte| byte != b'0' && byte != b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_leads_to_its_traces_and_no_further() {
        let mut ids = Ids::of("r1").unwrap();
        assert!(ids.holds(Some("r1"), None) && ids.holds(None, Some("r1")));
        assert!(!ids.holds(Some("R1"), Some("t1")));
        for trace_id in ["t1", "t2"] {
            assert!(ids.lead(Some("r1"), Some(trace_id)) && ids.follow(Some("r1"), Some(trace_id)));
            assert!(ids.holds(None, Some(trace_id)) && !ids.holds(Some(trace_id), None));
        }
        let wider = ids.clone();
        for (request_id, trace_id) in
            [("r1", Some("t1")), ("r2", Some("t1")), ("r2", Some("t3")), ("r1", None)]
        {
            assert!(!ids.lead(Some(request_id), trace_id) && !ids.follow(Some(request_id), trace_id));
        }
        assert!(!ids.follow(None, Some("t3")));
        assert_eq!(ids, wider);
    }

    #[test]
    fn several_ids_are_looked_for_at_once() {
        let mut ids = Ids::of_all(["r1", "-", "t2", "0"]);
        assert!(ids.holds(Some("r1"), None) && ids.holds(None, Some("t2")));
        assert!(!ids.holds(Some("-"), Some("0")));
        assert!(ids.follow(Some("r1"), Some("t1")) && !ids.follow(Some("r1"), Some("t2")));
    }

    #[test]
    fn what_has_a_trace_is_not_alone() {
        let mut ids = Ids::of_all(["t1"]).and_alone(["r1", "-"]);
        assert!(ids.holds(Some("r1"), None) && ids.holds(Some("r1"), Some("-")));
        for (request_id, trace_id) in [(Some("r1"), Some("t2")), (Some("-"), None), (Some("r2"), None)] {
            assert!(!ids.holds(request_id, trace_id) && !ids.follow(request_id, trace_id));
        }
        assert_eq!(ids.request_ids().collect::<Vec<_>>(), ["r1", "t1"]);
        assert_eq!(ids.trace_ids().collect::<Vec<_>>(), ["t1"]);
    }

    #[test]
    fn what_is_no_id_leads_nowhere() {
        let zero = "0".repeat(32);
        for id in ["", "-", "0", zero.as_str(), "  "] {
            assert_eq!(Ids::of(id), None, "{id:?}");
            assert!(!Ids::of("r1").unwrap().follow(Some("r1"), Some(id)), "{id:?}");
        }
    }
}
