//! What is counted and of which records, kept in a file from run to run. Records are known by instance and number, so
//! that one counts once, wherever it stands by now: in a rotated file, a packed one, or in two.

use super::series::{SERIES_MAX, Series};
use crate::verify::{INSTANCES_MAX, Numbers, RUNS_MAX};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};

/// Instances that are remembered although no record of them was met in this run.
const GONE_MAX: usize = 1000;
/// Bytes of a label that count.
const LABEL_BYTES_MAX: usize = 256;

/// Counters, and the records that are in them.
#[derive(Debug, Default)]
pub struct State {
    /// What is counted, as it was asked for: the fields of the labels, and the query.
    pub asked: (Vec<String>, String),
    /// Records that were lost, as loss records say.
    pub lost: u64,
    /// By the values of the labels.
    pub series: BTreeMap<Vec<String>, Series>,
    instances: HashMap<String, Counted>,
    runs: usize,
    /// Records that no instance and number make known, or for which there was no room; they are not counted.
    pub unnumbered: u64,
}

/// The records of an instance that are counted.
#[derive(Debug, Default)]
struct Counted {
    numbers: Numbers,
    is_met: bool,
}

impl State {
    /// A state in which nothing is counted.
    pub fn new(by: Vec<String>, query: String) -> Self {
        Self { asked: (by, query), ..Self::default() }
    }

    /// Whether a record is to be counted; from now on it is known.
    pub fn admit(&mut self, instance: &str, seq: u64) -> bool {
        if !self.instances.contains_key(instance) {
            if self.instances.len() >= INSTANCES_MAX {
                self.unnumbered += 1;
                return false;
            }
            self.instances.insert(instance.to_owned(), Counted::default());
        }
        let Some(counted) = self.instances.get_mut(instance) else { return false };
        counted.is_met = true;
        let (runs, untracked) = (counted.numbers.runs(), counted.numbers.untracked);
        let is_new = counted.numbers.insert(seq, self.runs < RUNS_MAX);
        self.unnumbered += counted.numbers.untracked - untracked;
        self.runs = self.runs + counted.numbers.runs() - runs;
        is_new
    }

    /// The labels of the series, which is there from now on, that requests with these labels are counted in: the same,
    /// cut to a length, or `other` where there are too many series.
    pub fn labels(&mut self, labels: &[&str]) -> Vec<String> {
        let cut = |label: &&str| access_record::notes::cut(label, LABEL_BYTES_MAX).to_owned();
        let mut labels: Vec<String> = labels.iter().map(cut).collect();
        if self.series.len() >= SERIES_MAX && !self.series.contains_key(&labels) {
            labels.fill("other".to_owned());
        }
        self.series.entry(labels.clone()).or_default();
        labels
    }

    /// The state as the text of a file.
    pub fn text(&self) -> String {
        let series = self.series.iter().map(|(labels, series)| {
            json!({
                "labels": labels,
                "requests": series.requests,
                "errors": series.errors,
                "bytes_out": series.bytes_out,
                "duration_us": series.duration_us,
                "buckets": series.buckets,
            })
        });
        let series: Vec<Value> = series.collect();
        let mut gone = 0;
        let mut instances = Map::new();
        for (id, counted) in &self.instances {
            gone += usize::from(!counted.is_met);
            if counted.is_met || gone <= GONE_MAX {
                instances.insert(id.clone(), json!(counted.numbers.all().collect::<Vec<_>>()));
            }
        }
        let (by, query) = &self.asked;
        let state = json!({
            "logq_metrics": 1, "by": by, "query": query, "lost": self.lost, "series": series, "instances": instances,
        });
        format!("{state}\n")
    }

    /// Reads such a text. `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let root: Value = serde_json::from_str(text).ok()?;
        if root.get("logq_metrics")?.as_u64()? != 1 {
            return None;
        }
        let mut state = Self::new(texts(root.get("by")?)?, root.get("query")?.as_str()?.to_owned());
        state.lost = root.get("lost")?.as_u64()?;
        for one in root.get("series")?.as_array()? {
            let number = |name: &str| one.get(name)?.as_u64();
            let mut series = Series {
                requests: number("requests")?,
                errors: number("errors")?,
                bytes_out: number("bytes_out")?,
                duration_us: number("duration_us")?,
                ..Series::new()
            };
            let buckets = one.get("buckets")?.as_array()?;
            if buckets.len() != series.buckets.len() {
                return None;
            }
            for (to, from) in series.buckets.iter_mut().zip(buckets) {
                *to = from.as_u64()?;
            }
            state.series.insert(texts(one.get("labels")?)?, series);
        }
        for (id, runs) in root.get("instances")?.as_object()? {
            let mut counted = Counted::default();
            for run in runs.as_array()? {
                let end = |at: usize| run.get(at)?.as_u64();
                counted.numbers.insert_run(end(0)?, end(1)?)?;
            }
            state.runs += counted.numbers.runs();
            state.instances.insert(id.clone(), counted);
        }
        Some(state)
    }
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
}
