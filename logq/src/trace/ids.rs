//! Which records belong to a request: those with its request id, and those of the traces it was part of.

use super::record::Record;
use std::collections::BTreeSet;

/// The ids that are looked for. They compare exactly, as they stand in the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ids {
    request: BTreeSet<String>,
    trace: BTreeSet<String>,
}

impl Ids {
    /// An id of either kind. `None` for one that is no id: many lines would have it, and they would have
    /// nothing to do with each other.
    pub fn of(id: &str) -> Option<Self> {
        let ids = BTreeSet::from([id.to_owned()]);
        leads_somewhere(id).then(|| Self { request: ids.clone(), trace: ids })
    }

    /// Whether a record with these ids is one of them.
    pub fn holds(&self, request_id: Option<&str>, trace_id: Option<&str>) -> bool {
        request_id.is_some_and(|id| self.request.contains(id))
            || trace_id.is_some_and(|id| self.trace.contains(id))
    }

    /// A filter, as it is written in a query, that takes every record which [`holds`](Self::holds) has.
    pub fn filter(&self) -> String {
        let list = |ids: &BTreeSet<String>| {
            let quoted =
                ids.iter().map(|id| format!("\"{}\"", id.replace('\\', "\\\\").replace('"', "\\\"")));
            quoted.collect::<Vec<_>>().join(", ")
        };
        format!("request_id in ({}) or trace_id in ({})", list(&self.request), list(&self.trace))
    }

    /// These and the trace ids of the records that have one of the request ids; `None` if that adds nothing.
    /// A trace id leads no further: request ids may be chosen by callers, and chosen again.
    pub fn expanded<'r>(&self, records: impl IntoIterator<Item = &'r Record>) -> Option<Self> {
        let mut wider = self.clone();
        for record in records {
            if record.request_id.as_ref().is_some_and(|id| self.request.contains(id))
                && let Some(id) = &record.trace_id
                && leads_somewhere(id)
            {
                wider.trace.insert(id.clone());
            }
        }
        (wider != *self).then_some(wider)
    }
}

fn leads_somewhere(id: &str) -> bool {
    id != "-" && id.bytes().any(|byte| byte != b'0' && byte != b' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::row;

    fn record(line: &str) -> Record {
        Record::of(&row(line), &crate::facts::Facts::new())
    }

    #[test]
    fn a_request_id_leads_to_its_traces_and_no_further() {
        let ids = Ids::of("r1").unwrap();
        assert!(ids.holds(Some("r1"), None) && ids.holds(None, Some("r1")));
        assert!(!ids.holds(Some("R1"), Some("t1")));
        let wider = ids
            .expanded([
                &record(r#"{"request_id":"r1","trace_id":"t1"}"#),
                &record(r#"{"request_id":"r1","trace_id":"t2"}"#),
            ])
            .unwrap();
        assert!(wider.holds(None, Some("t1")) && wider.holds(None, Some("t2")));
        assert_eq!(wider.expanded([&record(r#"{"request_id":"r2","trace_id":"t1"}"#)]), None);
    }

    #[test]
    fn the_filter_takes_what_the_ids_hold() {
        use crate::query::{Settings, parse};
        let settings = Settings { zone: jiff::tz::TimeZone::UTC, now_us: 0, ignore_case: false };
        for id in
            ["r1", "a\\b", "q\"uote", "sta*r", "é, or)", "5e2", "\\n", "tab\there", "10.0.0.0/8", "\u{1b}"]
        {
            let filter = parse(&Ids::of(id).unwrap().filter(), &settings).unwrap().filter;
            for name in ["request_id", "trace_id", "traceId"] {
                let line = format!("{{\"{name}\":{}}}", serde_json::to_string(id).unwrap());
                assert!(filter.matches(&row(&line)), "{line}");
            }
            assert!(!filter.matches(&row(r#"{"request_id":"r2","trace_id":"r3"}"#)));
        }
    }

    #[test]
    fn what_is_no_id_leads_nowhere() {
        let zero = "0".repeat(32);
        for id in ["", "-", "0", zero.as_str(), "  "] {
            assert_eq!(Ids::of(id), None, "{id:?}");
            let line = format!(r#"{{"request_id":"r1","trace_id":"{id}"}}"#);
            assert_eq!(Ids::of("r1").unwrap().expanded([&record(&line)]), None, "{id:?}");
        }
    }
}
