//! The forms: Prometheus text (version 0.0.4), as its node exporter's textfile collector reads it; lines of Graphite's
//! plaintext protocol; and `key=value` lines, each for one call of Ganglia's `gmetric`.

use super::series::{BUCKETS_US, Series};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How metrics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Prometheus text.
    Prometheus,
    /// `path value time`
    Graphite,
    /// `key=value`
    Gmetric,
}

/// All that is written.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// What every name begins with.
    pub prefix: &'a str,
    /// The names of the labels, as they were asked for.
    pub by: &'a [String],
    /// By the values of the labels.
    pub series: &'a BTreeMap<Vec<String>, Series>,
    /// Records that were lost.
    pub lost: u64,
    /// Now, in seconds since 1970.
    pub now_seconds: i64,
}

/// All of what percentiles are parts of.
const WHOLE: u32 = 1_000_000;
/// Percentiles of what is new, as parts of a million, with their names.
const QUANTILES: [(u32, &str, &str); 3] =
    [(500_000, "0.5", "p50"), (950_000, "0.95", "p95"), (990_000, "0.99", "p99")];

impl Page<'_> {
    /// The text of the page.
    pub fn text(&self, form: Form) -> String {
        match form {
            Form::Prometheus => self.prometheus(),
            Form::Graphite => {
                let now = self.now_seconds;
                self.flat('.', |out, key, value| {
                    let _infallible = writeln!(out, "{key} {value} {now}");
                })
            }
            Form::Gmetric => self.flat('_', |out, key, value| {
                let _infallible = writeln!(out, "{key}={value}");
            }),
        }
    }

    fn prometheus(&self) -> String {
        let mut out = String::new();
        self.counter(&mut out, "requests_total", "Requests that ended.", |series| series.requests);
        self.counter(&mut out, "errors_total", "Requests that failed.", |series| series.errors);
        self.counter(&mut out, "response_bytes_total", "Bytes of response bodies.", |series| {
            series.bytes_out
        });
        self.histogram(&mut out);
        let name =
            self.head(&mut out, "duration_recent_seconds", "gauge", "Percentiles of the newest requests.");
        for (labels, series) in self.series {
            for (part, quantile, _) in QUANTILES {
                if let Some(micros) = series.recent.at(part, WHOLE) {
                    let labels = self.labels(labels, Some(("quantile", quantile)));
                    let _infallible = writeln!(out, "{name}{labels} {}", micros / 1e6);
                }
            }
        }
        let name = self.head(&mut out, "lost_records_total", "counter", "Records that loss records tell of.");
        let _infallible = writeln!(out, "{name} {}", self.lost);
        out
    }

    fn counter(&self, out: &mut String, name: &str, help: &str, value: impl Fn(&Series) -> u64) {
        let name = self.head(out, name, "counter", help);
        for (labels, series) in self.series {
            let _infallible = writeln!(out, "{name}{} {}", self.labels(labels, None), value(series));
        }
    }

    fn histogram(&self, out: &mut String) {
        let name = self.head(out, "duration_seconds", "histogram", "How long requests took.");
        for (labels, series) in self.series {
            let mut so_far = 0_u64;
            let bounds = BUCKETS_US.iter().map(|bound| seconds(*bound)).chain(["+Inf".to_owned()]);
            for (bound, count) in bounds.zip(series.buckets) {
                so_far = so_far.saturating_add(count);
                let labels = self.labels(labels, Some(("le", &bound)));
                let _infallible = writeln!(out, "{name}_bucket{labels} {so_far}");
            }
            let labels = self.labels(labels, None);
            let _infallible = writeln!(out, "{name}_sum{labels} {}", seconds(series.duration_us));
            let _infallible = writeln!(out, "{name}_count{labels} {so_far}");
        }
    }

    fn head(&self, out: &mut String, name: &str, kind: &str, help: &str) -> String {
        let name = format!("{}_{name}", self.prefix);
        let _infallible = write!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        name
    }

    fn labels(&self, values: &[String], more: Option<(&str, &str)>) -> String {
        let own = self.by.iter().zip(values).map(|(name, value)| (label_name(name), value.as_str()));
        let more = more.map(|(name, value)| (name.to_owned(), value));
        let labels = own.chain(more).map(|(name, value)| {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            format!("{name}=\"{value}\"")
        });
        let labels: Vec<String> = labels.collect();
        if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) }
    }

    /// Names without labels: the values are parts of the name. Those that come to the same are one series.
    fn flat(&self, between: char, line: impl Fn(&mut String, &str, String)) -> String {
        let mut by_name: BTreeMap<String, Series> = BTreeMap::new();
        for (labels, series) in self.series {
            let mut name = self.prefix.to_owned();
            for label in labels {
                name.push(between);
                name.push_str(&part(label));
            }
            by_name.entry(name).or_default().merge(series);
        }
        let mut out = String::new();
        for (name, series) in &by_name {
            for (what, value) in [
                ("requests", series.requests),
                ("errors", series.errors),
                ("bytes_out", series.bytes_out),
                ("duration_us_sum", series.duration_us),
                ("duration_us_count", series.durations()),
            ] {
                line(&mut out, &format!("{name}{between}{what}"), value.to_string());
            }
            for (part, _, percentile) in QUANTILES {
                if let Some(micros) = series.recent.at(part, WHOLE) {
                    let key = format!("{name}{between}duration_us_{percentile}");
                    line(&mut out, &key, format!("{micros:.0}"));
                }
            }
        }
        line(&mut out, &format!("{}{between}lost_records", self.prefix), self.lost.to_string());
        out
    }
}

/// The label that two of these fields would have, or one of them and a form itself.
pub fn label_taken_twice(by: &[String]) -> Option<String> {
    let names: Vec<String> = by.iter().map(|name| label_name(name)).collect();
    let is_taken =
        |at: usize| ["le", "quantile"].contains(&names[at].as_str()) || names[..at].contains(&names[at]);
    (0..names.len()).find(|at| is_taken(*at)).map(|at| names[at].clone())
}

/// A name that Prometheus takes for a label.
fn label_name(name: &str) -> String {
    let plain = name.replace(|c: char| !c.is_ascii_alphanumeric() && c != '_', "_");
    if plain.starts_with(|c: char| c.is_ascii_digit()) { format!("_{plain}") } else { plain }
}

/// A part of a name: neither a dot nor a blank, nor anything that a shell or a file system would take for more.
fn part(label: &str) -> String {
    if label.is_empty() {
        return "none".to_owned();
    }
    label.replace(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-', "_")
}

/// Microseconds as seconds, without a digit lost.
fn seconds(micros: u64) -> String {
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
